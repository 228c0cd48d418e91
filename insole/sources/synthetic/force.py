"""Vertical force of one contact: parameters in, body weights at any instant out.

Every contact is a sum of bumps: a half-cosine rise, a hold, a half-cosine fall. The two-mass model of running is two
bumps without a hold, walking is two that overlap, standing is a long hold.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from insole.blocks import GRAVITY_M_S2, FloatArray
from insole.sources.synthetic.landmarks import GRID_S, Landmarks, find_landmarks

BUMPS = 3  # per contact; unused ones have no amplitude
START, RISE, HOLD, FALL, AMPLITUDE = range(5)  # columns of a bump: seconds from the contact's start, and body weights

# Two-mass model: Clark, Ryan & Weyand 2017, J Exp Biol 220:247, doi:10.1242/jeb.138057 (METRICS.md 11.4).
LOWER_LEG_SHARE = 0.08
PEAK_AT = 0.47  # of contact time
# One line through the three heel strikers of METRICS.md 11.4 (24 ms, 1.45 m/s; 28, 1.30; 34, 1.10): a harder landing
# stops faster.
HEEL_DV_M_S = 2.29
HEEL_DV_PER_S = -35.0
HEEL_DT_RANGE_S = (0.011, 0.039)  # about 400 to 33 BW/s
# On the forefoot the lower leg stops slowly (TM_ffs), its bump melts into the main one, and how early that one peaks
# sets the rate.
FOREFOOT_DT_S = 0.055
FOREFOOT_DV_M_S = 0.9
FOREFOOT_PEAK_RANGE = (0.36, 0.60)  # about +35 to -25 % of the rate at the model's own 0.47

WALK_RISE, WALK_FALL = 0.20, 0.50  # of contact time: two bumps, the second mirrored in time

_SOLVE_GRID_S = 5e-4  # reads the rate of these smooth curves within 0.05 % of the 10 kHz grid
_SOLVE_WINDOW_S = 0.14
_SOLVE_ROUNDS = 8
_SOLVE_TOLERANCE = 3e-4


def force_bw(t_s: FloatArray, bumps: FloatArray) -> FloatArray:
    """Sum of bumps.

    Parameters
    ----------
    t_s : (...,)
        Seconds since the start of the contact.
    bumps : (..., b, 5)
        Per instant, or broadcast against `t_s`.

    Returns
    -------
    (...,) float64
        Body weights.
    """
    total = np.zeros(np.broadcast_shapes(t_s.shape, bumps.shape[:-2]))
    for b in range(bumps.shape[-2]):
        if not np.any(bumps[..., b, AMPLITUDE]):
            continue
        since = t_s - bumps[..., b, START]
        up = np.clip(since / bumps[..., b, RISE], 0.0, 1.0)
        down = np.clip((since - bumps[..., b, RISE] - bumps[..., b, HOLD]) / bumps[..., b, FALL], 0.0, 1.0)
        total += bumps[..., b, AMPLITUDE] * 0.5 * (np.cos(np.pi * down) - np.cos(np.pi * up))
    return total


def bump(start_s: float, rise_s: float, hold_s: float, fall_s: float, amplitude_bw: float) -> list[float]:
    """One bump in the order of its columns."""
    return [start_s, rise_s, hold_s, fall_s, amplitude_bw]


NO_BUMP = bump(0.0, 1.0, 0.0, 1.0, 0.0)


def two_mass(
    contact_s: FloatArray,
    support_s: FloatArray,
    dt1_s: FloatArray,
    dv1_m_s: FloatArray,
    peak_at: FloatArray | float = PEAK_AT,
) -> FloatArray:
    """Bumps of running contacts after the two-mass model.

    Parameters
    ----------
    contact_s : (k,)
        Time on the ground.
    support_s : (k,)
        Time whose body weight this contact carries: contact and flight after it.
    dt1_s, dv1_m_s : (k,)
        Half duration of the lower leg's impact and the speed it loses in it.
    peak_at : (k,) or float
        Peak of the body's bump as a share of contact time.

    Returns
    -------
    (k, 3, 5) float64
        The impulse is exactly `support_s` body weights.

    References
    ----------
    Clark, Ryan & Weyand 2017, J Exp Biol 220:247, doi:10.1242/jeb.138057
    """
    contact_s, support_s, dt1_s, dv1_m_s = np.broadcast_arrays(contact_s, support_s, dt1_s, dv1_m_s)
    a1 = 2.0 * LOWER_LEG_SHARE * (dv1_m_s / dt1_s / GRAVITY_M_S2 + 1.0)
    a2 = 2.0 * (support_s - a1 * dt1_s) / contact_s
    bumps = np.tile(np.array(NO_BUMP), (*contact_s.shape, BUMPS, 1))
    bumps[..., 0, RISE] = bumps[..., 0, FALL] = dt1_s
    bumps[..., 0, AMPLITUDE] = a1
    bumps[..., 1, RISE] = peak_at * contact_s
    bumps[..., 1, FALL] = (1.0 - peak_at) * contact_s
    bumps[..., 1, AMPLITUDE] = a2
    return bumps


def walking(contact_s: FloatArray, support_s: FloatArray) -> FloatArray:
    """Bumps of walking contacts: two peaks with a valley at mid-stance, impulse `support_s` body weights."""
    contact_s, support_s = np.broadcast_arrays(contact_s, support_s)
    amplitude = support_s / (contact_s * (WALK_RISE + WALK_FALL))
    bumps = np.tile(np.array(NO_BUMP), (*contact_s.shape, BUMPS, 1))
    bumps[..., 0, RISE] = bumps[..., 1, FALL] = WALK_RISE * contact_s
    bumps[..., 0, FALL] = bumps[..., 1, RISE] = WALK_FALL * contact_s
    bumps[..., 1, START] = (1.0 - WALK_RISE - WALK_FALL) * contact_s
    bumps[..., 0, AMPLITUDE] = bumps[..., 1, AMPLITUDE] = amplitude
    return bumps


def landmarks(bumps: FloatArray, duration_s: float, threshold_bw: float, grid_s: float = GRID_S) -> Landmarks:
    """Landmarks of the noise-free force, as a rule on the 10 kHz grid of METRICS.md 11."""
    t_s = grid_s * np.arange(round(duration_s / grid_s) + 2, dtype=np.float64)
    return find_landmarks(force_bw(t_s, bumps[:, None]), threshold_bw, grid_s)


def running(
    contact_s: FloatArray,
    support_s: FloatArray,
    valr_bw_s: FloatArray,
    forefoot: npt.NDArray[np.bool_],
    threshold_bw: float,
) -> FloatArray:
    """Bumps of running contacts whose loading rate by METRICS.md 3.3 is `valr_bw_s`.

    Solved for: the duration of the impact, or for forefoot landings the time of the main peak. Where the model cannot
    reach the rate, the nearest it can is taken (the landmarks tell).

    Parameters
    ----------
    contact_s, support_s, valr_bw_s : (k,)
    forefoot : (k,) bool
        Landing without an impact transient.
    threshold_bw : float
        Reporting threshold of initial contact.

    Returns
    -------
    (k, 3, 5) float64
    """
    shortest, longest = (np.where(forefoot, f, h) for f, h in zip(FOREFOOT_PEAK_RANGE, HEEL_DT_RANGE_S, strict=True))

    def bumps_at(x: FloatArray) -> FloatArray:
        unknown = shortest * (longest / shortest) ** x
        dt1_s = np.where(forefoot, FOREFOOT_DT_S, unknown)
        dv1_m_s = np.where(forefoot, FOREFOOT_DV_M_S, HEEL_DV_M_S + HEEL_DV_PER_S * dt1_s)
        return two_mass(contact_s, support_s, dt1_s, dv1_m_s, np.where(forefoot, unknown, PEAK_AT))

    def excess(x: FloatArray) -> FloatArray:
        rate = landmarks(bumps_at(x), _SOLVE_WINDOW_S, threshold_bw, _SOLVE_GRID_S).valr_bw_s
        return np.log(rate / valr_bw_s)

    # Both unknowns, in logarithms, fall almost on a line against the log of the rate: false position with the Illinois
    # rule, all contacts at once.
    low, high = np.zeros(len(contact_s)), np.ones(len(contact_s))
    f_low, f_high = excess(low), excess(high)
    best = np.where(f_low < 0, low, high)
    reachable = (f_low > 0) & (f_high < 0)
    side = np.zeros(len(contact_s))
    for _ in range(_SOLVE_ROUNDS):
        with np.errstate(invalid="ignore", divide="ignore"):
            best = np.where(reachable, high - f_high * (high - low) / (f_high - f_low), best)
        f_best = excess(best)
        if np.all(np.abs(f_best[reachable]) < _SOLVE_TOLERANCE):
            break
        above = f_best > 0
        f_high = np.where(above, np.where(side > 0, 0.5 * f_high, f_high), f_best)
        f_low = np.where(above, f_best, np.where(side < 0, 0.5 * f_low, f_low))
        low, high = np.where(above, best, low), np.where(above, high, best)
        side = np.where(above, 1.0, -1.0)
    return bumps_at(best)
