"""High-load patterns: observations with their evidence, never a diagnosis (METRICS.md 8.1, 8.2).

In: rows of the contact table with their rolling columns, and the state of each foot's signal, merged by time. Out: the
flags that ended; `active`: those that are up. Carry: since when each condition holds.

A row is given once every signal up to its strike has been; a signal waits until a row at or after it was given, or
signals `HOLD_S` later: no running contact comes later than that. So the order of the given pieces decides, and not how
they are grouped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from insole.blocks import ContactTable, Flag, FlagState, FloatArray, Side
from insole.device import Device
from insole.pipeline.flags.conditions import KINDS, Terms
from insole.pipeline.flags.drift import Drift
from insole.pipeline.flags.latch import Latch, Span, Timing
from insole.pipeline.flags.measures import (
    Cadence,
    Counts,
    Medians,
    Reading,
    Shares,
    Variability,
    difference_from_table,
    median_from_table,
)
from insole.pipeline.flags.rules import RULES, Rule, When
from insole.pipeline.flags.text import flag_of
from insole.pipeline.rolling import FEET
from insole.pipeline.statistics import STABLE_CONTACTS
from insole.settings import Baseline, FlagSettings, Settings

__all__ = ["RULES", "Flags", "Rule", "SignalState"]

HOLD_S = 10.0
SAME_CADENCE_SPM = 3.0  # METRICS.md 3.6
PEDAR_CELLS, PEDAR_CELL_MM2 = 64, (75.0, 250.0)  # the line of Tessutti 2010 holds for cells of about this size
TABLE_MEDIANS = ("valr_bw_s",)  # their rolling medians stand in the table already


@dataclass(frozen=True, slots=True)
class SignalState:
    """How good one foot's signal was at one moment; NaN: not known.

    Parameters
    ----------
    t_s : float
        Recording time.
    side : Side
    loss_pct : float
        Frames lost over the last 60 s.
    k_dyn : float
        Body-weight check, the same for both feet: BW / mean force over whole strides.
    saturation_pct : float
        Share of the loaded cell samples at full scale.
    faulty_cells : int
        Cells found dead or stuck.
    """

    t_s: float
    side: Side
    loss_pct: float = float("nan")
    k_dyn: float = float("nan")
    saturation_pct: float = float("nan")
    faulty_cells: int = 0


@dataclass(slots=True, eq=False)
class _Condition:
    """One condition of one foot (or of both, without a side) and its state."""

    rule: Rule
    when: When
    side: Side | None
    terms: Terms
    latch: Latch

    def judge(self, t_s: FloatArray, reading: Reading, timing: Timing) -> list[Span]:
        return self.latch.run(KINDS[self.when.kind](t_s, reading, self.terms), timing)


class Flags:
    """Which high-load patterns are there, since when.

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
        self._baseline = settings.baseline
        devices = {side: feet[side] if side in feet else feet.get(Side.BELT) for side in FEET}
        self._contacts: list[_Condition] = []
        self._signals: list[_Condition] = []
        for rule in RULES.values():
            for when in rule.when:
                for side in _sides(when, devices):
                    device = None if side is None else devices[side]
                    u_cal = 0.0 if device is None else device.u_cal
                    terms = Terms(when, settings.flags.limits, settings.baseline, u_cal)
                    at_once = when.kind == "signal"
                    condition = _Condition(rule, when, side, terms, Latch(at_once=at_once))
                    if at_once:
                        self._signals.append(condition)
                    elif _applies(when, settings.baseline, device):
                        self._contacts.append(condition)
        self._measures = _Measures([condition.when for condition in self._contacts], settings.baseline)
        self._held: list[SignalState] = []
        self._changes: list[tuple[float, FlagSettings, bool]] = []
        self._row_s = self._signal_s = self._now_s = -np.inf

    @property
    def active(self) -> tuple[Flag, ...]:
        """The flags that are up, on before watch, else in the order of the table of rules; `to_s` is when last judged so."""
        spans = [(condition, condition.latch.span) for condition in (*self._contacts, *self._signals)]
        flags = [flag_of(c.rule, c.when, c.side, span) for c, span in spans if span is not None]
        return tuple(sorted(flags, key=lambda flag: -flag.state))

    def change(self, t_s: float, settings: FlagSettings, calibrated: bool) -> None:
        """Other lines, persistence or knowledge of the gains from `t_s` on; give it before rows that strike later."""
        self._changes.append((t_s, settings, calibrated))

    def push(self, table: ContactTable, signals: Sequence[SignalState]) -> tuple[Flag, ...]:
        """Take rows and signal states; the flags that ended, in the order in which they did."""
        self._held.extend(signals)
        if signals:
            self._signal_s = max(self._signal_s, signals[-1].t_s)
        keys = np.maximum(np.maximum.accumulate(table.strike_s), self._row_s) if len(table) else np.empty(0)
        if len(keys):
            self._row_s = float(keys[-1])
        return self._until(table, keys, max(self._row_s, self._signal_s - HOLD_S))

    def finish(self) -> tuple[Flag, ...]:
        """Take what was held back; the flags that ended. Those that are up stay in `active`."""
        return self._until(ContactTable.empty(), np.empty(0), np.inf)

    def _until(self, table: ContactTable, keys: FloatArray, reach_s: float) -> tuple[Flag, ...]:
        """Everything up to `reach_s`: rows with their sort keys, signals held, changes due."""
        due = [signal for signal in self._held if signal.t_s <= reach_s]
        self._held = [signal for signal in self._held if signal.t_s > reach_s]
        changes = [change for change in self._changes if change[0] <= reach_s]
        self._changes = [change for change in self._changes if change[0] > reach_s]
        readings = self._measures.push(table) if len(table) else {}
        ended: list[tuple[float, int, Flag]] = []

        edges = [-np.inf, *(change[0] for change in changes), np.inf]
        for i, (after_s, before_s) in enumerate(pairwise(edges)):
            if i:
                _, self._settings, self._calibrated = changes[i - 1]
                ended += self._take_up(after_s)
            pauses, over = self._judge_signals([signal for signal in due if after_s <= signal.t_s < before_s])
            first, last = np.searchsorted(keys, [after_s, before_s])
            ended += over + self._judge_rows(readings, keys, (int(first), int(last)), pauses)
        self._now_s = max([self._now_s, *keys[-1:].tolist(), *(signal.t_s for signal in due[-1:])])
        ended += self._each(lambda latch: latch.expire(self._now_s, self._timing))
        return tuple(flag for *_, flag in sorted(ended, key=lambda entry: entry[:2]))

    @property
    def _timing(self) -> Timing:
        return Timing(self._settings.persist_s, self._settings.release_s, self._settings.release_ratio)

    def _judge_signals(self, states: list[SignalState]) -> tuple[list[tuple[float, float]], list[_Ended]]:
        """The times without flags, (from, to], and the signal flags that ended."""
        pauses, ended = [], []
        for order, condition in enumerate(self._signals):
            spans = condition.judge(*_signal_reading(states, condition), self._timing) if states else []
            ended += self._entries(condition, len(self._contacts) + order, spans)
            pauses += [(span.from_s, span.left_s) for span in spans]
            up = condition.latch.span
            if up is not None:
                pauses.append((up.from_s, condition.latch.judged_s + self._settings.release_s))
        return sorted(pauses), ended

    def _judge_rows(
        self, readings: _Readings, keys: FloatArray, rows: tuple[int, int], pauses: list[tuple[float, float]]
    ) -> list[_Ended]:
        """Rows first ... last - 1, but for those in a pause; a pause ends what is up."""
        ended: list[_Ended] = []
        first, last = rows
        for from_s, to_s in pauses:
            stop, resume = np.searchsorted(keys[:last], [from_s, to_s], side="right")
            ended += self._judge_between(readings, keys, first, int(stop))
            ended += self._each(lambda latch, at_s=from_s: latch.expire(at_s, self._timing) or latch.stop(at_s))
            first = max(first, int(resume))
        return ended + self._judge_between(readings, keys, first, last)
