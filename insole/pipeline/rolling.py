"""The last contacts of each foot: which ones count, and the window that ends at each of them.

In: one value a row and series, NaN where the row does not count. Out: windows of a fixed width, and where to find the
state after each row. Carry: the newest values. Several series (metrics, feet) go through at once, so that a push of one
row costs little more than one series; a figure does not depend on how the rows are grouped. Shared by the stages that
look back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from insole.blocks import BoolArray, ContactTable, FloatArray, IntArray, Kind, Side, Status

FEET = (Side.LEFT, Side.RIGHT)
_RUN, _LIMITED = int(Kind.RUN), int(Status.LIMITED)


class Windows(NamedTuple):
    """What one push of k rows made of S series: m new values, each with the window that ends at it."""

    rows: FloatArray  # (m, width), series by series; NaN on the left while fewer values were seen
    marked: FloatArray  # (m, width + 1) running count of marked values over the window, from 0
    after: IntArray  # (S, k) for `Held`: which state stands after each row

    @property
    def n(self) -> IntArray:
        """Values in each window, (m,)."""
        out: IntArray = np.isfinite(self.rows).sum(axis=1)
        return out

    @property
    def mostly_marked(self) -> BoolArray:
        """Whether more than half of each window's values are marked, (m,)."""
        return 2.0 * (self.marked[:, -1] - self.marked[:, 0]) > self.n

    def last(self, width: int) -> Windows:
        """The same with shorter windows."""
        return Windows(self.rows[:, -width:], self.marked[:, -width - 1 :], self.after)


class LastContacts:
    """Windows over the last `width` values of each of `series` series.

    Parameters
    ----------
    series, width : int
    """

    def __init__(self, series: int, width: int) -> None:
        self._width = width
        self._values = np.full((series, width - 1), np.nan)
        self._marks = np.zeros((series, width - 1))

    def push(self, values: FloatArray, marks: FloatArray) -> Windows:
        """Windows of the rows' values.

        Parameters
        ----------
        values : (S, k) float64
            NaN: the row does not count in this series.
        marks : (S, k) float64
            Travels with the values: 1 for those of limited accuracy, else 0.
        """
        series, carried = self._values.shape
        counts = np.isfinite(values)
        keep = np.concatenate([np.ones((series, carried), np.bool_), counts], axis=1)
        line = np.concatenate([self._values, values], axis=1)[keep]  # series by series: carried values, then new ones
        mark_line = np.concatenate([self._marks, marks], axis=1)[keep]
        seen = np.cumsum(counts, axis=1)
        new = seen[:, -1]
        before = np.cumsum(new) - new  # new values of the series before
        series_number = np.arange(series)
        tail = (before + new + (series_number + 1) * carried)[:, None] + np.arange(-carried, 0)
        self._values, self._marks = line[tail], mark_line[tail]
        first = np.arange(len(line) - series * carried) + np.repeat(series_number, new) * carried
        running = np.concatenate([np.zeros(1), np.cumsum(mark_line)])  # whole numbers: exact however rows are grouped
        after = np.where(seen > 0, (series + before - 1)[:, None] + seen, series_number[:, None])
        return Windows(
            sliding_window_view(line, self._width)[first], sliding_window_view(running, self._width + 1)[first], after
        )


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


def by_foot(table: ContactTable, columns: Sequence[FloatArray]) -> FloatArray:
    """Values of running contacts, one series a column and foot, (2 columns, k): left, right of the first, and so on."""
    feet = np.array([running(table, side) for side in FEET])
    rows = np.array(columns, np.float64).reshape(len(columns), 1, len(table))
    return np.where(feet, rows, np.nan).reshape(-1, len(table))


def limited(table: ContactTable, metrics: Sequence[str]) -> FloatArray:
    """1 where a value is of limited accuracy, else 0, with the rows of `by_foot`: (2 metrics, k)."""
    marks = np.zeros((len(metrics), len(FEET), len(table)))
    for i, metric in enumerate(metrics):
        if metric in table.status:
            marks[i] = table.status[metric] == _LIMITED
    return marks.reshape(-1, len(table))


def statuses(table: ContactTable, column: str) -> FloatArray:
    """Statuses of a column as numbers, (k,); of one that states none, OK where it has a value."""
    if column in table.status:
        return table.status[column].astype(np.float64)
    values = table.columns.get(column, np.full(len(table), np.nan))
    return np.where(np.isfinite(values), float(Status.OK), float(Status.NOT_COMPUTED))


def running(table: ContactTable, side: Side | None = None) -> BoolArray:
    """Whether each row is a running contact, of one side if given: (k,)."""
    mask: BoolArray = table.kind == _RUN
    return mask if side is None else mask & (table.side == int(side))


def step_times_ms(table: ContactTable) -> FloatArray:
    """Step time of each row, or half its stride time where there is no other foot to step from: (k,) (METRICS.md 5)."""
    absent = np.full(len(table), np.nan)
    step = table.columns.get("step_time_ms", absent)
    return np.where(np.isfinite(step), step, table.columns.get("stride_time_ms", absent) / 2.0)
