"""Sheets of sensels: lines of text in, one float64 matrix out; and sensels joined where a frame has fewer cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmware_protocol import MAX_CELLS
from insole.blocks import BoolArray, FloatArray, IntArray
from insole.formats.findings import Findings
from insole.formats.reading.decimals import Characters, parse_decimals

_COMMA, _NEWLINE = b",\n"


def parse_grid(lines: list[bytes], rows: int, columns: int) -> FloatArray | None:
    """The matrix in `rows` comma-separated lines of `columns` cells, and of empty ones behind them.

    Parameters
    ----------
    lines : list of bytes
        Without line ends, in which one byte is one character; blank lines left out.
    rows, columns : int

    Returns
    -------
    (rows, columns) float64 or None
        NaN for cells without a number that say so; None if lines or cells are missing or too many, or a
        cell cannot be read.
    """
    if len(lines) != rows:
        return None
    characters = Characters(b"\n".join(lines) + b"\n")
    is_edge = (characters.bytes == _COMMA) | (characters.bytes == _NEWLINE)
    edges = np.concatenate([[characters.first - 1], np.flatnonzero(is_edge)])
    row_ends = np.flatnonzero(characters.bytes[edges[1:]] == _NEWLINE) + 1
    row_starts = np.concatenate([[0], row_ends[:-1]])
    if len(row_ends) != rows or (row_ends - row_starts < columns).any():
        return None
    behind = row_ends - row_starts - columns
    if (edges[row_ends] - edges[row_ends - behind] != behind).any():
        return None
    at = row_starts[:, None] + np.arange(columns)
    values, unreadable = parse_decimals(characters, edges[at] + 1, edges[at + 1])
    return None if unreadable.any() else values


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """The sensels of a sheet as cells of a frame: one each, or squares of neighbours where there are too many of them.

    Parameters
    ----------
    mask : (rows, columns) bool
        Where there are sensels.
    side : int
        Sensels along the side of a square; 1: a cell is a sensel.
    cell : (s,) int64
        Cell of each sensel, sensels in order of rows.
    sensels : (c,) int64
        Sensels in each cell.
    row, column : (c,) float64
        Middle of each cell, in sensels from the first corner.
    """

    mask: BoolArray
    side: int
    cell: IntArray
    sensels: IntArray
    row: FloatArray
    column: FloatArray

    @classmethod
    def of(cls, mask: BoolArray, most: int = MAX_CELLS) -> Cells:
        """The smallest squares of which there are at most `most`."""
        row, column = np.nonzero(mask)
        for side in range(1, max(mask.shape) + 1):
            square = row // side * mask.shape[1] + column // side
            _, cell = np.unique(square, return_inverse=True)
            sensels = np.bincount(cell)
            if len(sensels) <= most:
                break
        middle_row, middle_column = (np.bincount(cell, place + 0.5) / sensels for place in (row, column))
        return cls(mask, side, cell, sensels, middle_row, middle_column)

    def __len__(self) -> int:
        return len(self.sensels)

    def kpa(self, sheet: FloatArray) -> FloatArray:
        """Mean pressure of each cell, so that force stays the same; NaN where a sensel has no value."""
        means: FloatArray = np.bincount(self.cell, sheet[self.mask]) / self.sensels
        return means

    def remarks(self, name: str) -> tuple[str, ...]:
        """What is lost, for people."""
        if self.side == 1:
            return ()
        squares = f"{self.side} x {self.side}"
        return (
            f"{name}: {self.cell.size} sensels joined {squares} into {len(self)} cells, which lowers peak pressure",
        )


class JoinedPeak:
    """How much lower the highest pressure of a file reads where sensels are joined.

    Parameters
    ----------
    cells : Cells
    """

    def __init__(self, cells: Cells) -> None:
        self._joined = cells.side > 1
        self._sensel = self._cell = 0.0

    def see(self, sheet: FloatArray, cells: FloatArray) -> None:
        """Take a sheet and its cells, in one unit."""
        self._sensel = max(self._sensel, float(np.nanmax(sheet, initial=0.0)))
        self._cell = max(self._cell, float(np.nanmax(cells, initial=0.0)))

    def say(self, name: str, kpa_per_unit: float, findings: Findings) -> None:
        """Say it, once all sheets have been seen."""
        if self._joined and self._sensel > 0:
            findings.say(
                f"{name}: the highest sensel has {self._sensel * kpa_per_unit:.0f} kPa, the highest joined cell "
                f"{self._cell * kpa_per_unit:.0f} kPa: peak pressures read up to "
                f"{100 * (1 - self._cell / self._sensel):.0f} % low, forces do not"
            )
