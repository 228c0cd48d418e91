"""Metrics of the vertical force curve: times, peaks, impulse, impact transient and the named loading rates.

All are pure functions of `Contacts`; definitions and constants are METRICS.md 3.1, 3.3 and 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from insole.blocks import FloatArray, Status
from insole.pipeline.metrics.contacts import Contacts
from insole.pipeline.metrics.curves import last_upward

if TYPE_CHECKING:
    import numpy.typing as npt

ACTIVE_FROM_SHARE = 0.25
LOW, HIGH = 0.20, 0.80


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
    return c.grid.reduced(np.maximum, c.ic, c.to)


def calibration_u_bw(c: Contacts) -> FloatArray:
    """The device's calibration, common to all contacts."""
    return peak_force_bw(c) * c.device.u_cal


def impulse_bw_s(c: Contacts) -> FloatArray:
    """Trapezoid over the 1 ms grid, with the part cells at both ends."""
    first, last = np.ceil(c.ic), np.floor(c.to)
    at_first, at_last = c.grid.at(first), c.grid.at(last)
    whole = c.grid.reduced(np.add, first, last) - (at_first + at_last) / 2
    parts = (first - c.ic) * (c.grid.at(c.ic) + at_first) + (c.to - last) * (at_last + c.grid.at(c.to))
    return (whole + parts / 2) * c.grid.step_s / c.body_weight_n


def valr_bw_s(c: Contacts) -> FloatArray:
    """The primary loading rate, from the rise (rates.py)."""
    return c.rates.valr_bw_s


def valr_u_bw_s(c: Contacts) -> FloatArray:
    """Its standard uncertainty."""
    return c.rates.u_bw_s


def valr_status(c: Contacts) -> npt.NDArray[np.uint8]:
    """Its own verdict."""
    return c.rates.status


def vilr_bw_s(c: Contacts) -> FloatArray:
    """Steepest slope of the same 20-80 % region."""
    return c.rates.vilr_bw_s


def vilr_status(c: Contacts) -> npt.NDArray[np.uint8]:
    """Its own verdict."""
    return c.rates.vilr_status


def valr_13_bw_s(c: Contacts) -> FloatArray:
    """Force-based 20-80 % up to 13 % of stance."""
    return _slope_to_level(c, c.ic + 0.13 * (c.to - c.ic))


def valr_ip_bw_s(c: Contacts) -> FloatArray:
    """Force-based 20-80 % up to the impact peak, only where there is one."""
    return _slope_to_level(c, c.impact[0])


def valr_t2080_bw_s(c: Contacts) -> FloatArray:
    """Slope between 20 and 80 % of the time from initial contact to the impact peak."""
    peak = c.impact[0]
    return _chord(c, c.ic + LOW * (peak - c.ic), c.ic + HIGH * (peak - c.ic))


def lr_3_12_bw_s(c: Contacts) -> FloatArray:
    """Slope between 3 and 12 % of stance."""
    return _chord(c, c.ic + 0.03 * (c.to - c.ic), c.ic + 0.12 * (c.to - c.ic))


def lr_ic_ip_bw_s(c: Contacts) -> FloatArray:
    """Impact peak over the time since initial contact."""
    peak, force = c.impact
    return force / ((peak - c.ic) * c.grid.step_s)


def impact_peak_bw(c: Contacts) -> FloatArray:
    """Height of the impact transient; NaN where there is none."""
    return c.impact[1]


def time_to_impact_peak_ms(c: Contacts) -> FloatArray:
    """Initial contact to the impact peak."""
    return (c.impact[0] - c.ic) * c.grid.step_s * 1e3


def active_peak_bw(c: Contacts) -> FloatArray:
    """Highest force after the later of the point of interest and a quarter of stance."""
    poi = (c.rates.poi_s - c.grid.t0_s) / c.grid.step_s
    start = np.fmax(poi, c.ic + ACTIVE_FROM_SHARE * (c.to - c.ic))
    return c.grid.reduced(np.maximum, start, c.to) / c.body_weight_n


def _chord(c: Contacts, start: FloatArray, end: FloatArray) -> FloatArray:
    grid, bw = c.grid, c.body_weight_n
    with np.errstate(invalid="ignore", divide="ignore"):
        return (grid.at(end) - grid.at(start)) / bw / ((end - start) * grid.step_s)


def _slope_to_level(c: Contacts, point: FloatArray) -> FloatArray:
    """0.6 f(point) over the time between the last crossings of 20 and 80 % of f(point) before it."""
    height = c.grid.at(point) / c.body_weight_n
    before = np.ceil(point)
    t20 = last_upward(c.f_bw, LOW * height, before)
    t80 = last_upward(c.f_bw, HIGH * height, before)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(t80 > t20, (HIGH - LOW) * height / ((t80 - t20) * c.grid.step_s), np.nan)


def rise_status(c: Contacts) -> npt.NDArray[np.uint8]:
    """The other rates of the same rise stand and fall with what was lost in it."""
    lost = (c.rates.status == Status.GAP) | (c.rates.status == Status.SLOW_RISE)
    limited = c.rates.status == Status.LIMITED
    return np.where(lost, c.rates.status, np.where(limited, Status.LIMITED, Status.OK)).astype(np.uint8)
