"""The frames of k stances, laid end to end: what regional peaks, integrals and timing are taken over.

Series stand one in a row, frames along it, so that every reduction runs along memory. A reduction looks at one contact
at a time: its result has the same bits in whatever company the contact comes.
"""

from __future__ import annotations

import numpy as np

from insole.blocks import BoolArray, FloatArray, IntArray
from insole.pipeline.metrics.curves import row_starts
from insole.pipeline.metrics.kept import kept


class Frames:
    """Frames of k contacts, usually from the last before initial contact to the first after toe-off.

    Parameters
    ----------
    rows : (M,) int64
        Rows of the batch.
    lengths : (k,) int64
        Frames of each contact, at least one.
    after_s : (M,) float64
        Seconds after initial contact.
    contact_s : (k,) float64
        From initial contact to toe-off.
    """

    def __init__(self, rows: IntArray, lengths: IntArray, after_s: FloatArray, contact_s: FloatArray) -> None:
        self.rows = rows
        self.lengths = lengths
        self.starts = lengths.cumsum() - lengths  # where each contact begins
        self.ends = self.starts + lengths - 1  # its last frame
        self.after_s = after_s
        self.contact_s = contact_s

    @classmethod
    def between(
        cls, first: IntArray, last: IntArray, t_s: FloatArray, strike_s: FloatArray, contact_s: FloatArray
    ) -> Frames:
        """Rows `first` to `last`, (k,) each, of a batch with times `t_s` (N,)."""
        lengths = last - first + 1
        ends = lengths.cumsum()
        rows = np.arange(ends[-1]) + (first - ends + lengths).repeat(lengths)
        return cls(rows, lengths, t_s.take(rows) - strike_s.repeat(lengths), contact_s)

    def without(self, lost: BoolArray) -> Frames:
        """The frames not `lost` (N,), by row of the batch; a contact with none left keeps its first."""
        keep = ~lost[self.rows]
        if np.logical_and.reduce(keep):
            return self
        keep[self.starts[np.logical_or.reduceat(keep, self.starts) == 0]] = True
        lengths = np.add.reduceat(keep, self.starts, dtype=np.int64)
        return Frames(self.rows[keep], lengths, self.after_s[keep], self.contact_s)

    def of_each(self, values: FloatArray) -> FloatArray:
        """What belongs to the contacts, (..., k), at their frames, (..., M)."""
        return values.repeat(self.lengths, axis=-1)

    @kept
    def places(self) -> IntArray:
        """Their positions among the frames, (M,)."""
        return np.arange(len(self.rows))

    @kept
    def share(self) -> FloatArray:
        """Place of each frame in stance, 0 at initial contact and 1 at toe-off, (M,)."""
        return self.after_s / self.of_each(self.contact_s)

    @kept
    def dwell_s(self) -> FloatArray:
        """Time each frame stands for, (M,), between initial contact and toe-off.

        The integral of the line through the frames is the sum of value times dwell.
        """
        start, to_next = self.after_s[:-1], self.starts[1:] - 1
        width = self.after_s[1:] - start
        width[to_next] = 1.0  # from one contact to the next: of no weight, whatever it is
        # the part of each gap between two frames that lies in the stance, as shares u..v of the gap
        u = np.minimum(np.maximum(-start / width, 0.0), 1.0)
        v = np.minimum(np.maximum((self.of_each(self.contact_s)[:-1] - start) / width, u), 1.0)
        right = width * (v * v - u * u) / 2
        left = width * (v - u) - right
        left[to_next] = right[to_next] = 0.0
        dwell = np.zeros(len(self.rows))
        dwell[:-1] = left
        dwell[1:] += right
        return dwell

    def highest(self, series: FloatArray) -> FloatArray:
        """Maximum over each contact, (..., k); NaN where any frame is NaN."""
        out: FloatArray = np.maximum.reduceat(series, self.starts, axis=-1)
        return out

    def total(self, series: FloatArray) -> FloatArray:
        """Sum over each contact, (..., k)."""
        out: FloatArray = np.add.reduceat(series, self.starts, axis=-1)
        return out

    def integral(self, series: FloatArray) -> FloatArray:
        """Integral over time from initial contact to toe-off, (..., k)."""
        return self.total(series * self.dwell_s)

    def first(self, mask: BoolArray) -> IntArray:
        """Position of the first True in each contact, (..., k); M where there is none."""
        out: IntArray = np.minimum.reduceat(np.where(mask, self.places, len(self.rows)), self.starts, axis=-1)
        return out

    def last(self, mask: BoolArray) -> IntArray:
        """Position of the last True in each contact, (..., k); -1 where there is none."""
        out: IntArray = np.maximum.reduceat(np.where(mask, self.places, -1), self.starts, axis=-1)
        return out

    def rise_s(self, series: FloatArray, level: float) -> FloatArray:
        """Seconds after initial contact at which each series (m, M) first reaches `level`, (m, k); NaN if never.

        On the line through the frames; that of the first frame where it is there already.
        """
        at = self.first(series >= level)
        return self._crossing_s(series, level, np.maximum(at - 1, self.starts), at, at < len(self.rows))

    def rise_and_fall_s(self, series: FloatArray, level: float) -> FloatArray:
        """When each series (m, M) first reaches `level`, as `rise_s`, and when it last falls below it, (2, m, k).

        It falls at the last frame where it is still there.
        """
        reached = series >= level
        up, down = self.first(reached), self.last(reached)
        low = np.array([np.maximum(up - 1, self.starts), down])
        high = np.array([up, np.minimum(down + 1, self.ends)])
        return self._crossing_s(series, level, low, high, down >= 0)

    def _crossing_s(
        self, series: FloatArray, level: float, low: IntArray, high: IntArray, found: BoolArray
    ) -> FloatArray:
        """Where the line from frame `low` to frame `high` meets the level; frame `low` where both are one."""
        row = row_starts(*series.shape)[:, None]
        a, b = (
            series.take(row + low, mode="clip"),
            series.take(row + high, mode="clip"),
        )  # where there is none, any frame
        share = (level - a) / (b - a)
        share[low == high] = 0.0
        start = self.after_s.take(low, mode="clip")
        return np.where(found, start + share * (self.after_s.take(high, mode="clip") - start), np.nan)
