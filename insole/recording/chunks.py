"""An MCAP file that is whole after every message.

In: messages. Out: one compressed chunk with a CRC a message, written and flushed at once; at the end an index of them.

The `Writer` of the `mcap` package would do, but it keeps 4 MB of Python objects an hour for that index; here it is kept
as the bytes that will be written, a fifth of that.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import BinaryIO

import zstandard
from mcap.data_stream import RecordBuilder
from mcap.records import Channel, Chunk, ChunkIndex, DataEnd, Footer, Header, McapRecord, Message, Schema, Statistics
from mcap.writer import MCAP0_MAGIC


class ChunkWriter:
    """Writes messages of given channels.

    Parameters
    ----------
    file : binary file
        New and empty; stays open.
    profile, library : str
        Who defines the content, and which software wrote it.
    channels : sequence of (Schema, Channel)
    """

    def __init__(self, file: BinaryIO, profile: str, library: str, channels: Sequence[tuple[Schema, Channel]]) -> None:
        self._file = file
        self._channels = channels
        self._at = 0
        self._index = RecordBuilder()
        self._counts: dict[int, int] = {}
        self._first_ns = self._last_ns = 0
        self._write(MCAP0_MAGIC + _record(Header(profile, library)))

    def add(self, message: Message) -> None:
        """Write one message; when this returns, the system has it."""
        content = _record(message)
        if not self._counts:
            self._first_ns = message.log_time
            content = self._declarations() + content
        self._first_ns = min(self._first_ns, message.log_time)
        self._last_ns = max(self._last_ns, message.log_time)
        self._counts[message.channel_id] = self._counts.get(message.channel_id, 0) + 1
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
        ChunkIndex(
            chunk_start_offset=self._at,
            chunk_length=len(chunk),
            compression="zstd",
            compressed_size=len(compressed),
            uncompressed_size=len(content),
            message_start_time=message.log_time,
            message_end_time=message.log_time,
            message_index_length=0,
            message_index_offsets={},
        ).write(self._index)
        self._write(chunk)

    def finish(self) -> None:
        """Write the end of the file: channels again, counts, index."""
        end = _record(DataEnd(0))
        statistics = Statistics(
            attachment_count=0,
            channel_count=len(self._channels),
            channel_message_counts=self._counts,
            chunk_count=sum(self._counts.values()),
            message_count=sum(self._counts.values()),
            message_start_time=self._first_ns,
            message_end_time=self._last_ns,
            metadata_count=0,
            schema_count=len(self._channels),
        )
        summary = self._declarations() + _record(statistics) + _bytes(self._index)
        footer = _record(Footer(summary_start=self._at + len(end), summary_offset_start=0, summary_crc=0))
        self._write(end + summary + footer + MCAP0_MAGIC)

    def _declarations(self) -> bytes:
        return b"".join(_record(schema) + _record(channel) for schema, channel in self._channels)

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._file.flush()
        self._at += len(data)


def _record(record: McapRecord) -> bytes:
    builder = RecordBuilder()
    record.write(builder)
    return _bytes(builder)


def _bytes(builder: RecordBuilder) -> bytes:
    """What was built; the package leaves this one method without types."""
    data: bytes = builder.end()  # type: ignore[no-untyped-call]
    return data
