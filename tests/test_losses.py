"""Holes, frames that come twice or late: no contact invented, no number across a gap, every loss counted (1.7)."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from stances import force_only
from synthesised import Step, counts_of, packets_of, plate, session
from waveforms import lasts_s, two_mass

from insole.blocks import ContactTable, CountArray, FootHealth, IntArray, Kind, Quality, Side, Status

RATE_HZ = 200.0
N = 12
CASE = "TM_typ"
LASTS_S = lasts_s(CASE)
FEET = (Side.LEFT, Side.RIGHT)
few = settings(max_examples=25, deadline=None)


def strikes_s(side: Side) -> np.ndarray:
    return 1.0 + 0.7 * np.arange(N) + 0.35 * side + 0.0013 * np.arange(N)


@cache
def counts(side: Side) -> CountArray:
    steps = [Step(float(at), force_only(two_mass(CASE)), LASTS_S) for at in strikes_s(side)]
    return counts_of(plate(RATE_HZ), steps)


def received(numbers: dict[Side, IntArray]) -> tuple[ContactTable, dict[Side, FootHealth]]:
    device = plate(RATE_HZ)
    inputs = [packets_of(side, counts(side), RATE_HZ, numbers=numbers[side]) for side in FEET]
    table, health = session(dict.fromkeys(FEET, device), inputs)
    return table, dict(health.feet)


@cache
def whole() -> ContactTable:
    return received({side: np.arange(len(counts(side))) for side in FEET})[0]


holes = st.lists(st.tuples(st.integers(30, 1900), st.integers(1, 90)), max_size=12)


def without(side: Side, gaps: list[tuple[int, int]]) -> IntArray:
    lost = np.zeros(len(counts(side)), bool)
    for start, length in gaps:
        lost[start : start + length] = True
    lost[0] = lost[-1] = False  # what is lost before the first and after the last frame nobody can know
    return np.flatnonzero(~lost)


def assert_honest(table: ContactTable, kept: dict[Side, IntArray]) -> None:
    """Rows are true contacts, each at most once; numbers are those of the whole session or withheld."""
    for side in FEET:
        mine, true = table.rows(table.side == side), strikes_s(side)
        of_row = [
            np.flatnonzero((s < true + LASTS_S + 0.02) & (e > true - 0.02))
            for s, e in zip(mine.strike_s, mine.toe_off_s, strict=True)
        ]
        assert all(len(hits) == 1 for hits in of_row), "a row without a contact, or over two"
        contact = np.concatenate([*of_row, np.empty(0, np.int64)]).astype(int)
        lost_s = np.setdiff1d(np.arange(len(counts(side))), kept[side]) / RATE_HZ
        long_s = lost_s[_in_long_gap(side, kept[side])]
        assert_numbers(mine, contact, true, whole().rows(whole().side == side), lost_s, long_s)
        frames = [np.count_nonzero(_inside(kept[side] / RATE_HZ, at, at + LASTS_S)) for at in true]
        once = np.bincount(contact, minlength=N)
        # Fewer than half the frames of a contact need not make one; a hole of more than 0.3 s may make two of one.
        assert (once[np.array(frames) > 0.6 * LASTS_S * RATE_HZ] >= 1).all()
        assert (once <= 1).all()


def _inside(t: np.ndarray, start: float, end: float) -> np.ndarray:
    return (t >= start) & (t <= end)


def _in_long_gap(side: Side, kept: IntArray) -> np.ndarray:
    """Of the lost frames, those in gaps of more than two."""
    lost = np.setdiff1d(np.arange(len(counts(side))), kept)
    group = np.cumsum(np.diff(lost, prepend=-9) > 1)
    return np.bincount(group, minlength=1)[group] > 2 if len(lost) else np.empty(0, bool)


def assert_numbers(
    mine: ContactTable,
    contact: IntArray,
    true: np.ndarray,
    reference: ContactTable,
    lost_s: np.ndarray,
    long_s: np.ndarray,
) -> None:
    columns, frame = mine.columns, 1.01 / RATE_HZ
    for row, c in enumerate(contact.tolist()):
        ic, to = reference.strike_s[c] - 0.005, reference.toe_off_s[c] - 0.005  # true times: delivery takes 5 ms
        poi = ic + reference.columns["poi_pct"][c] / 100 * (to - ic)
        if _inside(lost_s, ic - 0.010 + frame, poi + 0.010 - frame).any():
            assert np.isnan(columns["valr_bw_s"][row])
            assert np.isnan(columns["vilr_bw_s"][row])
            assert mine.status["valr_bw_s"][row] in (Status.GAP, Status.SLOW_RISE)
        elif not _inside(lost_s, ic - 0.060, poi + 0.040).any():
            assert columns["valr_bw_s"][row] == pytest.approx(reference.columns["valr_bw_s"][c], rel=0.005)
        if (
            _inside(long_s, ic - 0.020 + frame, ic + 0.020 - frame).any()
            or _inside(long_s, to - 0.020 + frame, to + 0.020 - frame).any()
        ):
            assert np.isnan(columns["contact_time_ms"][row])
        inside = _inside(long_s, ic + frame, to - frame)
        if inside.sum() / RATE_HZ > 0.020 + frame:
            assert np.isnan(columns["impulse_bw_s"][row])
        if inside.any():
            assert np.isnan(columns["peak_force_bw"][row])
            assert mine.quality[row] & (Quality.GAP | Quality.ONSET_UNSEEN | Quality.END_UNSEEN)
            assert mine.kind[row] != Kind.RUN
        for name, within in (
            ("contact_time_ms", 0.03),
            ("impulse_bw_s", 0.12),
            ("peak_force_bw", 0.02),
            ("valr_bw_s", 0.05),
        ):
            if np.isfinite(columns[name][row]):
                assert columns[name][row] == pytest.approx(reference.columns[name][c], rel=within), name


@few
@given(holes, holes)
@example([], [(1269, 60), (1336, 60)])  # of the swing between two holes only seven frames are left
@example([(763, 40)], [])  # the point of interest of one rise is in the hole, and force falls behind it
def test_holes(left: list[tuple[int, int]], right: list[tuple[int, int]]) -> None:
    kept = {Side.LEFT: without(Side.LEFT, left), Side.RIGHT: without(Side.RIGHT, right)}
    table, health = received(kept)
    assert_honest(table, kept)
    for side in FEET:
        assert health[side].frames == len(kept[side])
        assert health[side].lost == len(counts(side)) - len(kept[side])
        assert health[side].duplicate == health[side].late == 0


@few
@given(holes, st.lists(st.tuples(st.integers(10, 1900), st.integers(1, 40)), max_size=8), st.integers(0, 2**31))
def test_frames_that_come_twice_or_late(gaps: list[tuple[int, int]], moved: list[tuple[int, int]], seed: int) -> None:
    """Duplicates are dropped, late frames are holes; all are counted and neither changes a number."""
    rng = np.random.default_rng(seed)
    on_time = without(Side.LEFT, gaps)
    order = on_time.tolist()
    late = 0
    for at, later in moved:
        i = at % (len(order) - 50) + 1
        if order[i] > max(order[:i]):
            order.insert(i + later + 1, order.pop(i))
    highest, kept = -1, []
    for number in order:
        if number > highest:
            kept.append(number)
            highest = number
        else:
            late += 1
    twice = rng.integers(0, len(order), 20)
    for i in np.sort(twice)[::-1].tolist():
        order.insert(i + 1, order[i])
    numbers = {Side.LEFT: np.array(order), Side.RIGHT: np.arange(len(counts(Side.RIGHT)))}
    table, health = received(numbers)
    foot = health[Side.LEFT]
    assert (foot.frames, foot.lost) == (len(kept), len(counts(Side.LEFT)) - len(kept))
    assert foot.duplicate + foot.late == late + 20
    assert foot.late == late
    only_holes, _ = received({**numbers, Side.LEFT: np.array(kept)})
    assert len(table) == len(only_holes)
    for name in ("contact_time_ms", "valr_bw_s", "impulse_bw_s", "peak_force_bw"):
        np.testing.assert_array_equal(table.columns[name], only_holes.columns[name])


def test_the_session_is_whole_without_losses() -> None:
    table = whole()
    assert len(table.running()) == 2 * N
    assert np.isfinite(table.columns["valr_bw_s"]).all()
