"""Axes that stay where they are: ticks, ladders of ranges, labels that do not overlap. No Qt.

In: a range and what is to be labelled. Out: places. An axis only ever grows, by whole steps of its ladder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from insole.blocks import FloatArray

WINDOW_S = 60.0  # session time on the rate panel
TICK_S = 15.0


@dataclass(frozen=True, slots=True)
class Range:
    """An axis from `low` to `high` with a labelled tick every `step`."""

    low: float
    high: float
    step: float

    def ticks(self) -> list[float]:
        """Where the labels stand."""
        count = round((self.high - self.low) / self.step)
        return [self.low + i * self.step for i in range(count + 1)]

    def holds(self, values: FloatArray) -> bool:
        """Whether every known value lies inside."""
        known = values[np.isfinite(values)]
        return bool(known.size == 0 or (known.min() >= self.low and known.max() <= self.high))


FORCE_BW = (Range(0, 3, 1), Range(0, 4, 1), Range(0, 6, 2), Range(0, 10, 2))
FORCE_N = (Range(0, 2000, 500), Range(0, 3000, 1000), Range(0, 5000, 1000), Range(0, 10000, 2000))
ACROSS_MM = (Range(0, 40, 10), Range(0, 60, 20), Range(0, 80, 20), Range(0, 120, 40))
DIFFERENCES_PCT = (Range(-20, 20, 10), Range(-40, 40, 20), Range(-100, 100, 50), Range(-200, 200, 100))
RISE_BW = (Range(0, 1.6, 0.4), Range(0, 2.4, 0.4), Range(0, 4, 1), Range(0, 10, 2))
RISE_N = (Range(0, 1200, 300), Range(0, 2000, 500), Range(0, 5000, 1000))
SPREAD_BW_S = (
    Range(40, 100, 10),
    Range(20, 120, 20),
    Range(0, 160, 40),
    Range(0, 240, 40),
    Range(0, 400, 100),
    Range(0, 1000, 200),
)
CONTACTS = (Range(0, 20, 10), Range(0, 40, 10), Range(0, 60, 20))
RATES_BW_S = (
    Range(30, 110, 20),
    Range(0, 120, 20),
    Range(0, 160, 40),
    Range(0, 240, 40),
    Range(0, 400, 100),
    Range(0, 1000, 200),
)


class Ladder:
    """Picks a range from a ladder, and never goes back to a smaller one within a session."""

    def __init__(self, ranges: Sequence[Range]) -> None:
        self._ranges = ranges
        self._step = 0

    @property
    def range(self) -> Range:
        """The range of the moment."""
        return self._ranges[self._step]

    def fit(self, values: FloatArray) -> bool:
        """Grow until the values are inside, or the ladder ends. Returns whether it grew."""
        before = self._step
        while self._step < len(self._ranges) - 1 and not self.range.holds(values):
            self._step += 1
        return self._step != before


def spread_labels(wanted: Sequence[float], height: float, top: float, bottom: float) -> list[float]:
    """Centres of labels of one height, as near to the wanted places as they go without overlap, in the same order.

    Parameters
    ----------
    wanted : sequence of float
        Wanted centres, in pixels, in any order.
    height : float
        Of one label.
    top, bottom : float
        Limits that no label crosses while there is room.
    """

    def placed(members: list[int]) -> float:
        """Top edge of labels that touch each other."""
        size = height * len(members)
        centre = sum(wanted[i] for i in members) / len(members)
        return max(top, min(centre - size / 2, bottom - size))

    groups: list[list[int]] = []
    for i in sorted(range(len(wanted)), key=lambda i: wanted[i]):
        members = [i]
        while groups and placed(groups[-1]) + height * len(groups[-1]) > placed(members):
            members = groups.pop() + members
        groups.append(members)
    out = [0.0] * len(wanted)
    for members in groups:
        for k, i in enumerate(members):
            out[i] = placed(members) + (k + 0.5) * height
    return out


def time_window(t_s: float, pixel_s: float) -> tuple[float, float]:
    """The last minute up to now, moved by whole pixels; the first minute stands still."""
    end = max(WINDOW_S, np.floor(t_s / pixel_s) * pixel_s if pixel_s > 0 else t_s)
    return float(end - WINDOW_S), float(end)


def time_ticks(start_s: float, end_s: float) -> list[float]:
    """Whole quarter minutes inside the window."""
    first = np.ceil(start_s / TICK_S - 1e-9) * TICK_S
    return [float(t) for t in np.arange(first, end_s + 1e-9, TICK_S)]
