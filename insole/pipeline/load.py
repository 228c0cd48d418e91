"""What each foot has carried since the session began (METRICS.md 8.3). In: rows. Out: `Load`s. Carry: the sums."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from insole.blocks import ContactTable, Load, Side
from insole.pipeline.rolling import FEET, running

EXPONENT = 4  # the one that is shown; bone and tendon have higher ones in the literature


class CumulativeLoad:
    """Sums over running contacts, in the order they came."""

    def __init__(self, sides: Iterable[Side]) -> None:
        belt = Side.BELT in sides
        self._loads = {side: Load(side, 0, 0, 0.0, 0.0, 0.0) for side in FEET if belt or side in sides}

    def push(self, table: ContactTable) -> tuple[Load, ...]:
        """Take rows; the sums of the feet that changed."""
        changed: list[Load] = []
        if not len(table):
            return ()
        for side, load in self._loads.items():
            rows = running(table, side)
            if not rows.any():
                continue
            impulse, peaks, dose, measured = load.impulse_bw_s, load.peaks_bw, load.dose, load.measured
            columns = (table.columns[name][rows].tolist() for name in ("impulse_bw_s", "peak_force_bw"))
            for one, peak in zip(*columns, strict=True):  # one by one: the same bits however rows are grouped
                if one == one and peak == peak:  # noqa: PLR0124 (NaN is not itself)
                    impulse, peaks, dose, measured = impulse + one, peaks + peak, dose + peak**EXPONENT, measured + 1
            self._loads[side] = Load(side, load.contacts + int(np.count_nonzero(rows)), measured, impulse, peaks, dose)
            changed.append(self._loads[side])
        return tuple(changed)
