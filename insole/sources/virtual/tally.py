"""What one virtual insole has sent, as its receiver ought to count it."""

from __future__ import annotations

import struct
from collections import deque

from firmware_protocol.crc import is_intact
from firmware_protocol.packet import FRAME_TYPES, HEADER_BYTES, Header
from firmware_protocol.pressure import Prefix

REMEMBERED = 4096  # packets; one that comes again does so soon


class Tally:
    """Counts of packets that were sent, whole or not.

    Attributes
    ----------
    frames : int
        Different ones that were sent whole.
    damaged, repeated, reordered : int
        Packets that were cut or changed, sent again, or sent after a later one.
    """

    def __init__(self) -> None:
        self.frames = self.damaged = self.repeated = self.reordered = 0
        self._first: int | None = None
        self._newest = 0
        self._seen: deque[tuple[int, int]] = deque(maxlen=REMEMBERED)  # number and first cell
        self._cells = 0  # of the frame that is being sent in several packets

    def sent(self, packet: bytes) -> None:
        """Take a packet that is sent now."""
        try:
            _, _, packet_type, _, _, _, number, _ = Header.unpack_from(packet)
            total, first, cells, frames, _ = Prefix.unpack_from(packet, HEADER_BYTES)
        except struct.error:
            self.damaged += 1
            return
        if not is_intact(packet):
            self.damaged += 1
        elif packet_type in FRAME_TYPES:
            self._frames(number, first, cells, total, frames)

    def _frames(self, number: int, first: int, cells: int, total: int, frames: int) -> None:
        if (number, first) in self._seen:
            self.repeated += 1
            return
        self._seen.append((number, first))
        if self._first is None:
            self._first = self._newest = number
        ahead = (number - self._newest + 2**31) % 2**32 - 2**31
        self.reordered += ahead < 0
        self._newest = (self._newest + max(ahead, 0) + (frames - 1 if ahead >= 0 else 0)) % 2**32
        self._cells = cells if first == 0 else self._cells + cells
        if self._cells == total:
            self.frames += frames
            self._cells = 0

    @property
    def missing(self) -> int:
        """Frames between the first and the last one that were not sent whole."""
        return 0 if self._first is None else (self._newest - self._first) % 2**32 + 1 - self.frames

    def __str__(self) -> str:
        return (
            f"{self.frames} frames sent whole, {self.missing} between them not; packets: {self.damaged} damaged, "
            f"{self.repeated} twice, {self.reordered} out of order"
        )
