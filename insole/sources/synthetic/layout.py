"""Insoles of any number of cells: a number in, a `Device` that covers the foot out.

The raster of the foot that gives cells their areas also spreads the load over them (`foot`).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from insole.blocks import FloatArray, IntArray
from insole.device import DEFAULT_OUTLINE, Device, device_names
from insole.errors import SettingsError

LENGTH_MM = 265.0
WIDTH_MM = 102.0
SCALE_KPA = 0.2
OFFSET_COUNTS = 100.0
FULL_SCALE_COUNTS = 4095  # 12 bits: 799 kPa
CELL_RANGE = (1, 256)

RASTER_MM = 1.0


def demo_insole(cells: int, rate_hz: float) -> Device:
    """The shipped demo insole of that many cells, or one laid out in the same way, at that rate.

    Raises
    ------
    SettingsError
        `cells` outside 1 to 256.
    """
    name = f"demo{cells}"
    if name in device_names():
        return Device.named(name).with_changes(rate_hz=rate_hz)
    return grid_insole(cells, rate_hz)


def grid_insole(cells: int, rate_hz: float) -> Device:
    """Rows of equal height from heel to toe, each divided evenly between the edges, more cells where the foot is wider.

    Areas are what each cell covers inside the outline, so together they cover it once.

    Raises
    ------
    SettingsError
        `cells` outside 1 to 256.
    """
    if not CELL_RANGE[0] <= cells <= CELL_RANGE[1]:
        raise SettingsError(f"cells = {cells}: expected {CELL_RANGE[0]} to {CELL_RANGE[1]}")
    x_mm, y_mm = inside_foot(LENGTH_MM, WIDTH_MM)
    cell_mm = np.sqrt(len(x_mm) * RASTER_MM**2 / cells)
    rows = int(np.clip(round(LENGTH_MM / cell_mm), 1, cells))
    row = np.minimum((y_mm / LENGTH_MM * rows).astype(np.int64), rows - 1)
    per_row = _shared_out(cells, np.bincount(row, minlength=rows))
    first = np.concatenate([[0], np.cumsum(per_row)])
    low, high = np.full(rows, np.inf), np.full(rows, -np.inf)
    np.minimum.at(low, row, x_mm)
    np.maximum.at(high, row, x_mm)
    across = (x_mm - low[row]) / (high - low + RASTER_MM)[row]
    cell = first[row] + (across * per_row[row]).astype(np.int64)
    points = np.bincount(cell, minlength=cells)
    return Device(
        name=f"demo{cells}",
        rate_hz=rate_hz,
        x=np.round(np.bincount(cell, x_mm, cells) / points / WIDTH_MM, 4),
        y=np.round(np.bincount(cell, y_mm, cells) / points / LENGTH_MM, 4),
        area_mm2=(points * RASTER_MM**2).astype(np.float64),
        scale_kpa=np.full(cells, SCALE_KPA),
        offset_counts=OFFSET_COUNTS,
        full_scale_counts=FULL_SCALE_COUNTS,
        length_mm=LENGTH_MM,
        width_mm=WIDTH_MM,
        tau_ms=0.0,
    )


def nearest_cell(device: Device, x_mm: FloatArray, y_mm: FloatArray) -> IntArray:
    """Cell whose centre is nearest to each point."""
    distance = np.square(x_mm[:, None] - device.x * device.width_mm) + np.square(
        y_mm[:, None] - device.y * device.length_mm
    )
    nearest: IntArray = distance.argmin(axis=1)
    return nearest


@lru_cache(maxsize=4)
def inside_foot(length_mm: float, width_mm: float) -> tuple[FloatArray, FloatArray]:
    """Points of a 1 mm raster inside the default outline: (m,) from the medial edge and (m,) from the heel, mm."""
    corners = smooth_outline(DEFAULT_OUTLINE) * [width_mm, length_mm]
    x, y = np.meshgrid(
        np.arange(RASTER_MM / 2, width_mm, RASTER_MM), np.arange(RASTER_MM / 2, length_mm, RASTER_MM), indexing="ij"
    )
    inside = np.zeros(x.shape, np.bool_)
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if y0 != y1:  # even-odd rule
            inside ^= ((y0 > y) != (y1 > y)) & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    return x[inside], y[inside]


def smooth_outline(corners: FloatArray, steps: int = 8) -> FloatArray:
    """Points on the closed curve through the corners: Bezier with c1 = p1 + (p2 - p0)/6, c2 = p2 - (p3 - p1)/6."""
    p0, p1, p2, p3 = (np.roll(corners, shift, axis=0)[:, None] for shift in (1, 0, -1, -2))
    c1, c2 = p1 + (p2 - p0) / 6.0, p2 - (p3 - p1) / 6.0
    s = (np.arange(steps) / steps)[None, :, None]
    curve = (1 - s) ** 3 * p1 + 3 * s * (1 - s) ** 2 * c1 + 3 * s**2 * (1 - s) * c2 + s**3 * p2
    out: FloatArray = curve.reshape(-1, 2)
    return out


def _shared_out(total: int, weights: IntArray) -> IntArray:
    """Whole numbers of at least 1 that add up to `total`, in proportion to `weights` (largest remainders)."""
    share = 1 + (total - len(weights)) * weights / weights.sum()
    whole: IntArray = np.floor(share).astype(np.int64)
    largest = np.argsort(whole - share, kind="stable")[: total - int(whole.sum())]
    whole[largest] += 1
    return whole
