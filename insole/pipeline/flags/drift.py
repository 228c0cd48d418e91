"""Change within the run: the trend of a foot's contacts from minute 5 on (METRICS.md 8.2, within_run_drift).

In: rows of the contact table. Out: a `Reading` a metric and foot: change from minute 5 to now in percent of the level
at minute 5. Contacts are taken in blocks of 30, each block stands for its medians, and when there are 16 blocks
neighbours are joined, so that an hour costs no more than a few minutes and the carry stays small.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from insole.blocks import ContactTable, FloatArray, Side
from insole.pipeline.flags.measures import Reading
from insole.pipeline.rolling import FEET, limited, running, step_times_ms, values_of
from insole.pipeline.statistics import Estimate, theil_sen, theil_sen_interval

SETTLING_S = 300.0
BLOCK_CONTACTS = 30
FEWEST_BLOCKS, MOST_BLOCKS = 8, 16
LOOK_CLOSER_PCT = 2.0  # a smaller change gets no interval; no line lies below it


class Drift:
    """Trend of several metrics of both feet, with the change of cadence beside each.

    Parameters
    ----------
    metrics : sequence of str
    """

    def __init__(self, metrics: Sequence[str]) -> None:
        self._metrics = tuple(metrics)
        self._start_s = np.nan
        self._feet = {side: _Blocks(len(self._metrics) + 1) for side in FEET}

    def push(self, table: ContactTable) -> dict[tuple[str, Side], Reading]:
        """Readings by metric and foot: the newest trend at each running contact."""
        strikes = table.strike_s[running(table)]
        if np.isnan(self._start_s) and len(strikes):
            self._start_s = float(strikes[0])
        values = np.array([*values_of(table, self._metrics), step_times_ms(table)])
        marks = limited(table, self._metrics)[:: len(FEET)]
        out = {}
        for side, blocks in self._feet.items():
            row = np.flatnonzero(running(table, side) & (table.strike_s >= self._start_s + SETTLING_S))
            trends = blocks.push(table.strike_s[row], values[:, row], marks[:, row])
            for i, metric in enumerate(self._metrics):
                value, low, high, beside, approximate = trends[:, i]
                known = np.isfinite(low)
                estimate = Estimate(value[known], low[known], high[known])
                out[metric, side] = Reading(row[known], *estimate, approximate[known] > 0, beside[known])
        return out


class _Blocks:
    """Medians of blocks of one foot's contacts, and the trend through them.

    Parameters
    ----------
    series : int
        Metrics, and step time as the last.
    """

    def __init__(self, series: int) -> None:
        self._size = BLOCK_CONTACTS
        self._open_t, self._open = np.empty(0), np.empty((series, 0))
        self._open_marks = np.empty((series - 1, 0))
        self._t, self._medians = np.empty(0), np.empty((series, 0))
        self._from_s = self._to_s = np.nan  # what the blocks cover
        self._trend = np.full((5, series - 1), np.nan)

    def push(self, t_s: FloatArray, values: FloatArray, marks: FloatArray) -> FloatArray:
        """Change, low, high, change of cadence, and whether mostly limited, after each contact: (5, series - 1, m)."""
        out = np.empty((*self._trend.shape, len(t_s)))
        done = 0
        while done < len(t_s):
            take = min(self._size - len(self._open_t), len(t_s) - done)
            now = slice(done, done + take)
            self._open_t = np.concatenate([self._open_t, t_s[now]])
            self._open = np.concatenate([self._open, values[:, now]], axis=1)
            self._open_marks = np.concatenate([self._open_marks, marks[:, now]], axis=1)
            done += take
            out[:, :, now] = self._trend[:, :, None]
            if len(self._open_t) == self._size:
                self._close()
                out[:, :, done - 1] = self._trend
        return out

    def _close(self) -> None:
        enough = np.isfinite(self._open).sum(axis=1) >= self._size // 3
        medians = np.nanmedian(np.where(enough[:, None], self._open, 0.0), axis=1)
        medians = np.where(enough, medians, np.nan)
        self._from_s = float(self._open_t[0]) if np.isnan(self._from_s) else self._from_s
        self._to_s = float(self._open_t[-1])
        self._t = np.append(self._t, self._open_t.mean())
        self._medians = np.concatenate([self._medians, medians[:, None]], axis=1)
        mostly_limited = self._open_marks.sum(axis=1) > 0.0
        self._open_t, self._open = self._open_t[:0], self._open[:, :0]
        self._open_marks = self._open_marks[:, :0]
        if len(self._t) >= FEWEST_BLOCKS:
            self._look(mostly_limited)
        if len(self._t) == MOST_BLOCKS:
            self._t = (self._t[::2] + self._t[1::2]) / 2.0
            self._medians = (self._medians[:, ::2] + self._medians[:, 1::2]) / 2.0
            self._size *= 2

    def _look(self, mostly_limited: FloatArray) -> None:
        """The trend of every metric over the blocks so far."""
        cadence = -self._change(self._medians[-1])[0]  # of step time, turned over, to first order
        for i, medians in enumerate(self._medians[:-1]):
            self._trend[:, i] = (*self._change(medians), cadence, mostly_limited[i])

    def _change(self, medians: FloatArray) -> tuple[float, float, float]:
        """Change over the time covered in percent of the level at its start, with its interval; NaN where not known."""
        known = np.isfinite(medians)
        if known.sum() < FEWEST_BLOCKS:
            return np.nan, np.nan, np.nan
        t_s, y = self._t[known], medians[known]
        slope, level = theil_sen(t_s, y)
        to_pct = 100.0 * (self._to_s - self._from_s) / (level - slope * (t_s[0] - self._from_s))
        change = slope * to_pct
        if not abs(change) >= LOOK_CLOSER_PCT:
            return change, np.nan, np.nan
        low, high = theil_sen_interval(t_s, y)
        return change, low * to_pct, high * to_pct
