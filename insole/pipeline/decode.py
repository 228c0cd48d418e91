"""Bytes of one link to raw frames.

In: `Packets`. Out: frames by side, and answers to pings, with the host time of their delivery.

The wire format itself lives in firmware_protocol; here every frame is only joined with the stamp of the delivery that
completed it. What was damaged, unknown or incomplete is counted, never raised.
"""

from __future__ import annotations

from collections import deque
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from firmware_protocol import Decoded, Decoder, DeviceState, TimeReply
from insole.blocks import IntArray, LinkHealth, Packets, Received, RoundTrip, Side

SWAPPED = {int(Side.LEFT): int(Side.RIGHT), int(Side.RIGHT): int(Side.LEFT)}
KEPT_BYTES = 4096  # a frame may be completed by an earlier delivery: fragments and false starts wait a few packets
LONG_AGO_NS = -(1 << 63)


class Heard(NamedTuple):
    """What some deliveries completed."""

    frames: list[Received]
    trips: list[RoundTrip]


class _Decoded(NamedTuple):
    """Deliveries that were decoded together."""

    first_byte: int  # of the stream
    next_byte: int
    ends: IntArray  # of each delivery, counted from the first byte
    t_ns: IntArray


class LinkDecoder:
    """Deliveries, unfinished bytes and delivery stamps of one link.

    Parameters
    ----------
    swap_feet : bool
        What says it is left is worn on the right foot, and the other way round (`Settings.swap_feet`).

    Attributes
    ----------
    waiting : list of (Packets, IntArray)
        Deliveries that are not decoded yet, with their host times.
    battery_pct : dict of int to float
        By side, as last said.
    """

    def __init__(self, *, swap_feet: bool = False) -> None:
        self.waiting: list[tuple[Packets, IntArray]] = []
        self.battery_pct: dict[int, float] = {}
        self._swapped: dict[int, int] = SWAPPED if swap_feet else {}
        self._decoder = Decoder()
        self._last_ns = LONG_AGO_NS  # of the last delivery
        self._recent: deque[_Decoded] = deque()

    def deliver(self, packets: Packets, floor_ns: int = LONG_AGO_NS) -> int:
        """Take deliveries, which wait to be decoded; returns the host time of the last one so far.

        Host times go back neither within the link nor behind `floor_ns`.
        """
        t_ns = packets.t_host_ns
        if len(t_ns):
            floor_ns = max(floor_ns, self._last_ns)
            if t_ns[0] < floor_ns:
                t_ns = t_ns.copy()
                t_ns[0] = floor_ns
            if len(t_ns) > 1:
                t_ns = np.maximum.accumulate(t_ns)
            self._last_ns = int(t_ns[-1])
        self.waiting.append((packets, t_ns))
        return self._last_ns

    def decode(self) -> Heard:
        """Decode what waits."""
        waiting, self.waiting = self.waiting, []
        if len(waiting) == 1:
            packets, t_ns = waiting[0]
            data, ends = packets.data, packets.ends
        else:
            data = b"".join([packets.data for packets, _ in waiting])
            firsts = accumulate((len(packets.data) for packets, _ in waiting), initial=0)
            ends = np.concatenate([packets.ends + first for (packets, _), first in zip(waiting, firsts, strict=False)])
            t_ns = np.concatenate([t_ns for _, t_ns in waiting])
        first = self._recent[-1].next_byte if self._recent else 0
        self._recent.append(_Decoded(first, first + len(data), ends, t_ns))
        heard = self._stamped(self._decoder.push(data))
        while self._recent[0].next_byte < first + len(data) - KEPT_BYTES:
            self._recent.popleft()
        return heard

    def flush(self) -> Heard:
        """The stream is over: what is left unfinished counts as skipped."""
        return self._stamped(self._decoder.flush())

    @property
    def health(self) -> LinkHealth:
        """Counts so far."""
        c = self._decoder.counters
        return LinkHealth(c.frames, c.bad_crc, c.skipped_bytes, c.unknown_type + c.unknown_version, c.incomplete)

    def _stamped(self, decoded: Decoded) -> Heard:
        trips: list[RoundTrip] = []
        for message in decoded.messages:
            body = message.body
            side = self._swapped.get(message.side, message.side)
            if isinstance(body, DeviceState) and body.battery_percent is not None:
                self.battery_pct[side] = float(body.battery_percent)
            elif isinstance(body, TimeReply):
                t_ns = int(self._stamps_at(np.array([message.end]))[0])
                trips.append(RoundTrip(side, body.token, body.received_tick_us, message.tick_us, t_ns))
        frames = [
            Received(self._swapped.get(f.side, f.side), f.sequence, f.tick_us, f.counts, self._stamps_at(f.end))
            for f in decoded.frames
        ]
        return Heard(frames, trips)

    def _stamps_at(self, end: IntArray) -> IntArray:
        """Host times of the deliveries that brought the bytes up to positions in the stream, (n,), in order."""
        first, _, ends, t_ns = self._recent[-1]
        if end[0] <= first:
            first = 0
            ends = np.concatenate([recent.ends + recent.first_byte for recent in self._recent])
            t_ns = np.concatenate([recent.t_ns for recent in self._recent])
        if len(t_ns) == 1:  # as in a live stream
            return t_ns if len(end) == 1 else np.repeat(t_ns, len(end))
        stamps: IntArray = t_ns[np.minimum(np.searchsorted(ends, end - first), len(t_ns) - 1)]
        return stamps
