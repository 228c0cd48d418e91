"""Rolling figures over the last contacts: left-right differences and medians, as columns beside the metrics.

In: rows of the contact table, both feet in time order, kinds decided. Out: the same rows with `<metric>_asymmetry`,
`_asymmetry_low`, `_asymmetry_high` (signed symmetry index in percent, + = left higher) and, of each row's own foot,
`valr_bw_s_median`, `valr_bw_s_low`, `valr_bw_s_high` (last 30 contacts) and `valr_bw_s_median60`, `_median60_low`,
`_median60_high` (last 60). A row's figures include that row. Carry: the last values of each foot.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
import numpy.typing as npt

from insole.blocks import BoolArray, ContactTable, FloatArray, Status
from insole.columns import Columns
from insole.pipeline.rolling import FEET, Held, LastContacts, limited, of_feet, values_of
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

_METRICS = tuple(row.metric for row in COMPARED)
_MAGNITUDE = np.array([row.magnitude for row in COMPARED])[:, None]
_DIFFERENCES = tuple(f"{metric}_asymmetry" for metric in _METRICS)
_DIFFERENCE_COLUMNS = tuple(f"{name}{end}" for name in _DIFFERENCES for end in ("", "_low", "_high"))
_MEDIANS = tuple(row.value for row in MEDIANS)
_MEDIAN_COLUMNS = tuple(chain.from_iterable((row.value, row.low, row.high) for row in MEDIANS))
_ALL = (*_METRICS, MEDIAN_METRIC)
_OF_METRIC = {  # each column that is added, and what it is made of
    **{f"{metric}_asymmetry{end}": metric for metric in _METRICS for end in ("", "_low", "_high")},
    **dict.fromkeys(_MEDIAN_COLUMNS, MEDIAN_METRIC),
}


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
        self._figures = Held((0.0, np.nan, np.nan, np.nan, 0.0, -np.inf), series)  # moments, marked, strike
        self._longer = LastContacts(len(FEET), MEDIAN_CONTACTS)
        self._medians = Held((np.nan, np.nan, np.nan, 0.0) * len(MEDIANS), len(FEET))

    def push(self, table: ContactTable) -> ContactTable:
        """The rows with their rolling columns; columns of metrics that the rows do not have are left out."""
        if not len(table):
            return table
        if len(table) <= ROWS_AT_ONCE:
            return self._with_figures(table)
        pieces = (table.rows(slice(i, i + ROWS_AT_ONCE)) for i in range(0, len(table), ROWS_AT_ONCE))
        return ContactTable.join([self._with_figures(piece) for piece in pieces])

    def _with_figures(self, table: ContactTable) -> ContactTable:
        values, marks = of_feet(table, values_of(table, _ALL)), limited(table, _ALL)
        compared, median = slice(None, -len(FEET)), slice(-len(FEET), None)
        differences, difference_status = self._differences(table, values[compared], marks[compared])
        medians, median_status = self._own_medians(table, values[median], marks[median])
        columns, status = Columns.of(table.columns), Columns.of(table.status)
        missing = [metric for metric in _ALL if metric not in columns]
        columns, status = columns.plus(differences).plus(medians), status.plus(difference_status).plus(median_status)
        if missing:
            names = [name for name, metric in _OF_METRIC.items() if metric in missing]
            columns, status = columns.without(*names), status.without(*names)
        return replace(table, columns=columns, status=status)

    def _differences(self, table: ContactTable, values: FloatArray, marks: FloatArray) -> tuple[Columns, Columns]:
        """A difference stands while both feet come: 10 values of each, the newest of each within `ONE_FOOT_S`."""
        logs = np.log(values, out=np.full(values.shape, np.nan), where=values > 0)
        windows = self._contacts.push(logs, marks)
        fresh = np.array([*moments(windows.rows), windows.mostly_marked, table.strike_s[windows.at]])
        after = self._figures.push(fresh, windows.after).reshape(6, len(COMPARED), len(FEET), len(table))
        left, right = Moments(*after[:4, :, 0]), Moments(*after[:4, :, 1])
        newest_s = after[5].min(axis=1)  # of the foot that has not come for longer
        known = (np.minimum(left.n, right.n) >= MIN_CONTACTS) & (newest_s >= table.strike_s - ONE_FOOT_S)
        found = np.where(known, asymmetry_pct(left, right), np.nan)  # (3, metrics, k)
        approximate = np.any(after[4] > 0, axis=1) | (_MAGNITUDE & (not self.calibrated))
        columns = found.swapaxes(0, 1).reshape(-1, len(table))
        return Columns((_DIFFERENCE_COLUMNS, columns)), Columns((_DIFFERENCES, _status(found[0], approximate)))

    def _own_medians(self, table: ContactTable, values: FloatArray, marks: FloatArray) -> tuple[Columns, Columns]:
        """Each row gets the medians of its own foot."""
        windows = self._longer.push(values, marks)
        fresh: list[FloatArray | BoolArray] = []
        for row in MEDIANS:
            last = windows.last(row.contacts)
            fresh += [*np.where(last.n >= row.needed, median_interval(last.rows), np.nan), last.mostly_marked]
        after = self._medians.push(np.array(fresh), windows.after)
        own = after[:, np.where(table.side == FEET[1], 1, 0), np.arange(len(table))].reshape(len(MEDIANS), 4, -1)
        columns = own[:, :3].reshape(-1, len(table))
        return Columns((_MEDIAN_COLUMNS, columns)), Columns((_MEDIANS, _status(own[:, 0], own[:, 3] > 0)))


def _status(values: FloatArray, approximate: BoolArray) -> npt.NDArray[np.uint8]:
    """OK, LIMITED, or FEW_CONTACTS where there is no value."""
    return np.where(np.isnan(values), _FEW, np.where(approximate, _LIMITED, _OK))
