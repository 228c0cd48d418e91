"""How long a condition holds: from single judgements to off, watch and on (METRICS.md 8.1).

In: times and how far the measurement is towards each line (1: at the line). Out: the state, since when, and the spans
that ended. Two lines: watch goes up at once, on after its condition has held without a break for the persistence. A
state is left when the measurement stays under 90 % of its line, or is not measured, for the release time. A span runs
from the first to the last judgement in which the condition itself held, and carries the numbers of that last one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

from insole.blocks import BoolArray, FlagState, FloatArray


class Timing(NamedTuple):
    """Persistence, release time and the share of the line below which a state is left."""

    persist_s: float
    release_s: float
    release_ratio: float


class Figures(NamedTuple):
    """The numbers of one judgement; `beside` is what the text mentions next to them."""

    t_s: float
    value: float
    low: float
    high: float
    beside: float
    limited: bool


class Span(NamedTuple):
    """A time in one state: from when its condition held, the last figures for which it did, and when it was left."""

    state: FlagState
    from_s: float
    figures: Figures
    limit: float
    left_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """m judgements in time order.

    Parameters
    ----------
    t_s, value, low, high, beside : (m,) float64
    limited : (m,) bool
        Rests mostly on values of limited accuracy.
    watch, on : (m,) float64
        How far the measurement is towards each line: 1 at the line, NaN never.
    sure : (m,) bool
        Whether a state may be entered by this judgement at all.
    watch_limit, on_limit : float
        The lines, in the unit of the value.
    """

    t_s: FloatArray
    value: FloatArray
    low: FloatArray
    high: FloatArray
    beside: FloatArray
    limited: BoolArray
    watch: FloatArray
    on: FloatArray
    sure: BoolArray
    watch_limit: float
    on_limit: float


@dataclass(slots=True)
class _Line:
    """One line: since when its condition holds without a break, and whether the state is up."""

    since_s: float = math.nan
    kept_s: float = math.nan
    figures: Figures | None = None
    limit: float = math.nan
    up: bool = False

    def judge(self, figures: Figures, reached: float, sure: bool, hold_s: float, timing: Timing, limit: float) -> None:
        t_s = figures.t_s
        if sure and reached >= 1.0:
            if math.isnan(self.since_s):
                self.since_s = t_s
            self.kept_s = t_s
            self.figures, self.limit = figures, limit
            self.up = self.up or t_s - self.since_s >= hold_s
        elif not self.up:
            self.clear()
        elif reached >= timing.release_ratio:
            self.kept_s = t_s
        elif t_s - self.kept_s >= timing.release_s:
            self.clear()

    def clear(self) -> None:
        self.since_s = self.kept_s = math.nan
        self.figures = None
        self.up = False


@dataclass(slots=True)
class Latch:
    """The state of one condition of one foot.

    Parameters
    ----------
    at_once : bool
        The measurement itself already looks back over a minute: on needs no persistence.
    patient : bool
        Watch needs the persistence, too (METRICS.md 7.4).
    """

    at_once: bool = False
    patient: bool = False
    judged_s: float = math.nan
    _watch: _Line = field(default_factory=_Line)
    _on: _Line = field(default_factory=_Line)
    _watch_from_s: float = math.nan
    _before_on: Figures | None = None  # the last figures on watch before the condition of on began to hold

    @property
    def state(self) -> FlagState:
        """Off, watch or on."""
        return FlagState.ON if self._on.up else FlagState.WATCH if self._watch.up else FlagState.OFF

    @property
    def span(self) -> Span | None:
        """The present state up to the last judgement in which it held; None when off."""
        if self._on.up and self._on.figures:
            return Span(FlagState.ON, self._on.since_s, self._on.figures, self._on.limit, math.nan)
        if self._watch.up and self._watch.figures:
            return Span(FlagState.WATCH, self._watch_from_s, self._watch.figures, self._watch.limit, math.nan)
        return None

    def run(self, judged: Judged, timing: Timing) -> list[Span]:
        """Take judgements; the spans that ended, in order."""
        first = self._first_of_interest(judged)
        if first == len(judged.t_s):
            if first:
                self.judged_s = float(judged.t_s[-1])
            return []
        ended: list[Span] = []
        columns = (judged.t_s, judged.value, judged.low, judged.high, judged.beside, judged.limited)
        rows = zip(*(column[first:].tolist() for column in columns), strict=True)
        lines = zip(*(column[first:].tolist() for column in (judged.watch, judged.on, judged.sure)), strict=True)
        if first:
            self.judged_s = float(judged.t_s[first - 1])
        for row, (watch, on, sure) in zip(rows, lines, strict=True):
            figures = Figures(*row)
            ended += self.expire(figures.t_s, timing)
            before, was = self._watch.figures, self.span
            holding = not math.isnan(self._on.since_s)
            hold_s = 0.0 if self.at_once else timing.persist_s
            watch_hold_s = timing.persist_s if self.patient else 0.0
            self._watch.judge(figures, watch, sure, watch_hold_s, timing, judged.watch_limit)
            self._on.judge(figures, on, sure, hold_s, timing, judged.on_limit)
            if not holding and not math.isnan(self._on.since_s):
                self._before_on = before
            ended += self._changed(was, figures.t_s)
            self.judged_s = figures.t_s
        return ended

    def _first_of_interest(self, judged: Judged) -> int:
        """Index of the first judgement that can matter: all do while something is up or holds."""
        if self.state or not (math.isnan(self._on.since_s) and math.isnan(self._watch.since_s)):
            return 0
        matters = judged.sure & ((judged.watch >= 1.0) | (judged.on >= 1.0))
        return int(matters.argmax()) if matters.any() else len(matters)

    def _changed(self, was: Span | None, t_s: float) -> list[Span]:
        """What a change of state at `t_s` brings to an end."""
        state = self.state
        if was is None:
            self._watch_from_s = self._watch.since_s
            return []
        if state == was.state:
            return []
        if state == FlagState.ON:
            earlier = self._before_on
            return [] if earlier is None else [was._replace(figures=earlier, left_s=t_s)]
        self._watch_from_s = was.figures.t_s
        return [was._replace(left_s=t_s)]

    def expire(self, now_s: float, timing: Timing) -> list[Span]:
        """End everything when nothing was judged for the release time: the span ends with its last figures."""
        silent = now_s - self.judged_s >= timing.release_s
        return self.stop(self.judged_s + timing.release_s) if silent else []

    def stop(self, t_s: float) -> list[Span]:
        """End everything at `t_s`."""
        was = self.span
        self._watch.clear()
        self._on.clear()
        self._before_on = None
        return [] if was is None else [was._replace(left_s=t_s)]
