"""The decoder: bytes in, cut anywhere; frames, messages and counts of everything that was damaged out.

Damage is a count, never an exception: the bytes come from a radio. No result depends on how the bytes are cut into
pushes.
"""

from dataclasses import dataclass
from typing import NamedTuple

from firmware_protocol.assembler import FrameAssembler
from firmware_protocol.frames import Frames
from firmware_protocol.headers import Headers
from firmware_protocol.messages import MESSAGE_TYPES, Message
from firmware_protocol.packet import FRAME_TYPES, HEADER_BYTES, OVERHEAD_BYTES, VERSION, Header, Side
from firmware_protocol.splitter import Splitter

__all__ = ["Counters", "Decoded", "Decoder"]

_FEW_BYTES = 4096
"""Pushes up to this length are decoded packet by packet."""

_SLAB_BYTES = 1 << 21
"""Longer ones in pieces of this length, which stay in the cache from the check to the copy of the counts."""


class Decoded(NamedTuple):
    """What one push completed.

    Attributes
    ----------
    frames : list of Frames
        One block a side and number of cells, by the arrival of their first frames.
    messages : list of Message
        In order of arrival.
    """

    frames: list[Frames]
    messages: list[Message]


@dataclass(frozen=True, slots=True)
class Counters:
    """What a decoder has met so far.

    Attributes
    ----------
    frames : int
        Frames put out.
    bad_crc : int
        Packets with sync word and possible length whose check failed.
    skipped_bytes : int
        Bytes that belong to no intact packet, those of packets with a bad check included.
    unknown_type : int
        Intact packets of a type this decoder does not know, skipped.
    unknown_version : int
        Intact packets of another version, skipped.
    incomplete : int
        Frames dropped because a fragment was missing.
    malformed : int
        Intact packets whose fields contradict each other, skipped: the sender is wrong, not the link.
    """

    frames: int
    bad_crc: int
    skipped_bytes: int
    unknown_type: int
    unknown_version: int
    incomplete: int
    malformed: int


class Decoder:
    """Streaming decoder of one byte stream, which may carry several sides.

    Examples
    --------
    >>> decoder = Decoder()
    >>> decoded = decoder.push(b"noise")
    >>> decoded.frames, decoder.counters.skipped_bytes
    ([], 5)
    """

    __slots__ = ("_assembler", "_malformed", "_position", "_splitter", "_tail", "_unknown_type", "_unknown_version")

    def __init__(self) -> None:
        self._splitter = Splitter()
        self._assembler = FrameAssembler()
        self._tail = b""  # bytes not resolved yet, at most one packet
        self._position = 0  # where the tail begins in the stream
        self._unknown_type = 0
        self._unknown_version = 0
        self._malformed = 0

    @property
    def counters(self) -> Counters:
        """Everything met so far."""
        return Counters(
            frames=self._assembler.frames,
            bad_crc=self._splitter.bad_crc,
            skipped_bytes=self._splitter.skipped_bytes,
            unknown_type=self._unknown_type,
            unknown_version=self._unknown_version,
            incomplete=self._assembler.incomplete,
            malformed=self._malformed + self._assembler.malformed,
        )

    def push(self, data: bytes | bytearray | memoryview) -> Decoded:
        """Take the next bytes of the stream.

        Parameters
        ----------
        data : bytes-like
            Any number of bytes, cut anywhere.

        Returns
        -------
        Decoded
            Frames and messages whose last byte was among them, or whose beginning had been hidden until now by damage.
        """
        if not isinstance(data, bytes):
            data = bytes(data)
        if self._tail:
            data = self._tail + data
        messages: list[Message] = []
        if len(data) <= _FEW_BYTES:
            self._forget(data, self._decode_few(data, messages, final=False))
        else:
            self._forget(data, self._decode_many(data, messages))
        return Decoded(self._assembler.take(), messages)

    def flush(self) -> Decoded:
        """Resolve what is left at the end of the stream.

        Returns
        -------
        Decoded
            Packets found behind a damaged beginning that was still being waited for. The remaining bytes are counted
            as skipped, the unfinished frames as incomplete.
        """
        messages: list[Message] = []
        self._forget(self._tail, self._decode_few(self._tail, messages, final=True))
        decoded = Decoded(self._assembler.take(), messages)
        self._assembler.finish()
        return decoded

    def _decode_few(self, data: bytes, messages: list[Message], *, final: bool) -> int:
        """Packet by packet; returns the number of bytes resolved."""
        starts, position = self._splitter.split_few(data, final=final)
        for start in starts:
            self._take(data, start, self._position, messages)
        return position

    def _decode_many(self, data: bytes, messages: list[Message]) -> int:
        """Slab by slab; returns the number of bytes resolved."""
        held = self._assembler.resume()
        buffer = held + data if held else data
        origin = self._position - len(held)
        position = len(held)
        while True:
            stop = min(position + _SLAB_BYTES, len(buffer))
            packets, position = self._splitter.split_many(buffer, position, stop)
            if len(packets):
                self._take_many(buffer, packets, origin, messages)
            if position < stop or stop == len(buffer):
                break
        self._assembler.suspend(buffer)
        return position - len(held)

    def _take_many(self, buffer: bytes, packets: Headers, origin: int, messages: list[Message]) -> None:
        """Take intact packets of the buffer, which is at `origin` in the stream."""
        waiting = self._assembler.waiting()
        if len(waiting):
            packets = Headers.read(buffer, waiting).then(packets)
        if packets.kind is None or not packets.kind.carries_frames:
            frames = packets.carry_frames
            for start in packets.start[~frames].tolist():
                self._take(buffer, start, origin, messages)
            if not frames.any():
                return
            packets = packets.chosen(frames)
        self._assembler.add_packets(buffer, packets, origin)

    def _forget(self, data: bytes, resolved: int) -> None:
        """Keep what is left of `data`, which began with the tail."""
        self._tail = data[resolved:]
        self._position += resolved

    def _take(self, buffer: bytes, start: int, origin: int, messages: list[Message]) -> None:
        """Take the intact packet at `start` of the buffer, which is at `origin` in the stream."""
        _, version, packet_type, length, side, _, sequence, tick_us = Header.unpack_from(buffer, start)
        if version != VERSION:
            self._unknown_version += 1
            return
        stop = start + length + OVERHEAD_BYTES
        if packet_type in FRAME_TYPES:
            if side > Side.BOTH:
                self._malformed += 1
            else:
                self._assembler.add_packet(buffer[start:stop], packet_type, side, sequence, tick_us, origin + stop)
            return
        body = MESSAGE_TYPES.get(packet_type)
        if body is None:
            self._unknown_type += 1
            return
        try:
            decoded = body.from_payload(buffer[start + HEADER_BYTES : start + HEADER_BYTES + length])
            messages.append(Message(Side(side), sequence, tick_us, origin + stop, decoded))
        except ValueError:
            self._malformed += 1
