"""Blocks of frames: what the decoder puts out, and how they are collected during one push."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firmware_protocol.packet import PacketType
from firmware_protocol.pressure import bytes_per_frame, unpack_12_bit

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

    __slots__ = ("_counts", "_packed", "_packed_cells", "cells", "end", "sequence", "side", "tick_us")

    def __init__(self, side: int, cells: int) -> None:
        self.side = side
        self.cells = cells
        self.sequence: list[int] = []
        self.tick_us: list[int] = []
        self.end: list[int] = []
        self._counts: list[bytes] = []  # 16-bit, little endian; where one item ends and the next begins means nothing
        self._packed: list[bytes] = []  # 12-bit, of equally many cells: unpacked together, and behind the others
        self._packed_cells = 0

    def add_counts(self, packet_type: int, wire: bytes, cells: int) -> None:
        """Append counts as they were sent: of whole frames, or of the next `cells` cells of one."""
        if packet_type == PacketType.PRESSURE_16:
            self._unpack()
            self._counts.append(wire)
            return
        if cells != self._packed_cells:
            self._unpack()
            self._packed_cells = cells
        self._packed.append(wire)

    def _unpack(self) -> None:
        if self._packed:
            frame_bytes = bytes_per_frame(PacketType.PRESSURE_12, self._packed_cells)
            packed = np.frombuffer(b"".join(self._packed), np.uint8).reshape(-1, frame_bytes)
            self._counts.append(unpack_12_bit(packed, self._packed_cells).astype("<u2", copy=False).tobytes())
            self._packed.clear()

    def joined(self) -> Frames:
        """All of them as one block."""
        self._unpack()
        counts = np.frombuffer(b"".join(self._counts), "<u2").reshape(-1, self.cells)
        return Frames(
            self.side,
            np.array(self.sequence, np.int64),
            np.array(self.tick_us, np.int64),
            counts if np.little_endian else counts.astype(np.uint16),
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
