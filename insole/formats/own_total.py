"""The force of a foot's cells held against the total that the file itself gives, row by row."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from insole.blocks import FloatArray, IntArray
from insole.errors import FormatError
from insole.formats.findings import Findings

LOADED_N = 50.0
WILD = 0.25
"""Off by so much of the total no cell is worn or rounded: the numbers are others than their names say."""

ENOUGH_ROWS = 20


class OwnTotal:
    """Counts rows that do not add up, and refuses a file in which most do not by far.

    Parameters
    ----------
    path : Path
    what : str
        As `Findings.add` takes it.
    tolerance_n, tolerance : float
        Newtons, and share of the total, that rounding explains.
    findings : Findings
    """

    def __init__(self, path: Path, what: str, tolerance_n: float, tolerance: float, findings: Findings) -> None:
        self._path, self._what, self._findings = path, what, findings
        self._tolerance_n, self._tolerance = tolerance_n, tolerance
        self._loaded = self._wild = 0

    def check(self, line: IntArray, own_n: FloatArray, total_n: FloatArray) -> None:
        """Compare the next rows.

        Parameters
        ----------
        line : (n,) int64
            Where they stand in the file.
        own_n, total_n : (n,) float64
            Force of the cells and the file's own; a row with NaN in either is not compared.

        Raises
        ------
        FormatError
            More than half of the loaded rows so far are off by more than `WILD` of their total.
        """
        off_n = np.abs(own_n - total_n)
        off = off_n > self._tolerance_n + self._tolerance * np.abs(total_n)
        self._findings.add(self._what, np.count_nonzero(off))
        wild = off & (np.maximum(own_n, total_n) > LOADED_N) & (off_n > WILD * np.abs(total_n))
        self._loaded += int(np.count_nonzero(wild | (total_n > LOADED_N)))
        self._wild += int(np.count_nonzero(wild))
        if self._wild > max(ENOUGH_ROWS, 0.5 * self._loaded):
            raise FormatError(
                self._path,
                f"the cells do not add up to the file's own total force in {self._wild} of {self._loaded} loaded rows: "
                "columns are shifted or swapped",
                int(line[np.argmax(wild)]),
            )
