"""A real pyserial on a pseudo terminal and on a socket."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from live_links import (
    data_of,
    events,
    frames,
    frames_in,
    in_order,
    information,
    insoles,
    opened,
    piped,
    run,
    ticks_are_of_one_clock,
    until,
)

from firmware_protocol import encode_message
from insole.blocks import ContactTable, Input, LinkEvent, Packets, Side
from insole.errors import DeviceNotFound
from insole.sources import Source, open_source, pings
from insole.sources import serial_port as serial_module
from insole.sources.serial_port import listen
from insole.sources.synthetic import SyntheticOptions, simulate
from insole.sources.virtual.stream import Faults, Span

# ---- pyserial on a pseudo terminal ----------------------------------------------------------------------------------


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
