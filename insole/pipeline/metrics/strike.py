"""How the foot meets the ground: strike index, first region loaded, onset of heel against forefoot (METRICS.md 4)."""

from __future__ import annotations

import numpy as np

from insole.blocks import BoolArray, FloatArray
from insole.device import REGIONS
from insole.pipeline.metrics import status_codes
from insole.pipeline.metrics.contacts import REGION_ON_BW, Contacts
from insole.pipeline.metrics.frames import Frames

WINDOW_S = 0.020
BEFORE_S = 0.005  # initial contact, in which no frame may be lost either
STOP_BW = 0.30
MIN_FRAMES = 2
REARFOOT_BELOW_PCT = 33.3
FOREFOOT_ABOVE_PCT = 66.7
BORDER_PCT = 3.0
HEEL, MIDFOOT = REGIONS.index("heel"), REGIONS.index("midfoot")
ONSET_FROM_S = 0.020  # before initial contact
FIRST_HALF = 0.5  # of stance


def strike_index_pct(c: Contacts) -> FloatArray:
    """Force-weighted centre of pressure of the first 20 ms, in percent of insole length from the heel.

    Frames in [IC, IC + 20 ms], ending early with the first at 0.30 BW or more; at least two frames.
    After Cavanagh & Lafortune 1980 (J Biomech 13:397), weighting by force is a decision of METRICS.md 4.
    """
    batch, force = c.batch, c.batch.force_n
    row = np.arange(len(force)) - (batch.starts[:-1] + batch.onset).repeat(c.lengths)
    least = row < MIN_FRAMES
    window = (row >= 0) & ((c.sample_s <= WINDOW_S) | least)
    strong = np.where(window & (force >= STOP_BW * c.body_weight_n), row, len(force))
    stop = np.minimum.reduceat(strong, batch.starts[:-1]).repeat(c.lengths)
    weight = np.where(window & ((row < stop) | least) & ~batch.missing, force, 0.0)
    moment = np.where(weight > 0, batch.moment_nmm[:, 1], 0.0)
    return 100.0 * c.total(moment) / c.total(weight) / c.device.length_mm


def strike_status(c: Contacts) -> np.ndarray:
    """Onset unseen or a gap in the window: withheld."""
    touched = c.touched(-BEFORE_S, WINDOW_S, short_gaps=False)
    return np.where(touched | c.unseen, status_codes.GAP, status_codes.OK)


def strike_class(strike_index: FloatArray) -> np.ndarray:
    """'rearfoot', 'midfoot', 'forefoot' or '' (withheld), by the borders 33.3 and 66.7 %."""
    with np.errstate(invalid="ignore"):
        return np.select(
            [strike_index < REARFOOT_BELOW_PCT, strike_index <= FOREFOOT_ABOVE_PCT, strike_index > FOREFOOT_ABOVE_PCT],
            ["rearfoot", "midfoot", "forefoot"],
            "",
        )


def borderline(strike_index: FloatArray) -> BoolArray:
    """Whether a strike index lies within 3 % of a border, where the class is uncertain (shoes are longer)."""
    near_rearfoot = np.abs(strike_index - REARFOOT_BELOW_PCT) <= BORDER_PCT
    out: BoolArray = near_rearfoot | (np.abs(strike_index - FOREFOOT_ABOVE_PCT) <= BORDER_PCT)
    return out


def first_region_pct(c: Contacts) -> FloatArray:
    """Region that first carries one body weight in the first half of stance: 0 heel, 50 midfoot, 100 forefoot.

    All that lies ahead of the midfoot is the forefoot. NaN where none of them carries as much.
    After Hata 2025, Sensors 25:4417: the foot-strike angle says so in 94.7 % of rearfoot, 81.8 % of forefoot strikes.
    """
    force = _heel_to_toe_n(c.load_n[HEEL], c.load_n[MIDFOOT], c.load_n[-1])
    after_s = c.frames.rise_s(force, c.body_weight_n)
    early = after_s <= FIRST_HALF * c.contact_s
    first = np.where(early, after_s, np.inf).argmin(axis=0)
    return np.where(early.any(axis=0), 50.0 * first, np.nan)


def onset_difference_ms(c: Contacts) -> FloatArray:
    """Onset of the heel minus onset of the forefoot (all that lies ahead of the midfoot), each at 0.03 BW.

    Looked for from 20 ms before initial contact on, since a region may carry 0.03 BW before the foot carries 0.05.
    NaN where one of them never carries it, or carries it all the time. After Cheung 2017, PLoS ONE 12:e0175724.
    """
    batch, rate_hz = c.batch, c.device.rate_hz
    first = batch.starts[:-1] + np.maximum(batch.onset - round(ONSET_FROM_S * rate_hz), 0)
    last = c.frames.rows[c.frames.ends]
    frames = Frames.between(np.minimum(first, last), last, batch.t_s, c.strike_s, c.contact_s)
    heel, midfoot = c.region("heel")[frames.rows], c.region("midfoot")[frames.rows]
    heel, _, forefoot = _heel_to_toe_n(heel, midfoot, batch.force_n[frames.rows])
    onset = frames.rise_s(np.array([heel, forefoot]), REGION_ON_BW * c.body_weight_n)
    onset = np.where(onset > frames.after_s[frames.starts], onset, np.nan)
    out: FloatArray = (onset[0] - onset[1]) * 1e3
    return out


def _heel_to_toe_n(heel: FloatArray, midfoot: FloatArray, foot: FloatArray) -> FloatArray:
    """Force on the heel, on the midfoot (0 without cells there) and on all of the foot that lies ahead, (3, M)."""
    midfoot = np.where(np.isnan(midfoot), 0.0, midfoot)
    return np.array([heel, midfoot, foot - heel - midfoot])
