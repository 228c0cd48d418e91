"""Bytes of one link to raw frames.

In: `Packets`. Out: frames by side, and answers to pings, with the host time of their delivery.

The wire format itself lives in firmware_protocol; here every frame is only joined with the stamp of the delivery that
completed it. What was damaged, unknown or incomplete is counted, never raised.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from firmware_protocol import Decoded, Decoder, DeviceState, Frames, TimeReply
from insole.blocks import IntArray, LinkHealth, Packets, Received, RoundTrip, Side

SWAPPED = {int(Side.LEFT): int(Side.RIGHT), int(Side.RIGHT): int(Side.LEFT)}
KEPT_BYTES = 4096  # a frame may be completed by an earlier delivery: fragments and false starts wait a few packets


class Heard(NamedTuple):
    """What some deliveries completed."""

    frames: list[Received]
    trips: list[RoundTrip]


class LinkDecoder:
    """Unfinished bytes and delivery stamps of one link.

    Parameters
    ----------
    swap_feet : bool
        What says it is left is worn on the right foot, and the other way round (`Settings.swap_feet`).
    """

    def __init__(self, *, swap_feet: bool = False) -> None:
        self._swapped: dict[int, int] = SWAPPED if swap_feet else {}
        self._decoder = Decoder()
        self._recent: deque[tuple[IntArray, IntArray]] = (
            deque()
        )  # ends and host times of the deliveries of the last pushes
        self._received = self._before = 0  # bytes; so many before the last push
        self.battery_pct: dict[int, float] = {}  # by side, as last said

    def push(self, deliveries: Sequence[Packets], stamps: Sequence[IntArray]) -> Heard:
        """Decode deliveries; `stamps` are their host times made monotone over the session."""
        data = deliveries[0].data if len(deliveries) == 1 else b"".join([d.data for d in deliveries])
        ends, self._before = [], self._received
        for delivery in deliveries:
            ends.append(delivery.ends + self._received)
            self._received += len(delivery.data)
        self._recent.append((ends[0], stamps[0]) if len(ends) == 1 else (np.concatenate(ends), np.concatenate(stamps)))
        heard = self._joined(self._decoder.push(data))
        while self._recent and self._recent[0][0][-1] < self._received - KEPT_BYTES:
            self._recent.popleft()
        return heard

    def flush(self) -> Heard:
        """The stream is over: what is left unfinished counts as skipped."""
        return self._joined(self._decoder.flush())

    @property
    def health(self) -> LinkHealth:
        """Counts so far."""
        c = self._decoder.counters
        return LinkHealth(c.frames, c.bad_crc, c.skipped_bytes, c.unknown_type + c.unknown_version, c.incomplete)

    def _joined(self, decoded: Decoded) -> Heard:
        trips: list[RoundTrip] = []
        for message in decoded.messages:
            body = message.body
            if isinstance(body, DeviceState) and body.battery_percent is not None:
                self.battery_pct[self._worn_on(message.side)] = float(body.battery_percent)
            elif isinstance(body, TimeReply):
                t_ns = int(self._stamps_at(np.array([message.end]))[0])
                side = self._worn_on(message.side)
                trips.append(RoundTrip(side, body.token, body.received_tick_us, message.tick_us, t_ns))
        return Heard([self._stamped(frames) for frames in decoded.frames], trips)

    def _stamped(self, frames: Frames) -> Received:
        side = self._worn_on(frames.side)
        return Received(side, frames.sequence, frames.tick_us, frames.counts, self._stamps_at(frames.end))

    def _worn_on(self, side: int) -> int:
        """Where an insole is worn that says it is on this side."""
        return self._swapped.get(side, side)

    def _stamps_at(self, end: IntArray) -> IntArray:
        """Host times of the deliveries that brought the bytes up to positions in the stream, (n,), in order."""
        ends, times = self._recent[-1]
        if end[0] <= self._before:
            ends, times = (np.concatenate(arrays) for arrays in zip(*self._recent, strict=True))
        if len(ends) == 1:  # as in a live stream
            return np.repeat(times, len(end))
        stamps: IntArray = times[np.minimum(np.searchsorted(ends, end), len(times) - 1)]
        return stamps
