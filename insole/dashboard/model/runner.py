"""The runner's screen in words and places: one number, one word, one bar, the last ten steps. No Qt.

In: the prompt of the feedback, and how the session is played. Out: a frozen `RunnerPicture`. What may not be shown is
not there; nothing on it outlives its link.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum

from insole.blocks import Side
from insole.dashboard.model.playing import Playing
from insole.dashboard.model.words import NumberStyle
from insole.feedback.prompt import CADENCE_STEPS, LAST_STEPS, Advice, Prompt
from insole.feedback.steps import MEAN_STEPS


class Shape(Enum):
    """The sign beside the word."""

    NONE = "none"
    CHECK = "check"
    UP = "triangle up"
    DOWN = "triangle down"
    CROSS = "crossed square"


@dataclass(frozen=True, slots=True)
class Mark:
    """One of the last steps: `slot` 0 (oldest) to 9, `at` 0 (bottom of the scale) to 1, off or on target."""

    slot: int
    at: float
    off: bool


@dataclass(frozen=True, slots=True)
class RunnerPicture:
    """Everything on the screen; `at` and `target_at` are places on the scale, 0 to 1, None: not drawn."""

    title: str
    subtitle: str
    word: str
    shape: Shape = Shape.NONE
    off: bool = False  # in the colour that asks for a change
    value: str = ""
    unit: str = ""
    at: float | None = None
    target: str = ""
    target_at: float | None = None
    marks: tuple[Mark, ...] = ()
    hint: str = ""
    share: float | None = None  # of a count that goes on

    def spoken(self) -> str:
        """The same as one line, for screen readers."""
        parts = (
            f"{self.value} {self.unit}".strip(),
            self.word,
            f"target {self.target}" if self.target else "",
            self.hint,
        )
        return f"{self.title}: " + ", ".join(part for part in parts if part)


STALE_S = 2.0


class Freshness:
    """Whether something has come from the session lately, by the clock of the screen."""

    def __init__(self) -> None:
        self._t_s, self._since_s = -math.inf, math.inf

    def seen(self, t_s: float, now_s: float) -> bool:
        """Look at the session's time; False once it has stood still for too long."""
        if t_s != self._t_s:
            self._t_s, self._since_s = t_s, now_s
        return now_s - self._since_s <= STALE_S


_TITLES = {"valr_bw_s": ("Landing", "BW/s"), "cadence_spm": ("Cadence", "steps/min")}
_WORDS = {
    Advice.ON_TARGET: ("On target", Shape.CHECK),
    Advice.ABOVE: ("Softer", Shape.UP),
    Advice.BELOW: ("Quicker", Shape.DOWN),
    Advice.WITHHELD: ("No cue now", Shape.NONE),
    Advice.LOST: ("Wait", Shape.CROSS),
    Advice.STANDING: ("Ready", Shape.NONE),
    Advice.SETTLING: ("First steps", Shape.NONE),
    Advice.BASELINE: ("Run as usual", Shape.NONE),
    Advice.NO_TARGET: ("No target yet", Shape.NONE),
}
_FIRST = {
    "valr_bw_s": "On the therapist's screen: T sets one, or take it from a baseline minute.",
    "cadence_spm": "On the therapist's screen: T sets one for the cadence.",
}


def runner_picture(prompt: Prompt, playing: Playing, style: NumberStyle, *, fresh: bool = True) -> RunnerPicture:
    """The picture of a prompt; `fresh` is False when nothing has come from the session for a while."""
    title, unit = _TITLES[prompt.metric]
    if playing.ended or playing.paused:
        return RunnerPicture(title, "", "Session over" if playing.ended else "Paused")
    if prompt.advice in {Advice.NO_TARGET, Advice.BASELINE}:
        return _before_target(prompt, title)
    blank = RunnerPicture(title, "", *_WORDS[prompt.advice], target=_target(prompt, style))
    if not fresh or prompt.advice is Advice.LOST:
        word, shape = _WORDS[Advice.LOST]
        return replace(blank, word=word, shape=shape, hint=_lost(prompt, fresh=fresh))
    blank = replace(blank, subtitle=_subtitle(prompt))
    if math.isnan(prompt.value):
        settling = prompt.advice is Advice.SETTLING
        return replace(blank, hint=f"{prompt.done} of {prompt.needed}" if settling else prompt.reason)
    return replace(
        blank,
        off=prompt.advice in {Advice.ABOVE, Advice.BELOW},
        value=style.number(_shown(prompt), 0),
        unit=unit,
        at=_place(prompt, prompt.value),
        marks=_marks(prompt),
        target_at=_place(prompt, prompt.target),
    )


def _before_target(prompt: Prompt, title: str) -> RunnerPicture:
    word, _ = _WORDS[prompt.advice]
    if prompt.advice is Advice.NO_TARGET:
        return RunnerPicture(title, "", word, hint=_FIRST[prompt.metric])
    hint = f"{prompt.done} of {prompt.needed} steps of each foot, no cue until then"
    return RunnerPicture(title, "", word, hint=hint, share=prompt.done / prompt.needed)


def _target(prompt: Prompt, style: NumberStyle) -> str:
    return style.number(prompt.target, 0 if prompt.target == round(prompt.target) else 1)


def _subtitle(prompt: Prompt) -> str:
    if prompt.metric == "cadence_spm":
        return f"both feet, mean of {CADENCE_STEPS}"
    foot = _foot(prompt)
    return f"{foot} foot, mean of {MEAN_STEPS}" if foot else f"mean of {MEAN_STEPS}"


def _foot(prompt: Prompt) -> str:
    """'left' or 'right'; empty where it is both."""
    return "" if prompt.side is None or prompt.side is Side.BELT else prompt.side.label


def _lost(prompt: Prompt, *, fresh: bool) -> str:
    if not fresh:
        return "nothing has come for a while"
    foot = _foot(prompt)
    return f"no link to the {foot} insole" if foot else "no link"


def _shown(prompt: Prompt) -> float:
    """The value in whole units, never on the other side of the target than the advice."""
    whole = round(prompt.value)
    if prompt.advice is Advice.ABOVE:
        return max(whole, math.floor(prompt.target) + 1)
    if prompt.advice is Advice.BELOW:
        return min(whole, math.ceil(prompt.target) - 1)
    return min(whole, math.floor(prompt.target)) if prompt.metric == "valr_bw_s" else whole


def _place(prompt: Prompt, value: float) -> float:
    """On the scale; what lies beyond stays at its end."""
    return min(1.0, max(0.0, (value - prompt.low) / (prompt.high - prompt.low)))


def _marks(prompt: Prompt) -> tuple[Mark, ...]:
    first = LAST_STEPS - len(prompt.last)
    low_is_off = prompt.metric == "cadence_spm"
    return tuple(
        Mark(first + i, _place(prompt, value), value < prompt.target if low_is_off else value > prompt.target)
        for i, value in enumerate(prompt.last)
        if math.isfinite(value)
    )
