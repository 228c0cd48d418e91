"""Metrics between contacts: step, stride, flight, swing, duty factor and spring-mass behaviour (METRICS.md 5).

All look backward only and stand on the contact that closes the interval, so that nothing waits for the future.
In: `Pairs`, contacts of both feet in time order with their neighbours. Out: one column each.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from insole.blocks import GRAVITY_M_S2, BoolArray, FloatArray, Kind

LEG_SHARE_OF_HEIGHT = 0.53
RUN_STEP_S = (0.20, 0.60)
RUN_STRIDE_S = (0.40, 1.20)
WALK_STEP_S = (0.20, 1.20)
WALK_STRIDE_S = (0.60, 2.40)


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """k contacts and, for each, the time since the previous ones of the same and of the other foot; NaN where none."""

    kind: npt.NDArray[np.int8]
    contact_s: FloatArray
    own_contact_s: FloatArray  # of the previous contact of the same foot
    since_own_strike_s: FloatArray  # this foot's device clock
    since_own_toe_off_s: FloatArray
    since_other_strike_s: FloatArray  # recording clock, both feet aligned
    since_other_toe_off_s: FloatArray
    clocks_u_s: FloatArray  # standard uncertainty of the feet's alignment
    others_between: npt.NDArray[np.int64]  # contacts of the other foot since the previous one of this foot
    onset_seen: BoolArray
    own_onset_seen: BoolArray
    own_end_seen: BoolArray
    other_onset_seen: BoolArray
    other_end_seen: BoolArray
    body_mass_kg: float  # NaN when unknown
    height_m: float
    speed_m_s: float
    level: bool  # no incline known to differ from zero


def step_time_ms(p: Pairs) -> FloatArray:
    """IC to the previous IC of the other foot."""
    return _step_s(p, p.other_onset_seen) * 1e3


def stride_time_ms(p: Pairs) -> FloatArray:
    """IC to the previous IC of the same foot."""
    return _stride_s(p) * 1e3


def flight_time_ms(p: Pairs) -> FloatArray:
    """IC to the previous TO of the other foot; negative when both feet are on the ground."""
    same_step = np.isfinite(_step_s(p, np.ones_like(p.onset_seen)))
    return np.where(same_step & p.other_end_seen, p.since_other_toe_off_s, np.nan) * 1e3


def swing_time_ms(p: Pairs) -> FloatArray:
    """IC to the previous TO of the same foot."""
    same_stride = np.isfinite(_stride_s(p, needs_own_onset=False))
    return np.where(same_stride & p.own_end_seen, p.since_own_toe_off_s, np.nan) * 1e3


def duty_factor(p: Pairs) -> FloatArray:
    """Contact time of the contact that opened the stride, over stride time."""
    return p.own_contact_s / _stride_s(p)


def modelled_peak_force_bw(p: Pairs) -> FloatArray:
    """Peak of the half sine whose mean over contact and flight is body weight."""
    return _modelled_peak_bw(p)


def vertical_stiffness_kn_m(p: Pairs) -> FloatArray:
    """Modelled peak force over the drop of the centre of mass in contact."""
    force, drop = _sine_model(p)
    return force / drop * 1e-3


def leg_stiffness_kn_m(p: Pairs) -> FloatArray:
    """Modelled peak force over the shortening of the leg; needs speed and height, and a level treadmill."""
    force, drop = _sine_model(p)
    leg = LEG_SHARE_OF_HEIGHT * p.height_m
    half = p.speed_m_s * p.contact_s / 2
    with np.errstate(invalid="ignore"):
        shortening = leg - np.sqrt(leg**2 - half**2) + drop
    return np.where(p.level, force / shortening * 1e-3, np.nan)


def vertical_oscillation_mm(p: Pairs) -> FloatArray:
    """Drop in contact plus rise in flight."""
    flight_s = flight_time_ms(p) * 1e-3
    return (_sine_model(p)[1] + GRAVITY_M_S2 * flight_s**2 / 8) * 1e3


def _sine_model(p: Pairs) -> tuple[FloatArray, FloatArray]:
    """Peak force (N) and drop of the centre of mass (m) of the half-sine model (Morin 2005, J Appl Biomech 21:167)."""
    force = p.body_mass_kg * GRAVITY_M_S2 * _modelled_peak_bw(p)
    drop = force * p.contact_s**2 / (p.body_mass_kg * np.pi**2) - GRAVITY_M_S2 * p.contact_s**2 / 8
    return force, drop


def _modelled_peak_bw(p: Pairs) -> FloatArray:
    """Only in running with a flight."""
    flight_s = flight_time_ms(p) * 1e-3
    running = (p.kind == Kind.RUN) & (flight_s > 0)
    return np.where(running, (np.pi / 2) * (flight_s / p.contact_s + 1), np.nan)


def _step_s(p: Pairs, other_seen: BoolArray) -> FloatArray:
    step = p.since_other_strike_s
    running = p.kind == Kind.RUN
    low, high = np.where(running, RUN_STEP_S[0], WALK_STEP_S[0]), np.where(running, RUN_STEP_S[1], WALK_STEP_S[1])
    with np.errstate(invalid="ignore"):
        good = (step >= low) & (step <= high) & p.onset_seen & other_seen & (p.others_between <= 1)
    return np.where(good, step, np.nan)


def _stride_s(p: Pairs, *, needs_own_onset: bool = True) -> FloatArray:
    stride = p.since_own_strike_s
    running = p.kind == Kind.RUN
    low, high = (
        np.where(running, RUN_STRIDE_S[0], WALK_STRIDE_S[0]),
        np.where(running, RUN_STRIDE_S[1], WALK_STRIDE_S[1]),
    )
    with np.errstate(invalid="ignore"):
        good = (stride >= low) & (stride <= high) & p.onset_seen & (p.others_between <= 1)
    if needs_own_onset:
        good &= p.own_onset_seen
    return np.where(good, stride, np.nan)
