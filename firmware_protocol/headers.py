"""Headers of many packets at once, and how bytes of many packets are read and written with single numpy operations."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from firmware_protocol.packet import FRAME_TYPES, OVERHEAD_BYTES, VERSION, Side

__all__ = ["HEADER_DTYPE", "Headers", "Kind", "common_step", "lay_rows", "rows_at", "words_at"]

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
"""The header (`packet.Header`) for arrays of packets."""

_IS_FRAME_TYPE = np.array([packet_type in FRAME_TYPES for packet_type in range(256)])


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
    if not len(start):
        return np.empty(0, item)
    if step:
        return np.ndarray((len(start),), item, buffer, int(start[0]) + offset, (step,))
    everywhere: npt.NDArray[np.void] = np.ndarray((len(buffer) - offset - length + 1,), item, buffer, offset, (1,))
    return everywhere[start]


def lay_rows(rows: npt.NDArray[np.generic], target: npt.NDArray[np.generic], at: npt.NDArray[np.int64]) -> None:
    """Undo `rows_at`: write row i of `rows` (n, ...) into the bytes of a contiguous `target`, from byte `at[i]` on."""
    row_bytes = rows.nbytes // len(rows)
    item = np.dtype((np.void, row_bytes))
    everywhere: npt.NDArray[np.void] = np.ndarray((target.nbytes - row_bytes + 1,), item, target.data, 0, (1,))
    everywhere[at] = np.ascontiguousarray(rows).reshape(len(rows), -1).view(item)[:, 0]


def words_at(buffer: bytes, start: npt.NDArray[np.int64], step: int, offset: int, words: int) -> npt.NDArray[np.uint64]:
    """`words` times eight bytes, `offset` behind each of the positions `start` (n,), as numbers (n, words)."""
    rows = rows_at(buffer, start, step, offset, 8 * words)
    return np.ascontiguousarray(rows).view("<u8").reshape(-1, words)


def common_step(start: npt.NDArray[np.int64]) -> int:
    """Distance between neighbours if it is always the same, else 0."""
    if len(start) < 2:
        return 0
    step = int(start[1] - start[0])
    return step if (start[1:] - start[:-1] == step).all() else 0


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
    """The headers of n packets of one buffer.

    Attributes
    ----------
    start : (n,) int64
        Where the packets begin.
    step : int
        Distance from one to the next, 0 where it is not always the same.
    fields : (n,) uint64
        First eight bytes: sync word, version, type, payload length, side, flags.
    kind : Kind or None
        What these say if it is the same in all of them.
    """

    start: npt.NDArray[np.int64]
    step: int
    fields: npt.NDArray[np.uint64]
    kind: Kind | None

    @classmethod
    def read(cls, buffer: bytes, start: npt.NDArray[np.int64]) -> "Headers":
        """Read the headers at the positions `start` (n,) of `buffer`."""
        step = common_step(start)
        return cls.of(start, step, words_at(buffer, start, step, 0, 1)[:, 0])

    @classmethod
    def of(cls, start: npt.NDArray[np.int64], step: int, fields: npt.NDArray[np.uint64]) -> "Headers":
        """Headers that have been read."""
        if not len(fields) or (fields != fields[0]).any():
            return cls(start, step, fields, None)
        word = int(fields[0])
        kind = Kind(word >> 16 & 0xFF, word >> 24 & 0xFF, (word >> 32 & 0xFFFF) + OVERHEAD_BYTES, word >> 48 & 0xFF)
        return cls(start, step, fields, kind)

    def then(self, others: "Headers") -> "Headers":
        """These, and then the others."""
        start = np.concatenate([self.start, others.start])
        return Headers.of(start, common_step(start), np.concatenate([self.fields, others.fields]))

    def __len__(self) -> int:
        """Number of packets."""
        return len(self.start)

    def chosen(self, which: npt.NDArray[np.bool_]) -> "Headers":
        """Headers of those packets where `which` (n,) is true."""
        index = np.flatnonzero(which)
        step = common_step(index)
        if step:  # sides that take turns: views instead of copies
            chosen: slice | npt.NDArray[np.int64] = slice(int(index[0]), int(index[-1]) + 1, step)
        else:
            chosen = index
        start, fields = self.start[chosen], self.fields[chosen]
        return Headers.of(start, common_step(start), fields)

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
