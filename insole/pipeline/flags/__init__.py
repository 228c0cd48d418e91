"""High-load patterns: observations with their evidence, never a diagnosis (METRICS.md 8.1, 8.2).

In: rows of the contact table with their rolling columns, and the state of each foot's signal, merged by time. Out: the
flags that ended; `Flags.active`: those that are up. Carry: since when each condition holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from insole.blocks import K_DYN_STOP, ContactTable, Flag, FloatArray, Side
from insole.device import Device
from insole.pipeline.flags.conditions import Condition, conditions
from insole.pipeline.flags.latch import Latch, Span, Timing
from insole.pipeline.flags.measures import Reading, body_weight_check
from insole.pipeline.flags.readings import Readings
from insole.pipeline.flags.rules import RULES, Rule
from insole.pipeline.flags.signals import SignalState, signal_reading
from insole.pipeline.flags.text import flag_of
from insole.settings import FlagSettings, Settings

__all__ = ["RULES", "Flags", "Rule", "SignalState"]

HOLD_S = 20.0  # the start may be waited for 10 s, and what a contact is may take some steps
JUDGE_EVERY_S = 2.0  # a state takes a minute to reach, and six rows together cost little more than one

_Ended = tuple[float, int, Flag]  # when it was left, place of its condition in the table of rules


class Flags:
    """Which high-load patterns are there, since when.

    Rows and signals are judged in the order of their times, rows first. A signal waits until a row at or after it was
    given, or signals `HOLD_S` later: running contacts must not come later than that, and no row before the signals up
    to its strike. Judged is up to whole multiples of `JUDGE_EVERY_S`: neither what comes out nor what is up after a
    push depends on how the input is grouped.

    Parameters
    ----------
    settings : Settings
        Lines, persistence, and the runner's own baseline; conditions whose own value is not given are left out.
    feet : mapping of Side to Device
    calibrated : bool
        Left and right gain are known against each other; without it no difference in magnitude raises a flag.
    """

    def __init__(self, settings: Settings, feet: Mapping[Side, Device], calibrated: bool) -> None:
        self._settings, self._calibrated = settings.flags, calibrated
        found = list(conditions(settings, feet))
        self._signals = [condition for condition in found if condition.when.kind == "signal"]
        self._contacts = [condition for condition in found if condition.when.kind != "signal"]
        self._readings = Readings(self._contacts, settings.baseline)
        self._held: list[SignalState] = []
        self._changes: list[tuple[float, FlagSettings, bool]] = []
        self._rows: list[ContactTable] = []
        self._active: tuple[Flag, ...] = ()
        self._row_s = self._signal_s = self._judged_s = self._judged_row_s = self._now_s = -np.inf

    @property
    def active(self) -> tuple[Flag, ...]:
        """The flags that are up, on before watch, else in the order of the table of rules; `to_s`: last judged so."""
        return self._active

    def _up(self) -> tuple[Flag, ...]:
        spans = [(condition, condition.latch.span) for condition in (*self._contacts, *self._signals)]
        up = [(-span.state, c.place, flag_of(c, span)) for c, span in spans if span is not None]
        return tuple(flag for *_, flag in sorted(up, key=lambda entry: entry[:2]))

    def change(self, t_s: float, settings: FlagSettings, calibrated: bool) -> None:
        """Other lines, persistence or knowledge of the gains from `t_s` on; give it before rows that strike later."""
        self._changes.append((t_s, settings, calibrated))

    def push(self, table: ContactTable, signals: Sequence[SignalState]) -> tuple[Flag, ...]:
        """Take rows and signal states; the flags that ended, in the order in which they did."""
        self._held.extend(signals)
        if signals:
            self._signal_s = max(self._signal_s, signals[-1].t_s)
        if len(table):
            self._rows.append(table)
            self._row_s = max(self._row_s, float(table.strike_s.max()))
        known_s = max(self._row_s, self._signal_s - HOLD_S)
        reach_s = np.floor(known_s / JUDGE_EVERY_S) * JUDGE_EVERY_S
        return self._judge(reach_s) if reach_s > self._judged_s else ()

    def finish(self) -> tuple[Flag, ...]:
        """Judge what was held back; the flags that ended by it. Those that are up stay in `active`."""
        return self._judge(np.inf)

    def _judge(self, reach_s: float) -> tuple[Flag, ...]:
        """Rows, and signals and changes up to `reach_s`, in the order of their times."""
        table = ContactTable.join(self._rows)
        t_s = np.maximum(np.maximum.accumulate(table.strike_s), self._judged_row_s)
        n = int(np.searchsorted(t_s, reach_s, side="right"))
        self._rows = [table.rows(slice(n, None))] if n < len(table) else []
        table, t_s = table.rows(slice(0, n)), t_s[:n]
        self._judged_s = reach_s
        due = [signal for signal in self._held if signal.t_s <= reach_s]
        self._held = [signal for signal in self._held if signal.t_s > reach_s]
        changes = [change for change in self._changes if change[0] <= reach_s]
        self._changes = [change for change in self._changes if change[0] > reach_s]
        readings = self._trusted(table, self._readings.push(table)) if len(table) else []
        ended: list[_Ended] = []
        edges = [-np.inf, *(change[0] for change in changes), np.inf]
        for place, (from_s, to_s) in enumerate(pairwise(edges)):
            if place:
                ended += self._take_up(*changes[place - 1])
            first, last = np.searchsorted(t_s, [from_s, to_s]).tolist()
            check = body_weight_check(table).between(first, last)
            states = [signal for signal in due if from_s <= signal.t_s < to_s]
            pauses, over = self._judge_signals(states, t_s[check.row], check)
            ended += over + self._judge_rows(readings, t_s, first, last, pauses)
        self._judged_row_s = max([self._judged_row_s, *t_s[-1:].tolist()])
        self._now_s = max([self._now_s, self._judged_row_s, *(signal.t_s for signal in due[-1:])])
        ended += self._each(lambda latch: latch.expire(self._now_s, self._timing), [*self._contacts, *self._signals])
        self._active = self._up()
        return tuple(flag for *_, flag in sorted(ended, key=lambda entry: entry[:2]))

    def _trusted(self, table: ContactTable, readings: list[Reading]) -> list[Reading]:
        """Nothing in body weights while the insoles are far from body weight, wherever the line of the check lies."""
        k_dyn = table.columns.get("k_dyn", np.full(len(table), np.nan))
        near = ~(np.abs(k_dyn - 1.0) > K_DYN_STOP)
        return [
            reading.only(near[reading.row]) if "_bw" in condition.when.metric else reading
            for condition, reading in zip(self._contacts, readings, strict=True)
        ]

    @property
    def _timing(self) -> Timing:
        return Timing(self._settings.persist_s, self._settings.release_s, self._settings.release_ratio)

    def _judge_signals(
        self, states: list[SignalState], check_s: FloatArray, check: Reading
    ) -> tuple[list[tuple[float, float]], list[_Ended]]:
        """The times without other flags, after the first and up to the second, and the signal flags that ended."""
        pauses: list[tuple[float, float]] = []
        ended: list[_Ended] = []
        for condition in self._signals:
            by_contact = condition.side is None
            seen_s, reading = (check_s, check) if by_contact else signal_reading(states, condition)
            spans = condition.judge(seen_s, reading, self._timing)
            ended += self._entries(condition, spans)
            pauses += [(span.from_s, span.left_s) for span in spans]
            up = condition.latch.span
            if up is not None:
                pauses.append((up.from_s, condition.latch.judged_s + self._settings.release_s))
        return sorted(pauses), ended

    def _judge_rows(
        self, readings: list[Reading], t_s: FloatArray, first: int, last: int, pauses: list[tuple[float, float]]
    ) -> list[_Ended]:
        """Rows first ... last - 1 but for those in a pause; a pause ends what is up."""
        ended: list[_Ended] = []
        for from_s, to_s in pauses:
            stop, resume = np.searchsorted(t_s[:last], [from_s, to_s], side="right").tolist()
            ended += self._judge_between(readings, t_s, first, stop)
            ended += self._stop(from_s, self._contacts)
            first = max(first, resume)
        return ended + self._judge_between(readings, t_s, first, last)

    def _judge_between(self, readings: list[Reading], t_s: FloatArray, first: int, last: int) -> list[_Ended]:
        ended: list[_Ended] = []
        if first >= last:
            return ended
        for condition, reading in zip(self._contacts, readings, strict=True):
            if self._allowed(condition):
                some = reading.between(first, last)
                if len(some.row):
                    ended += self._entries(condition, condition.judge(t_s[some.row], some, self._timing))
        return ended

    def _allowed(self, condition: Condition) -> bool:
        if condition.when.kind == "signal":
            return True
        return self._settings.enabled and (self._calibrated or not condition.when.magnitude)

    def _take_up(self, t_s: float, settings: FlagSettings, calibrated: bool) -> list[_Ended]:
        """Judge by other settings from now on; what they do not allow ends now."""
        every = [*self._contacts, *self._signals]
        ended = self._each(lambda latch: latch.expire(t_s, self._timing), every)
        self._settings, self._calibrated = settings, calibrated
        for condition in every:
            condition.terms = condition.terms._replace(limits=settings.limits)
        over = [c for c in every if not self._allowed(c) or t_s - c.latch.judged_s >= settings.release_s]
        return ended + self._each(lambda latch: latch.stop(t_s), over)

    def _stop(self, t_s: float, some: Sequence[Condition]) -> list[_Ended]:
        return self._each(lambda latch: latch.expire(t_s, self._timing) or latch.stop(t_s), some)

    def _each(self, act: Callable[[Latch], list[Span]], some: Sequence[Condition]) -> list[_Ended]:
        return [entry for condition in some for entry in self._entries(condition, act(condition.latch))]

    def _entries(self, condition: Condition, spans: Sequence[Span]) -> list[_Ended]:
        return [(span.left_s, condition.place, flag_of(condition, span)) for span in spans]
