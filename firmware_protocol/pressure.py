"""Pressure packets: the layout both directions share.

Payload (README.md section 4): total cells u16, first cell u16, cells in this packet u8, frames in this packet u8, frame
interval u16 in microseconds, then the counts, frame after frame. A frame too long for one packet is cut by cells into
fragments, one frame each.
"""

import struct

import numpy as np
import numpy.typing as npt

from firmware_protocol.crc import CRC_BYTES
from firmware_protocol.packet import (
    HEADER_BYTES,
    MAX_PAYLOAD_BYTES,
    OVERHEAD_BYTES,
    PacketType,
    common_step,
    rows_at,
)

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
    "counts_of_packets",
    "frames_per_packet",
    "pack_12_bit",
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


def unpack_12_bit(packed: npt.NDArray[np.uint8], cells: int) -> npt.NDArray[np.uint16]:
    """Undo `pack_12_bit`.

    Parameters
    ----------
    packed : (..., (3 c + 1) // 2) uint8
    cells : int
        c.

    Returns
    -------
    (..., c) uint16, C order
    """
    counts = np.empty((*packed.shape[:-1], cells), np.uint16)
    middle = packed[..., 1::3].astype(np.uint16)
    counts[..., 0::2] = packed[..., 0::3] | (middle & 0x0F) << 8
    counts[..., 1::2] = middle[..., : cells // 2] >> 4 | packed[..., 2::3].astype(np.uint16) << 4
    return counts


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


def wire_counts(packet: bytes) -> bytes:
    """Counts of one packet as they were sent."""
    return packet[COUNTS_AT:-CRC_BYTES]


def counts_of_packets(
    buffer: bytes, start: npt.NDArray[np.int64], packet_type: int, cells: int, frames: int
) -> npt.NDArray[np.uint16]:
    """Counts of packets with one layout, (packets, frames, cells)."""
    frame_bytes = bytes_per_frame(packet_type, cells)
    rows = rows_at(buffer, start, common_step(start), COUNTS_AT, frames * frame_bytes)
    wire = np.ascontiguousarray(rows).view(np.uint8).reshape(-1, frames, frame_bytes)
    if packet_type == PacketType.PRESSURE_12:
        return unpack_12_bit(wire, cells)
    return wire.view("<u2").astype(np.uint16, copy=False)
