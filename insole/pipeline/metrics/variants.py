"""The vertical loading rate as published studies define it (METRICS.md 3.1), side by side, each under its own name.

In: `Contacts`. Out: rows of the table, so that users can match a paper. Values differ by method; none of them stands in
for another, and none of them is the primary one (rates.py). The forms of 3.1 and the rows: valr_poi15 is valr_bw_s,
valr_f2080 is valr_ip_bw_s, vilr_f2080 is vilr_ip_bw_s, valr_13 is valr_13_bw_s by force and valr_13_t_bw_s by time.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from insole.blocks import FloatArray, Status
from insole.pipeline.metrics import status_codes
from insole.pipeline.metrics.contacts import IMPACT_LATEST_S, Contacts, shared
from insole.pipeline.metrics.curves import GRID_HZ, last_upward, picked
from insole.pipeline.metrics.metric import Metric
from insole.pipeline.metrics.rates import HIGH, LOW

SCHMIDA = "Schmida 2022, MSSE 54:1382"
FROM_N, TO_SHARE = 200.0, 0.90  # Lieberman 2010
USUAL_PEAK = 0.062  # of stance: his mean place of the impact peak, taken where there is none
_SHARES = np.array([0.03, 0.12, 0.13, USUAL_PEAK])[:, None]  # of stance
HIGH_FREQUENCY_HZ = 10.0
LOW_PART_STEP_S = 0.005  # the part under 10 Hz needs no finer samples
LONGEST_STANCE_S = 1.2


@shared
def points(c: Contacts) -> tuple[FloatArray, FloatArray]:
    """Grid positions that the slopes ask the curve for, and the force there in newtons, (3, 3, k) each.

    Of levels: 13 % of stance; the impact peak; the same, or 6.2 % of stance where there is none. Then where slopes in
    time start and end: 20 and 80 % of the time to 13 % of stance, and to the impact peak; 3 and 12 % of stance.
    """
    peak, ic = c.impact[0], c.ic
    at_3, at_12, at_13, usual = ic + _SHARES * (c.to - ic)
    to_13, to_peak = at_13 - ic, peak - ic
    at = np.array(
        [
            [at_13, peak, np.where(np.isnan(peak), usual, peak)],
            [ic + LOW * to_13, ic + LOW * to_peak, at_3],
            [ic + HIGH * to_13, ic + HIGH * to_peak, at_12],
        ]
    )
    return at, c.grid.at(at)


@shared
def rises(c: Contacts) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Heights in BW, and the grid positions of the last crossings of two levels before a point of stance, (4, k) each.

    20 and 80 % of the force at 13 % of stance; 20 and 80 % of the force on the grid at the impact peak; 200 N and 90 %
    of the impact peak, or of the force at 6.2 % of stance where there is no peak; 20 and 80 % of the impact peak.
    """
    peak, peak_bw = c.impact
    (at, *_), (at_n, *_) = points(c)
    at_13, at_peak, at_usual = at_n / c.body_weight_n
    top = np.array([at_13, at_peak, TO_SHARE * np.where(np.isnan(peak), at_usual, peak_bw), peak_bw])
    height = (HIGH - LOW) * top
    level = np.array([LOW * top, HIGH * top])
    height[2], level[0, 2], level[1, 2] = top[2] - FROM_N / c.body_weight_n, FROM_N / c.body_weight_n, top[2]
    start, end = last_upward(c.f_bw, level, np.ceil(np.array([*at, peak])))
    return height, start, end


def slope_to_level(c: Contacts) -> FloatArray:
    """Rise of the force over the time between its last crossings of the levels of the first three `rises`, (3, k)."""
    height, start, end = (some[:3] for some in rises(c))
    return np.where((height > 0) & (end > start), height / ((end - start) * c.grid.step_s), np.nan)


def slope_in_time(c: Contacts) -> FloatArray:
    """Slope between two times, (3, k).

    20 and 80 % of the time to 13 % of stance; the same of the time to the impact peak; 3 and 12 % of stance.
    """
    (_, start, end), (_, start_n, end_n) = points(c)
    out: FloatArray = (end_n - start_n) / c.body_weight_n / ((end - start) * c.grid.step_s)
    return out


def vilr_ip_bw_s(c: Contacts) -> FloatArray:
    """Steepest slope between 20 and 80 % of the impact peak."""
    _, (*_, t20), (*_, t80) = rises(c)
    end = int(np.fmax.reduce(np.ceil(c.impact[0]), initial=1.0)) + 1
    rise = c.f_bw[:, 1:end] - c.f_bw[:, : end - 1]
    j = np.arange(end - 1.0)
    inside = (j >= np.floor(t20)[:, None]) & (j < np.ceil(t80)[:, None])
    steepest = np.maximum.reduce(np.where(inside, rise, -np.inf), axis=1)
    return np.where(steepest > -np.inf, steepest / c.grid.step_s, np.nan)


def lr_ic_ip_bw_s(c: Contacts) -> FloatArray:
    """Impact peak over the time since initial contact."""
    peak, force = c.impact
    return force / ((peak - c.ic) * c.grid.step_s)


def hf_peak_bw(c: Contacts) -> FloatArray:
    """Highest force of the part of the stance at and above 10 Hz, where an impact peak is looked for."""
    every, kernel = _low_part(1.0 / max(GRID_HZ, c.device.rate_hz))
    first, f = np.ceil(c.ic)[:, None], c.f_bw
    longest = int(np.maximum.reduce(c.to - c.ic, initial=0.0))
    kernel = kernel[: longest // every + 1]  # later samples are outside every stance
    at = first + every * np.arange(float(len(kernel)))
    sampled = np.where(at <= c.to[:, None], picked(f, at), 0.0)
    low = np.einsum("km,mn->kn", sampled, kernel)
    here = first + np.arange(float(kernel.shape[1]))
    high = np.where(here <= c.impact_latest[:, None], picked(f, here) - low, -np.inf)
    peak = np.maximum.reduce(high, axis=1)
    return np.where(np.isfinite(peak) & (c.contact_s <= LONGEST_STANCE_S), peak, np.nan)


@lru_cache(maxsize=16)
def _low_part(step_s: float) -> tuple[int, FloatArray]:
    """Grid points between samples (m), and what each adds to the part under 10 Hz at grid point n, (m, n).

    The ideal low-pass of a curve that is zero outside the stance.
    """
    every = round(LOW_PART_STEP_S / step_s)
    samples = np.arange(int(LONGEST_STANCE_S / LOW_PART_STEP_S) + 1) * every * step_s
    points = np.arange(int(IMPACT_LATEST_S / step_s) + 1) * step_s
    twice = 2.0 * HIGH_FREQUENCY_HZ
    kernel: FloatArray = twice * every * step_s * np.sinc(twice * (points - samples[:, None]))
    return every, kernel


def rise_status(c: Contacts) -> npt.NDArray[np.uint8]:
    """What was lost in the rise, or too fast for the samples, withholds these too; they need no point of interest."""
    own = c.rates.status
    return np.where(own == status_codes.NO_POI, status_codes.OK, own)


_NO_PEAK = "only where there is one"

ROWS: tuple[Metric, ...] = (
    Metric(
        "valr_13_bw_s", "Loading rate to 13 % of stance", "BW/s",
        "force-based 20-80 % slope with the force at 13 % of stance in place of an impact peak",
        "Willy 2008 [M]; Samaan 2014, JSHS 3:29 [M]", slope_to_level, part=0, ok_hz=200.0, limited_hz=100.0,
        of_body_weight=True, status=rise_status,
    ),
    Metric(
        "valr_13_t_bw_s", "Loading rate to 13 % of stance, by time", "BW/s",
        "slope between 20 and 80 % of the time from initial contact to 13 % of stance",
        "Willy 2008 [M], time reading", slope_in_time, part=0, ok_hz=200.0, limited_hz=100.0, of_body_weight=True,
        status=rise_status,
    ),
    Metric(
        "valr_t2080_bw_s", "Loading rate, 20-80 % of time", "BW/s",
        "slope between 20 and 80 % of the time from initial contact to the impact peak",
        "Milner 2006, MSSE 38:323 [M]; Lemire 2022, Sports Med-Open", slope_in_time, part=1, ok_hz=200.0,
        limited_hz=200.0, of_body_weight=True, absent=Status.NO_TRANSIENT, status=rise_status,
    ),
    Metric(
        "valr_ip_bw_s", "Loading rate to the impact peak", "BW/s",
        f"force-based 20-80 % slope up to the impact peak, {_NO_PEAK}",
        f"{SCHMIDA}; Crowell & Davis 2011, Clin Biomech 26:78 [M]; Davis 2016, BJSM 50:887 [M]", slope_to_level,
        part=1, ok_hz=200.0, limited_hz=200.0, of_body_weight=True, absent=Status.NO_TRANSIENT, status=rise_status,
    ),
    Metric(
        "vilr_ip_bw_s", "Instantaneous rate to the impact peak", "BW/s",
        f"steepest slope (1 ms) between 20 and 80 % of the impact peak, {_NO_PEAK}",
        f"{SCHMIDA} (method 1); Crowell & Davis 2011, Clin Biomech 26:78 [M]", vilr_ip_bw_s, ok_hz=200.0,
        limited_hz=200.0, of_body_weight=True, absent=Status.NO_TRANSIENT, status=rise_status,
    ),
    Metric(
        "lr_3_12_bw_s", "Loading rate, 3-12 % of stance", "BW/s", "slope between 3 and 12 % of stance",
        f"{SCHMIDA} (method 4); unreliable when the impact peak comes before 12 % (USMA, ISB 2019)",
        slope_in_time, part=2, ok_hz=200.0, limited_hz=100.0, of_body_weight=True, status=rise_status,
    ),
    Metric(
        "lr_ic_ip_bw_s", "Mean rate to the impact peak", "BW/s", "impact peak over the time since initial contact",
        f"{SCHMIDA} (method 3)", lr_ic_ip_bw_s, ok_hz=200.0, limited_hz=200.0, of_body_weight=True,
        absent=Status.NO_TRANSIENT, status=rise_status,
    ),
    Metric(
        "lr_200n_90_bw_s", "Loading rate, 200 N to 90 % of the peak", "BW/s",
        "slope between 200 N and 90 % of the impact peak, or of the force at 6.2 % of stance where there is no peak: a "
        "mean over both kinds of steps mixes two definitions", "Lieberman 2010, Nature 463:531 [M]", slope_to_level,
        part=2, ok_hz=200.0, limited_hz=200.0, of_body_weight=True, of_newtons=True, absent=Status.UNDER_200_N,
        status=rise_status,
    ),
    Metric(
        "hf_peak_bw", "Impact peak above 10 Hz", "BW",
        "highest value, within min(75 ms, 35 % of stance), of the part of the stance's force at and above 10 Hz (ideal "
        "filter over the stance alone): a surrogate where no impact peak is to be seen",
        "Blackmore 2016, J Biomech 49:479 [M]", hf_peak_bw, ok_hz=200.0, limited_hz=200.0, of_body_weight=True,
        status=rise_status, decimals=2,
    ),
)  # fmt: skip
