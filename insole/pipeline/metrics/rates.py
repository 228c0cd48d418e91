"""Vertical loading rate by the primary definition (METRICS.md 3.3, 3.5), from the rise alone: known before toe-off.

In: `RateBatch`. Out: `Rates`, one row a contact, final.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from insole.blocks import FloatArray, IntArray, RateBatch
from insole.device import Device
from insole.pipeline.metrics import status_codes
from insole.pipeline.metrics.curves import first_true, last_upward, on_grid

POI_FORCE_BW = 0.75
POI_SLOPE_BW_S = 15.0
LOW, HIGH = 0.20, 0.80
RISE = np.array([[LOW], [HIGH]])
GAP_MARGIN_S = 0.010
SMOOTHED_FROM_HZ = 200.0
OK_SAMPLES, LIMITED_SAMPLES = 2.0, 1.0
OK_HZ, LIMITED_HZ = 200.0, 100.0
OK_TAU_MS, LIMITED_TAU_MS = 2.0, 5.0
# Random part of the step error that sampling leaves, by samples in the rise: 1.2 % with many, 9 % with one. With 5 N of
# noise and any sampling phase 1.96 u holds 99 and 98 % of the steps at 200 and 100 Hz of 8 treadmill trials whose force
# ends at 40 Hz, and 89 and 83 % of a trial that was not filtered. The steps of METRICS.md 3.5 (1.2 %, 1.5 % under two
# samples) hold as much of the former but 83 and 53 % of the latter: there the error is 2 and 5 %, what lies above half
# the sampling rate folds into the rise, and nothing in the samples of a step tells by how much.
U_SAMP_MANY, U_SAMP_ONE, U_SAMP_DECAY = 0.012, 0.08, 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """Loading rate of k contacts in order; NaN where withheld, `status` says why."""

    contact_id: IntArray  # increasing
    strike_s: FloatArray  # device time of initial contact
    poi_s: FloatArray  # device time of the point of interest
    valr_bw_s: FloatArray
    u_bw_s: FloatArray
    vilr_bw_s: FloatArray
    status: npt.NDArray[np.uint8]
    vilr_status: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.contact_id)

    @classmethod
    def none(cls) -> Rates:
        """Of no contact."""
        nothing, code = np.empty(0), np.empty(0, np.uint8)
        return cls(np.empty(0, np.int64), nothing, nothing, nothing, nothing, nothing, code, code)

    def then(self, more: Rates) -> Rates:
        """Rows one after the other."""
        if not len(self):
            return more
        return Rates(
            *(np.concatenate([mine, others]) for mine, others in zip(self.columns(), more.columns(), strict=True))
        )

    def after(self, contact_id: int) -> Rates:
        """Those of later contacts than this."""
        later = slice(int(np.searchsorted(self.contact_id, contact_id, side="right")), None)
        return Rates(*(values[later] for values in self.columns()))

    def of(self, contact_id: IntArray) -> Rates:
        """Those of these contacts, (k,), in their order; a contact that never got to a rate has none."""
        nan, code = np.array([np.nan]), np.array([status_codes.NO_POI])
        found = self.then(Rates(np.array([-1]), nan, nan, nan, nan, nan, code, code))
        at = np.searchsorted(self.contact_id, contact_id)
        at[found.contact_id[at] != contact_id] = len(self)
        return Rates(contact_id, *(values[at] for values in found.columns()[1:]))

    def columns(self) -> tuple[npt.NDArray[Any], ...]:
        """All of them, in the order of the fields."""
        return tuple(getattr(self, name) for name in self.__dataclass_fields__)


@np.errstate(invalid="ignore", divide="ignore")  # of a rise without a point of interest
def measure_rates(
    batch: RateBatch, device: Device, body_weight_n: float, event_n: float, sigma_n: float, noise_gain: float
) -> Rates:
    """VALR (POI15, force based 20-80 %), VILR and their standard uncertainty.

    Parameters
    ----------
    batch : RateBatch
    device : Device
    body_weight_n : float
        Newtons of one body weight.
    event_n : float
        Reporting threshold.
    sigma_n : float
        Noise of the unsmoothed force, standard deviation.
    noise_gain : float
        What smoothing leaves of white noise.

    Notes
    -----
    POI15 after Futrell 2018 (MSSE 50:1837) and Johnson 2020 (AJSM 48:3072), constants from memory, not verified. Force
    based 20-80 % after Schmida 2022 (MSSE 54:1382). Uncertainty per METRICS.md 3.5.
    """
    grid = on_grid(batch.force_n / body_weight_n, batch.t_s, batch.starts, device.rate_hz)
    onset = batch.onset / grid.rows_per_step
    ic = last_upward(grid.f, np.array([event_n / body_weight_n]), np.ceil(onset))
    ic = np.where(ic >= onset - 1 / grid.rows_per_step - 1, ic, onset)
    slope = grid.slope
    j = np.arange(float(slope.shape[1]))
    poi = first_true((grid.f[:, :-1] >= POI_FORCE_BW) & (slope < POI_SLOPE_BW_S) & (j > ic[:, None]))
    f_poi = grid.at(poi)
    t20, t80 = last_upward(grid.f, RISE * f_poi, poi)
    rise_s = (t80 - t20) * grid.step_s
    valr = np.where(rise_s > 0, (HIGH - LOW) * f_poi / rise_s, np.nan)
    inside = (j >= np.floor(t20)[:, None]) & (j < np.ceil(t80)[:, None])
    vilr = np.maximum.reduce(np.where(inside, slope, -np.inf), axis=1)
    samples = device.rate_hz * rise_s
    u_samp = U_SAMP_MANY + U_SAMP_ONE * np.exp(-(samples - LIMITED_SAMPLES) / U_SAMP_DECAY)
    u_noise = math.sqrt(2.0) * sigma_n / body_weight_n * noise_gain / ((HIGH - LOW) * f_poi)
    status = _status(batch, device, samples, valr, ic * grid.rows_per_step, poi * grid.rows_per_step)
    withheld = status > status_codes.LIMITED
    vilr_status = status
    if device.rate_hz < SMOOTHED_FROM_HZ:
        vilr_status = np.where(withheld, status, status_codes.RATE_TOO_LOW)
    return Rates(
        batch.contact_id,
        grid.t0_s + ic * grid.step_s,
        grid.t0_s + poi * grid.step_s,
        np.where(withheld, np.nan, valr),
        np.where(withheld, np.nan, valr * np.sqrt(u_samp**2 + u_noise**2)),
        np.where((vilr_status > status_codes.LIMITED) | ~np.isfinite(vilr), np.nan, vilr),
        status,
        vilr_status,
    )


def _status(
    batch: RateBatch, device: Device, samples: FloatArray, valr: FloatArray, ic_row: FloatArray, poi_row: FloatArray
) -> npt.NDArray[np.uint8]:
    """METRICS.md 1.7, 3.5 and 12: OK, LIMITED or the reason for withholding, the gravest last."""
    if device.rate_hz < LIMITED_HZ or device.tau_ms > LIMITED_TAU_MS:
        return np.full(len(samples), status_codes.RATE_TOO_LOW, np.uint8)
    status = np.full(len(samples), status_codes.LIMITED, np.uint8)
    if device.rate_hz >= OK_HZ and device.tau_ms <= OK_TAU_MS:
        status[samples >= OK_SAMPLES] = status_codes.OK
    status[~(samples >= LIMITED_SAMPLES)] = status_codes.FEW_SAMPLES_IN_RISE
    status[np.isnan(valr)] = status_codes.NO_POI
    status[batch.slow] = status_codes.SLOW_RISE
    margin = GAP_MARGIN_S * device.rate_hz
    status[(ic_row < margin) | batch.onset_unseen] = status_codes.GAP  # or the window begins behind a hole
    (lost,) = batch.filled.nonzero()
    if len(lost):
        of = np.searchsorted(batch.starts, lost, side="right") - 1
        row = lost - batch.starts[of]
        status[of[(row >= ic_row[of] - margin) & (row <= poi_row[of] + margin)]] = status_codes.GAP
    return status
