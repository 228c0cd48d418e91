"""Gains and zeros from marked phases of standing (METRICS.md 1.3, 1.4).

In: what each foot read during a phase. Out: the calibration in force after it, a result per foot, and one line that
says what was found, or what was refused and what to do.

A phase lies between two markers of kind 'calibration', '<phase> start' and '<phase> end':

=========  ====================================  ==================================================================
phase      what the runner does                  what is found
=========  ====================================  ==================================================================
unloaded   both feet in the air, 1 s or more     the zero of each cell of the feet that were not loaded
stance     stands still on both feet, 10 s       one gain for both insoles: body weight over the mean total force
left       stands still on the left leg, 5 s     the gain of the left insole
right      stands still on the right leg, 5 s    the gain of the right insole; after both, left and right are known
=========  ====================================  ==================================================================

What is found holds from the phase's end marker on. Standing gives no zero: a stance that comes before any unloaded
moment is kept until the first swings have shown the zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from insole.blocks import GRAVITY_M_S2, FloatArray, FrameBlock, Marker, PhaseResult, Side
from insole.device import Device
from insole.pipeline.foot.calibrate import Calibration as FootCalibration
from insole.settings import GAIN_RANGE, Calibration

MARKER = "calibration"  # kind of the markers
UNLOADED, STANCE, LEFT, RIGHT = "unloaded", "stance", "left", "right"
LEAST_S = {UNLOADED: 1.0, STANCE: 8.0, LEFT: 4.0, RIGHT: 4.0}
LONGEST_S = 60.0
MAX_CV = 0.03
ZERO_LIMIT_KPA = 30.0
ZERO_FAULTS_SHARE = 0.10  # a few cells beyond the limit are faulty; more, and the foot is loaded
UNLOADED_BW = 0.30  # lacing is about 0.2 body weights, half a runner's weight is 0.5
NOMINAL_N = 70.0 * GRAVITY_M_S2  # where no body mass is known
UNSTEADY_N = 20.0  # METRICS.md 2.1: the least force that counts as load
OTHER_FOOT_BW = 0.10
_LEGS = {LEFT: Side.LEFT, RIGHT: Side.RIGHT}


@dataclass(frozen=True, slots=True)
class PhaseSpan:
    """A phase given by its times in the recording, as `analyze --calibrate` does.

    Raises
    ------
    ValueError
        An unknown phase, or an end that does not come after the beginning.
    """

    kind: str
    from_s: float
    to_s: float

    def __post_init__(self) -> None:
        if self.kind not in LEAST_S:
            raise ValueError(f"unknown phase '{self.kind}': expected {', '.join(LEAST_S)}")
        if not 0.0 <= self.from_s < self.to_s < float("inf"):
            raise ValueError(f"from {self.from_s:g} s to {self.to_s:g} s: expected 0 or more, and an end after that")

    @classmethod
    def parse(cls, text: str) -> PhaseSpan:
        """`3..13`, a quiet stance on both feet from second 3 to 13, or with another phase in front: `left:15..20`."""
        kind, colon, times = text.rpartition(":")
        first, dots, last = times.partition("..")
        if not dots:
            raise ValueError(f"'{text}': expected FROM..TO in seconds")
        try:
            return cls(kind if colon else STANCE, float(first), float(last))
        except ValueError as error:
            raise ValueError(f"'{text}': {error}") from None

    def markers(self, start_host_ns: int) -> tuple[Marker, Marker]:
        """The two inputs that mean the same."""
        return (
            Marker(start_host_ns + round(1e9 * self.from_s), MARKER, f"{self.kind} start"),
            Marker(start_host_ns + round(1e9 * self.to_s), MARKER, f"{self.kind} end"),
        )


@dataclass(frozen=True, slots=True, eq=False)
class FootPhase:
    """What one foot read during a phase, at a gain of 1 and before any zero."""

    seconds: float  # of frames that came
    mean_counts: FloatArray  # (c,)
    force_n: FloatArray  # (n,)


class PhaseFrames:
    """Collects the frames of one foot during a phase; sums of counts are whole numbers, the same for any cut."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._frames = 0
        self._sum = np.zeros(device.n_cells, np.int64)
        self._force: list[FloatArray] = []

    def add(self, blocks: list[FrameBlock], calibration: FootCalibration) -> None:
        """Take frames as they came; nothing more once a phase could not be as long."""
        for block in blocks:
            room = int(np.ceil(1.1 * LONGEST_S * self._device.rate_hz)) - self._frames
            counts = block.counts[block.measured][: max(room, 0)]
            self._frames += len(counts)
            self._sum += counts.sum(axis=0, dtype=np.int64)
            self._force.append(calibration.force_n(counts) / calibration.gain)

    def closed(self) -> FootPhase:
        """The phase is over."""
        force_n = np.concatenate(self._force) if self._force else np.empty(0)
        return FootPhase(self._frames / self._device.rate_hz, self._sum / max(self._frames, 1), force_n)


@dataclass(frozen=True, slots=True, eq=False)
class Phase:
    """A phase that has ended."""

    kind: str
    from_s: float
    to_s: float
    feet: Mapping[Side, FootPhase]

    @property
    def name(self) -> str:
        """As a message begins."""
        return f"calibration, {self.kind} at {self.from_s:.1f} to {self.to_s:.1f} s"


class Taken(NamedTuple):
    """What was made of a phase: lines to say, and a result per foot that it was about."""

    notes: tuple[str, ...]
    results: tuple[PhaseResult, ...]


class _Refused(Exception):
    """Why a phase cannot be used, and what to do."""


def parse_label(label: str) -> tuple[str, bool] | None:
    """Phase of a marker's label, and whether the marker begins it; None where the label says neither."""
    kind, _, edge = label.strip().lower().rpartition(" ")
    return (kind.strip(), edge == "start") if kind.strip() in LEAST_S and edge in ("start", "end") else None


def gain_of(calibration: Calibration, side: Side) -> float:
    """Gain of one insole; a belt goes with the left one."""
    return calibration.gain_right if side is Side.RIGHT else calibration.gain_left


def zero_of(calibration: Calibration, side: Side) -> tuple[float, ...] | None:
    """Unloaded zero of each cell of one insole in kPa, where one was found."""
    return calibration.zero_right_kpa if side is Side.RIGHT else calibration.zero_left_kpa


class Calibrator:
    """The calibration in force, and what has been held so far.

    Parameters
    ----------
    devices : mapping of Side to Device
        All feet of the session.
    calibration : Calibration
        In force at the start.
    body_weight_n : float or None
        None where no body mass was measured.
    """

    def __init__(self, devices: Mapping[Side, Device], calibration: Calibration, body_weight_n: float | None) -> None:
        self.calibration = calibration
        self._devices = devices
        self._body_weight_n = body_weight_n
        self._legs: set[Side] = set()

    def take(self, phase: Phase, zero_n: Mapping[Side, float | None]) -> Taken:
        """Use a phase, or refuse it and leave everything as it was; what to say of it.

        Parameters
        ----------
        phase : Phase
        zero_n : mapping of Side to float or None
            What the zero of each foot amounts to in newtons at a gain of 1; None where it is not known.
        """
        sides = self._standing(phase)
        force_n = {side: self._mean_n(phase, side, zero_n) for side in sides if side in self._devices}
        try:
            self._check_length(phase)
            if phase.kind == UNLOADED:
                return self._zeroed(phase, zero_n, force_n)
            note, variation_pct = self._gained(phase, zero_n)
        except _Refused as reason:
            refused = [self._result(phase, side, force_n.get(side, np.nan), refused=str(reason)) for side in sides]
            return Taken((f"{phase.name}: refused, {reason}",), tuple(refused))
        used = [self._result(phase, side, force_n[side], variation_pct=variation_pct) for side in sides]
        return Taken((note,), tuple(used))

    def _result(
        self,
        phase: Phase,
        side: Side,
        force_n: float,
        *,
        refused: str = "",
        variation_pct: float = float("nan"),
        zero_kpa: FloatArray | None = None,
    ) -> PhaseResult:
        gain = gain_of(self.calibration, side)
        return PhaseResult(phase.kind, side, phase.from_s, phase.to_s, refused, force_n, variation_pct, gain, zero_kpa)

    def _mean_n(self, phase: Phase, side: Side, zero_n: Mapping[Side, float | None]) -> float:
        """Mean force of one foot with the gain and zero in force, NaN where either or every frame is missing."""
        zero, force_n = zero_n[side], phase.feet[side].force_n
        if zero is None or not len(force_n):
            return float("nan")
        return gain_of(self.calibration, side) * (float(np.mean(force_n)) - zero)

    def _standing(self, phase: Phase) -> list[Side]:
        """The feet that a phase is about."""
        return [_LEGS[phase.kind]] if phase.kind in _LEGS else list(self._devices)

    def _check_length(self, phase: Phase) -> None:
        if phase.to_s - phase.from_s > LONGEST_S:
            raise _Refused(f"it lasts more than {LONGEST_S:g} s: mark the quiet part alone")
        for side in self._standing(phase):
            if side not in self._devices:
                raise _Refused(f"this session has no {side.label} insole")
            if phase.feet[side].seconds < LEAST_S[phase.kind]:
                raise _Refused(
                    f"only {phase.feet[side].seconds:.1f} s of frames of the {side.label} insole: hold still for at "
                    f"least {LEAST_S[phase.kind]:g} s, within the recording, and look at the link"
                )

    def _gained(self, phase: Phase, zero_n: Mapping[Side, float | None]) -> tuple[str, float]:
        """Body weight over the mean force of the feet stood on: a factor on their gains. And its variation, in %."""
        if self._body_weight_n is None:
            raise _Refused("the body mass was not measured: give it, and calibrate again")
        if phase.kind == STANCE and self._devices.keys() in ({Side.LEFT}, {Side.RIGHT}):
            raise _Refused("it takes both insoles: stand on one leg instead")
        standing = self._standing(phase)
        force = {side: self._force(phase, side, zero_n) for side in self._devices}
        for side in self._devices.keys() - standing:
            share = float(np.mean(force[side])) / self._body_weight_n if len(force[side]) else 0.0
            if share > OTHER_FOOT_BW:
                raise _Refused(f"the {side.label} foot carries {100 * share:.0f} % of body weight: lift it")
        n = min(len(force[side]) for side in standing)
        total = np.sum([force[side][np.arange(n) * len(force[side]) // n] for side in standing], axis=0)
        mean_n, variation_pct = _steady_mean(total)
        factor = self._body_weight_n / mean_n
        after = self.calibration
        for side in standing:
            gain = factor * gain_of(after, side)
            if not GAIN_RANGE[0] <= gain <= GAIN_RANGE[1]:
                raise _Refused(
                    f"it would take a gain of {gain:.2f} for the {side.label} insole, expected {GAIN_RANGE[0]:g} to "
                    f"{GAIN_RANGE[1]:g}: look at the body mass, the device profile and the insole"
                )
            after = _with_gain(after, side, gain)
        if phase.kind in _LEGS:
            self._legs.add(_LEGS[phase.kind])
        self.calibration = replace(after, lr_known=after.lr_known or len(self._legs) == len(_LEGS))
        gains = ", ".join(f"{side.label} {gain_of(self.calibration, side):.3f}" for side in standing)
        return f"{phase.name}: gain {gains}", variation_pct

    def _force(self, phase: Phase, side: Side, zero_n: Mapping[Side, float | None]) -> FloatArray:
        """Force of one foot with the gain and zero in force, (n,)."""
        zero = zero_n[side]
        if zero is None:
            raise _Refused(f"the zero of the {side.label} insole is not known: mark an unloaded phase before it")
        return gain_of(self.calibration, side) * (phase.feet[side].force_n - zero)

    def _zeroed(self, phase: Phase, zero_n: Mapping[Side, float | None], force_n: Mapping[Side, float]) -> Taken:
        """The zero of every foot that was in the air."""
        notes, results = [], []
        for side, device in self._devices.items():
            foot, gain = phase.feet[side], gain_of(self.calibration, side)
            kpa = gain * device.to_kpa(foot.mean_counts)
            beyond = int(np.count_nonzero(np.abs(kpa) > ZERO_LIMIT_KPA))
            spread_n = gain * float(np.std(foot.force_n))
            load_n = gain * (float(np.mean(foot.force_n)) - (zero_n[side] or 0.0))
            refused = ""
            if load_n > UNLOADED_BW * (self._body_weight_n or NOMINAL_N):
                refused = f"it carries {load_n:.0f} N: lift it"
            elif beyond > max(1.0, ZERO_FAULTS_SHARE * device.n_cells):
                refused = f"{beyond} of {device.n_cells} cells read more than {ZERO_LIMIT_KPA:g} kPa: lift it"
            elif spread_n >= UNSTEADY_N:
                refused = f"its force varied by {spread_n:.0f} N: keep it still in the air"
            if refused:
                notes.append(f"{phase.name}: refused for the {side.label} foot, {refused}")
            else:
                notes.append(f"{phase.name}: zero of the {side.label} insole")
                self.calibration = _with_zero(self.calibration, side, tuple(kpa.tolist()))
            zero_kpa = None if refused else kpa
            results.append(self._result(phase, side, force_n[side], refused=refused, zero_kpa=zero_kpa))
        return Taken(tuple(notes), tuple(results))


def _steady_mean(force_n: FloatArray) -> tuple[float, float]:
    """Mean, and its variation in %, of a force that was steady."""
    mean = float(np.mean(force_n))
    if mean <= 0.0:
        raise _Refused("no load was measured: look at the insoles")
    cv = float(np.std(force_n)) / mean
    if cv >= MAX_CV:
        raise _Refused(
            f"the force varied by {100 * cv:.1f} %, expected under {100 * MAX_CV:g} %: hold still and repeat"
        )
    return mean, 100 * cv


def _with_gain(calibration: Calibration, side: Side, gain: float) -> Calibration:
    """Another gain for one foot; its zero, in kPa after the gain, goes along."""
    zero = zero_of(calibration, side)
    if zero is not None:
        ratio = gain / gain_of(calibration, side)
        calibration = _with_zero(calibration, side, tuple(ratio * kpa for kpa in zero))
    return replace(calibration, gain_right=gain) if side is Side.RIGHT else replace(calibration, gain_left=gain)


def _with_zero(calibration: Calibration, side: Side, zero_kpa: tuple[float, ...]) -> Calibration:
    if side is Side.RIGHT:
        return replace(calibration, zero_right_kpa=zero_kpa)
    return replace(calibration, zero_left_kpa=zero_kpa)
