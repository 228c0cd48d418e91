"""The order of things: a plan of standing, walking and running in, the contacts of both feet out, in time.

Contacts are drawn as late as they are asked for, so that a session without an end needs no more memory than one of a
minute.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass

import numpy as np

from insole.blocks import GRAVITY_M_S2, BoolArray, FloatArray, IntArray, Kind, Side
from insole.sources.synthetic.fit import FIT_S, touches
from insole.sources.synthetic.foot import Roll
from insole.sources.synthetic.force import NO_BUMP, bump, force_bw, running, walking
from insole.sources.synthetic.options import SyntheticOptions

STEP_TO_STEP = 0.2  # lag-1 autocorrelation of the variability, per foot
STEP_TIME_CV = 0.01
LEAN_SD = 0.06  # how much of the neighbouring strike pattern a contact mixes in
LEAN_MAX = 0.3
ACCELERATION_STEPS = 8
START_CONTACT_TIME = 1.2  # of the usual, at the first step and at the last
START_VALR = 0.7
WALK_CONTACT = 1.2  # contact time over step time: a sixth of it in double support
SWAY = 0.05  # of the load, to and fro between the feet
SWAY_HZ = 0.31
BEFORE_START_S = 1.0  # a foot that stands from the beginning was put down before it
FIRST_CONTACT_S = 0.3  # where the plan begins with steps
LANDING_S = 0.15  # standing up on a foot
SECOND_FOOT_S = 0.40
WEIGHT_SHIFT_S = 0.25  # onto one foot, before the other sets out
FIRST_LANDING_S = 0.10  # after the end of the stand: a first swing of 0.35 s
PUSH_OFF_S = 0.15
RUN_GAP_S = 0.02  # flight before the first landing of a run
WALK_OVERLAP_S = 0.11  # both feet down at the first landing of a walk

_ROLLS = {"rearfoot": Roll.REARFOOT, "midfoot": Roll.MIDFOOT, "forefoot": Roll.FOREFOOT}


@dataclass(frozen=True, slots=True, eq=False)
class Contacts:
    """k contacts of one foot in order of time; `end_s` is infinite for a stand without an end."""

    kind: IntArray  # (k,) Kind
    start_s: FloatArray  # (k,)
    end_s: FloatArray  # (k,)
    bumps: FloatArray  # (k, 3, 5)
    roll: IntArray  # (k,) Roll
    lean: FloatArray  # (k,)

    def __len__(self) -> int:
        return len(self.start_s)

    def pick(self, which: BoolArray) -> Contacts:
        """Those that a mask selects."""
        return Contacts(
            self.kind[which],
            self.start_s[which],
            self.end_s[which],
            self.bumps[which],
            self.roll[which],
            self.lean[which],
        )

    def then(self, other: Contacts) -> Contacts:
        """These and, after them, others."""
        return Contacts(*(np.concatenate([getattr(self, f), getattr(other, f)]) for f in self.__slots__))

    def force_bw(self, side: Side, contact: IntArray, t_s: FloatArray) -> FloatArray:
        """Noise-free force at n instants, each within the contact of that index."""
        force = force_bw(t_s - self.start_s[contact], self.bumps[contact])
        direction = 1.0 if side is Side.LEFT else -1.0
        standing = (self.kind[contact] == Kind.STAND) & (self.roll[contact] == Roll.FLAT)
        return np.where(standing, force * (1.0 + direction * SWAY * np.sin(2.0 * np.pi * SWAY_HZ * t_s)), force)


@dataclass(slots=True)
class _Step:
    """One contact as it is drawn."""

    side: Side
    kind: Kind
    start_s: float
    contact_s: float
    support_s: float = 0.0
    valr_bw_s: float = 0.0
    roll: Roll = Roll.FLAT
    lean: float = 0.0
    bumps: list[list[float]] | None = None  # of a stand


class Gait:
    """A person who stands, walks and runs as the options say.

    Parameters
    ----------
    options : SyntheticOptions
    rng : numpy Generator
    """

    def __init__(self, options: SyntheticOptions, rng: np.random.Generator) -> None:
        self._options = options
        self._rng = rng
        self._threshold_bw = threshold_bw(options.body_mass_kg)
        self._state = {side: np.zeros(2) for side in (Side.LEFT, Side.RIGHT)}
        self._steps = self._plan()
        self._next = next(self._steps, None)

    def contacts_until(self, t_s: float) -> dict[Side, Contacts]:
        """Contacts that start before `t_s` and were not given before."""
        steps: list[_Step] = []
        while self._next is not None and self._next.start_s < t_s:
            steps.append(self._next)
            self._next = next(self._steps, None)
        bumps = np.tile(np.array(NO_BUMP), (len(steps), 3, 1))
        kind = np.array([step.kind for step in steps], np.int64)
        start_s, contact_s, support_s, valr, lean = (
            np.array([getattr(step, name) for step in steps], np.float64)
            for name in ("start_s", "contact_s", "support_s", "valr_bw_s", "lean")
        )
        roll = np.array([step.roll for step in steps], np.int64)
        run, walk = kind == Kind.RUN, kind == Kind.WALK
        if run.any():
            forefoot = roll[run] == Roll.FOREFOOT
            bumps[run] = running(contact_s[run], support_s[run], valr[run], forefoot, self._threshold_bw)
        bumps[walk] = walking(contact_s[walk], support_s[walk])
        for i in np.flatnonzero(kind == Kind.STAND):
            bumps[i] = steps[i].bumps
        both = Contacts(kind, start_s, start_s + contact_s, bumps, roll, lean)
        side = np.array([step.side for step in steps], np.int64)
        return {foot: both.pick(side == foot) for foot in (Side.LEFT, Side.RIGHT)}

    def _plan(self) -> Iterator[_Step]:
        """Contacts one by one, in order of start but for the two feet of a stand."""
        phases = self._options.phases
        t_s, side, end_s = -BEFORE_START_S, Side.LEFT, 0.0
        if self._options.fit:
            for touch in touches():
                yield _Step(touch.side, Kind.STAND, *touch[1:3], roll=touch.roll, bumps=touch.bumps)
            t_s = end_s = FIT_S
        for i, phase in enumerate(phases):
            following = phases[i + 1].kind if i + 1 < len(phases) else None
            end_s = np.inf if following is None else end_s + phase.seconds
            if phase.kind is Kind.STAND:
                yield from self._stand(t_s, side, end_s, following, from_start=t_s < 0.0)
                t_s, side = end_s + FIRST_LANDING_S, Side.LEFT
            else:
                first_s = max(t_s, FIRST_CONTACT_S)
                t_s, side = yield from self._move(phase.kind, first_s, side, end_s, stops=following is Kind.STAND)

    def _stand(
        self, t_s: float, side: Side, end_s: float, following: Kind | None, *, from_start: bool
    ) -> Iterator[_Step]:
        """Both feet down from `t_s` on, `side` first; before `end_s` the weight goes to the right foot.

        The left foot then sets out.
        """
        second_s = t_s if from_start else t_s + SECOND_FOOT_S
        unload_s = end_s - 2.0 * WEIGHT_SHIFT_S
        first_landing_s = end_s + FIRST_LANDING_S
        for foot, down_s in ((side, t_s), (_other(side), second_s)):
            extra = NO_BUMP
            if foot is Side.LEFT:
                up_s, fall_s = unload_s + WEIGHT_SHIFT_S, WEIGHT_SHIFT_S
            else:
                up_s, fall_s = first_landing_s + (WALK_OVERLAP_S if following is Kind.WALK else -RUN_GAP_S), PUSH_OFF_S
                if following is not None:
                    hold_s = up_s - fall_s - unload_s - WEIGHT_SHIFT_S
                    extra = bump(unload_s - down_s, WEIGHT_SHIFT_S, hold_s, fall_s, 0.5)
            base = bump(0.0, LANDING_S, up_s - fall_s - LANDING_S - down_s, fall_s, 0.5)
            alone = NO_BUMP  # the first foot carries everything until the second one is down
            if down_s < second_s:
                alone = bump(0.0, LANDING_S, second_s - down_s - LANDING_S, LANDING_S, 0.5)
            yield _Step(foot, Kind.STAND, down_s, up_s - down_s, bumps=[base, alone, extra])

    def _move(
        self, kind: Kind, t_s: float, side: Side, end_s: float, *, stops: bool
    ) -> Generator[_Step, None, tuple[float, Side]]:
        """Alternating contacts from `t_s` until `end_s`; returns when and with which foot the next one would land."""
        options, rng = self._options, self._rng
        step_s = 60.0 / (options.walk_cadence_spm if kind is Kind.WALK else options.cadence)
        count = 0
        while t_s < end_s:
            valr_z, time_z = self._vary(side)
            lean = min(abs(rng.normal(0.0, LEAN_SD)), LEAN_MAX)
            time_factor = 1.0 + 0.01 * options.contact_time_cv_pct * time_z
            if kind is Kind.WALK:
                yield _Step(side, kind, t_s, WALK_CONTACT * step_s * time_factor, step_s, roll=Roll.REARFOOT, lean=lean)
            else:
                to_go = (end_s - t_s) / step_s if stops else np.inf
                pace = min(count + 1.0, to_go, ACCELERATION_STEPS) / ACCELERATION_STEPS
                time_factor *= START_CONTACT_TIME + (1.0 - START_CONTACT_TIME) * pace
                cv = 0.01 * options.valr_cv_pct
                rate_factor = np.exp(cv * valr_z - 0.5 * cv * cv) * (START_VALR + (1.0 - START_VALR) * pace)
                yield _Step(
                    side,
                    kind,
                    t_s,
                    min(options.contact_time(side, t_s) * time_factor, 0.98 * step_s),
                    step_s * options.impulse_share(side),
                    options.valr(side, t_s) * rate_factor,
                    _ROLLS[options.strike_of(side)],
                    lean,
                )
            t_s += step_s * (1.0 + STEP_TIME_CV * rng.standard_normal())
            side = _other(side)
            count += 1
        return t_s, side

    def _vary(self, side: Side) -> FloatArray:
        """Next (loading rate, contact time) of the foot's standard-normal step-to-step variability."""
        fresh = self._rng.standard_normal(2)
        state: FloatArray = STEP_TO_STEP * self._state[side] + np.sqrt(1.0 - STEP_TO_STEP**2) * fresh
        self._state[side] = state
        return state


def threshold_bw(body_mass_kg: float) -> float:
    """Reporting threshold of METRICS.md 2.1 without noise: the larger of 0.05 BW and 20 N."""
    return max(0.05, 20.0 / (body_mass_kg * GRAVITY_M_S2))


def _other(side: Side) -> Side:
    return Side.RIGHT if side is Side.LEFT else Side.LEFT
