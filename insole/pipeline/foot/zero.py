"""The zero of each cell, which follows the swings (METRICS.md 1.3). In: rows of a swing. Out: the zero in force."""

from __future__ import annotations

import math

import numpy as np

from insole.blocks import BoolArray, FloatArray
from insole.pipeline.foot.calibrate import Calibration
from insole.pipeline.foot.rows import Rows

MARGIN_S = 0.040
MIN_SWING_S = 0.150
MAX_S = 1.0  # of a long pause only the end is used
GAIN = 0.25
LIMIT_KPA = 30.0
REACH_S = MAX_S + MARGIN_S  # before an onset: earlier frames do not move the zero


class SwingZero:
    """The zero of one foot.

    Parameters
    ----------
    calibration : Calibration
    rate_hz : float
        Nominal rate.
    kpa : (c,) float64
        To begin with.
    """

    def __init__(self, calibration: Calibration, rate_hz: float, kpa: FloatArray) -> None:
        self.calibration = calibration
        self._margin = math.ceil(MARGIN_S * rate_hz)
        self._min_swing = MIN_SWING_S * rate_hz
        self._max = round(MAX_S * rate_hz)
        self.begin(kpa)

    def begin(self, kpa: FloatArray) -> None:
        """A zero that does not follow from the one before. One cell beyond the limit must not hide every toe-off."""
        beyond = beyond_limit(kpa)
        self._most = np.where(beyond, np.inf, LIMIT_KPA)  # no limit for cells that were beyond it to begin with
        self._least = -self._most
        self._set(kpa)

    def recalibrate(self, calibration: Calibration) -> None:
        """Another gain."""
        ratio = calibration.gain / self.calibration.gain
        self.calibration = calibration
        self._set(self.kpa * ratio)

    def follow(self, rows: Rows, release: int, onset: int) -> None:
        """Move a quarter of the way to the median of the swing between a release and the next onset."""
        if onset - release < self._min_swing:
            return
        b = onset - self._margin
        a = max(release + self._margin, b - self._max)
        if (b - a) % 2 == 0:
            a += 1  # an odd number of frames has a frame in the middle
        if b - a < 3 or rows.lost(a, b):
            return
        middle = (b - a) // 2
        swing = rows.counts(a, b).T.copy()  # cell by cell, which is what a partition is fast on
        swing.partition(middle, axis=1)
        self._set(self.kpa + GAIN * (self.calibration.to_kpa(swing[:, middle]) - self.kpa))

    def _set(self, kpa: FloatArray) -> None:
        self.kpa = np.minimum(np.maximum(kpa, self._least), self._most)  # (c,) never written to
        self.force_n = self.calibration.zero_force_n(self.kpa)  # what it amounts to


def beyond_limit(zero_kpa: FloatArray) -> BoolArray:
    """Cells, (..., c), that are unloaded at more than 30 kPa."""
    out: BoolArray = np.abs(zero_kpa) > LIMIT_KPA
    return out
