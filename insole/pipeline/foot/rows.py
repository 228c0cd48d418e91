"""The frames one foot still needs: a linear buffer of rows with a rare move, addressed by absolute row number."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from insole.blocks import CountArray, FloatArray, IntArray

MEASURED, FILLED, MISSING = 0, 1, 2

Scalar = TypeVar("Scalar", bound=np.generic)


class Rows:
    """Counts, device ticks, raw and smoothed force of consecutive frames `[base, end)` of one run."""

    def __init__(self, n_cells: int, capacity: int = 4096) -> None:
        self.base = 0  # absolute number of the first row kept
        self.end = 0  # absolute number after the last row
        self._low = 0  # where `base` stands in the arrays
        self._counts = np.empty((capacity, n_cells), np.uint16)
        self._tick_us = np.empty(capacity, np.int64)
        self._state = np.empty(capacity, np.uint8)
        self._force = np.empty(capacity)
        self._smooth = np.empty(capacity)

    def append(self, counts: CountArray, tick_us: IntArray, state: npt.NDArray[np.uint8], force_n: FloatArray) -> None:
        """Add rows at the end; their smoothed force is undefined until it is set."""
        n = len(counts)
        self._make_room(n)
        a = self._low + self.end - self.base
        self._counts[a : a + n] = counts
        self._tick_us[a : a + n] = tick_us
        self._state[a : a + n] = state
        self._force[a : a + n] = force_n
        self.end += n

    def forget(self, before: int) -> None:
        """Rows before that absolute number are not needed any more."""
        before = min(before, self.end)
        if before > self.base:
            self._low += before - self.base
            self.base = before

    def counts(self, start: int, end: int) -> CountArray:
        """Raw counts of rows [start, end)."""
        return self._counts[self._slice(start, end)]

    def tick_us(self, start: int, end: int) -> IntArray:
        """Device ticks of rows [start, end)."""
        return self._tick_us[self._slice(start, end)]

    def state(self, start: int, end: int) -> npt.NDArray[np.uint8]:
        """MEASURED, FILLED or MISSING for rows [start, end)."""
        return self._state[self._slice(start, end)]

    def force(self, start: int, end: int) -> FloatArray:
        """Raw force of rows [start, end); writable while a gap is being filled."""
        return self._force[self._slice(start, end)]

    def smooth(self, start: int, end: int) -> FloatArray:
        """Smoothed force of rows [start, end)."""
        return self._smooth[self._slice(start, end)]

    def _slice(self, start: int, end: int) -> slice:
        shift = self._low - self.base
        return slice(start + shift, end + shift)

    def _make_room(self, n: int) -> None:
        used, capacity = self.end - self.base, len(self._force)
        if self._low + used + n <= capacity:
            return
        capacity = max(capacity, 4 * (used + n)) if used + n > capacity // 2 else capacity
        keep = slice(self._low, self._low + used)
        self._counts = _moved(self._counts, keep, capacity)
        self._tick_us = _moved(self._tick_us, keep, capacity)
        self._state = _moved(self._state, keep, capacity)
        self._force = _moved(self._force, keep, capacity)
        self._smooth = _moved(self._smooth, keep, capacity)
        self._low = 0

    def __getstate__(self) -> dict[str, Any]:
        """A copy takes the rows that are kept, and not the room around them."""
        kept = slice(self._low, self._low + self.end - self.base)
        arrays = {name: value[kept] for name, value in vars(self).items() if isinstance(value, np.ndarray)}
        return {**vars(self), **arrays, "_low": 0}


def _moved(array: npt.NDArray[Scalar], keep: slice, capacity: int) -> npt.NDArray[Scalar]:
    """The kept rows at the front of the array, or of a larger one."""
    out = array if len(array) == capacity else np.empty((capacity, *array.shape[1:]), array.dtype)
    out[: keep.stop - keep.start] = array[keep]
    return out
