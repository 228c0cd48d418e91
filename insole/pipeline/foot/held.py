"""Frames held until the zero and the noise of a foot are known. In: frames from the start on. Out: its start window."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from insole.blocks import CountArray, FloatArray, FrameBlock
from insole.device import Device
from insole.pipeline.foot.calibrate import Calibration
from insole.pipeline.foot.events import THETA_EV_MIN_N, THETA_OFF_SHARE
from insole.pipeline.foot.start import MAX_HELD_S, WINDOW_S, StartWindow, find_start

PRELOAD_N = THETA_OFF_SHARE * THETA_EV_MIN_N  # the lowest release threshold


@dataclass(frozen=True, slots=True, eq=False)
class Started:
    """What the start window of a foot gave."""

    tick_us: int  # device time of its last frame
    sigma_n: float
    zero_counts: FloatArray | None  # (c,) unloaded counts, where the zero is to be taken from here


class HeldFrames:
    """Holds frames, and looks among them for the start window.

    Parameters
    ----------
    device : Device
    needs_zero : bool
        Whether the zero is still to be found.
    """

    def __init__(self, device: Device, needs_zero: bool) -> None:
        self.needs_zero = needs_zero
        self.started: Started | None = None
        self._zeroed = device.zeroed
        self._rate = device.rate_hz
        self._blocks: deque[FrameBlock] = deque()
        self._counts: CountArray = np.empty((0, device.n_cells), np.uint16)  # of the frames still to be searched
        self._tick_us = np.empty(0, np.int64)
        self._force_n = np.empty(0)

    def push(self, block: FrameBlock, calibration: Calibration, zero_n: float) -> None:
        """Hold frames; `started` is set once they hold the start window."""
        self._blocks.append(block)
        piece = round(WINDOW_S * self._rate)
        for a in range(0, len(block.tick_us), piece):
            if self.started is None:
                self._search(block, slice(a, a + piece), calibration, zero_n)
        if self.started is None:
            while int(block.tick_us[-1]) - int(self._blocks[0].tick_us[-1]) > 2e6 * MAX_HELD_S:
                self._blocks.popleft()

    def release(self) -> Sequence[FrameBlock]:
        """The frames held, once."""
        if not self._blocks:
            return ()
        blocks, self._blocks = self._blocks, deque()
        return blocks

    def recalibrate(self, calibration: Calibration, *, zero_known: bool) -> None:
        """Another gain, and a zero where one is known."""
        self.needs_zero = self.needs_zero and not zero_known
        self._force_n = calibration.force_n(self._counts)

    def _search(self, block: FrameBlock, rows: slice, calibration: Calibration, zero_n: float) -> None:
        measured = block.measured[rows]
        counts = block.counts[rows][measured]
        self._counts = np.concatenate([self._counts, counts])
        self._tick_us = np.concatenate([self._tick_us, block.tick_us[rows][measured]])
        self._force_n = np.concatenate([self._force_n, calibration.force_n(counts)])
        start, first = find_start(self._force_n, self._rate, self.needs_zero)
        last = len(self._force_n)
        if start is not None:
            self._take(start, first, zero_n)
            first = last
        self._counts, self._tick_us, self._force_n = self._counts[first:], self._tick_us[first:], self._force_n[first:]

    def _take(self, start: StartWindow, first: int, zero_n: float) -> None:
        window = slice(first, first + len(start.unloaded))
        tick_us = int(self._tick_us[window][-1])
        from_here = self.needs_zero or self._laced(self._force_n[window], zero_n)
        zero = np.median(self._counts[window][start.unloaded], axis=0) if from_here else None
        self.started = Started(tick_us, start.sigma_n, zero)
        oldest = tick_us - round(1e6 * MAX_HELD_S)
        self._blocks = deque(_since(block, oldest) for block in self._blocks if block.tick_us[-1] >= oldest)

    def _laced(self, force_n: FloatArray, zero_n: float) -> bool:
        """Whether the swings of a start window carry a preload that the zero of the insole off the foot leaves there.

        With it no toe-off would be seen, and so no swing that could move the zero.
        """
        if self._zeroed:
            return False
        swings, _ = find_start(force_n, self._rate, needs_zero=True)
        return swings is not None and float(np.median(force_n[swings.unloaded])) - zero_n > PRELOAD_N


def _since(block: FrameBlock, tick_us: int) -> FrameBlock:
    """The frames of a block from a device time on."""
    n = int(np.searchsorted(block.tick_us, tick_us))
    if n == 0:
        return block
    return FrameBlock(
        block.side, block.index[n:], block.tick_us[n:], block.counts[n:], block.measured[n:], after_gap=True
    )
