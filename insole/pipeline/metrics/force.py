"""Metrics of the vertical force curve: times, peaks, impulse, impact transient and the primary loading rate.

All are pure functions of `Contacts`; definitions and constants are METRICS.md 3.3 and 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from insole.blocks import FloatArray
from insole.pipeline.metrics import status_codes
from insole.pipeline.metrics.contacts import Contacts, shared

if TYPE_CHECKING:
    import numpy.typing as npt

ACTIVE_FROM_SHARE = 0.25


def contact_time_ms(c: Contacts) -> FloatArray:
    """Initial contact to toe-off."""
    return c.contact_s * 1e3


def contact_time_u_ms(c: Contacts) -> FloatArray:
    """5 ms from the sensor's hysteresis at toe-off, whatever the sampling rate (METRICS.md 2.3); plates have none."""
    return np.full(len(c), 5.0 if c.device.u_cal > 0 else 1.5)


def peak_force_bw(c: Contacts) -> FloatArray:
    """Highest force between initial contact and toe-off."""
    return peak_force_n(c) / c.body_weight_n


def peak_force_n(c: Contacts) -> FloatArray:
    """The same in newtons."""
    return _peak_and_sum_n(c)[0]


def calibration_u_bw(c: Contacts) -> FloatArray:
    """The device's calibration, common to all contacts."""
    return peak_force_bw(c) * c.device.u_cal


def impulse_bw_s(c: Contacts) -> FloatArray:
    """Trapezoid over the 1 ms grid, with the part cells at both ends."""
    first, last = np.ceil(c.ic), np.floor(c.to)
    at_ic, at_first, at_last, at_to = c.grid.at(np.array([c.ic, first, last, c.to]))
    whole = _peak_and_sum_n(c)[1] - (at_first + at_last) / 2
    parts = (first - c.ic) * (at_ic + at_first) + (c.to - last) * (at_last + at_to)
    out: FloatArray = (whole + parts / 2) * c.grid.step_s / c.body_weight_n
    return out


@shared
def _peak_and_sum_n(c: Contacts) -> list[FloatArray]:
    """Highest force and sum of the force over the grid points from initial contact to toe-off, (k,) each."""
    return c.grid.reduced(c.ic, c.to, np.maximum, np.add)


def valr_bw_s(c: Contacts) -> FloatArray:
    """The primary loading rate, from the rise (rates.py)."""
    return c.rates.valr_bw_s


def valr_u_bw_s(c: Contacts) -> FloatArray:
    """Its standard uncertainty."""
    return c.rates.u_bw_s


def valr_status(c: Contacts) -> npt.NDArray[np.uint8]:
    """Its own verdict."""
    return _lost_is_a_gap(c, c.rates.status)


def vilr_bw_s(c: Contacts) -> FloatArray:
    """Steepest slope of the same 20-80 % region."""
    return c.rates.vilr_bw_s


def vilr_status(c: Contacts) -> npt.NDArray[np.uint8]:
    """Its own verdict."""
    return _lost_is_a_gap(c, c.rates.vilr_status)


def _lost_is_a_gap(c: Contacts, status: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """A rise that frames are missing from had no chance to show its point of interest."""
    return np.where((status == status_codes.NO_POI) & c.incomplete, status_codes.GAP, status)


def impact_peak_bw(c: Contacts) -> FloatArray:
    """Height of the impact transient; NaN where there is none."""
    return c.impact[1]


def time_to_impact_peak_ms(c: Contacts) -> FloatArray:
    """Initial contact to the impact peak."""
    return (c.impact[0] - c.ic) * c.grid.step_s * 1e3


def poi_pct(c: Contacts) -> FloatArray:
    """Place of the point of interest in stance; more than 20 % means that there is no early transient."""
    return 100.0 * (c.poi - c.ic) / (c.to - c.ic)


def active_peak(c: Contacts) -> FloatArray:
    """Highest force after the later of the point of interest and a quarter of stance, and its place, (2, k)."""
    start = np.fmax(c.poi, c.ic + ACTIVE_FROM_SHARE * (c.to - c.ic))
    begin = int(np.minimum.reduce(start))
    end = max(int(np.maximum.reduce(c.to)), begin) + 1
    j = np.arange(float(begin), end)
    late = np.where((j >= start[:, None]) & (j <= c.to[:, None]), c.f_bw[:, begin:end], -np.inf)
    at = late.argmax(axis=1)
    top = late[np.arange(len(c)), at]
    peak = np.array([top, 100.0 * (at + begin - c.ic) / (c.to - c.ic)])
    peak[:, ~(top > -np.inf)] = np.nan
    return peak
