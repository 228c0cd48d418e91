"""What the runner is to see: one number against one target, or in one word why there is none.

In: updates and the steps made of them. Out: `Prompt`, renewed with every contact; never a value that outlived its link.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from insole.blocks import FootHealth, Side, Update
from insole.feedback.baseline import CONTACTS
from insole.feedback.steps import MEAN_STEPS, Situation, Step, level_of
from insole.pipeline.numbers import SILENT_S

LAST_STEPS = 10
CADENCE_STEPS = 8  # METRICS.md 9
CADENCE_SLACK_SPM = 2.0
SWITCH_SHARE = 0.04  # the other foot must be so much higher before the screen shows it: half a level
SPAN_BW_S = 60.0
SPAN_SPM = 40.0


class Advice(Enum):
    """What the runner is told."""

    NO_TARGET = "no target"
    BASELINE = "baseline"
    SETTLING = "settling"
    ON_TARGET = "on target"
    ABOVE = "above"  # softer
    BELOW = "below"  # cadence only: quicker
    WITHHELD = "no cue now"
    LOST = "wait"
    STANDING = "no steps"


@dataclass(frozen=True, slots=True)
class Prompt:
    """One state of the runner's screen.

    Parameters
    ----------
    advice : Advice
    metric : str
        valr_bw_s or cadence_spm.
    side : Side or None
        The foot that is shown; None: both together.
    value, target : float
        NaN where there is none.
    last : tuple of float
        The last ten steps, oldest first; NaN: withheld.
    low, high : float
        Ends of the scale, the same for the whole session as long as the target stays on it.
    done, needed : int
        Contacts of the baseline minute or of the first mean.
    reason : str
        Why there is no cue.
    """

    advice: Advice
    metric: str
    side: Side | None = None
    value: float = math.nan
    target: float = math.nan
    last: tuple[float, ...] = ()
    low: float = math.nan
    high: float = math.nan
    done: int = 0
    needed: int = 0
    reason: str = ""


class Prompter:
    """Keeps what the runner's screen shows.

    Parameters
    ----------
    sides : sequence of Side
    """

    def __init__(self, sides: Sequence[Side]) -> None:
        self._sides = tuple(sides)
        self._last: dict[Side, deque[Step]] = {side: deque(maxlen=LAST_STEPS) for side in sides}
        self._shown = self._sides[0]
        self._cadence: deque[float] = deque(maxlen=LAST_STEPS)
        self._cadence_s = -math.inf
        self._quick = False
        self._scales: dict[str, tuple[float, float]] = {}
        self._t_s = 0.0
        self._silent: dict[Side, float] = {}

    def push(self, update: Update, steps: Sequence[Step]) -> None:
        """Take an update and its steps."""
        self._t_s = max(self._t_s, update.t_s)
        self._silent = {side: update.health.feet.get(side, FootHealth()).silent_s for side in self._sides}
        for step in steps:
            self._last[step.side].append(step)
        rows = update.contacts.running()
        times = rows.columns.get("step_time_ms")
        if times is not None and len(rows):
            self._cadence.extend((60e3 / times[np.isfinite(times)]).tolist())
            self._cadence_s = float(rows.strike_s[-1])

    def prompt(self, situation: Situation) -> Prompt:
        """What is to be shown now."""
        return (
            self._of_cadence(situation) if situation.settings.cue.metric == "cadence_spm" else self._of_rate(situation)
        )

    # ---- loading rate ---------------------------------------------------------------------------------------------

    def _of_rate(self, situation: Situation) -> Prompt:
        target = situation.settings.target_valr_bw_s
        blank = Prompt(Advice.NO_TARGET, "valr_bw_s")
        if situation.measuring and situation.baseline is not None:
            return replace(blank, advice=Advice.BASELINE, done=situation.baseline.counted, needed=CONTACTS)
        if target is None:
            return blank
        side = self._shown = self._choose(situation)
        low, high = self._scale(blank.metric, target, SPAN_BW_S)
        return self._of_foot(replace(blank, side=side, target=target, low=low, high=high), self._last[side])

    def _of_foot(self, blank: Prompt, last: Sequence[Step]) -> Prompt:
        """What the steps of the shown foot say; `blank` has the rest."""
        if blank.side is not None and self._silent.get(blank.side, 0.0) > SILENT_S:
            return replace(blank, advice=Advice.LOST, reason="no link")
        if not last or self._t_s - last[-1].t_s > SILENT_S:
            return replace(blank, advice=Advice.STANDING)
        newest = last[-1]
        if newest.withheld:
            return replace(blank, advice=Advice.WITHHELD, reason=newest.withheld)
        rates = tuple(step.rate_bw_s for step in last)
        if math.isnan(newest.mean_bw_s):
            known = sum(map(math.isfinite, rates[-MEAN_STEPS:]))
            return replace(blank, advice=Advice.SETTLING, last=rates, done=known, needed=MEAN_STEPS)
        advice = Advice.ABOVE if level_of(newest.mean_bw_s / blank.target - 1.0) else Advice.ON_TARGET
        return replace(blank, advice=advice, value=newest.mean_bw_s, last=rates)

    def _choose(self, situation: Situation) -> Side:
        """The cued foot that is higher; it stays until the other one is clearly higher, or it falls silent."""
        cued = [side for side in self._sides if situation.cues(side)] or list(self._sides)
        means = {side: self._mean(side) for side in cued}
        best = max(cued, key=lambda side: means[side])
        shown = self._shown if self._shown in cued else cued[0]
        return best if means[best] > means[shown] * (1.0 + SWITCH_SHARE) else shown

    def _mean(self, side: Side) -> float:
        """Of the last steps of a foot; 0 where there is none, so that the other one is shown."""
        last = self._last[side]
        if not last or self._t_s - last[-1].t_s > SILENT_S or self._silent.get(side, 0.0) > SILENT_S:
            return 0.0
        return float(np.nan_to_num(last[-1].mean_bw_s))

    # ---- cadence --------------------------------------------------------------------------------------------------

    def _of_cadence(self, situation: Situation) -> Prompt:
        target = situation.settings.cue.target_cadence_spm
        blank = Prompt(Advice.NO_TARGET, "cadence_spm")
        if target is None:
            return blank
        low, high = self._scale(blank.metric, target, SPAN_SPM)
        blank = replace(blank, target=target, low=low, high=high)
        if all(self._silent.get(side, 0.0) > SILENT_S for side in self._sides):
            return replace(blank, advice=Advice.LOST, reason="no link")
        if self._t_s - self._cadence_s > 2 * SILENT_S:  # a contact is whole only after toe-off, and in its bout
            self._cadence.clear()
            return replace(blank, advice=Advice.STANDING)
        if len(self._cadence) < CADENCE_STEPS:
            return replace(blank, advice=Advice.SETTLING, done=len(self._cadence), needed=CADENCE_STEPS)
        value = math.fsum(list(self._cadence)[-CADENCE_STEPS:]) / CADENCE_STEPS
        self._quick = value >= target - (CADENCE_SLACK_SPM if self._quick else 0.0)
        advice = Advice.ON_TARGET if self._quick else Advice.BELOW
        return replace(blank, advice=advice, value=value, last=tuple(self._cadence))

    def _scale(self, metric: str, target: float, span: float) -> tuple[float, float]:
        """Ends of the scale: the target a little below the middle, and so it stays unless it leaves the inner part."""
        low, high = self._scales.get(metric, (math.nan, math.nan))
        if not low + 0.15 * span <= target <= high - 0.15 * span:
            low = max(0.0, 10.0 * round((target - 0.45 * span) / 10.0))
            self._scales[metric] = low, low + span
        return self._scales[metric]
