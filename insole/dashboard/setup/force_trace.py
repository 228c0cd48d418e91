"""The force of each foot over the last seconds, for a live plot. Plain numpy, no Qt.

In: the pressures of updates. Out: seconds before now and newtons.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from insole.blocks import BoolArray, FloatArray, PressureBlock, Side

SHOWN_S = 10.0
POINTS = 2048  # more than 10 s of blocks of 20 ms
GAP_S = 0.3  # points further apart are not joined


class ForceTrace:
    """A ring of points for each foot."""

    def __init__(self) -> None:
        self._t_s: dict[Side, FloatArray] = {}
        self._force_n: dict[Side, FloatArray] = {}
        self._count: dict[Side, int] = {}

    def add(self, blocks: Iterable[PressureBlock]) -> None:
        """Take the newest frames, each block as one point."""
        for block in blocks:
            side = block.side
            if side not in self._t_s:
                self._t_s[side], self._force_n[side] = np.full(POINTS, np.nan), np.full(POINTS, np.nan)
                self._count[side] = 0
            at = self._count[side] % POINTS
            self._t_s[side][at] = block.t_s[-1]
            self._force_n[side][at] = np.mean(block.force_n)
            self._count[side] += 1

    def points(self, side: Side, now_s: float) -> tuple[FloatArray, FloatArray, BoolArray]:
        """Seconds before now (negative), newtons, and which points are joined to the next; (n,) each."""
        if side not in self._t_s:
            nothing = np.empty(0)
            return nothing, nothing, np.empty(0, np.bool_)
        shift = -(self._count[side] % POINTS)
        t_s, force_n = np.roll(self._t_s[side], shift), np.roll(self._force_n[side], shift)
        shown = t_s >= now_s - SHOWN_S
        t_s, force_n = t_s[shown] - now_s, force_n[shown]
        joined = np.append(np.diff(t_s) < GAP_S, [False]) if len(t_s) else np.empty(0, np.bool_)
        return t_s, force_n, joined

    def highest_n(self) -> float:
        """The largest force that is kept; 0 before there is any."""
        kept = [float(np.nanmax(force)) for force in self._force_n.values() if np.isfinite(force).any()]
        return max(kept, default=0.0)
