"""Where a foot is on the screen: outline, mirror, cell squares (DESIGN.md 3). Plain numpy, no Qt.

In: coordinates of METRICS.md 6.1 (x 0 medial to 1 lateral, y 0 heel to 1 toe). Out: places in a rectangle seen from
above, toes up, big toes facing each other: the left foot is mirrored, in this module and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from insole.blocks import BoolArray, FloatArray, Side
from insole.device import DEFAULT_OUTLINE, MASKS, REGION_BOUNDS, Device

DEFAULT_ASPECT = 0.385  # width over length of the default outline


def outline_of(device: Device | None) -> FloatArray:
    """Corners of the outline, (v, 2), the device's own where it has one."""
    return DEFAULT_OUTLINE if device is None or device.outline is None else device.outline


def aspect_of(device: Device | None) -> float:
    """Width over length of the picture of one foot."""
    if device is None or device.outline is None:
        return DEFAULT_ASPECT
    return device.width_mm / device.length_mm


def bezier(corners: FloatArray) -> FloatArray:
    """Control points of the closed smooth curve through the corners.

    Parameters
    ----------
    corners : (v, 2) float64

    Returns
    -------
    (v, 3, 2) float64
        For the piece from corner i to i + 1: two control points and the end, `c1 = p1 + (p2 - p0) / 6`,
        `c2 = p2 - (p3 - p1) / 6`.
    """
    before, after, beyond = (np.roll(corners, k, axis=0) for k in (1, -1, -2))
    return np.stack([corners + (after - before) / 6, after - (beyond - corners) / 6, after], axis=1)


def smooth_polygon(corners: FloatArray, steps: int = 8) -> FloatArray:
    """The smooth curve as a polygon of `steps` points a piece, (v * steps, 2)."""
    t = np.linspace(0, 1, steps, endpoint=False)[:, None, None]
    c = bezier(corners)
    points = (1 - t) ** 3 * corners + 3 * (1 - t) ** 2 * t * c[:, 0] + 3 * (1 - t) * t**2 * c[:, 1] + t**3 * c[:, 2]
    out: FloatArray = points.transpose(1, 0, 2).reshape(-1, 2)
    return out


def inside(points: FloatArray, polygon: FloatArray) -> BoolArray:
    """Which of the points (n, 2) lie inside the polygon, by the even-odd rule."""
    x, y = points[:, 0], points[:, 1]
    crossings = np.zeros(len(points), np.int64)
    for (x0, y0), (x1, y1) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        if y0 == y1:
            continue
        spans = (y0 > y) != (y1 > y)
        crossings += spans & (x < x0 + (y - y0) / (y1 - y0) * (x1 - x0))
    odd: BoolArray = crossings % 2 == 1
    return odd


@dataclass(frozen=True, slots=True)
class Placement:
    """One foot in a rectangle of the screen, in pixels."""

    side: Side
    left: float
    top: float
    width: float
    height: float

    def __call__(self, points: FloatArray) -> FloatArray:
        """Pixels (..., 2) of foot coordinates (..., 2)."""
        x = 1 - points[..., 0] if self.side == Side.LEFT else points[..., 0]
        return np.stack([self.left + x * self.width, self.top + (1 - points[..., 1]) * self.height], axis=-1)


def side_by_side(
    aspects: Mapping[Side, float], centre_x: float, top: float, height: float, gap: float
) -> dict[Side, Placement]:
    """Feet of one height beside each other, with a gap between them; all in pixels.

    Parameters
    ----------
    aspects : mapping of Side to float
        Width over length of each, from left to right.
    centre_x, top, height, gap : float
    """
    left = centre_x - (sum(aspects.values()) * height + gap) / 2
    out = {}
    for side, aspect in aspects.items():
        out[side] = Placement(side, left, top, aspect * height, height)
        left += aspect * height + gap
    return out


def cell_squares(device: Device) -> FloatArray:
    """Width and height of a square of each cell's area, in foot coordinates, (c, 2)."""
    side_mm = np.sqrt(device.area_mm2)
    return np.stack([side_mm / device.width_mm, side_mm / device.length_mm], axis=1)


def region_borders() -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Lines between the masks, in foot coordinates; they run on to the edge of the insole."""
    lines: dict[tuple[tuple[float, float], tuple[float, float]], None] = {}
    for low, high, left, right in (REGION_BOUNDS[mask] for mask in MASKS):
        if high < 1.0:
            lines[(0.0, high), (1.0, high)] = None
        for x in (left, right):
            if 0.0 < x < 1.0:
                lines[(x, low), (x, high)] = None
    return list(lines)
