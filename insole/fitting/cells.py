"""Cells that do not answer in the fit check. In: pressures while the foot stands and taps. Out: which cells, and how.

A dead cell stays flat while the cells around it are pressed; a stuck one reads a load with the foot in the air. The
arch may stay unloaded in standing, so cells there are not judged (the pipeline judges them over whole contacts).
"""

from __future__ import annotations

import numpy as np

from insole.blocks import BoolArray, FloatArray
from insole.device import Device
from insole.pipeline.calibration import ZERO_LIMIT_KPA

FLAT_KPA = 5.0
PRESSED_KPA = 40.0
NEIGHBOURS = 4
ARCH_Y = (0.27, 0.55)  # METRICS.md 6.1
ARCH_X = 0.5  # from the medial edge


class CellWatch:
    """Follows the cells of one foot."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._low = np.full(device.n_cells, np.inf)
        self._high = np.full(device.n_cells, -np.inf)
        self._around = device.nearest_cells(NEIGHBOURS)
        self.stuck: tuple[int, ...] = ()

    def add(self, kpa: FloatArray) -> None:
        """Take the pressure of each cell, (c,)."""
        np.minimum(self._low, kpa, out=self._low)
        np.maximum(self._high, kpa, out=self._high)

    def take_zero(self, zero_kpa: FloatArray) -> None:
        """What the cells read without load; from here on they read something else."""
        self.stuck = tuple(np.flatnonzero(np.abs(zero_kpa) > ZERO_LIMIT_KPA).tolist())
        self._low.fill(np.inf)
        self._high.fill(-np.inf)

    @property
    def dead(self) -> tuple[int, ...]:
        """Cells that stayed flat while the cells around them were pressed."""
        if self._around is None or not np.isfinite(self._low).all():
            return ()
        rise = self._high - self._low
        pressed = (rise[self._around] >= PRESSED_KPA).sum(axis=0) >= NEIGHBOURS - 1
        flat: BoolArray = (rise < FLAT_KPA) & pressed & ~_arch(self._device)
        return tuple(cell for cell in np.flatnonzero(flat).tolist() if cell not in self.stuck)

    @property
    def pressed_share(self) -> float:
        """Share of the cells that have answered."""
        return float(np.mean(self._high - self._low >= FLAT_KPA)) if np.isfinite(self._low).all() else 0.0


def _arch(device: Device) -> BoolArray:
    low, high = ARCH_Y
    return (device.y >= low) & (device.y < high) & (device.x < ARCH_X)
