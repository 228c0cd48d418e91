"""One foot: frames in, whole contacts out, with the one feedback loop of the pipeline inside.

calibrate -> swing zero -> force -> smooth -> events -> contacts. The zero needs events, events need force, force needs
the zero: the loop closes here, at the sample where a contact is over, never at a block edge (METRICS.md 1.3).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from insole.blocks import (
    ContactBatch,
    CountArray,
    FloatArray,
    FrameBlock,
    IntArray,
    PressureBlock,
    Quality,
    RateBatch,
    Side,
)
from insole.device import Device
from insole.pipeline.foot.calibrate import Calibration
from insole.pipeline.foot.contacts import (
    LongContact,
    OpenRise,
    Placed,
    RiseWindow,
    contact_batch,
    lagrange,
    rate_batch,
)
from insole.pipeline.foot.events import (
    MERGE_S,
    PAD_S,
    THETA_EV_MIN_N,
    THETA_OFF_SHARE,
    EventMachine,
    Span,
    Thresholds,
)
from insole.pipeline.foot.faults import CellFaults
from insole.pipeline.foot.rows import FILLED, MEASURED, MISSING, Rows
from insole.pipeline.foot.smooth import smooth, taps
from insole.pipeline.foot.start import MAX_HELD_S, StartWindow, find_start
from insole.pipeline.foot.stuck import LOOK_BACK_S, LOOK_EVERY_S, MOST_CELLS, zero_without_stuck_cells

BRIDGE_S = 0.30  # loaded on both sides of a gap shorter than this: the same contact; no running swing is as short
LONG_S = 2.0  # a contact longer than this is standing: its rows are not kept
ZERO_MARGIN_S = 0.040
ZERO_MIN_SWING_S = 0.150
ZERO_MAX_S = 1.0  # of a long pause only the end is used
ZERO_GAIN = 0.25
ZERO_CLIP_KPA = 30.0
PRELOAD_N = THETA_OFF_SHARE * THETA_EV_MIN_N  # the lowest release threshold
NOTHING_AGAINST_IT = Quality(0)
CELL_FAULT = np.uint16(Quality.CELL_FAULT)
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
        self._faults = CellFaults(device)
        self._beyond = np.zeros(device.n_cells, np.bool_)  # cells unloaded at more than that from the start on
        self._rate = device.rate_hz
        self._kernel = taps(device.rate_hz)
        self._half = len(self._kernel) // 2
        self._needs_zero = not device.zeroed and zero_kpa is None
        self._begin_zero(np.zeros(device.n_cells) if zero_kpa is None else zero_kpa.astype(np.float64))
        self._unloaded_kpa = zero_kpa
        self._machine: EventMachine | None = None
        self._body_weight_n = 0.0
        self._held: deque[FrameBlock] = deque()
        self._start_tick_us: int | None = None
        self._window_counts: CountArray = np.empty((0, device.n_cells), np.uint16)
        self._window_ticks = np.empty(0, np.int64)
        self._window_force = np.empty(0)
        self._rows = Rows(device.n_cells)
        self._next_index: int | None = None  # frame number the next block should begin with
        self._run_start = 0
        self._unfilled: int | None = None  # first row whose force waits for the frames after a short gap
        self._smoothed = 0
        self._scanned = 0  # up to here contacts were looked for
        self._next_id = 0
        self._open: OpenRise | None = None
        self._onset_tick_us = 0
        self._onset_lost = False
        self._last_tick_us = 0
        self._newest: tuple[FrameBlock | None, FloatArray] = (None, np.empty(0))  # the last block with its force
        self._last_release: int | None = None  # of the previous contact of this run
        self._rises: list[RiseWindow] = []
        self._placed: list[Placed] = []
        self._long: list[LongContact] = []

    # ---- the start: frames are held until zero and noise are known ------------------------------------------------

    @property
    def start_tick_us(self) -> int | None:
        """Device time of the frame that completed the start window; None before."""
        return self._start_tick_us

    @property
    def started(self) -> bool:
        """Whether thresholds are set and frames flow."""
        return self._machine is not None

    @property
    def event_n(self) -> float:
        """Reporting threshold in force."""
        return self._machine_now.thresholds.event_n

    def hold(self, blocks: list[FrameBlock]) -> None:
        """Keep frames until zero and noise are known: from then on `start_tick_us` and `sigma_n` are set."""
        for block in blocks:
            self._held.append(block)
            self._last_tick_us = int(block.tick_us[-1])
            if self._start_tick_us is not None:
                continue
            counts = block.counts[block.measured]
            self._window_counts = np.concatenate([self._window_counts, counts])
            self._window_ticks = np.concatenate([self._window_ticks, block.tick_us[block.measured]])
            self._window_force = np.concatenate([self._window_force, self.calibration.force_n(counts)])
            start, first = find_start(self._window_force, self._rate, self._needs_zero)
            if start is not None:
                self._take_start(start, first)
                continue
            self._window_counts = self._window_counts[first:]
            self._window_ticks = self._window_ticks[first:]
            self._window_force = self._window_force[first:]
            while self._last_tick_us - int(self._held[0].tick_us[-1]) > 2e6 * MAX_HELD_S:
                self._held.popleft()

    def _take_start(self, start: StartWindow, first: int) -> None:
        window = slice(first, first + len(start.unloaded))
        self._start_tick_us = int(self._window_ticks[window][-1])
        self.sigma_n = start.sigma_n
        if self._needs_zero or self._laced(self._window_force[window]):
            unloaded = self._window_counts[window][start.unloaded]
            self._begin_zero(self.calibration.to_kpa(np.median(unloaded, axis=0)))
        self._window_counts, self._window_force = self._window_counts[:0], self._window_force[:0]
        self._window_ticks = self._window_ticks[:0]
        oldest = self._start_tick_us - round(1e6 * MAX_HELD_S)
        self._held = deque(_since(block, oldest) for block in self._held if block.tick_us[-1] >= oldest)

    def _laced(self, force_n: FloatArray) -> bool:
        """Whether the swings of a start window carry a preload that the zero of the insole off the foot leaves there.

        With it no toe-off would be seen, and so no swing that could move the zero.
        """
        if self.device.zeroed:
            return False
        swings, _ = find_start(force_n, self._rate, needs_zero=True)
        return swings is not None and float(np.median(force_n[swings.unloaded])) - float(self._zero[0]) > PRELOAD_N

    def begin(self, body_weight_n: float, sigma_n: float, reporting_n: float | None) -> None:
        """Freeze the thresholds for the recording; held frames flow with the next push."""
        self.sigma_n = sigma_n
        self._body_weight_n = body_weight_n
        merge_s = 0.0 if self.side is Side.BELT else MERGE_S
        self._machine = EventMachine(Thresholds.of(body_weight_n, sigma_n, reporting_n), self._rate, merge_s)

    # ---- frames flow ----------------------------------------------------------------------------------------------

    def follow(self, blocks: list[FrameBlock]) -> None:
        """Take frames, held ones first."""
        held, self._held = self._held, deque()
        for block in (*held, *blocks):
            self._append(block)
            self._smooth_until(self._final_end(), closing=False)
            self._scan()

    def close(self) -> None:
        """The stream is over, or goes on with another calibration: close what is open."""
        self.follow([])
        if self._rows.end > self._run_start:
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
        machine = self._machine
        event_n = machine.thresholds.event_n if machine else float("nan")
        contacts, faulty = None, np.empty(0, np.int64)
        if self._placed:
            contacts = contact_batch(self.side, self._placed, self.calibration, self._kernel, event_n)
            cells = self._faults.push(self._placed)
            beyond = np.abs([placed.zero_kpa for placed in self._placed]) > ZERO_CLIP_KPA
            cells |= beyond & (beyond.mean(axis=1) <= MOST_CELLS)[:, None]
            faulty = cells.sum(axis=1)
            quality = contacts.quality | np.where(faulty > 0, CELL_FAULT, np.uint16(0))
            contacts = replace(contacts, quality=quality, unloaded_kpa=self._unloaded_kpa)
            self.faulty_cells = tuple(np.flatnonzero(cells[-1]).tolist())
        out = FootOutput(
            rate_batch(self.side, self._rises) if self._rises else None, contacts, tuple(self._long), faulty
        )
        self._rises, self._placed, self._long = [], [], []
        return out

    def recalibrate(self, gain: float, zero_kpa: FloatArray | None) -> None:
        """Another gain, and zero where one is given, from the next frame on; what was open must have been finished."""
        ratio = gain / self.calibration.gain
        self.calibration = Calibration(self.device, gain)
        self.sigma_n *= ratio
        self._needs_zero = self._needs_zero and zero_kpa is None
        if zero_kpa is None:
            self._set_zero(self._zero_kpa * ratio)
        else:
            self._begin_zero(zero_kpa)
            self._unloaded_kpa = zero_kpa
        self._window_force = self.calibration.force_n(self._window_counts)

    @property
    def zero_n(self) -> float | None:
        """Force that the zero of the moment takes away; None while it is not known."""
        return None if self._needs_zero and self._start_tick_us is None else float(self._zero[0])

    @property
    def watermark_us(self) -> int:
        """Device time before which every contact's onset is known and the contact complete."""
        if self._machine is None:
            return self._last_tick_us - round(1e6 * MAX_HELD_S)
        if self._rows.end == self._rows.base:
            return self._last_tick_us
        if self._machine.onset is not None:
            return self._onset_tick_us
        row = self._machine.earliest_open
        row = self._smoothed - 1 if row is None else row
        row = min(max(row, self._rows.base), self._rows.end - 1)
        return int(self._rows.tick_us(row, row + 1)[0])

    def view(self, block: FrameBlock, recording_s: Callable[[int], float]) -> PressureBlock | None:
        """The last frames of a block for a live picture, in recording time; None where none of them was measured."""
        last = slice(-max(1, round(VIEW_S * self._rate)), None)
        measured, counts, tick_us = block.measured[last], block.counts[last], block.tick_us[last]
        known, force_n = self._newest
        self._newest = (None, np.empty(0))
        force_n = force_n[last] if known is block else self.calibration.force_n(counts)
        if not measured.all():
            counts, tick_us, force_n = counts[measured], tick_us[measured], force_n[measured]
        if not len(tick_us):
            return None
        return PressureBlock(
            self.side,
            np.array([recording_s(us) for us in tick_us.tolist()]),
            self.calibration.to_kpa(counts) - self._zero_kpa,
            force_n - self._zero[0],
        )

    def _append(self, block: FrameBlock) -> None:
        first = int(block.index[0])
        if self._next_index is not None and block.after_gap:
            lost = first - self._next_index
            self.holes.append((self._last_tick_us * 1e-6, int(block.tick_us[0]) * 1e-6))
            if 0 < lost <= BRIDGE_S * self._rate and self._rows.end > self._run_start:
                self._bridge(block, lost)
            else:
                self._close_run()
        if self._next_index is None or self._rows.end == self._run_start:
            self._run_start = self._rows.end
            self._smoothed = self._scanned = self._rows.end
            self._rows.forget(self._rows.end)
            self._machine_now.restart(self._rows.end)
        force = self.calibration.force_n(block.counts)
        state = np.full(len(force), MEASURED, np.uint8)
        if not block.measured.all():
            state[~block.measured] = FILLED
            if self._unfilled is None:
                self._unfilled = self._rows.end + int(np.argmin(block.measured))
        self._rows.append(block.counts, block.tick_us, state, force)
        self._newest = block, force
        self._next_index = int(block.index[-1]) + 1
        self._last_tick_us = int(block.tick_us[-1])
        self._fill(closing=False)

    @property
    def _machine_now(self) -> EventMachine:
        if self._machine is None:
            raise AssertionError("frames before begin()")
        return self._machine

    def _bridge(self, block: FrameBlock, lost: int) -> None:
        """Rows for frames that are missing inside one run: joined by a line, marked, and never measured from."""
        self._fill(closing=True)
        before_force = float(self._rows.force(self._rows.end - 1, self._rows.end)[0])
        before_tick = int(self._rows.tick_us(self._rows.end - 1, self._rows.end)[0])
        after_force = float(self.calibration.force_n(block.counts[:1])[0])
        share = np.arange(1, lost + 1) / (lost + 1)
        ticks = before_tick + np.round(share * (int(block.tick_us[0]) - before_tick)).astype(np.int64)
        self._rows.append(
            np.zeros((lost, self.device.n_cells), np.uint16),
            ticks,
            np.full(lost, MISSING, np.uint8),
            before_force + share * (after_force - before_force),
        )

    def _fill(self, *, closing: bool) -> None:
        """Interpolate short gaps by a cubic through two frames on each side, once those are there."""
        while self._unfilled is not None:
            gap = self._unfilled
            state = self._rows.state(gap, self._rows.end)
            measured_after = np.flatnonzero(state == MEASURED)
            if len(measured_after) < 2 and not closing:
                return
            back = max(self._rows.base, gap - 4)
            before = back + np.flatnonzero(self._rows.state(back, gap) == MEASURED)[-2:]
            after = gap + measured_after[:2]
            knots = np.concatenate([before, after])
            stop = gap + (int(measured_after[0]) if len(measured_after) else len(state))
            if len(knots):
                values = np.array([self._rows.force(k, k + 1)[0] for k in knots])
                self._rows.force(gap, stop)[:] = lagrange(knots, values, np.arange(gap, stop))
            later = np.flatnonzero(self._rows.state(stop, self._rows.end) == FILLED)
            self._unfilled = stop + int(later[0]) if len(later) else None

    def _final_end(self) -> int:
        return self._rows.end if self._unfilled is None else self._unfilled

    def _smooth_until(self, end: int, *, closing: bool) -> None:
        """Extend the smoothed force to `end`; the first and last half-widths of a run keep the raw force."""
        half, start = self._half, self._smoothed
        head = min(self._run_start + half, end)
        if start < head:
            self._rows.smooth(start, head)[:] = self._rows.force(start, head)
            start = head
        inner = end - half if not closing else max(start, end - half)
        if inner > start:
            self._rows.smooth(start, inner)[:] = smooth(self._rows.force(start - half, inner + half), self._kernel)
            start = inner
        if closing and end > start:
            self._rows.smooth(start, end)[:] = self._rows.force(start, end)
            start = end
        self._smoothed = max(self._smoothed, start)

    def _scan(self) -> None:
        """Find contacts among the smoothed rows, second by second of the run, so that none can last unnoticed."""
        machine, rows = self._machine_now, self._rows
        every = round(LOOK_EVERY_S * self._rate)
        while True:
            look = self._run_start + ((self._scanned - self._run_start) // every + 1) * every
            end = min(look, self._smoothed)
            force = rows.smooth(rows.base, end)
            span = machine.advance(force, rows.base, end, float(self._zero[0]))
            self._follow_rise(span, end)
            if span is not None:
                self._complete(span)
                continue
            self._scanned = end
            if end < look:
                break
            self._look_for_stuck_cells(end)
        self._forget()

    def _look_for_stuck_cells(self, end: int) -> None:
        """A contact that does not end: where stuck cells keep it, it ends here and they are taken out by the zero."""
        machine, rows = self._machine_now, self._rows
        start = end - round(LOOK_BACK_S * self._rate)
        if machine.onset is None or machine.onset > start or start < rows.base:
            return
        counts = rows.counts(start, end)[rows.state(start, end) == MEASURED]
        if not len(counts):
            return
        zero_kpa = zero_without_stuck_cells(
            counts, rows.smooth(start, end), self._zero_kpa, self.calibration, machine.thresholds, self._rate
        )
        if zero_kpa is None:
            return
        span = machine.close(end)
        assert span is not None
        self._follow_rise(span, end)
        self._complete(span, Quality.CELL_FAULT)
        self.holes.append((self._onset_tick_us * 1e-6, int(rows.tick_us(end - 1, end)[0]) * 1e-6))
        self._last_release = None
        self._begin_zero(zero_kpa)
        machine.restart(end)

    def _follow_rise(self, span: Span | None, end: int) -> None:
        """Open a rise when a contact is armed among the rows up to `end`; hand its window on when it is complete."""
        machine = self._machine_now
        onset = span.onset if span is not None else machine.onset
        if onset is None:
            return
        if self._open is None:
            row = min(max(onset, self._rows.base), self._rows.end - 1)
            self._onset_tick_us = int(self._rows.tick_us(row, row + 1)[0])
            self._onset_lost = self._lost_around(onset)  # now: rows of a long contact are forgotten before it ends
            slow = span.slow_rise if span is not None else machine.slow_rise
            unseen = span.onset_unseen if span is not None else machine.onset_unseen
            self._open = OpenRise(self._next_id, onset, slow, unseen, float(self._zero[0]), onset)
            self._next_id += 1
        limit = span.release if span is not None else end
        window = self._open.seek(self._rows, limit, end, self._rate, self._body_weight_n)
        if window is not None:
            self._rises.append(window)

    def _complete(self, span: Span, quality: Quality = NOTHING_AGAINST_IT) -> None:
        rise = self._open
        assert rise is not None
        self._open = None
        rows = self._rows
        for bit, holds in (
            (Quality.ONSET_UNSEEN, span.onset_unseen or self._onset_lost),
            (Quality.END_UNSEEN, span.end_unseen or self._lost_around(span.release)),
            (Quality.SLOW_RISE, span.slow_rise),
        ):
            if holds:
                quality |= bit
        if span.release - span.onset > LONG_S * self._rate:
            last = min(span.release, rows.end) - 1
            toe_off_us = int(rows.tick_us(last, last + 1)[0])
            self._long.append(LongContact(rise.contact_id, self._onset_tick_us * 1e-6, toe_off_us * 1e-6, quality))
        else:
            start = max(span.onset - round(PAD_S * self._rate), self._run_start)
            window = (start, max(min(span.settled, self._smoothed), span.onset + 1))
            run = (self._run_start, rows.end)
            self._placed.append(
                Placed.cut(rows, rise.contact_id, window, span, quality, self._zero_kpa, self._zero, self._half, run)
            )
            self._update_zero(span)
        self._last_release = span.release

    def _lost_around(self, row: int) -> bool:
        """Whether a crossing just before this row fell into a long gap."""
        first = max(row - 1, self._rows.base)
        return bool((self._rows.state(first, min(row + 1, self._rows.end)) == MISSING).any())

    def _update_zero(self, span: Span) -> None:
        """Move the zero a quarter of the way to the median of the swing before this contact (METRICS.md 1.3)."""
        margin = int(np.ceil(ZERO_MARGIN_S * self._rate))
        if self._last_release is None or span.onset - self._last_release < ZERO_MIN_SWING_S * self._rate:
            return
        b = span.onset - margin
        a = max(self._last_release + margin, b - round(ZERO_MAX_S * self._rate))
        if (b - a) % 2 == 0:
            a += 1  # an odd number of frames has a frame in the middle
        if b - a < 3 or (self._rows.state(a, b) != MEASURED).any():
            return
        swing = np.ascontiguousarray(self._rows.counts(a, b).T)
        middle = (b - a) // 2
        median = np.partition(swing, middle, axis=1)[:, middle]
        raw = self.calibration.to_kpa(median)
        self._set_zero(self._zero_kpa + ZERO_GAIN * (raw - self._zero_kpa))

    def _begin_zero(self, zero_kpa: FloatArray) -> None:
        """A zero that does not follow from the one before. One cell beyond the limit must not hide every toe-off."""
        self._beyond = np.abs(zero_kpa) > ZERO_CLIP_KPA
        self._set_zero(zero_kpa)

    def _set_zero(self, zero_kpa: FloatArray) -> None:
        """Limited to 30 kPa, but for cells that were beyond it to begin with."""
        limited = np.clip(zero_kpa, -ZERO_CLIP_KPA, ZERO_CLIP_KPA)
        self._zero_kpa = np.where(self._beyond, zero_kpa, limited)
        self._zero = self.calibration.zero_columns(self._zero_kpa)

    def _forget(self) -> None:
        """Let go of rows that no contact, zero or taps can need any more; whether a row is needed depends on no cut."""
        margin = round(max(PAD_S + ZERO_MAX_S + ZERO_MARGIN_S, LOOK_BACK_S) * self._rate) + 2 * self._half + 8
        onset = self._machine_now.earliest_open
        if onset is None or self._smoothed - onset > (LONG_S + 4 * PAD_S) * self._rate:
            onset = self._smoothed
        self._rows.forget(onset - margin)

    def _close_run(self) -> None:
        """A long gap, or the end: what is open ends here."""
        self._fill(closing=True)
        self._smooth_until(self._final_end(), closing=True)
        self._scan()
        span = self._machine_now.close(self._rows.end)
        if span is not None:
            self._follow_rise(span, self._smoothed)
            self._complete(span)
        self._open = None
        self._last_release = None
        self._run_start = self._rows.end


def _since(block: FrameBlock, tick_us: int) -> FrameBlock:
    """The frames of a block from a device time on."""
    n = int(np.searchsorted(block.tick_us, tick_us))
    if n == 0:
        return block
    return FrameBlock(
        block.side, block.index[n:], block.tick_us[n:], block.counts[n:], block.measured[n:], after_gap=True
    )
