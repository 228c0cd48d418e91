"""The rows of a foot: counts in the blocks they came in, ticks and forces in one line, whatever the cut."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from insole.pipeline.foot.rows import FILLED, MEASURED, Rows

N, CELLS = 10_000, 3
COUNTS = np.arange(N * CELLS, dtype=np.uint16).reshape(N, CELLS)
TICKS = 5000 * np.arange(N)
FORCE = np.arange(N) * 0.5


def filled(cuts: list[int], kept: int = N) -> Rows:
    """All rows appended in pieces, of which the last ones are kept at any time."""
    rows = Rows()
    for a, b in pairwise([0, *sorted({cut for cut in cuts if 0 < cut < N}), N]):
        rows.append(COUNTS[a:b], TICKS[a:b], FORCE[a:b])
        rows.forget(b - kept)
    return rows


@given(cuts=st.lists(st.integers(1, N), max_size=40), start=st.integers(0, N - 1), n=st.integers(1, 300))
def test_rows_are_the_same_however_they_came(cuts: list[int], start: int, n: int) -> None:
    rows, end = filled(cuts), min(start + n, N)
    np.testing.assert_array_equal(rows.counts(start, end), COUNTS[start:end])
    np.testing.assert_array_equal(rows.tick_us(start, end), TICKS[start:end])
    np.testing.assert_array_equal(rows.force(start, end), FORCE[start:end])
    assert rows.tick_us_at(start) == TICKS[start]


def test_what_was_handed_out_stays_when_rows_are_forgotten_and_moved() -> None:
    rows = Rows()
    rows.append(COUNTS[:100], TICKS[:100], FORCE[:100])
    early = rows.counts(10, 20), rows.tick_us(10, 20), rows.force(10, 20)
    for a in range(100, N, 100):
        rows.append(COUNTS[a : a + 100], TICKS[a : a + 100], FORCE[a : a + 100])
        rows.forget(a - 200)
    for mine, all_of_it in zip(early, (COUNTS, TICKS, FORCE), strict=True):
        np.testing.assert_array_equal(mine, all_of_it[10:20])
    np.testing.assert_array_equal(rows.counts(N - 250, N), COUNTS[N - 250 :])


def test_lost_rows_are_known() -> None:
    rows = filled([50])
    rows.append(COUNTS[:3], TICKS[:3], FORCE[:3], np.array([MEASURED, FILLED, MEASURED], np.uint8))
    assert not rows.lost(0, N + 1)
    assert rows.lost(N - 5, N + 2)
    assert not rows.lost(N + 2, N + 3)
