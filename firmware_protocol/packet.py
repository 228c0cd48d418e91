"""What every packet has in common: sync word, header, bounds.

Nothing flows here; this module is the table of README.md section 2 in Python.
"""

import struct
from enum import IntEnum

from firmware_protocol.crc import CRC_BYTES, seal

__all__ = [
    "FRAME_TYPES",
    "HEADER_BYTES",
    "MAX_PACKET_BYTES",
    "MAX_PAYLOAD_BYTES",
    "OVERHEAD_BYTES",
    "SYNC",
    "U32",
    "VERSION",
    "Header",
    "PacketType",
    "Side",
    "packet",
    "packet_bytes",
]

SYNC = b"\xa5\x5a"
"""First two bytes of every packet. Both are above 0x3F, so counts of up to 14 bits never contain them."""

VERSION = 1
MAX_PACKET_BYTES = 244
"""What one BLE notification carries at MTU 247."""

Header = struct.Struct("<2sBBHBBII")
"""Sync word, version, packet type, payload length, side, flags, sequence, tick."""

HEADER_BYTES = Header.size
OVERHEAD_BYTES = HEADER_BYTES + CRC_BYTES
MAX_PAYLOAD_BYTES = MAX_PACKET_BYTES - OVERHEAD_BYTES

U32 = 0xFFFFFFFF
"""Sequence and tick count modulo 2**32."""


class PacketType(IntEnum):
    """What the payload is. A new kind of payload is a new number; a number never changes its meaning."""

    # Device to host, frames.
    PRESSURE_16 = 0x01
    PRESSURE_12 = 0x02
    # Device to host, everything else.
    MOTION = 0x10
    DEVICE_INFORMATION = 0x20
    DEVICE_STATE = 0x21
    ERROR_REPORT = 0x22
    COMMAND_REPLY = 0x30
    TIME_REPLY = 0x31
    # Host to device.
    START = 0x80
    STOP = 0x81
    SET_RATE = 0x82
    SET_ZERO = 0x83
    REQUEST_INFORMATION = 0x84
    TIME_PING = 0x85


FRAME_TYPES = frozenset({PacketType.PRESSURE_16, PacketType.PRESSURE_12})
"""Packets that carry frames; all others are messages."""


class Side(IntEnum):
    """Foot a packet belongs to."""

    LEFT = 0
    RIGHT = 1
    BOTH = 2
    """One sensor under both feet, or a whole belt; in commands, every device that listens."""


def packet_bytes(buffer: bytes, start: int = 0) -> int:
    """Length of the packet that begins there, of which at least six bytes have to be there, as its header has it."""
    return OVERHEAD_BYTES + (buffer[start + 4] | buffer[start + 5] << 8)


def packet(packet_type: int, side: int, sequence: int, tick_us: int, payload: bytes) -> bytes:
    """Lay header, payload and check end to end.

    Parameters
    ----------
    packet_type : int
        One of `PacketType`; others are allowed, for tests and for trying out new ones.
    side : int
        One of `Side`.
    sequence, tick_us : int
        Taken modulo 2**32.
    payload : bytes
        At most `MAX_PAYLOAD_BYTES`.

    Returns
    -------
    bytes
        One whole packet.

    Raises
    ------
    ValueError
        Unknown side, type outside a byte, payload too long.
    """
    if not 0 <= packet_type <= 0xFF:
        msg = f"packet type {packet_type} does not fit in a byte"
        raise ValueError(msg)
    if len(payload) > MAX_PAYLOAD_BYTES:
        msg = f"payload of {len(payload)} bytes is longer than {MAX_PAYLOAD_BYTES}"
        raise ValueError(msg)
    return seal(
        Header.pack(SYNC, VERSION, packet_type, len(payload), Side(side), 0, sequence & U32, tick_us & U32) + payload,
    )
