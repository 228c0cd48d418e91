"""From cell pressures to a smooth picture of one foot. Plain numpy, no Qt.

In: kPa per cell. Out: kPa on a fixed grid in foot coordinates, and from there packed colours. The weights are found
once per device, so that a picture costs one matrix product and one table look-up.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from insole.blocks import FloatArray
from insole.dashboard.model.outline import DEFAULT_ASPECT, aspect_of, inside, outline_of, smooth_polygon
from insole.device import Device

GRID_ROWS = 240  # 2 px at the usual height of a foot on a 1440 x 900 screen
FADE_KPA = (5.0, 25.0)  # the bed gives way to the map
MAX_GAIN = 8.0  # of the weights; above it the picture would show ringing
WIDTHS = (0.6, 0.5, 0.42, 0.35, 0.3)  # of the kernel, in cell spacings: the widest that keeps the gain is taken
_CHUNK = 4096

ColourTable = npt.NDArray[np.uint32]


class PressureMap:
    """Interpolation from the cells of one device to a grid of `rows` x `columns`, medial side at column 0, toes up.

    A Gaussian kernel a little wider than half a cell, corrected so that the picture has each cell's own pressure at
    that cell's centre; between cells it never leaves the range of the measured values.

    Parameters
    ----------
    device : Device
    without : collection of int
        Cells that are masked: their neighbours speak for their places.
    """

    def __init__(self, device: Device, without: Collection[int] = ()) -> None:
        aspect = aspect_of(device)
        self.rows = GRID_ROWS
        self.columns = max(8, round(GRID_ROWS * aspect))
        y = 1 - (np.arange(self.rows) + 0.5) / self.rows
        x = (np.arange(self.columns) + 0.5) / self.columns
        grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
        margin = (grid - 0.5) * (1 - 4 / self.columns) + 0.5  # two pixels beyond the outline, for smooth edges
        self._pixels = np.flatnonzero(inside(margin, smooth_polygon(outline_of(device))))
        self._n_pixels = len(grid)
        stretch = np.array([aspect, 1.0])
        self._cells = np.setdiff1d(np.arange(device.n_cells), np.array(list(without), np.int64))
        cells = np.stack([device.x, device.y], axis=1)[self._cells] * stretch
        self._weights = _weights(grid[self._pixels] * stretch, cells, _spacing(device))

    def field(self, kpa: FloatArray) -> npt.NDArray[np.float32]:
        """Pressure on the grid, (rows, columns), zero outside the outline.

        Parameters
        ----------
        kpa : (c,) float64
            NaN for a cell that did not measure counts as no pressure.
        """
        cells = np.nan_to_num(kpa[self._cells].astype(np.float32), nan=0.0)
        out = np.zeros(self._n_pixels, np.float32)
        out[self._pixels] = np.clip(self._weights @ cells, min(0.0, float(cells.min())), float(cells.max()))
        return out.reshape(self.rows, self.columns)


def _spacing(device: Device) -> float:
    """Typical distance between cells, in foot lengths."""
    area = float(device.area_mm2.sum()) / (device.width_mm * device.length_mm)
    return float(np.sqrt(min(area, 0.75) * DEFAULT_ASPECT / device.n_cells))


def _weights(points: FloatArray, cells: FloatArray, spacing: float) -> npt.NDArray[np.float32]:
    """(p, c) weights from cells to points."""
    for width in WIDTHS:
        sigma = width * spacing
        at_cells = _kernel(cells, cells, sigma)
        if np.linalg.cond(at_cells) > 1e6:
            continue
        correction = np.linalg.inv(at_cells)
        if np.abs(correction).sum(axis=1).max() <= MAX_GAIN:
            break
    else:  # cells in one place: the plain weighted mean
        sigma, correction = 0.5 * spacing, np.eye(len(cells))
    out = np.empty((len(points), len(cells)), np.float32)
    for start in range(0, len(points), _CHUNK):
        out[start : start + _CHUNK] = _kernel(points[start : start + _CHUNK], cells, sigma) @ correction
    return out


def _kernel(points: FloatArray, cells: FloatArray, sigma: float) -> FloatArray:
    """Gaussian weights of each cell at each point, (p, c), rows summing to 1."""
    square = ((points[:, None, :] - cells[None, :, :]) ** 2).sum(axis=-1) / (2 * sigma**2)
    weights = np.exp(-(square - square.min(axis=1, keepdims=True)))
    out: FloatArray = weights / weights.sum(axis=1, keepdims=True)
    return out


def colour_table(
    lut: npt.NDArray[np.uint8], bed: tuple[int, int, int], above: tuple[int, int, int], scale_kpa: float
) -> ColourTable:
    """Packed 0xFFRRGGBB colours for every whole kPa from 0 to above the scale.

    Parameters
    ----------
    lut : (256, 3) uint8
        Colours from 0 to the top of the scale, linear in kPa.
    bed, above : colour
        Of the unloaded insole, and of everything above the scale.
    scale_kpa : float
        Top of the scale.
    """
    kpa = np.arange(int(np.ceil(scale_kpa)) + 2, dtype=np.float64)
    shade = lut[np.clip(np.round(kpa / scale_kpa * 255), 0, 255).astype(np.int64), :3].astype(np.float64)
    share = np.clip((kpa - FADE_KPA[0]) / (FADE_KPA[1] - FADE_KPA[0]), 0, 1)[:, None]
    rgb = np.round(shade * share + np.array(bed) * (1 - share)).astype(np.uint32)
    rgb[kpa > scale_kpa] = above
    packed: ColourTable = np.uint32(0xFF000000) | rgb[:, 0] << np.uint32(16) | rgb[:, 1] << np.uint32(8) | rgb[:, 2]
    return packed


def coloured(field: npt.NDArray[np.float32], table: ColourTable) -> npt.NDArray[np.uint32]:
    """The picture of a pressure field: packed colours of its shape."""
    top = len(table) - 1
    steps = np.minimum(np.ceil(np.maximum(field, 0)), top).astype(np.int64)
    return np.ascontiguousarray(table[steps])
