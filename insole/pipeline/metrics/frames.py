"""The frames of k stances, laid end to end: what regional peaks, integrals and timing are taken over.

Series stand one in a row, frames along it, so that every reduction runs along memory. A reduction looks at one contact
at a time: its result has the same bits in whatever company the contact comes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from insole.blocks import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """Frames from the last before initial contact to the first after toe-off.

    Parameters
    ----------
    rows : (M,) int64
        Rows of the batch.
    starts : (k,) int64
        Where each contact begins; every contact has at least one frame.
    of : (M,) int64
        Contact each frame belongs to.
    after_s : (M,) float64
        Seconds after initial contact.
    dwell_s : (M,) float64
        Time each frame stands for between initial contact and toe-off: the integral of the line through the frames
        is the sum of value times dwell.
    """

    rows: IntArray
    starts: IntArray
    of: IntArray
    after_s: FloatArray
    dwell_s: FloatArray

    @classmethod
    def of_stances(cls, first: IntArray, last: IntArray, t_s: FloatArray, strike_s: FloatArray, contact_s: FloatArray) -> Frames:
        """Rows `first` to `last` (k,) of each contact."""
        lengths = last - first + 1
        starts = np.cumsum(lengths) - lengths
        rows = np.arange(int(lengths.sum())) + np.repeat(first - starts, lengths)
        return cls._weighted(rows, starts, np.repeat(np.arange(len(first)), lengths), t_s, strike_s, contact_s)

    def without(self, lost: BoolArray, t_s: FloatArray, strike_s: FloatArray, contact_s: FloatArray) -> Frames:
        """The frames that were measured (`lost` (N,) by row of the batch); a stance of lost frames only keeps its first."""
        keep = ~lost[self.rows]
        if keep.all():
            return self
        keep[self.starts[np.add.reduceat(keep, self.starts, dtype=np.int64) == 0]] = True
        of = self.of[keep]
        starts = np.searchsorted(of, np.arange(len(self.starts)))
        return self._weighted(self.rows[keep], starts, of, t_s, strike_s, contact_s)

    @classmethod
    def _weighted(
        cls, rows: IntArray, starts: IntArray, of: IntArray, t_s: FloatArray, strike_s: FloatArray, contact_s: FloatArray
    ) -> Frames:
        after = t_s[rows] - strike_s[of]
        width = np.diff(after)
        same = of[1:] == of[:-1]
        width[~same] = 1.0
        # the part of each gap between two frames that lies in the stance, as shares u..v of the gap
        u = np.clip(-after[:-1] / width, 0.0, 1.0)
        v = np.clip((contact_s[of[1:]] - after[:-1]) / width, u, 1.0)
        right = np.where(same, width * (v * v - u * u) / 2, 0.0)
        left = np.where(same, width * (v - u), 0.0) - right
        dwell = np.zeros(len(rows))
        dwell[:-1] += left
        dwell[1:] += right
        return cls(rows, starts, of, after, dwell)

    def take(self, values: FloatArray) -> FloatArray:
        """Series (m, M) of a quantity (N, m) given by row of the batch."""
        return np.ascontiguousarray(values[self.rows].T)

    def highest(self, series: FloatArray) -> FloatArray:
        """Maximum over each contact, (..., k); NaN where any frame is NaN."""
        out: FloatArray = np.maximum.reduceat(series, self.starts, axis=-1)
        return out

    def integral(self, series: FloatArray) -> FloatArray:
        """Integral over time from initial contact to toe-off, (..., k)."""
        out: FloatArray = np.add.reduceat(series * self.dwell_s, self.starts, axis=-1)
        return out

    def total(self, series: FloatArray) -> FloatArray:
        """Sum over each contact, (..., k)."""
        out: FloatArray = np.add.reduceat(series, self.starts, axis=-1)
        return out

    def first(self, mask: BoolArray) -> IntArray:
        """Position of the first True in each contact, (..., k); M where there is none."""
        out: IntArray = np.minimum.reduceat(np.where(mask, np.arange(len(self.rows)), len(self.rows)), self.starts, axis=-1)
        return out

    def last(self, mask: BoolArray) -> IntArray:
        """Position of the last True in each contact, (..., k); -1 where there is none."""
        out: IntArray = np.maximum.reduceat(np.where(mask, np.arange(len(self.rows)), -1), self.starts, axis=-1)
        return out

    def rise_s(self, series: FloatArray, level: float) -> FloatArray:
        """Seconds after initial contact at which each series first reaches `level`, (m, k); NaN where it never does.

        On the line through the frames; that of the first frame where it is there already.
        """
        at = self.first(series >= level)
        return self._crossing_s(series, level, np.maximum(at - 1, self.starts), at, at < len(self.rows))

    def fall_s(self, series: FloatArray, level: float) -> FloatArray:
        """Seconds after initial contact at which each series falls below `level` for the last time, (m, k)."""
        at = self.last(series >= level)
        ends = np.append(self.starts[1:], len(self.rows)) - 1
        return self._crossing_s(series, level, at, np.minimum(at + 1, ends), at >= 0)

    def _crossing_s(self, series: FloatArray, level: float, low: IntArray, high: IntArray, found: BoolArray) -> FloatArray:
        """Where the line from frame `low` to frame `high` meets the level; the frame itself where both are one."""
        low, high = np.where(found, low, 0), np.where(found, high, 0)
        a, b = np.take_along_axis(series, low, axis=-1), np.take_along_axis(series, high, axis=-1)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.clip((level - a) / (b - a), 0.0, 1.0)
        share = np.where((low == high) | ((a >= level) & (b >= level)), 0.0, share)
        start = self.after_s[low]
        return np.where(found, start + share * (self.after_s[high] - start), np.nan)
