"""Raw counts to newtons. In: counts (n, c). Out: total force, regional forces and moments, exact whatever the cut.

A float64 product whose terms and sums are whole numbers below 2^53 is exact in any order of summation. So counts (or
whole pascals, for devices with a curve) are multiplied by whole-number weights; unit and offset are applied to the sum.
That is what lets BLAS be used and keeps every cut of a stream bit for bit the same.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from insole.blocks import CountArray, FloatArray
from insole.device import FULL_SCALE, REGIONS, Device

WEIGHT_STEPS = float(1 << 24)  # a column's largest weight; with 2^16 counts and 2^10 cells sums stay below 2^50
CAST_ROWS = 2048  # frames cast at a time: stays in the cache
# BLAS spreads a product over threads from about 2^18 multiplications on, which here costs several times what it gains:
# so few frames are multiplied at a time.
PRODUCT_STEPS = 1 << 18
FORCE, MOMENT_X, MOMENT_Y = 0, 1, 2  # columns; regions follow
N_COLUMNS = 3 + len(REGIONS)


class Calibration:
    """Counts to kPa and newtons for one foot: the device's curve and the runner's gain (METRICS.md 1.2, 1.4)."""

    def __init__(self, device: Device, gain: float = 1.0) -> None:
        self.device = device
        self.gain = gain
        linear = device.curve is None
        kpa = device.scale_kpa * gain if linear else np.full(device.n_cells, gain) * device.scale_kpa * 1e-3
        newton = kpa * device.area_mm2 * 1e-3  # per count, or per pascal
        regions = device.region_weights()
        self.has_region = np.isfinite(regions).all(axis=0)
        x_mm = np.nan_to_num(device.x) * device.width_mm
        y_mm = np.nan_to_num(device.y) * device.length_mm
        weights = np.column_stack([newton, newton * x_mm, newton * y_mm, newton[:, None] * np.nan_to_num(regions)])
        largest = np.abs(weights).max(axis=0)
        self._unit = np.where(largest > 0, largest / WEIGHT_STEPS, 1.0)
        self._weights = np.round(weights / self._unit)
        self._area_weights = weights / np.where(kpa != 0, kpa, 1.0)[:, None]  # newtons and N mm per kPa of zero
        self._pascals = None if linear else _pascal_table(device)
        self._base = device.offset_counts * self._weights.sum(axis=0) if linear else np.zeros(N_COLUMNS)
        self._product_rows = max(1, PRODUCT_STEPS // (device.n_cells * N_COLUMNS))
        # the same of the force alone, asked for with every frame
        self._force_weights = np.ascontiguousarray(self._weights[:, FORCE])
        self._force_base, self._force_unit = float(self._base[FORCE]), float(self._unit[FORCE])
        self._force_areas = np.ascontiguousarray(self._area_weights[:, FORCE])

    def force_n(self, counts: CountArray) -> FloatArray:
        """Total force of each frame, (n,), before any zero."""
        out: FloatArray
        if len(counts) <= CAST_ROWS:
            out = self._whole(counts).dot(self._force_weights)
        else:
            out = np.empty(len(counts))
            for a in range(0, len(counts), CAST_ROWS):
                self._whole(counts[a : a + CAST_ROWS]).dot(self._force_weights, out=out[a : a + CAST_ROWS])
        out -= self._force_base
        out *= self._force_unit
        return out

    def columns(self, counts: CountArray) -> FloatArray:
        """Force, moments about the medial edge and the heel (N mm), and the force of each region, (n, 3 + r)."""
        out = np.empty((len(counts), N_COLUMNS))
        for a in range(0, len(counts), self._product_rows):
            few = out[a : a + self._product_rows]
            self._whole(counts[a : a + self._product_rows]).dot(self._weights, out=few)
            few -= self._base
            few *= self._unit
        return out

    def zero_columns(self, zero_kpa: FloatArray) -> FloatArray:
        """What zeros of cells (k, c) amount to in each column, (k, 3 + r): sums from the first cell to the last."""
        k, c = zero_kpa.shape
        of_cells = np.empty((c, k, N_COLUMNS))  # cell by cell: so a sum runs over few long rows
        np.multiply(zero_kpa.T[:, :, None], self._area_weights[:, None], out=of_cells)
        out: FloatArray = of_cells.sum(axis=0)
        return out

    def zero_force_n(self, zero_kpa: FloatArray) -> float:
        """What a per-cell zero (c,) amounts to in force: the sum from the first cell to the last, as in its column."""
        return float((zero_kpa * self._force_areas).cumsum()[-1])

    def to_kpa(self, counts: npt.NDArray[np.generic]) -> FloatArray:
        """Pressure of each cell, (..., c), before any zero."""
        kpa = self.device.to_kpa(counts)
        return kpa if self.gain == 1.0 else kpa * self.gain

    def saturated(self, counts: CountArray) -> npt.NDArray[np.bool_]:
        """Cells at full scale."""
        return counts >= self.device.full_scale_counts

    def _whole(self, counts: CountArray) -> FloatArray:
        if self._pascals is None:
            return counts.astype(np.float64)
        return self._pascals[counts]


def _pascal_table(device: Device) -> FloatArray:
    """Whole pascals of every possible count (before the per-cell gain)."""
    flat = device.with_changes(x=device.x[:1], y=device.y[:1], area_mm2=np.ones(1), scale_kpa=np.ones(1), outline=None)
    counts = np.arange(FULL_SCALE + 1)[:, None]
    return np.round(flat.to_kpa(counts)[:, 0] * 1e3)
