"""What is known of a whole recording, for the seek bar and for stepping through it. Plain numpy, no Qt.

In: updates of a pass over the recording, in order. Out: columns over all contacts, flags, markers and silences, and the
moments that can be shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from insole.blocks import (
    BoolArray,
    ContactTable,
    Event,
    Flag,
    FloatArray,
    IntArray,
    Kind,
    Marker,
    Side,
    SilentSpan,
)
from insole.history.markers import Markers, SetMarker

COLUMNS = ("valr_bw_s", "valr_bw_s_median")
SEEN_AFTER_S = 0.15  # after toe-off, the picture of a contact is there


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """A recording from its start to where the analysis has come; k contacts in order of toe-off.

    Parameters
    ----------
    reached_s, end_s : float
        Where the analysis has come, and where the recording ends: an estimate until it is `complete`.
    complete : bool
    contact_id : (k,) int64
    side : (k,) int8
    strike_s, toe_off_s : (k,) float64
    run : (k,) bool
    rate, rate_median : (k,) float64
        Loading rate and the foot's running median, BW/s; NaN where there is none.
    tick_s : (m,) float64
        The moments that can be shown.
    flags : tuple of Flag
        In order of their beginning; one that is still up ends where the analysis has come.
    markers : tuple of SetMarker
        Those that stand.
    silences : tuple of SilentSpan
    """

    reached_s: float
    end_s: float
    complete: bool
    contact_id: IntArray
    side: IntArray
    strike_s: FloatArray
    toe_off_s: FloatArray
    run: BoolArray
    rate: FloatArray
    rate_median: FloatArray
    tick_s: FloatArray
    flags: tuple[Flag, ...] = ()
    markers: tuple[SetMarker, ...] = ()
    silences: tuple[SilentSpan, ...] = ()

    @classmethod
    def of(
        cls,
        table: ContactTable,
        tick_s: FloatArray,
        flags: Sequence[Flag],
        events: Sequence[tuple[float, Event]],
        silences: Sequence[SilentSpan],
        reached_s: float,
        share: float,
    ) -> Self:
        """Put together what came so far; `share` of the recording, 0 to 1, has been gone through."""
        markers = Markers()
        for t_s, event in events:
            if isinstance(event, Marker):
                markers.follow(t_s, event)
        order = np.argsort(table.toe_off_s, kind="stable")
        nothing = np.full(len(table), np.nan)
        return cls(
            reached_s=reached_s,
            end_s=reached_s / share if 0 < share < 1 else reached_s,
            complete=share >= 1,
            contact_id=table.contact_id[order],
            side=table.side[order].astype(np.int64),
            strike_s=table.strike_s[order],
            toe_off_s=table.toe_off_s[order],
            run=(table.kind == Kind.RUN)[order],
            rate=table.columns.get(COLUMNS[0], nothing)[order],
            rate_median=table.columns.get(COLUMNS[1], nothing)[order],
            tick_s=tick_s,
            flags=tuple(sorted(flags, key=lambda flag: flag.from_s)),
            markers=tuple(markers.standing),
            silences=tuple(silences),
        )

    @classmethod
    def nothing(cls) -> Self:
        """Before the first piece has been analysed."""
        return cls.of(ContactTable.empty(), np.empty(0), (), (), (), 0.0, 0.0)

    def moment(self, t_s: float) -> float:
        """The moment that can be shown nearest to a time; the time itself before anything is known."""
        if not len(self.tick_s):
            return max(0.0, t_s)
        after = int(np.searchsorted(self.tick_s, t_s))
        near = self.tick_s[max(0, after - 1) : after + 1]
        return float(near[np.abs(near - t_s).argmin()])

    def seen_s(self, contact: int) -> float:
        """The first moment that shows a contact, by its place in the order of toe-offs."""
        wanted = self.toe_off_s[contact] + SEEN_AFTER_S
        after = int(np.searchsorted(self.tick_s, wanted))
        return float(self.tick_s[min(after, len(self.tick_s) - 1)])

    def contact_at(self, t_s: float) -> int | None:
        """The contact that was seen last at a moment; None before the first."""
        seen = int(np.searchsorted(self.toe_off_s + SEEN_AFTER_S, t_s + 1e-9, side="right"))
        return seen - 1 if seen else None

    def contacts_at(self, t_s: float) -> dict[Side, int]:
        """The number of the contact that was seen last of each foot at a moment, from 1; no foot before its first."""
        at = self.contact_at(t_s)
        side, contact_id = self.side[: 0 if at is None else at + 1], self.contact_id
        last = {foot: np.flatnonzero(side == foot)[-1:] for foot in Side}
        feet = {foot: int(contact_id[i[0]]) for foot, i in last.items() if len(i)}
        return {foot: 1 + (number if foot is Side.BELT else number // 2) for foot, number in feet.items()}

    def step(self, t_s: float, steps: int) -> float | None:
        """The moment that shows the contact `steps` on (or back) from what is seen at `t_s`; None where there is none.

        Contacts that would be seen at the same moment are one step.
        """
        if not (len(self.toe_off_s) and len(self.tick_s)):
            return None
        at = self.contact_at(t_s)
        if at is None:
            return self.seen_s(0) if steps > 0 else None
        wanted = at + steps
        while 0 <= wanted < len(self.toe_off_s):
            moment = self.seen_s(wanted)
            if (moment - t_s) * steps > 1e-9:
                return moment
            wanted += 1 if steps > 0 else -1
        return None


def narrowed(table: ContactTable) -> ContactTable:
    """The table with the columns of a course alone."""
    columns = {name: table.columns[name] for name in COLUMNS if name in table.columns}
    return replace(table, columns=columns, uncertainty={}, status={})


def with_reach(flags: Sequence[Flag], reached_s: float) -> list[Flag]:
    """Flags that are up, drawn until where the analysis has come."""
    return [replace(flag, to_s=max(flag.to_s, reached_s)) for flag in flags]
