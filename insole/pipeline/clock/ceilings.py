"""The least delayed arrivals of the last minute, one for each second. In: bounds in order. Out: the line below them."""

from __future__ import annotations

import itertools

import numpy as np

from insole.blocks import FloatArray
from insole.pipeline.clock.lines import DRIFT_BINS, Bound, Estimate, Point, below_arrivals, hull, lowest

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
        self._rows = np.empty((4 * WINDOW_BINS, 3))  # the same bounds, up to row `_end`
        self._end = 0
        self._edge: tuple[Point, Point] | None = None

    def __len__(self) -> int:
        return len(self.bounds)

    def add(self, bound: Bound) -> None:
        """The next one; the oldest goes when a minute is full. One whose tick steps back is left out."""
        if self.bounds and bound.tick_us <= self.bounds[-1].tick_us:
            return
        if len(self.bounds) == WINDOW_BINS:
            self.forget(1)
        if self._end == len(self._rows):
            n = len(self.bounds)
            self._rows[:n] = self._rows[self._end - n :]
            self._end = n
        self._rows[self._end] = bound
        self._end += 1
        self.bounds.append(bound)
        if self._edge is not None and len(hull([*self._edge, (bound.tick_us, bound.excess_us)])) < 3:
            self._edge = None  # the bound is on its line or below

    def forget(self, bins: int) -> None:
        """Drop the oldest ones."""
        del self.bounds[:bins]
        if self._edge is not None and (not self.bounds or self._edge[0][0] < self.bounds[0].tick_us):
            self._edge = None

    def line(self) -> Estimate:
        """The line below all of them that lies closest to them on average."""
        if len(self.bounds) < DRIFT_BINS:
            return lowest(self.bounds)
        tick_us, excess_us, hidden_us = self._arrays
        mean_us = float(tick_us.sum()) / len(tick_us)
        if self._edge is None or not self._edge[0][0] < mean_us <= self._edge[1][0]:
            edges = itertools.pairwise(hull(self.outline()))
            self._edge = next((start, end) for start, end in edges if mean_us <= end[0])
        return below_arrivals(self._edge, tick_us, excess_us, hidden_us) or lowest(self.bounds)

    def outline(self) -> list[Point]:
        """Some of them, among which are all corners of their lower hull.

        No corner lies above the chords from the first bound to the one farthest below and on to the last one.
        """
        tick_us, excess_us, _ = self._arrays
        ends = [0, -1]
        deepest = int((excess_us - np.interp(tick_us, tick_us[ends], excess_us[ends])).argmin())
        knots = [0, deepest, -1]
        low = excess_us <= np.interp(tick_us, tick_us[knots], excess_us[knots]) + ROUNDING_US
        return list(zip(tick_us[low].tolist(), excess_us[low].tolist(), strict=True))

    @property
    def _arrays(self) -> FloatArray:
        """Ticks, excesses and what they hide, (3, n)."""
        return self._rows[self._end - len(self.bounds) : self._end].T
