"""Bytes of one link to raw frames. In: `Packets`. Out: frames by side with the host time of their delivery.

The wire format itself lives in firmware_protocol; here every frame is only joined with the stamp of the delivery that
completed it. What was damaged, unknown or incomplete is counted, never raised.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from firmware_protocol import Decoded, Decoder, DeviceState, Frames
from insole.blocks import IntArray, LinkHealth, Packets, Received

KEPT_BYTES = 4096  # a frame may be completed by an earlier delivery: fragments and false starts wait a few packets


class LinkDecoder:
    """Unfinished bytes and delivery stamps of one link."""

    def __init__(self) -> None:
        self._decoder = Decoder()
        self._ends = np.empty(0, np.int64)
        self._stamps = np.empty(0, np.int64)
        self._received = 0
        self.battery_pct: dict[int, float] = {}  # by side, as last said

    def push(self, deliveries: Sequence[Packets], stamps: Sequence[IntArray]) -> list[Received]:
        """Decode deliveries; `stamps` are their host times made monotone over the session."""
        data = deliveries[0].data if len(deliveries) == 1 else b"".join(d.data for d in deliveries)
        ends, at = [self._ends], self._received
        for delivery in deliveries:
            ends.append(delivery.ends + at)
            at += len(delivery.data)
        self._received = at
        self._ends = np.concatenate(ends)
        self._stamps = np.concatenate([self._stamps, *stamps])
        received = self._joined(self._decoder.push(data))
        keep = int(np.searchsorted(self._ends, at - KEPT_BYTES))
        self._ends, self._stamps = self._ends[keep:], self._stamps[keep:]
        return received

    def flush(self) -> list[Received]:
        """The stream is over: what is left unfinished counts as skipped."""
        return self._joined(self._decoder.flush())

    @property
    def health(self) -> LinkHealth:
        """Counts so far."""
        c = self._decoder.counters
        return LinkHealth(c.frames, c.bad_crc, c.skipped_bytes, c.unknown_type + c.unknown_version, c.incomplete)

    def _joined(self, decoded: Decoded) -> list[Received]:
        for message in decoded.messages:
            if isinstance(message.body, DeviceState) and message.body.battery_percent is not None:
                self.battery_pct[message.side] = float(message.body.battery_percent)
        return [self._stamped(frames) for frames in decoded.frames]

    def _stamped(self, frames: Frames) -> Received:
        delivery = np.searchsorted(self._ends, frames.end)
        stamps = self._stamps[np.minimum(delivery, len(self._stamps) - 1)]
        return Received(frames.side, frames.sequence, frames.tick_us, frames.counts, stamps)
