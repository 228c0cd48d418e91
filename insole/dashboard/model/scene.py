"""What is known at this moment, gathered from the updates of one session. No Qt.

In: `Update` after `Update`. Out: the latest of everything the panels show, and the plot history. Nothing is computed
from measurements here; the link state is read off the clock of the updates, and what concerns the cue comes from
`insole.feedback`. However the same session is cut into updates, the scene at a tick is the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from insole.blocks import (
    ContactShape,
    ContactTable,
    DiskEvent,
    Event,
    Flag,
    FlagState,
    FloatArray,
    FootHealth,
    FootPicture,
    ForceBand,
    Gauge,
    Health,
    KeyNumber,
    Kind,
    LinkEvent,
    Load,
    Marker,
    MeanRise,
    RecentRates,
    SettingChange,
    Side,
    Status,
    Update,
)
from insole.dashboard.model.history import LinearBuffer
from insole.device import Device
from insole.errors import SettingsError
from insole.feedback import Feedback
from insole.history.markers import Markers
from insole.pipeline.numbers import SILENT_S
from insole.recording import Header
from insole.settings import Runner, Settings

RATES_KEPT = 8192  # contacts per foot, about an hour and a half
SPANS_KEPT = 64
DIFFERENCES_KEPT = 8192  # contacts of both feet, at least three quarters of an hour
FEET = (Side.LEFT, Side.RIGHT)
COMPARED = (  # metrics that the feet are compared by, in the order of the screen
    "valr_bw_s",
    "peak_force_bw",
    "impulse_bw_s",
    "contact_time_ms",
    "stride_time_ms",
    "step_time_ms",
    "flight_time_ms",
    "vertical_stiffness_kn_m",
    "fti_rel_pct_heel",
)
DIFFERENCE_COLUMNS = tuple(f"{metric}_asymmetry{end}" for metric in COMPARED for end in ("", "_low", "_high"))


FlagKey = tuple[str, str, Side | None]


def flag_key(flag: Flag) -> FlagKey:
    """What makes two flags the same one at different moments."""
    return flag.rule, flag.metric, flag.side


class Link(Enum):
    """What is known of one foot's link."""

    ABSENT = "no insole"  # the session has no such foot
    WAITING = "waiting"  # nothing came yet
    UP = ""
    LOST = "no link"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of session time in which one foot sent nothing; `to_s` is None while it lasts."""

    side: Side
    from_s: float
    to_s: float | None = None


class Scene:
    """The state behind every panel.

    Parameters
    ----------
    feet : mapping of Side to Device
        The insoles of this session; a missing side stays greyed out.
    settings, runner
        As the session started with them; setting changes in the stream are followed.
    start_host_ns : int
        Host time of recording time zero.
    warnings : sequence of str
        What was found wrong before the first update.
    """

    def __init__(
        self,
        feet: Mapping[Side, Device],
        settings: Settings,
        runner: Runner,
        start_host_ns: int,
        warnings: Sequence[str] = (),
    ) -> None:
        self.feet = feet
        self.settings = settings
        self.runner = runner
        self.start_host_ns = start_host_ns
        self._first_settings = settings
        self._first_warnings = warnings
        self.hidden: set[FlagKey] = set()
        self.start_over()

    @classmethod
    def of(cls, header: Header) -> Scene:
        """The scene of a session that begins with this header."""
        return cls(header.feet, header.settings, header.runner, header.start_host_ns, header.warnings)

    def start_over(self) -> None:
        """Nothing has come yet; what the person has hidden stays hidden."""
        self.settings = self._first_settings
        self.t_s = 0.0
        self.numbers: dict[tuple[str, Side | None], KeyNumber] = {}
        self.gauges: dict[str, Gauge] = {}
        self.bands: dict[Side, ForceBand] = {}
        self.shapes: dict[Side, ContactShape] = {}
        self.rises: dict[Side, MeanRise] = {}
        self.pictures: dict[Side, FootPicture] = {}
        self.recent: dict[Side, RecentRates] = {}
        self.loads: dict[Side, Load] = {}
        self.live_kpa: dict[Side, FloatArray] = {}  # the last frame
        self.flags: tuple[Flag, ...] = ()
        self.ended_flags: deque[Flag] = deque(maxlen=SPANS_KEPT)
        self.health = Health()
        self._health_t_s = 0.0
        self.markers = Markers()
        self._silences: deque[Span] = deque(maxlen=SPANS_KEPT)
        self.link_details: dict[int, str] = {}  # the last thing each link said, such as 'Reconnecting, attempt 5'
        self.disk: DiskEvent | None = None  # while the recording is in trouble
        self.warnings: deque[str] = deque(self._first_warnings, maxlen=16)
        self.rates = {side: LinearBuffer(RATES_KEPT, ("t_s", "value", "median", "limited")) for side in FEET}
        self.medians = {side: LinearBuffer(RATES_KEPT, ("t_s", "value", "low", "high")) for side in FEET}
        self.differences = LinearBuffer(DIFFERENCES_KEPT, ("t_s", *DIFFERENCE_COLUMNS))
        self.running_contacts = 0
        self.last_contacts: dict[Side, ContactTable] = {}  # the last running contact of each foot, one row
        self.feedback = Feedback(sorted(self.feet), self._first_settings, self.start_host_ns)
        self.ended = False
        self.error: Exception | None = None

    # ---- in ------------------------------------------------------------------------------------------------------

    def absorb(self, update: Update) -> None:
        """Take one update."""
        if np.isfinite(update.t_s):
            self.t_s = max(self.t_s, update.t_s)
        if update.numbers:
            self.numbers = {(n.metric, n.side): n for n in update.numbers}
        if update.gauges:
            self.gauges = {g.metric: g for g in update.gauges}
        self.bands.update({b.side: b for b in update.bands})
        self.shapes.update({s.side: s for s in update.shapes})
        self.rises.update({r.side: r for r in update.rises})
        self.pictures.update({p.side: p for p in update.pictures})
        self.recent.update({r.side: r for r in update.rates})
        self.loads.update({load.side: load for load in update.loads})
        self.live_kpa.update({block.side: block.kpa[-1] for block in update.pressures if len(block.kpa)})
        self.flags = update.flags
        self.ended_flags.extend(update.flag_spans)
        if update.health is not self.health:
            self.health, self._health_t_s = update.health, self.t_s
        self.warnings.extend(update.warnings)
        for event in update.events:
            self._follow(event)
        self._remember_rates(update.contacts)
        self.feedback.push(update)
        self._remember_differences(update.contacts)
        for median in update.medians:
            self.medians[median.side].append(t_s=median.t_s, value=median.value, low=median.low, high=median.high)
        for silence in update.silences:
            if silence.to_s - silence.from_s > SILENT_S:
                sides = FEET if silence.side == Side.BELT else (silence.side,)
                self._silences.extend(Span(side, silence.from_s, silence.to_s) for side in sides)

    def _follow(self, event: Event) -> None:
        if isinstance(event, Marker):
            self.markers.follow((event.t_host_ns - self.start_host_ns) / 1e9, event)
        elif isinstance(event, SettingChange):
            try:
                self.settings = self.settings.changed(event.key, event.value)
            except SettingsError as error:
                self.warnings.append(str(error))
        elif isinstance(event, DiskEvent):
            self.disk = None if event.kind == "back" else event
        elif isinstance(event, LinkEvent):
            self.link_details[event.link] = event.detail

    def _remember_rates(self, contacts: ContactTable) -> None:
        if not len(contacts):
            return
        nothing = np.full(len(contacts), np.nan)
        value = contacts.columns.get("valr_bw_s", nothing)
        median = contacts.columns.get("valr_bw_s_median", nothing)
        limited = contacts.status.get("valr_bw_s", np.zeros(len(contacts), np.uint8)) == Status.LIMITED
        for side in FEET:
            rows = (contacts.kind == Kind.RUN) & (contacts.side == side)
            if rows.any():
                self.running_contacts += int(rows.sum())
                self.last_contacts[side] = contacts.rows(np.flatnonzero(rows)[-1:])
                self.rates[side].append(
                    t_s=contacts.strike_s[rows], value=value[rows], median=median[rows], limited=limited[rows]
                )

    def _remember_differences(self, contacts: ContactTable) -> None:
        if len(contacts):
            absent = np.full(len(contacts), np.nan)
            values = {name: contacts.columns.get(name, absent) for name in DIFFERENCE_COLUMNS}
            self.differences.append(t_s=contacts.strike_s, **values)

    # ---- out -----------------------------------------------------------------------------------------------------

    @property
    def now_host_ns(self) -> int:
        """Session time as host time: what is marked or changed is of the moment that is on the screen."""
        return self.start_host_ns + round(self.t_s * 1e9)

    def device(self, side: Side) -> Device | None:
        """The insole under this foot (a belt serves both), None where the session has none."""
        return self.feet.get(side, self.feet.get(Side.BELT))

    def foot_health(self, side: Side) -> FootHealth:
        """Counters of this foot's stream."""
        feet = self.health.feet
        return feet.get(side) or feet.get(Side.BELT) or FootHealth()

    def link(self, side: Side) -> Link:
        """Whether this foot delivers."""
        if self.device(side) is None:
            return Link.ABSENT
        health = self.foot_health(side)
        if health.silent_s > SILENT_S:  # as in the pipeline, where a number ends with its link
            return Link.LOST
        return Link.UP if health.frames else Link.WAITING

    @property
    def spans(self) -> tuple[Span, ...]:
        """The last stretches without data, those that last included."""
        lasting = (
            Span(side, self._health_t_s - self.foot_health(side).silent_s)
            for side in FEET
            if self.link(side) is Link.LOST and self.foot_health(side).frames
        )
        return (*self._silences, *lasting)

    def silent_s(self, side: Side) -> float:
        """Session time since the last packet of this foot."""
        return self.foot_health(side).silent_s

    def link_detail(self, side: Side) -> str:
        """What the link of this foot last said of itself; empty when it said nothing."""
        link = self.health.foot_links.get(side)
        return "" if link is None else self.link_details.get(link, "")

    @property
    def linked(self) -> tuple[Side, ...]:
        """Feet that deliver, or are about to."""
        return tuple(side for side in FEET if self.link(side) in {Link.UP, Link.WAITING})

    @property
    def both_feet(self) -> bool:
        """Whether what compares the feet can be shown at all."""
        return self.linked == FEET

    @property
    def gains_known(self) -> bool:
        """Whether left and right gain are known against each other: a fit check in the session may have found them."""
        if self.gauges:
            return all(gauge.calibrated for gauge in self.gauges.values())
        return self.settings.calibration.lr_known or all(device.lr_calibrated for device in self.feet.values())

    @property
    def shown_flags(self) -> tuple[Flag, ...]:
        """Flags that are up and were not hidden by hand: on before watch, else in the pipeline's order."""
        if not self.settings.flags.enabled:
            return ()
        up = (f for f in self.flags if f.state > FlagState.OFF and flag_key(f) not in self.hidden)
        return tuple(sorted(up, key=lambda f: -f.state))

    def flag_of(self, metric: str, side: Side | None) -> FlagState:
        """The worst state among the shown flags that name this metric and foot."""
        return max((f.state for f in self.shown_flags if f.metric == metric and f.side == side), default=FlagState.OFF)

    @property
    def is_empty(self) -> bool:
        """Not one frame came."""
        return not any(foot.frames for foot in self.health.feet.values())
