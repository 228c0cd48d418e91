"""Plot history in plain numpy: linear buffers of fixed width that a plot can slice without copying. No Qt.

In: a few new rows a second. Out: views of the latest rows. A buffer holds four times the rows it promises and moves
them to the front only when it is full, so an append costs the same after an hour as in the first second.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from insole.blocks import FloatArray


class LinearBuffer:
    """The latest rows of a table that grows at its end.

    Parameters
    ----------
    rows : int
        At least this many of the latest rows are kept; at most four times as many.
    columns : tuple of str
        Names of the float columns; the first one is the time in seconds, never decreasing.
    """

    def __init__(self, rows: int, columns: tuple[str, ...]) -> None:
        self._keep = rows
        self._names = {name: i for i, name in enumerate(columns)}
        self._data = np.empty((len(columns), 4 * rows))
        self._end = 0

    def __len__(self) -> int:
        return self._end

    @property
    def last_t_s(self) -> float:
        """Time of the newest row, NaN when empty."""
        return float(self._data[0, self._end - 1]) if self._end else float("nan")

    def append(self, **columns: npt.ArrayLike) -> None:
        """Add rows; every column is given, all of one length."""
        if set(columns) != set(self._names):
            raise ValueError(f"expected columns {', '.join(self._names)}")
        block = np.empty((len(self._names), np.atleast_1d(np.asarray(next(iter(columns.values())))).size))
        for name, values in columns.items():
            block[self._names[name]] = values
        block = block[:, -self._data.shape[1] :]
        n = block.shape[1]
        if self._end + n > self._data.shape[1]:
            kept = min(self._keep, self._end, self._data.shape[1] - n)
            self._data[:, :kept] = self._data[:, self._end - kept : self._end].copy()
            self._end = kept
        self._data[:, self._end : self._end + n] = block
        self._end += n

    def since(self, t_s: float) -> dict[str, FloatArray]:
        """Views of the rows at or after `t_s`, by column; valid until the next append."""
        start = int(np.searchsorted(self._data[0, : self._end], t_s))
        return {name: self._data[i, start : self._end] for name, i in self._names.items()}


def joined(t_s: FloatArray, values: FloatArray, longest_gap_s: float) -> npt.NDArray[np.bool_]:
    """Which points of a line are joined to their successor: both known, and no further apart than `longest_gap_s`.

    Lines break at a hole, they never bridge it.
    """
    known = np.isfinite(values)
    out = np.zeros(len(t_s), np.bool_)
    out[:-1] = known[:-1] & known[1:] & (np.diff(t_s) <= longest_gap_s)
    return out
