"""The least delayed arrivals of the last minute, one for each second. In: bounds in order. Out: the line below them."""

from __future__ import annotations

import itertools
from bisect import bisect_left, insort

import numpy as np

from insole.blocks import FloatArray
from insole.pipeline.clock.lines import DRIFT_BINS, Bound, Estimate, Point, below_arrivals, hull, lowest, middle

WINDOW_BINS = 60
ROUNDING_US = 1e-3  # more than that of any time in a recording


class Ceilings:
    """The window of bounds, and the edge of their lower hull over their mean.

    The edge is kept until a bound comes or goes that changes it. Most do not, and the hull of a minute for every second
    would take longer than everything else that is done for a second of frames.

    Attributes
    ----------
    bounds : list of Bound
        In order of device time.
    """

    def __init__(self) -> None:
        self.bounds: list[Bound] = []
        self._lines = np.empty((2, 4 * WINDOW_BINS))  # ticks and excesses of the same bounds, up to column `_end`
        self._end = 0
        self._ticks_us = 0  # sum
        self._hidden_us: list[float] = []  # what they hide, ascending
        self._edge: tuple[Point, Point] | None = None

    def __len__(self) -> int:
        return len(self.bounds)

    def add(self, bound: Bound) -> None:
        """The next one; the oldest goes when a minute is full. One whose tick steps back is left out."""
        if self.bounds and bound.tick_us <= self.bounds[-1].tick_us:
            return
        if len(self.bounds) == WINDOW_BINS:
            self.forget(1)
        if self._end == self._lines.shape[1]:
            n = len(self.bounds)
            self._lines[:, :n] = self._lines[:, self._end - n :]
            self._end = n
        self._lines[0, self._end], self._lines[1, self._end] = bound.tick_us, bound.excess_us
        self._end += 1
        self.bounds.append(bound)
        self._ticks_us += bound.tick_us
        insort(self._hidden_us, bound.hidden_us)
        if self._edge is not None and len(hull([*self._edge, (bound.tick_us, bound.excess_us)])) < 3:
            self._edge = None  # the bound is on its line or below

    def forget(self, bins: int) -> None:
        """Drop the oldest ones."""
        for bound in self.bounds[:bins]:
            self._ticks_us -= bound.tick_us
            del self._hidden_us[bisect_left(self._hidden_us, bound.hidden_us)]
        del self.bounds[:bins]
        if self._edge is not None and (not self.bounds or self._edge[0][0] < self.bounds[0].tick_us):
            self._edge = None

    def line(self) -> Estimate:
        """The line below all of them that lies closest to them on average."""
        if len(self.bounds) < DRIFT_BINS:
            return lowest(self.bounds)
        mean_us = self._ticks_us / len(self.bounds)
        if self._edge is None or not self._edge[0][0] < mean_us <= self._edge[1][0]:
            edges = itertools.pairwise(hull(self.outline()))
            self._edge = next((start, end) for start, end in edges if mean_us <= end[0])
        tick_us, excess_us = self._arrays
        return below_arrivals(self._edge, tick_us, excess_us, middle(self._hidden_us)) or lowest(self.bounds)

    def outline(self) -> list[Point]:
        """Some of them, among which are all corners of their lower hull.

        No corner lies above the chords from the first bound to the one farthest below and on to the last one.
        """
        tick_us, excess_us = self._arrays
        first, last = self.bounds[0], self.bounds[-1]
        deepest = self.bounds[int((excess_us - _chord(first, last, tick_us)).argmin())]
        chords = np.maximum(_chord(first, deepest, tick_us), _chord(deepest, last, tick_us))
        low = excess_us <= chords + ROUNDING_US
        return list(zip(tick_us[low].tolist(), excess_us[low].tolist(), strict=True))

    @property
    def _arrays(self) -> FloatArray:
        """Ticks and excesses, (2, n)."""
        return self._lines[:, self._end - len(self.bounds) : self._end]


def _chord(a: Bound, b: Bound, tick_us: FloatArray) -> FloatArray:
    """The line through two bounds at some ticks, (n,); level where the two are one."""
    drift = (b.excess_us - a.excess_us) / max(b.tick_us - a.tick_us, 1)
    out: FloatArray = a.excess_us + drift * (tick_us - a.tick_us)
    return out
