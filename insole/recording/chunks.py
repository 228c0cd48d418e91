"""An MCAP file that is whole after every message.

In: messages. Out: one compressed chunk with a CRC a message, on its way to disk at once; at the end an index of them.

The `Writer` of the `mcap` package would do, but it keeps 4 MB of Python objects an hour for that index; here it is kept
as the bytes that will be written, a fifth of that. And what a disk took only in part is taken back, so that the same
messages can be tried again.
"""

from __future__ import annotations

import os
import zlib
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from io import FileIO
from pathlib import Path

import zstandard
from mcap.data_stream import RecordBuilder
from mcap.records import (
    AttachmentIndex,
    Channel,
    Chunk,
    ChunkIndex,
    DataEnd,
    Footer,
    Header,
    McapRecord,
    Message,
    Schema,
    Statistics,
)
from mcap.writer import MCAP0_MAGIC

from insole.recording.original import MEDIA_TYPE, attachment


class ChunkWriter:
    """Writes messages of given channels into a new file, readable by its owner alone.

    Parameters
    ----------
    path : path
        Must not exist yet.
    profile, library : str
        Who defines the content, and which software wrote it.
    channels : sequence of (Schema, Channel)

    Attributes
    ----------
    durable : bool
        Each call waits until the disk itself has what was written: it survives a power cut, not only the program's end.

    Raises
    ------
    OSError
        The file cannot be created; or, from the methods, not be written, and then holds nothing of that call.
    """

    def __init__(self, path: Path, profile: str, library: str, channels: Sequence[tuple[Schema, Channel]]) -> None:
        self.durable = False
        self._path = path
        self._channels = channels
        self._at = 0
        self._index = bytearray()
        self._attachments = 0
        self._counts: Counter[int] = Counter()
        self._first_ns = self._last_ns = 0
        self._file = FileIO(str(path), "xb", opener=lambda name, flags: os.open(name, flags, 0o600))
        self._write(MCAP0_MAGIC + _record(Header(profile, library)))

    @property
    def closed(self) -> bool:
        """Whether nothing more can be written."""
        return self._file.closed

    def add(self, messages: Sequence[Message]) -> None:
        """Write messages, all or none; when this returns, the system (or the disk, see `durable`) has them."""
        chunks, index = bytearray(), bytearray()
        declarations = b"" if self._counts else self._declarations()
        for message in messages:
            chunk, entry = _chunk(message, declarations, self._at + len(chunks))
            chunks += chunk
            index += entry
            declarations = b""
        self._write(bytes(chunks))
        self._index += index
        times_ns = [message.log_time for message in messages]
        self._first_ns = min(times_ns if not self._counts else [self._first_ns, *times_ns])
        self._last_ns = max([self._last_ns, *times_ns])
        self._counts.update(message.channel_id for message in messages)

    def attach(self, path: Path) -> None:
        """Write a whole file as an attachment, piece by piece."""
        at, size = self._at, path.stat().st_size
        for piece in attachment(path):
            self._write(piece)
        entry = AttachmentIndex(
            offset=at,
            length=self._at - at,
            create_time=0,
            log_time=0,
            data_size=size,
            name=path.name,
            media_type=MEDIA_TYPE,
        )
        self._index += _record(entry)
        self._attachments += 1

    def finish(self) -> None:
        """Write the end of the file, channels again, counts and index, and close it."""
        end = _record(DataEnd(0))
        statistics = Statistics(
            attachment_count=self._attachments,
            channel_count=len(self._channels),
            channel_message_counts=dict(self._counts),
            chunk_count=self._counts.total(),
            message_count=self._counts.total(),
            message_start_time=self._first_ns,
            message_end_time=self._last_ns,
            metadata_count=0,
            schema_count=len(self._channels),
        )
        summary = self._declarations() + _record(statistics) + bytes(self._index)
        footer = _record(Footer(summary_start=self._at + len(end), summary_offset_start=0, summary_crc=0))
        self._write(end + summary + footer + MCAP0_MAGIC)
        self._file.close()

    def abandon(self) -> None:
        """Close the file as it is, without an end; what it holds stays readable."""
        with suppress(OSError):
            self._file.close()

    def reopen(self) -> None:
        """Go on through a new handle where the old one may be dead, as after a drive was pulled out and put back."""
        file = FileIO(str(self._path), "r+b")
        if file.seek(0, os.SEEK_END) < self._at:
            file.close()
            raise OSError("the file there is not the one that was written")
        file.truncate(self._at)
        file.seek(self._at)
        self.abandon()
        self._file = file

    def _declarations(self) -> bytes:
        return b"".join(_record(schema) + _record(channel) for schema, channel in self._channels)

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
            if self.durable:
                os.fsync(self._file.fileno())
        except OSError:
            with suppress(OSError):
                self._file.seek(self._at)
                self._file.truncate(self._at)
            raise
        self._at += len(data)


def _chunk(message: Message, declarations: bytes, at: int) -> tuple[bytes, bytes]:
    """A chunk of one message, to stand at a place of the file, and its entry in the index."""
    content = declarations + _record(message)
    compressed = zstandard.compress(content)
    chunk = _record(
        Chunk(
            compression="zstd",
            data=compressed,
            message_start_time=message.log_time,
            message_end_time=message.log_time,
            uncompressed_crc=zlib.crc32(content),
            uncompressed_size=len(content),
        )
    )
    entry = ChunkIndex(
        chunk_start_offset=at,
        chunk_length=len(chunk),
        compression="zstd",
        compressed_size=len(compressed),
        uncompressed_size=len(content),
        message_start_time=message.log_time,
        message_end_time=message.log_time,
        message_index_length=0,
        message_index_offsets={},
    )
    return chunk, _record(entry)


def _record(record: McapRecord) -> bytes:
    builder = RecordBuilder()
    record.write(builder)
    data: bytes = builder.end()  # type: ignore[no-untyped-call]  # the package leaves this one method without types
    return data
