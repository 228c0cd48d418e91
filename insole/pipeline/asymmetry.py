"""Rolling figures over the last contacts: left-right differences and medians, as columns beside the metrics.

In: rows of the contact table, both feet in time order, kinds decided. Out: the same rows with `<metric>_asymmetry`,
`_asymmetry_low`, `_asymmetry_high` (signed symmetry index in percent, + = left higher) and, of each row's own foot,
`valr_bw_s_median`, `valr_bw_s_low`, `valr_bw_s_high` (last 30 contacts) and `valr_bw_s_median60`, `_median60_low`,
`_median60_high` (last 60). A row's figures include that row. Carry: the last values of each foot.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from insole.blocks import BoolArray, ContactTable, FloatArray, Status
from insole.columns import Columns
from insole.pipeline.rolling import FEET, Held, LastContacts, by_foot, limited
from insole.pipeline.statistics import (
    MEDIAN_CONTACTS,
    MIN_CONTACTS,
    ROLLING_CONTACTS,
    STABLE_CONTACTS,
    Moments,
    asymmetry_pct,
    median_interval,
    moments,
)

ONE_FOOT_S = 5.0  # about seven strides: without a contact of the other foot in them, nothing can be compared
ROWS_AT_ONCE = 512  # keeps windows in the cache and memory flat, however much comes at once


_OK, _LIMITED, _FEW = (np.uint8(status) for status in (Status.OK, Status.LIMITED, Status.FEW_CONTACTS))


@dataclass(frozen=True, slots=True)
class Compared:
    """A metric that the feet are compared by; a `magnitude` hangs on the gain of each insole."""

    metric: str
    magnitude: bool


COMPARED = (  # METRICS.md 7.4
    Compared("contact_time_ms", magnitude=False),
    Compared("stride_time_ms", magnitude=False),
    Compared("step_time_ms", magnitude=False),
    Compared("flight_time_ms", magnitude=False),
    Compared("vertical_stiffness_kn_m", magnitude=False),  # of the half-sine model: made of times
    Compared("impulse_bw_s", magnitude=True),
    Compared("peak_force_bw", magnitude=True),
    Compared("valr_bw_s", magnitude=True),
    Compared("fti_rel_pct_heel", magnitude=False),  # a share
)


@dataclass(frozen=True, slots=True)
class Median:
    """A rolling median: of which metric, its columns, over how many contacts, and how few are too few."""

    metric: str
    value: str
    low: str
    high: str
    contacts: int
    needed: int


MEDIAN_METRIC = "valr_bw_s"
MEDIANS = (
    Median(MEDIAN_METRIC, "valr_bw_s_median", "valr_bw_s_low", "valr_bw_s_high", ROLLING_CONTACTS, MIN_CONTACTS),
    Median(
        MEDIAN_METRIC,
        "valr_bw_s_median60",
        "valr_bw_s_median60_low",
        "valr_bw_s_median60_high",
        MEDIAN_CONTACTS,
        STABLE_CONTACTS,
    ),
)


class Asymmetry:
    """Adds the rolling columns.

    Parameters
    ----------
    calibrated : bool
        Left and right gain are known against each other; without it differences in magnitude are LIMITED.
    """

    def __init__(self, calibrated: bool) -> None:
        self.calibrated = calibrated
        series = len(COMPARED) * len(FEET)
        self._contacts = LastContacts(series, ROLLING_CONTACTS)
        self._moments = Held((0.0, np.nan, np.nan, np.nan, 0.0), series)
        self._newest_s = np.full((series, 1), -np.inf)
        self._longer = LastContacts(len(FEET), MEDIAN_CONTACTS)
        self._medians = {row: Held((np.nan, np.nan, np.nan, 0.0), len(FEET)) for row in MEDIANS}

    def push(self, table: ContactTable) -> ContactTable:
        """The rows with their rolling columns; columns of metrics that the rows do not have are left out."""
        if not len(table):
            return table
        pieces = (table.rows(slice(i, i + ROWS_AT_ONCE)) for i in range(0, len(table), ROWS_AT_ONCE))
        return ContactTable.join([self._with_medians(self._with_asymmetry(piece)) for piece in pieces])

    def _with_asymmetry(self, table: ContactTable) -> ContactTable:
        """A difference stands while both feet come: 10 values of each, the newest of each within `ONE_FOOT_S`."""
        metrics = [row.metric for row in COMPARED]
        absent = np.full(len(table), np.nan)
        values = by_foot(table, [table.columns.get(metric, absent) for metric in metrics])
        logs = np.log(values, out=np.full(values.shape, np.nan), where=values > 0)
        windows = self._contacts.push(logs, limited(table, metrics))
        fresh = np.array([*moments(windows.rows), windows.mostly_marked])
        after = self._moments.push(fresh, windows.after).reshape(5, len(COMPARED), len(FEET), len(table))
        left, right = Moments(*after[:4, :, 0]), Moments(*after[:4, :, 1])

        strikes = np.concatenate([self._newest_s, np.where(np.isfinite(logs), table.strike_s, -np.inf)], axis=1)
        newest_s = np.maximum.accumulate(strikes, axis=1)
        self._newest_s = newest_s[:, -1:]
        stale = np.any(newest_s[:, 1:].reshape(-1, len(FEET), len(table)) < table.strike_s - ONE_FOOT_S, axis=1)

        known = (left.n >= MIN_CONTACTS) & (right.n >= MIN_CONTACTS) & ~stale
        value, low, high = (np.where(known, part, np.nan) for part in asymmetry_pct(left, right))
        approximate = np.any(after[4] > 0, axis=1)
        columns: dict[str, FloatArray] = {}
        status: dict[str, npt.NDArray[np.uint8]] = {}
        for i, row in enumerate(COMPARED):
            if row.metric in table.columns:
                name = f"{row.metric}_asymmetry"
                columns[name], columns[f"{name}_low"], columns[f"{name}_high"] = value[i], low[i], high[i]
                status[name] = _status(value[i], approximate[i] | (row.magnitude and not self.calibrated))
        return _with(table, columns, status)

    def _with_medians(self, table: ContactTable) -> ContactTable:
        """Each row gets the medians of its own foot."""
        if MEDIAN_METRIC not in table.columns:
            return table
        values = by_foot(table, [table.columns[MEDIAN_METRIC]])
        windows = self._longer.push(values, limited(table, [MEDIAN_METRIC]))
        own = np.where(table.side == FEET[1], 1, 0), np.arange(len(table))
        columns: dict[str, FloatArray] = {}
        status: dict[str, npt.NDArray[np.uint8]] = {}
        for row, held in self._medians.items():
            last = windows.last(row.contacts)
            estimate = [np.where(last.n >= row.needed, part, np.nan) for part in median_interval(last.rows)]
            after = held.push(np.array([*estimate, last.mostly_marked]), last.after)
            columns[row.value], columns[row.low], columns[row.high], approximate = (part[own] for part in after)
            status[row.value] = _status(columns[row.value], approximate > 0)
        return _with(table, columns, status)


def _with(
    table: ContactTable, columns: dict[str, FloatArray], status: dict[str, npt.NDArray[np.uint8]]
) -> ContactTable:
    return replace(table, columns=Columns.of(table.columns).plus(columns), status=Columns.of(table.status).plus(status))


def _status(values: FloatArray, approximate: BoolArray | bool) -> npt.NDArray[np.uint8]:
    """OK, LIMITED, or FEW_CONTACTS where there is no value."""
    return np.where(np.isnan(values), _FEW, np.where(approximate, _LIMITED, _OK))
