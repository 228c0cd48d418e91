"""From threads and callbacks to the loop: what live links deliver, stamped once, in order, bounded, with ticks.

In: bytes and events of numbered links, from any thread. Out: lists of inputs for the one loop, a `Tick` every 0.2 s of
host time among them. Here a link that falls silent without being lost is noticed, and deliveries that nobody fetches
in time are counted instead of growing without end.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from itertools import groupby
from typing import NamedTuple

import numpy as np

from insole.blocks import Input, LinkEvent, Packets, Tick
from insole.sources.pings import only_answers

TICK_NS = 200_000_000
GATHER_S = 0.010  # what arrives within this comes in one list: both feet, and the packets of one radio burst
SILENT_NS = 700_000_000  # looked for at every tick, so it is known within 0.9 s
LIMIT_BYTES = 16 << 20  # some minutes of two insoles


class _Delivery(NamedTuple):
    link: int
    t_host_ns: int
    data: bytes


class Inbox:
    """What links have delivered and nobody has fetched yet.

    Parameters
    ----------
    clock_ns : callable
        The host's monotonic clock.
    limit_bytes : int
        What is delivered beyond it is dropped and counted; a `dropped` event says so.
    """

    def __init__(self, clock_ns: Callable[[], int] = time.perf_counter_ns, limit_bytes: int = LIMIT_BYTES) -> None:
        self._clock_ns = clock_ns
        self._limit_bytes = limit_bytes
        self._lock = threading.Lock()
        self._waiting: list[_Delivery | LinkEvent] = []
        self._waiting_bytes = 0
        self._heard_ns: dict[int, int] = {}  # links that are connected: when last heard
        self._silent: set[int] = set()
        self._dropped: dict[int, int] = {}
        self._error: Exception | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()
        self._woken = False

    def now_ns(self) -> int:
        """Host time, as it is stamped on deliveries."""
        return self._clock_ns()

    # ---- from any thread ------------------------------------------------------------------------------------------

    def deliver(self, link: int, data: bytes) -> None:
        """Take what a link has just received; this reads the clock, the one time it is read for these bytes."""
        with self._lock:
            t_ns = self._clock_ns()
            if not only_answers(data):
                self._hear(link, t_ns)
            if self._waiting_bytes + len(data) > self._limit_bytes:
                self._dropped[link] = self._dropped.get(link, 0) + 1
            else:
                self._waiting.append(_Delivery(link, t_ns, data))
                self._waiting_bytes += len(data)
            self._awake()

    def _hear(self, link: int, t_ns: int) -> None:
        """With the lock held: a link is not silent, or no longer."""
        if link in self._silent:
            self._silent.discard(link)
            silent_s = (t_ns - self._heard_ns[link]) * 1e-9
            self._waiting.append(LinkEvent(t_ns, link, "resumed", f"after {silent_s:.1f} s"))
        self._heard_ns[link] = t_ns

    def connected(self, link: int, detail: str) -> None:
        """A link is there, for the first time or again."""
        with self._lock:
            t_ns = self._clock_ns()
            self._heard_ns[link] = t_ns
            self._waiting.append(LinkEvent(t_ns, link, "connected", detail))
            self._awake()

    def lost(self, link: int, detail: str) -> None:
        """A link is gone; its silence from now on is no news."""
        with self._lock:
            self._heard_ns.pop(link, None)
            self._silent.discard(link)
            self._waiting.append(LinkEvent(self._clock_ns(), link, "lost", detail))
            self._awake()

    def fail(self, error: Exception) -> None:
        """Nothing can come any more: the stream ends with this error, behind what arrived until now."""
        with self._lock:
            self._error = error
            self._awake()

    def _awake(self) -> None:
        """With the lock held: let the loop look, once until it does."""
        if self._loop is not None and not self._woken:
            self._woken = True
            self._loop.call_soon_threadsafe(self._wake.set)

    # ---- in the loop ----------------------------------------------------------------------------------------------

    async def batches(self) -> AsyncIterator[list[Input]]:
        """Lists of inputs as they arrive, until the source fails or nobody asks any more."""
        with self._lock:
            self._loop = asyncio.get_running_loop()
            self._woken = bool(self._waiting or self._error)
        if self._woken:
            self._wake.set()
        due_ns = self._clock_ns() + TICK_NS
        try:
            while True:
                await self._something(due_ns)
                inputs, error, now_ns = self._take(due_ns)
                if now_ns >= due_ns:
                    due_ns += TICK_NS * (1 + (now_ns - due_ns) // TICK_NS)
                if inputs:
                    yield inputs
                if error is not None:
                    raise error
        finally:
            with self._lock:
                self._loop = None

    async def _something(self, due_ns: int) -> None:
        """Wait for a delivery and what comes right behind it, or for the tick."""
        with suppress(TimeoutError):
            async with asyncio.timeout((due_ns - self._clock_ns()) * 1e-9):
                await self._wake.wait()
                await asyncio.sleep(GATHER_S)

    def _take(self, due_ns: int) -> tuple[list[Input], Exception | None, int]:
        with self._lock:
            self._wake.clear()
            self._woken = False
            now_ns = self._clock_ns()
            inputs = _as_inputs(self._waiting)
            self._waiting, self._waiting_bytes = [], 0
            for link, count in self._dropped.items():
                detail = f"{count} deliveries: the computer did not keep up"
                inputs.append(LinkEvent(now_ns, link, "dropped", detail))
            self._dropped = {}
            if now_ns >= due_ns:
                for link, heard_ns in self._heard_ns.items():
                    if link not in self._silent and now_ns - heard_ns >= SILENT_NS:
                        self._silent.add(link)
                        detail = f"nothing for {(now_ns - heard_ns) * 1e-9:.1f} s"
                        inputs.append(LinkEvent(now_ns, link, "silent", detail))
                inputs.append(Tick(now_ns))
            return inputs, self._error, now_ns


def _as_inputs(waiting: list[_Delivery | LinkEvent]) -> list[Input]:
    """The same in order, neighbouring deliveries of a link as one `Packets`."""
    inputs: list[Input] = []
    for link, group in groupby(waiting, key=lambda item: item.link if isinstance(item, _Delivery) else None):
        if link is None:
            inputs += [item for item in group if isinstance(item, LinkEvent)]
            continue
        run = [item for item in group if isinstance(item, _Delivery)]
        stamps = np.array([item.t_host_ns for item in run], np.int64)
        ends = np.cumsum([len(item.data) for item in run], dtype=np.int64)
        inputs.append(Packets(link, stamps, ends, b"".join(item.data for item in run)))
    return inputs
