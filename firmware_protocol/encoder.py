"""Frames of counts in, pressure packets out."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from firmware_protocol.crc import CRC_BYTES, ZERO_REGISTER, crc32
from firmware_protocol.headers import HEADER_DTYPE, lay_rows
from firmware_protocol.packet import HEADER_BYTES, SYNC, U32, VERSION, PacketType, Side, packet
from firmware_protocol.pressure import (
    COUNTS_AT,
    MAX_CELLS,
    PREFIX_BYTES,
    PREFIX_DTYPE,
    Prefix,
    bytes_per_frame,
    cells_per_packet,
    frames_per_packet,
    pack_12_bit,
)

__all__ = ["encode_pressure", "encode_pressure_packets"]

_TYPE_OF_BITS = {16: PacketType.PRESSURE_16, 12: PacketType.PRESSURE_12}


def encode_pressure(
    side: int,
    sequence: int | npt.NDArray[np.integer],
    tick_us: int | npt.NDArray[np.integer],
    interval_us: int,
    counts: npt.NDArray[np.integer],
    *,
    bits: int = 16,
    frames_in_packet: int | None = None,
) -> bytes:
    """Encode frames of one side as packets laid end to end.

    Parameters
    ----------
    side : int
        One of `Side`.
    sequence : int or (n,) int
        Number of the first frame, or of every frame; taken modulo 2**32.
    tick_us : int or (n,) int
        Device tick of the first frame, the others following at `interval_us`; or the tick of every frame. Microseconds,
        modulo 2**32.
    interval_us : int
        Nominal time between frames, 0 to 65535 microseconds; 0 means "not stated" and puts one frame in a packet.
    counts : (n, c) uint16, or other integers that fit
        Raw counts, c from 1 to 256.
    bits : {16, 12}
        Size of a count on the wire.
    frames_in_packet : int, optional
        At most so many frames in a packet; as many as fit by default. Fewer cost bytes and save delay.

    Returns
    -------
    bytes
        All packets. They have one length, except where fewer frames were left: at the end, where the sequence jumps,
        and where a tick would come out more than 1 us off.

    Raises
    ------
    ValueError
        An argument out of range, or shapes that do not fit together.
    """
    return _encode(side, sequence, tick_us, interval_us, counts, bits, frames_in_packet)[0]


def encode_pressure_packets(
    side: int,
    sequence: int | npt.NDArray[np.integer],
    tick_us: int | npt.NDArray[np.integer],
    interval_us: int,
    counts: npt.NDArray[np.integer],
    *,
    bits: int = 16,
    frames_in_packet: int | None = None,
) -> list[bytes]:
    """Encode as `encode_pressure` does, and return the packets one by one."""
    stream, edges = _encode(side, sequence, tick_us, interval_us, counts, bits, frames_in_packet)
    return [stream[start:end] for start, end in pairwise(edges.tolist())]


def _encode(
    side: int,
    sequence: int | npt.NDArray[np.integer],
    tick_us: int | npt.NDArray[np.integer],
    interval_us: int,
    counts: npt.NDArray[np.integer],
    bits: int,
    frames_in_packet: int | None,
) -> tuple[bytes, npt.NDArray[np.int64]]:
    """Return m packets end to end and their edges (m + 1,)."""
    side = Side(side)
    if bits not in _TYPE_OF_BITS:
        msg = f"counts of {bits} bits: only 12 and 16 exist"
        raise ValueError(msg)
    packet_type = _TYPE_OF_BITS[bits]
    counts = _checked_counts(counts, bits)
    frames, total = counts.shape
    if not 0 <= interval_us <= 0xFFFF:
        msg = f"interval of {interval_us} us is outside 0..65535"
        raise ValueError(msg)
    fitting = frames_per_packet(packet_type, total)
    most = max(fitting, 1) if frames_in_packet is None else frames_in_packet
    if not 1 <= most <= max(fitting, 1):
        msg = f"{most} frames of {total} cells in a packet: 1 to {max(fitting, 1)} are possible"
        raise ValueError(msg)
    if interval_us == 0:
        most = 1
    if fitting and 1 <= frames <= most and isinstance(sequence, int) and isinstance(tick_us, int):  # a live source
        payload = Prefix.pack(total, 0, total, frames, interval_us) + _on_the_wire(counts, packet_type).tobytes()
        one = packet(packet_type, side, sequence, tick_us, payload)
        return one, np.array([0, len(one)])
    sequence = _per_frame(sequence, frames, 1, "sequence")
    tick_us = _per_frame(tick_us, frames, interval_us, "tick_us")
    if fitting:
        plan = _whole_frames(_first_frames(sequence, tick_us, interval_us, most), frames, total)
    else:
        plan = _fragments(frames, total, cells_per_packet(packet_type))

    edges = np.zeros(len(plan.frame) + 1, np.int64)
    np.cumsum(plan.packet_bytes(packet_type), out=edges[1:])
    stream = np.empty(edges[-1], np.uint8)
    for mine in plan.alike():
        frame = plan.frame[mine]
        first, cells, together = int(plan.first[mine[0]]), int(plan.cells[mine[0]]), int(plan.frames[mine[0]])
        header = np.zeros(len(mine), HEADER_DTYPE)
        header["sync"], header["version"], header["type"], header["side"] = SYNC, VERSION, packet_type, side
        header["length"] = PREFIX_BYTES + together * bytes_per_frame(packet_type, cells)
        header["sequence"], header["tick_us"] = sequence[frame] & U32, tick_us[frame] & U32
        prefix = np.zeros(len(mine), PREFIX_DTYPE)
        prefix["total"], prefix["first"], prefix["cells"], prefix["frames"] = total, first, cells, together
        prefix["interval_us"] = interval_us
        block = counts[frame[:, None] + np.arange(together), first : first + cells]
        lay_rows(header, stream, edges[mine])
        lay_rows(prefix, stream, edges[mine] + HEADER_BYTES)
        lay_rows(_on_the_wire(block, packet_type).reshape(len(mine), -1), stream, edges[mine] + COUNTS_AT)
    _seal_all(stream, edges)
    return stream.tobytes(), edges


@dataclass(frozen=True, slots=True)
class _Plan:
    """What goes into each of m packets; all (m,) int64: first frame, first cell, number of cells, number of frames."""

    frame: npt.NDArray[np.int64]
    first: npt.NDArray[np.int64]
    cells: npt.NDArray[np.int64]
    frames: npt.NDArray[np.int64]

    def packet_bytes(self, packet_type: int) -> npt.NDArray[np.int64]:
        """Length of each packet, (m,)."""
        frame_bytes = np.array([bytes_per_frame(packet_type, cells) for cells in range(MAX_CELLS + 1)])
        lengths: npt.NDArray[np.int64] = COUNTS_AT + self.frames * frame_bytes[self.cells] + CRC_BYTES
        return lengths

    def alike(self) -> list[npt.NDArray[np.int64]]:
        """Indices of the packets, those with the same cells and number of frames together."""
        layout = (self.first * 512 + self.cells) * 256 + self.frames
        return [np.flatnonzero(layout == value) for value in np.unique(layout)]


def _whole_frames(first_frames: npt.NDArray[np.int64], frames: int, total: int) -> _Plan:
    return _Plan(
        frame=first_frames,
        first=np.zeros_like(first_frames),
        cells=np.full_like(first_frames, total),
        frames=np.diff(first_frames, append=frames),
    )


def _fragments(frames: int, total: int, most: int) -> _Plan:
    """Cut every frame into the fewest fragments, as equal as even numbers of cells allow; `most` is even."""
    pieces = -(-total // most)
    each = -(-total // pieces)
    each += each % 2
    first = np.arange(0, total, each)
    return _Plan(
        frame=np.repeat(np.arange(frames), len(first)),
        first=np.tile(first, frames),
        cells=np.tile(np.minimum(total - first, each), frames),
        frames=np.ones(frames * len(first), np.int64),
    )


def _first_frames(
    sequence: npt.NDArray[np.int64], tick_us: npt.NDArray[np.int64], interval_us: int, most: int
) -> npt.NDArray[np.int64]:
    """Frames that packets begin with, at most `most` frames in each and every tick within 1 us."""
    frames = len(sequence)
    if most == 1:
        return np.arange(frames)
    jump = sequence - np.arange(frames)
    if np.ptp(tick_us - interval_us * sequence) <= 1:  # an even clock: only where frames are missing is it cut
        runs = [0, *(np.flatnonzero(np.diff(jump)) + 1).tolist(), frames]
        return np.concatenate([np.arange(start, end, most) for start, end in pairwise(runs)])
    late, jumps = (tick_us - interval_us * np.arange(frames)).tolist(), jump.tolist()
    begins: list[int] = []
    begin = -most
    for i in range(frames):
        if i - begin >= most or jumps[i] != jumps[begin] or abs(late[i] - late[begin]) > 1:
            begins.append(i)
            begin = i
    return np.array(begins, np.int64)


def _on_the_wire(counts: npt.NDArray[np.uint16], packet_type: int) -> npt.NDArray[np.uint8] | npt.NDArray[np.uint16]:
    return pack_12_bit(counts) if packet_type == PacketType.PRESSURE_12 else counts.astype("<u2", copy=False)


def _seal_all(stream: npt.NDArray[np.uint8], edges: npt.NDArray[np.int64]) -> None:
    """Fill in the last four bytes of every packet."""
    if len(edges) == 1:
        return
    view = stream.data
    checks = [crc32(view[start : end - CRC_BYTES], ZERO_REGISTER) for start, end in pairwise(edges.tolist())]
    lay_rows(~np.array(checks, "<u4"), stream, edges[1:] - CRC_BYTES)


def _checked_counts(counts: npt.NDArray[np.integer], bits: int) -> npt.NDArray[np.uint16]:
    """Counts as (n, c) uint16, refused where that would change them."""
    given = np.asarray(counts)
    if given.ndim != 2 or not 1 <= given.shape[1] <= MAX_CELLS:
        msg = f"counts of shape {given.shape}: expected (frames, cells) with 1 to {MAX_CELLS} cells"
        raise ValueError(msg)
    if given.dtype.kind not in "ui":
        msg = f"counts of type {given.dtype} are not whole numbers"
        raise ValueError(msg)
    highest = (1 << bits) - 1
    if given.size and (given.dtype != np.uint16 or bits < 16) and (given.min() < 0 or given.max() > highest):
        msg = f"counts outside 0..{highest}"
        raise ValueError(msg)
    return given.astype(np.uint16, copy=False)


def _per_frame(given: int | npt.NDArray[np.integer], frames: int, step: int, name: str) -> npt.NDArray[np.int64]:
    """Give every frame its number, from the first one's or from all of them."""
    if isinstance(given, int):
        return (given & U32) + step * np.arange(frames, dtype=np.int64)
    values = np.asarray(given)
    if values.dtype.kind not in "ui" or values.shape not in {(), (frames,)}:
        msg = f"{name}: expected a whole number, or {frames} of them, not {values.dtype} of shape {values.shape}"
        raise ValueError(msg)
    if values.ndim == 0:
        return _per_frame(int(values), frames, step, name)
    return values.astype(np.int64)
