"""What every packet has in common: sync word, header, bounds.

Nothing flows here; this module is the table of README.md section 2 in Python.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from firmware_protocol.crc import CRC_BYTES, seal

__all__ = [
    "FRAME_TYPES",
    "HEADER_BYTES",
    "HEADER_DTYPE",
    "MAX_PACKET_BYTES",
    "MAX_PAYLOAD_BYTES",
    "OVERHEAD_BYTES",
    "SYNC",
    "U32",
    "VERSION",
    "Header",
    "Headers",
    "Kind",
    "PacketType",
    "Side",
    "common_step",
    "packet",
    "packet_bytes",
    "rows_at",
    "words_at",
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

HEADER_DTYPE = np.dtype(
    [
        ("sync", "S2"),
        ("version", "u1"),
        ("type", "u1"),
        ("length", "<u2"),
        ("side", "u1"),
        ("flags", "u1"),
        ("sequence", "<u4"),
        ("tick_us", "<u4"),
    ]
)
"""The header again, for arrays of packets."""

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


def packet_bytes(head: bytes) -> int:
    """Length of the packet that begins with these bytes, at least six, as its header has it."""
    return OVERHEAD_BYTES + (head[4] | head[5] << 8)


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


def rows_at(buffer: bytes, start: npt.NDArray[np.int64], step: int, offset: int, length: int) -> npt.NDArray[np.void]:
    """Take `length` bytes, `offset` behind each of the positions `start`.

    Parameters
    ----------
    buffer : bytes
        Where from; all of it has to be there.
    start : (n,) int64
        Positions.
    step : int
        Distance from one position to the next if it is always the same: then the result is a view. Else 0.
    offset, length : int
        Which bytes behind each position.

    Returns
    -------
    (n,) void
        Opaque items of `length` bytes, which numpy copies several times faster than rows of bytes.
    """
    item = np.dtype((np.void, length))
    if step:
        return np.ndarray((len(start),), item, buffer, int(start[0]) + offset, (step,))
    everywhere: npt.NDArray[np.void] = np.ndarray((len(buffer) - offset - length + 1,), item, buffer, offset, (1,))
    return everywhere[start]


def words_at(buffer: bytes, start: npt.NDArray[np.int64], step: int, offset: int) -> npt.NDArray[np.uint64]:
    """Eight bytes, `offset` behind each of the positions `start` (n,), as numbers (n,); the rest as for `rows_at`."""
    rows = rows_at(buffer, start, step, offset, 8)
    return rows.copy().view("<u8") if step else rows.view("<u8")


class Kind(NamedTuple):
    """What the first eight bytes of a packet say."""

    version: int
    packet_type: int
    packet_bytes: int
    side: int

    @property
    def carries_frames(self) -> bool:
        """Whether this is a pressure packet this decoder understands."""
        return self.version == VERSION and self.packet_type in FRAME_TYPES and self.side <= Side.BOTH


@dataclass(frozen=True, slots=True)
class Headers:
    """The headers of n packets of one buffer, n at least 1.

    Attributes
    ----------
    start : (n,) int64
        Where the packets begin.
    step : int
        Distance from one to the next, 0 where it is not always the same.
    fields : (n,) uint64
        First eight bytes: sync word, version, type, payload length, side, flags.
    kind : Kind or None
        What these say if it is the same for all packets.
    sequence, tick_us : (n,) int64
        As sent.
    """

    start: npt.NDArray[np.int64]
    step: int
    fields: npt.NDArray[np.uint64]
    kind: Kind | None
    sequence: npt.NDArray[np.int64]
    tick_us: npt.NDArray[np.int64]

    @classmethod
    def read(cls, buffer: bytes, start: npt.NDArray[np.int64]) -> "Headers":
        """Read the headers at the positions `start` (n,) of `buffer`."""
        step = common_step(start)
        fields = words_at(buffer, start, step, 0)
        clock = words_at(buffer, start, step, 8)
        sequence, tick_us = clock & np.uint64(U32), clock >> np.uint64(32)
        return cls(start, step, fields, _common_kind(fields), sequence.view(np.int64), tick_us.view(np.int64))

    def __len__(self) -> int:
        """Number of packets."""
        return len(self.start)

    def chosen(self, which: npt.NDArray[np.bool_]) -> "Headers":
        """Headers of those packets where `which` (n,) is true, at least one."""
        index = np.flatnonzero(which)
        step = common_step(index)
        if step:  # sides that take turns: views instead of copies
            chosen: slice | npt.NDArray[np.int64] = slice(int(index[0]), int(index[-1]) + 1, step)
        else:
            chosen = index
        start, fields = self.start[chosen], self.fields[chosen]
        kind = self.kind or _common_kind(fields)
        return Headers(start, common_step(start), fields, kind, self.sequence[chosen], self.tick_us[chosen])

    @property
    def packet_type(self) -> npt.NDArray[np.int64]:
        """Packet type, (n,)."""
        return self._bits(24, 0xFF)

    @property
    def packet_bytes(self) -> npt.NDArray[np.int64]:
        """Length of the whole packet, (n,)."""
        return self._bits(32, 0xFFFF) + OVERHEAD_BYTES

    @property
    def side(self) -> npt.NDArray[np.int64]:
        """Side, (n,)."""
        return self._bits(48, 0xFF)

    @property
    def carry_frames(self) -> npt.NDArray[np.bool_]:
        """Which are pressure packets this decoder understands, (n,)."""
        good: npt.NDArray[np.bool_] = self._bits(16, 0xFF) == VERSION
        good &= self.side <= Side.BOTH
        good &= _IS_FRAME_TYPE[self.packet_type]
        return good

    def _bits(self, shift: int, mask: int) -> npt.NDArray[np.int64]:
        return (self.fields >> np.uint64(shift) & np.uint64(mask)).view(np.int64)


_IS_FRAME_TYPE = np.array([packet_type in FRAME_TYPES for packet_type in range(256)])


def common_step(start: npt.NDArray[np.int64]) -> int:
    """Distance between neighbours if it is always the same, else 0."""
    if len(start) < 2:
        return 0
    step = int(start[1] - start[0])
    return step if (start[1:] - start[:-1] == step).all() else 0


def _common_kind(fields: npt.NDArray[np.uint64]) -> Kind | None:
    if (fields != fields[0]).any():
        return None
    word = int(fields[0])
    return Kind(word >> 16 & 0xFF, word >> 24 & 0xFF, (word >> 32 & 0xFFFF) + OVERHEAD_BYTES, word >> 48 & 0xFF)
