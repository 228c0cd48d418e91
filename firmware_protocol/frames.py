"""Blocks of frames: what the decoder puts out, and how they are collected during one push."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firmware_protocol.pressure import joined_counts

__all__ = ["Frames", "FramesInBlocks", "FramesOneByOne"]


@dataclass(frozen=True, slots=True)
class Frames:
    """Frames of one side with the same number of cells, in order of arrival.

    Attributes
    ----------
    side : int
        One of `Side`.
    sequence : (n,) int64
        Frame numbers as sent, 0 to 2**32 - 1.
    tick_us : (n,) int64
        Device tick of each frame as sent, 0 to 2**32 - 1, with the place in the packet added.
    counts : (n, c) uint16
        Raw counts, C order.
    end : (n,) int64
        Position in the byte stream just behind the packet that completed the frame; the decoder's first byte is 0.
    """

    side: int
    sequence: npt.NDArray[np.int64]
    tick_us: npt.NDArray[np.int64]
    counts: npt.NDArray[np.uint16]
    end: npt.NDArray[np.int64]


class FramesOneByOne:
    """Frames of one side with `cells` cells, few of them.

    Attributes
    ----------
    sequence, tick_us, end : list of int
        As in `Frames`.
    """

    __slots__ = ("_counts", "_layout", "_wire", "cells", "end", "sequence", "side", "tick_us")

    def __init__(self, side: int, cells: int) -> None:
        self.side = side
        self.cells = cells
        self.sequence: list[int] = []
        self.tick_us: list[int] = []
        self.end: list[int] = []
        self._counts: list[npt.NDArray[np.uint16]] = []
        self._wire: list[bytes] = []  # behind those, as they were sent: of packets with one layout, read together
        self._layout = (0, 0)  # of these: packet type, frames in a packet

    def add_wire(self, packet_type: int, frames: int, wire: bytes) -> None:
        """Append the counts of a packet of whole frames, `pressure.wire_counts` of it."""
        layout = packet_type, frames
        if layout != self._layout:
            self._read()
            self._layout = layout
        self._wire.append(wire)

    def add_counts(self, counts: npt.NDArray[np.uint16]) -> None:
        """Append the counts of frames, (n, cells)."""
        self._read()
        self._counts.append(counts)

    def _read(self) -> None:
        if self._wire:
            self._counts.append(joined_counts(self._wire, *self._layout, self.cells))
            self._wire = []

    def joined(self) -> Frames:
        """All of them as one block."""
        self._read()
        counts = self._counts
        return Frames(
            self.side,
            np.array(self.sequence, np.int64),
            np.array(self.tick_us, np.int64),
            counts[0] if len(counts) == 1 else np.concatenate(counts),
            np.array(self.end, np.int64),
        )


class FramesInBlocks:
    """Frames of one side with `cells` cells, many of them: arrays that grow.

    Attributes
    ----------
    sequence, tick_us, end : (m,) int64
        As in `Frames`, with room to spare at the end.
    counts : (m, cells) uint16
        The same.
    """

    __slots__ = ("_rows", "cells", "counts", "end", "sequence", "side", "tick_us")

    def __init__(self, side: int, cells: int) -> None:
        self.side = side
        self.cells = cells
        self._rows = 0
        self._allocate(0)

    def more(self, rows: int, expected: int) -> slice:
        """Make room for `rows` frames, and for the more that are `expected`, and return where it is."""
        begin, end = self._rows, self._rows + rows
        self._rows = end
        if end > len(self.sequence):
            old = self.joined(begin)
            self._allocate(end + max(expected, begin))
            self.sequence[:begin], self.tick_us[:begin] = old.sequence, old.tick_us
            self.counts[:begin], self.end[:begin] = old.counts, old.end
        return slice(begin, end)

    def joined(self, rows: int | None = None) -> Frames:
        """All of them, or the first `rows`, as one block."""
        filled = slice(self._rows if rows is None else rows)
        return Frames(self.side, self.sequence[filled], self.tick_us[filled], self.counts[filled], self.end[filled])

    def _allocate(self, rows: int) -> None:
        self.sequence = np.empty(rows, np.int64)
        self.tick_us = np.empty(rows, np.int64)
        self.end = np.empty(rows, np.int64)
        self.counts = np.empty((rows, self.cells), np.uint16)
