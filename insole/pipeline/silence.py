"""Which foot is silent, decided at ticks only.

In: host times at which frames of each foot arrived, and the ticks among them. Out: the ticks at which a foot turned
silent or was heard again. Because nothing is decided between ticks, every cut of the input turns at the same ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from insole.blocks import IntArray, Side

SILENT_S = 1.0


class Turn(NamedTuple):
    """At a tick a foot turned silent, or was heard again."""

    tick_ns: int
    side: Side
    silent: bool


class Silence:
    """When each foot was last heard, and whether it is silent now."""

    def __init__(self, sides: Sequence[Side], start_ns: int) -> None:
        self._heard_ns = dict.fromkeys(sides, start_ns)
        self._silent = dict.fromkeys(sides, False)

    def turns(self, arrivals_ns: Mapping[Side, IntArray], ticks: Sequence[int]) -> list[Turn]:
        """Take arrivals and the ticks among them, both in order; the turns in order of time."""
        found: list[Turn] = []
        for side, arrived in arrivals_ns.items():
            if ticks:
                found += self._turns_of(side, arrived, ticks)
            if len(arrived):
                self._heard_ns[side] = int(arrived[-1])
        return sorted(found)

    def _turns_of(self, side: Side, arrived: IntArray, ticks: Sequence[int]) -> list[Turn]:
        at = np.array(ticks, np.int64)
        heard = np.concatenate([[self._heard_ns[side]], arrived])
        silent = at - heard[np.searchsorted(heard, at, side="right") - 1] > SILENT_S * 1e9
        turned = np.flatnonzero(silent != np.concatenate([[self._silent[side]], silent[:-1]]))
        self._silent[side] = bool(silent[-1])
        return [Turn(ticks[i], side, bool(silent[i])) for i in turned.tolist()]
