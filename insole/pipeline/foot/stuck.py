"""A cell that sticks under load while the foot runs on: its load never leaves, so no toe-off is ever seen.

In: the last frames of a contact that does not end. Out: the zero that takes such cells out, where that lets the foot
leave the ground. A cell that neither rises nor falls carries nothing of a step, so a wrong guess would cost nothing
either: taking a constant away is what a zero does.
"""

from __future__ import annotations

import numpy as np

from insole.blocks import CountArray, FloatArray
from insole.pipeline.foot.calibrate import Calibration
from insole.pipeline.foot.events import Thresholds
from insole.pipeline.foot.faults import FLAT_KPA, LOAD_KPA
from insole.pipeline.foot.start import SPELL_S, spells

LOOK_BACK_S = 3.0  # holds two whole swings of a walk or run
LOOK_EVERY_S = 1.0
MOST_CELLS = 0.25  # of more cells it is the insole or the shoe, no fault of a cell
SWINGS = 2


def zero_without_stuck_cells(
    counts: CountArray,
    force_n: FloatArray,
    zero_kpa: FloatArray,
    calibration: Calibration,
    thresholds: Thresholds,
    rate_hz: float,
) -> FloatArray | None:
    """The zero of each cell, (c,), with which the foot leaves the ground; None where no stuck cell keeps it there.

    Parameters
    ----------
    counts : (m, c) uint16
        Frames that were measured.
    force_n : (n,) float64
        Smoothed force of all frames, before any zero.
    zero_kpa : (c,) float64
        The zero in force.
    """
    low, high = (calibration.to_kpa(extreme) for extreme in (counts.min(axis=0), counts.max(axis=0)))
    stuck = (high - low < FLAT_KPA) & (low - zero_kpa > LOAD_KPA)
    if not stuck.any() or stuck.mean() > MOST_CELLS:
        return None
    zero = np.where(stuck, (low + high) / 2, zero_kpa)
    force = force_n - calibration.zero_force_n(zero)
    swings = [
        (a, b)
        for a, b in spells(force < thresholds.release_n)
        if b - a >= SPELL_S * rate_hz
        and (force[:a] >= thresholds.arm_n).any()
        and (force[b:] >= thresholds.arm_n).any()
    ]
    return zero if len(swings) >= SWINGS else None
