"""The feedback loop of a foot: events need force, force needs the zero, the zero needs the swings between events.

In: smoothed force as the trace has it. Out: rises, whole contacts, long ones. The loop closes at the sample where a
contact is over, never at a block edge (METRICS.md 1.3).
"""

from __future__ import annotations

from insole.blocks import Quality
from insole.pipeline.foot.contacts import LongContact, Placed
from insole.pipeline.foot.events import PAD_S, EventMachine, Span
from insole.pipeline.foot.rises import OpenContact, Rises
from insole.pipeline.foot.rows import MEASURED, MISSING
from insole.pipeline.foot.stuck import LOOK_BACK_S, LOOK_EVERY_S, zero_without_stuck_cells
from insole.pipeline.foot.trace import Trace
from insole.pipeline.foot.zero import REACH_S, SwingZero

LONG_S = 2.0  # a contact longer than this is standing: its rows are not kept
FORGET_EVERY_S = 1.0
NOTHING_AGAINST_IT = Quality(0)


class ContactFinder:
    """Finds the contacts of one foot along its trace, and moves its zero after each.

    Parameters
    ----------
    trace : Trace
    zero : SwingZero
    machine : EventMachine
    rate_hz : float
        Nominal rate.
    body_weight_n : float
    """

    def __init__(
        self, trace: Trace, zero: SwingZero, machine: EventMachine, rate_hz: float, body_weight_n: float
    ) -> None:
        self.machine = machine
        self.rises = Rises(rate_hz, body_weight_n)
        # what is complete and not yet taken
        self.placed: list[Placed] = []
        self.long: list[LongContact] = []
        self.holes: list[tuple[float, float]] = []  # device times between which frames are missing
        self._trace = trace
        self._zero = zero
        self._rate = rate_hz
        self._pad = round(PAD_S * rate_hz)
        self._look_every = round(LOOK_EVERY_S * rate_hz)
        self._look_back = round(LOOK_BACK_S * rate_hz)
        self._look = 0  # row at which a contact that does not end is looked at next
        self._kept = round(max(PAD_S + REACH_S, LOOK_BACK_S) * rate_hz) + 2 * trace.half + 8
        self._forget_at = self._kept + round(FORGET_EVERY_S * rate_hz)
        self._open: OpenContact | None = None
        self._next_id = 0
        self._last_release: int | None = None  # of the previous contact of this run

    @property
    def watermark_us(self) -> int:
        """Device time before which every contact's onset is known and the contact complete."""
        if self._open is not None:
            return self._open.onset_us
        rows, row = self._trace.rows, self.machine.earliest_open
        row = self._trace.smoothed - 1 if row is None else row
        return rows.tick_us_at(min(max(row, rows.base), rows.end - 1))

    def begin_run(self) -> None:
        """Frames follow that do not follow those before."""
        self.machine.restart(self._trace.start)
        self._look = self._trace.start + self._look_every

    def advance(self) -> None:
        """Find contacts as far as the trace goes, and let go of rows that nothing can need any more."""
        self.machine.feed(self._trace.advance().tolist())
        self._scan()
        if self._trace.rows.end - self._trace.rows.base > self._forget_at:
            self._forget()

    def close_run(self) -> None:
        """A long gap, or the end: what is open ends here."""
        self.machine.feed(self._trace.close().tolist())
        self._scan()
        span = self.machine.close(self._trace.rows.end)
        if span is not None:
            self._follow_rise(span, self._trace.smoothed)
            self._complete(span)
        self._last_release = None
        self._trace.begin_run()

    def _scan(self) -> None:
        """Find contacts among the smoothed rows, second by second of the run, so that none can last unnoticed."""
        machine = self.machine
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

    def _look_for_stuck_cells(self, end: int) -> None:
        """A contact that does not end: where stuck cells keep it, it ends here and they are taken out by the zero."""
        machine, rows = self.machine, self._trace.rows
        start = end - self._look_back
        if self._open is None or self._open.onset > start or start < rows.base:
            return
        counts = rows.counts(start, end)[rows.state(start, end) == MEASURED]
        if not len(counts):
            return
        zero_kpa = zero_without_stuck_cells(
            counts, rows.smooth(start, end), self._zero.kpa, self._zero.calibration, machine.thresholds, self._rate
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
        machine = self.machine
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
            self.rises.open(self._open)
        self.rises.seek(rows, span.release if span is not None else end, end)

    def _complete(self, span: Span, quality: Quality = NOTHING_AGAINST_IT) -> None:
        contact = self._open
        assert contact is not None
        self._open = None
        self.rises.close()
        rows = self._trace.rows
        if span.onset_unseen or contact.onset_lost:
            quality |= Quality.ONSET_UNSEEN
        if span.end_unseen or self._missing_around(span.release):
            quality |= Quality.END_UNSEEN
        if span.slow_rise:
            quality |= Quality.SLOW_RISE
        if span.release - span.onset > LONG_S * self._rate:
            toe_off_us = rows.tick_us_at(min(span.release, rows.end) - 1)
            self.long.append(LongContact(contact.contact_id, contact.onset_us * 1e-6, toe_off_us * 1e-6, quality))
        else:
            self.placed.append(Placed.cut(self._trace, contact.contact_id, span, self._pad, quality, self._zero))
            if self._last_release is not None:
                self._zero.follow(rows, self._last_release, span.onset)
        self._last_release = span.release

    def _missing_around(self, row: int) -> bool:
        """Whether a crossing just before this row fell into a long gap."""
        rows = self._trace.rows
        first, end = max(row - 1, rows.base), min(row + 1, rows.end)
        return rows.lost(first, end) and bool((rows.state(first, end) == MISSING).any())

    def _forget(self) -> None:
        """Let go of rows that no contact, zero or taps can need any more; whether a row is needed depends on no cut."""
        onset, smoothed = self.machine.earliest_open, self._trace.smoothed
        if onset is None or smoothed - onset > (LONG_S + 4 * PAD_S) * self._rate:
            onset = smoothed
        self._trace.rows.forget(onset - self._kept)
