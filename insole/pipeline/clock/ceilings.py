"""The least delayed arrivals of the last minute, one for each second. In: bounds in order. Out: the line below them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from insole.pipeline.clock.lines import DRIFT_BINS, Bound, Edge, Estimate, below_arrivals, edge_over, lowest

WINDOW_BINS = 60
FEW_BOUNDS = 8  # their hull is found at once
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
        self._edge: Edge | None = None

    def __len__(self) -> int:
        return len(self.bounds)

    def add(self, bound: Bound) -> None:
        """The next one; the oldest goes when a minute is full."""
        if len(self.bounds) == WINDOW_BINS:
            self.forget(1)
        if self._end == len(self._rows):
            n = len(self.bounds)
            self._rows[:n] = self._rows[self._end - n :]
            self._end = n
        self._rows[self._end] = bound
        self._end += 1
        self.bounds.append(bound)
        if self._edge is not None and not self._edge.is_below(bound):
            self._edge = None

    def forget(self, bins: int) -> None:
        """Drop the oldest ones."""
        del self.bounds[:bins]
        if self._edge is not None and (not self.bounds or self._edge.start.tick_us < self.bounds[0].tick_us):
            self._edge = None

    def line(self) -> Estimate:
        """The line below all of them that lies closest to them on average."""
        if len(self.bounds) < DRIFT_BINS:
            return lowest(self.bounds)
        tick_us, excess_us, hidden_us = self._rows[self._end - len(self.bounds) : self._end].T
        mean_us = float(tick_us.sum()) / len(tick_us)
        if self._edge is None or not self._edge.spans(mean_us):
            self._edge = edge_over(self.outline(), mean_us)
        return below_arrivals(self._edge, tick_us, excess_us, hidden_us) or lowest(self.bounds)

    def outline(self) -> Sequence[Bound]:
        """Some of them, among which are all corners of their lower hull.

        No corner lies above the chords from the first bound to the one farthest below and on to the last one.
        """
        if len(self.bounds) <= FEW_BOUNDS:
            return self.bounds
        tick_us, excess_us, _ = self._rows[self._end - len(self.bounds) : self._end].T
        ends = [0, -1]
        deepest = int((excess_us - np.interp(tick_us, tick_us[ends], excess_us[ends])).argmin())
        knots = [0, deepest, -1]
        chords_us = np.interp(tick_us, tick_us[knots], excess_us[knots])
        return [self.bounds[i] for i in np.flatnonzero(excess_us <= chords_us + ROUNDING_US).tolist()]
