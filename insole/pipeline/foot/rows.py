"""The frames one foot still needs, addressed by absolute row number.

Counts stay in the blocks they came in; ticks and forces, which are looked at over and over, lie in one line that is
rarely moved. What was handed out is never written again: a move makes new arrays, so views may be kept.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from insole.blocks import CountArray, FloatArray, IntArray

MEASURED, FILLED, MISSING = 0, 1, 2
CAPACITY = 4096  # rows, at least
NONE_LOST = -1  # instead of the number of the last row that was not measured

Scalar = TypeVar("Scalar", bound=np.generic)


class Rows:
    """Counts, device ticks, raw and smoothed force of consecutive frames `[base, end)` of one run."""

    def __init__(self) -> None:
        self.base = 0  # absolute number of the first row kept
        self.end = 0  # absolute number after the last row
        self._shift = 0  # from absolute numbers to places in the arrays
        self._blocks: list[CountArray] = []
        self._starts: list[int] = []  # absolute number of the first row of each block
        self._last_lost = NONE_LOST
        self._tick_us = np.empty(CAPACITY, np.int64)
        self._state = np.zeros(CAPACITY, np.uint8)
        self._force = np.empty(CAPACITY)
        self._smooth = np.empty(CAPACITY)

    def append(
        self,
        counts: CountArray,
        tick_us: IntArray,
        force_n: FloatArray,
        state: npt.NDArray[np.uint8] | None = None,
    ) -> None:
        """Add rows at the end, all measured unless `state` says which were not; smoothed force is set later."""
        n = len(tick_us)
        if self.end + self._shift + n > len(self._force):
            self._make_room(n)
        a = self.end + self._shift
        self._blocks.append(counts)
        self._starts.append(self.end)
        self._tick_us[a : a + n] = tick_us
        self._force[a : a + n] = force_n
        if state is not None:
            self._state[a : a + n] = state
            self._last_lost = self.end + int(np.flatnonzero(state)[-1])
        self.end += n

    def forget(self, before: int) -> None:
        """Rows before that absolute number are not needed any more."""
        self.base = max(self.base, min(before, self.end))
        gone = bisect_right(self._starts, self.base) - 1
        del self._starts[:gone], self._blocks[:gone]

    def counts(self, start: int, end: int) -> CountArray:
        """Raw counts of rows [start, end); no copy where they came in one block."""
        i = bisect_right(self._starts, start) - 1
        first = start - self._starts[i]
        last = first + end - start
        if last <= len(self._blocks[i]):
            return self._blocks[i][first:last]
        parts = self._blocks[i : bisect_right(self._starts, end - 1)]
        parts[0] = parts[0][first:]
        parts[-1] = parts[-1][: end - self._starts[i + len(parts) - 1]]
        return np.concatenate(parts)

    def tick_us(self, start: int, end: int) -> IntArray:
        """Device ticks of rows [start, end)."""
        return self._tick_us[start + self._shift : end + self._shift]

    def tick_us_at(self, row: int) -> int:
        """Device tick of one row."""
        return int(self._tick_us[row + self._shift])

    def state(self, start: int, end: int) -> npt.NDArray[np.uint8]:
        """MEASURED, FILLED or MISSING for rows [start, end)."""
        return self._state[start + self._shift : end + self._shift]

    def lost(self, start: int, end: int) -> bool:
        """Whether any of the rows [start, end) was not measured."""
        return self._last_lost >= start and bool(self.state(start, end).any())

    def force(self, start: int, end: int) -> FloatArray:
        """Raw force of rows [start, end); writable while a gap is being filled."""
        return self._force[start + self._shift : end + self._shift]

    def smooth(self, start: int, end: int) -> FloatArray:
        """Smoothed force of rows [start, end)."""
        return self._smooth[start + self._shift : end + self._shift]

    def _make_room(self, n: int) -> None:
        used = self.end - self.base
        capacity = max(CAPACITY, 2 * used + n)
        kept = slice(self.base + self._shift, self.end + self._shift)
        self._tick_us = _moved(self._tick_us[kept], capacity)
        self._state = _moved(self._state[kept], capacity)
        self._force = _moved(self._force[kept], capacity)
        self._smooth = _moved(self._smooth[kept], capacity)
        self._shift = -self.base

    def __getstate__(self) -> dict[str, Any]:
        """A copy takes the rows that are kept, and not the room around them."""
        kept = slice(self.base + self._shift, self.end + self._shift)
        arrays = {name: value[kept] for name, value in vars(self).items() if isinstance(value, np.ndarray)}
        blocks = [self.counts(self.base, self.end)] if self.end > self.base else []
        return {**vars(self), **arrays, "_shift": -self.base, "_blocks": blocks, "_starts": [self.base] * len(blocks)}


def _moved(kept: npt.NDArray[Scalar], capacity: int) -> npt.NDArray[Scalar]:
    """At the front of a new array."""
    out: npt.NDArray[Scalar] = np.zeros(capacity, kept.dtype)
    out[: len(kept)] = kept
    return out


def seconds(tick_us: IntArray) -> FloatArray:
    """Device ticks as device seconds."""
    out: FloatArray = np.multiply(tick_us, 1e-6)
    return out


def end_to_end(pieces: list[npt.NDArray[Scalar]]) -> npt.NDArray[Scalar]:
    """Pieces one after the other; a single one, as it comes live, is not copied."""
    return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)


def starts_of(lengths: list[int]) -> IntArray:
    """Where pieces of these lengths begin when they are laid end to end, and where the last one ends, (k + 1,)."""
    return np.array([0, *accumulate(lengths)])
