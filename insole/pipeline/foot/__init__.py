"""One foot: frames in, whole contacts out, with the one feedback loop of the pipeline inside.

held frames -> trace (gaps, smoothing) -> events -> rises and contacts -> swing zero. The zero needs events, events need
force, force needs the zero: the loop closes here, at the sample where a contact is over, never at a block edge
(METRICS.md 1.3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from insole.blocks import ContactBatch, FloatArray, FrameBlock, IntArray, PressureBlock, Quality, RateBatch, Side
from insole.device import Device
from insole.pipeline.foot.calibrate import Calibration
from insole.pipeline.foot.contacts import LongContact, Placed, contact_batch
from insole.pipeline.foot.events import MERGE_S, PAD_S, EventMachine, Span, Thresholds
from insole.pipeline.foot.faults import CellFaults
from insole.pipeline.foot.held import HeldFrames
from insole.pipeline.foot.rises import OpenContact, Rises
from insole.pipeline.foot.rows import MEASURED, MISSING
from insole.pipeline.foot.smooth import taps
from insole.pipeline.foot.start import MAX_HELD_S
from insole.pipeline.foot.stuck import LOOK_BACK_S, LOOK_EVERY_S, MOST_CELLS, zero_without_stuck_cells
from insole.pipeline.foot.trace import Trace
from insole.pipeline.foot.zero import MARGIN_S, MAX_S, SwingZero, beyond_limit

BRIDGE_S = 0.30  # loaded on both sides of a gap shorter than this: the same contact; no running swing is as short
LONG_S = 2.0  # a contact longer than this is standing: its rows are not kept
FORGET_EVERY_S = 1.0
PIECE_FRAMES = 1024
NOTHING_AGAINST_IT = Quality(0)
VIEW_S = 0.05  # a live view gets the last frames of a push, not all of them


@dataclass(frozen=True, slots=True, eq=False)
class FootOutput:
    """What one push of frames made of one foot."""

    rises: RateBatch | None
    contacts: ContactBatch | None
    long: tuple[LongContact, ...]
    faulty: IntArray  # (k,) cells known dead or stuck at each of the contacts


class Foot:
    """The per-foot half of the pipeline.

    Parameters
    ----------
    side : Side
    device : Device
    gain : float
        Calibration gain found on the runner.
    zero_kpa : (c,) float64 or None
        Unloaded zero of each cell, where a calibration recorded it.
    """

    def __init__(self, side: Side, device: Device, gain: float, zero_kpa: FloatArray | None) -> None:
        self.side = side
        self.device = device
        self.calibration = Calibration(device, gain)
        self.sigma_n = 0.0
        self.holes: list[tuple[float, float]] = []  # device times between which frames are missing
        self.faulty_cells: tuple[int, ...] = ()  # dead, stuck, or unloaded at more than the limit of the zero
        self._rate = rate = device.rate_hz
        self._unloaded_kpa = zero_kpa
        self._zero = SwingZero(self.calibration, rate, np.zeros(device.n_cells) if zero_kpa is None else zero_kpa)
        self._held = HeldFrames(device, needs_zero=not device.zeroed and zero_kpa is None)
        self._kernel = taps(rate)
        self._half = len(self._kernel) // 2
        self._trace = Trace(self._kernel)
        self._machine: EventMachine | None = None
        self._rises = Rises(rate, 0.0)
        self._faults = CellFaults(device)
        self._next_index: int | None = None  # frame number the next block should begin with
        self._last_tick_us = 0
        self._newest: tuple[FrameBlock | None, FloatArray] = (None, np.empty(0))  # the last block with its force
        self._last_frames = slice(-max(1, round(VIEW_S * rate)), None)
        self._look = 0  # row at which a contact that does not end is looked at next
        self._look_every = round(LOOK_EVERY_S * rate)
        self._look_back = round(LOOK_BACK_S * rate)
        self._pad = round(PAD_S * rate)
        self._kept = round(max(PAD_S + MAX_S + MARGIN_S, LOOK_BACK_S) * rate) + 2 * self._half + 8
        self._forget_at = self._kept + round(FORGET_EVERY_S * rate)
        self._next_id = 0
        self._open: OpenContact | None = None
        self._last_release: int | None = None  # of the previous contact of this run
        self._placed: list[Placed] = []
        self._long: list[LongContact] = []

    # ---- the start: frames are held until zero and noise are known ------------------------------------------------

    @property
    def start_tick_us(self) -> int | None:
        """Device time of the frame that completed the start window; None before."""
        return None if self._held.started is None else self._held.started.tick_us

    @property
    def started(self) -> bool:
        """Whether thresholds are set and frames flow."""
        return self._machine is not None

    @property
    def event_n(self) -> float:
        """Reporting threshold in force."""
        return self._machine_now.thresholds.event_n

    @property
    def zero_n(self) -> float | None:
        """Force that the zero of the moment takes away; None while it is not known."""
        return None if self._held.needs_zero and self._held.started is None else self._zero.force_n

    def hold(self, blocks: list[FrameBlock]) -> None:
        """Keep frames until zero and noise are known: from then on `start_tick_us` and `sigma_n` are set."""
        for block in blocks:
            waited = self._held.started is None
            self._held.push(block, self.calibration, self._zero.force_n)
            self._last_tick_us = int(block.tick_us[-1])
            started = self._held.started
            if waited and started is not None:
                self.sigma_n = started.sigma_n
                if started.zero_counts is not None:
                    self._zero.begin(self.calibration.to_kpa(started.zero_counts))

    def begin(self, body_weight_n: float, sigma_n: float, reporting_n: float | None) -> None:
        """Freeze the thresholds for the recording; held frames flow with the next push."""
        self.sigma_n = sigma_n
        self._rises = Rises(self._rate, body_weight_n)
        merge_s = 0.0 if self.side is Side.BELT else MERGE_S
        self._machine = EventMachine(Thresholds.of(body_weight_n, sigma_n, reporting_n), self._rate, merge_s)

    def recalibrate(self, gain: float, zero_kpa: FloatArray | None) -> None:
        """Another gain, and zero where one is given, from the next frame on; what was open must have been finished."""
        self.sigma_n *= gain / self.calibration.gain
        self.calibration = Calibration(self.device, gain)
        self._zero.recalibrate(self.calibration)
        if zero_kpa is not None:
            self._zero.begin(zero_kpa)
            self._unloaded_kpa = zero_kpa
        self._held.recalibrate(self.calibration, zero_known=zero_kpa is not None)

    # ---- frames flow ----------------------------------------------------------------------------------------------

    def follow(self, blocks: list[FrameBlock]) -> None:
        """Take frames, held ones first."""
        for block in self._held.release() + blocks:
            for piece in [block] if len(block.index) <= PIECE_FRAMES else _pieces(block):
                self._append(piece)
                self._scan()

    def close(self) -> None:
        """The stream is over, or goes on with another calibration: close what is open."""
        self.follow([])
        if not self._trace.empty:
            self._close_run()

    @property
    def completed(self) -> int:
        """Contacts that became complete since they were last taken."""
        return len(self._placed)

    @property
    def has_output(self) -> bool:
        """Whether anything became complete since it was last taken."""
        return bool(self._rises or self._placed or self._long)

    def take(self) -> FootOutput:
        """What became complete since it was last taken."""
        contacts, faulty = None, np.empty(0, np.int64)
        if self._placed:
            contacts = contact_batch(
                self.side, self._placed, self.calibration, self._kernel, self.event_n, self._unloaded_kpa
            )
            contacts, faulty = self._judged(contacts)
        out = FootOutput(self._rises.take(self.side), contacts, tuple(self._long), faulty)
        self._placed, self._long = [], []
        return out

    def _judged(self, contacts: ContactBatch) -> tuple[ContactBatch, IntArray]:
        """The contacts with what is known of the cells at each, and how many of them are faulty."""
        cells = self._faults.push(contacts)
        beyond = beyond_limit(contacts.zero_kpa)
        if beyond.any():
            cells |= beyond & (beyond.mean(axis=1) <= MOST_CELLS)[:, None]
        if not cells.any():
            self.faulty_cells = ()
            return contacts, np.zeros(len(cells), np.int64)
        self.faulty_cells = tuple(np.flatnonzero(cells[-1]).tolist())
        faulty: IntArray = cells.sum(axis=1)
        quality = contacts.quality | np.where(faulty > 0, np.uint16(Quality.CELL_FAULT), np.uint16(0))
        return replace(contacts, quality=quality), faulty

    @property
    def watermark_us(self) -> int:
        """Device time before which every contact's onset is known and the contact complete."""
        machine, rows = self._machine, self._trace.rows
        if machine is None:
            return self._last_tick_us - round(1e6 * MAX_HELD_S)
        if rows.end == rows.base:
            return self._last_tick_us
        if self._open is not None:
            return self._open.onset_us
        row = machine.earliest_open
        row = self._trace.smoothed - 1 if row is None else row
        return rows.tick_us_at(min(max(row, rows.base), rows.end - 1))

    def view(self, block: FrameBlock, recording_s: Callable[[int], float]) -> PressureBlock | None:
        """The last frames of a block for a live picture, in recording time; None where none of them was measured."""
        last = self._last_frames
        measured, counts, tick_us = block.measured[last], block.counts[last], block.tick_us[last]
        known, force_n = self._newest
        self._newest = (None, np.empty(0))
        force_n = force_n[last] if known is block else self.calibration.force_n(counts)
        if np.count_nonzero(measured) < len(measured):
            counts, tick_us, force_n = counts[measured], tick_us[measured], force_n[measured]
        if not len(tick_us):
            return None
        return PressureBlock(
            self.side,
            np.array([recording_s(us) for us in tick_us.tolist()]),
            self.calibration.to_kpa(counts) - self._zero.kpa,
            force_n - self._zero.force_n,
        )

    def _append(self, block: FrameBlock) -> None:
        trace, machine = self._trace, self._machine_now
        force_n = self.calibration.force_n(block.counts)
        if block.after_gap and self._next_index is not None:
            lost = int(block.index[0]) - self._next_index
            self.holes.append((self._last_tick_us * 1e-6, int(block.tick_us[0]) * 1e-6))
            if 0 < lost <= BRIDGE_S * self._rate and not trace.empty:
                trace.bridge(lost, block, float(force_n[0]))
            else:
                self._close_run()
        if trace.empty:
            machine.restart(trace.start)
            self._look = trace.start + self._look_every
        trace.append(block, force_n)
        machine.feed(trace.advance().tolist())
        self._newest = block, force_n
        self._next_index = int(block.index[-1]) + 1
        self._last_tick_us = int(block.tick_us[-1])

    @property
    def _machine_now(self) -> EventMachine:
        if self._machine is None:
            raise AssertionError("frames before begin()")
        return self._machine

    def _scan(self) -> None:
        """Find contacts among the smoothed rows, second by second of the run, so that none can last unnoticed."""
        machine = self._machine_now
        while True:
            end = min(self._look, self._trace.smoothed)
            span = machine.advance(end, self._zero.force_n)
            self._follow_rise(span, end)
            if span is not None:
                self._complete(span)
                continue
            if end < self._look:
                break
            self._look += self._look_every
            self._look_for_stuck_cells(end)
        if self._trace.rows.end - self._trace.rows.base > self._forget_at:
            self._forget()

    def _look_for_stuck_cells(self, end: int) -> None:
        """A contact that does not end: where stuck cells keep it, it ends here and they are taken out by the zero."""
        machine, rows = self._machine_now, self._trace.rows
        start = end - self._look_back
        if self._open is None or self._open.onset > start or start < rows.base:
            return
        counts = rows.counts(start, end)[rows.state(start, end) == MEASURED]
        if not len(counts):
            return
        zero_kpa = zero_without_stuck_cells(
            counts, rows.smooth(start, end), self._zero.kpa, self.calibration, machine.thresholds, self._rate
        )
        if zero_kpa is None:
            return
        self.holes.append((self._open.onset_us * 1e-6, rows.tick_us_at(end - 1) * 1e-6))
        span = machine.close(end)
        assert span is not None
        self._follow_rise(span, end)
        self._complete(span, Quality.CELL_FAULT)
        self._last_release = None
        self._zero.begin(zero_kpa)
        machine.restart(end)

    def _follow_rise(self, span: Span | None, end: int) -> None:
        """Open a contact when it is armed among the rows up to `end`, and follow its rise."""
        machine = self._machine_now
        onset = span.onset if span is not None else machine.onset
        if onset is None:
            return
        rows = self._trace.rows
        if self._open is None:
            slow = span.slow_rise if span is not None else machine.slow_rise
            unseen = span.onset_unseen if span is not None else machine.onset_unseen
            onset_us = rows.tick_us_at(min(max(onset, rows.base), rows.end - 1))
            lost = self._missing_around(onset)  # now: rows of a long contact are forgotten before it ends
            self._open = OpenContact(self._next_id, onset, onset_us, lost, slow, unseen, self._zero.force_n)
            self._next_id += 1
            self._rises.open(self._open)
        self._rises.seek(rows, span.release if span is not None else end, end)

    def _complete(self, span: Span, quality: Quality = NOTHING_AGAINST_IT) -> None:
        contact = self._open
        assert contact is not None
        self._open = None
        self._rises.close()
        rows = self._trace.rows
        if span.onset_unseen or contact.onset_lost:
            quality |= Quality.ONSET_UNSEEN
        if span.end_unseen or self._missing_around(span.release):
            quality |= Quality.END_UNSEEN
        if span.slow_rise:
            quality |= Quality.SLOW_RISE
        if span.release - span.onset > LONG_S * self._rate:
            toe_off_us = rows.tick_us_at(min(span.release, rows.end) - 1)
            self._long.append(LongContact(contact.contact_id, contact.onset_us * 1e-6, toe_off_us * 1e-6, quality))
        else:
            start = max(span.onset - self._pad, self._trace.start)
            window = (start, max(min(span.settled, self._trace.smoothed), span.onset + 1))
            zero, run = self._zero, (self._trace.start, rows.end)
            self._placed.append(
                Placed.cut(rows, contact.contact_id, window, span, quality, zero.kpa, zero.force_n, self._half, run)
            )
            if self._last_release is not None:
                zero.follow(rows, self._last_release, span.onset)
        self._last_release = span.release

    def _missing_around(self, row: int) -> bool:
        """Whether a crossing just before this row fell into a long gap."""
        rows = self._trace.rows
        first, end = max(row - 1, rows.base), min(row + 1, rows.end)
        return rows.lost(first, end) and bool((rows.state(first, end) == MISSING).any())

    def _forget(self) -> None:
        """Let go of rows that no contact, zero or taps can need any more; whether a row is needed depends on no cut."""
        onset, smoothed = self._machine_now.earliest_open, self._trace.smoothed
        if onset is None or smoothed - onset > (LONG_S + 4 * PAD_S) * self._rate:
            onset = smoothed
        self._trace.rows.forget(onset - self._kept)

    def _close_run(self) -> None:
        """A long gap, or the end: what is open ends here."""
        self._machine_now.feed(self._trace.close().tolist())
        self._scan()
        span = self._machine_now.close(self._trace.rows.end)
        if span is not None:
            self._follow_rise(span, self._trace.smoothed)
            self._complete(span)
        self._open = None
        self._rises.close()
        self._last_release = None
        self._trace.begin_run()


def _pieces(block: FrameBlock) -> Iterator[FrameBlock]:
    """A long block piece by piece: its counts are still in the cache when their contacts are over."""
    for a in range(0, len(block.index), PIECE_FRAMES):
        rows = slice(a, a + PIECE_FRAMES)
        after_gap = block.after_gap and a == 0
        yield FrameBlock(
            block.side, block.index[rows], block.tick_us[rows], block.counts[rows], block.measured[rows], after_gap
        )
