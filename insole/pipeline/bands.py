"""Mean and spread of the last force curves of each foot, for a picture.

In: shapes as contacts end, rows once their kind is known. Out: `ForceBand`s over the last 20 running contacts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np

from insole.blocks import ContactShape, ContactTable, FloatArray, ForceBand, Kind, Side

CONTACTS = 20
MIN_CURVES = 2
_KEPT_SHAPES = 64


class Bands:
    """The last force curves of each foot."""

    def __init__(self) -> None:
        self._curves: dict[int, ContactShape] = {}
        self._last: dict[Side, deque[FloatArray]] = {}
        self._unit = "BW"

    def push(self, shapes: Sequence[ContactShape], rows: ContactTable) -> tuple[ForceBand, ...]:
        """Take what is new; the bands of the moment, none when nothing changed."""
        for shape in shapes:
            self._curves[shape.contact_id] = shape
            self._unit = "N" if shape.in_newtons else "BW"
        changed = False
        for contact_id, side, kind in zip(
            rows.contact_id.tolist(), rows.side.tolist(), rows.kind.tolist(), strict=True
        ):
            if contact_id not in self._curves:
                continue
            curve = self._curves.pop(contact_id).force_bw
            if kind == Kind.RUN:
                self._last.setdefault(Side(side), deque(maxlen=CONTACTS)).append(curve)
                changed = True
        for contact_id in list(self._curves)[:-_KEPT_SHAPES]:
            del self._curves[contact_id]
        return tuple(self._band(side, curves) for side, curves in sorted(self._last.items())) if changed else ()

    def _band(self, side: Side, curves: deque[FloatArray]) -> ForceBand:
        stack = np.array(curves)
        present = np.isfinite(stack)
        n = present.sum(axis=0)
        enough = n * 2 > len(curves)  # a mean of the few longest contacts would bend the end of the curve
        total = np.where(present, stack, 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(enough, total.sum(axis=0) / n, np.nan)
            squares = np.where(present, (stack - mean) ** 2, 0.0).sum(axis=0)
            sd = np.where(enough & (n >= MIN_CURVES), np.sqrt(squares / np.maximum(n - 1, 1)), np.nan)
        return ForceBand(side, mean, sd, len(curves), self._unit)
