"""What a contact is: running, walking, standing, or rejected and why (METRICS.md 2.1).

In: rows in order of time. Out: the same rows with their kind, as soon as no later contact can change it.

Running is five contacts in a row that alternate between the feet with steps of 0.20-0.60 s and spend less than half of
the stride on the ground. Contacts spoilt by lost frames keep the row going but are rejected themselves.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from insole.blocks import ContactTable, Kind, Quality, Side

MIN_CONTACT_S = 0.10
MAX_RUN_CONTACT_S = 0.45
STAND_S = 2.0
MIN_PEAK_BW = 0.8
MIN_SWING_S = 0.20
STEP_S = (0.20, 0.60)
STRIDE_S = (0.40, 1.20)
UNSEEN_SLACK_S = 0.15  # a contact whose onset was lost is placed by the first frame seen of it
BOUT = 5
MAX_DUTY = 0.5
# Side-stepping has the cadence and, barely, the duty factor of a run (0.49-0.50 on a real file), but its steps go long,
# short, long: longest over shortest 1.54 and more, where real jogging reaches 1.37 with feet 50 ms out of step.
MAX_STEP_RATIO = 1.5

# Plain numbers: every contact comes through here, and operations on IntFlag take a microsecond each.
_GAP, _UNSEEN = int(Quality.GAP), int(Quality.ONSET_UNSEEN | Quality.END_UNSEEN)
_SPOILT = _GAP | _UNSEEN
_CELL_FAULT = int(Quality.CELL_FAULT)
_TOO_SHORT, _LIGHT, _SHORT_SWING = int(Quality.TOO_SHORT), int(Quality.LIGHT), int(Quality.SHORT_SWING)


@dataclass(slots=True)
class _Row:
    """A contact waiting for its kind."""

    quality: int  # Quality bits
    side: Side
    strike_s: float
    contact_s: float  # NaN when onset or end was not seen
    seen_s: float
    unseen: bool
    kind: Kind | None = None
    extra: int = 0  # Quality bits found here
    grounded: bool = False  # in a row of running cadence that spends half of the stride or more on the ground
    strides: float = 0.0  # from the contact before: half a stride after the other foot, a whole one after the same


class Bouts:
    """Rows whose kind is not known yet, and the current row of alternating contacts."""

    def __init__(self, sides: list[Side], body_weight_n: float) -> None:
        self._sides = sides
        self._belt = sides == [Side.BELT]
        self._body_weight_n = body_weight_n
        self._tables: deque[ContactTable] = deque()  # rows of the queue, in the same order
        self._queue: deque[_Row] = deque()
        self._row: deque[_Row] = deque()  # the last contacts that follow one another, fewer than five
        self._last_toe_off_s: dict[Side, float] = {}
        self._holes: dict[Side, deque[tuple[float, float]]] = {side: deque(maxlen=256) for side in sides}
        self._belt_count = 0

    def hole(self, side: Side, from_s: float, to_s: float) -> None:
        """Frames of this foot are missing between two recording times."""
        self._holes[side].append((from_s, to_s))

    def heard_again(self, side: Side, at_s: float) -> None:
        """A foot that had fallen silent sends again: the hole that was left open ends."""
        if self._holes[side] and np.isinf(self._holes[side][-1][1]):
            self._holes[side].append((self._holes[side].pop()[0], at_s))

    def push(self, rows: ContactTable, watermark_s: float) -> ContactTable:
        """Take rows in order; `watermark_s` says how far no further row can come."""
        if len(rows):
            self._tables.append(rows)
            columns = rows.side, rows.strike_s, rows.toe_off_s, rows.quality, rows.columns["peak_force_n"]
            for row in zip(*(column.tolist() for column in columns), strict=True):
                self._add(*row)
        if self._row and watermark_s - self._row[-1].strike_s > STRIDE_S[1] + UNSEEN_SLACK_S:
            self._end_row()
        return self._emit()

    def finish(self) -> ContactTable:
        """No contact follows."""
        self._end_row()
        return self._emit()

    def _add(self, side: int, strike_s: float, toe_off_s: float, quality: int, peak_n: float) -> None:
        unseen = bool(quality & _UNSEEN)
        seen_s = toe_off_s - strike_s
        row = _Row(quality, Side(side), strike_s, math.nan if unseen else seen_s, seen_s, unseen)
        self._queue.append(row)
        row.extra = self._verdict(row, peak_n)
        self._last_toe_off_s[row.side] = toe_off_s
        if row.extra:
            row.kind = Kind.REJECTED
        elif seen_s > STAND_S and quality & _CELL_FAULT:  # held down by a stuck cell: no standing
            row.kind = Kind.REJECTED
            self._end_row()
        elif seen_s > MAX_RUN_CONTACT_S:
            row.kind = Kind.STAND if seen_s > STAND_S else Kind.WALK
            self._end_row()
        else:
            self._follow(row)

    def _verdict(self, row: _Row, peak_n: float) -> int:
        """What speaks against a contact by itself."""
        bits = 0
        if row.contact_s < MIN_CONTACT_S:
            bits |= _TOO_SHORT
        if peak_n < MIN_PEAK_BW * self._body_weight_n and not row.quality & _GAP:
            bits |= _LIGHT
        since = row.strike_s - self._last_toe_off_s.get(row.side, -np.inf)
        if since < MIN_SWING_S and not self._belt and not row.quality & _SPOILT:
            bits |= _SHORT_SWING
        return bits

    def _follow(self, row: _Row) -> None:
        if self._row:
            row.strides = self._strides(self._row[-1], row)
            if not row.strides:
                self._end_row()
        self._row.append(row)
        if len(self._row) < BOUT:
            return
        self._judge(list(self._row))
        oldest = self._row.popleft()
        if oldest.kind is None:
            self._reject(oldest)

    def _judge(self, bout: list[_Row]) -> None:
        """Five contacts in a row: running if less than half of the stride is contact."""
        if self._uneven(bout):
            return
        strides = sum(r.strides for r in bout[1:])
        stride_s = (bout[-1].strike_s - bout[0].strike_s) / strides
        times = [r.contact_s for r in bout if not r.unseen]
        if not times:
            return
        duty = sum(times) / len(times) / stride_s
        for r in bout:
            if duty < MAX_DUTY:
                r.kind = Kind.REJECTED if r.quality & _SPOILT else Kind.RUN
            else:
                r.grounded = True

    @staticmethod
    def _uneven(bout: list[_Row]) -> bool:
        """Whether steps go long and short; contacts whose onset was not seen say nothing about it."""
        steps = [(b.strike_s - a.strike_s) / b.strides for a, b in pairwise(bout) if not a.unseen and not b.unseen]
        return len(steps) > 1 and max(steps) > MAX_STEP_RATIO * min(steps)

    def _strides(self, a: _Row, b: _Row) -> float:
        """Strides from one contact to the next of the row; 0 where they do not belong together."""
        dt = b.strike_s - a.strike_s
        slack = UNSEEN_SLACK_S if a.unseen or b.unseen else 0.0
        if self._belt or a.side is not b.side:
            return 0.5 if STEP_S[0] - slack <= dt <= STEP_S[1] + slack else 0.0
        if STRIDE_S[0] - slack <= dt <= STRIDE_S[1] + slack and self._other_unseen(a, b):
            return 1.0
        return 0.0

    def _other_unseen(self, a: _Row, b: _Row) -> bool:
        """Whether the other foot could have struck between two contacts of this one without being seen."""
        others = [side for side in self._sides if side is not a.side]
        return not others or any(from_s < b.strike_s and to_s > a.strike_s for from_s, to_s in self._holes[others[0]])

    def _end_row(self) -> None:
        for row in self._row:
            if row.kind is None:
                self._reject(row)
        self._row.clear()

    def _reject(self, row: _Row) -> None:
        row.kind = Kind.REJECTED
        row.extra |= int(Quality.GROUNDED if row.grounded else Quality.ISOLATED)

    def _emit(self) -> ContactTable:
        if not self._queue or self._queue[0].kind is None:
            return ContactTable.empty()
        done: list[_Row] = []
        while self._queue and self._queue[0].kind is not None:
            done.append(self._queue.popleft())
        table = self._take(len(done))
        side = np.array([self._side(row) for row in done], np.int8)
        kind = np.array([row.kind for row in done], np.int8)
        quality = table.quality | np.array([row.extra for row in done], np.uint16)
        return ContactTable(
            table.contact_id,
            side,
            kind,
            table.strike_s,
            table.toe_off_s,
            quality,
            table.columns,
            table.uncertainty,
            table.status,
        )

    def _take(self, n: int) -> ContactTable:
        """The first n rows of the queue."""
        parts: list[ContactTable] = []
        while n:
            table = self._tables.popleft()
            if len(table) > n:
                self._tables.appendleft(table.rows(slice(n, None)))
                table = table.rows(slice(0, n))
            parts.append(table)
            n -= len(table)
        return ContactTable.join(parts)

    def _side(self, row: _Row) -> Side:
        """One belt knows no sides: contacts are taken to alternate, beginning with the left."""
        if not self._belt:
            return row.side
        side = Side.LEFT if self._belt_count % 2 == 0 else Side.RIGHT
        self._belt_count += not row.extra & (_TOO_SHORT | _LIGHT)
        return side


def reason(kind: Kind, quality: Quality) -> str:
    """Why a contact is not in the running statistics, in one word; '' where it is."""
    if kind is Kind.RUN:
        return ""
    if kind is not Kind.REJECTED:
        return kind.label
    for bit, word in _REASONS.items():
        if quality & bit:
            return word
    return "rejected"


_REASONS: Mapping[Quality, str] = {
    Quality.GAP: "gap",
    Quality.ONSET_UNSEEN: "gap",
    Quality.END_UNSEEN: "gap",
    Quality.TOO_SHORT: "too_short",
    Quality.LIGHT: "light",
    Quality.SHORT_SWING: "short_swing",
    Quality.GROUNDED: "grounded",
    Quality.ISOLATED: "isolated",
    Quality.CELL_FAULT: "cell_fault",
}
