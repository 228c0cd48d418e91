"""The last 60 loading rates of each foot: by every definition side by side, and how they are spread.

In: rows of the contact table with their rolling columns. Out: `RecentRates` of the feet that changed, and the running
median of each new contact. Carry: the last values of each foot.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from insole.blocks import ContactTable, FloatArray, KeyNumber, RecentRates, RunningMedian, Side, Status
from insole.device import Device
from insole.pipeline.rolling import FEET, statuses
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
_LIMITED = int(Status.LIMITED)


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
        for foot, side in enumerate(FEET):
            rows = table.running(side)
            if not len(rows) or side not in self._devices:
                continue
            self._stale.add(side)
            absent = np.full(len(rows), np.nan)
            values = np.array([rows.columns.get(name, absent) for name in DEFINITIONS])
            codes = np.array([statuses(rows, name) for name in DEFINITIONS])
            self._values[foot] = np.concatenate([self._values[foot], values], axis=1)[:, -MEDIAN_CONTACTS:]
            self._codes[foot] = np.concatenate([self._codes[foot], codes], axis=1)[:, -MEDIAN_CONTACTS:]
            median = Estimate(*(rows.columns.get(f"{PRIMARY}_median60{end}", absent) for end in ("", "_low", "_high")))
            out.append(RunningMedian(side, rows.strike_s, *with_calibration(median, self._devices[side].u_cal)))
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
        medians = with_calibration(median_interval(values), self._devices[side].u_cal)
        numbers = tuple(
            _number(name, side, Estimate(*(part[i] for part in medians)), values[i], codes[i])
            for i, name in enumerate(DEFINITIONS)
        )
        known = values[0][np.isfinite(values[0])]
        first, counts = _histogram(known)
        under = np.nan
        if self._target is not None and len(known):
            under = 100.0 * np.count_nonzero(known < self._target) / len(known)
        return RecentRates(side, numbers, first, BIN_BW_S, counts, len(known), float(under))


def _histogram(values: FloatArray) -> tuple[float, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Lower edge of the first bin, and counts from there on to the last bin with a value."""
    if not len(values):
        return 0.0, np.zeros(0, np.int64)
    bins = np.floor(values / BIN_BW_S).astype(np.int64)
    first = int(bins.min())
    counts = np.bincount(np.minimum(bins - first, MOST_BINS - 1)).astype(np.int64)
    return first * BIN_BW_S, counts


def _number(name: str, side: Side, median: Estimate, values: FloatArray, codes: FloatArray) -> KeyNumber:
    """Withheld where most of the contacts have no such value, for the reason that most of those have."""
    n = int(np.isfinite(values).sum())
    given = codes[np.isfinite(codes)]
    withheld = given[given > _LIMITED]
    status = Status.OK
    if 2 * len(withheld) > len(given):
        status = Status(int(Counter(withheld.tolist()).most_common(1)[0][0]))
    elif n < MIN_CONTACTS:
        status = Status.FEW_CONTACTS
    elif 2 * np.count_nonzero(given == _LIMITED) > n:
        status = Status.LIMITED
    value, low, high = map(float, median) if status <= Status.LIMITED else (float("nan"),) * 3
    return KeyNumber(name, side, value, low, high, n, MIN_CONTACTS, "BW/s", status, status.text)
