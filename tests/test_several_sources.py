"""Several sources as one session."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from live_links import (
    events,
    frames_in,
    header,
    insoles,
    never,
    piped,
    run,
    ticks_are_of_one_clock,
    until,
)

from firmware_protocol import Decoder
from insole.blocks import Input, Packets, Side
from insole.errors import DeviceNotFound, LinkError
from insole.sources import Source
from insole.sources import serial_port as serial_module
from insole.sources.serial_port import SerialSource
from insole.sources.several import SeveralSources, open_sources


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
