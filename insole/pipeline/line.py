"""One foot's line through the pipeline: frames as decoded -> regular -> foot -> measured rows in recording time.

Joins the stages that know one foot only; what needs both feet comes after it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from math import isfinite
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from insole.blocks import (
    ContactShape,
    ContactTable,
    EarlyRate,
    FootHealth,
    FrameBlock,
    IntArray,
    PressureBlock,
    Received,
    Side,
    Status,
)
from insole.columns import Columns
from insole.device import Device
from insole.pipeline.calibration import FootPhase, PhaseFrames, gain_of, zero_of
from insole.pipeline.clock import FootClock
from insole.pipeline.flags import SignalState
from insole.pipeline.foot import Foot
from insole.pipeline.foot.smooth import noise_gain, taps
from insole.pipeline.metrics import Contacts, Rates, Scale, measure_contacts, measure_rates, shapes, unmeasured
from insole.pipeline.pairing import CLOCK_U, DEVICE_STRIKE, DEVICE_TOE_OFF
from insole.pipeline.regularise import Regular, Regulariser, SecondOfSignal
from insole.settings import Settings

NOMINAL_MASS_KG = 70.0  # thresholds need a scale where no body mass is known
NO_TIMES_NS = np.empty(0, np.int64)


Ids = TypeVar("Ids", int, IntArray)


class FootLine:
    """Stages of one foot, and what waits between them."""

    def __init__(
        self, side: Side, device: Device, settings: Settings, body_weight_n: float, scale: Scale, start_ns: int
    ) -> None:
        self.side = side
        self.device = device
        self.clock = FootClock(start_ns, 1e6 / device.rate_hz)
        self.sigma_n = 0.0
        self.start_ns: int | None = None  # host time at which the start window was complete
        self.admitted_ns = start_ns  # host time up to which frames were let in
        calibration = settings.calibration
        zero = zero_of(calibration, side)
        self._foot = Foot(side, device, gain_of(calibration, side), None if zero is None else np.array(zero))
        self._phase: PhaseFrames | None = None
        self._regulariser = Regulariser(side, device.rate_hz)
        self._reporting_n = settings.events.threshold_n
        self._body_weight_n = body_weight_n
        self._scale = scale
        self._gain = noise_gain(taps(device.rate_hz))
        self._waiting: list[Received] = []
        self._blocks: list[FrameBlock] = []
        self._rates = Rates.none()  # of contacts that are still on the ground
        self._unplaced: list[ContactTable] = []
        self._rows: list[ContactTable] = []
        self._seconds: list[SecondOfSignal] = []
        self._newest: FrameBlock | None = None  # for a live picture
        self._last_ns = self._start_ns = start_ns
        self._final = False
        self.fresh = False  # frames were let in that have not been carried through

    @property
    def started(self) -> bool:
        """Whether zero, noise and thresholds are set."""
        return self._foot.started

    # ---- in -------------------------------------------------------------------------------------------------------

    def receive(self, received: Received) -> None:
        """Frames as decoded; they wait to be admitted."""
        self._waiting.append(received)

    @property
    def arrivals_ns(self) -> IntArray:
        """Host times of the frames that wait."""
        if len(self._waiting) == 1:
            return self._waiting[0].t_ns
        return np.concatenate([r.t_ns for r in self._waiting]) if self._waiting else NO_TIMES_NS

    def admit(self, until_ns: int | None) -> None:
        """Let in the frames delivered before a host time; all of them for None."""
        if until_ns is None:
            waiting, self._waiting = self._waiting, []
            for received in waiting:
                self._take(received)
            return
        later: list[Received] = []
        for received in self._waiting:
            n = int(np.searchsorted(received.t_ns, until_ns, side="right"))
            if n:
                self._take(_slice(received, slice(0, n)))
            if n < len(received.t_ns):
                later.append(_slice(received, slice(n, None)))
        self._waiting = later

    def _take(self, received: Received) -> None:
        self.fresh = True
        regular = self._regulariser.push(received)
        for arrivals in regular.arrivals:
            if arrivals.restarted:
                self.clock.restart(int(arrivals.tick_us[0]), int(arrivals.t_ns[0]))
            self.clock.add(arrivals.tick_us, arrivals.t_ns, arrivals.wire_us)
        self._seconds += regular.seconds
        self._last_ns = self.admitted_ns = int(received.t_ns[-1])
        if regular.blocks:
            self._newest = regular.blocks[-1]
        if self._phase is not None:
            self._phase.add(regular.blocks, self._foot.calibration)
        if self.started:
            self._blocks += regular.blocks
        else:
            self._hold(regular)

    def _hold(self, regular: Regular) -> None:
        """Frames before zero and noise are known."""
        self._foot.hold(regular.blocks)
        end_us = self._foot.start_tick_us
        if end_us is not None and self.start_ns is None:
            self.start_ns = next(
                (
                    int(arrivals.t_ns[np.searchsorted(arrivals.tick_us, end_us)])
                    for arrivals in regular.arrivals
                    if arrivals.tick_us[-1] >= end_us
                ),
                self._last_ns,
            )
            self.sigma_n = self._foot.sigma_n

    def begin(self, sigma_n: float) -> None:
        """Freeze thresholds; held frames flow."""
        self.fresh = True
        self._foot.begin(self._body_weight_n, sigma_n, self._reporting_n)

    # ---- calibration ----------------------------------------------------------------------------------------------

    def begin_phase(self) -> None:
        """A calibration phase begins with the next frame."""
        self._phase = PhaseFrames(self.device)

    def end_phase(self) -> FootPhase:
        """What the frames of the phase were like."""
        phase, self._phase = self._phase or PhaseFrames(self.device), None
        return phase.closed()

    @property
    def zero_n(self) -> float | None:
        """Force that the zero takes away at a gain of 1; None while it is not known."""
        zero_n = self._foot.zero_n
        return None if zero_n is None else zero_n / self._foot.calibration.gain

    def recalibrate(
        self,
        gain: float,
        zero_kpa: tuple[float, ...] | None,
        early: list[EarlyRate],
        shapes_out: list[ContactShape],
    ) -> None:
        """Another gain, and zero where one is given, from the next frame on: a contact that is open ends here."""
        if self.started:
            self._foot.close()
            self.measure(early, shapes_out, final=False)
            self.fresh = True
        self._foot.recalibrate(gain, None if zero_kpa is None else np.array(zero_kpa))
        self.sigma_n = self._foot.sigma_n

    # ---- through --------------------------------------------------------------------------------------------------

    def follow(self) -> None:
        """Carry admitted frames through the foot."""
        self.fresh = False
        if self.started:
            blocks, self._blocks = self._blocks, []
            self._foot.follow(blocks)

    @property
    def completed(self) -> int:
        """Contacts and holes that wait to be measured."""
        return self._foot.completed

    def measure(self, early: list[EarlyRate], shapes_out: list[ContactShape], *, final: bool) -> None:
        """Measure what became complete; `final`: no frame follows."""
        self._final = final
        if not self.started:
            return
        if final:
            self._foot.close()
        if not self._foot.has_output:
            return
        out = self._foot.take()
        if out.rises is not None:
            rates = measure_rates(
                out.rises, self.device, self._body_weight_n, self._foot.event_n, self._foot.sigma_n, self._gain
            )
            self._rates = self._rates.then(rates)
            if self._scale is not Scale.NEWTONS:
                early += [self._early(rates, i) for i in range(len(rates))]
        rows: list[ContactTable] = []
        if out.contacts is not None:
            contact_id = out.contacts.contact_id
            contacts = Contacts(out.contacts, self._rates.of(contact_id), self.device, self._body_weight_n)
            self._rates = self._rates.after(int(contact_id[-1]))
            rows.append(_with_faults(measure_contacts(contacts, self._scale), out.faulty))
            at_s, _ = self.clock.times_s(contacts.strike_s * 1e6, final=True)
            shapes_out += shapes(contacts, self._scale, self._public_id(contact_id), at_s)
        for long in out.long:
            self._rates = self._rates.after(long.contact_id)
            row = unmeasured(self.side, long.contact_id, long.strike_s, long.toe_off_s, long.quality)
            rows.append(_with_faults(row, np.array([np.nan])))
        if rows:
            table = ContactTable.join(rows)
            table = table.rows(np.argsort(table.contact_id)) if len(rows) > 1 else table
            self._unplaced.append(table)

    def _early(self, rates: Rates, i: int) -> EarlyRate:
        return EarlyRate(
            self._public_id(int(rates.contact_id[i])),
            self.side,
            self.clock.recording_s(float(rates.strike_s[i]) * 1e6, final=True),
            float(rates.valr_bw_s[i]),
            float(rates.u_bw_s[i]),
            Status(int(rates.status[i])),
        )

    def _public_id(self, contact_id: Ids) -> Ids:
        """Unique over both feet."""
        return contact_id if self.side is Side.BELT else 2 * contact_id + int(self.side)

    # ---- out ------------------------------------------------------------------------------------------------------

    def take_rows(self) -> ContactTable:
        """Measured rows whose place in recording time is known."""
        if not self._unplaced:
            return ContactTable.empty()
        placed, later = [], []
        for table in self._unplaced:
            at, u_s = self.clock.times_s(table.strike_s * 1e6, final=self._final)
            if not np.isfinite(at).all():
                later.append(table)
                continue
            placed.append(
                ContactTable(
                    self._public_id(table.contact_id),
                    table.side,
                    table.kind,
                    at,
                    at + (table.toe_off_s - table.strike_s),
                    table.quality,
                    Columns.of(table.columns).plus(
                        {
                            DEVICE_STRIKE: table.strike_s,
                            DEVICE_TOE_OFF: table.toe_off_s,
                            CLOCK_U: u_s,
                        }
                    ),
                    table.uncertainty,
                    table.status,
                )
            )
        self._unplaced = later
        return ContactTable.join(placed)

    @property
    def watermark_s(self) -> float:
        """Recording time before which every contact of this foot has been handed over."""
        if self._unplaced:
            return -np.inf
        at = self.clock.recording_s(self._foot.watermark_us, final=self._final)
        return at if isfinite(at) else -np.inf

    @property
    def last_frame_s(self) -> float:
        """Recording time of the last frame delivered."""
        return self.recording_s_of_host(self._last_ns)

    def recording_s_of_host(self, t_ns: int) -> float:
        """Recording time of a host time."""
        return (t_ns - self._start_ns) * 1e-9

    def take_holes(self) -> list[tuple[float, float]]:
        """Recording times between which frames are missing, new ones."""
        return [
            (self.clock.recording_s(a * 1e6, final=True), self.clock.recording_s(b * 1e6, final=True))
            for a, b in self._foot.take_holes()
        ]

    def take_signals(self) -> list[SignalState]:
        """How good the signal was, second by second, new ones."""
        if not self._seconds:
            return []
        seconds, self._seconds = self._seconds, []
        return [
            SignalState(self.clock.recording_s(second.tick_us, final=True), self.side, loss_pct=second.loss_pct)
            for second in seconds
        ]

    def take_view(self) -> PressureBlock | None:
        """The last frames, for a live picture."""
        newest, self._newest = self._newest, None
        return None if newest is None else self._foot.view(newest, partial(self.clock.recording_s, final=True))

    def health(self, now_ns: int, link: int, battery_pct: float) -> FootHealth:
        """Counts so far."""
        r = self._regulariser
        return FootHealth(
            frames=r.frames,
            lost=r.lost,
            duplicate=r.duplicate,
            late=r.late,
            restarts=r.restarts,
            loss_pct=r.loss_pct,
            rate_hz=r.rate_hz,
            silent_s=max(0.0, (now_ns - self._last_ns) * 1e-9),
            battery_pct=battery_pct,
            link=link,
            faulty_cells=self._foot.faulty_cells,
        )


def _with_faults(table: ContactTable, faulty: npt.NDArray[Any]) -> ContactTable:
    """The rows with how many cells were known dead or stuck at each."""
    return replace(table, columns=Columns.of(table.columns).plus({"faulty_cells": faulty.astype(np.float64)}))


def _slice(received: Received, pick: slice) -> Received:
    return Received(
        received.side, received.sequence[pick], received.tick_us[pick], received.counts[pick], received.t_ns[pick]
    )
