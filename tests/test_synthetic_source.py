"""The synthetic runner as a source: options from a URL, pace."""

from __future__ import annotations

import asyncio

import pytest
from synthetic_runs import make

from insole.blocks import Input, Packets, Tick
from insole.errors import SettingsError
from insole.sources import open_source
from insole.sources.synthetic import SyntheticOptions, SyntheticSource, option_table, simulate
from insole.sources.synthetic.simulation import START_HOST_NS

# ---- options -------------------------------------------------------------------------------------------------------


def test_options_from_a_url() -> None:
    options = SyntheticOptions.from_mapping(
        {
            "limp": "0.2",
            "seed": "7",
            "rate": "100",
            "cells": "99",
            "strike": "forefoot",
            "seconds": "60",
            "dead_left": "3,5",
        }
    )
    assert options == SyntheticOptions(
        limp=0.2, seed=7, rate_hz=100.0, cells=99, strike="forefoot", seconds=60.0, dead_left=(3, 5)
    )
    assert {name for name, *_ in option_table()} >= {"limp", "seed", "rate", "cells", "strike", "seconds", "loss"}


@pytest.mark.parametrize(
    ("given_options", "named"),
    [
        ({"cells": "0"}, "cells"),
        ({"cells": "257"}, "cells"),
        ({"rate": "1000"}, "rate"),
        ({"strike": "toe"}, "strike"),
        ({"strike_left": "heel"}, "strike_left"),
        ({"feet": "none"}, "feet"),
        ({"loss": "x"}, "loss"),
        ({"loss": "nan"}, "loss"),
        ({"lr_known": "maybe"}, "lr_known"),
        ({"colour": "red"}, "colour"),
        ({"plan": "run:0"}, "plan"),
        ({"plan": "hop:5"}, "plan"),
        ({"plan": "run:x,stand"}, "plan"),
        ({"plan": "run,stand"}, "plan"),
        ({"contact_time": "0.4", "cadence": "200"}, "contact time"),
    ],
)
def test_wrong_options_are_named(given_options: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        SyntheticOptions.from_mapping(given_options)


def test_faulty_cells_and_devices_that_do_not_exist() -> None:
    with pytest.raises(SettingsError, match="cell 32"):
        simulate(SyntheticOptions(dead_right=(32,)))
    with pytest.raises(SettingsError, match="no device 'nothing'"):
        simulate(SyntheticOptions(device="nothing"))


# ---- source --------------------------------------------------------------------------------------------------------


def collected(source: SyntheticSource) -> list[list[Input]]:
    async def collect() -> list[list[Input]]:
        async with source:
            return [inputs async for inputs in source]

    return asyncio.run(collect())


def of_link(batches: list[list[Input]], link: int, start_ns: int) -> tuple[bytes, list[int]]:
    packets = [p for batch in batches for p in batch if isinstance(p, Packets) and p.link == link]
    return b"".join(p.data for p in packets), [int(t) - start_ns for p in packets for t in p.t_host_ns]


def test_an_unpaced_source_gives_what_simulate_gives() -> None:
    source = open_source("synthetic:?seconds=5&seed=3&loss=2&speed=inf")
    assert isinstance(source, SyntheticSource)
    expected = make(seconds=5.0, seed=3, loss_pct=2.0)
    batches = collected(source)
    assert source.header.start_host_ns == expected.header.start_host_ns
    for link in (0, 1):
        assert of_link(batches, link, START_HOST_NS) == of_link(expected.inputs, link, START_HOST_NS)
    assert all(batches)


def test_a_paced_source_gives_the_same_in_smaller_pieces() -> None:
    """A hundred seconds a second: paced by the clock, and 20 ms of it at a time unless the reader is late."""
    source = SyntheticSource(SyntheticOptions(seconds=3.0, seed=3), speed=100.0)
    expected = make(seconds=3.0, seed=3)
    batches = collected(source)
    start_ns = source.header.start_host_ns
    assert start_ns != START_HOST_NS
    for link in (0, 1):
        assert of_link(batches, link, start_ns) == of_link(expected.inputs, link, START_HOST_NS)
    ticks = [p.t_host_ns - start_ns for batch in batches for p in batch if isinstance(p, Tick)]
    assert ticks[:15] == [200_000_000 * (i + 1) for i in range(15)]


def test_a_source_without_an_end_can_be_left() -> None:
    async def first_ticks() -> int:
        ticks = 0
        async with SyntheticSource(SyntheticOptions(), speed=float("inf")) as source:
            async for inputs in source:
                ticks += sum(isinstance(item, Tick) for item in inputs)
                if ticks >= 100:
                    break
        return ticks

    assert asyncio.run(first_ticks()) == 100


@pytest.mark.parametrize("speed", ["0", "-1", "nan", "fast"])
def test_a_speed_that_is_none_is_refused(speed: str) -> None:
    with pytest.raises(SettingsError, match="speed"):
        SyntheticSource.from_url("", {"speed": speed})
    with pytest.raises(SettingsError, match="elsewhere"):
        SyntheticSource.from_url("elsewhere", {})
