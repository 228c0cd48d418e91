"""Bluetooth: the real bleak client and scanner against peripherals in memory, over bumble's HCI, ATT and GATT."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest

from firmware_protocol import Decoder, encode_pressure
from insole.blocks import Input, LinkEvent, Packets, Side
from insole.device import Device
from insole.errors import DeviceNotFound, InsoleError, MissingExtra, ProtocolError
from insole.sources import ble_connection, open_source
from insole.sources.ble import BleSource, introduce
from insole.sources.ble_connection import Radio, scanned
from insole.sources.introduction import live_header
from insole.sources.virtual.bumble_radio import Air, VirtualInsole, radio_of
from insole.sources.virtual.firmware import Firmware

LIMIT_S = 20.0
CELLS = 99  # a packet of 226 bytes: one notification at the MTU asked for
NAMES = {Side.LEFT: "INS-L001", Side.RIGHT: "INS-R001"}


class Insole(VirtualInsole):
    """A virtual insole that sends frames when the test says so."""

    def __init__(self, air: Air, side: Side, name: str | None = None, model: str = f"demo{CELLS}", **more: str) -> None:
        self.firmware = Firmware(side, device := Device.named(model))
        self.side, self.cells = side, device.n_cells
        self.sequence = self.tick_us = 0
        super().__init__(air, name or NAMES[side], self.firmware, **more)

    async def sample(self, frames: int) -> None:
        for _ in range(frames):
            counts = np.full((1, self.cells), 100 + self.side, np.uint16)
            packet = encode_pressure(self.side, self.sequence, self.tick_us, 5000, counts)
            self.sequence += 1
            self.tick_us += 5000
            await self.send(self.firmware.frames(packet))

    async def started(self, yes: bool = True) -> None:
        while self.firmware.started is not yes:
            await asyncio.sleep(0)


@asynccontextmanager
async def room(*sides: Side) -> AsyncIterator[tuple[Radio, dict[Side, Insole]]]:
    air = Air()
    insoles = {side: Insole(air, side) for side in sides or NAMES}
    for insole in insoles.values():
        await insole.power_on()
    central, _ = await air.device("computer")
    yield radio_of(central), insoles
    for insole in insoles.values():
        await insole.power_off()
    await central.power_off()


def run(main: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(main, LIMIT_S))


def source_of(radio: Radio, *sides: Side) -> BleSource:
    feet = dict.fromkeys(sides, Device.named(f"demo{CELLS}"))
    return BleSource([NAMES[side] for side in sides], live_header("ble:test", feet, {}), radio=radio)


async def collected(source: BleSource, got: list[Input], enough: Callable[[], bool]) -> None:
    stream = aiter(source)
    while not enough():
        got += await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]


def frames_in(got: list[Input]) -> dict[int, list[int]]:
    """Sequence numbers by link."""
    found: dict[int, list[int]] = {}
    for link in {item.link for item in got if isinstance(item, Packets)}:
        data = b"".join(item.data for item in got if isinstance(item, Packets) and item.link == link)
        for block in Decoder().push(data).frames:
            found.setdefault(link, []).extend(block.sequence.tolist())
    return found


def events(got: list[Input], link: int) -> list[LinkEvent]:
    return [item for item in got if isinstance(item, LinkEvent) and item.link == link]


def test_both_insoles_are_found_asked_and_streamed_whole() -> None:
    got: list[Input] = []

    async def main() -> dict[Side, Device]:
        async with room() as (radio, insoles):
            feet = await introduce(list(NAMES.values()), radio)
            async with source_of(radio, *NAMES) as source:
                for insole in insoles.values():
                    await insole.started()
                await asyncio.gather(*(insole.sample(200) for insole in insoles.values()))
                await collected(source, got, lambda: [len(n) for n in frames_in(got).values()] == [200, 200])
            for insole in insoles.values():
                assert not insole.firmware.started  # told to stop
            return feet

    feet = run(main())
    assert {side: device.n_cells for side, device in feet.items()} == {Side.LEFT: CELLS, Side.RIGHT: CELLS}
    assert frames_in(got) == {0: list(range(200)), 1: list(range(200))}
    for link, side in enumerate(NAMES):
        (connected,) = events(got, link)
        assert connected.kind == "connected"
        assert connected.detail.startswith(NAMES[side])
        assert "MTU 247" in connected.detail


def test_every_delivery_is_one_notification_with_its_own_stamp() -> None:
    got: list[Input] = []

    async def main() -> None:
        async with room(Side.LEFT) as (radio, insoles), source_of(radio, Side.LEFT) as source:
            await insoles[Side.LEFT].started()
            await insoles[Side.LEFT].sample(20)
            await collected(source, got, lambda: len(frames_in(got).get(0, [])) == 20)

    run(main())
    packets = [item for item in got if isinstance(item, Packets)]
    lengths = np.concatenate([np.diff(item.ends, prepend=0) for item in packets])
    assert np.count_nonzero(lengths == 226) == 20
    stamps = np.concatenate([item.t_host_ns for item in packets])
    assert len(stamps) == len(lengths)
    assert np.all(np.diff(stamps) >= 0)


def test_one_insole_lost_is_found_again_while_the_other_goes_on() -> None:
    got: list[Input] = []

    async def main() -> None:
        async with room() as (radio, insoles), source_of(radio, *NAMES) as source:
            left, right = insoles[Side.LEFT], insoles[Side.RIGHT]
            await left.started()
            await right.started()
            await asyncio.gather(left.sample(10), right.sample(10))
            left.lose()
            await left.started(yes=False)
            await asyncio.gather(left.sample(10), right.sample(10))  # nobody hears the left ones
            await left.started()
            await asyncio.gather(left.sample(10), right.sample(10))
            await collected(source, got, lambda: sum(len(n) for n in frames_in(got).values()) == 50)

    run(main())
    assert frames_in(got) == {0: [*range(10), *range(20, 30)], 1: list(range(30))}
    assert [event.kind for event in events(got, 0)] == ["connected", "lost", "connected"]
    assert [event.kind for event in events(got, 1)] == ["connected"]


def test_an_insole_that_comes_late_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ble_connection, "FIND_S", 0.1)
    got: list[Input] = []

    async def main() -> None:
        async with room(Side.LEFT) as (radio, insoles), source_of(radio, *NAMES) as source:
            left = insoles[Side.LEFT]
            await left.started()
            late = Insole(left._air, Side.RIGHT)
            await late.power_on()
            await late.started()
            await late.sample(3)
            await collected(source, got, lambda: len(frames_in(got).get(1, [])) == 3)

    run(main())
    assert [event.kind for event in events(got, 1)] == ["connected"]


def test_a_device_that_is_not_there_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ble_connection, "FIND_S", 0.1)

    async def main() -> None:
        async with room(Side.LEFT) as (radio, _):
            await introduce(["INS-L999"], radio)

    with pytest.raises(DeviceNotFound, match="ble:INS-L999: not in reach"):
        run(main())


@pytest.mark.parametrize("ask", [True, False])
def test_a_device_that_is_no_insole_is_refused(ask: bool) -> None:
    async def main() -> None:
        async with room(Side.LEFT) as (radio, insoles):
            other = Insole(insoles[Side.LEFT]._air, Side.RIGHT, service_uuid="0000180d-0000-1000-8000-00805f9b34fb")
            await other.power_on()
            if ask:
                await introduce([NAMES[Side.RIGHT]], radio)
            async with source_of(radio, Side.RIGHT) as source:
                await collected(source, [], lambda: False)

    with pytest.raises(ProtocolError, match="INS-R001: is no insole that is known here"):
        run(main())


def test_two_insoles_of_one_foot_are_refused() -> None:
    async def main() -> None:
        async with room(Side.LEFT) as (radio, insoles):
            second = Insole(insoles[Side.LEFT]._air, Side.LEFT, "INS-L002")
            await second.power_on()
            await introduce(["INS-L001", "INS-L002"], radio)

    with pytest.raises(ProtocolError, match="INS-L002: another left insole"):
        run(main())


def test_insoles_are_found_by_their_address_too() -> None:
    async def main() -> tuple[dict[Side, Device], str]:
        async with room(Side.RIGHT) as (radio, insoles):
            return await introduce([insoles[Side.RIGHT].address.lower()], radio), insoles[Side.RIGHT].address

    feet, _ = run(main())
    assert set(feet) == {Side.RIGHT}


def test_a_scan_lists_insoles_only() -> None:
    async def main() -> tuple[list[tuple[str, str, int]], list[str]]:
        async with room() as (radio, insoles):
            watch = Insole(
                insoles[Side.LEFT]._air, Side.LEFT, "WATCH", service_uuid="0000180d-0000-1000-8000-00805f9b34fb"
            )
            await watch.power_on()
            return await scanned(0.1, radio), [insole.address for insole in insoles.values()]

    found, addresses = run(main())
    assert sorted((name, address) for name, address, _ in found) == sorted(zip(NAMES.values(), addresses, strict=True))


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("ble:", "which insole"),
        ("ble:,", "which insole"),
        ("ble:X?baud=1", "unknown option 'baud'"),
        ("ble:X?mass=9", "body mass 9"),
        ("ble:X?feet=left", "goes with device="),
    ],
)
def test_wrong_urls_are_refused_before_the_radio_is_touched(url: str, line: str) -> None:
    with pytest.raises(InsoleError, match=line):
        open_source(url)


def test_without_bleak_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bleak.exc", None)
    with pytest.raises(MissingExtra, match=r"insole\[ble\]"):
        open_source("ble:INS-L001")
