"""From counts to deliveries: one insole's frames in, packets with the moment each reached the host out.

The insole stamps frames with its own clock and sends whole packets. The host meets it at connection events some 15 ms
apart and takes everything that waits; now and then an event is missed, and rarely the link stalls. A delivery never
overtakes another and never comes before its last frame was sampled.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np

from firmware_protocol import PacketType, encode_pressure_packets
from firmware_protocol.pressure import frames_per_packet
from insole.blocks import BoolArray, CountArray, FloatArray, IntArray, Side

MIN_LATENCY_S = 3e-4
MAX_HOLD_S = 0.020  # an insole does not collect frames for longer before it sends
# Device clocks are off by far more than connection intervals are long, so packets and events slide past each other;
# with everything nominal here they would not, and each foot would keep one arbitrary delay. Hence the 1 %.
CONNECTION_INTERVAL_S = 0.015 * 1.01
MISSED_EVENT = 0.05
STALL = 2e-4  # per packet
STALL_RANGE_S = (0.040, 0.090)
SPACING_S = 4e-4  # between packets of one connection event
MAX_BURST_S = 1.5


@dataclass(slots=True)
class LinkCounts:
    """What happened on one link, for the ground truth; cumulative."""

    frames: int = 0  # sampled
    frames_lost: int = 0  # did not arrive intact, for whatever reason
    packets: int = 0
    packets_lost: int = 0
    packets_duplicated: int = 0
    packets_corrupted: int = 0

    def to_dict(self) -> dict[str, int]:
        """Plain values."""
        return {item.name: getattr(self, item.name) for item in fields(self)}


@dataclass(frozen=True, slots=True, eq=False)
class Deliveries:
    """n packets as they reached the host, in order."""

    t_s: FloatArray  # (n,) host time
    packets: list[bytes]


@dataclass(frozen=True, slots=True)
class DeviceClock:
    """When frame n is sampled by the host's clock, and what tick it carries.

    Parameters
    ----------
    start_s : float
        Host time of frame 0.
    interval_us : int
        Between frames, as the device counts.
    ppm : float
        How much faster the device's clock runs than the host's.
    tick_us : int
        Of frame 0.
    """

    start_s: float
    interval_us: int
    ppm: float
    tick_us: int

    @property
    def interval_s(self) -> float:
        """Host time between frames."""
        return 1e-6 * self.interval_us / (1.0 + 1e-6 * self.ppm)

    def sampled_s(self, frame: IntArray) -> FloatArray:
        """Host time at which frames are sampled."""
        out: FloatArray = self.start_s + self.interval_s * frame.astype(np.float64)
        return out

    def frames_until(self, t_s: float) -> int:
        """Number of frames sampled before `t_s`."""
        return max(int(np.ceil((t_s - self.start_s) / self.interval_s)), 0)

    def tick_at(self, t_s: float) -> int:
        """What the device's clock shows at a host time, before the 32 bits of the wire."""
        return self.tick_us + math.floor((t_s - self.start_s) * (1e6 + self.ppm))

    def tick(self, frame: int) -> int:
        """Tick of a frame, before the 32 bits of the wire."""
        return self.tick_us + frame * self.interval_us


class Link:
    """The radio link of one insole.

    Parameters
    ----------
    side : Side
    rng : numpy Generator
        Of this link alone.
    clock : DeviceClock
    cells, bits : int
        Per frame, and per count on the wire (12 or 16).
    loss, bursts_per_s, burst_s, duplicate, corrupt : float
        Share of packets lost singly; how often and for how long on average everything is lost; shares that come twice
        or damaged.

    Attributes
    ----------
    frames_per_packet : int
        Blocks handed to `send` must be a multiple of it, but for the last.
    counts : LinkCounts
    """

    def __init__(
        self,
        side: Side,
        rng: np.random.Generator,
        clock: DeviceClock,
        cells: int,
        bits: int,
        *,
        loss: float,
        bursts_per_s: float,
        burst_s: float,
        duplicate: float,
        corrupt: float,
    ) -> None:
        fitting = frames_per_packet(PacketType.PRESSURE_12 if bits == 12 else PacketType.PRESSURE_16, cells)
        self.frames_per_packet = max(min(fitting, int(MAX_HOLD_S / clock.interval_s + 0.5)), 1)
        self.counts = LinkCounts()
        self._side = side
        self._rng = rng
        self._clock = clock
        self._bits = bits
        self._loss, self._duplicate, self._corrupt = loss, duplicate, corrupt
        self._bursts_per_s, self._burst_s = bursts_per_s, burst_s
        self._phase_s = rng.uniform(0.0, CONNECTION_INTERVAL_S)
        self._sequence = int(rng.integers(0, 2**16))
        self._latest_s = -np.inf
        self._burst = self._next_burst(clock.start_s)

    def send(self, first_frame: int, counts: CountArray) -> tuple[Deliveries, BoolArray]:
        """Deliveries of successive frames, and which of these frames did not arrive intact (n,)."""
        n = len(counts)
        if n == 0:
            return Deliveries(np.empty(0), []), np.zeros(0, np.bool_)
        packets = encode_pressure_packets(
            self._side,
            (self._sequence + first_frame) % 2**32,
            self._clock.tick(first_frame) % 2**32,
            self._clock.interval_us,
            counts,
            bits=self._bits,
            frames_in_packet=self.frames_per_packet,
        )
        per_frame = max(len(packets) // n, 1)  # more than one where a frame is cut into fragments
        packet = np.arange(len(packets))
        last_frame = np.minimum((packet + 1) * self.frames_per_packet, n) - 1 if per_frame == 1 else packet // per_frame
        ready_s = self._clock.sampled_s(first_frame + last_frame)

        rng, shape = self._rng, len(packets)
        lost = (rng.random(shape) < self._loss) | self._in_burst(ready_s)
        corrupt = ~lost & (rng.random(shape) < self._corrupt)
        double = ~lost & ~corrupt & (rng.random(shape) < self._duplicate)
        for i in np.flatnonzero(corrupt):
            packets[i] = self._damaged(packets[i])
        sent = np.repeat(packet, np.where(lost, 0, np.where(double, 2, 1)))
        deliveries = Deliveries(self._in_order(self._arrival_s(ready_s)[sent]), [packets[i] for i in sent])

        bad = lost | corrupt
        frame_lost: BoolArray = bad[np.arange(n) // self.frames_per_packet]
        if per_frame > 1:
            frame_lost = np.logical_or.reduce(bad.reshape(n, per_frame), axis=1)
        self.counts.frames += n
        self.counts.frames_lost += int(frame_lost.sum())
        self.counts.packets += len(packets)
        self.counts.packets_lost += int(lost.sum())
        self.counts.packets_duplicated += int(double.sum())
        self.counts.packets_corrupted += int(corrupt.sum())
        return deliveries, frame_lost

    def _arrival_s(self, ready_s: FloatArray) -> FloatArray:
        """When each packet would reach the host if it had the link for itself."""
        rng, interval_s = self._rng, CONNECTION_INTERVAL_S
        earliest_s = ready_s + MIN_LATENCY_S
        event = np.ceil((earliest_s - self._phase_s) / interval_s)
        event += rng.geometric(1.0 - MISSED_EVENT, len(ready_s)) - 1
        stall_s = np.where(rng.random(len(ready_s)) < STALL, rng.uniform(*STALL_RANGE_S, len(ready_s)), 0.0)
        # The event's own moment may come out a rounding error early.
        out: FloatArray = np.maximum(self._phase_s + event * interval_s, earliest_s) + stall_s
        return out

    def _in_order(self, arrival_s: FloatArray) -> FloatArray:
        """Arrivals where each packet waits for those before it."""
        if len(arrival_s) == 0:
            return arrival_s
        queue_s = SPACING_S * np.arange(len(arrival_s))
        arrival_s[0] = max(arrival_s[0], self._latest_s + SPACING_S)
        ordered: FloatArray = np.maximum.accumulate(arrival_s - queue_s) + queue_s
        self._latest_s = float(ordered[-1])
        return ordered

    def _in_burst(self, ready_s: FloatArray) -> BoolArray:
        """Which packets fall into a while of silence."""
        silent = np.zeros(len(ready_s), np.bool_)
        while self._burst[0] <= ready_s[-1]:
            begin_s, end_s = self._burst
            silent |= (ready_s >= begin_s) & (ready_s < end_s)
            if end_s > ready_s[-1]:
                break
            self._burst = self._next_burst(end_s)
        return silent

    def _next_burst(self, after_s: float) -> tuple[float, float]:
        """Begin and end of the next while in which everything is lost."""
        if self._bursts_per_s == 0.0:
            return np.inf, np.inf
        begin_s = after_s + self._rng.exponential(1.0 / self._bursts_per_s)
        return begin_s, begin_s + min(self._rng.exponential(self._burst_s), MAX_BURST_S)

    def _damaged(self, packet: bytes) -> bytes:
        """The packet with one byte changed."""
        position = int(self._rng.integers(len(packet)))
        flip = int(self._rng.integers(1, 256))
        return packet[:position] + bytes([packet[position] ^ flip]) + packet[position + 1 :]
