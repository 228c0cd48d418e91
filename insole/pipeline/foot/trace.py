"""The force of one foot, frame after frame. In: frames and their raw force. Out: rows, gaps joined, force smoothed.

Short gaps are joined by a cubic once two frames behind them are there; longer ones within one run by a line, marked,
and never measured from.
"""

from __future__ import annotations

import numpy as np

from insole.blocks import FloatArray, FrameBlock
from insole.pipeline.foot.gaps import lagrange
from insole.pipeline.foot.rows import FILLED, MEASURED, MISSING, Rows
from insole.pipeline.foot.smooth import smooth


class Trace:
    """Rows of one run after the other, and how far their force is final."""

    def __init__(self, kernel: FloatArray) -> None:
        self.rows = Rows()
        self.start = 0  # first row of the run
        self.smoothed = 0  # up to here the smoothed force is final
        self._kernel = kernel
        self.half = len(kernel) // 2  # rows on either side of one that smoothing takes in
        self._unfilled: int | None = None  # first row whose force waits for the frames after a short gap

    @property
    def empty(self) -> bool:
        """Whether the run has no rows yet."""
        return self.rows.end == self.start

    def begin_run(self) -> None:
        """What follows does not follow the rows so far."""
        self.start = self.smoothed = self.rows.end
        self.rows.forget(self.rows.end)

    def append(self, block: FrameBlock, force_n: FloatArray) -> None:
        """Frames that follow."""
        if np.count_nonzero(block.measured) == len(block.measured):
            self.rows.append(block.counts, block.tick_us, force_n)
        else:
            if self._unfilled is None:
                self._unfilled = self.rows.end + int(np.argmin(block.measured))
            self.rows.append(
                block.counts, block.tick_us, force_n, np.where(block.measured, MEASURED, FILLED).astype(np.uint8)
            )
        if self._unfilled is not None:
            self._fill(closing=False)

    def bridge(self, lost: int, block: FrameBlock, force_n: float) -> None:
        """Rows for frames that are missing before a block that begins with this force."""
        self._fill(closing=True)
        rows = self.rows
        last = rows.end - 1
        before_n, before_us = float(rows.force(last, last + 1)[0]), rows.tick_us_at(last)
        share = np.arange(1, lost + 1) / (lost + 1)
        ticks = before_us + np.round(share * (int(block.tick_us[0]) - before_us)).astype(np.int64)
        counts = np.zeros((lost, block.counts.shape[1]), np.uint16)
        rows.append(counts, ticks, before_n + share * (force_n - before_n), np.full(lost, MISSING, np.uint8))

    def advance(self) -> FloatArray:
        """Smooth as far as the frames allow; what is new. The first half-width of a run keeps its raw force."""
        begin, half = self.smoothed, self.half
        end = self.rows.end if self._unfilled is None else self._unfilled
        if begin < self.start + half:
            self._keep_raw(min(self.start + half, end))
        self._smooth_to(end - half)
        return self.rows.smooth(begin, self.smoothed)

    def close(self) -> FloatArray:
        """No frame of this run follows: smooth to its end; what is new. The last half-width keeps its raw force."""
        begin = self.smoothed
        self._fill(closing=True)
        self.advance()
        self._keep_raw(self.rows.end)
        return self.rows.smooth(begin, self.smoothed)

    def _keep_raw(self, end: int) -> None:
        self.rows.smooth(self.smoothed, end)[:] = self.rows.force(self.smoothed, end)
        self.smoothed = end

    def _smooth_to(self, end: int) -> None:
        begin, half = self.smoothed, self.half
        if begin < end:
            self.rows.smooth(begin, end)[:] = smooth(self.rows.force(begin - half, end + half), self._kernel)
            self.smoothed = end

    def _fill(self, *, closing: bool) -> None:
        """Interpolate short gaps by a cubic through two frames on each side, once those are there."""
        rows = self.rows
        while self._unfilled is not None:
            gap = self._unfilled
            state = rows.state(gap, rows.end)
            measured_after = np.flatnonzero(state == MEASURED)
            if len(measured_after) < 2 and not closing:
                return
            back = max(rows.base, gap - 4)
            before = back + np.flatnonzero(rows.state(back, gap) == MEASURED)[-2:]
            after = gap + measured_after[:2]
            knots = np.concatenate([before, after])
            stop = gap + (int(measured_after[0]) if len(measured_after) else len(state))
            if len(knots):
                values = np.array([rows.force(k, k + 1)[0] for k in knots])
                rows.force(gap, stop)[:] = lagrange(knots, values, np.arange(gap, stop))
            later = np.flatnonzero(rows.state(stop, rows.end) == FILLED)
            self._unfilled = stop + int(later[0]) if len(later) else None
