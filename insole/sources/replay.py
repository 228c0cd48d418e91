"""A recording as a source: at the pace at which it was received, faster, slower, or as fast as it can be read.

In: a recording. Out: its inputs with their own stamps, so that everything downstream computes what it computed live.
"""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from insole.blocks import Input, Packets
from insole.recording import Header, Place, open_recording
from insole.recording.batch import last_stamp_ns, split
from insole.sources.introduction import refuse_unknown

SPEED_RANGE = (0.1, 16.0)
BATCH_NS = 50_000_000  # recording time in one batch, at most
PIECE_NS = 10_000_000  # deliveries of so long come together
WAKE_S = 0.02  # between two batches, as with a radio
CATCH_UP_NS = 10_000_000_000  # recording time in one batch of what comes at once


class ReplaySource:
    """Plays a recording.

    Parameters
    ----------
    path : path
    speed : float
        Recording seconds a second, 0.1 to 16, or infinite: as fast as the pipeline takes it.
    from_s : float
        Recording time from which on the pace is kept; what lies before comes at once, so that the state is right.
    start : Place, optional
        Leave out what an earlier pass over the same recording gave out until there.
    paused : bool
        Hold at `from_s`.

    Attributes
    ----------
    path : Path
    from_s : float

    Raises
    ------
    RecordingError
        The file cannot be read as a recording.
    ValueError
        Speed or start out of range.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        speed: float = 1.0,
        from_s: float = 0.0,
        start: Place | None = None,
        paused: bool = False,
    ) -> None:
        if not (math.isfinite(from_s) and from_s >= 0):
            raise ValueError(f"from = {from_s:g}: expected 0 s or more")
        self.path, self.from_s = Path(path), from_s
        self._recording = open_recording(path)
        self._start = start
        self._from_ns = self.header.start_host_ns + round(from_s * 1e9)
        # The pace: recording time `_anchor_ns` falls on `_anchor_s` of the loop's clock. Commands come from any thread.
        self._lock = threading.Lock()
        self._speed = _checked(speed)
        self._paused = paused
        self._reached_ns = self._anchor_ns = self._from_ns
        self._anchor_s: float | None = None  # until the first moment that is not caught up with
        self._loop: asyncio.AbstractEventLoop | None = None
        self._changed = asyncio.Event()

    @classmethod
    def from_url(cls, target: str, options: Mapping[str, str]) -> Self:
        """``replay:FILE?speed=1&from=0``."""
        refuse_unknown(options, ("from", "speed"))
        try:
            speed, from_s = float(options.get("speed", "1")), float(options.get("from", "0"))
        except ValueError as error:
            raise ValueError(f"an option is not a number: {error}") from error
        return cls(target, speed=speed, from_s=from_s)

    @property
    def header(self) -> Header:
        """Of the recording."""
        return self._recording.header

    @property
    def damage(self) -> tuple[str, ...]:
        """What of the recording could not be read so far."""
        return self._recording.damage

    @property
    def speed(self) -> float:
        """Recording seconds a second, also while paused."""
        return self._speed

    @property
    def paused(self) -> bool:
        """Whether the clock of the recording stands still."""
        return self._paused

    def set_speed(self, speed: float) -> None:
        """Go on at another speed; from any thread."""
        self._change(_checked(speed), self._paused)

    def pause(self) -> None:
        """Stop the clock of the recording; from any thread."""
        self._change(self._speed, True)

    def resume(self) -> None:
        """Let it run on; from any thread."""
        self._change(self._speed, False)

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop = None

    async def __aiter__(self) -> AsyncIterator[list[Input]]:
        batch: list[Input] = []
        batch_from_ns = 0
        for inputs in self._recording.by_link(self._start):
            at_once = math.isinf(self._speed) or last_stamp_ns(inputs[-1]) < self._from_ns
            limit_ns = CATCH_UP_NS if at_once else BATCH_NS
            for due_ns, piece in _whole(inputs) if at_once else _pieces(inputs):
                if batch and (due_ns - batch_from_ns > limit_ns or self._wait_s(due_ns) > 0):
                    yield batch
                    await asyncio.sleep(0)  # whoever shares the loop gets a turn, also when nothing is waited for
                    batch = []
                await self._until(due_ns)
                if not batch:
                    batch_from_ns = due_ns
                batch.append(piece)
                self._reached_ns = due_ns
        if batch:
            yield batch

    def _change(self, speed: float, paused: bool) -> None:
        """Go on from where the recording is, at a new pace."""
        with self._lock:
            self._speed, self._paused = speed, paused
            self._anchor_ns = max(self._reached_ns, self._from_ns)
            if self._loop is not None and self._anchor_s is not None:
                self._anchor_s = self._loop.time()
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._changed.set)

    def _wait_s(self, due_ns: int) -> float:
        """Seconds until a moment of the recording is due, 0 or less if it is; infinite while paused."""
        with self._lock:
            if due_ns <= self._from_ns:
                return 0.0
            if self._paused:
                return math.inf
            if math.isinf(self._speed):
                return 0.0
            now_s = asyncio.get_running_loop().time()
            if self._anchor_s is None:
                self._anchor_s = now_s
            return (due_ns - self._anchor_ns) * 1e-9 / self._speed - (now_s - self._anchor_s)

    async def _until(self, due_ns: int) -> None:
        while (wait_s := self._wait_s(due_ns)) > 0:
            self._changed.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), None if math.isinf(wait_s) else max(wait_s, WAKE_S))


def _checked(speed: float) -> float:
    low, high = SPEED_RANGE
    if not (low <= speed <= high or speed == math.inf):
        raise ValueError(f"speed = {speed:g}: expected {low:g} to {high:g}, or inf")
    return speed


def _whole(inputs: list[Input]) -> Iterator[tuple[int, Input]]:
    """Inputs as they are, each with the host time it was there."""
    return ((last_stamp_ns(item), item) for item in inputs)


def _pieces(inputs: list[Input]) -> Iterator[tuple[int, Input]]:
    """Inputs with their deliveries cut into short pieces, each with the host time it was there.

    Between two other inputs the pieces of all links come in order of time: a long run of one link after that of the
    other would show one foot late.
    """
    waiting: list[tuple[int, Input]] = []
    for item in inputs:
        if isinstance(item, Packets):
            # A stamp that goes back would be due before what precedes it: it comes with that.
            windows = np.maximum.accumulate(item.t_host_ns) // PIECE_NS
            cuts = np.flatnonzero(np.diff(windows)) + 1
            waiting += zip(windows[np.append(0, cuts)].tolist(), split(item, cuts), strict=True)
        else:
            yield from _in_order(waiting)
            waiting = []
            yield item.t_host_ns, item
    yield from _in_order(waiting)


def _in_order(pieces: list[tuple[int, Input]]) -> Iterator[tuple[int, Input]]:
    """Pieces by their window of time, those of one link in their own order."""
    return ((last_stamp_ns(piece), piece) for _, piece in sorted(pieces, key=lambda pair: pair[0]))
