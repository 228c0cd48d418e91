"""The last contacts of each foot: which ones count, and the window that ends at each of them.

In: one value a row and series, NaN where the row does not count. Out: windows of a fixed width, and where to find the
state after each row. Carry: the newest values. Several series (metrics, feet) go through at once, so that a push of one
row costs little more than one series; a figure does not depend on how the rows are grouped. Shared by the stages that
look back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from insole.blocks import BoolArray, ContactTable, FloatArray, IntArray, Kind, Side, Status
from insole.columns import Columns, Names
from insole.pipeline.statistics import MIN_CONTACTS

FEET = (Side.LEFT, Side.RIGHT)
STATUS_OF = tuple(Status)  # by code
_SIDES = np.array(FEET, np.int8)[:, None]
_RUN = int(Kind.RUN)
_OK, _LIMITED, _FEW = int(Status.OK), int(Status.LIMITED), int(Status.FEW_CONTACTS)
_UNSTATED = 255


class Windows(NamedTuple):
    """What one push of k rows made of S series: m new values, each with the window that ends at it."""

    rows: FloatArray  # (m, width), series by series; NaN on the left while fewer values were seen
    marks: FloatArray  # (m, width) of the same values; 0 where there is none
    at: IntArray  # (m,) the row that each window ends at
    after: IntArray  # (S, k) for `Held`: which state stands after each row

    @property
    def n(self) -> IntArray:
        """Values in each window, (m,)."""
        out: IntArray = np.isfinite(self.rows).sum(axis=1)
        return out

    @property
    def mostly_marked(self) -> BoolArray:
        """Whether more than half of each window's values are marked, (m,)."""
        out: BoolArray = self.marks.sum(axis=1) > 0.0
        return out

    def last(self, width: int) -> Windows:
        """The same with shorter windows."""
        return Windows(self.rows[:, -width:], self.marks[:, -width:], self.at, self.after)


class LastContacts:
    """Windows over the last `width` values of each of `series` series.

    Parameters
    ----------
    series, width : int
    """

    def __init__(self, series: int, width: int) -> None:
        self._width = width
        self._kept = np.zeros((2, series, width))  # values and their marks
        self._kept[0] = np.nan

    def push(self, values: FloatArray, marks: FloatArray) -> Windows:
        """Windows of the rows' values.

        Parameters
        ----------
        values : (S, k) float64
            NaN: the row does not count in this series.
        marks : (S, k) float64
            Travels with the values: 1 for those of limited accuracy, else -1.
        """
        counts = np.isfinite(values)
        both = np.array([values, marks])
        of, at = counts.nonzero()  # series and row of each new value
        after = np.arange(len(values))[:, None]
        if values.shape[1] == 1:  # as in a live stream
            windows = np.concatenate([self._kept[:, of, 1:], both[:, of]], axis=2)
            self._kept[:, of] = windows
            after[of, 0] = np.arange(len(values), len(values) + len(of))
            return Windows(windows[0], windows[1], at, after)
        keep = np.concatenate([np.ones(self._kept.shape[1:], np.bool_), counts], axis=1)
        line = np.concatenate([self._kept, both], axis=2)[:, keep]  # series by series: kept values, then new ones
        ends = keep.sum(axis=1).cumsum()
        self._kept = line[:, ends[:, None] + np.arange(-self._width, 0)]
        seen = counts.cumsum(axis=1)
        new = seen[:, -1]
        first = np.arange(1, len(of) + 1) + of * self._width
        windows = sliding_window_view(line, self._width, axis=1)[:, first]
        before = new.cumsum() - new  # new values of the series before
        after = np.where(seen > 0, (len(values) + before - 1)[:, None] + seen, after)
        return Windows(windows[0], windows[1], at, after)


class Held:
    """The newest state of each series, kept from push to push.

    Parameters
    ----------
    start : sequence of float, f of them
        The state before the first value.
    series : int
    """

    def __init__(self, start: Sequence[float], series: int) -> None:
        self._state = np.repeat(np.array(start, np.float64)[:, None], series, axis=1)

    def push(self, fresh: FloatArray, after: IntArray) -> FloatArray:
        """The state after each row, (f, S, k), from that of each new value, (f, m)."""
        out: FloatArray = np.concatenate([self._state, fresh], axis=1)[:, after]
        self._state = out[:, :, -1]
        return out


def of_feet(table: ContactTable, rows: FloatArray) -> FloatArray:
    """Values of running contacts, (m, k) -> (2 m, k): left and right of the first row, and so on; NaN of the others."""
    out: FloatArray = np.where(feet_of(table), rows[:, None], np.nan).reshape(-1, len(table))
    return out


def feet_of(table: ContactTable) -> BoolArray:
    """Whether each row is a running contact of the left and of the right foot, (2, k)."""
    out: BoolArray = (table.side == _SIDES) & (table.kind == _RUN)
    return out


def values_of(table: ContactTable, metrics: Names) -> FloatArray:
    """Some columns as one matrix, (m, k); NaN of those that the table does not have."""
    return Columns.of(table.columns).matrix(metrics, np.full(len(table), np.nan))


def codes_of(table: ContactTable, metrics: Names, absent: int) -> IntArray:
    """Statuses of some columns as one matrix, (m, k); `absent` for those that state none."""
    codes: IntArray = Columns.of(table.status).matrix(metrics, np.full(len(table), absent, np.uint8))
    return codes


def limited(table: ContactTable, metrics: Names) -> FloatArray:
    """1 where a value is of limited accuracy, else -1, for each foot as in `of_feet`: (2 m, k)."""
    return np.where(codes_of(table, metrics, _OK) == _LIMITED, 1.0, -1.0).repeat(len(FEET), axis=0)


def statuses(table: ContactTable, metrics: Names, values: FloatArray) -> FloatArray:
    """Statuses of columns with these values as numbers, (m, k); of one that states none, OK where it has a value."""
    codes = codes_of(table, metrics, _UNSTATED)
    unstated = np.where(np.isfinite(values), float(Status.OK), float(Status.NOT_COMPUTED))
    return np.where(codes == _UNSTATED, unstated, codes)


def window_statuses(verdicts: FloatArray, codes: FloatArray, counts: IntArray) -> IntArray:
    """Status of the figure over each of S windows, (S,).

    Withheld when most of the last contacts had no value, for the reason most of those had; limited as most values are.

    Parameters
    ----------
    verdicts : (S, width) float64
        Statuses of the last contacts, with or without a value; NaN on the left.
    codes : (S, width) float64
        Statuses of the last values.
    counts : (S,) int64
        Values in each window.
    """
    withheld = verdicts > _LIMITED
    mostly = 2 * withheld.sum(axis=1) > np.isfinite(verdicts).sum(axis=1)
    limited = 2 * (codes == _LIMITED).sum(axis=1) > counts
    found = np.where(counts < MIN_CONTACTS, _FEW, np.where(limited, _LIMITED, _OK))
    for series in mostly.nonzero()[0].tolist():
        reasons = Counter(verdicts[series][withheld[series]].tolist())
        found[series] = reasons.most_common(1)[0][0]
    return found


def running(table: ContactTable, side: Side | None = None) -> BoolArray:
    """Whether each row is a running contact, of one side if given: (k,)."""
    mask: BoolArray = table.kind == _RUN
    return mask if side is None else mask & (table.side == int(side))


def step_times_ms(table: ContactTable) -> FloatArray:
    """Step time of each row, or half its stride time where there is no other foot to step from: (k,) (METRICS.md 5)."""
    absent = np.full(len(table), np.nan)
    step = table.columns.get("step_time_ms", absent)
    return np.where(np.isfinite(step), step, table.columns.get("stride_time_ms", absent) / 2.0)
