"""Live formats of other makers: ORPHE notifications over BLE, and text lines over a serial port."""

from __future__ import annotations

import asyncio
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bumble.device import Device as BumbleDevice
from bumble.gatt import Characteristic, Service

from firmware_protocol import Decoder
from insole.blocks import Input, LinkEvent, Packets, Side
from insole.device import Device
from insole.errors import InsoleError, LinkError, ProtocolError, SettingsError
from insole.sources import Source, open_source
from insole.sources.ble import BleSource, introduce
from insole.sources.introduction import live_header
from insole.sources.vendor.lines import LineProfile, LineTranslator
from insole.sources.vendor.orphe import OrpheTranslator
from insole.sources.virtual.bumble_radio import Air, radio_of

LIMIT_S = 20.0


def six_cells(rate_hz: float = 200.0) -> Device:
    return Device(
        name="six",
        rate_hz=rate_hz,
        x=np.array([0.2, 0.2, 0.7, 0.5, 0.8, 0.5]),
        y=np.array([0.9, 0.7, 0.85, 0.7, 0.45, 0.1]),
        area_mm2=np.full(6, 2000.0),
        scale_kpa=np.full(6, 0.1),
    )


def decoded(data: bytes, side: Side = Side.LEFT) -> tuple[list[int], list[int], list[list[int]], int]:
    """Sequence, ticks, counts of one side, and how many bytes were skipped."""
    decoder = Decoder()
    blocks = [block for block in decoder.push(data).frames if block.side == side]
    decoder.flush()
    if not blocks:
        return [], [], [], decoder.counters.skipped_bytes
    (block,) = blocks
    return block.sequence.tolist(), block.tick_us.tolist(), block.counts.tolist(), decoder.counters.skipped_bytes


# ---- ORPHE ----------------------------------------------------------------------------------------------------------


def notification(serial: int, day_ms: int, pressures: list[list[int]], header: int = 55) -> bytes:
    """As the maker describes it; pressures of the samples in order of time."""
    seconds, ms = divmod(day_ms, 1000)
    head = struct.pack(">BHBBBH", header, serial, seconds // 3600 % 24, seconds // 60 % 60, seconds % 60, ms)
    motion = {55: struct.pack(">6h", *range(-3, 3)), 56: struct.pack(">10h", *range(-5, 5))}[header]
    samples = b"".join(motion + struct.pack(">6H", *sample) for sample in reversed(pressures))
    return (head + samples).ljust(104, b"\0")


def ramp(first: int, samples: int = 4) -> list[list[int]]:
    return [[1000 * cell + first + i for cell in range(6)] for i in range(samples)]


NOON_MS = 12 * 3_600_000


def test_samples_come_in_order_of_time_with_the_clock_of_the_insole() -> None:
    translator = OrpheTranslator(Side.RIGHT, six_cells())
    out = b"".join(translator.feed(notification(7 + i, NOON_MS + 20 * i, ramp(4 * i))) for i in range(3))
    sequence, ticks, counts, skipped = decoded(out, Side.RIGHT)
    assert sequence == list(range(12))
    assert ticks == [(NOON_MS * 1000 + 5000 * i) % 2**32 for i in range(12)]
    assert counts == ramp(0, 12)
    assert skipped == 0


def test_the_slower_mode_is_read_too() -> None:
    translator = OrpheTranslator(Side.LEFT, six_cells(100.0))
    out = b"".join(translator.feed(notification(i, 20 * i, ramp(2 * i, 2), header=56)) for i in range(5))
    sequence, ticks, counts, _ = decoded(out)
    assert sequence == list(range(10))
    assert ticks == [10_000 * i for i in range(10)]
    assert counts == ramp(0, 10)


def test_lost_notifications_show_as_a_gap_also_across_both_wraps() -> None:
    translator = OrpheTranslator(Side.LEFT, six_cells())
    midnight_ms = 86_400_000
    sent = [i for i in range(100) if i not in range(40, 55)]
    out = b"".join(
        translator.feed(notification((65_490 + i) % 65_536, (midnight_ms - 1000 + 20 * i) % midnight_ms, ramp(0)))
        for i in sent
    )
    sequence, ticks, _, _ = decoded(out)
    assert sequence == [4 * i + k for i in sent for k in range(4)]
    passed = np.diff(np.array(ticks)) % 2**32
    assert passed.sum() == (400 - 1) * 5000


def test_an_insole_that_was_switched_on_anew_begins_anew() -> None:
    translator = OrpheTranslator(Side.LEFT, six_cells())
    translator.feed(notification(5000, NOON_MS, ramp(0)))
    sequence, ticks, _, _ = decoded(translator.feed(notification(3, 60_000, ramp(0))))
    assert sequence == [0, 1, 2, 3]
    assert ticks[0] == 60_000_000


@pytest.mark.parametrize("other", [b"", bytes(104), b"7" * 103, notification(1, 1, ramp(0))[:-1]])
def test_what_is_no_notification_of_pressures_is_passed_on_and_counted(other: bytes) -> None:
    out = OrpheTranslator(Side.LEFT, six_cells()).feed(other)
    assert out == other
    assert decoded(out)[3] == len(other)


def test_a_profile_of_another_number_of_cells_is_refused() -> None:
    with pytest.raises(SettingsError, match="16 cells, an ORPHE insole has 6"):
        OrpheTranslator(Side.LEFT, Device.named("demo16"))


class Orphe:
    """A peripheral that notifies as an ORPHE insole does."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.subscribed = asyncio.Event()

    async def power_on(self, air: Air) -> None:
        from bumble.core import AdvertisingData

        self.device, _ = await air.device(self.name)
        uuid = "f3f9c7ce-46ee-4205-89ac-abe64e626c0f"
        self.values = Characteristic(uuid, Characteristic.Properties.NOTIFY, Characteristic.Permissions(0), b"")
        self.values.on(Characteristic.EVENT_SUBSCRIPTION, lambda *_: self.subscribed.set())
        self.device.add_services([Service("db1b7aca-cda5-4453-a49b-33a53d3f0833", [self.values])])
        name = (AdvertisingData.Type.COMPLETE_LOCAL_NAME, self.name.encode())
        await self.device.start_advertising(
            advertising_data=bytes(AdvertisingData([name])),
            advertising_interval_min=20.0,
            advertising_interval_max=20.0,
        )

    async def notify(self, value: bytes) -> None:
        await self.device.notify_subscribers(self.values, value)


async def with_two(play: Callable[[Any, Orphe, Orphe], Any]) -> Any:
    air = Air()
    left, right = Orphe("ORPHE-A"), Orphe("ORPHE-B")
    await left.power_on(air)
    await right.power_on(air)
    central: BumbleDevice
    central, _ = await air.device("computer")
    return await play(radio_of(central), left, right)


def run(main: Any) -> Any:
    return asyncio.run(asyncio.wait_for(main, LIMIT_S))


def test_two_orphe_insoles_over_a_real_bleak_client() -> None:
    async def play(radio: Any, left: Orphe, right: Orphe) -> list[Input]:
        header = live_header("ble:test", {Side.LEFT: six_cells(), Side.RIGHT: six_cells()}, {})
        got: list[Input] = []
        async with BleSource(["ORPHE-A", "ORPHE-B"], header, radio=radio) as source:
            await left.subscribed.wait()
            await right.subscribed.wait()
            for i in range(10):
                await left.notify(notification(i, 20 * i, ramp(4 * i)))
                await right.notify(notification(900 + i, 50 + 20 * i, ramp(8 * i)))
            stream = aiter(source)
            while sum(len(item.ends) for item in got if isinstance(item, Packets)) < 20:
                got += await anext(stream)
            await stream.aclose()  # type: ignore[attr-defined]
        return got

    got = run(with_two(play))
    data = {
        link: b"".join(item.data for item in got if isinstance(item, Packets) and item.link == link) for link in (0, 1)
    }
    assert decoded(data[0], Side.LEFT)[2] == ramp(0, 40)
    assert decoded(data[1], Side.RIGHT)[0] == list(range(40))
    assert [item.kind for item in got if isinstance(item, LinkEvent)] == ["connected", "connected"]


def test_an_orphe_insole_must_be_told_what_and_where_it_is() -> None:
    async def unnamed(radio: Any, *_: Orphe) -> None:
        await introduce(["ORPHE-A"], radio)

    async def sideless(radio: Any, *_: Orphe) -> None:
        header = live_header("ble:test", {Side.LEFT: six_cells(), Side.RIGHT: six_cells()}, {})
        async with BleSource(["ORPHE-A"], header, radio=radio) as source:
            async for _ in source:
                pass

    with pytest.raises(ProtocolError, match="ORPHE-A: an insole of another maker"):
        run(with_two(unnamed))
    with pytest.raises(ProtocolError, match="does not say which foot it is on"):
        run(with_two(sideless))


# ---- lines ----------------------------------------------------------------------------------------------------------

PROFILE = """
baud = 57600
[left]
device = "demo16"
columns = [2, 17]
[right]
device = "demo16"
columns = [18, 33]
"""


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    path = tmp_path / "board.toml"
    path.write_text(PROFILE, encoding="utf-8")
    return path


def line(frame: int, t_ms: float | None = None) -> bytes:
    pressures = [100 + frame + cell for cell in range(32)]
    return ",".join(str(field) for field in (5 * frame if t_ms is None else t_ms, *pressures)).encode() + b"\r\n"


def fed(profile: Path, *pieces: bytes) -> bytes:
    translator = LineTranslator(LineProfile.read(profile))
    return b"".join(translator.feed(piece) for piece in (b"half a line\n", *pieces))


def test_lines_are_frames_of_both_feet(profile: Path) -> None:
    text = b"".join(line(i) for i in range(50))
    pieces = [text[i : i + 7] for i in range(0, len(text), 7)]  # cut anywhere
    for side, first in ((Side.LEFT, 100), (Side.RIGHT, 116)):
        sequence, ticks, counts, skipped = decoded(fed(profile, *pieces), side)
        assert sequence == list(range(50))
        assert ticks == [5000 * i for i in range(50)]
        assert counts == [[first + i + cell for cell in range(16)] for i in range(50)]
        assert skipped == len(b"half a line\n")


def test_lines_lost_show_in_the_sequence_and_a_restart_goes_on(profile: Path) -> None:
    sent = b"".join(line(i) for i in (10, 11, 12, 20, 21)) + line(0, 0) + line(1, 5.4)
    sequence, ticks, _, _ = decoded(fed(profile, sent))
    assert sequence == [0, 1, 2, 10, 11, 12, 13]
    assert ticks[-2:] == [0, 5400]


@pytest.mark.parametrize(
    "wrong",
    [
        b"t,p1,p2\n",
        b"\n",
        b"5,1,2,3\n",
        line(3).replace(b",103,", b",-1,"),
        line(3).replace(b",103,", b",65536,"),
        line(3).replace(b",103,", b",1.5,"),
        line(3, float("nan")),
        line(3, float("inf")),
        b"\xa5\x5a\xff" * 10 + b"\n",
    ],
)
def test_a_line_that_does_not_fit_is_passed_on_and_counted(profile: Path, wrong: bytes) -> None:
    sequence, _, _, skipped = decoded(fed(profile, line(1), wrong, line(2)))
    assert sequence == [0, 1]
    assert skipped == len(b"half a line\n") + len(wrong)


def test_what_has_no_lines_is_bounded_and_nothing_is_lost(profile: Path) -> None:
    noise = b"x" * 100_000
    assert fed(profile, *[noise[i : i + 1000] for i in range(0, len(noise), 1000)]).count(b"x") > 95_000


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "expected \\[left\\] or \\[right\\]"),
        (PROFILE.replace("baud = 57600", "baud = 0"), "baud above 0"),
        (PROFILE.replace("baud = 57600", 'separator = " "'), "a separator that is no space"),
        (PROFILE.replace("baud", "speed"), "unknown key 'speed'"),
        (PROFILE.replace("[2, 17]", "[2, 16]"), "left.columns are 15, device demo16 has 16 cells"),
        (PROFILE.replace("[2, 17]", "[1, 16]"), "left.columns: expected first and last, from 2 on"),
        (PROFILE.replace("demo16", "demo17"), "no device 'demo17'"),
        ("left = 3", "'left' must be a table"),
        ("[left", "board.toml"),
    ],
)
def test_a_wrong_profile_is_refused_in_one_line(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "board.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=what):
        LineProfile.read(path)


def test_a_hobby_board_over_a_real_port(bare_pty: tuple[int, str], profile: Path) -> None:
    board_end, name = bare_pty
    source: Source = open_source(f"serial:{name}?lines={profile}&mass=70")

    async def main() -> bytes:
        data = b""
        async with source:
            stream = aiter(source)
            await anext(stream)  # connected
            os.write(board_end, b"99,1,2\n" + b"".join(line(i) for i in range(20)))
            while len(decoded(data, Side.RIGHT)[0]) < 20:
                data += b"".join(item.data for item in await anext(stream) if isinstance(item, Packets))
            await stream.aclose()  # type: ignore[attr-defined]
        return data

    assert decoded(run(main()), Side.LEFT)[0] == list(range(20))
    assert set(source.header.feet) == {Side.LEFT, Side.RIGHT}
    os.set_blocking(board_end, False)
    with pytest.raises(BlockingIOError):
        os.read(board_end, 1)  # a board that knows no commands is sent none


@pytest.mark.parametrize("query", ["device=demo16", "feet=left"])
def test_lines_and_device_exclude_each_other(query: str, profile: Path) -> None:
    with pytest.raises(LinkError, match="lines= names the devices and feet itself"):
        open_source(f"serial:x?lines={profile}&{query}")


def test_a_profile_that_is_not_there_is_said_so() -> None:
    with pytest.raises(InsoleError, match=r"nowhere\.toml"):
        open_source("serial:x?lines=nowhere.toml")
