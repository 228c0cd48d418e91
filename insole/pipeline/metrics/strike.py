"""How the foot meets the ground: strike index and onset of heel against forefoot (METRICS.md 4)."""

from __future__ import annotations

import numpy as np

from insole.blocks import FloatArray, Status
from insole.pipeline.metrics.contacts import Contacts

WINDOW_S = 0.020
STOP_BW = 0.30
MIN_FRAMES = 2
REARFOOT_BELOW_PCT = 33.3
FOREFOOT_ABOVE_PCT = 66.7


def strike_index_pct(c: Contacts) -> FloatArray:
    """Force-weighted centre of pressure of the first 20 ms, in percent of insole length from the heel.

    Frames in [IC, IC + 20 ms], ending early with the first at 0.30 BW or more; at least two frames.
    After Cavanagh & Lafortune 1980 (J Biomech 13:397), weighting by force is a decision of METRICS.md 4.
    """
    force = c.batch.force_n
    row = np.arange(len(force)) - (c.batch.starts[:-1] + c.batch.onset)[c.of]
    strong = (force >= STOP_BW * c.body_weight_n) & (row >= 0)
    stop = np.full(len(c), np.iinfo(np.int64).max)
    np.minimum.at(stop, c.of[strong], row[strong])
    early = (row >= 0) & (((c.sample_s <= WINDOW_S) & (row < stop[c.of])) | (row < MIN_FRAMES))
    weight = np.where(early & ~c.batch.missing, force, 0.0)
    moment = np.where(weight > 0, c.batch.moment_nmm[:, 1], 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return 100.0 * c.total(moment) / c.total(weight) / c.device.length_mm


def strike_status(c: Contacts) -> np.ndarray:
    """Onset unseen or a gap in the window: withheld."""
    zero = np.zeros(len(c))
    touched = c.touched(zero - 0.005, zero + WINDOW_S, short_gaps=False)
    return np.where(touched | c.unseen, Status.GAP, Status.OK).astype(np.uint8)


def strike_class(strike_index: FloatArray) -> np.ndarray:
    """'rearfoot', 'midfoot', 'forefoot' or '' (withheld), by the borders 33.3 and 66.7 %."""
    with np.errstate(invalid="ignore"):
        return np.select(
            [strike_index < REARFOOT_BELOW_PCT, strike_index <= FOREFOOT_ABOVE_PCT, strike_index > FOREFOOT_ABOVE_PCT],
            ["rearfoot", "midfoot", "forefoot"],
            "",
        )
