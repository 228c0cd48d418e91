"""The cutting law: grouping the same inputs into pushes in any way gives the same result, bit for bit."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pinged import pinged

from insole.blocks import ContactTable, Input, Packets, Side, Tick, Update
from insole.pipeline import Pipeline
from insole.pipeline.calibration import PhaseSpan
from insole.recording.batch import last_stamp_ns
from insole.sources.synthetic import Simulation, SyntheticOptions, simulate

SESSIONS = {
    "clean": {"seconds": 25.0},
    "damaged": {
        "seconds": 30.0,
        "loss_pct": 3.0,
        "bursts_per_min": 20.0,
        "burst_s": 0.3,
        "duplicate_pct": 2.0,
        "corrupt_pct": 1.0,
    },
    "long silences": {"seconds": 30.0, "cells": 99, "bursts_per_min": 60.0, "burst_s": 1.2},
    "late foot": {"seconds": 25.0, "late_right_s": 9.0, "loss_pct": 1.0},
    "one foot": {"seconds": 20.0, "feet": "left", "loss_pct": 2.0},
    "walk, run and stand at 100 Hz": {"seconds": 30.0, "plan": "stand:3,walk:8,run:12,stand", "rate_hz": 100.0},
    "calibrated between and during": {
        "seconds": 50.0,
        "plan": "stand:12,run:10,stand:10,run",
        "loss_pct": 1.0,
        "dead_left": (3,),
        "stuck_right": (7,),
        "lr_known": False,
    },
    "ticks that wrap": {"seconds": 20.0, "tick_start_left_us": 2**32 - 9_000_000},
    "pinged": {"seconds": 20.0, "loss_pct": 1.0, "clock_ppm_left": -40_000.0, "tick_start_right_us": 2**32 - 7_000_000},
    "pinged, and both restart": {"seconds": 24.0, "plan": "stand:3,run", "tick_start_left_us": 5, "loss_pct": 2.0},
}
RESTARTED = {"seconds": 24.0, "plan": "stand:3,run", "tick_start_left_us": 900_000_000, "seed": 2}
RESTART_S = 13.37
PHASES = {"calibrated between and during": ("stance:2..11", "stance:23..31.5", "unloaded:35..36", "left:38..43")}


def marked(name: str, simulation: Simulation) -> Iterator[list[Input]]:
    """The inputs of a session with the markers of its calibration phases."""
    start_ns = simulation.header.start_host_ns
    markers = [marker for text in PHASES.get(name, ()) for marker in PhaseSpan.parse(text).markers(start_ns)]
    for batch in simulation.inputs:
        while markers and isinstance(batch[-1], Tick) and markers[0].t_host_ns < batch[-1].t_host_ns:
            yield [markers.pop(0)]
        yield batch


def single(inputs: Iterable[list[Input]]) -> list[Input]:
    """Every delivery an input of its own, in order."""
    out: list[Input] = []
    for item in (item for batch in inputs for item in batch):
        if not isinstance(item, Packets):
            out.append(item)
            continue
        start = 0
        for stamp, end in zip(item.t_host_ns.tolist(), item.ends.tolist(), strict=True):
            out.append(Packets.one(item.link, stamp, item.data[start:end]))
            start = end
    return out


def pushed(simulation: Simulation, inputs: Sequence[Input], cuts: Iterable[int]) -> list[Update]:
    header = simulation.header
    pipeline = Pipeline(header.feet, header.settings, header.runner, header.start_host_ns)
    edges = sorted({0, len(inputs), *(cut for cut in cuts if cut < len(inputs))})
    updates = [pipeline.push(inputs[a:b]) for a, b in itertools.pairwise(edges)]
    return [*updates, pipeline.finish()]


def assert_same(one: ContactTable, other: ContactTable) -> None:
    for name in ("contact_id", "side", "kind", "strike_s", "toe_off_s", "quality"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    for group in ("columns", "uncertainty", "status"):
        first, second = getattr(one, group), getattr(other, group)
        assert first.keys() == second.keys()
        for name in first:
            np.testing.assert_array_equal(first[name], second[name], err_msg=name)


@dataclass(frozen=True, eq=False, repr=False)
class Session:
    """A simulated session, its inputs one by one, and what one push of all of them made."""

    simulation: Simulation
    inputs: list[Input]
    whole: list[Update]


@pytest.fixture(scope="module", params=list(SESSIONS), ids=list(SESSIONS))
def session(request: pytest.FixtureRequest) -> Session:
    simulation = simulate(SyntheticOptions(**SESSIONS[request.param]))
    inputs = single(marked(request.param, simulation))
    if "pinged" in request.param:
        inputs = pinged(simulation, inputs)
    if "restart" in request.param:
        other = simulate(SyntheticOptions(**RESTARTED))
        at_ns = simulation.header.start_host_ns + round(1e9 * RESTART_S)
        inputs = [item for item in inputs if last_stamp_ns(item) < at_ns]
        inputs += [item for item in pinged(other, single(other.inputs)) if last_stamp_ns(item) >= at_ns]
    return Session(simulation, inputs, pushed(simulation, inputs, []))


def assert_law(session: Session, cuts: Iterable[int]) -> None:
    simulation, inputs, whole = session.simulation, session.inputs, session.whole
    cut = pushed(simulation, inputs, cuts)
    assert_same(ContactTable.join([u.contacts for u in whole]), ContactTable.join([u.contacts for u in cut]))
    early = [sorted((e for u in updates for e in u.early), key=lambda e: e.contact_id) for updates in (whole, cut)]
    assert [(e.contact_id, e.side, repr(e.valr_bw_s), e.status) for e in early[0]] == [
        (e.contact_id, e.side, repr(e.valr_bw_s), e.status) for e in early[1]
    ]
    spans = [[span for u in updates for span in u.flag_spans] for updates in (whole, cut)]
    assert repr(spans[0]) == repr(spans[1])
    silences = [[span for u in updates for span in u.silences] for updates in (whole, cut)]
    assert silences[0] == silences[1]
    assert repr(whole[-1].flags) == repr(cut[-1].flags)
    assert repr(whole[-1].numbers) == repr(cut[-1].numbers)
    assert repr(whole[-1].gauges) == repr(cut[-1].gauges)
    for field in ("bands", "rises", "pictures", "rates", "loads"):
        same = _plain(_latest(whole, field)) == _plain(_latest(cut, field))
        assert same, field  # without a text of all the bits
    same = _plain(_medians(whole)) == _plain(_medians(cut))
    assert same
    assert [w for u in whole for w in u.warnings] == [w for u in cut for w in u.warnings]
    assert whole[-1].health == cut[-1].health or repr(whole[-1].health) == repr(cut[-1].health)


def _latest(updates: list[Update], field: str) -> dict[Side, object]:
    """What stands at the end: the last of each foot."""
    return {item.side: item for update in updates for item in getattr(update, field)}


def _medians(updates: list[Update]) -> dict[Side, list[object]]:
    """The running medians of each foot, contact by contact."""
    out: dict[Side, list[object]] = {side: [] for side in Side}
    for median in (median for update in updates for median in update.medians):
        out[median.side] += zip(median.t_s, median.value, median.low, median.high, strict=True)
    return out


def _plain(item: object) -> object:
    """Every bit of it, as text."""
    if isinstance(item, np.ndarray):
        return item.tobytes()
    if is_dataclass(item):
        return [_plain(getattr(item, f.name)) for f in fields(item)]
    if isinstance(item, dict):
        return {key: _plain(value) for key, value in item.items()}
    return [_plain(one) for one in item] if isinstance(item, tuple | list) else repr(item)


def test_every_session_has_something_to_compare(session: Session) -> None:
    assert len(ContactTable.join([u.contacts for u in session.whole])) > 10


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(1, 15_000), max_size=60))
def test_any_grouping_gives_the_same(session: Session, cuts: list[int]) -> None:
    assert_law(session, cuts)


@pytest.mark.parametrize("cut", [282, 288, 294])
def test_a_cut_while_the_first_standing_settles(session: Session, cut: int) -> None:
    """A contact longer than the rows that are kept, released but not yet over where the push ends."""
    assert_law(session, [cut])


def test_one_delivery_a_push_gives_the_same(session: Session) -> None:
    assert_law(session, range(len(session.inputs)))


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_bytes_cut_elsewhere_give_the_same_feet(session: Session, seed: int) -> None:
    """Cutting the bytes of a link elsewhere moves host stamps, so only what one foot alone says must stay the same."""
    simulation, inputs, whole = session.simulation, session.inputs, session.whole
    recut = [piece for item in inputs for piece in _split(item, np.random.default_rng((seed, len(inputs))))]
    cut = pushed(simulation, recut, [])
    names = ("contact_time_ms", "valr_bw_s", "peak_force_bw", "impulse_bw_s", "strike_index_pct", "peak_pressure_kpa")
    one, other = (_by_id(ContactTable.join([u.contacts for u in updates])) for updates in (whole, cut))
    for name in names:
        np.testing.assert_array_equal(one.columns[name], other.columns[name], err_msg=name)


def _split(item: Input, rng: np.random.Generator) -> list[Input]:
    if not isinstance(item, Packets) or len(item.data) < 2 or rng.random() < 0.5:
        return [item]
    at, stamp = int(rng.integers(1, len(item.data))), int(item.t_host_ns[0])
    return [Packets.one(item.link, stamp, item.data[:at]), Packets.one(item.link, stamp, item.data[at:])]


def _by_id(table: ContactTable) -> ContactTable:
    return table.rows(np.argsort(table.contact_id))
