"""Intact pressure packets in, blocks of frames out; fragments wait here for the rest of their frame.

Two ways to the same result: packet by packet for the few packets of a live push, and with whole-array operations for
many. Which one runs is a question of speed only; the tests hold them against each other.
"""

from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from firmware_protocol.frames import Frames, FramesInBlocks, FramesOneByOne
from firmware_protocol.packet import (
    HEADER_BYTES,
    MAX_PACKET_BYTES,
    OVERHEAD_BYTES,
    U32,
    Header,
    Headers,
    Kind,
    PacketType,
    Side,
    rows_at,
    words_at,
)
from firmware_protocol.pressure import (
    COUNTS_AT,
    MAX_CELLS,
    PREFIX_DTYPE,
    SHORTEST_PACKET,
    Prefix,
    consistent,
    counts_of_packets,
    wire_counts,
)

__all__ = ["FrameAssembler"]


class FrameAssembler:
    """Frames out of pressure packets, of all sides that share a byte stream.

    Attributes
    ----------
    frames : int
        Frames put out.
    incomplete : int
        Frames dropped because a fragment was missing.
    malformed : int
        Packets with a good check whose fields contradict each other.
    """

    __slots__ = (
        "_collected",
        "_given_up",
        "_in_blocks",
        "_singles",
        "_unfinished",
        "_waiting",
        "frames",
        "incomplete",
        "malformed",
    )

    def __init__(self) -> None:
        self.frames = 0
        self.incomplete = 0
        self.malformed = 0
        self._unfinished: dict[int, list[_Fragment]] = {}  # side -> what has come of its current frame
        self._waiting: dict[int, list[int]] = {}  # the same between `resume` and `suspend`, as positions in the buffer
        self._given_up: dict[
            int, int
        ] = {}  # side -> number of the last dropped frame: its later fragments may still come
        self._collected: list[FramesOneByOne | FramesInBlocks] = []  # what `take` will hand over, and of it
        self._singles: dict[int, FramesOneByOne] = {}  # side -> its last entry
        self._in_blocks: dict[int, FramesInBlocks] = {}  # side -> its last entry

    def take(self) -> list[Frames]:
        """Hand over the frames completed since the last call, in order of arrival."""
        collected, self._collected = self._collected, []
        self._singles.clear()
        self._in_blocks.clear()
        return [run.joined() for run in collected]

    def finish(self) -> None:
        """Give up the unfinished frames: nothing follows."""
        self.incomplete += len(self._unfinished)
        self._unfinished.clear()
        self._given_up.clear()

    # Packet by packet.

    def add_packet(self, packet: bytes, packet_type: int, side: int, sequence: int, tick_us: int, end: int) -> None:
        """Take one intact pressure packet.

        Parameters
        ----------
        packet : bytes
            The whole packet.
        packet_type, side, sequence, tick_us : int
            Fields of its header.
        end : int
            Position in the stream just behind it.
        """
        if len(packet) < SHORTEST_PACKET:
            self.malformed += 1
            return
        prefix = Prefix.unpack_from(packet, HEADER_BYTES)
        if not consistent(packet_type, len(packet), *prefix):
            self.malformed += 1
            return
        total, first, cells, frames, interval_us = prefix
        if cells == total:
            if side in self._unfinished:
                self._give_up(side)
            run = self._one_by_one(side, cells)
            if frames == 1:
                run.sequence.append(sequence)
                run.tick_us.append(tick_us)
                run.end.append(end)
            else:
                run.sequence += [sequence + i & U32 for i in range(frames)]
                run.tick_us += [tick_us + i * interval_us & U32 for i in range(frames)]
                run.end += [end] * frames
            run.add_counts(packet_type, wire_counts(packet), cells)
            self.frames += frames
            return
        fragment = _Fragment(packet_type, sequence, tick_us, interval_us, total, first, cells, packet)
        parts = self._unfinished.get(side)
        if parts is not None and fragment.continues(parts[-1]):
            parts.append(fragment)
            if first + cells == total:
                del self._unfinished[side]
                run = self._one_by_one(side, total)
                run.sequence.append(sequence)
                run.tick_us.append(tick_us)
                run.end.append(end)
                for part in parts:
                    run.add_counts(packet_type, wire_counts(part.packet), part.cells)
                self.frames += 1
            return
        if parts is not None:
            self._give_up(side)
        if first == 0:
            self._unfinished[side] = [fragment]
        elif self._given_up.get(side) != sequence:
            self.incomplete += 1
            self._given_up[side] = sequence

    def _give_up(self, side: int) -> None:
        self.incomplete += 1
        self._given_up[side] = self._unfinished.pop(side)[-1].sequence

    def _one_by_one(self, side: int, cells: int) -> FramesOneByOne:
        run = self._singles.get(side)
        if run is None or run.cells != cells:
            run = self._singles[side] = FramesOneByOne(side, cells)
            self._collected.append(run)
        return run

    # Many packets at once.

    def resume(self) -> bytes:
        """Begin work on a buffer: return the packets of the unfinished frames, which it has to start with."""
        packets: list[bytes] = []
        position = 0
        for side, parts in self._unfinished.items():
            self._waiting[side] = []
            for part in parts:
                self._waiting[side].append(position)
                position += len(part.packet)
                packets.append(part.packet)
        self._unfinished.clear()
        return b"".join(packets)

    def waiting(self) -> list[int]:
        """Hand over the positions of the unfinished frames' packets; they go in front of the next packets."""
        positions = [position for side in self._waiting.values() for position in side]
        self._waiting.clear()
        return positions

    def suspend(self, buffer: bytes) -> None:
        """End work on a buffer: keep what the unfinished frames need of it."""
        for side, positions in self._waiting.items():
            self._unfinished[side] = []
            for start in positions:
                _, _, packet_type, length, _, _, sequence, tick_us = Header.unpack_from(buffer, start)
                total, first, cells, _, interval_us = Prefix.unpack_from(buffer, start + HEADER_BYTES)
                packet = buffer[start : start + length + OVERHEAD_BYTES]
                self._unfinished[side].append(
                    _Fragment(packet_type, sequence, tick_us, interval_us, total, first, cells, packet)
                )
        self._waiting.clear()

    def add_packets(self, buffer: bytes, headers: Headers, origin: int) -> None:
        """Take intact pressure packets.

        Parameters
        ----------
        buffer : bytes
            Holds them.
        headers : Headers
            Where they are and what their headers say.
        origin : int
            Position in the stream of the buffer's first byte.
        """
        if headers.kind is not None:
            self._add_side(buffer, headers, origin)
            return
        members = [headers.side == side for side in Side]
        for member in sorted(filter(np.any, members), key=np.argmax):
            self._add_side(buffer, headers.chosen(member), origin)

    def _add_side(self, buffer: bytes, headers: Headers, origin: int) -> None:
        """Take packets of one side."""
        if headers.kind is None or headers.kind.packet_bytes < SHORTEST_PACKET:
            long_enough = headers.packet_bytes >= SHORTEST_PACKET
            self.malformed += int(np.count_nonzero(~long_enough))
            if not long_enough.any():
                return
            headers = headers.chosen(long_enough)
        prefixes = words_at(buffer, headers.start, headers.step, HEADER_BYTES)
        if headers.kind is not None and (prefixes == prefixes[0]).all():
            prefix = Prefix.unpack(prefixes[0].tobytes())
            total, _, cells, _, _ = prefix
            if cells == total and consistent(headers.kind.packet_type, headers.kind.packet_bytes, *prefix):
                self._add_equal(buffer, headers, headers.kind, prefix, origin)
                return
        self._add_unequal(buffer, headers, prefixes.view(PREFIX_DTYPE), origin)

    def _add_equal(
        self, buffer: bytes, headers: Headers, kind: Kind, prefix: tuple[int, int, int, int, int], origin: int
    ) -> None:
        """Take packets of one side, all with the same number of whole frames."""
        cells, _, _, frames, interval_us = prefix
        count = len(headers) * frames
        run, rows = self._room(kind.side, cells, count, _as_many_again(buffer, headers, count))
        end = headers.start + (origin + kind.packet_bytes)
        if frames == 1:
            run.sequence[rows], run.tick_us[rows], run.end[rows] = headers.sequence, headers.tick_us, end
        else:
            place = np.arange(frames)
            run.sequence[rows] = (headers.sequence[:, None] + place & U32).reshape(-1)
            run.tick_us[rows] = (headers.tick_us[:, None] + place * interval_us & U32).reshape(-1)
            run.end[rows] = np.repeat(end, frames)
        counts = run.counts[rows]
        if kind.packet_type == PacketType.PRESSURE_16:
            wire = rows_at(buffer, headers.start, headers.step, COUNTS_AT, frames * cells * 2)
            counts.reshape(len(headers), -1).view(wire.dtype)[:, 0] = wire
            if not np.little_endian:
                counts.byteswap(inplace=True)
        else:
            block = counts_of_packets(buffer, headers.start, kind.packet_type, cells, frames)
            counts[:] = block.reshape(-1, cells)

    def _add_unequal(self, buffer: bytes, headers: Headers, prefixes: npt.NDArray[np.void], origin: int) -> None:
        """Take packets of one side that differ in layout, or hold fragments."""
        packets = _Layouts.of(headers, prefixes)
        good = packets.consistent()
        if not good.all():
            self.malformed += int(np.count_nonzero(~good))
            if not good.any():
                return
            headers, packets = headers.chosen(good), packets.chosen(good)
        side = int(headers.side[0])

        # A group is the packets of one frame, or one packet of whole frames, or stray fragments of one frame.
        group = np.flatnonzero(np.concatenate([[True], ~packets.continued()]))
        last = np.append(group[1:], len(headers)) - 1
        has_head = packets.first[group] == 0
        whole = has_head & (packets.first[last] + packets.cells[last] == packets.total[last])
        if has_head[-1] and not whole[-1]:
            self._waiting[side] = headers.start[group[-1] :].tolist()
            group, last, has_head, whole = group[:-1], last[:-1], has_head[:-1], whole[:-1]
        self._count_incomplete(side, headers.sequence[group[~whole]], has_head[~whole])

        group, last = group[whole], last[whole]
        total = packets.total[group]
        cuts = (np.flatnonzero(np.diff(total)) + 1).tolist()
        for begin, end in zip([0, *cuts], [*cuts, len(group)], strict=True):
            if begin < end:
                count = int(packets.frames[group[begin:end]].sum())
                expected = _as_many_again(buffer, headers, count) if end == len(group) else 0
                run, rows = self._room(side, int(total[begin]), count, expected)
                _fill(run, rows, buffer, headers, packets, group[begin:end], last[begin:end], origin)

    def _count_incomplete(self, side: int, number: npt.NDArray[np.int64], has_head: npt.NDArray[np.bool_]) -> None:
        """Count frames that lost a fragment, given what is left of them: the same frame may come several times."""
        if len(number):
            before = np.concatenate([[self._given_up.get(side, -1)], number[:-1]])
            self.incomplete += int(np.count_nonzero(has_head | (number != before)))
            self._given_up[side] = int(number[-1])

    def _room(self, side: int, cells: int, rows: int, expected: int) -> tuple[FramesInBlocks, slice]:
        """Find where the next `rows` frames of a side go, of which `expected` more may follow."""
        self.frames += rows
        run = self._in_blocks.get(side)
        if run is None or run.cells != cells:
            run = self._in_blocks[side] = FramesInBlocks(side, cells)
            self._collected.append(run)
        return run, run.more(rows, expected)


class _Fragment(NamedTuple):
    """One packet of a frame that is cut by cells."""

    packet_type: int
    sequence: int
    tick_us: int
    interval_us: int
    total: int
    first: int
    cells: int
    packet: bytes

    def continues(self, other: "_Fragment") -> bool:
        """Whether this fragment holds the cells behind those of `other`, in the same frame."""
        return self[:5] == other[:5] and self.first == other.first + other.cells


@dataclass(frozen=True, slots=True)
class _Layouts:
    """What n packets say about their counts, and what has to agree between the fragments of a frame; all (n,) int64."""

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
    def of(cls, headers: Headers, prefixes: npt.NDArray[np.void]) -> "_Layouts":
        names = ("total", "first", "cells", "frames", "interval_us")
        return cls(
            headers.packet_type,
            headers.packet_bytes,
            headers.sequence,
            headers.tick_us,
            *(prefixes[name].astype(np.int64) for name in names),
        )

    def chosen(self, which: npt.NDArray[np.bool_]) -> "_Layouts":
        """The packets where `which` (n,) is true."""
        return _Layouts(*(getattr(self, field.name)[which] for field in fields(self)))

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


def _fill(
    run: FramesInBlocks,
    rows: slice,
    buffer: bytes,
    headers: Headers,
    packets: _Layouts,
    group: npt.NDArray[np.int64],
    last: npt.NDArray[np.int64],
    origin: int,
) -> None:
    """Write the frames of complete groups, packets `group` to `last` each, with one total number of cells."""
    frames = packets.frames[group]
    row_of_group = np.cumsum(frames) - frames

    place = np.arange(rows.stop - rows.start) - np.repeat(row_of_group, frames)
    end = headers.start[last] + headers.packet_bytes[last] + origin
    run.sequence[rows] = np.repeat(headers.sequence[group], frames) + place & U32
    run.tick_us[rows] = (
        np.repeat(headers.tick_us[group], frames) + place * np.repeat(packets.interval_us[group], frames) & U32
    )
    run.end[rows] = np.repeat(end, frames)

    packets_in_group = last + 1 - group
    first_packet = np.cumsum(packets_in_group) - packets_in_group
    member = np.arange(packets_in_group.sum()) + np.repeat(group - first_packet, packets_in_group)
    row = np.repeat(row_of_group, packets_in_group)
    layout = packets.layout()[member]
    counts = run.counts[rows]
    for kind in np.unique(layout):
        mine = layout == kind
        example = member[np.argmax(mine)]
        packet_type, first = int(packets.packet_type[example]), int(packets.first[example])
        cells, together = int(packets.cells[example]), int(packets.frames[example])
        block = counts_of_packets(buffer, headers.start[member[mine]], packet_type, cells, together)
        for i in range(together):
            counts[row[mine] + i, first : first + cells] = block[:, i]


def _as_many_again(buffer: bytes, headers: Headers, count: int) -> int:
    """How many frames follow if the rest of the buffer is like the part of these headers, which held `count`."""
    begin, end = int(headers.start[0]), int(headers.start[-1]) + MAX_PACKET_BYTES
    return count * max(len(buffer) - end, 0) // (end - begin)
