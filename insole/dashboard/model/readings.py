"""Key numbers, paired values, gauges and regional shares as they are to stand on the screen (DESIGN.md 5). No Qt.

In: the scene. Out: frozen texts and positions. What may not be shown is a dash and its reason; a number never
outlives its link.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from insole.blocks import FlagState, Gauge, KeyNumber, Side, Status
from insole.dashboard.model.scene import FEET, Link, Scene
from insole.dashboard.model.words import DASH, NumberStyle, digits_of, letter, metric_name

GAUGE_METRICS = ("valr_bw_s", "peak_force_bw", "impulse_bw_s", "contact_time_ms")
PAIRED = (
    ("peak_pressure_kpa", "Peak pressure, kPa"),
    ("rearfoot_pct", "Rearfoot contacts, %"),
    ("flight_time_ms", "Flight time after, ms"),
)
REGION_NAMES = {  # toes to heel, as the foot stands on the screen
    "toes": "Toes 2–5",
    "hallux": "Hallux",
    "mth3_5": "MTH 3–5",
    "mth2": "MTH 2",
    "mth1": "MTH 1",
    "midfoot": "Midfoot",
    "heel": "Heel",
}
SHARE_METRIC = "fti_rel_pct_"
NEEDED_CONTACTS = 10
UNLINED_SCALE_PCT = 50.0  # end of the bar of a metric without a note line
SETTLED_CONTACTS = 25
NOT_YET = frozenset({Status.FEW_CONTACTS})


@dataclass(frozen=True, slots=True)
class Reading:
    """One number: `value` large, `spread` beside it. Not `shown`: the value is a dash, the spread its reason.

    `reason` says why a shown value is approximate.
    """

    value: str
    spread: str
    shown: bool
    flag: FlagState = FlagState.OFF
    unit: str = ""
    note: str = ""
    reason: str = ""

    @property
    def beside(self) -> str:
        """Spread and reason in one."""
        return ", ".join(part for part in (self.spread, self.reason) if part)

    @property
    def shortest(self) -> str:
        """Where there is no room for both: the reason says more than a spread that is not to be relied on."""
        return self.reason or self.spread


def reading(scene: Scene, metric: str, side: Side | None, style: NumberStyle) -> Reading:
    """The key number of a metric and foot (None: of both together)."""
    if side is not None and scene.link(side) in {Link.ABSENT, Link.LOST}:
        return Reading(DASH, scene.link(side).value, shown=False)
    if side is None and all(scene.link(s) in {Link.ABSENT, Link.LOST} for s in FEET):
        return Reading(DASH, scene.link(Side.LEFT).value, shown=False)
    number = scene.numbers.get((metric, side))
    if number is None:
        return Reading(DASH, "" if scene.ended else "waiting", shown=False)
    reason = withheld(number)
    if reason is not None:
        return Reading(DASH, reason, shown=False, unit=number.unit)
    digits = digits_of(number.unit)
    flag = scene.flag_of(metric, side)
    if number.status == Status.LIMITED:
        return _limited(number, digits, flag, style)
    return Reading(
        style.number(number.value, digits),
        style.half_width(number.low, number.high, digits),
        shown=True,
        flag=flag,
        unit=number.unit,
        note=number.reason,
    )


def withheld(number: KeyNumber) -> str | None:
    """Why this number may not be shown; None when it may."""
    if number.status in NOT_YET or (number.n < number.needed and number.status <= Status.LIMITED):
        return f"{number.n} of {number.needed}"
    if number.status > Status.LIMITED:
        return number.reason or number.status.text
    return None if math.isfinite(number.value) else number.reason or "not measured"


def _limited(number: KeyNumber, digits: int, flag: FlagState, style: NumberStyle) -> Reading:
    """One digit less, an approximate sign, and the reason."""
    coarse = max(digits - 1, 0)
    return Reading(
        f"≈ {style.number(number.value, coarse)}",
        style.half_width(number.low, number.high, coarse),
        shown=True,
        flag=min(flag, FlagState.WATCH, key=int),
        unit=number.unit,
        reason=number.reason or Status.LIMITED.text,
    )


@dataclass(frozen=True, slots=True)
class GaugeRow:
    """A left-right difference: bar from `low` to `high`, diamond at `at`, all from -1 (left end) to 1 (right end).

    Left higher stands on the left. `verdict` says in words what the bar shows.
    """

    metric: str
    title: str
    side: Side | None
    value: str
    spread: str
    reason: str = ""
    at: float = 0.0
    low: float = 0.0
    high: float = 0.0
    shown: bool = False
    settling: bool = False
    calibrated: bool = True
    noted: bool = False
    verdict: str = ""
    short_verdict: str = ""  # in a word or two, only where it changes how the bar is read
    note_line: str = ""  # '25 %'; empty where the metric has none


def gauge_row(scene: Scene, metric: str, style: NumberStyle) -> GaugeRow:
    """The row of one metric; without both feet nothing is guessed."""
    title = metric_name(metric)
    if not scene.both_feet:
        return GaugeRow(metric, title, None, DASH, "", "needs both feet")
    gauge = scene.gauges.get(metric)
    if gauge is None:
        nothing = "" if scene.ended else "waiting"
        return GaugeRow(metric, title, None, DASH, "", "not measured" if scene.gauges else nothing)
    n = min(gauge.n_left, gauge.n_right)
    reason = _no_gauge(gauge, n)
    if reason:
        return GaugeRow(metric, title, None, DASH, "", reason)
    side = Side.LEFT if gauge.value_pct >= 0 else Side.RIGHT
    lined = math.isfinite(gauge.note_line_pct)
    beyond = lined and _one_sided(gauge) and min(abs(gauge.low_pct), abs(gauge.high_pct)) > gauge.note_line_pct
    noted = beyond and gauge.calibrated and n >= SETTLED_CONTACTS
    full = 2 * gauge.note_line_pct if lined else UNLINED_SCALE_PCT
    digits = 1 if abs(gauge.value_pct) >= 0.05 else 2  # "+0.0, beyond step noise" would contradict itself
    return GaugeRow(
        metric,
        title,
        side,
        f"+{style.number(abs(gauge.value_pct), digits)}",
        f"{style.half_width(gauge.low_pct, gauge.high_pct, digits)} %",
        at=_clamped(-gauge.value_pct / full),
        low=_clamped(-gauge.high_pct / full),
        high=_clamped(-gauge.low_pct / full),
        shown=True,
        settling=n < SETTLED_CONTACTS,
        calibrated=gauge.calibrated,
        noted=noted,
        verdict=_verdict(gauge, noted, n),
        short_verdict=_short(gauge, noted, n),
        note_line=f"{style.number(gauge.note_line_pct, 0)} %" if lined else "",
    )


def _no_gauge(gauge: Gauge, n: int) -> str:
    """Why the difference may not be shown; empty when it may."""
    if gauge.status > Status.LIMITED and gauge.status not in NOT_YET:
        return gauge.status.text
    if gauge.status in NOT_YET or n < NEEDED_CONTACTS:
        return f"{n} of {NEEDED_CONTACTS} contacts"
    return "" if math.isfinite(gauge.value_pct) else "not measured"


def _verdict(gauge: Gauge, noted: bool, n: int) -> str:
    if not gauge.calibrated:
        return "gain L/R unknown, no flag"
    if n < SETTLED_CONTACTS:
        return "settling"
    if noted:
        return "Note: larger than usual, not chance"
    if not math.isfinite(gauge.note_line_pct):
        return "no note line: shown only"
    return "beyond step noise, below note line" if _one_sided(gauge) else "not beyond step noise"


def _short(gauge: Gauge, noted: bool, n: int) -> str:
    if not gauge.calibrated:
        return "gain unknown"
    if n < SETTLED_CONTACTS:
        return "settling"
    return "note" if noted else ""


def _one_sided(gauge: Gauge) -> bool:
    return gauge.low_pct > 0 or gauge.high_pct < 0


def _clamped(position: float) -> float:
    return min(1.0, max(-1.0, position)) if math.isfinite(position) else 0.0


@dataclass(frozen=True, slots=True)
class ShareRow:
    """Share of impulse of one region, both feet, in percent; None where it may not be shown."""

    name: str
    left: float | None
    right: float | None


def share_rows(scene: Scene) -> tuple[ShareRow, ...]:
    """Regions from toes to heel; empty as long as the pipeline gives no such numbers."""

    def share(region: str, side: Side) -> float | None:
        number = scene.numbers.get((SHARE_METRIC + region, side))
        if number is None or withheld(number) is not None or scene.link(side) is not Link.UP:
            return None
        return number.value

    known = [r for r in REGION_NAMES if any((SHARE_METRIC + r, side) in scene.numbers for side in FEET)]
    return tuple(ShareRow(REGION_NAMES[r], share(r, Side.LEFT), share(r, Side.RIGHT)) for r in known)


def spoken(title: str, unit: str, pairs: dict[Side, Reading]) -> str:
    """A tile as one line of text, for screen readers."""
    return f"{title}, {unit}: " + "; ".join(f"{letter(s)} {r.value} {r.beside}".strip() for s, r in pairs.items())
