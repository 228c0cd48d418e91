"""A cell that sticks under a heavy load in the middle of a run, so that no toe-off would be seen any more."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest
from test_cutting_law import assert_same

from firmware_protocol import encode_pressure
from insole.blocks import ContactTable, CountArray, Input, Kind, Packets, Quality, Received, Side, Tick, Update
from insole.pipeline import Pipeline
from insole.pipeline.decode import LinkDecoder
from insole.sources.synthetic import Simulation, SyntheticOptions, simulate

CELL, FROM_S, UNTIL_S = 70, 14.0, 30.0
HELD_DOWN_S = 5.0  # 3 s of evidence, looked at every second, and a stride
FRAMES = 4  # a packet


@cache
def simulation() -> Simulation:
    return simulate(SyntheticOptions(seconds=44.0, plan="stand:2,run", cells=99, clock_ppm_left=0.0))


@cache
def received() -> tuple[Received, ...]:
    """Every frame of the session as sent."""
    links: dict[int, LinkDecoder] = {}
    out: list[Received] = []
    for item in (item for batch in simulation().inputs for item in batch):
        if isinstance(item, Packets):
            decoder = links.setdefault(item.link, LinkDecoder())
            decoder.deliver(item)
            out += decoder.decode().frames
    return tuple(out)


def stuck(kpa: float, until_s: float = np.inf) -> list[Input]:
    """The session with one cell of the left foot that reads the same from some time on."""
    device, start_ns = simulation().header.feet[Side.LEFT], simulation().header.start_host_ns
    count = int(device.offset_counts + kpa / device.scale_kpa[CELL])
    inputs: list[Input] = []
    for block in received():
        counts: CountArray = block.counts.copy()
        if block.side == Side.LEFT:
            at_s = (block.t_ns - start_ns) * 1e-9
            counts[(at_s >= FROM_S) & (at_s < until_s), CELL] = count
        packets = [
            (int(block.t_ns[i]), encode_pressure(Side(block.side), int(block.sequence[i]), int(block.tick_us[i]), 5000,
                                                 counts[i : i + 1]))
            for i in range(len(counts))
        ]  # fmt: skip
        inputs += [Packets.one(int(block.side), t_ns, payload) for t_ns, payload in packets]
    ticks = [Tick(start_ns + round(2e8 * n)) for n in range(1, 221)]
    return sorted([*inputs, *ticks], key=_stamp)


def _stamp(item: Input) -> int:
    return int(item.t_host_ns[0]) if isinstance(item, Packets) else item.t_host_ns


def run(inputs: list[Input], each: int = 1000) -> Iterator[Update]:
    header = simulation().header
    pipeline = Pipeline(header.feet, header.settings, header.runner, header.start_host_ns)
    for i in range(0, len(inputs), each):
        yield pipeline.push(inputs[i : i + each])
    yield pipeline.finish()


@cache
def found(kpa: float, until_s: float = np.inf) -> tuple[list[Update], ContactTable]:
    updates = list(run(stuck(kpa, until_s)))
    return updates, ContactTable.join([update.contacts for update in updates])


@cache
def sound() -> ContactTable:
    return found(0.0, 0.0)[1].running(Side.LEFT)


@pytest.mark.parametrize("kpa", [150.0, 800.0])
def test_the_foot_leaves_the_ground_again_with_the_load_taken_out(kpa: float) -> None:
    updates, table = found(kpa)
    again = FROM_S + HELD_DOWN_S
    left = table.running(Side.LEFT)
    for name, close in (
        ("contact_time_ms", 0.02),
        ("valr_bw_s", 0.03),
        ("peak_force_bw", 0.06),
    ):  # its own share is lost
        late, before = left.columns[name][left.strike_s > again], sound().columns[name][sound().strike_s > again]
        assert np.count_nonzero(np.isfinite(late)) >= np.count_nonzero(np.isfinite(before)) - 1, name
        assert np.nanmean(late) == pytest.approx(np.nanmean(before), rel=close), name
    after = left.strike_s > again
    assert (left.quality[after] & np.uint16(Quality.CELL_FAULT) != 0).all()
    assert (left.columns["faulty_cells"][after] == 1).all()
    assert updates[-1].health.feet[Side.LEFT].faulty_cells == (CELL,)
    assert any("Left insole: 1 of its cells dead or stuck." in flag.text for flag in updates[-1].flags)


def test_the_time_in_which_no_toe_off_was_seen_is_said_and_is_no_standing() -> None:
    table = found(400.0)[1]
    long = table.rows(
        (table.side == Side.LEFT) & (table.toe_off_s - table.strike_s > 2.0) & (table.strike_s > FROM_S - 1)
    )
    assert len(long) == 1
    assert long.kind[0] == Kind.REJECTED
    assert long.quality[0] & Quality.CELL_FAULT
    assert long.quality[0] & Quality.END_UNSEEN
    assert FROM_S - 0.7 < long.strike_s[0] < FROM_S + 0.5
    assert long.toe_off_s[0] < FROM_S + HELD_DOWN_S
    right = table.running(Side.RIGHT)
    inside = (right.strike_s > FROM_S - 1) & (right.strike_s < FROM_S + HELD_DOWN_S)
    assert inside.sum() >= 6, "the other foot goes on running meanwhile"


def test_a_cell_that_works_again_is_taken_back() -> None:
    updates, table = found(400.0, UNTIL_S)
    left = table.running(Side.LEFT)
    end = left.strike_s > 40.0
    assert end.sum() > 3
    assert not (left.quality[end] & np.uint16(Quality.CELL_FAULT)).any()
    assert np.nanmean(left.columns["peak_force_bw"][end]) == pytest.approx(
        np.nanmean(sound().columns["peak_force_bw"][sound().strike_s > 40.0]), rel=0.02
    )
    assert updates[-1].health.feet[Side.LEFT].faulty_cells == ()


def test_a_sound_insole_loses_nothing_by_the_watch() -> None:
    assert not (sound().quality & np.uint16(Quality.CELL_FAULT)).any()


@pytest.mark.parametrize("each", [7, 100_000])
def test_any_cut_gives_the_same(each: int) -> None:
    table = ContactTable.join([update.contacts for update in run(stuck(400.0), each)])
    assert_same(found(400.0)[1], table)
