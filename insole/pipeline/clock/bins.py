"""One second of a device's clock: its least delayed delivery, and how late the others were."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from math import inf
from typing import Any

import numpy as np
import numpy.typing as npt

from insole.blocks import FloatArray, IntArray
from insole.pipeline.clock.lines import middle


@dataclass(slots=True)
class Bin:
    """What it has shown so far; `excess_us` is (host - device), `level_us` the same less drift."""

    number: int
    slope: float  # drift, as known when it began
    tick_us: int = 0
    excess_us: float = inf
    level_us: float = inf
    levels_us: array[float] = field(default_factory=lambda: array("d"))

    def add(self, tick_us: int, elapsed_us: int, excess_us: float) -> None:
        """One frame, `elapsed_us` after the device began."""
        level_us = excess_us - self.slope * elapsed_us
        self.levels_us.append(level_us)
        self.see(tick_us, excess_us, level_us)

    def add_many(self, tick_us: IntArray, elapsed_us: FloatArray, excess_us: npt.NDArray[np.floating[Any]]) -> None:
        """Frames in order."""
        level_us = excess_us - self.slope * elapsed_us
        self.levels_us.frombytes(level_us.tobytes())
        low = int(level_us.argmin())
        self.see(int(tick_us[low]), float(excess_us[low]), float(level_us[low]))

    def see(self, tick_us: int, excess_us: float, level_us: float) -> None:
        """The least delayed of some frames."""
        if level_us < self.level_us:
            self.tick_us, self.excess_us, self.level_us = tick_us, excess_us, level_us

    def hidden_us(self, interval_us: float) -> float:
        """How much of the delay a link that is locked to the sampling may hide from every frame: up to an interval.

        Where samples and link slide past each other, delays of all lengths come, and hide nothing.
        """
        late_us = np.array(self.levels_us)
        late_us.sort()
        late_us -= late_us[0]
        n = int(late_us.searchsorted(interval_us))
        return max(0.0, interval_us - 2.0 * middle(late_us[:n]))
