"""Metrics between contacts: step, stride, flight, swing, duty factor and spring-mass behaviour (METRICS.md 5).

All look backward only and stand on the contact that closes the interval, so that nothing waits for the future.
In: `Pairs`, contacts of both feet in time order with their neighbours. Out: one column each.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from insole.blocks import GRAVITY_M_S2, BoolArray, FloatArray, Kind

LEG_SHARE_OF_HEIGHT = 0.53
RUN_STEP_S, RUN_STRIDE_S = (0.20, 0.60), (0.40, 1.20)
WALK_STEP_S, WALK_STRIDE_S = (0.20, 1.20), (0.60, 2.40)
_RUN_S = np.array([RUN_STEP_S, RUN_STRIDE_S]).T[:, :, None]  # shortest and longest, of steps and strides
_WALK_S = np.array([WALK_STEP_S, WALK_STRIDE_S]).T[:, :, None]


@dataclass(frozen=True, eq=False)
class Pairs:
    """k contacts and, for each, the time since the previous ones of the same and of the other foot; NaN where none.

    What several metrics need is a property, computed once.
    """

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

    @cached_property
    def running(self) -> BoolArray:
        """(k,)."""
        out: BoolArray = self.kind == Kind.RUN
        return out

    @property
    def steps(self) -> BoolArray:
        """Whether the time since the other foot's strike is that of one step, if both onsets were seen: (k,)."""
        steps: BoolArray = self._fits[0]
        return steps

    @property
    def strides(self) -> BoolArray:
        """Whether the time since the same foot's strike is that of one stride, if both onsets were seen: (k,)."""
        strides: BoolArray = self._fits[1]
        return strides

    @cached_property
    def _fits(self) -> BoolArray:
        """Steps and strides, (2, k)."""
        times_s = np.array([self.since_other_strike_s, self.since_own_strike_s])
        low_s, high_s = np.where(self.running, _RUN_S, _WALK_S)
        with np.errstate(invalid="ignore"):
            fits: BoolArray = (times_s >= low_s) & (times_s <= high_s)
        return fits & (self.onset_seen & (self.others_between <= 1))

    @cached_property
    def stride_s(self) -> FloatArray:
        """IC to the previous IC of the same foot, (k,)."""
        return np.where(self.strides & self.own_onset_seen, self.since_own_strike_s, np.nan)

    @cached_property
    def flight_ms(self) -> FloatArray:
        """IC to the previous TO of the other foot, (k,)."""
        return np.where(self.steps & self.other_end_seen, self.since_other_toe_off_s, np.nan) * 1e3

    @cached_property
    def modelled_peak_bw(self) -> FloatArray:
        """Peak force of the half-sine model, (k,); only in running with a flight."""
        flight_s = self.flight_ms * 1e-3
        flies = self.running & (flight_s > 0)
        return np.where(flies, (np.pi / 2) * (flight_s / self.contact_s + 1), np.nan)

    @cached_property
    def modelled_peak_n(self) -> FloatArray:
        """The same in newtons."""
        return self.body_mass_kg * GRAVITY_M_S2 * self.modelled_peak_bw

    @cached_property
    def drop_m(self) -> FloatArray:
        """Drop of the centre of mass in contact by that model, (k,) (Morin 2005, J Appl Biomech 21:167)."""
        square = self.contact_s**2
        return self.modelled_peak_n * square / (self.body_mass_kg * np.pi**2) - GRAVITY_M_S2 * square / 8


def step_time_ms(p: Pairs) -> FloatArray:
    """IC to the previous IC of the other foot."""
    return np.where(p.steps & p.other_onset_seen, p.since_other_strike_s, np.nan) * 1e3


def stride_time_ms(p: Pairs) -> FloatArray:
    """IC to the previous IC of the same foot."""
    return p.stride_s * 1e3


def flight_time_ms(p: Pairs) -> FloatArray:
    """IC to the previous TO of the other foot; negative when both feet are on the ground."""
    return p.flight_ms


def swing_time_ms(p: Pairs) -> FloatArray:
    """IC to the previous TO of the same foot."""
    return np.where(p.strides & p.own_end_seen, p.since_own_toe_off_s, np.nan) * 1e3


def duty_factor(p: Pairs) -> FloatArray:
    """Contact time of the contact that opened the stride, over stride time."""
    return p.own_contact_s / p.stride_s


def modelled_peak_force_bw(p: Pairs) -> FloatArray:
    """Peak of the half sine whose mean over contact and flight is body weight."""
    return p.modelled_peak_bw


def vertical_stiffness_kn_m(p: Pairs) -> FloatArray:
    """Modelled peak force over the drop of the centre of mass in contact."""
    return p.modelled_peak_n / p.drop_m * 1e-3


def leg_stiffness_kn_m(p: Pairs) -> FloatArray:
    """Modelled peak force over the shortening of the leg; needs speed and height, and a level treadmill."""
    leg = LEG_SHARE_OF_HEIGHT * p.height_m
    half = p.speed_m_s * p.contact_s / 2
    with np.errstate(invalid="ignore"):
        shortening = leg - np.sqrt(leg**2 - half**2) + p.drop_m
    return np.where(p.level, p.modelled_peak_n / shortening * 1e-3, np.nan)


def vertical_oscillation_mm(p: Pairs) -> FloatArray:
    """Drop in contact plus rise in flight."""
    flight_s = p.flight_ms * 1e-3
    return (p.drop_m + GRAVITY_M_S2 * flight_s**2 / 8) * 1e3
