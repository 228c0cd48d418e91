"""The last 60 loading rates of each foot: by every definition side by side, and how they are spread.

In: rows of the contact table with their rolling columns. Out: `RecentRates` of the feet that changed, and the running
median of each new contact. Carry: the last values of each foot.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from insole.blocks import ContactTable, FloatArray, KeyNumber, RecentRates, RunningMedian, Side, Status
from insole.device import Device
from insole.pipeline.rolling import FEET, STATUS_OF, feet_of, statuses, values_of, window_statuses
from insole.pipeline.statistics import (
    MEDIAN_CONTACTS,
    MIN_CONTACTS,
    Estimate,
    median_interval,
    with_calibration,
)

PRIMARY = "valr_bw_s"
DEFINITIONS = (  # METRICS.md 3.1, each under its own name and never held against another
    PRIMARY,
    "valr_13_bw_s",
    "valr_13_t_bw_s",
    "valr_ip_bw_s",
    "valr_t2080_bw_s",
    "lr_ic_ip_bw_s",
    "lr_3_12_bw_s",
    "lr_200n_90_bw_s",
    "vilr_bw_s",
    "vilr_ip_bw_s",
)
BIN_BW_S = 4.0
MOST_BINS = 250
_MEDIAN = tuple(f"{PRIMARY}_median60{end}" for end in ("", "_low", "_high"))


class RateWindows:
    """Loading rates of the last contacts.

    Parameters
    ----------
    feet : mapping of Side to Device
    target_bw_s : float or None
    """

    def __init__(self, feet: Mapping[Side, Device], target_bw_s: float | None) -> None:
        self._devices = {side: feet[key] for side in FEET for key in (side, Side.BELT) if key in feet}
        self._target = target_bw_s
        shape = (len(FEET), len(DEFINITIONS), MEDIAN_CONTACTS)
        self._values, self._codes = np.full(shape, np.nan), np.full(shape, np.nan)
        self._stale: set[Side] = set()

    def change(self, target_bw_s: float | None) -> None:
        """Another target from now on."""
        if target_bw_s != self._target:
            self._target = target_bw_s
            self._stale.update(self._devices)

    def push(self, table: ContactTable) -> tuple[RunningMedian, ...]:
        """Take rows; the running medians at those that count."""
        out = []
        values = values_of(table, DEFINITIONS)
        codes = statuses(table, DEFINITIONS, values)
        medians = values_of(table, _MEDIAN)
        for foot, (side, mask) in enumerate(zip(FEET, feet_of(table), strict=True)):
            (rows,) = mask.nonzero()
            if not len(rows) or side not in self._devices:
                continue
            self._stale.add(side)
            self._values[foot] = np.concatenate([self._values[foot], values[:, rows]], axis=1)[:, -MEDIAN_CONTACTS:]
            self._codes[foot] = np.concatenate([self._codes[foot], codes[:, rows]], axis=1)[:, -MEDIAN_CONTACTS:]
            median = Estimate(*medians[:, rows])
            out.append(RunningMedian(side, table.strike_s[rows], *with_calibration(median, self._devices[side].u_cal)))
        return tuple(out)

    def state(self) -> tuple[RecentRates, ...]:
        """The feet that changed since the last time."""
        if not self._stale:
            return ()
        sides = sorted(self._stale)
        self._stale.clear()
        return tuple(self._recent(side) for side in sides)

    def _recent(self, side: Side) -> RecentRates:
        values, codes = self._values[FEET.index(side)], self._codes[FEET.index(side)]
        medians = np.array(with_calibration(median_interval(values), self._devices[side].u_cal)).T.tolist()
        counts = np.isfinite(values).sum(axis=1)
        found = zip(DEFINITIONS, medians, counts.tolist(), window_statuses(codes, codes, counts).tolist(), strict=True)
        numbers = tuple(_number(side, *each) for each in found)
        known = values[0][np.isfinite(values[0])]
        first, bins = _histogram(known)
        under = np.nan
        if self._target is not None and len(known):
            under = 100.0 * np.count_nonzero(known < self._target) / len(known)
        return RecentRates(side, numbers, first, BIN_BW_S, bins, len(known), float(under))


def _histogram(values: FloatArray) -> tuple[float, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Lower edge of the first bin, and counts from there on to the last bin with a value."""
    if not len(values):
        return 0.0, np.zeros(0, np.int64)
    bins = np.floor(values / BIN_BW_S).astype(np.int64)
    first = int(bins.min())
    counts = np.bincount(np.minimum(bins - first, MOST_BINS - 1)).astype(np.int64)
    return first * BIN_BW_S, counts


def _number(side: Side, name: str, median: list[float], n: int, code: int) -> KeyNumber:
    """Without the right to be shown there is no value."""
    status = STATUS_OF[code]
    value, low, high = median if status <= Status.LIMITED else [np.nan] * 3
    return KeyNumber(name, side, value, low, high, n, MIN_CONTACTS, "BW/s", status, status.text)
