"""What the flags look at: rolling measurements of the contact table, each with its interval.

In: rows of the contact table with their rolling columns. Out: a `Reading` a foot, at that foot's running contacts.
Carry: the last values of each foot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from insole.blocks import BoolArray, ContactTable, FloatArray, IntArray, Side, Status
from insole.pipeline.rolling import FEET, Held, LastContacts, limited, of_feet, running, step_times_ms, values_of
from insole.pipeline.statistics import (
    MEDIAN_CONTACTS,
    ROLLING_CONTACTS,
    STABLE_CONTACTS,
    Z_95,
    Estimate,
    median_interval,
    moments,
    share_interval,
)

OWN_VARIATION = ("cop_x_50_mm_sd", "contact_time_cv_pct", "peak_pressure_cv_pct")  # in settings.baseline
WINDOW_S = 60.0  # METRICS.md 8.2, uneven_surface
_MOST_CONTACTS_IN_WINDOW = 120  # of one foot, at 240 steps a minute
_LIMITED = int(Status.LIMITED)


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """m measurements in time order.

    Parameters
    ----------
    row : (m,) int
        Row of the pushed table.
    value, low, high : (m,) float64
    limited : (m,) bool
        Rests mostly on values of limited accuracy.
    beside : (m,) float64
        What the text mentions next to it; NaN for nothing.
    """

    row: IntArray
    value: FloatArray
    low: FloatArray
    high: FloatArray
    limited: BoolArray
    beside: FloatArray

    @classmethod
    def where(
        cls, known: BoolArray, estimate: Estimate, limited: BoolArray, beside: FloatArray | None = None
    ) -> Reading:
        """The rows where it is known, from arrays over all rows."""
        (row,) = known.nonzero()
        value, low, high = (part[row] for part in estimate)
        return cls(row, value, low, high, limited[row], np.full(len(row), np.nan) if beside is None else beside[row])

    def between(self, first: int, last: int) -> Reading:
        """The measurements of rows first ... last - 1."""
        if not len(self.row) or (first <= self.row[0] and self.row[-1] < last):
            return self
        a, b = self.row.searchsorted([first, last]).tolist()
        return self._picked(slice(a, b))

    def only(self, mask: BoolArray) -> Reading:
        """The measurements that `mask`, (m,), selects."""
        return self if mask.all() else self._picked(mask)

    def _picked(self, some: slice | BoolArray) -> Reading:
        return Reading(
            self.row[some], self.value[some], self.low[some], self.high[some], self.limited[some], self.beside[some]
        )


def median_from_table(table: ContactTable, metric: str, side: Side) -> Reading:
    """The rolling median that stands in the table already."""
    name = f"{metric}_median{MEDIAN_CONTACTS}"
    if name not in table.columns:
        return _nothing(table)
    estimate = Estimate(*(table.columns[f"{name}{end}"] for end in ("", "_low", "_high")))
    known = running(table, side) & np.isfinite(estimate.value)
    return Reading.where(known, estimate, table.status[name] == _LIMITED)


def difference_from_table(table: ContactTable, metric: str) -> Reading:
    """The rolling left-right difference that stands in the table already, at running contacts of either foot."""
    name = f"{metric}_asymmetry"
    if name not in table.columns:
        return _nothing(table)
    estimate = Estimate(*(table.columns[f"{name}{end}"] for end in ("", "_low", "_high")))
    known = running(table) & np.isfinite(estimate.value)
    return Reading.where(known, estimate, table.status[name] == _LIMITED)


def body_weight_check(table: ContactTable) -> Reading:
    """BW / mean force over the last 20 strides, at the contacts where it is known (METRICS.md 1.4)."""
    value = table.columns.get("k_dyn", np.full(len(table), np.nan))
    unknown = np.full(len(table), np.nan)
    return Reading.where(np.isfinite(value), Estimate(value, unknown, unknown), unknown > 0)


def _nothing(table: ContactTable) -> Reading:
    unknown = np.full(len(table), np.nan)
    return Reading.where(np.zeros(len(table), np.bool_), Estimate(unknown, unknown, unknown), unknown > 0)


class Counts:
    """How many contacts with a value each foot has had: left, right of the first metric, and so on."""

    def __init__(self, metrics: Sequence[str]) -> None:
        self._metrics = tuple(metrics)
        self._seen = np.zeros((len(FEET) * len(self._metrics), 1), np.int64)

    def push(self, table: ContactTable) -> dict[str, IntArray]:
        """The smaller count of both feet up to each row, (k,), by metric."""
        values = of_feet(table, values_of(table, self._metrics))
        seen = self._seen + np.cumsum(np.isfinite(values), axis=1)
        self._seen = seen[:, -1:]
        return {m: seen[len(FEET) * i : len(FEET) * (i + 1)].min(axis=0) for i, m in enumerate(self._metrics)}


class Medians:
    """Median of the last 60 values of each foot, from 25 on, of measurements that the table has no median of.

    Parameters
    ----------
    measured : sequence of tuples of str
        One entry a measurement: the columns whose mean it is.
    """

    def __init__(self, measured: Sequence[tuple[str, ...]]) -> None:
        self._measured = tuple(measured)
        series = len(FEET) * len(self._measured)
        self._contacts = LastContacts(series, MEDIAN_CONTACTS)
        self._held = Held((np.nan, np.nan, np.nan, 0.0), series)

    def push(self, table: ContactTable) -> dict[tuple[tuple[str, ...], Side], Reading]:
        """Readings by measurement and foot."""
        if not self._measured:
            return {}
        values = of_feet(table, np.array([_mean_of(table, columns) for columns in self._measured]))
        windows = self._contacts.push(values, limited(table, tuple(columns[0] for columns in self._measured)))
        estimate = [np.where(windows.n >= STABLE_CONTACTS, part, np.nan) for part in median_interval(windows.rows)]
        after = self._held.push(np.array([*estimate, windows.mostly_marked]), windows.after)
        out = {}
        for i, columns in enumerate(self._measured):
            for j, side in enumerate(FEET):
                value, low, high, approximate = after[:, len(FEET) * i + j]
                known = running(table, side) & np.isfinite(value)
                out[columns, side] = Reading.where(known, Estimate(value, low, high), approximate > 0)
        return out


def _mean_of(table: ContactTable, columns: Sequence[str]) -> FloatArray:
    """Mean of some columns, row by row: (k,); NaN where one is missing."""
    absent = np.full(len(table), np.nan)
    out = table.columns.get(columns[0], absent)
    for name in columns[1:]:
        out = out + table.columns.get(name, absent)
    return out / len(columns)


class Shares:
    """Share of the last 60 contacts of each foot, in percent, whose value is above `over`; from 25 contacts on."""

    def __init__(self, metric: str, over: float) -> None:
        self._metric = metric
        self._over = over
        self._contacts = LastContacts(len(FEET), MEDIAN_CONTACTS)
        self._held = Held((np.nan, np.nan, np.nan, 0.0), len(FEET))

    def push(self, table: ContactTable) -> dict[Side, Reading]:
        """Readings by foot, with Wilson's interval."""
        metric = (self._metric,)
        windows = self._contacts.push(of_feet(table, values_of(table, metric)), limited(table, metric))
        n = np.where(windows.n >= STABLE_CONTACTS, windows.n, np.nan)
        share = share_interval((windows.rows > self._over).sum(axis=1).astype(np.float64), n)
        fresh = np.array([*(100.0 * part for part in share), windows.mostly_marked])
        after = self._held.push(fresh, windows.after)
        out = {}
        for side, (value, low, high, approximate) in zip(FEET, after.swapaxes(0, 1), strict=True):
            known = running(table, side) & np.isfinite(value)
            out[side] = Reading.where(known, Estimate(value, low, high), approximate > 0)
        return out


class Cadence:
    """Steps per minute over the last 30 steps."""

    def __init__(self) -> None:
        self._steps = LastContacts(1, ROLLING_CONTACTS)
        self._held = Held((np.nan,), 1)

    def push(self, table: ContactTable) -> FloatArray:
        """Cadence after each row, (k,); NaN before the first step."""
        steps = np.where(running(table), step_times_ms(table), np.nan)[None]
        windows = self._steps.push(steps, np.zeros_like(steps))
        out: FloatArray = self._held.push(60e3 / moments(windows.rows).mean[None], windows.after)[0, 0]
        return out


class Variability:
    """How much the contacts of the last 60 s vary, as a multiple of the runner's own variation on a flat road.

    The smallest of three multiples counts, so that all of them must have grown (METRICS.md 8.2, uneven_surface).

    Parameters
    ----------
    cop_x_sd_mm, contact_time_cv_pct, peak_pressure_cv_pct : float
        The runner's own, on a flat road.
    """

    COLUMNS = ("cop_x_50_mm", "contact_time_ms", "peak_pressure_kpa")

    def __init__(self, cop_x_sd_mm: float, contact_time_cv_pct: float, peak_pressure_cv_pct: float) -> None:
        self._usual = np.array([cop_x_sd_mm, contact_time_cv_pct / 100.0, peak_pressure_cv_pct / 100.0])[:, None]
        self._strikes = LastContacts(len(FEET), _MOST_CONTACTS_IN_WINDOW)
        self._contacts = [LastContacts(len(FEET), _MOST_CONTACTS_IN_WINDOW) for _ in self.COLUMNS]
        self._held = Held((np.nan, np.nan, np.nan, 0.0), len(FEET))

    def push(self, table: ContactTable) -> dict[Side, Reading]:
        """Readings by foot; the interval is that of a standard deviation, on the effective count."""
        values = of_feet(table, values_of(table, self.COLUMNS)).reshape(len(self.COLUMNS), len(FEET), -1)
        complete = np.isfinite(values).all(axis=0)
        marks = limited(table, ("contact_time_ms",))
        windows = self._strikes.push(np.where(complete, table.strike_s, np.nan), marks)
        strikes = windows.rows
        measured = np.array(
            [
                contacts.push(np.where(complete, value, np.nan), marks).rows
                for contacts, value in zip(self._contacts, values, strict=True)
            ]
        )
        recent = strikes >= strikes[:, -1:] - WINDOW_S
        n, mean, sd, n_eff = moments(np.where(recent, measured, np.nan))
        spread = np.concatenate([sd[:1], sd[1:] / np.abs(mean[1:])])  # of a position as it is, of the others relative
        times = spread / self._usual
        least = np.argmin(np.where(np.isfinite(times), times, np.inf), axis=0)[None]
        value = np.where(n[0] >= STABLE_CONTACTS, np.take_along_axis(times, least, axis=0)[0], np.nan)
        half = np.exp(Z_95 / np.sqrt(2.0 * (np.take_along_axis(n_eff, least, axis=0)[0] - 1.0)))
        fresh = np.array([value, value / half, value * half, windows.mostly_marked])
        after = self._held.push(fresh, windows.after)
        out = {}
        for side, (middle, low, high, marked) in zip(FEET, after.swapaxes(0, 1), strict=True):
            out[side] = Reading.where(
                running(table, side) & np.isfinite(middle), Estimate(middle, low, high), marked > 0
            )
        return out
