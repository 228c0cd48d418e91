"""Closed-form force curves of METRICS.md 11, newtons over seconds, and the reference numbers that belong to them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from stances import BODY_WEIGHT_N

from insole.blocks import FloatArray

Force = Callable[[FloatArray], FloatArray]

GOLDEN: dict[str, Any] = json.loads(
    (Path(__file__).parent / "golden" / "metrics_golden.json").read_text(encoding="utf-8")
)
G2_AMPLITUDE_BW = GOLDEN["G2_half_sine"]["A"]
TWO_MASS = ("TM_hi", "TM_typ", "TM_low", "TM_ffs")


def polygon(t: FloatArray) -> FloatArray:
    """G1: corners at whole milliseconds."""
    return BODY_WEIGHT_N * np.interp(t, [0.0, 0.025, 0.040, 0.110, 0.250], [0.0, 1.6, 1.2, 2.4, 0.0])


def half_sine(t: FloatArray) -> FloatArray:
    """G2: forefoot-like, without an impact peak."""
    inside = (t > 0) & (t < 0.25)
    return np.where(inside, BODY_WEIGHT_N * G2_AMPLITUDE_BW * np.sin(np.pi * t / 0.25), 0.0)


def ramp(t: FloatArray) -> FloatArray:
    """G0: 0 to 2 BW in 40 ms, 100 ms held, down in 60 ms."""
    return BODY_WEIGHT_N * np.interp(t, [0.0, 0.040, 0.140, 0.200], [0.0, 2.0, 2.0, 0.0])


def two_mass(case: str) -> Force:
    """Raised cosines of the two-mass model (Clark, Ryan & Weyand 2017, J Exp Biol 220:247) from its own formulas."""
    model = GOLDEN[case]["model"]
    m, tc, ta, dt1, dv1, g = (model["m"], model["tc"], model["ta"], model["dt1"], model["dv1"], GOLDEN["g"])
    j1 = 2 * dt1 * (0.08 * m * dv1 / dt1 + 0.08 * m * g)
    a1, a2 = j1 / dt1, 2 * (m * g * (tc + ta) - j1) / tc

    def force(t: FloatArray) -> FloatArray:
        return _raised_cosine(t, a1, dt1, dt1, dt1) + _raised_cosine(t, a2, 0.47 * tc, 0.47 * tc, 0.53 * tc)

    return force


def _raised_cosine(t: FloatArray, height: float, peak: float, before: float, after: float) -> FloatArray:
    u = (t - peak) / np.where(t < peak, before, after)
    return np.where(np.abs(u) <= 1, height / 2 * (1 + np.cos(np.pi * u)), 0.0)


def lasts_s(case: str) -> float:
    """Length of a two-mass contact."""
    return float(GOLDEN[case]["model"]["tc"])
