"""A source with commands: what is said to a session while it runs, from any thread, through one bounded queue.

In: a source, and commands. Out: its inputs, with markers, setting changes and notes of cues among them, so that these
are recorded, and a replay repeats them. The other commands pause, hurry or end the stream.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self, runtime_checkable

from insole.blocks import Cue, Input, Marker, SettingChange
from insole.errors import InsoleError
from insole.recording import Header
from insole.sources import Source

COMMANDS = 64


@runtime_checkable
class Played(Protocol):
    """A source that is no hardware: it can be paused and hurried, from any thread."""

    @property
    def speed(self) -> float:
        """Session seconds a second."""
        ...

    @property
    def paused(self) -> bool:
        """Whether its clock stands still."""
        ...

    def set_speed(self, speed: float) -> None:
        """Go on at another speed; ValueError outside its range."""
        ...

    def pause(self) -> None:
        """Stop its clock."""
        ...

    def resume(self) -> None:
        """Let it run on."""
        ...


@dataclass(frozen=True, slots=True)
class Stop:
    """End the session; what arrived until now is finished and kept."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Pause, go on, or change speed; ignored by a source that is hardware."""

    paused: bool
    speed: float


Command = Stop | Pace | Marker | SettingChange | Cue


class Steered:
    """A source with commands: passes its inputs on, adds markers, setting changes and cues, ends when told to."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._commands: queue.Queue[Command] = queue.Queue(COMMANDS)
        self._stop = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()
        self._lock = threading.Lock()

    @property
    def header(self) -> Header:
        """Of the source."""
        return self._source.header

    # ---- from any thread -----------------------------------------------------------------------------------------

    def post(self, command: Command) -> bool:
        """Queue a command."""
        try:
            self._commands.put_nowait(command)
        except queue.Full:
            return False
        self._awake()
        return True

    def stop(self) -> None:
        """End the stream, whatever else waits in the queue."""
        self._stop = True
        self._awake()

    def _awake(self) -> None:
        with self._lock:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._wake.set)

    # ---- in the loop that runs it ------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        await self._source.__aenter__()
        with self._lock:
            self._loop = asyncio.get_running_loop()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._loop = None
        await self._source.__aexit__(kind, error, trace)

    async def __aiter__(self) -> AsyncIterator[list[Input]]:
        stream = aiter(self._source)
        coming: asyncio.Task[list[Input] | None] | None = None
        try:
            while not self._stop:
                self._wake.clear()
                added = self._obey()
                if added:
                    yield added
                    continue
                if self._stop:
                    break
                if coming is None:
                    coming = asyncio.create_task(_next(stream))
                waking = asyncio.create_task(self._wake.wait())
                await asyncio.wait({coming, waking}, return_when=asyncio.FIRST_COMPLETED)
                waking.cancel()
                if coming.done():
                    inputs = coming.result()
                    coming = None
                    if inputs is None:
                        break
                    yield inputs
        finally:
            if coming is not None:
                coming.cancel()
                with suppress(asyncio.CancelledError, InsoleError):
                    await coming
            close = getattr(stream, "aclose", None)  # async generators hold the source until they are closed
            if close is not None:
                await close()

    def _obey(self) -> list[Input]:
        """Carry out what waits in the queue; returns what is to enter the stream."""
        added: list[Input] = []
        while True:
            try:
                command = self._commands.get_nowait()
            except queue.Empty:
                return added
            if isinstance(command, Stop):
                self._stop = True
            elif isinstance(command, Pace):
                self._keep_pace(command)
            else:
                added.append(command)

    def _keep_pace(self, pace: Pace) -> None:
        source = self._source
        if not isinstance(source, Played):
            return
        with suppress(ValueError):  # beyond what the source can do: it stays as it is
            source.set_speed(pace.speed)
        if pace.paused:
            source.pause()
        else:
            source.resume()


async def _next(stream: AsyncIterator[list[Input]]) -> list[Input] | None:
    """The next inputs, None at the end: a task may not raise StopAsyncIteration."""
    try:
        return await anext(stream)
    except StopAsyncIteration:
        return None
