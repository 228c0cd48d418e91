"""The core: inputs in, updates out. Synchronous and deterministic: no clock, no thread, no I/O.

decode -> regularise -> foot (calibrate, zero, force, events, contacts) -> metrics -> merge -> bouts -> pairing ->
asymmetry -> flags. This file only passes blocks from stage to stage, in that order; every stage keeps its own carry.

The cutting law: grouping the same inputs into pushes in any way gives the same result, bit for bit. Whatever depends on
*when* something arrived (a foot that fell silent, the start that is waited for) is decided at a `Tick` or by the host
time of deliveries, never at the edge of a push.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from operator import attrgetter

import numpy as np

from insole.blocks import (
    GRAVITY_M_S2,
    ContactShape,
    ContactTable,
    Cue,
    EarlyRate,
    Event,
    Flag,
    Gauge,
    Health,
    Input,
    IntArray,
    KeyNumber,
    Marker,
    Packets,
    PhaseResult,
    PressureBlock,
    Received,
    RunningMedian,
    SettingChange,
    Side,
    SilentSpan,
    Tick,
    Update,
)
from insole.device import Device
from insole.errors import SettingsError
from insole.pipeline.asymmetry import Asymmetry
from insole.pipeline.backlog import Backlog
from insole.pipeline.bands import Bands
from insole.pipeline.bouts import Bouts
from insole.pipeline.calibration import MARKER, UNLOADED, Calibrator, Phase, gain_of, parse_label, zero_of
from insole.pipeline.clock import TwoClocks
from insole.pipeline.decode import Heard, LinkDecoder
from insole.pipeline.flags import Flags, SignalState
from insole.pipeline.line import NOMINAL_MASS_KG, FootLine
from insole.pipeline.load import CumulativeLoad
from insole.pipeline.merge import Merge
from insole.pipeline.metrics import METRIC_BY_NAME, METRICS, Scale
from insole.pipeline.numbers import Numbers
from insole.pipeline.pairing import Pairing
from insole.pipeline.recent_rates import RateWindows
from insole.pipeline.silence import Silence, Turn
from insole.settings import Calibration, Runner, Settings

__all__ = ["METRICS", "METRIC_BY_NAME", "NOMINAL_MASS_KG", "Pipeline"]

SIGNAL_EVERY = 10  # contacts
# However much comes at once: frames go through the feet in pieces that stay in the cache, contacts are measured many
# together.
PIECE_BYTES = 1 << 20
MEASURED_AT_ONCE = 128
SHAPES = 24  # last contacts of a foot and push: a screen shows no more
START_WAIT_S = 10.0  # a foot that shows no unloaded moment this long after the other one does not set the noise


class Pipeline:
    """Everything between the bytes of the links and the contacts, flags and figures of a session.

    Parameters
    ----------
    feet : mapping of Side to Device
        The insoles of the session; BELT alone for one force signal under both feet.
    settings : Settings
    runner : Runner
        Without a body mass only times and newtons are given.
    start_host_ns : int
        Host time that is second 0 of the recording.
    """

    def __init__(self, feet: Mapping[Side, Device], settings: Settings, runner: Runner, start_host_ns: int) -> None:
        self._settings = settings
        self._start_ns = start_host_ns
        self._now_ns = start_host_ns
        self._floor_ns = start_host_ns  # of the last tick or other input between deliveries
        self._link_ns: dict[int, int] = {}  # of the last delivery of each link
        mass = runner.body_mass_kg
        weight_n = (NOMINAL_MASS_KG if mass is None else mass) * GRAVITY_M_S2
        self._lines = {
            side: FootLine(side, device, settings, weight_n, _scale(runner), start_host_ns)
            for side, device in sorted(feet.items())
        }
        self._links: dict[int, LinkDecoder] = {}
        self._foot_links: dict[Side, int] = {}
        sides = list(self._lines)
        self._merge = Merge(sides)
        self._bouts = Bouts(sides, weight_n)
        self._runner = runner
        self._pairing = Pairing(runner, feet)
        self._feet = feet
        measured_n = weight_n if mass is not None and runner.body_mass_source in ("recording", "option") else None
        self._calibrator = Calibrator(dict(sorted(feet.items())), settings.calibration, measured_n)
        self._phase: tuple[str, float] | None = None  # calibration phase that is going on, and since when
        self._phases: list[Phase] = []  # over, but waiting for the zero
        self._changed_s = -np.inf  # recording time of the last change of settings
        self._recalibrated: list[tuple[float, bool]] = []  # recording time, left and right known; rows come later
        calibrated = self._calibrated
        self._asymmetry = Asymmetry(calibrated)
        self._flags = Flags(settings, feet, calibrated)
        self._numbers = Numbers(settings, feet, calibrated)
        self._rates = RateWindows(feet, settings.target_valr_bw_s)
        self._loads = CumulativeLoad(sides)
        self._bands = Bands(feet)
        self._backlog = Backlog()
        self._silence = Silence(sides, start_host_ns)
        self._silent_from_s: dict[Side, float] = {}
        self._sigma_n: float | None = None  # noise of the noisier foot, frozen for the recording
        self._k_dyn = float("nan")
        self._current: Health | None = None  # as of the last tick or contact
        self._warned: set[str] = set()
        self._warnings: list[str] = []

    def push(self, inputs: Sequence[Input]) -> Update:
        """Take inputs in order of arrival; everything they complete comes back."""
        gather = _Gathered()
        pending: list[tuple[Packets, IntArray]] = []
        ticks: list[int] = []
        size = 0
        for item in inputs:
            if isinstance(item, Packets):
                pending.append((item, self._monotone(item)))
                size += len(item.data)
                if size >= PIECE_BYTES:
                    self._take(pending, ticks, gather)
                    if any(line.completed >= MEASURED_AT_ONCE for line in self._lines.values()):
                        self._measure(gather)
                    pending, ticks, size = [], [], 0
            elif isinstance(item, Tick):
                self._now_ns = max(self._now_ns, item.t_host_ns)
                ticks.append(self._now_ns)
                self._backlog.tick(self._now_ns)
                gather.ticked = True
                self._now_ns += 1  # what arrives after a tick is later than it
                self._floor_ns = self._now_ns
            elif isinstance(item, Cue):
                gather.events.append(item)  # said to the runner meanwhile: deliveries are not later for it
            else:
                self._take(pending, ticks, gather)
                self._measure(gather)
                pending, ticks, size = [], [], 0
                self._apply(item, gather)
        self._take(pending, ticks, gather)
        self._measure(gather)
        return self._update(gather)

    def finish(self) -> Update:
        """No input follows: everything still open comes out."""
        gather = _Gathered()
        for link, decoder in self._links.items():
            self._route(link, decoder.flush())
        for line in self._lines.values():
            line.admit(None)
        if self._phase is not None:
            self._warn(f"calibration, {self._phase[0]} from {self._phase[1]:.1f} s: it has no end, and is left out")
        self._start(gather, final=True)
        for line in self._lines.values():
            line.follow()
            line.measure(gather.early, gather.shapes, final=True)
            self._collect(line)
        self._settle(gather, np.inf)
        self._finish_rows(self._bouts.finish(), gather)
        gather.ended += self._flags.finish()
        gather.ticked = True
        return self._update(gather)

    # ---- inputs to frames -----------------------------------------------------------------------------------------

    def _monotone(self, packets: Packets) -> IntArray:
        """Host times that go back neither within a link nor behind a tick; between ticks links come in any order."""
        floor_ns = max(self._floor_ns, self._link_ns.get(packets.link, self._floor_ns))
        if len(packets.t_host_ns) == 1:  # as in a live stream
            stamp_ns = int(packets.t_host_ns[0])
            if stamp_ns >= floor_ns:
                self._link_ns[packets.link] = stamp_ns
                self._now_ns = max(self._now_ns, stamp_ns)
                return packets.t_host_ns
        out = np.maximum.accumulate(np.maximum(packets.t_host_ns, floor_ns))
        if len(out):
            self._link_ns[packets.link] = int(out[-1])
            self._now_ns = max(self._now_ns, int(out[-1]))
        return out

    def _take(self, pending: list[tuple[Packets, IntArray]], ticks: list[int], gather: _Gathered) -> None:
        """Decode deliveries and carry their frames through, stopping at ticks where a foot falls silent or is back."""
        by_link: dict[int, list[tuple[Packets, IntArray]]] = {}
        for packets, stamps in pending:
            by_link.setdefault(packets.link, []).append((packets, stamps))
        for link, deliveries in by_link.items():
            decoder = self._links.get(link)
            if decoder is None:
                decoder = self._links[link] = LinkDecoder(swap_feet=self._settings.swap_feet)
            self._route(link, decoder.push([d for d, _ in deliveries], [s for _, s in deliveries]))
        arrivals_ns = {side: line.arrivals_ns for side, line in self._lines.items()}
        for tick_ns, turns in groupby(self._silence.turns(arrivals_ns, ticks), key=attrgetter("tick_ns")):
            self._follow(gather, tick_ns)
            self._measure(gather)
            for turn in turns:
                self._turn(turn, gather)
        self._follow(gather, None)

    def _route(self, link: int, heard: Heard) -> None:
        for received in heard.frames:
            self._route_frames(link, received)
        for trip in heard.trips:
            line = self._lines.get(Side(trip.side))
            if line is not None:
                line.clock.hear(trip)

    def _route_frames(self, link: int, received: Received) -> None:
        side = Side(received.side) if received.side in Side._value2member_map_ else None
        line = self._lines.get(side) if side is not None else None
        if line is None or received.counts.shape[1] != line.device.n_cells:
            name = side.label if side is not None else f"side {received.side}"
            self._warn(
                f"link {link}: frames of {received.counts.shape[1]} cells for {name}, which this session does not have"
            )
            return
        self._foot_links[line.side] = link
        line.receive(received)

    # ---- silence --------------------------------------------------------------------------------------------------

    def _turn(self, turn: Turn, gather: _Gathered) -> None:
        if turn.silent:
            self._silent_from_s[turn.side] = self._lines[turn.side].last_frame_s
            self._merge.silent.add(turn.side)
            self._bouts.hole(turn.side, self._silent_from_s[turn.side], np.inf)
        else:
            at_s = (turn.tick_ns - self._start_ns) * 1e-9
            from_s = self._silent_from_s.pop(turn.side)
            if from_s > 0:  # a foot that is there for the first time was not silent before
                gather.silences.append(SilentSpan(turn.side, from_s, at_s))
            self._merge.silent.discard(turn.side)
            self._bouts.heard_again(turn.side, at_s)

    # ---- frames to rows -------------------------------------------------------------------------------------------

    def _follow(self, gather: _Gathered, until_ns: int | None) -> None:
        """Carry frames delivered up to a tick (or all) through the feet."""
        for side, line in self._lines.items():
            if side not in self._merge.silent:  # a foot that is back is let in at the tick that says so
                line.admit(until_ns)
        self._start(gather, final=False)
        for line in self._lines.values():
            if line.fresh:
                line.follow()

    def _measure(self, gather: _Gathered) -> None:
        """Measure what the feet completed, and carry it through merge and everything behind it."""
        for line in self._lines.values():
            line.measure(gather.early, gather.shapes, final=False)
            self._collect(line)
        self._settle(gather, self._merge.watermark_s)

    def _start(self, gather: _Gathered, *, final: bool) -> None:
        """Freeze the noise once every foot has shown an unloaded moment, or one and the others were waited for."""
        waiting = [line for line in self._lines.values() if not line.started]
        if waiting and self._sigma_n is None:
            self._sigma_n = self._noise(final=final)
            if self._sigma_n is not None and self._phases:
                self._use_waiting_phases(gather)
                self._sigma_n = self._noise(final=final)
        if self._sigma_n is not None:
            for line in waiting:
                if line.start_ns is not None or final:
                    line.begin(self._sigma_n)

    def _noise(self, *, final: bool) -> float | None:
        found = {line: line.start_ns for line in self._lines.values() if line.start_ns is not None}
        if not found:
            return 0.0 if final else None
        until_ns = self._start_until_ns
        together = [line for line, at in found.items() if at <= until_ns]
        expected = [line for side, line in self._lines.items() if side not in self._merge.silent]
        waited = max(line.admitted_ns for line in self._lines.values()) > until_ns
        if not waited and not final and any(line not in together for line in expected):
            return None
        return max(line.sigma_n for line in together)

    @property
    def _start_until_ns(self) -> float:
        """Host time up to which the other feet are waited for, once one has shown an unloaded moment."""
        found = [line.start_ns for line in self._lines.values() if line.start_ns is not None]
        return min(found, default=np.inf) + START_WAIT_S * 1e9

    def _collect(self, line: FootLine) -> None:
        for from_s, to_s in line.take_holes():
            self._bouts.hole(line.side, from_s, to_s)
        self._merge.add(line.side, line.take_rows())
        self._merge.reached(line.side, line.watermark_s)

    def _settle(self, gather: _Gathered, watermark_s: float) -> None:
        self._finish_rows(self._bouts.push(self._merge.release(watermark_s), watermark_s), gather)

    def _finish_rows(self, rows: ContactTable, gather: _Gathered) -> None:
        while len(rows) and self._recalibrated and (rows.strike_s >= self._recalibrated[0][0]).any():
            at_s, calibrated = self._recalibrated.pop(0)
            n = int((rows.strike_s >= at_s).argmax())
            self._measure_rolling(rows.rows(slice(0, n)), gather)
            rows = rows.rows(slice(n, None))
            # Values under different gains are never held against each other.
            self._pairing = Pairing(self._runner, self._feet)
            self._asymmetry = Asymmetry(calibrated)
            self._numbers = Numbers(self._settings, self._feet, calibrated)
            self._rates = RateWindows(self._feet, self._settings.target_valr_bw_s)
        self._measure_rolling(rows, gather)

    def _measure_rolling(self, rows: ContactTable, gather: _Gathered) -> None:
        if len(rows):
            rows = self._asymmetry.push(self._pairing.push(rows))
        signals = [state for line in self._lines.values() for state in line.take_signals()]
        if not len(rows) and not signals:
            return
        signals = sorted([*signals, *_signals_of(rows)], key=lambda state: (state.t_s, state.side))
        gather.ended += self._flags.push(rows, signals)
        if len(rows):
            self._numbers.push(rows)
            gather.medians += self._rates.push(rows)
            gather.rows.append(rows)
            known = rows.columns["k_dyn"][np.isfinite(rows.columns["k_dyn"])]
            self._k_dyn = float(known[-1]) if len(known) else self._k_dyn

    # ---- what else arrives ----------------------------------------------------------------------------------------

    def _apply(self, item: Event, gather: _Gathered) -> None:
        self._floor_ns = self._now_ns = max(self._now_ns, item.t_host_ns)
        gather.events.append(item)
        if isinstance(item, Marker) and item.kind == MARKER:
            self._mark(item.label, gather)
        if isinstance(item, SettingChange):
            before = self._settings.calibration
            if item.key == "swap_feet":
                self._warn("the feet are swapped for a whole session: begin a new one")
                return
            try:
                self._settings = self._settings.changed(item.key, item.value)
            except SettingsError as error:  # from another version, or a slip of the hand: the session goes on
                self._warn(str(error))
                return
            if self._settings.calibration != before:
                self._recalibrate(before, self._now_s, gather, zeroed=False)
                return
            self._change_flags(self._now_s)
            self._numbers.change(self._settings, self._calibrated)
            self._rates.change(self._settings.target_valr_bw_s)

    def _change_flags(self, at_s: float) -> None:
        self._changed_s = max(self._changed_s, at_s)  # phases that waited are used later than what came after them
        self._flags.change(self._changed_s, self._settings.flags, self._calibrated)

    # ---- calibration ----------------------------------------------------------------------------------------------

    @property
    def settings(self) -> Settings:
        """As they are by now."""
        return self._settings

    @property
    def calibration(self) -> Calibration:
        """Gains and zeros in force."""
        return self._settings.calibration

    @property
    def calibrating(self) -> bool:
        """Whether a calibration phase goes on, or waits to be used."""
        return self._phase is not None or bool(self._phases)

    def _mark(self, label: str, gather: _Gathered) -> None:
        """A calibration phase begins or ends."""
        parsed = parse_label(label)
        begun = self._phase
        if parsed is None:
            self._warn(f"calibration marker '{label}': expected a phase and 'start' or 'end', such as 'stance start'")
        elif parsed[1]:
            if begun is not None:
                self._warn(f"calibration, {begun[0]} from {begun[1]:.1f} s: it has no end, and is left out")
            self._phase = (parsed[0], self._now_s)
            for line in self._lines.values():
                line.begin_phase()
        elif begun is None or begun[0] != parsed[0]:
            self._warn(f"calibration, {parsed[0]} until {self._now_s:.1f} s: it has no beginning, and is left out")
        else:
            self._phase = None
            feet = {side: line.end_phase() for side, line in self._lines.items()}
            phase = Phase(*begun, self._now_s, feet)
            if phase.kind != UNLOADED and self._sigma_n is None and any(f.zero_n is None for f in self._lines.values()):
                self._phases.append(phase)  # standing gives no zero: the first swings will
            else:
                self._use(phase, {side: line.zero_n for side, line in self._lines.items()}, gather)

    def _use_waiting_phases(self, gather: _Gathered) -> None:
        """The feet that have shown an unloaded moment in time know their zero now."""
        until_ns = self._start_until_ns
        zero_n = {
            side: line.zero_n if line.start_ns is None or line.start_ns <= until_ns else None
            for side, line in self._lines.items()
        }
        phases, self._phases = self._phases, []
        for phase in phases:
            self._use(phase, zero_n, gather)

    def _use(self, phase: Phase, zero_n: Mapping[Side, float | None], gather: _Gathered) -> None:
        before = self._settings.calibration
        taken = self._calibrator.take(phase, zero_n)
        for note in taken.notes:
            self._warn(note)
        gather.phases += taken.results
        if self._calibrator.calibration != before:
            self._settings = replace(self._settings, calibration=self._calibrator.calibration)
            self._recalibrate(before, phase.to_s, gather, zeroed=phase.kind == UNLOADED)

    def _recalibrate(self, before: Calibration, at_s: float, gather: _Gathered, *, zeroed: bool) -> None:
        """Other gains or zeros than `before` from now on; rows that strike after `at_s` are counted anew."""
        now = self._calibrator.calibration = self._settings.calibration
        for side, line in self._lines.items():
            gain, zero = gain_of(now, side), zero_of(now, side) if zeroed else None
            if zero is zero_of(before, side):
                zero = None  # of the other foot
            if zero is not None or gain != gain_of(before, side):
                line.recalibrate(gain, zero, gather.early, gather.shapes)
        self._change_flags(at_s)
        self._recalibrated.append((self._changed_s, self._calibrated))

    @property
    def _now_s(self) -> float:
        return (self._now_ns - self._start_ns) * 1e-9

    @property
    def _calibrated(self) -> bool:
        """Left and right gain are known against each other."""
        return self._settings.calibration.lr_known or all(device.lr_calibrated for device in self._feet.values())

    def _warn(self, text: str) -> None:
        if text not in self._warned:
            self._warned.add(text)
            self._warnings.append(text)

    def _update(self, gather: _Gathered) -> Update:
        warnings, self._warnings = tuple(self._warnings), []
        for line in self._lines.values():
            view = line.take_view()
            if view is not None:
                gather.pressures.append(view)
        rows = ContactTable.join(gather.rows)
        numbers: tuple[KeyNumber, ...] = ()
        gauges: tuple[Gauge, ...] = ()
        if len(rows) or gather.ticked or self._current is None:
            self._current = self._health()
            numbers, gauges = self._numbers.state(self._current)
        pictures = self._bands.push(gather.shapes, rows)
        return Update(
            t_s=self._now_s,
            pressures=tuple(gather.pressures),
            early=tuple(gather.early),
            contacts=rows,
            shapes=_newest(gather.shapes),
            bands=pictures.bands,
            numbers=numbers,
            gauges=gauges,
            flags=self._flags.active,
            flag_spans=tuple(gather.ended),
            health=self._current,
            events=tuple(gather.events),
            warnings=warnings,
            silences=tuple(gather.silences),
            phases=tuple(gather.phases),
            medians=tuple(gather.medians),
            rises=pictures.rises,
            pictures=pictures.feet,
            rates=self._rates.state(),
            loads=self._loads.push(rows),
        )

    def _health(self) -> Health:
        batteries = {side: pct for decoder in self._links.values() for side, pct in decoder.battery_pct.items()}
        feet = {
            side: line.health(self._now_ns, self._foot_links.get(side, -1), batteries.get(side, float("nan")))
            for side, line in self._lines.items()
        }
        clocks = self._clocks()
        return Health(
            {link: decoder.health for link, decoder in self._links.items()},
            feet,
            alignment_s=clocks.moved_s,
            alignment_u_s=clocks.u_s,
            clock_offset_s=clocks.offset_s,
            clock_drift_ppm=clocks.drift_ppm,
            pinged=clocks.pinged,
            k_dyn=self._k_dyn,
            foot_links=dict(self._foot_links),
            behind_s=self._backlog.now_s,
            most_behind_s=self._backlog.most_s,
        )

    def _clocks(self) -> TwoClocks:
        """The left foot's clock against the right one's."""
        if Side.LEFT not in self._lines or Side.RIGHT not in self._lines:
            return TwoClocks()
        left, right = (self._lines[side].clock for side in (Side.LEFT, Side.RIGHT))
        return TwoClocks.of(left, right, (self._now_ns - self._start_ns) * 1e-3)


class _Gathered:
    """What one push has produced so far."""

    def __init__(self) -> None:
        self.pressures: list[PressureBlock] = []
        self.early: list[EarlyRate] = []
        self.rows: list[ContactTable] = []
        self.shapes: list[ContactShape] = []
        self.ticked = False
        self.ended: list[Flag] = []
        self.events: list[Event] = []
        self.silences: list[SilentSpan] = []
        self.phases: list[PhaseResult] = []
        self.medians: list[RunningMedian] = []


def _newest(shapes: Sequence[ContactShape]) -> tuple[ContactShape, ...]:
    return tuple(shape for side in Side for shape in [s for s in shapes if s.side == side][-SHAPES:])


def _scale(runner: Runner) -> Scale:
    if runner.body_mass_kg is None:
        return Scale.NEWTONS
    return Scale.BODY_WEIGHTS if runner.body_mass_source == "nominal" else Scale.FULL


def _signals_of(rows: ContactTable) -> list[SignalState]:
    """Saturation and faulty cells at every tenth contact of a foot, for the flags of signal quality."""
    return [
        SignalState(
            float(rows.strike_s[i]),
            Side(int(rows.side[i])),
            saturation_pct=float(rows.columns["saturated_pct"][i]),
            faulty_cells=float(rows.columns["faulty_cells"][i]),
        )
        for i in np.flatnonzero(rows.contact_id // 2 % SIGNAL_EVERY == 0).tolist()
    ]
