"""Inputs to disk as they come.

In: lists of inputs, before anything else has touched them. Out: a recording that can be read at any moment, up to its
last half second.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from mcap.records import Channel, Message, Schema
from mcap.well_known import MessageEncoding, SchemaEncoding

from insole import __version__
from insole.blocks import Input, Packets, Tick
from insole.errors import RecordingError
from insole.recording.batch import LAYOUT, encode, last_stamp_ns, split
from insole.recording.chunks import ChunkWriter
from insole.recording.header import Header
from insole.recording.scan import CHANNELS, CLOCK, HEADER, INPUTS, PROFILE

MESSAGE_NS = 350_000_000  # a message ends with the first tick after this: what links sent between ticks stays together
LONGEST_NS = 600_000_000  # or, without a tick, after this
CLOCK_NS = 10_000_000_000
MESSAGE_BYTES = 1 << 20  # a message is written when it has become this long, however short in time
MAX_DELIVERY_BYTES = 8 << 20
_BYTES_PER_DELIVERY = 20  # of the columns, at most

LIBRARY = f"insole {__version__}"
_CHANNEL_IDS = {topic: number for number, topic in CHANNELS.items()}
_SCHEMAS = {
    HEADER: Schema(1, b'{"type": "object"}', SchemaEncoding.JSONSchema, "insole.Header"),
    INPUTS: Schema(2, LAYOUT.encode(), "text", "insole.Inputs"),
    CLOCK: Schema(
        3,
        b'{"type": "object", "properties": {"host_ns": {"type": "integer"}, "utc_ns": {"type": "integer"}}}',
        SchemaEncoding.JSONSchema,
        "insole.Clock",
    ),
}
CHANNEL_RECORDS = [
    (
        _SCHEMAS[topic],
        Channel(number, topic, "insole" if topic == INPUTS else MessageEncoding.JSON, {}, _SCHEMAS[topic].id),
    )
    for number, topic in CHANNELS.items()
]


def host_clock() -> tuple[int, int]:
    """Both clocks of this computer, read together: monotonic and UTC, in ns."""
    return time.perf_counter_ns(), time.time_ns()


class Store(Protocol):
    """Where messages go: a file, perhaps with patience for its disk. Methods raise OSError."""

    @property
    def closed(self) -> bool:
        """Whether nothing more can be written."""
        ...

    def add(self, messages: list[Message]) -> None:
        """Write messages, all or none."""
        ...

    def finish(self) -> None:
        """Write the end of the file and close it."""
        ...

    def abandon(self) -> None:
        """Close the file as it is."""
        ...


def _size(item: Input) -> int:
    """Bytes in a message, about."""
    return len(item.data) + _BYTES_PER_DELIVERY * len(item.ends) if isinstance(item, Packets) else len(repr(item))


class Recorder:
    """A new recording; call it with each list of inputs, then close it.

    What was handed over is on its way to disk after half a second of inputs at the latest; closing adds the end
    that says nothing is missing.

    Parameters
    ----------
    path : path
        The file to create, readable by its owner alone.
    header : Header
    force : bool
        Replace the file if it is there.
    clock : callable, optional
        `host_clock` where the inputs are stamped by this computer's monotonic clock (live links), so that it is
        recorded with UTC every 10 s. None for simulated and imported time.
    originals : sequence of Path
        Files to keep in the recording as they are (`insole.recording.original`).

    Raises
    ------
    RecordingError
        The file is there already, or cannot be created; and later from calls, where it cannot be written.
    """

    def __init__(
        self,
        path: Path | str,
        header: Header,
        force: bool = False,
        clock: Callable[[], tuple[int, int]] | None = None,
        originals: Sequence[Path] = (),
    ) -> None:
        self.path = Path(path)
        self._header = replace(header, software=header.software or __version__).to_json()
        self._clock = clock
        self._next_clock_ns = header.start_host_ns
        self._last_ns = header.start_host_ns
        self._pending: list[Input] = []
        self._pending_from_ns = 0
        self._pending_bytes = 0
        self._messages = 0
        if force and self.path.is_file():
            with self._disk("replaced"):
                self.path.unlink()  # not overwritten: the new file gets its own permissions
        with self._disk("created"):
            chunks = ChunkWriter(self.path, PROFILE, LIBRARY, CHANNEL_RECORDS)
            for original in originals:
                chunks.attach(original)
            chunks.add([self._message(HEADER, self._header)])
        self._store = self._behind(chunks)

    def _behind(self, chunks: ChunkWriter) -> Store:
        """What the new file is written through."""
        return chunks

    def __call__(self, inputs: Sequence[Input]) -> Sequence[Input]:
        """Record inputs, in order; returns what was recorded, which is what the pipeline is to have."""
        if self._store.closed:
            raise RecordingError(f"{self.path}: nothing more can be recorded, the file is closed")
        for item in inputs:
            for piece in self._bounded(item):
                self._add(piece)
        return inputs

    def note_clock(self, host_ns: int, utc_ns: int) -> None:
        """Record one pair of clock readings."""
        self._write(CLOCK, json.dumps({"host_ns": host_ns, "utc_ns": utc_ns}).encode())

    def close(self) -> None:
        """Write what is pending and the end of the file; nothing if closed already."""
        if self._store.closed:
            return
        self._write_pending()
        self._write(HEADER, self._header)
        with self._disk("finished"):
            self._store.finish()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _bounded(self, item: Input) -> Iterable[Input]:
        """The input, in pieces if it is too long for one message: a reader bounds what it takes into memory."""
        if not isinstance(item, Packets) or (len(item.ends) and _size(item) <= MESSAGE_BYTES):
            return (item,)
        if int(np.diff(item.ends, prepend=0).max(initial=0)) > MAX_DELIVERY_BYTES:
            raise RecordingError(f"{self.path}: a delivery of more than {MAX_DELIVERY_BYTES} bytes cannot be recorded")
        sizes = item.ends + _BYTES_PER_DELIVERY * np.arange(1, len(item.ends) + 1)
        return split(item, np.flatnonzero(np.diff(sizes // MESSAGE_BYTES, prepend=0)))

    def _add(self, item: Input) -> None:
        self._last_ns = last_stamp_ns(item)
        if not self._pending:
            self._pending_from_ns = int(item.t_host_ns[0]) if isinstance(item, Packets) else item.t_host_ns
        self._pending.append(item)
        self._pending_bytes += _size(item)
        span_ns = self._last_ns - self._pending_from_ns
        if span_ns >= (MESSAGE_NS if isinstance(item, Tick) else LONGEST_NS) or self._pending_bytes >= MESSAGE_BYTES:
            self._write_pending()

    def _write_pending(self) -> None:
        if self._pending:
            pending, self._pending, self._pending_bytes = self._pending, [], 0
            self._write(INPUTS, encode(pending))
            self._messages += 1
        if self._clock is not None and self._last_ns >= self._next_clock_ns:
            self._next_clock_ns = self._last_ns + CLOCK_NS
            self.note_clock(*self._clock())

    def _write(self, topic: str, data: bytes) -> None:
        with self._disk("written"):
            self._store.add([self._message(topic, data)])

    def _message(self, topic: str, data: bytes) -> Message:
        t_ns = max(self._last_ns, 0)
        return Message(_CHANNEL_IDS[topic], t_ns, data, t_ns, self._messages)

    @contextmanager
    def _disk(self, deed: str) -> Iterator[None]:
        """Say which file could not be dealt with and why; one that fails is given up, what it holds stays readable."""
        try:
            yield
        except FileExistsError as error:
            raise RecordingError(
                f"{self.path}: exists already; choose another name, or --force to replace it"
            ) from error
        except OSError as error:
            if hasattr(self, "_store"):
                self._store.abandon()
            no_folder = isinstance(error, FileNotFoundError) and not self.path.parent.is_dir()
            why = f"there is no folder {self.path.parent}" if no_folder else error.strerror or error
            raise RecordingError(f"{self.path}: cannot be {deed}: {why}") from error
