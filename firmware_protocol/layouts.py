"""Many pressure packets of one side that differ in layout, or hold fragments: what they say, and their counts."""

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from firmware_protocol.frames import FramesInBlocks
from firmware_protocol.headers import Headers, common_step, lay_rows
from firmware_protocol.packet import U32, PacketType
from firmware_protocol.pressure import MAX_CELLS, PREFIX_DTYPE, SHORTEST_PACKET, read_counts

__all__ = ["Layouts", "alike", "fill"]


@dataclass(frozen=True, slots=True)
class Layouts:
    """What n packets say about their counts, and what has to agree between the fragments of a frame.

    Attributes
    ----------
    side : int
        Of all of them.
    start, packet_type, packet_bytes, sequence, tick_us, total, first, cells, frames, interval_us : (n,) int64
        Where they begin in the buffer, and their fields (README.md, sections 2 and 4).
    """

    side: int
    start: npt.NDArray[np.int64]
    packet_type: npt.NDArray[np.int64]
    packet_bytes: npt.NDArray[np.int64]
    sequence: npt.NDArray[np.int64]
    tick_us: npt.NDArray[np.int64]
    total: npt.NDArray[np.int64]
    first: npt.NDArray[np.int64]
    cells: npt.NDArray[np.int64]
    frames: npt.NDArray[np.int64]
    interval_us: npt.NDArray[np.int64]

    @classmethod
    def of(
        cls,
        headers: Headers,
        sequence: npt.NDArray[np.int64],
        tick_us: npt.NDArray[np.int64],
        prefixes: npt.NDArray[np.uint64],
    ) -> "Layouts":
        """Packets of one side from their headers and the eight bytes of their prefixes (n,)."""
        prefix = np.ascontiguousarray(prefixes).view(PREFIX_DTYPE)
        names = ("total", "first", "cells", "frames", "interval_us")
        return cls(
            int(headers.side[0]),
            headers.start,
            headers.packet_type,
            headers.packet_bytes,
            sequence,
            tick_us,
            *(prefix[name].astype(np.int64) for name in names),
        )

    def __len__(self) -> int:
        """Number of packets."""
        return len(self.start)

    def chosen(self, which: npt.NDArray[np.bool_]) -> "Layouts":
        """The packets where `which` (n,) is true."""
        return Layouts(self.side, *(getattr(self, field.name)[which] for field in fields(self)[1:]))

    def consistent(self) -> npt.NDArray[np.bool_]:
        """`consistent` for all packets."""
        packed = self.packet_type == PacketType.PRESSURE_12
        frame_bytes = np.where(packed, (3 * self.cells + 1) // 2, 2 * self.cells)
        several = (self.frames > 1) & (self.cells == self.total) & (self.interval_us > 0)
        good: npt.NDArray[np.bool_] = (
            (self.cells >= 1)
            & (self.first + self.cells <= self.total)
            & (self.total <= MAX_CELLS)
            & ((self.frames == 1) | several)
            & (self.packet_bytes == SHORTEST_PACKET + self.frames * frame_bytes)
        )
        return good

    def continued(self) -> npt.NDArray[np.bool_]:
        """Whether packet i + 1 holds the cells behind those of packet i in the same frame, (n - 1,)."""
        same: npt.NDArray[np.bool_] = self.first[1:] == self.first[:-1] + self.cells[:-1]
        for value in (self.packet_type, self.sequence, self.tick_us, self.interval_us, self.total):
            same &= value[1:] == value[:-1]
        return same

    def layout(self) -> npt.NDArray[np.int64]:
        """One number for all that decides where the counts are and where they go, (n,)."""
        return ((self.packet_type * 512 + self.first) * 512 + self.cells) * 256 + self.frames


def alike(values: npt.NDArray[np.int64]) -> Iterator[npt.NDArray[np.int64]]:
    """Indices of equal values, value by value; for few different ones."""
    left = np.arange(len(values))
    while len(left):
        same = values[left] == values[left[0]]
        yield left[same]
        left = left[~same]


def fill(
    run: FramesInBlocks,
    rows: slice,
    buffer: bytes,
    packets: Layouts,
    group: npt.NDArray[np.int64],
    last: npt.NDArray[np.int64],
    origin: int,
) -> None:
    """Write the frames of complete groups, packets `group` to `last` each, with one total number of cells."""
    frames = packets.frames[group]
    row_of_group = np.cumsum(frames) - frames
    place = np.arange(rows.stop - rows.start) - _repeated(row_of_group, frames)
    interval_us = _repeated(packets.interval_us[group], frames)
    run.sequence[rows] = _repeated(packets.sequence[group], frames) + place & U32
    run.tick_us[rows] = _repeated(packets.tick_us[group], frames) + place * interval_us & U32
    run.end[rows] = _repeated(packets.start[last] + packets.packet_bytes[last] + origin, frames)

    packets_in_group = last + 1 - group
    first_packet = np.cumsum(packets_in_group) - packets_in_group
    member = np.arange(packets_in_group.sum()) + _repeated(group - first_packet, packets_in_group)
    row = _repeated(row_of_group, packets_in_group)
    layout = packets.layout()[member]
    counts = run.counts[rows]
    for mine in alike(layout):
        start, example = packets.start[member[mine]], member[mine[0]]
        block = np.empty((len(mine), packets.frames[example], packets.cells[example]), np.uint16)
        read_counts(buffer, start, common_step(start), int(packets.packet_type[example]), block)
        cell = row[mine] * run.cells + packets.first[example]
        lay_rows(block, counts, cell * counts.itemsize)


def _repeated(values: npt.NDArray[np.int64], times: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """`np.repeat`, at once where each value comes once."""
    return values if (times == 1).all() else np.repeat(values, times)
