"""Loading rate of the heel alone (METRICS.md 6.2): the primary definition of 3.3 on the heel region's force.

In: `Contacts`. Out: one row of the table. In whole body weights a second; the point of interest asks for half of the
heel's own highest force in place of 0.75 BW.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from insole.blocks import FloatArray, Status
from insole.pipeline.metrics import status_codes
from insole.pipeline.metrics.contacts import Contacts, shared
from insole.pipeline.metrics.curves import first_true, last_upward, on_grid
from insole.pipeline.metrics.metric import Gap, Metric, Needs
from insole.pipeline.metrics.plantar import PLACES, top_n
from insole.pipeline.metrics.rates import (
    GAP_MARGIN_S,
    HIGH,
    LIMITED_HZ,
    LIMITED_SAMPLES,
    LIMITED_TAU_MS,
    LOW,
    OK_HZ,
    OK_SAMPLES,
    OK_TAU_MS,
    POI_SLOPE_BW_S,
    RISE,
)

POI_SHARE = 0.5
BEFORE_S, WITHIN_S = 0.030, 0.150  # of initial contact


@dataclass(frozen=True, slots=True, eq=False)
class HeelRise:
    """The heel's rise of k contacts."""

    rate_bw_s: FloatArray
    samples: FloatArray  # in the rise
    poi_s: FloatArray  # seconds after initial contact


@shared
def heel_rise(c: Contacts) -> HeelRise:
    """Slope between 20 and 80 % of the heel's force at its point of interest; NaN where it has none within 150 ms."""
    rate_hz, batch = c.device.rate_hz, c.batch
    onset = batch.starts[:-1] + batch.onset
    first = np.maximum(onset - round(BEFORE_S * rate_hz), batch.starts[:-1])
    end = np.minimum(onset + round(WITHIN_S * rate_hz), batch.starts[1:])
    lengths = end - first
    starts = np.zeros(len(c) + 1, np.int64)
    lengths.cumsum(out=starts[1:])
    rows = np.arange(starts[-1]) + (first - starts[:-1]).repeat(lengths)
    grid = on_grid(c.region("heel")[rows] / c.body_weight_n, batch.t_s.take(rows), starts, rate_hz)
    half = POI_SHARE * top_n(c)[PLACES.index("heel")] / c.body_weight_n
    ic = (c.strike_s - grid.t0_s) / grid.step_s
    j = np.arange(grid.f.shape[1] - 1.0)
    poi = first_true((grid.f[:, :-1] >= half[:, None]) & (grid.slope < POI_SLOPE_BW_S) & (j > ic[:, None]))
    height = grid.at(poi)
    t20, t80 = last_upward(grid.f, RISE * height, poi)
    rise_s = (t80 - t20) * grid.step_s
    rate = np.where(rise_s > 0, (HIGH - LOW) * height / rise_s, np.nan)
    return HeelRise(rate, rate_hz * rise_s, (poi - ic) * grid.step_s)


def heel_load_rate_bw_s(c: Contacts) -> FloatArray:
    """Mean slope of the heel's rise."""
    return heel_rise(c).rate_bw_s


def heel_status(c: Contacts) -> npt.NDArray[np.uint8]:
    """As for the primary loading rate: samples in the rise, bandwidth, and no lost frame in the rise (1.7, 3.5)."""
    rise = heel_rise(c)
    if c.device.tau_ms > LIMITED_TAU_MS:
        return np.full(len(c), status_codes.RATE_TOO_LOW, np.uint8)
    ok = (rise.samples >= OK_SAMPLES) & (c.device.tau_ms <= OK_TAU_MS)
    status = np.where(ok, status_codes.OK, status_codes.LIMITED)
    status[rise.samples < LIMITED_SAMPLES] = status_codes.FEW_SAMPLES_IN_RISE
    status[c.touched(-GAP_MARGIN_S, rise.poi_s + GAP_MARGIN_S, short_gaps=True) | c.unseen] = status_codes.GAP
    return status


ROWS: tuple[Metric, ...] = (
    Metric(
        "heel_load_rate_bw_s", "Loading rate of the heel", "BW/s",
        "mean slope of the heel region's force between 20 and 80 % of its force at the point of interest: the first "
        "instant, within 150 ms of initial contact, with at least half of the heel's highest force and a slope under "
        "15 BW/s; in whole body weights", "METRICS.md 6.2 and 3.3", heel_load_rate_bw_s, ok_hz=OK_HZ,
        limited_hz=LIMITED_HZ, gap=Gap.HARMLESS, needs=Needs.CELLS, region="heel", of_body_weight=True,
        absent=Status.NO_POI, status=heel_status,
    ),
)  # fmt: skip
