"""Pressure packets: the layout both directions share.

Payload (README.md section 4): total cells u16, first cell u16, cells in this packet u8, frames in this packet u8, frame
interval u16 in microseconds, then the counts, frame after frame. A frame too long for one packet is cut by cells into
fragments, one frame each.
"""

import struct

import numpy as np
import numpy.typing as npt

from firmware_protocol.crc import CRC_BYTES
from firmware_protocol.headers import rows_at
from firmware_protocol.packet import HEADER_BYTES, MAX_PAYLOAD_BYTES, OVERHEAD_BYTES, PacketType

__all__ = [
    "COUNTS_AT",
    "MAX_CELLS",
    "PREFIX_BYTES",
    "PREFIX_DTYPE",
    "SHORTEST_PACKET",
    "Prefix",
    "bytes_per_frame",
    "cells_per_packet",
    "consistent",
    "frames_per_packet",
    "joined_counts",
    "pack_12_bit",
    "read_counts",
    "unpack_12_bit",
    "wire_counts",
]

MAX_CELLS = 256
"""Cells of one side."""

Prefix = struct.Struct("<HHBBH")
"""Total cells, first cell, cells here, frames here, frame interval in microseconds."""

PREFIX_BYTES = Prefix.size

PREFIX_DTYPE = np.dtype([("total", "<u2"), ("first", "<u2"), ("cells", "u1"), ("frames", "u1"), ("interval_us", "<u2")])
"""The prefix again, for arrays of packets."""

_COUNTS_BYTES = MAX_PAYLOAD_BYTES - PREFIX_BYTES
COUNTS_AT = HEADER_BYTES + PREFIX_BYTES
"""Where the counts begin in the packet."""

_READ_TOO_FAR = 2
"""Bytes behind 12-bit counts that reading them takes along: the first half of the check."""

_WIRE_COUNTS = {
    int(PacketType.PRESSURE_16): slice(COUNTS_AT, -CRC_BYTES),
    int(PacketType.PRESSURE_12): slice(COUNTS_AT, _READ_TOO_FAR - CRC_BYTES),
}

_LOW_COUNT, _HIGH_COUNT = np.uint32(0xFFF), np.uint32(0xFFF << 16)
_FOUR, _SIXTEEN = np.uint32(4), np.uint32(16)

_CACHED_BYTES = 1 << 16
"""Room for what is drawn apart at once."""

SHORTEST_PACKET = OVERHEAD_BYTES + PREFIX_BYTES
"""A pressure packet without counts."""


def bytes_per_frame(packet_type: int, cells: int) -> int:
    """Bytes of the counts of one frame in one packet; 12-bit frames begin on a whole byte."""
    return (3 * cells + 1) // 2 if packet_type == PacketType.PRESSURE_12 else 2 * cells


def cells_per_packet(packet_type: int) -> int:
    """Cells of one frame that fit in one packet; an even number, so that fragments of 12-bit counts share no byte."""
    return _COUNTS_BYTES * 2 // 3 if packet_type == PacketType.PRESSURE_12 else _COUNTS_BYTES // 2


def frames_per_packet(packet_type: int, cells: int) -> int:
    """Whole frames that fit in one packet, 0 where a frame has to be cut into fragments."""
    return _COUNTS_BYTES // bytes_per_frame(packet_type, cells)


def pack_12_bit(counts: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint8]:
    """Pack counts in pairs into three bytes: low byte of a, high nibble of a below low nibble of b, high byte of b.

    Parameters
    ----------
    counts : (..., c) uint16
        At most 4095 each.

    Returns
    -------
    (..., (3 c + 1) // 2) uint8
        With c odd the last nibble is 0.
    """
    cells = counts.shape[-1]
    first, second = counts[..., 0::2], counts[..., 1::2]
    packed = np.zeros((*counts.shape[:-1], (cells + 1) // 2, 3), np.uint8)
    packed[..., 0] = first & 0xFF
    packed[..., 1] = first >> 8
    packed[..., : cells // 2, 1] |= ((second & 0x0F) << 4).astype(np.uint8)
    packed[..., : cells // 2, 2] = second >> 4
    return packed.reshape(*counts.shape[:-1], -1)[..., : (3 * cells + 1) // 2]


def unpack_12_bit(
    buffer: bytes | npt.NDArray[np.void], at: int, step: int, shape: tuple[int, int, int]
) -> npt.NDArray[np.uint16]:
    """Undo `pack_12_bit` for packets of whole frames.

    Parameters
    ----------
    buffer : bytes or array
        Holds them, and at least two bytes more: those of a packet's check.
    at, step : int
        Where the counts of the first packet begin, and how far on those of the next do.
    shape : (n, frames, c)
        Packets, frames in each, cells.

    Returns
    -------
    (n, frames, c) uint16
    """
    packets, frames, cells = shape
    pairs, frame_bytes = (cells + 1) // 2, bytes_per_frame(PacketType.PRESSURE_12, cells)
    # A pair of counts is 24 bits: it is read with a byte too many, as one number, and drawn apart within that.
    numbers = np.ndarray((packets, frames, pairs), "<u4", buffer, at, (step, frame_bytes, 3)).copy()
    numbers = (numbers & _LOW_COUNT) | (numbers << _FOUR & _HIGH_COUNT)
    if not np.little_endian:
        numbers = numbers << _SIXTEEN | numbers >> _SIXTEEN
    return numbers.view(np.uint16)[..., :cells]


def consistent(
    packet_type: int, packet_bytes: int, total: int, first: int, cells: int, frames: int, interval_us: int
) -> bool:
    """Whether the fields of a pressure packet fit each other."""
    return (
        1 <= cells <= total - first
        and total <= MAX_CELLS
        and (frames == 1 or (frames > 1 and cells == total and interval_us > 0))
        and packet_bytes == SHORTEST_PACKET + frames * bytes_per_frame(packet_type, cells)
    )


def read_counts(
    buffer: bytes, start: npt.NDArray[np.int64], step: int, packet_type: int, out: npt.NDArray[np.uint16]
) -> None:
    """Read the counts of packets with one layout.

    Parameters
    ----------
    buffer : bytes
        Holds the packets.
    start : (n,) int64
        Where they begin.
    step : int
        Distance from one to the next, 0 where it is not always the same.
    packet_type : int
        One that carries frames.
    out : (n, frames, cells) uint16
        Where the counts go, C order.
    """
    packets, frames, cells = out.shape
    counts_bytes = frames * bytes_per_frame(packet_type, cells)
    if packet_type == PacketType.PRESSURE_12:
        packed: bytes | npt.NDArray[np.void] = buffer
        at = int(start[0]) + COUNTS_AT
        if not step:
            packed = rows_at(buffer, start, 0, COUNTS_AT, counts_bytes + _READ_TOO_FAR)
            at, step = 0, packed.itemsize
        at_once = _CACHED_BYTES // (2 * frames * cells)
        for first in range(0, packets, at_once):
            part = out[first : first + at_once]
            part[:] = unpack_12_bit(packed, at + first * step, step, part.shape)
        return
    rows = rows_at(buffer, start, step, COUNTS_AT, counts_bytes)
    out.reshape(packets, -1).view(rows.dtype)[:, 0] = rows
    if not np.little_endian:
        out.byteswap(inplace=True)


def joined_counts(wire: list[bytes], packet_type: int, frames: int, cells: int) -> npt.NDArray[np.uint16]:
    """Counts of packets with one layout, (n * frames, cells), from what `wire_counts` gave of each."""
    data = wire[0] if len(wire) == 1 else b"".join(wire)
    if packet_type == PacketType.PRESSURE_16:
        return np.frombuffer(data, "<u2").astype(np.uint16, copy=False).reshape(-1, cells)
    counts = unpack_12_bit(data, 0, len(wire[0]), (len(wire), frames, cells))
    return np.ascontiguousarray(counts).reshape(-1, cells)


def wire_counts(packet: bytes, packet_type: int) -> bytes:
    """Counts of one packet as they were sent, and what `unpack_12_bit` reads beyond them."""
    return packet[_WIRE_COUNTS[packet_type]]
