"""The data that flows, from what a link delivered to what a screen shows.

Blocks are plural: arrays over frames or contacts, never one object a sample. All are frozen; arrays are never
written after construction. n frames, k contacts, N frames over all contacts, c cells, r regions.
NaN means withheld or unknown, never zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from typing import Any

import numpy as np
import numpy.typing as npt

from insole.columns import Columns

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
CountArray = npt.NDArray[np.uint16]
BoolArray = npt.NDArray[np.bool_]

GRAVITY_M_S2 = 9.80665
K_DYN_STOP = 0.25  # METRICS.md 1.4: with the body-weight check so far from 1, body weights are not to be relied upon


class Side(IntEnum):
    """Which foot; the same codes as on the wire. BELT is one force signal under both feet."""

    LEFT = 0
    RIGHT = 1
    BELT = 2

    @property
    def label(self) -> str:
        """Lower-case name as it stands in files."""
        return self.name.lower()


class Kind(IntEnum):
    """What a contact is; only RUN enters running statistics."""

    RUN = 0
    WALK = 1
    STAND = 2
    REJECTED = 3

    @property
    def label(self) -> str:
        """Lower-case name as it stands in files."""
        return self.name.lower()


class Quality(IntFlag):
    """What is known against a contact (METRICS.md 1.7, 2.1, 3.5). Zero is a clean contact."""

    GAP = 1 << 0  # frames missing between initial contact and toe-off, too many to interpolate
    INTERPOLATED = 1 << 1  # a short gap was bridged
    ONSET_UNSEEN = 1 << 2  # initial contact fell into missing frames, or before the first one
    END_UNSEEN = 1 << 3  # toe-off fell into missing frames, or after the last one
    SATURATED = 1 << 4  # more than 1 % of the loaded cell samples at full scale
    SHORT_SWING = 1 << 5  # 60-200 ms after the same foot's toe-off
    LIGHT = 1 << 6  # peak below 0.8 BW
    TOO_SHORT = 1 << 7  # under 0.10 s
    GROUNDED = 1 << 8  # running cadence with a duty factor of 0.5 or more
    SLOW_RISE = 1 << 9  # arming took longer than 60 ms
    ISOLATED = 1 << 10  # no running or walking bout around it
    CELL_FAULT = 1 << 12  # a dead or stuck cell
    RATE_OFF = 1 << 13  # measured sampling rate more than 5 % from nominal

    @property
    def label(self) -> str:
        """Names of the set bits, '+' between them; 'ok' for none."""
        return "+".join(str(bit.name).lower() for bit in Quality if bit in self) or "ok"


class Status(IntEnum):
    """Whether a number may be shown: OK, LIMITED (shown as approximate) or withheld with its reason."""

    OK = 0
    LIMITED = 1
    RATE_TOO_LOW = 2
    FEW_SAMPLES_IN_RISE = 3
    NO_POI = 4
    GAP = 5
    NO_BODY_MASS = 6
    NO_GEOMETRY = 7
    TOO_FEW_CELLS = 8
    SATURATED = 9
    NO_TRANSIENT = 10
    NO_PREVIOUS_CONTACT = 11
    NO_SPEED_OR_HEIGHT = 12
    SLOW_RISE = 13
    FEW_CONTACTS = 14
    NOT_COMPUTED = 15
    NO_NEWTONS = 16
    UNDER_200_N = 17
    NO_UNLOADED_ZERO = 18

    @property
    def text(self) -> str:
        """The reason in a few words, as a screen or a file says it."""
        return _STATUS_TEXT[self]

    @property
    def quality(self) -> str:
        """One of 'ok', 'limited', 'not_measured'."""
        return {Status.OK: "ok", Status.LIMITED: "limited"}.get(self, "not_measured")


_STATUS_TEXT = {
    Status.OK: "",
    Status.LIMITED: "limited accuracy",
    Status.RATE_TOO_LOW: "sampling rate too low",
    Status.FEW_SAMPLES_IN_RISE: "too few samples in the rise",
    Status.NO_POI: "no point of interest in the rise",
    Status.GAP: "missing frames",
    Status.NO_BODY_MASS: "no body mass",
    Status.NO_GEOMETRY: "device has no cell geometry",
    Status.TOO_FEW_CELLS: "too few cells",
    Status.SATURATED: "cells saturated",
    Status.NO_TRANSIENT: "no impact transient",
    Status.NO_PREVIOUS_CONTACT: "no previous contact",
    Status.NO_SPEED_OR_HEIGHT: "needs speed and height",
    Status.SLOW_RISE: "load rose too slowly",
    Status.FEW_CONTACTS: "too few contacts",
    Status.NOT_COMPUTED: "not measured",
    Status.NO_NEWTONS: "only body weights known, no newtons",
    Status.UNDER_200_N: "under 200 N at the end of the rise",
    Status.NO_UNLOADED_ZERO: "no zero of the insole off the foot",
}


# ---- inputs: what arrives, as it arrived, and the only things that change state ------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Packets:
    """Deliveries of one link in arrival order (live: usually one; from a file: a fraction of a second of them).

    Parameters
    ----------
    link : int
        Number of the link within the session; identifies a byte stream, not a foot (the packets say the side).
    t_host_ns : (n,) int64
        Monotonic host time of each delivery, read once in the link's callback.
    ends : (n,) int64
        Position in `data` where each delivery ends.
    data : bytes
        The deliveries laid end to end, exactly as received.
    """

    link: int
    t_host_ns: IntArray
    ends: IntArray
    data: bytes

    @classmethod
    def one(cls, link: int, t_host_ns: int, payload: bytes) -> Packets:
        """A single delivery, as a live link's callback makes it."""
        return cls(link, np.array([t_host_ns], np.int64), np.array([len(payload)], np.int64), payload)


@dataclass(frozen=True, slots=True)
class LinkEvent:
    """A link connected, was lost, fell silent or resumed (`kind`), with a short `detail` for people."""

    t_host_ns: int
    link: int
    kind: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DiskEvent:
    """The disk takes nothing (`kind` failing), what is measured is lost (losing), or it is written again (back)."""

    t_host_ns: int
    kind: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Marker:
    """A moment that was marked.

    Its kind is note, condition_start, condition_end, calibration, fit_check, baseline, sync_tap, pain or undo.

    The label of a calibration marker names a phase and its edge, 'stance start' (insole/pipeline/calibration.py), that
    of a fit check a step that begins, is over or is left out (insole/fitting/steps.py). With a baseline marker the
    minute begins that a target is taken from (insole/feedback/baseline.py).
    """

    t_host_ns: int
    kind: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A setting changed during the session: dotted `key` of the settings file and its new value."""

    t_host_ns: int
    key: str
    value: float | str | bool


@dataclass(frozen=True, slots=True)
class Tick:
    """The passing of host time, about 5 a second from every source: what makes silence noticeable and replayable."""

    t_host_ns: int


@dataclass(frozen=True, slots=True)
class Cue:
    """What the runner was told about one contact, or why nothing was; what it says of time is measured, not planned.

    All times are host times of the session, in ns. Changes no state of the pipeline; it is an input so that it is
    recorded.

    Parameters
    ----------
    t_host_ns : int
        When it was noted down.
    contact_id, side : int
    sound : str
        beep or pitch.
    level : int
        1 to 5; 0 when it was withheld.
    mean_bw_s, target_bw_s : float or None
        Loading rate of the last five contacts of the foot, and what it was held against; None while not known.
    contact_ns : int
        Initial contact: device time on the host's clock. The shortest delay of the radio is the same for every
        delivery and cannot be seen, so it is not in it.
    arrived_ns : int
        Stamp of the newest delivery when the loading rate came out.
    known_ns : int
        The loading rate was out of the pipeline.
    handed_ns, output_ns : int or None
        The sound system took the first sample, and how long it says it takes from there to the loudspeaker.
    withheld : str
        Why there was no sound; empty when there was.
    """

    t_host_ns: int
    contact_id: int
    side: int
    sound: str
    level: int
    mean_bw_s: float | None
    target_bw_s: float | None
    contact_ns: int
    arrived_ns: int
    known_ns: int
    handed_ns: int | None = None
    output_ns: int | None = None
    withheld: str = ""

    @property
    def delay_ms(self) -> float:
        """From initial contact to the loudspeaker; NaN where there was no sound."""
        if self.handed_ns is None or self.output_ns is None:
            return float("nan")
        return (self.handed_ns + self.output_ns - self.contact_ns) * 1e-6


Event = LinkEvent | DiskEvent | Marker | SettingChange | Cue
Input = Packets | Event | Tick


# ---- inside the pipeline -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Received:
    """Frames of one side in order of arrival, as sent."""

    side: int
    sequence: IntArray  # (n,) modulo 2^32
    tick_us: IntArray  # (n,) modulo 2^32
    counts: CountArray  # (n, c)
    t_ns: IntArray  # (n,) host time of the delivery that completed the frame


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """A time ping and its answer (firmware_protocol/README.md, section 6.5)."""

    side: int
    ping_ns: int  # host time at which the ping was sent
    received_us: int  # ticks modulo 2^32 at which the device got it
    sent_us: int  # and answered
    t_ns: int  # host time of the delivery of the answer


@dataclass(frozen=True, slots=True, eq=False)
class FrameBlock:
    """Frames of one foot at a uniform index, without a long gap inside.

    `measured` is False for a frame lost in a short gap: its counts are zeros that nobody may use, its sums are
    interpolated in the foot stage. `after_gap`: frames are missing between the previous block and this one.
    """

    side: Side
    index: IntArray  # (n,) frame number, unwrapped
    tick_us: IntArray  # (n,) device clock, unwrapped
    counts: CountArray  # (n, c) raw
    measured: BoolArray  # (n,)
    after_gap: bool


@dataclass(frozen=True, slots=True, eq=False)
class PressureBlock:
    """Calibrated frames of one foot for a live view (zero of the moment applied, unfiltered)."""

    side: Side
    t_s: FloatArray  # (n,) recording time
    kpa: FloatArray  # (n, c)
    force_n: FloatArray  # (n,)


@dataclass(frozen=True, slots=True, eq=False)
class RateBatch:
    """The rise of k contacts of one foot, laid end to end: rows `starts[i]:starts[i+1]` belong to contact i.

    Each window runs from 60 ms before the detected onset to 20 ms after the point of interest was seen on the samples,
    and never changes afterwards (METRICS.md 1.6), so that a loading rate can leave before toe-off.
    """

    side: Side
    contact_id: IntArray  # (k,)
    starts: IntArray  # (k + 1,)
    t_s: FloatArray  # (N,) device time
    force_n: FloatArray  # (N,) zeroed, smoothed
    filled: BoolArray  # (N,) frame lost: the force there is interpolated
    onset: IntArray  # (k,) row, within the window, of the first frame at or above the reporting threshold
    slow: BoolArray  # (k,) arming took longer than 60 ms
    onset_unseen: BoolArray  # (k,)


@dataclass(frozen=True, slots=True, eq=False)
class ContactBatch:
    """k whole contacts of one foot, their frames laid end to end: contact i is rows `starts[i]:starts[i+1]`.

    Each contact's rows run from 60 ms before the detected onset to 60 ms after toe-off was confirmed, where frames
    exist. Times are device seconds of that foot. Force, regional force and moments are zeroed with the zero held at
    the contact's onset and smoothed where the device samples at 200 Hz or more (METRICS.md 1.5).
    """

    side: Side
    contact_id: IntArray  # (k,)
    starts: IntArray  # (k + 1,)
    t_s: FloatArray  # (N,) device time
    force_n: FloatArray  # (N,)
    moment_nmm: FloatArray  # (N, 2) force x (mm from the medial edge, mm from the heel)
    region_force_n: FloatArray  # (N, r) in the order of device.REGIONS
    counts: CountArray  # (N, c) raw; pressure is `gain` x the device's kPa of them, less `zero_kpa`
    gain: float
    zero_kpa: FloatArray  # (k, c)
    filled: BoolArray  # (N,) lost in a gap short enough to interpolate
    missing: BoolArray  # (N,) lost in a longer gap: sums are joined by a line, only to keep the index uniform
    onset: IntArray  # (k,) row, within the contact, of the first frame at or above the reporting threshold
    release: IntArray  # (k,) row, within the contact, of the first frame below it at the end
    event_n: float  # reporting threshold in force
    saturated: BoolArray  # (k, c) cells that reached full scale
    saturated_share: FloatArray  # (k,) of the loaded cell samples
    quality: npt.NDArray[np.uint16]  # (k,) Quality bits
    unloaded_kpa: FloatArray | None = None  # (c,) zero of the insole off the foot, where a calibration recorded it


# ---- what leaves the pipeline --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class ContactTable:
    """Contacts of both feet in order of strike, one array a column.

    `columns` holds the metrics by name, `uncertainty` their standard uncertainties where a metric states one (same
    unit), `status` whether a value is OK, limited or withheld and why (`Status` codes). Rolling left-right
    differences are columns `<metric>_asymmetry`, `_asymmetry_low`, `_asymmetry_high` in percent.
    For a contact whose onset or end fell into missing frames, `strike_s` and `toe_off_s` are the first and last
    frame seen of it (the quality bit says so) and every metric that needs them is NaN.
    """

    contact_id: IntArray
    side: npt.NDArray[np.int8]
    kind: npt.NDArray[np.int8]
    strike_s: FloatArray
    toe_off_s: FloatArray
    quality: npt.NDArray[np.uint16]
    columns: Mapping[str, FloatArray] = field(default_factory=Columns)
    uncertainty: Mapping[str, FloatArray] = field(default_factory=Columns)
    status: Mapping[str, npt.NDArray[np.uint8]] = field(default_factory=Columns)

    def __len__(self) -> int:
        return len(self.contact_id)

    @classmethod
    def empty(cls) -> ContactTable:
        """No contacts, no columns; always the same table."""
        return _NO_CONTACTS

    def rows(self, pick: npt.NDArray[Any] | slice) -> ContactTable:
        """The rows that `pick` (mask, indices or slice) selects."""
        return ContactTable(
            self.contact_id[pick],
            self.side[pick],
            self.kind[pick],
            self.strike_s[pick],
            self.toe_off_s[pick],
            self.quality[pick],
            Columns.of(self.columns).rows(pick),
            Columns.of(self.uncertainty).rows(pick),
            Columns.of(self.status).rows(pick),
        )

    def running(self, side: Side | None = None) -> ContactTable:
        """The valid running contacts, of one side if given."""
        mask = self.kind == Kind.RUN
        return self.rows(mask if side is None else mask & (self.side == side))

    @classmethod
    def join(cls, tables: list[ContactTable]) -> ContactTable:
        """Tables of the same columns, one after the other."""
        tables = [table for table in tables if len(table)]
        if len(tables) < 2:
            return tables[0] if tables else cls.empty()
        return cls(
            np.concatenate([t.contact_id for t in tables]),
            np.concatenate([t.side for t in tables]),
            np.concatenate([t.kind for t in tables]),
            np.concatenate([t.strike_s for t in tables]),
            np.concatenate([t.toe_off_s for t in tables]),
            np.concatenate([t.quality for t in tables]),
            Columns.join([t.columns for t in tables]),
            Columns.join([t.uncertainty for t in tables]),
            Columns.join([t.status for t in tables]),
        )


_NO_CONTACTS = ContactTable(
    np.empty(0, np.int64), np.empty(0, np.int8), np.empty(0, np.int8), np.empty(0), np.empty(0), np.empty(0, np.uint16)
)


@dataclass(frozen=True, slots=True)
class EarlyRate:
    """Loading rate of a contact that is still on the ground: final in value, the contact may still be rejected."""

    contact_id: int
    side: Side
    t_s: float  # recording time of initial contact
    valr_bw_s: float  # NaN: withheld, see status
    u_bw_s: float
    status: Status


@dataclass(frozen=True, slots=True, eq=False)
class ContactShape:
    """What one contact looked like, for pictures."""

    contact_id: int
    side: Side
    strike_s: float
    force_bw: FloatArray  # (301,) every ms from initial contact, NaN after toe-off; newtons when in_newtons
    in_newtons: bool
    peak_kpa: FloatArray  # (c,) highest pressure of each cell
    saturated: BoolArray  # (c,) cells that reached full scale
    cop: FloatArray  # (m, 2) centre of pressure as (x from medial, y from heel) in 0..1, frames with F >= 0.05 BW
    cop_stance_mm: FloatArray = field(
        default_factory=lambda: np.full((101, 2), np.nan)
    )  # the same at 0..100 % of stance
    rise: FloatArray = field(default_factory=lambda: np.full(4, np.nan))  # ms, BW at 20 %, ms, BW at 80 % of the rise

    def __deepcopy__(self, _memo: dict[int, Any]) -> ContactShape:
        """Itself: nobody writes to it, so copies of a pipeline may share it."""
        return self


@dataclass(frozen=True, slots=True, eq=False)
class ForceBand:
    """Mean and standard deviation of the last running contacts' vertical force, every ms from initial contact."""

    side: Side
    mean: FloatArray  # (301,)
    sd: FloatArray  # (301,)
    n: int
    unit: str  # "BW" or "N"


@dataclass(frozen=True, slots=True)
class MeanRise:
    """Where the loading rate of the last running contacts is taken: the 20 and 80 % points, on average.

    `samples` is how many frames of the device fall between them; NaN where no contact has a loading rate.
    """

    side: Side
    from_ms: float  # after initial contact
    from_bw: float
    to_ms: float
    to_bw: float
    samples: float
    n: int


@dataclass(frozen=True, slots=True, eq=False)
class FootPicture:
    """The last running contacts of one foot over each other."""

    side: Side
    n: int
    peak_kpa: FloatArray  # (c,) mean over the contacts of each cell's highest pressure
    highest_kpa: FloatArray  # (c,) highest of each cell since the session began
    saturated: BoolArray  # (c,) cells that reached full scale in one of the contacts
    cop: FloatArray  # (101, 2) mean centre of pressure at 0..100 % of stance, as (x from medial, y from heel) in 0..1
    cop_x_mm: FloatArray  # (101,) mean distance from the medial edge
    cop_x_sd_mm: FloatArray  # (101,)


@dataclass(frozen=True, slots=True, eq=False)
class RunningMedian:
    """Median loading rate of the last 60 contacts of one foot at each of its new contacts, NaN before there are enough.

    The 95 % interval includes the calibration, as for comparison with a fixed line.
    """

    side: Side
    t_s: FloatArray  # (k,) recording time of initial contact
    value: FloatArray  # (k,) BW/s
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class RecentRates:
    """Loading rates of the last 60 running contacts of one foot: by every definition, and how they are spread."""

    side: Side
    medians: tuple[KeyNumber, ...]  # one a definition, the primary one first
    first_bw_s: float  # lower edge of the first bin
    bin_bw_s: float
    counts: IntArray  # (b,) contacts by the primary definition
    n: int
    under_target_pct: float  # NaN without a target


@dataclass(frozen=True, slots=True)
class Load:
    """What one foot has carried since the session began, running contacts only (METRICS.md 8.3).

    `dose` is the sum of the fourth powers of the peaks, to be shown as a relative number only. Contacts whose value was
    withheld are not in the sums: `measured` says how many are.
    """

    side: Side
    contacts: int
    measured: int
    impulse_bw_s: float
    peaks_bw: float
    dose: float


@dataclass(frozen=True, slots=True)
class KeyNumber:
    """One number fit to be shown large: the median or mean of the last contacts, with its 95 % interval."""

    metric: str
    side: Side | None  # None: both feet together
    value: float
    low: float
    high: float
    n: int
    needed: int  # contacts needed before a value is given
    unit: str
    status: Status
    reason: str = ""  # in three words when withheld or limited


@dataclass(frozen=True, slots=True)
class Gauge:
    """A left-right difference of the last contacts, in percent (positive: left higher), with its 95 % interval."""

    metric: str
    value_pct: float
    low_pct: float
    high_pct: float
    n_left: int
    n_right: int
    note_line_pct: float  # NaN: the metric has none, the difference is only shown
    calibrated: bool  # False: left/right gain unknown, no flag can come of it
    status: Status


@dataclass(frozen=True, slots=True, eq=False)
class PhaseResult:
    """What a calibration phase gave for one foot, or why it could not be used."""

    kind: str  # unloaded, stance, left or right
    side: Side
    from_s: float
    to_s: float
    refused: str  # why, and what to do; empty where it was used
    force_n: float  # mean force, zeroed, with the gain that was in force before; NaN where the zero is not known
    variation_pct: float  # standard deviation over mean of the force of all feet stood on; NaN where nobody stood
    gain: float  # in force after it
    zero_kpa: FloatArray | None  # (c,) the zero that was set


class FlagState(IntEnum):
    """OFF, WATCH (look when you can) or ON (act or decide)."""

    OFF = 0
    WATCH = 1
    ON = 2


@dataclass(frozen=True, slots=True)
class Flag:
    """A high-load pattern: an observation with its evidence, never a diagnosis."""

    rule: str
    state: FlagState
    side: Side | None
    from_s: float
    to_s: float
    value: float
    low: float
    high: float
    limit: float
    unit: str
    evidence: str
    text: str
    metric: str = ""  # the column it names


@dataclass(frozen=True, slots=True)
class SilentSpan:
    """A stretch of recording time in which nothing came from one foot; `to_s` is the tick at which it was heard."""

    side: Side
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class LinkHealth:
    """What one link delivered, cumulative. A damaged packet on a shared port has no side."""

    frames: int = 0
    bad_crc: int = 0
    skipped_bytes: int = 0
    unknown_type: int = 0
    incomplete: int = 0


@dataclass(frozen=True, slots=True)
class FootHealth:
    """What one foot's stream was like, cumulative but for the figures of the moment."""

    frames: int = 0
    lost: int = 0
    duplicate: int = 0
    late: int = 0
    restarts: int = 0
    loss_pct: float = float("nan")  # over the last 60 s
    rate_hz: float = float("nan")  # measured on the device clock
    silent_s: float = 0.0  # host time since the last packet
    battery_pct: float = float("nan")
    link: int = -1  # the link its packets come over; -1 before the first
    faulty_cells: tuple[int, ...] = ()  # dead or stuck


@dataclass(frozen=True, slots=True)
class Health:
    """Everything lost, by link and by foot; nothing is dropped uncounted."""

    links: Mapping[int, LinkHealth] = field(default_factory=dict)
    feet: Mapping[Side, FootHealth] = field(default_factory=dict)
    alignment_s: float = float("nan")  # how far the feet's clocks have moved apart, left against right; corrected for
    alignment_u_s: float = float("nan")  # standard uncertainty of the alignment of the feet
    clock_offset_s: float = float("nan")  # what the left device's clock shows more than the right one's; corrected for
    clock_drift_ppm: float = float("nan")  # how much faster the left device's clock runs
    pinged: bool = False  # both clocks were asked: the alignment holds whatever the links delay evenly
    k_dyn: float = float("nan")  # body-weight check: BW / mean force over whole strides
    foot_links: Mapping[Side, int] = field(default_factory=dict)  # the link each foot's frames last came over
    behind_s: float = 0.0  # how long what came with the last tick had waited, and the longest of these so far
    most_behind_s: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Update:
    """Everything one push produced. The same object goes to every sink."""

    t_s: float  # recording time reached
    pressures: tuple[PressureBlock, ...]
    early: tuple[EarlyRate, ...]
    contacts: ContactTable  # new rows only
    shapes: tuple[ContactShape, ...]  # new contacts only, before their kind is known
    bands: tuple[ForceBand, ...]  # of the moment; empty when unchanged
    numbers: tuple[KeyNumber, ...]  # of the moment; empty when unchanged
    gauges: tuple[Gauge, ...]  # of the moment; empty when unchanged
    flags: tuple[Flag, ...]  # all that are on watch or on at the moment
    flag_spans: tuple[Flag, ...]  # those that ended in this push
    health: Health
    events: tuple[Event, ...]  # passed through, in order
    warnings: tuple[str, ...] = ()  # new ones only
    silences: tuple[SilentSpan, ...] = ()  # those that ended in this push
    phases: tuple[PhaseResult, ...] = ()  # of calibration, those that were used or refused in this push
    medians: tuple[RunningMedian, ...] = ()  # new contacts only
    rises: tuple[MeanRise, ...] = ()  # of the moment; empty when unchanged, as all that follow
    pictures: tuple[FootPicture, ...] = ()
    rates: tuple[RecentRates, ...] = ()
    loads: tuple[Load, ...] = ()
