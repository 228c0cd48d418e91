"""Silence is decided at ticks, and the same whatever the cut."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from insole.blocks import Side
from insole.pipeline.silence import Silence, Turn

S = 1_000_000_000
TICKS = [n * S // 5 for n in range(1, 40)]


def test_a_foot_that_stops_and_comes_back_turns_twice() -> None:
    arrived = np.array([*range(0, 2 * S, S // 100), *range(5 * S, 7 * S, S // 100)])
    turns = Silence([Side.LEFT], 0).turns({Side.LEFT: arrived}, TICKS)
    assert [(t.tick_ns / S, t.silent) for t in turns] == [(3.0, True), (5.0, False)]


def test_a_foot_that_never_came_is_silent_after_a_second() -> None:
    turns = Silence([Side.LEFT, Side.RIGHT], 0).turns(
        {Side.LEFT: np.arange(0, 8 * S, S // 100), Side.RIGHT: np.empty(0, np.int64)}, TICKS
    )
    assert turns == [Turn(6 * S // 5, Side.RIGHT, True)]


@given(
    gaps=st.lists(st.integers(1, 3 * S), min_size=1, max_size=12),
    cuts=st.lists(st.integers(1, len(TICKS) - 1), max_size=6),
)
def test_any_cut_gives_the_same_turns(gaps: list[int], cuts: list[int]) -> None:
    arrived = np.cumsum(gaps)
    whole = Silence([Side.LEFT], 0).turns({Side.LEFT: arrived}, TICKS)
    pieces, silence, edges = [], Silence([Side.LEFT], 0), [0, *sorted(set(cuts)), len(TICKS)]
    for a, b in itertools.pairwise(edges):
        after, until = TICKS[a - 1] if a else -1, TICKS[b - 1]
        part = arrived[(arrived > after) & (arrived <= until)]
        pieces += silence.turns({Side.LEFT: part}, TICKS[a:b])
    assert pieces == whole
