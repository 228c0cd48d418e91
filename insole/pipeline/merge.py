"""Contacts of both feet into one order of time. In: rows and watermarks of each foot. Out: rows nobody can precede.

A row leaves when every present foot has gone past its strike. A foot that fell silent is not waited for; silence is
said by the pipeline at a tick, so that every cut of the input gives the same order.
"""

from __future__ import annotations

import numpy as np

from insole.blocks import ContactTable, Side


class Merge:
    """Rows waiting for the other foot."""

    def __init__(self, sides: list[Side]) -> None:
        self._waiting = {side: [] for side in sides}  # type: dict[Side, list[ContactTable]]
        self._watermark_s = dict.fromkeys(sides, -np.inf)
        self.silent: set[Side] = set()

    def add(self, side: Side, rows: ContactTable) -> None:
        """Rows of one foot, in recording time and in order."""
        if len(rows):
            self._waiting[side].append(rows)

    def reached(self, side: Side, watermark_s: float) -> None:
        """Every contact of this foot that struck before this recording time has been added."""
        self._watermark_s[side] = max(self._watermark_s[side], watermark_s)

    @property
    def watermark_s(self) -> float:
        """Recording time before which every row has left."""
        return min((w for side, w in self._watermark_s.items() if side not in self.silent), default=np.inf)

    def release(self, before_s: float) -> ContactTable:
        """Rows that struck before `before_s`, in order of time."""
        if not any(self._waiting.values()):
            return ContactTable.empty()
        ready: list[ContactTable] = []
        for side, tables in self._waiting.items():
            kept = []
            for table in tables:
                out = table.strike_s < before_s
                if out.all():
                    ready.append(table)
                elif out.any():
                    ready.append(table.rows(out))
                    kept.append(table.rows(~out))
                else:
                    kept.append(table)
            self._waiting[side] = kept
        rows = ContactTable.join(ready)
        return rows.rows(np.lexsort((rows.side, rows.strike_s))) if len(ready) > 1 else rows
