"""The core: inputs in, updates out. Synchronous and deterministic: no clock, no thread, no I/O.

intake (decode) -> regularise -> foot (calibrate, zero, force, events, contacts) -> metrics -> merge -> bouts -> pairing
-> asymmetry -> flags. This file only passes blocks from stage to stage, in that order; every stage keeps its own carry.

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
    ContactTable,
    Cue,
    Event,
    Gauge,
    Health,
    Input,
    KeyNumber,
    Marker,
    Packets,
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
from insole.pipeline.calibration import MARKER, UNLOADED, Phase
from insole.pipeline.epochs import Epochs
from insole.pipeline.flags import Flags
from insole.pipeline.flags.signals import signals_of
from insole.pipeline.gathered import Gathered
from insole.pipeline.health import health_of
from insole.pipeline.intake import Intake
from insole.pipeline.line import NOMINAL_MASS_KG, FootLine
from insole.pipeline.load import CumulativeLoad
from insole.pipeline.merge import Merge
from insole.pipeline.metrics import METRIC_BY_NAME, METRICS, Scale
from insole.pipeline.numbers import Numbers
from insole.pipeline.pairing import Pairing
from insole.pipeline.phases import Phases
from insole.pipeline.recent_rates import RateWindows
from insole.pipeline.remarks import Remarks
from insole.pipeline.silence import Silence, Turn
from insole.pipeline.start import Start
from insole.settings import Calibration, Runner, Settings

__all__ = ["METRICS", "METRIC_BY_NAME", "NOMINAL_MASS_KG", "Pipeline"]

# However much comes at once: frames go through the feet in pieces that stay in the cache, contacts are measured many
# together.
PIECE_BYTES = 1 << 20
MEASURED_AT_ONCE = 256


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
        self._feet = feet
        self._settings = settings
        self._runner = runner
        self._start_ns = start_host_ns
        mass = runner.body_mass_kg
        weight_n = (NOMINAL_MASS_KG if mass is None else mass) * GRAVITY_M_S2
        measured_n = weight_n if mass is not None and runner.body_mass_source in ("recording", "option") else None
        self._lines = {
            side: FootLine(side, device, settings, weight_n, _scale(runner), start_host_ns)
            for side, device in sorted(feet.items())
        }
        sides = list(self._lines)
        self._remarks = Remarks()
        self._intake = Intake(self._lines, self._remarks, start_host_ns, swap_feet=settings.swap_feet)
        self._backlog = Backlog()
        self._silence = Silence(sides, start_host_ns)
        self._silent_from_s: dict[Side, float] = {}
        self._start = Start(self._lines)
        self._phases = Phases(self._lines, settings.calibration, measured_n, self._remarks)
        self._merge = Merge(sides)
        self._bouts = Bouts(sides, weight_n)
        self._epochs = Epochs()
        self._begin_epoch(calibrated=self._calibrated)
        self._flags = Flags(settings, feet, self._calibrated)
        self._changed_s = -np.inf  # recording time of the last change of settings
        self._loads = CumulativeLoad(sides)
        self._bands = Bands(feet)
        self._k_dyn = float("nan")
        self._current: Health | None = None  # as of the last tick or contact

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
        return self._phases.open

    def push(self, inputs: Sequence[Input]) -> Update:
        """Take inputs in order of arrival; everything they complete comes back."""
        gather = Gathered()
        for item in inputs:
            if isinstance(item, Packets):
                self._intake.deliver(item)
                if self._intake.waiting_bytes >= PIECE_BYTES:
                    self._take(gather)
                    if any(line.completed >= MEASURED_AT_ONCE for line in self._lines.values()):
                        self._measure(gather)
            elif isinstance(item, Tick):
                self._backlog.tick(self._intake.tick(item))
                gather.ticked = True
            elif isinstance(item, Cue):
                gather.events.append(item)  # said to the runner meanwhile: deliveries are not later for it
            else:
                self._take(gather)
                self._measure(gather)
                self._apply(item, gather)
        self._take(gather)
        self._measure(gather)
        return self._update(gather)

    def finish(self) -> Update:
        """No input follows: everything still open comes out."""
        gather = Gathered()
        self._intake.flush()
        for line in self._lines.values():
            line.admit(None)
        self._phases.finish()
        self._start_feet(gather, final=True)
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

    def _take(self, gather: Gathered) -> None:
        """Decode deliveries and carry their frames through, stopping at ticks where a foot falls silent or is back."""
        ticks = self._intake.decode()
        arrivals_ns = {side: line.arrivals_ns for side, line in self._lines.items()}
        for tick_ns, turns in groupby(self._silence.turns(arrivals_ns, ticks), key=attrgetter("tick_ns")):
            self._follow(gather, tick_ns)
            self._measure(gather)
            for turn in turns:
                self._turn(turn, gather)
        self._follow(gather, None)

    def _turn(self, turn: Turn, gather: Gathered) -> None:
        """A foot fell silent, or is back."""
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

    def _follow(self, gather: Gathered, until_ns: int | None) -> None:
        """Carry frames delivered up to a tick (or all) through the feet."""
        for side, line in self._lines.items():
            if side not in self._merge.silent:  # a foot that is back is let in at the tick that says so
                line.admit(until_ns)
        self._start_feet(gather, final=False)
        for side, line in self._lines.items():
            if line.fresh:
                line.follow()
                gather.moved.add(side)

    def _start_feet(self, gather: Gathered, *, final: bool) -> None:
        """Freeze the noise when it is time to, and use the calibration phases that waited for the zero until then."""
        silent = self._merge.silent
        if self._start.due and self._start.find(silent, final=final):
            phases = self._phases.take_waiting()
            if phases:
                zero_n = self._start.zero_n()
                for phase in phases:
                    self._use(phase, zero_n, gather)
                self._start.find(silent, final=final)  # other gains, other noise
        self._start.begin(final=final)

    def _measure(self, gather: Gathered) -> None:
        """Measure what the feet completed, and carry it through merge and everything behind it."""
        for side, line in self._lines.items():
            if side in gather.moved:  # the other foot has nothing new
                line.measure(gather.early, gather.shapes, final=False)
                self._collect(line)
        gather.moved.clear()
        self._settle(gather, self._merge.watermark_s)

    def _collect(self, line: FootLine) -> None:
        for from_s, to_s in line.take_holes():
            self._bouts.hole(line.side, from_s, to_s)
        self._merge.add(line.side, line.take_rows())
        self._merge.reached(line.side, line.watermark_s)

    # ---- rows of both feet ----------------------------------------------------------------------------------------

    def _settle(self, gather: Gathered, watermark_s: float) -> None:
        self._finish_rows(self._bouts.push(self._merge.release(watermark_s), watermark_s), gather)

    def _finish_rows(self, rows: ContactTable, gather: Gathered) -> None:
        for part in self._epochs.parts(rows):
            if part.calibrated is not None:
                self._begin_epoch(calibrated=part.calibrated)
            self._count(part.rows, gather)

    def _begin_epoch(self, *, calibrated: bool) -> None:
        """Values under different gains are never held against each other: what compares contacts begins anew."""
        self._pairing = Pairing(self._runner, self._feet)
        self._asymmetry = Asymmetry(calibrated)
        self._numbers = Numbers(self._settings, self._feet, calibrated)
        self._rates = RateWindows(self._feet, self._settings.target_valr_bw_s)

    def _count(self, rows: ContactTable, gather: Gathered) -> None:
        """Carry finished rows through everything that compares them, and judge them."""
        if len(rows):
            rows = self._asymmetry.push(self._pairing.push(rows))
        signals = [state for line in self._lines.values() for state in line.take_signals()]
        if not len(rows) and not signals:
            return
        signals = sorted([*signals, *signals_of(rows)], key=lambda state: (state.t_s, state.side))
        gather.ended += self._flags.push(rows, signals)
        if len(rows):
            self._numbers.push(rows)
            gather.medians += self._rates.push(rows)
            gather.rows.append(rows)
            known = rows.columns["k_dyn"][np.isfinite(rows.columns["k_dyn"])]
            self._k_dyn = float(known[-1]) if len(known) else self._k_dyn

    # ---- what else arrives ----------------------------------------------------------------------------------------

    def _apply(self, item: Event, gather: Gathered) -> None:
        self._intake.reach(item.t_host_ns)
        gather.events.append(item)
        if isinstance(item, Marker) and item.kind == MARKER:
            phase = self._phases.mark(item.label, self._intake.now_s, started=self._start.sigma_n is not None)
            if phase is not None:
                self._use(phase, {side: line.zero_n for side, line in self._lines.items()}, gather)
        if isinstance(item, SettingChange):
            self._change(item, gather)

    def _change(self, change: SettingChange, gather: Gathered) -> None:
        before = self._settings.calibration
        if change.key == "swap_feet":
            self._remarks.add("the feet are swapped for a whole session: begin a new one")
            return
        try:
            self._settings = self._settings.changed(change.key, change.value)
        except SettingsError as error:  # from another version, or a slip of the hand: the session goes on
            self._remarks.add(str(error))
            return
        if self._settings.calibration != before:
            self._recalibrate(before, self._intake.now_s, gather, zeroed=False)
            return
        self._change_flags(self._intake.now_s)
        self._numbers.change(self._settings, self._calibrated)
        self._rates.change(self._settings.target_valr_bw_s)

    def _change_flags(self, at_s: float) -> None:
        self._changed_s = max(self._changed_s, at_s)  # phases that waited are used later than what came after them
        self._flags.change(self._changed_s, self._settings.flags, self._calibrated)

    def _use(self, phase: Phase, zero_n: Mapping[Side, float | None], gather: Gathered) -> None:
        """A calibration phase is over, and the zero is known where it will be."""
        before = self._settings.calibration
        gather.phases += self._phases.use(phase, zero_n)
        if self._phases.calibration != before:
            self._settings = replace(self._settings, calibration=self._phases.calibration)
            self._recalibrate(before, phase.to_s, gather, zeroed=phase.kind == UNLOADED)

    def _recalibrate(self, before: Calibration, at_s: float, gather: Gathered, *, zeroed: bool) -> None:
        """Other gains or zeros than `before` from now on; rows that strike after `at_s` are counted anew."""
        self._phases.recalibrate(before, self._settings.calibration, gather, zeroed=zeroed)
        self._change_flags(at_s)
        self._epochs.begin(self._changed_s, calibrated=self._calibrated)

    @property
    def _calibrated(self) -> bool:
        """Left and right gain are known against each other."""
        return self._settings.calibration.lr_known or all(device.lr_calibrated for device in self._feet.values())

    # ---- out ------------------------------------------------------------------------------------------------------

    def _update(self, gather: Gathered) -> Update:
        views = [line.take_view() for line in self._lines.values()]
        rows = ContactTable.join(gather.rows) if gather.rows else ContactTable.empty()
        numbers: tuple[KeyNumber, ...] = ()
        gauges: tuple[Gauge, ...] = ()
        if gather.rows or gather.ticked or self._current is None:
            self._current = health_of(self._intake, self._lines, self._backlog, self._k_dyn)
            numbers, gauges = self._numbers.state(self._current)
        pictures = self._bands.push(gather.shapes, rows)
        return Update(
            t_s=self._intake.now_s,
            pressures=tuple(view for view in views if view is not None),
            early=tuple(gather.early),
            contacts=rows,
            shapes=gather.newest_shapes,
            bands=pictures.bands,
            numbers=numbers,
            gauges=gauges,
            flags=self._flags.active,
            flag_spans=tuple(gather.ended),
            health=self._current,
            events=tuple(gather.events),
            warnings=self._remarks.take(),
            silences=tuple(gather.silences),
            phases=tuple(gather.phases),
            medians=tuple(gather.medians),
            rises=pictures.rises,
            pictures=pictures.feet,
            rates=self._rates.state(),
            loads=self._loads.push(rows),
        )


def _scale(runner: Runner) -> Scale:
    if runner.body_mass_kg is None:
        return Scale.NEWTONS
    return Scale.BODY_WEIGHTS if runner.body_mass_source == "nominal" else Scale.FULL
