"""Faults of transmission in an export: found under load, and never where a foot is in the air or stands still."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insole.blocks import FloatArray, Side
from insole.device import force_device
from insole.formats.faults import TransportFaults
from insole.formats.findings import Findings
from insole.formats.vendor import Samples

DEVICE = force_device("plate", 100.0, 1.0)


def absent(force: FloatArray, cuts: list[int] | None = None) -> list[int]:
    """Frames that come out as NaN, whatever the blocks."""
    faults = TransportFaults(DEVICE, 0.01, Findings())
    number = np.arange(len(force))
    parts = np.split(number, sorted(cuts or []))
    out = [faults.push(Samples(Side.LEFT, part, force[part, None])) for part in parts]
    rest = faults.finish()
    assert rest is not None
    out.append(rest)
    assert np.concatenate([samples.number for samples in out]).tolist() == number.tolist()
    values = np.concatenate([samples.values[:, 0] for samples in out])
    kept = ~np.isnan(values)
    np.testing.assert_array_equal(values[kept], force[kept])
    assert not kept[np.isnan(force)].any()
    return np.flatnonzero(~kept).tolist()


def steady(n: int = 60) -> FloatArray:
    return 400.0 + 20.0 * np.arange(n, dtype=float)


def test_zeros_under_load_are_absent() -> None:
    force = steady()
    force[20:31] = 0
    assert absent(force) == list(range(20, 31))


def test_a_swing_is_no_fault() -> None:
    force = np.concatenate([steady(20), [200, 90, 30, 5], np.zeros(25), [5, 60, 300], steady(20)])
    assert absent(force) == []


def test_a_clipped_swing_of_any_length_between_loads_is_kept_from_a_fifth_of_a_second() -> None:
    force = steady(80)
    force[20:45] = 0
    assert absent(force) == []


def test_zeros_next_to_a_small_load_are_kept() -> None:
    force = steady()
    force[19], force[20:25] = 30.0, 0
    assert absent(force) == []


def test_zeros_at_the_end_of_a_loaded_file_are_absent() -> None:
    force = steady()
    force[-4:] = 0
    assert absent(force) == [56, 57, 58, 59]


def test_a_file_of_zeros_is_not_a_fault() -> None:
    assert absent(np.zeros(10)) == []


def test_a_held_row_before_a_jump_is_absent_after_its_first() -> None:
    force = steady()
    force[20:28] = force[20]
    assert absent(force) == list(range(21, 28))


@pytest.mark.parametrize("rows", [10, 40])
def test_standing_still_is_no_fault(rows: int) -> None:
    force = np.full(60, 402.5)
    force[15 + rows :] = 700
    assert absent(force) == []


def test_rounding_to_coarse_steps_is_no_fault() -> None:
    assert absent(np.round(np.arange(0.0, 800.0, 9.0) / 50) * 50) == []


def test_a_still_insole_before_a_strike_is_no_fault() -> None:
    force = np.concatenate(
        [steady(20), [200, 90, 65, 62.5], np.full(25, 60.0), [62.5], np.full(6, 60.0), [300, 700], steady(20)]
    )
    assert absent(force) == []


@given(
    st.lists(st.tuples(st.integers(1, 25), st.sampled_from([0.0, 0.0, 30.0, 400.0, 600.0])), min_size=1, max_size=8),
    st.lists(st.integers(0, 150), max_size=6),
)
def test_blocks_do_not_matter(runs: list[tuple[int, float]], cuts: list[int]) -> None:
    force = np.concatenate([np.full(n, level) + (np.arange(n) % 2 if level > 500 else 0) for n, level in runs])
    assert absent(force, [min(cut, len(force)) for cut in cuts]) == absent(force)


def test_absent_frames_around_a_fault_hide_nothing() -> None:
    force = steady()
    force[18:20], force[20:25], force[25:27] = np.nan, 0, np.nan
    assert absent(force) == list(range(18, 27))
