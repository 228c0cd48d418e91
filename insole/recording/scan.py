"""The messages of an MCAP file, as far as it can be read.

In: a path. Out: (topic, sequence, payload) in file order, and one line for each thing that could not be read.

The readers of the `mcap` package stop at the first damage and believe the sizes that a file states. This one walks from
record to record, checks every size before it takes anything into memory, and after damage looks for the next chunk.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import zstandard
from mcap.data_stream import ReadDataStream
from mcap.exceptions import McapError
from mcap.opcode import Opcode
from mcap.records import Channel
from mcap.records import Header as McapHeader
from mcap.writer import MCAP0_MAGIC

from insole.errors import RecordingError, why_not_read

PROFILE = "insole"
HEADER, INPUTS, CLOCK = "/header", "/inputs", "/clock"
CHANNELS = {1: HEADER, 2: INPUTS, 3: CLOCK}  # as the recorder numbers them, should the chunk that says so be lost

MAGIC = MCAP0_MAGIC
MAX_BYTES = 16 << 20  # of a chunk, compressed and not
MAX_LINES = 100
_OPENING = struct.Struct("<BQ")  # opcode, length of the body
_CHUNK = struct.Struct("<QQQII")  # first time, last time, size and CRC of the content, length of the next field
_CHUNK_MARK = b"\x04\x00\x00\x00zstd"  # that length and that field
_MARK_AT = _OPENING.size + _CHUNK.size - 4
_DATA_AT = _CHUNK.size + 4 + 8
_MESSAGE = struct.Struct("<HIQQ")  # channel, sequence, two times
_END = _OPENING.size + 20 + len(MAGIC)  # footer and magic
_FIRST_PRIVATE = 0x80

Message = tuple[str, int, memoryview]


class _DamageError(Exception):
    """A record that contradicts itself or its CRC; says why."""


class Scan:
    """One pass over a file.

    Parameters
    ----------
    path : Path

    Attributes
    ----------
    profile : str or None
        Who defines the content, None as long as the file has not said.
    damage : list of str
        What could not be read so far.
    closed : bool
        The file ends as a finished one does.
    at, size : int
        Bytes gone through and bytes in all.

    Raises
    ------
    RecordingError
        There is no such file, it cannot be opened, or it is not MCAP.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.profile: str | None = None
        self.damage: list[str] = []
        self.at = 0
        self._unlisted = 0
        self._zstd = zstandard.ZstdDecompressor(max_window_size=MAX_BYTES)
        try:
            with path.open("rb") as file:
                start = file.read(len(MAGIC))
                self.size = file.seek(0, 2)
                file.seek(max(0, self.size - _END))
                end = file.read(_END)
        except OSError as error:
            raise RecordingError(f"{path}: {why_not_read(Path(path), error)}") from error
        if not start:
            raise RecordingError(f"{path}: is empty")
        if start != MAGIC:
            raise RecordingError(
                f"{path}: is not a recording of insole; other insoles' files go through `insole import`"
            )
        self.closed = end[:1] == bytes([Opcode.FOOTER]) and end.endswith(MAGIC) and len(end) == _END

    def messages(self, start: int = 0) -> Iterator[Message]:
        """All messages that can be read: topic, sequence, payload; `start` is a byte where a record begins."""
        topics = dict(CHANNELS)
        self.at = max(start, len(MAGIC))
        with self.path.open("rb") as file:
            while self.at < self.size:
                try:
                    opcode, body_at, end = self._opening(file)
                    if opcode == Opcode.DATA_END:
                        break
                    messages = list(_messages(self._content(file, opcode, body_at, end), topics))
                except _DamageError as why:
                    self._step_over(file, str(why))
                else:
                    yield from messages
                    self.at = end
        self.at = self.size
        if self._unlisted:
            self.damage.append(f"{self._unlisted} more places are damaged")
        if not self.closed:
            self.damage.append("the recording has no end: it was stopped from outside, or is still going on")

    def _opening(self, file: BinaryIO) -> tuple[int, int, int]:
        """Opcode, start and end of the record that begins here."""
        file.seek(self.at)
        opening = file.read(_OPENING.size)
        if len(opening) < _OPENING.size:
            raise _DamageError("cut off")
        opcode, length = _OPENING.unpack(opening)
        body_at = self.at + _OPENING.size
        if not (0 < opcode <= Opcode.DATA_END or opcode >= _FIRST_PRIVATE):
            raise _DamageError("damaged")
        if opcode == Opcode.DATA_END and length != 4:
            raise _DamageError("damaged")
        if body_at + length > self.size:
            raise _DamageError("cut off or damaged")
        return opcode, body_at, body_at + length

    def _content(self, file: BinaryIO, opcode: int, at: int, end: int) -> bytes:
        """The record itself, or for a chunk the records in it; nothing of kinds that are not needed."""
        if opcode not in (Opcode.HEADER, Opcode.CHUNK, Opcode.CHANNEL, Opcode.MESSAGE):
            return b""
        if end - at > MAX_BYTES:
            raise _DamageError(f"longer than {MAX_BYTES} bytes")
        file.seek(at)
        body = file.read(end - at)
        if opcode == Opcode.CHUNK:
            return _chunk_content(body, self._zstd)
        if opcode == Opcode.HEADER:
            try:
                self.profile = McapHeader.read(ReadDataStream(BytesIO(body))).profile
            except (McapError, struct.error, ValueError) as error:
                raise _DamageError("damaged") from error
            return b""
        return _OPENING.pack(opcode, len(body)) + body

    def _step_over(self, file: BinaryIO, why: str) -> None:
        """Go to the next chunk that could be whole, or to the end, and say what was left out."""
        start = self.at
        self.at = self._next_chunk(file, start + 1)
        to_the_end = " to the end" if self.at == self.size else ""
        self.note(f"{self.at - start} bytes from byte {start} on{to_the_end} cannot be read: {why}")

    def _next_chunk(self, file: BinaryIO, at: int) -> int:
        block = 1 << 20
        while at < self.size:
            file.seek(at)
            data = file.read(block + _MARK_AT + len(_CHUNK_MARK))
            found = data.find(_CHUNK_MARK, _MARK_AT)
            while found >= 0:
                start = found - _MARK_AT
                opcode, length = _OPENING.unpack_from(data, start)
                if opcode == Opcode.CHUNK and _DATA_AT <= length <= self.size - at - start - _OPENING.size:
                    return at + start
                found = data.find(_CHUNK_MARK, found + 1)
            at += block
        return self.size

    def note(self, line: str) -> None:
        """Add a line on damage; beyond `MAX_LINES` they are only counted."""
        if len(self.damage) < MAX_LINES:
            self.damage.append(line)
        else:
            self._unlisted += 1


def _chunk_content(body: bytes, zstd: zstandard.ZstdDecompressor) -> bytes:
    """The records in a chunk, with sizes and CRC checked."""
    if len(body) < _DATA_AT:
        raise _DamageError("damaged")
    _, _, size, crc, name_length = _CHUNK.unpack_from(body)
    name_end = _CHUNK.size + name_length
    name, data = body[_CHUNK.size : name_end], body[name_end + 8 :]
    if body[name_end : name_end + 8] != len(data).to_bytes(8, "little") or size > MAX_BYTES:
        raise _DamageError("damaged")
    if name == b"zstd":
        try:
            # Read as a stream: a whole-frame call would reserve whatever size the frame itself states.
            data = zstd.stream_reader(data).read(size + 1)
        except zstandard.ZstdError as error:
            raise _DamageError("damaged") from error
    elif name:
        raise _DamageError("damaged, or compressed in another way than zstd")
    if len(data) != size or (crc and zlib.crc32(data) != crc):
        raise _DamageError("damaged, its CRC does not fit")
    return data


def _messages(content: bytes, topics: dict[int, str]) -> Iterator[Message]:
    """Messages among records laid end to end; channels found on the way enter `topics`."""
    view = memoryview(content)
    at = 0
    while at < len(view):
        if at + _OPENING.size > len(view):
            raise _DamageError("damaged")
        opcode, length = _OPENING.unpack_from(view, at)
        at += _OPENING.size
        body = view[at : at + length]
        at += length
        if at > len(view):
            raise _DamageError("damaged")
        if opcode == Opcode.CHANNEL:
            try:
                channel = Channel.read(ReadDataStream(BytesIO(body)))
            except (McapError, struct.error, ValueError) as error:
                raise _DamageError("damaged") from error
            topics[channel.id] = channel.topic
        elif opcode == Opcode.MESSAGE and length >= _MESSAGE.size:
            channel_id, sequence, _, _ = _MESSAGE.unpack_from(body)
            yield topics.get(channel_id, ""), sequence, body[_MESSAGE.size :]
