"""From frames of numbers to what a link would have delivered: `Samples` in, time-ordered inputs out.

Counts, packets of the wire format, and host stamps that equal the time of each packet's last frame exactly: an
imported file runs through the pipeline as a live link without jitter. Second 0 of the recording is second 0 of the
file's own time where the file begins within its first second, so that users find their moments; otherwise it is the
file's first frame.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from firmware_protocol import PacketType, encode_pressure_packets
from firmware_protocol.packet import OVERHEAD_BYTES
from firmware_protocol.pressure import PREFIX_BYTES, frames_per_packet
from insole.blocks import Input, IntArray, LinkEvent, Marker, Packets, Side, Tick
from insole.formats.faults import TransportFaults
from insole.formats.findings import Findings
from insole.formats.quantise import to_counts
from insole.formats.vendor import EndOfFoot, Foot, Samples, VendorEvent, VendorFile

TICK_NS = 200_000_000
CHUNK_TICKS = 5
PACKET_S = 0.05
"""Frames of at most so much time share a packet, as on a radio link."""

LINK_OF = {Side.LEFT: 0, Side.RIGHT: 1, Side.BELT: 0}
MAX_INTERVAL_US = 0xFFFF
_EARLY_START_S = 1.0


def inputs_of(file: VendorFile) -> Iterator[list[Input]]:
    """Everything a session would have received, about a second at a time.

    Deliveries of each fifth of a second come link by link, then the tick that ends it. What the file was found to
    lack or to repeat follows at the end as `LinkEvent` of kind 'import'.

    Parameters
    ----------
    file : VendorFile
        Its stream is read as the iterator is.

    Raises
    ------
    FormatError
        While iterating: the file is damaged beyond a few rows.
    """
    zero_us = recording_zero_us(file.feet)
    links = {side: _Link(side, foot, zero_us, file.findings) for side, foot in file.feet.items()}
    marks: list[Marker] = []
    tick_ns = TICK_NS
    chunk: list[Input] = []
    going = dict(links)
    for item in file.stream():
        if isinstance(item, VendorEvent):
            marks.append(Marker(round(item.t_s * 1e6 - zero_us) * 1000, "vendor_event", item.label))
        elif isinstance(item, EndOfFoot):
            going.pop(item.side).finish()
        else:
            going[item.side].push(item)
        complete_ns = min((link.complete_ns for link in going.values()), default=0)
        while tick_ns <= complete_ns:
            chunk += _until(tick_ns, links, marks)
            chunk.append(Tick(tick_ns))
            tick_ns += TICK_NS
            if tick_ns % (CHUNK_TICKS * TICK_NS) == 0:
                yield chunk
                chunk = []
    for link in going.values():
        link.finish()
    end_ns = max(link.end_ns for link in links.values())
    while tick_ns < end_ns + TICK_NS:
        now_ns = min(tick_ns, end_ns)
        chunk += _until(now_ns, links, marks)
        chunk.append(Tick(now_ns))
        tick_ns += TICK_NS
    chunk += [LinkEvent(end_ns, 0, "import", line) for line in file.findings.lines()]
    yield chunk


def recording_zero_us(feet: dict[Side, Foot]) -> int:
    """The moment of the file's own time, in microseconds, that is second 0 of the recording."""
    first_s = min(foot.clock.start_s for foot in feet.values())
    return 0 if 0.0 <= first_s < _EARLY_START_S else round(first_s * 1e6)


def _until(t_ns: int, links: dict[Side, _Link], marks: list[Marker]) -> list[Input]:
    """Take what was delivered up to a moment."""
    out: list[Input] = [packets for link in links.values() if (packets := link.queue.take(t_ns)) is not None]
    while marks and marks[0].t_host_ns <= t_ns:
        out.append(marks.pop(0))
    return out


class _Queue:
    """Deliveries of one link that wait for the others to reach their time."""

    def __init__(self, link: int) -> None:
        self._link = link
        self._t_ns = self._ends = np.empty(0, np.int64)
        self._data = b""
        self._taken = self._cut = 0  # deliveries and bytes of these that have been given out

    def put(self, t_ns: IntArray, packets: list[bytes]) -> None:
        """Queue some more, in order of time."""
        waiting = self._data[self._cut :]
        ends = len(waiting) + np.cumsum([len(packet) for packet in packets])
        self._t_ns = np.concatenate([self._t_ns[self._taken :], t_ns])
        self._ends = np.concatenate([self._ends[self._taken :] - self._cut, ends])
        self._data = b"".join([waiting, *packets])
        self._taken = self._cut = 0

    def take(self, until_ns: int) -> Packets | None:
        """What was delivered up to a moment, None if nothing was."""
        first, start = self._taken, self._cut
        stop = int(self._t_ns.searchsorted(until_ns, side="right"))
        if stop == first:
            return None
        self._taken, self._cut = stop, int(self._ends[stop - 1])
        return Packets(
            self._link, self._t_ns[first:stop], self._ends[first:stop] - start, self._data[start : self._cut]
        )


class _Link:
    """One foot on its way to packets."""

    def __init__(self, side: Side, foot: Foot, zero_us: int, findings: Findings) -> None:
        self.complete_ns = 0  # up to here everything is queued
        self.end_ns = 0  # of the last delivery
        self.queue = _Queue(LINK_OF[side])
        self._side, self._device, self._clock = side, foot.device, foot.clock
        self._zero_us = zero_us
        self._findings = findings
        # Both feet share a belt, whose flight is a short run of exact zeros on a plate with a threshold.
        self._faults = None if side is Side.BELT else TransportFaults(foot.device, foot.clock.period_s, findings)
        together = max(
            1, min(int(PACKET_S / foot.clock.period_s), frames_per_packet(PacketType.PRESSURE_16, foot.device.n_cells))
        )
        self._together = together
        interval_us = round(1e6 * foot.clock.period_s)
        self._interval_us = interval_us if interval_us <= MAX_INTERVAL_US else 0

    def push(self, samples: Samples) -> None:
        """Queue the packets of some frames."""
        foot = "belt" if self._side is Side.BELT else f"{self._side.label} foot"
        self._findings.add(f"frames of the {foot} without a value", np.count_nonzero(samples.absent))
        self._encode(samples if self._faults is None else self._faults.push(samples))

    def finish(self) -> None:
        """Queue what was held back."""
        rest = None if self._faults is None else self._faults.finish()
        if rest is not None:
            self._encode(rest)

    def _encode(self, samples: Samples) -> None:
        if not len(samples.number):
            return
        tick_us = (
            np.rint((self._clock.start_s + samples.number * self._clock.period_s) * 1e6).astype(np.int64)
            - self._zero_us
        )
        self.complete_ns = int(tick_us[-1]) * 1000
        number, values = samples.number, samples.values
        absent = samples.absent
        if absent.any():
            tick_us, number, values = tick_us[~absent], number[~absent], values[~absent]
        if not len(number):
            return
        counts = to_counts(values, self._device, self._findings)
        packets = encode_pressure_packets(
            self._side, number, tick_us, self._interval_us, counts, frames_in_packet=self._together
        )
        frame_bytes = 2 * self._device.n_cells
        lengths = np.array([len(packet) for packet in packets], np.int64)
        frames = np.maximum((lengths - OVERHEAD_BYTES - PREFIX_BYTES) // frame_bytes, 1)
        if len(packets) <= len(number):
            first = np.cumsum(frames) - frames
        else:  # every frame is cut into as many packets
            first, frames = np.repeat(np.arange(len(number)), len(packets) // len(number)), np.ones_like(frames)
        t_ns = (tick_us[first] + (frames - 1) * self._interval_us) * 1000
        self.end_ns = int(t_ns[-1])
        self.queue.put(t_ns, packets)
