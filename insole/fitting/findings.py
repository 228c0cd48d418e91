"""What the check knows so far, in plain words. In: results of phases, verdicts on taps, cells. Out: findings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from insole.blocks import GRAVITY_M_S2, PhaseResult, Side
from insole.device import Device
from insole.fitting.cells import CellWatch
from insole.fitting.judge import Judged
from insole.fitting.mark import Mark
from insole.fitting.steps import Step
from insole.pipeline.calibration import LEFT, RIGHT, STANCE, UNLOADED

ENOUGH_PRESSED = 0.5  # of the cells of a foot, before its cells are said to answer
WEIGHT_OFF = 0.10  # METRICS.md 1.4
SHOWN_CELLS = 4


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the check has found."""

    mark: Mark
    title: str
    detail: str


@dataclass(slots=True)
class Facts:
    """Everything that findings are made of."""

    feet: Mapping[Side, Device]
    body_mass_kg: float | None
    used: dict[tuple[str, Side], PhaseResult] = field(default_factory=dict)
    taps: dict[str, tuple[Step, Judged]] = field(default_factory=dict)
    wrong_foot: bool = False  # in standing on one leg

    def take(self, result: PhaseResult) -> None:
        """The last good result of each phase counts."""
        if not result.refused:
            self.used[result.kind, result.side] = result
            if result.kind in (LEFT, RIGHT):
                self.wrong_foot = False


def findings(facts: Facts, cells: Mapping[Side, CellWatch]) -> tuple[Finding, ...]:
    """What is known; what was not looked at is not mentioned."""
    found = [_sides(facts), _map(facts), _gain(facts), _weight(facts), *_cells(cells), _resting(facts)]
    return tuple(finding for finding in found if finding is not None)


def _sides(facts: Facts) -> Finding | None:
    judged = [verdict for _, verdict in facts.taps.values()]
    if facts.wrong_foot or any(verdict.swapped for verdict in judged):
        text = "What was asked of one foot came from the other insole: swap now, or go on as it is"
        return Finding(Mark.FIX, "Sides are swapped", text)
    if facts.taps:
        return Finding(Mark.PASS, "Sides are right", "The foot that tapped answered")
    if (LEFT, Side.LEFT) in facts.used or (RIGHT, Side.RIGHT) in facts.used:
        return Finding(Mark.PASS, "Sides are right", "The foot stood on carried the weight")
    return None


def _map(facts: Facts) -> Finding | None:
    misplaced = [step for step, verdict in facts.taps.values() if verdict.misplaced]
    if misplaced:
        feet = " and ".join(sorted({step.side.label for step in misplaced if step.side is not None}))
        return Finding(
            Mark.FIX, f"Channel map of the {feet} insole", "Taps arrive at the other end of the foot: name its profile"
        )
    placed = [step for step, verdict in facts.taps.values() if verdict.placed]
    if placed:
        places = " and ".join(dict.fromkeys(step.zone.word for step in placed if step.zone is not None))
        return Finding(Mark.PASS, "Channel map fits", f"{places.capitalize()} answer where they should")
    return None


def _gain(facts: Facts) -> Finding | None:
    legs = {
        side: facts.used[kind, side]
        for kind, side in ((LEFT, Side.LEFT), (RIGHT, Side.RIGHT))
        if (kind, side) in facts.used
    }
    stance = [facts.used[STANCE, side] for side in facts.feet if (STANCE, side) in facts.used]
    if len(legs) == 2:
        gains = ", ".join(f"{'L' if side is Side.LEFT else 'R'} {result.gain:.2f}" for side, result in legs.items())
        return Finding(Mark.PASS, "Left and right gain known", f"{gains}, from one-leg stance")
    if stance:
        text = f"{stance[0].gain:.2f}; left against right is unknown, so no flag on a difference in magnitude"
        return Finding(Mark.SKIPPED, "One gain for both insoles", text)
    return None


def _weight(facts: Facts) -> Finding | None:
    stance = [facts.used[STANCE, side] for side in facts.feet if (STANCE, side) in facts.used]
    if not stance or facts.body_mass_kg is None:
        return None
    read = sum(result.force_n for result in stance) / (facts.body_mass_kg * GRAVITY_M_S2)
    text = f"Measured {read:.2f} of {facts.body_mass_kg:.1f} kg"
    if abs(read - 1.0) > WEIGHT_OFF:
        return Finding(Mark.FIX, "Body weight read off", f"{text}, corrected by the gain: is the body mass right?")
    return Finding(Mark.PASS, "Body weight fits", text)


def _cells(cells: Mapping[Side, CellWatch]) -> list[Finding | None]:
    found: list[Finding | None] = []
    for side, watch in cells.items():
        for numbers, does in ((watch.dead, "does not answer"), (watch.stuck, "reads a load in the air")):
            if numbers:
                names = ", ".join(map(str, numbers[:SHOWN_CELLS])) + (" …" if len(numbers) > SHOWN_CELLS else "")
                title = f"{side.label.capitalize()} cell {names} {does}"
                found.append(Finding(Mark.FIX, title, "Look at plug and fit and check again, or go on: it is marked"))
    answering = [watch.pressed_share >= ENOUGH_PRESSED for watch in cells.values()]
    if not found and answering and all(answering):
        found.append(Finding(Mark.PASS, "Cells answer", "None found dead or stuck so far"))
    return found


def _resting(facts: Facts) -> Finding | None:
    means = {
        side: float(np.mean(result.zero_kpa))
        for (kind, side), result in facts.used.items()
        if kind == UNLOADED and result.zero_kpa is not None
    }
    if not means:
        return None
    letters = {Side.LEFT: "L", Side.RIGHT: "R"}
    text = ", ".join(f"{letters[side]} {kpa:.0f} kPa" for side, kpa in sorted(means.items()) if math.isfinite(kpa))
    return Finding(Mark.PASS, "Zero set", f"{text} at rest, from lacing and insole")
