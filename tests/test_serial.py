"""Live links: the inbox, who is there, and a real pyserial on a pseudo terminal and on a socket."""

from __future__ import annotations

import asyncio
import os
import time
import tty
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import pytest
from virtual_time import run_in_virtual_time

from firmware_protocol import Decoder, DeviceInformation, encode_message, encode_pressure
from insole.blocks import ContactTable, Health, Input, LinkEvent, Packets, Side, Tick
from insole.device import Device
from insole.errors import DeviceNotFound, InsoleError, LinkError, MissingExtra, ProtocolError, SettingsError
from insole.pipeline import Pipeline
from insole.recording import Header
from insole.sources import Source, open_source, pings
from insole.sources import serial_port as serial_module
from insole.sources.inbox import TICK_NS, Inbox
from insole.sources.introduction import Introduction, backoff_s, live_header
from insole.sources.serial_port import SerialSource, listen
from insole.sources.several import SeveralSources, open_sources
from insole.sources.synthetic import SyntheticOptions, simulate
from insole.sources.virtual import pty_port
from insole.sources.virtual.pty_port import serve
from insole.sources.virtual.stream import Faults, Span, VirtualInsoles

LIMIT_S = 20.0
NO_FAULTS = Faults()


@pytest.fixture(autouse=True)
def patient_insoles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Virtual insoles that bear with a busy computer: what they drop by themselves is not what is tested here."""
    monkeypatch.setattr(pty_port, "QUEUE_BYTES", 1 << 24)
    monkeypatch.setattr(pty_port, "LINGER_S", LIMIT_S / 2)


def information(model: str = "demo16", cells: int = 16, rate_hz: float = 200.0) -> DeviceInformation:
    return DeviceInformation(cells, 12, round(rate_hz * 1000), bytes(8), bytes(8), model, "1", "1")


def frames(side: Side, sequence: int, cells: int = 16) -> bytes:
    return encode_pressure(side, sequence, sequence * 5000, 5000, np.full((1, cells), 100, np.uint16))


def header(device: str = "demo16", feet: tuple[Side, ...] = (Side.LEFT, Side.RIGHT)) -> Header:
    return live_header("serial:test", dict.fromkeys(feet, Device.named(device)), {})


def events(inputs: list[Input]) -> list[str]:
    return [item.kind for item in inputs if isinstance(item, LinkEvent)]


def data_of(inputs: list[Input]) -> bytes:
    return b"".join(item.data for item in inputs if isinstance(item, Packets))


def ticks_are_of_one_clock(inputs: list[Input]) -> bool:
    """In order, and no more than five a second: a busy computer makes one late, never one too many."""
    ticks = [item.t_host_ns for item in inputs if isinstance(item, Tick)]
    return bool(np.all(np.diff(ticks) > 0)) and 2 <= len(ticks) <= 2 + (ticks[-1] - ticks[0]) // TICK_NS


def run(main: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(main, LIMIT_S))


async def until(source: Source, enough: Callable[[list[Input]], bool]) -> list[Input]:
    """All that a source gives until it is enough."""
    got: list[Input] = []
    async with source:
        async for inputs in source:
            got += inputs
            if enough(got):
                break
    return got


def in_order(wanted: list[str], kinds: list[str]) -> bool:
    """Whether these happened in this order; a busy computer may have seen other silences too."""
    left = iter(kinds)
    return all(kind in left for kind in wanted)


def never(_: list[Input]) -> bool:
    """Only its end ends the source."""
    return False


# ---- the inbox ------------------------------------------------------------------------------------------------------


class Scripted:
    """An inbox in virtual time, and calls on it at given seconds."""

    def __init__(self, limit_bytes: int = 1 << 20) -> None:
        self.inbox = Inbox(lambda: round(asyncio.get_running_loop().time() * 1e9), limit_bytes)
        self.calls: list[tuple[float, Callable[[], None]]] = []

    def at(self, t_s: float, call: Callable[..., None], *arguments: Any) -> None:
        self.calls.append((t_s, lambda: call(*arguments)))

    def played(self, until_s: float) -> list[Input]:
        async def play() -> list[Input]:
            loop = asyncio.get_running_loop()
            for t_s, call in self.calls:
                loop.call_at(t_s, call)
            got: list[Input] = []
            async for inputs in self.inbox.batches():
                got += inputs
                if loop.time() >= until_s:
                    return got
            return got

        return run_in_virtual_time(play())


def test_ticks_come_five_times_a_second_without_any_delivery() -> None:
    stamps = [item.t_host_ns for item in Scripted().played(3.0)]
    np.testing.assert_allclose(np.diff(stamps), 0.2e9, atol=1e6)


def test_deliveries_keep_their_stamps_and_their_order() -> None:
    script = Scripted()
    for i in range(100):
        script.at(0.004 * i, script.inbox.deliver, i % 2, bytes([i]))
    got = script.played(1.0)
    for link in (0, 1):
        mine = [item for item in got if isinstance(item, Packets) and item.link == link]
        stamps = np.concatenate([item.t_host_ns for item in mine])
        np.testing.assert_allclose(stamps, 1e9 * 0.004 * np.arange(link, 100, 2), atol=10)
        assert b"".join(item.data for item in mine) == bytes(range(link, 100, 2))
    assert len([item for item in got if isinstance(item, Packets)]) > 60  # of two links in turn: none is reordered


def test_what_comes_together_is_handed_over_together() -> None:
    script = Scripted()
    for i in range(10):
        script.at(0.5 + 0.0005 * i, script.inbox.deliver, 0, b"ab")
    (packets,) = [item for item in script.played(1.0) if isinstance(item, Packets)]
    assert packets.ends.tolist() == list(range(2, 22, 2))


def test_silence_is_said_within_a_second_and_its_end_at_once() -> None:
    script = Scripted()
    script.at(0.0, script.inbox.connected, 3, "port")
    for t_s in (0.1, 0.3, 2.5, 2.6):
        script.at(t_s, script.inbox.deliver, 3, b"x")
    told = [item for item in script.played(3.0) if isinstance(item, LinkEvent)]
    assert [item.kind for item in told] == ["connected", "silent", "resumed"]
    assert 0.7 <= told[1].t_host_ns * 1e-9 - 0.3 < 1.0
    assert told[2].t_host_ns == pytest.approx(2.5e9, abs=10)
    assert told[2].detail == "after 2.2 s"


def test_a_lost_link_is_not_silent_too() -> None:
    script = Scripted()
    script.at(0.0, script.inbox.connected, 0, "port")
    script.at(0.5, script.inbox.lost, 0, "pulled out")
    assert events(script.played(3.0)) == ["connected", "lost"]


def test_what_nobody_fetches_is_bounded_and_counted() -> None:
    script = Scripted(limit_bytes=1000)
    for _ in range(15):
        script.at(0.1, script.inbox.deliver, 0, bytes(100))
    script.at(0.5, script.inbox.deliver, 0, bytes(100))
    got = script.played(1.0)
    assert len(data_of(got)) == 1100
    (dropped,) = [item for item in got if isinstance(item, LinkEvent)]
    assert dropped.kind == "dropped"
    assert dropped.detail.startswith("5 deliveries")


def test_a_failure_comes_behind_what_arrived_before() -> None:
    script = Scripted()
    script.at(0.1, script.inbox.deliver, 0, b"last")
    script.at(0.1, script.inbox.fail, OSError("broken"))
    got: list[Input] = []

    async def play() -> None:
        for t_s, call in script.calls:
            asyncio.get_running_loop().call_at(t_s, call)
        async for inputs in script.inbox.batches():
            got.extend(inputs)

    with pytest.raises(OSError, match="broken"):
        run_in_virtual_time(play())
    assert data_of(got) == b"last"


def test_backoff_grows_and_ends() -> None:
    waits = [backoff_s(attempt) for attempt in range(50)]
    assert waits == sorted(waits)
    assert waits[0] == pytest.approx(0.1)
    assert waits[-1] == pytest.approx(2.0)


# ---- who is there ---------------------------------------------------------------------------------------------------


def introduced(*pieces: bytes) -> Introduction:
    introduction = Introduction("serial:test")
    for piece in pieces:
        introduction.push(piece)
    return introduction


def test_devices_take_rate_and_range_from_what_the_insole_says() -> None:
    left = encode_message(information(rate_hz=100.0), Side.LEFT)
    right = encode_message(information(), Side.RIGHT)
    introduction = introduced(b"half a packet", left, right)
    assert introduction.complete
    feet = introduction.feet()
    assert (feet[Side.LEFT].rate_hz, feet[Side.RIGHT].rate_hz) == (100.0, 200.0)
    assert feet[Side.LEFT].full_scale_counts == 4095
    assert feet[Side.LEFT].has_geometry


_INFORMATION = encode_message(information(), Side.LEFT)
ODD_SIDE = _INFORMATION[:6] + b"\x07" + _INFORMATION[7:-4]
OTHER_VERSION = bytes.fromhex("a55a02011000000001000000881300000400000004018813000000010001ff0f")


def with_crc(data: bytes) -> bytes:
    return data + (~crc32(data, 0xFFFFFFFF) & 0xFFFFFFFF).to_bytes(4, "little")


@pytest.mark.parametrize(
    ("heard", "error", "line"),
    [
        (b"", DeviceNotFound, "nothing comes"),
        (b"$GPGGA,123519,4807.038,N\r\n" * 20, ProtocolError, "520 bytes came, none of them a packet"),
        (with_crc(OTHER_VERSION), ProtocolError, "version of the wire format that is not known"),
        (frames(Side.LEFT, 1), ProtocolError, "the left insole sends frames of 16 cells, but does not say"),
        (encode_message(information("Brand X"), Side.LEFT), SettingsError, "no profile of the model 'Brand X'"),
        (encode_message(information(cells=20), Side.LEFT), SettingsError, "has 20 cells, its profile 'demo16' has 16"),
        (with_crc(ODD_SIDE), ProtocolError, "none of them"),
    ],
)
def test_who_does_not_fit_is_refused_in_one_line(heard: bytes, error: type[InsoleError], line: str) -> None:
    with pytest.raises(error, match=line) as refused:
        introduced(heard).feet()
    assert "\n" not in str(refused.value)
    assert "serial:test" in str(refused.value)


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("serial:", "which port"),
        ("serial:x?speed=2", "unknown option 'speed'"),
        ("serial:x?baud=fast", "baud = 'fast'"),
        ("serial:x?feet=left", "feet= goes with device="),
        ("serial:x?device=demo16&feet=three", "feet = 'three'"),
        ("serial:x?mass=heavy", "mass = 'heavy'"),
        ("serial:x?mass=7", "body mass 7"),
        ("serial:x?device=nothing", "no device 'nothing'"),
        ("serial:/dev/no-such-port", "no such port"),
        ("serial:nonsense://x", "invalid URL"),
    ],
)
def test_wrong_urls_are_refused_in_one_line(url: str, line: str) -> None:
    with pytest.raises(InsoleError, match=line):
        open_source(url)


def test_a_port_that_is_not_there_at_the_start_ends_the_session() -> None:
    source = open_source("serial:/dev/no-such-port?device=demo16")
    with pytest.raises(DeviceNotFound, match="no such port"):
        run(until(source, bool))


def test_without_pyserial_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "serial", None)
    with pytest.raises(MissingExtra, match=r"insole\[serial\]"):
        open_source("serial:/dev/ttyUSB0")


# ---- pyserial on a pseudo terminal ----------------------------------------------------------------------------------


@asynccontextmanager
async def insoles(
    path: Path, faults: Faults = NO_FAULTS, speed: float = 10.0, **options: Any
) -> AsyncIterator[VirtualInsoles]:
    """Virtual insoles on a port of that name."""
    virtual = VirtualInsoles(SyntheticOptions(**{"cells": 16, "seconds": 12.0, **options}), faults, speed)
    there = asyncio.Event()
    serving = asyncio.create_task(serve(virtual, path, there.set))
    await there.wait()
    try:
        yield virtual
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        assert not path.is_symlink()


async def opened(path: Path, query: str = "") -> Source:
    """The source of that port, after its insoles were asked who they are."""
    return await asyncio.to_thread(open_source, f"serial:{path}{query}")


def frames_in(inputs: list[Input]) -> dict[int, list[int]]:
    """Sequence numbers of the frames of each side, in order of arrival."""
    decoder = Decoder()
    found: dict[int, list[int]] = {}
    for block in decoder.push(data_of(inputs)).frames:
        found.setdefault(block.side, []).extend(block.sequence.tolist())
    assert decoder.counters.bad_crc == 0
    return found


def test_both_feet_over_one_port_arrive_whole(tmp_path: Path) -> None:
    async def main() -> tuple[Source, list[Input]]:
        async with insoles(tmp_path / "port"):
            source = await opened(tmp_path / "port", "?mass=62&runner=R7")
            return source, await until(source, lambda got: "lost" in events(got))

    source, got = run(main())
    assert set(source.header.feet) == {Side.LEFT, Side.RIGHT}
    assert source.header.runner.body_mass_kg == 62.0
    assert source.header.runner.code == "R7"
    assert source.header.source == f"serial:{tmp_path / 'port'}"
    for sequence in frames_in(got).values():
        assert len(sequence) == pytest.approx(12 * 200, abs=2)
        assert np.all(np.diff(sequence) == 1)
    assert ticks_are_of_one_clock(got)
    stamps = np.concatenate([item.t_host_ns for item in got if isinstance(item, Packets)])
    assert np.all(np.diff(stamps) >= 0)


def slowed(inputs: list[Input], start_ns: int, times: int) -> list[Input]:
    """The inputs with host time stretched: a hurried runner's device clocks run at their own pace again."""
    return [replace(item, t_host_ns=start_ns + (item.t_host_ns - start_ns) * times) for item in inputs]


def piped(head: Header, batches: Iterable[list[Input]]) -> tuple[ContactTable, Health]:
    """All contacts, and what was counted."""
    pipeline = Pipeline(head.feet, head.settings, head.runner, head.start_host_ns)
    contacts = [pipeline.push(inputs).contacts for inputs in batches]
    end = pipeline.finish()
    return ContactTable.join([*contacts, end.contacts]), end.health


def matched(one: ContactTable, other: ContactTable) -> int:
    """So many contacts of one table stand in the other: the same number, lasting equally long."""
    lasts = dict(zip(other.contact_id.tolist(), (other.toe_off_s - other.strike_s).tolist(), strict=True))
    lasted = one.toe_off_s - one.strike_s
    return sum(
        abs(lasts.get(i, np.inf) - s) < 1e-6 for i, s in zip(one.contact_id.tolist(), lasted.tolist(), strict=True)
    )


def test_contacts_and_losses_of_a_bad_line_are_those_of_the_runner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pings, "PATIENCE", 0)  # times within answers cannot be stretched: nobody is asked
    options = {"cells": 16, "seconds": 12.0, "loss_pct": 3.0, "corrupt_pct": 2.0, "duplicate_pct": 2.0}

    async def main() -> tuple[Source, list[Input]]:
        async with insoles(tmp_path / "port", speed=8.0, **options):
            source = await opened(tmp_path / "port", "?mass=70")
            return source, await until(source, lambda got: "lost" in events(got))

    source, got = run(main())
    contacts, health = piped(source.header, [slowed(got, source.header.start_host_ns, 8)])
    simulation = simulate(SyntheticOptions(**options))
    wanted, _ = piped(simulation.header, simulation.inputs)
    assert len(wanted.running()) >= 8
    assert abs(len(contacts) - len(wanted)) <= 1
    for side in (
        Side.LEFT,
        Side.RIGHT,
    ):  # foot by foot: how a busy computer aligns the feet at 8 times speed decides kinds
        theirs, ours = (table.rows(table.side == side) for table in (wanted, contacts))
        assert matched(theirs, ours) >= len(theirs) - 1
    for side, foot in health.feet.items():
        sent = simulation.truth["links"][side.label]
        assert foot.frames == sent["frames"] - sent["frames_lost"]
        assert foot.lost == sent["frames_lost"]
        assert foot.duplicate == 4 * sent["packets_duplicated"]  # frames a packet
    damaged = sum(sent["packets_corrupted"] for sent in simulation.truth["links"].values())
    assert damaged > 10
    assert 0.5 * damaged < health.links[0].bad_crc <= damaged + 2
    assert health.links[0].skipped_bytes > 100 * damaged


def test_a_port_pulled_out_is_waited_for_and_started_again(tmp_path: Path) -> None:
    faults = Faults(unplugged=(Span(3.0, 3.0),))

    async def main() -> list[Input]:
        async with insoles(tmp_path / "port", faults, feet="left"):
            return await until(await opened(tmp_path / "port"), lambda got: events(got).count("lost") == 2)

    got = run(main())
    assert events(got)[:3] == ["connected", "lost", "connected"]
    again = [item for item in got if isinstance(item, LinkEvent)][2]
    assert "again after" in again.detail
    assert "attempt" in again.detail
    sequence = np.array(frames_in(got)[Side.LEFT])
    gaps = np.diff(sequence)
    assert np.count_nonzero(gaps != 1) == 1
    assert gaps.max() >= 3 * 200  # what was away, and until the next attempt


def test_a_port_that_falls_silent_is_said_so_and_goes_on(tmp_path: Path) -> None:
    faults = Faults(silent=(Span(1.0, 10.0),))

    async def main() -> list[Input]:
        async with insoles(tmp_path / "port", faults, speed=8.0):
            return await until(await opened(tmp_path / "port"), lambda got: "lost" in events(got))

    assert in_order(["connected", "silent", "resumed", "lost"], events(run(main())))


def test_stopping_tells_the_insoles_to_stop(tmp_path: Path) -> None:
    async def main() -> None:
        async with insoles(tmp_path / "port") as virtual:
            source = await opened(tmp_path / "port")
            assert not any(firmware.started for firmware in virtual.firmware.values())
            await until(source, lambda got: len(data_of(got)) > 1000)
            while any(firmware.started for firmware in virtual.firmware.values()):
                await asyncio.sleep(0)

    run(main())


@pytest.fixture
def bare_pty() -> Iterator[tuple[int, str]]:
    """A pseudo terminal: the device's end, and the name of the other."""
    device_end, other_end = os.openpty()
    tty.setraw(other_end)
    yield device_end, os.ttyname(other_end)
    os.close(device_end)
    os.close(other_end)


def test_a_device_that_only_talks_is_recorded_with_its_profile_named(bare_pty: tuple[int, str]) -> None:
    device_end, name = bare_pty
    source = open_source(f"serial:{name}?device=demo16&feet=left&baud=115200")

    async def main() -> list[Input]:
        async with source:
            stream = aiter(source)
            first = await anext(stream)
            os.write(device_end, frames(Side.LEFT, 1) + frames(Side.LEFT, 2))
            got = first
            while len(frames_in(got).get(0, [])) < 2:
                got = got + await anext(stream)
            await stream.aclose()  # type: ignore[attr-defined]
            return got

    assert frames_in(run(main())) == {0: [1, 2]}
    assert set(source.header.feet) == {Side.LEFT}


def test_a_port_can_be_read_by_one_program_only(bare_pty: tuple[int, str]) -> None:
    name = bare_pty[1]
    port = serial_module.open_port(name, 115_200)
    with pytest.raises(DeviceNotFound, match="another program has it open"):
        serial_module.open_port(name, 115_200)
    port.close()


def test_listening_ends_in_time_on_a_port_that_says_nothing(bare_pty: tuple[int, str]) -> None:
    began_s = time.monotonic()
    with pytest.raises(DeviceNotFound, match="nothing comes"):
        listen(bare_pty[1], 115_200, listen_s=0.2).feet()
    assert time.monotonic() - began_s < 2.0


# ---- over the network -----------------------------------------------------------------------------------------------


def test_a_socket_is_a_port_too() -> None:
    sent = b"".join(frames(Side.LEFT, i) + frames(Side.RIGHT, i) for i in range(500))

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)  # the request; what is sent before, pyserial throws away
        for side in (Side.LEFT, Side.RIGHT):
            writer.write(encode_message(information(), side))
        writer.write(sent)
        await reader.read()
        writer.close()
        await writer.wait_closed()

    async def main() -> list[Input]:
        async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            source = await asyncio.to_thread(open_source, f"serial:socket://127.0.0.1:{port}")
            return await until(source, lambda got: len(frames_in(got).get(1, [])) == 500)

    assert frames_in(run(main())) == {0: list(range(500)), 1: list(range(500))}


# ---- several sources ------------------------------------------------------------------------------------------------


def test_two_ports_are_one_session_with_links_of_their_own(tmp_path: Path) -> None:
    left, right = tmp_path / "left", tmp_path / "right"

    async def main() -> tuple[Source, list[Input]]:
        async with insoles(left, feet="left"), insoles(right, feet="right"):
            source = await asyncio.to_thread(open_sources, [f"serial:{left}", f"serial:{right}?mass=80"])
            return source, await until(source, lambda got: events(got).count("lost") == 2)

    source, got = run(main())
    assert set(source.header.feet) == {Side.LEFT, Side.RIGHT}
    assert source.header.runner.body_mass_kg == 80.0
    sides = {item.link: set() for item in got if isinstance(item, Packets)}
    for item in got:
        if isinstance(item, Packets):
            sides[item.link].update(block.side for block in Decoder().push(item.data).frames)
    assert sorted(sides) == [0, 1]
    assert {frozenset(found) for found in sides.values()} == {frozenset({0}), frozenset({1})}
    assert {len(sequence) for sequence in frames_in(got).values()} == {2400}
    assert ticks_are_of_one_clock(got)


def test_the_merged_inputs_give_the_contacts_of_both_feet() -> None:
    urls = [f"synthetic:?feet={foot}&seconds=15&speed=inf&cells=16" for foot in ("left", "right")]
    source = open_sources(urls)

    async def main() -> list[Input]:
        return await until(source, never)

    got = run(main())
    contacts, _ = piped(source.header, [got])
    assert min(len(contacts.running(side)) for side in (Side.LEFT, Side.RIGHT)) > 5


def test_sources_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(LinkError, match="the left foot comes from another source already"):
        open_sources(["synthetic:?speed=inf", "synthetic:?speed=inf&seed=2"])
    with pytest.raises(LinkError, match="not of the same time"):
        open_sources(["synthetic:?feet=left&speed=inf", "serial:x?device=demo16&feet=right"])


def test_an_error_of_one_source_ends_the_session_and_closes_the_other(bare_pty: tuple[int, str]) -> None:
    good = SerialSource(bare_pty[1], header(feet=(Side.LEFT,)))
    bad = SerialSource("/dev/no-such-port", header(feet=(Side.RIGHT,)))
    with pytest.raises(DeviceNotFound):
        run(until(SeveralSources([good, bad]), never))
    serial_module.open_port(bare_pty[1], 115_200).close()  # it was let go of
