"""The core: inputs in, updates out. Synchronous and deterministic: no clock, no thread, no I/O.

decode -> regularise -> foot (calibrate, zero, force, events, contacts) -> metrics -> merge -> bouts -> pairing ->
asymmetry -> flags. This file only passes blocks from stage to stage, in that order; every stage keeps its own carry.

The cutting law: grouping the same inputs into pushes in any way gives the same result, bit for bit. Whatever depends on
*when* something arrived (a foot that fell silent, the start that is waited for) is decided at a `Tick` or by the host
time of deliveries, never at the edge of a push.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from insole.blocks import (
    GRAVITY_M_S2,
    ContactShape,
    ContactTable,
    EarlyRate,
    Flag,
    Gauge,
    Health,
    Input,
    IntArray,
    KeyNumber,
    LinkEvent,
    Marker,
    Packets,
    PressureBlock,
    Received,
    SettingChange,
    Side,
    Tick,
    Update,
)
from insole.device import Device
from insole.errors import SettingsError
from insole.pipeline.asymmetry import Asymmetry
from insole.pipeline.bands import Bands
from insole.pipeline.bouts import Bouts
from insole.pipeline.decode import LinkDecoder
from insole.pipeline.flags import Flags, SignalState
from insole.pipeline.line import NOMINAL_MASS_KG, FootLine
from insole.pipeline.merge import Merge
from insole.pipeline.metrics import METRIC_BY_NAME, METRICS
from insole.pipeline.numbers import Numbers
from insole.pipeline.pairing import Pairing
from insole.settings import Runner, Settings

__all__ = ["METRICS", "METRIC_BY_NAME", "NOMINAL_MASS_KG", "Pipeline"]

SILENT_S = 1.0
SIGNAL_EVERY = 10  # contacts
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
            side: FootLine(side, device, settings, weight_n, mass is not None, start_host_ns)
            for side, device in sorted(feet.items())
        }
        self._links: dict[int, LinkDecoder] = {}
        self._foot_links: dict[Side, int] = {}
        self._stray: dict[int, int] = {}
        sides = list(self._lines)
        self._merge = Merge(sides)
        self._bouts = Bouts(sides, weight_n)
        self._pairing = Pairing(runner, sides)
        self._feet = feet
        calibrated = self._calibrated
        self._asymmetry = Asymmetry(calibrated)
        self._flags = Flags(settings, feet, calibrated)
        self._numbers = Numbers(settings, feet, calibrated)
        self._bands = Bands()
        self._seen_ns = dict.fromkeys(sides, start_host_ns)
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
        for item in inputs:
            if isinstance(item, Packets):
                pending.append((item, self._monotone(item)))
            elif isinstance(item, Tick):
                self._now_ns = max(self._now_ns, item.t_host_ns)
                ticks.append(self._now_ns)
                self._now_ns += 1  # what arrives after a tick is later than it
                self._floor_ns = self._now_ns
            else:
                self._take(pending, ticks, gather)
                gather.ticked |= bool(ticks)
                pending, ticks = [], []
                self._apply(item, gather)
        self._take(pending, ticks, gather)
        gather.ticked |= bool(ticks)
        return self._update(gather)

    def finish(self) -> Update:
        """No input follows: everything still open comes out."""
        gather = _Gathered()
        for link, decoder in self._links.items():
            for received in decoder.flush():
                self._route(link, received)
        for line in self._lines.values():
            line.admit(None)
        self._start(final=True)
        for line in self._lines.values():
            line.process(gather.early, gather.shapes, final=True)
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
            decoder = self._links.setdefault(link, LinkDecoder())
            for received in decoder.push([d for d, _ in deliveries], [s for _, s in deliveries]):
                self._route(link, received)
        for tick_ns in self._turning_ticks(ticks):
            self._advance(gather, tick_ns)
            self._turn(tick_ns)
        self._advance(gather, None)

    def _route(self, link: int, received: Received) -> None:
        side = Side(received.side) if received.side in Side._value2member_map_ else None
        line = self._lines.get(side) if side is not None else None
        if line is None or received.counts.shape[1] != line.device.n_cells:
            self._stray[link] = self._stray.get(link, 0) + len(received.sequence)
            name = side.label if side is not None else f"side {received.side}"
            self._warn(
                f"link {link}: frames of {received.counts.shape[1]} cells for {name}, which this session does not have"
            )
            return
        self._foot_links[line.side] = link
        line.receive(received)

    # ---- silence --------------------------------------------------------------------------------------------------

    def _turning_ticks(self, ticks: list[int]) -> list[int]:
        """Ticks at which some foot turns silent, or is heard again."""
        turning: set[int] = set()
        at = np.array(ticks)
        for side, line in self._lines.items():
            arrivals = np.concatenate([[self._seen_ns[side]], line.arrivals_ns])
            self._seen_ns[side] = int(arrivals[-1])
            if not ticks:
                continue
            last = arrivals[np.searchsorted(arrivals, at, side="right") - 1]
            silent = at - last > SILENT_S * 1e9
            before = np.concatenate([[side in self._merge.silent], silent[:-1]])
            turning.update(at[silent != before].tolist())
            line.silent_at = dict(zip(at[silent != before].tolist(), silent[silent != before].tolist(), strict=True))
        return sorted(turning)

    def _turn(self, tick_ns: int) -> None:
        for side, line in self._lines.items():
            silent = line.silent_at.get(tick_ns)
            if silent is None:
                continue
            if silent:
                self._merge.silent.add(side)
                self._bouts.hole(side, line.last_frame_s, np.inf)
            else:
                self._merge.silent.discard(side)
                self._bouts.heard_again(side, (tick_ns - self._start_ns) * 1e-9)

    # ---- frames to rows -------------------------------------------------------------------------------------------

    def _advance(self, gather: _Gathered, until_ns: int | None) -> None:
        """Carry frames delivered up to a tick (or all) through feet, merge and everything behind it."""
        for side, line in self._lines.items():
            if side not in self._merge.silent:  # a foot that is back is let in at the tick that says so
                line.admit(until_ns)
        self._start(final=False)
        for line in self._lines.values():
            line.process(gather.early, gather.shapes, final=False)
            self._collect(line)
        self._settle(gather, self._merge.watermark_s)

    def _start(self, *, final: bool) -> None:
        """Freeze the noise once every foot has shown an unloaded moment, or one and the others were waited for."""
        waiting = [line for line in self._lines.values() if not line.started]
        if waiting and self._sigma_n is None:
            self._sigma_n = self._noise(final=final)
        if self._sigma_n is not None:
            for line in waiting:
                if line.start_ns is not None or final:
                    line.begin(self._sigma_n)

    def _noise(self, *, final: bool) -> float | None:
        found = {line: line.start_ns for line in self._lines.values() if line.start_ns is not None}
        if not found:
            return 0.0 if final else None
        until_ns = min(found.values()) + START_WAIT_S * 1e9
        together = [line for line, at in found.items() if at <= until_ns]
        waited = max(line.admitted_ns for line in self._lines.values()) > until_ns
        if len(together) < len(self._lines) and not waited and not final:
            return None
        return max(line.sigma_n for line in together)

    def _collect(self, line: FootLine) -> None:
        for from_s, to_s in line.take_holes():
            self._bouts.hole(line.side, from_s, to_s)
        self._merge.add(line.side, line.take_rows())
        self._merge.reached(line.side, line.watermark_s)

    def _settle(self, gather: _Gathered, watermark_s: float) -> None:
        self._finish_rows(self._bouts.push(self._merge.release(watermark_s), watermark_s), gather)

    def _finish_rows(self, rows: ContactTable, gather: _Gathered) -> None:
        rows = self._asymmetry.push(self._pairing.push(rows))
        signals = [state for line in self._lines.values() for state in line.take_signals()]
        signals = sorted([*signals, *_signals_of(rows)], key=lambda state: (state.t_s, state.side))
        gather.ended += self._flags.push(rows, signals)
        if len(rows):
            self._numbers.push(rows)
            gather.rows.append(rows)
            known = rows.columns["k_dyn"][np.isfinite(rows.columns["k_dyn"])]
            self._k_dyn = float(known[-1]) if len(known) else self._k_dyn

    # ---- what else arrives ----------------------------------------------------------------------------------------

    def _apply(self, item: LinkEvent | Marker | SettingChange, gather: _Gathered) -> None:
        self._floor_ns = self._now_ns = max(self._now_ns, item.t_host_ns)
        gather.events.append(item)
        if isinstance(item, SettingChange):
            try:
                self._settings = self._settings.changed(item.key, item.value)
            except SettingsError as error:  # from another version, or a slip of the hand: the session goes on
                self._warn(str(error))
                return
            calibrated = self._calibrated
            self._flags.change((self._now_ns - self._start_ns) * 1e-9, self._settings.flags, calibrated)
            self._numbers.change(self._settings, calibrated)

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
        return Update(
            t_s=(self._now_ns - self._start_ns) * 1e-9,
            pressures=tuple(gather.pressures),
            early=tuple(gather.early),
            contacts=rows,
            shapes=tuple(gather.shapes),
            bands=self._bands.push(gather.shapes, rows),
            numbers=numbers,
            gauges=gauges,
            flags=self._flags.active,
            flag_spans=tuple(gather.ended),
            health=self._current,
            events=tuple(gather.events),
            warnings=warnings,
        )

    def _health(self) -> Health:
        feet = {side: line.health(self._now_ns, self._foot_links.get(side, -1)) for side, line in self._lines.items()}
        left, right = self._lines.get(Side.LEFT), self._lines.get(Side.RIGHT)
        both = left is not None and right is not None
        return Health(
            {link: decoder.health for link, decoder in self._links.items()},
            feet,
            alignment_s=float("nan"),
            alignment_u_s=float(np.hypot(left.clock.u_s, right.clock.u_s)) if both and left and right else float("nan"),
            k_dyn=self._k_dyn,
            foot_links=dict(self._foot_links),
        )


class _Gathered:
    """What one push has produced so far."""

    def __init__(self) -> None:
        self.pressures: list[PressureBlock] = []
        self.early: list[EarlyRate] = []
        self.rows: list[ContactTable] = []
        self.shapes: list[ContactShape] = []
        self.ticked = False
        self.ended: list[Flag] = []
        self.events: list[LinkEvent | Marker | SettingChange] = []


def _signals_of(rows: ContactTable) -> list[SignalState]:
    """Saturation at every tenth contact, for the flags of signal quality."""
    return [
        SignalState(
            float(rows.strike_s[i]),
            Side(int(rows.side[i])),
            saturation_pct=float(rows.columns["saturated_pct"][i]),
        )
        for i in np.flatnonzero(rows.contact_id % SIGNAL_EVERY == 0).tolist()
    ]
