"""Intact pressure packets in, blocks of frames out; fragments wait here for the rest of their frame.

Two ways to the same result: packet by packet for the few packets of a live push, and with whole-array operations for
many. Which one runs is a question of speed only; the tests hold them against each other.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from firmware_protocol.frames import Frames, FramesInBlocks, FramesOneByOne
from firmware_protocol.headers import Headers, Kind, words_at
from firmware_protocol.layouts import Layouts, fill
from firmware_protocol.packet import HEADER_BYTES, MAX_PACKET_BYTES, OVERHEAD_BYTES, U32, Header, Side
from firmware_protocol.pressure import (
    SHORTEST_PACKET,
    Prefix,
    consistent,
    joined_counts,
    read_counts,
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
        total, first, cells, frames, interval_us = Prefix.unpack_from(packet, HEADER_BYTES)
        if not consistent(packet_type, len(packet), total, first, cells, frames, interval_us):
            self.malformed += 1
            return
        if cells < total:
            self._add_fragment(
                side, _Fragment(packet_type, sequence, tick_us, interval_us, total, first, cells, packet), end
            )
            return
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
        run.add_wire(packet_type, frames, wire_counts(packet, packet_type))
        self.frames += frames

    def _add_fragment(self, side: int, fragment: _Fragment, end: int) -> None:
        parts = self._unfinished.get(side)
        if parts is not None and fragment.continues(parts[-1]):
            parts.append(fragment)
            if fragment.first + fragment.cells == fragment.total:
                del self._unfinished[side]
                run = self._one_by_one(side, fragment.total)
                run.sequence.append(fragment.sequence)
                run.tick_us.append(fragment.tick_us)
                run.end.append(end)
                run.add_counts(np.concatenate([part.counts() for part in parts], axis=1))
                self.frames += 1
            return
        if parts is not None:
            self._give_up(side)
        if fragment.first == 0:
            self._unfinished[side] = [fragment]
        elif self._given_up.get(side) != fragment.sequence:
            self.incomplete += 1
            self._given_up[side] = fragment.sequence

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

    def waiting(self) -> npt.NDArray[np.int64]:
        """Hand over the positions of the unfinished frames' packets; they go in front of the next packets."""
        positions = [position for side in self._waiting.values() for position in side]
        self._waiting.clear()
        return np.array(positions, np.int64)

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
        side = headers.side
        if (side == side[0]).all():
            self._add_side(buffer, headers, origin)
            return
        members = [side == each for each in Side]
        for member in sorted(filter(np.any, members), key=np.argmax):
            self._add_side(buffer, headers.chosen(member), origin)

    def _add_side(self, buffer: bytes, headers: Headers, origin: int) -> None:
        """Take packets of one side."""
        long_enough = headers.packet_bytes >= SHORTEST_PACKET
        if not long_enough.all():
            self.malformed += int(np.count_nonzero(~long_enough))
            if not long_enough.any():
                return
            headers = headers.chosen(long_enough)
        clock, prefixes = words_at(buffer, headers.start, headers.step, 8, 2).T
        sequence, tick_us = (clock & np.uint64(U32)).view(np.int64), (clock >> np.uint64(32)).view(np.int64)
        kind = headers.kind
        if kind is not None and (prefixes == prefixes[0]).all():
            prefix = Prefix.unpack(prefixes[:1].astype("<u8").tobytes())
            total, _, cells, _, _ = prefix
            if cells == total and consistent(kind.packet_type, kind.packet_bytes, *prefix):
                self._add_equal(buffer, headers, kind, sequence, tick_us, prefix, origin)
                return
        self._add_unequal(buffer, Layouts.of(headers, sequence, tick_us, prefixes), origin)

    def _add_equal(
        self,
        buffer: bytes,
        headers: Headers,
        kind: Kind,
        sequence: npt.NDArray[np.int64],
        tick_us: npt.NDArray[np.int64],
        prefix: tuple[int, int, int, int, int],
        origin: int,
    ) -> None:
        """Take packets of one side, all with the same number of whole frames."""
        cells, _, _, frames, interval_us = prefix
        count = len(headers) * frames
        run, rows = self._room(kind.side, cells, count, _as_many_again(buffer, headers.start, count))
        end = headers.start + (origin + kind.packet_bytes)
        if frames == 1:
            run.sequence[rows], run.tick_us[rows], run.end[rows] = sequence, tick_us, end
        else:
            place = np.arange(frames)
            run.sequence[rows] = (sequence[:, None] + place & U32).reshape(-1)
            run.tick_us[rows] = (tick_us[:, None] + place * interval_us & U32).reshape(-1)
            run.end[rows] = np.repeat(end, frames)
        counts = run.counts[rows].reshape(-1, frames, cells)
        read_counts(buffer, headers.start, headers.step, kind.packet_type, counts)

    def _add_unequal(self, buffer: bytes, packets: Layouts, origin: int) -> None:
        """Take packets of one side that differ in layout, or hold fragments."""
        good = packets.consistent()
        if not good.all():
            self.malformed += int(np.count_nonzero(~good))
            if not good.any():
                return
            packets = packets.chosen(good)

        # A group is the packets of one frame, or one packet of whole frames, or stray fragments of one frame.
        group = np.flatnonzero(np.concatenate([[True], ~packets.continued()]))
        last = np.append(group[1:], len(packets)) - 1
        has_head = packets.first[group] == 0
        whole = has_head & (packets.first[last] + packets.cells[last] == packets.total[last])
        if has_head[-1] and not whole[-1]:
            self._waiting[packets.side] = packets.start[group[-1] :].tolist()
            group, last, has_head, whole = group[:-1], last[:-1], has_head[:-1], whole[:-1]
        self._count_incomplete(packets.side, packets.sequence[group[~whole]], has_head[~whole])

        group, last = group[whole], last[whole]
        total = packets.total[group]
        cuts = (np.flatnonzero(np.diff(total)) + 1).tolist()
        for begin, end in zip([0, *cuts], [*cuts, len(group)], strict=True):
            if begin < end:
                count = int(packets.frames[group[begin:end]].sum())
                expected = _as_many_again(buffer, packets.start, count) if end == len(group) else 0
                run, rows = self._room(packets.side, int(total[begin]), count, expected)
                fill(run, rows, buffer, packets, group[begin:end], last[begin:end], origin)

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

    def continues(self, other: _Fragment) -> bool:
        """Whether this fragment holds the cells behind those of `other`, in the same frame."""
        return self[:5] == other[:5] and self.first == other.first + other.cells

    def counts(self) -> npt.NDArray[np.uint16]:
        """Its part of the frame, (1, cells)."""
        return joined_counts([wire_counts(self.packet, self.packet_type)], self.packet_type, 1, self.cells)


def _as_many_again(buffer: bytes, start: npt.NDArray[np.int64], count: int) -> int:
    """How many frames follow if the rest of the buffer is like the part with these packets, which held `count`.

    A few more than that, as where less is damaged: making room once more costs as much as all the rest.
    """
    begin, end = int(start[0]), int(start[-1])
    likely = count * (len(buffer) - end) // max(end - begin, MAX_PACKET_BYTES)
    return likely + likely // 32 + 16
