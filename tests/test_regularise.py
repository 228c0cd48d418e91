"""Sequence numbers and ticks unwrapped, losses counted (METRICS.md 1.7)."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insole.blocks import FrameBlock, Received, Side
from insole.pipeline.regularise import Regulariser

RATE_HZ = 200.0
STEP_US = 5000


def received(frames: list[int], *, sequence0: int = 0, tick0: int = 0, host0_ns: int = 0) -> Received:
    index = np.array(frames, np.int64)
    return Received(
        0,
        (index + sequence0) % 2**32,
        (index * STEP_US + tick0) % 2**32,
        (index % 1000).astype(np.uint16)[:, None],
        host0_ns + index * STEP_US * 1000,
    )


def blocks_of(*pushes: Received) -> tuple[list[FrameBlock], Regulariser]:
    regulariser = Regulariser(Side.LEFT, RATE_HZ)
    return [block for push in pushes for block in regulariser.push(push).blocks], regulariser


def test_clean_frames_pass_unchanged() -> None:
    (block,), state = blocks_of(received(list(range(50))))
    assert block.index.tolist() == list(range(50))
    assert block.measured.all()
    assert (state.frames, state.lost, state.duplicate, state.late) == (50, 0, 0, 0)


def test_counters_that_wrap_go_on() -> None:
    (block,), state = blocks_of(received(list(range(40)), sequence0=2**32 - 20, tick0=2**32 - 50_000))
    assert np.diff(block.index).tolist() == [1] * 39
    assert np.diff(block.tick_us).tolist() == [STEP_US] * 39
    assert state.restarts == 0


@pytest.mark.parametrize("lost", [1, 2])
def test_a_short_gap_is_marked_and_keeps_the_block(lost: int) -> None:
    frames = [*range(10), *range(10 + lost, 20)]
    (block,), state = blocks_of(received(frames))
    assert block.index.tolist() == list(range(20))
    assert np.flatnonzero(~block.measured).tolist() == list(range(10, 10 + lost))
    assert block.tick_us.tolist() == [i * STEP_US for i in range(20)]
    assert state.lost == lost


def test_a_frame_from_before_the_first_one_is_late_and_no_duplicate() -> None:
    (_, block), state = blocks_of(received([10]), received([9, 11]))
    assert block.index.tolist() == [11]
    assert (state.frames, state.late, state.duplicate, state.lost) == (2, 1, 0, 0)


def test_a_longer_gap_splits() -> None:
    (first, second), state = blocks_of(received([*range(10), *range(13, 20)]))
    assert (first.index[-1], second.index[0]) == (9, 13)
    assert second.after_gap
    assert state.lost == 3


def test_at_50_hz_one_frame_is_20_ms_and_no_more_is_filled() -> None:
    regulariser = Regulariser(Side.LEFT, 50.0)
    index = np.array([0, 1, 2, 4, 5, 8, 9])
    regular = regulariser.push(Received(0, index, index * 20_000, np.zeros((7, 1), np.uint16), index * 20_000_000))
    assert [block.index.tolist() for block in regular.blocks] == [[0, 1, 2, 3, 4, 5], [8, 9]]


def test_duplicates_and_late_frames_are_dropped_and_counted_apart() -> None:
    blocks, state = blocks_of(received([0, 1, 2, 2, 5, 3, 3, 6]))
    assert [i for block in blocks for i in block.index[block.measured].tolist()] == [0, 1, 2, 5, 6]
    assert (state.duplicate, state.late, state.lost) == (2, 1, 2)


def test_a_restarted_device_begins_anew_placed_by_host_time() -> None:
    before = received(list(range(1000)))
    after = received(list(range(10)), host0_ns=int(7e9))
    (first, second), state = blocks_of(before, after)
    assert state.restarts == 1
    assert second.after_gap
    assert second.index[0] > first.index[-1]
    assert (second.tick_us[0] - first.tick_us[-1]) * 1e-6 == pytest.approx(7.0 - 999 * 0.005, abs=0.01)


def test_loss_of_the_last_minute_is_told_every_second() -> None:
    frames = [i for i in range(200 * 70) if not (2000 <= i < 2100)]
    regulariser = Regulariser(Side.LEFT, RATE_HZ)
    seconds = regulariser.push(received(frames)).seconds
    loss = {round(s.tick_us * 1e-6): s.loss_pct for s in seconds}
    assert loss[5] == 0.0
    assert loss[12] == pytest.approx(100 * 100 / 2400, rel=0.02)
    assert seconds[-1].rate_hz == pytest.approx(200.0, rel=1e-6)


@given(
    drop=st.sets(st.integers(0, 399), max_size=80),
    repeat=st.lists(st.integers(0, 399), max_size=10),
    cuts=st.lists(st.integers(1, 400), max_size=12),
)
def test_any_cut_gives_the_same_frames_and_counts(drop: set[int], repeat: list[int], cuts: list[int]) -> None:
    order = [i for i in range(400) if i not in drop or i == 0]
    for i in repeat:
        order.insert(min(len(order), i + 3), i)
    whole, counted = blocks_of(received(order))
    edges = sorted({0, len(order), *(c for c in cuts if c < len(order))})
    pieces, recounted = blocks_of(*(received(order[a:b]) for a, b in itertools.pairwise(edges)))
    for name in ("index", "tick_us", "measured"):
        one, other = (np.concatenate([getattr(b, name) for b in blocks]) for blocks in (whole, pieces))
        np.testing.assert_array_equal(one, other)
    counts = ("frames", "lost", "duplicate", "late", "restarts")
    assert [getattr(counted, n) for n in counts] == [getattr(recounted, n) for n in counts]
