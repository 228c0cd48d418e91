"""What a synthetic session is like: every choice with its unit and range, from a source URL or from Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, NamedTuple

from insole.blocks import Kind, Side
from insole.errors import SettingsError
from insole.settings import MASS_RANGE_KG
from insole.sources.synthetic.fit import FIT_S

_TRUE, _FALSE = ("true", "1"), ("false", "0")
STRIKES = ("rearfoot", "midfoot", "forefoot")
MIN_STAND_S = 2.0

_USUAL_VALR_BW_S = {"rearfoot": 58.0, "midfoot": 45.0, "forefoot": 36.0}
# A limp of x: the left foot's loading rate is higher by x (of the mean of both), its impulse by x/4, its contact time
# by x/8.
_LIMP_IMPULSE = 0.25
_LIMP_CONTACT_TIME = 0.125


class Phase(NamedTuple):
    """A part of the plan; `seconds` of the last one says how long it lasts unless the session does."""

    kind: Kind
    seconds: float


def _option(default: Any, text: str, low: float | None = None, high: float | None = None, url: str = "") -> Any:
    """A field with what `--help` says of it, its range and its name in a URL where that is shorter."""
    return field(default=default, metadata={"text": text, "range": (low, high), "url": url})


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticOptions:
    """A synthetic session; the text of each field says what it is.

    Raises
    ------
    SettingsError
        A value out of range or of the wrong kind; names the option as it stands in a URL.
    """

    seed: int = _option(1, "same seed, same bytes", 0, 2**63)
    seconds: float | None = _option(None, "length of the recording; without it the plan's, or endless", 0.5, 360000)
    plan: str = _option("stand:3,run", "stand, walk or run, each with its seconds; the last phase goes on to the end")

    fit: bool = _option(False, "before the plan takes the fit check: 65 s of standing and taps, gains not calibrated")

    body_mass_kg: float = _option(70.0, "kg", *MASS_RANGE_KG, url="mass")
    height_m: float = _option(1.75, "m, for the header", 0.8, 2.6, url="height")
    speed_m_s: float = _option(
        2.8, "m/s; sets cadence and contact time unless they are given", 1.5, 7.0, url="running_speed"
    )
    cadence_spm: float | None = _option(None, "running steps a minute", 120, 240, url="cadence")
    walk_cadence_spm: float = _option(110.0, "walking steps a minute", 60, 140, url="walk_cadence")
    contact_time_s: float | None = _option(
        None, "running, from first to last touch, s; some 15 ms less at 0.05 BW", 0.12, 0.4, url="contact_time"
    )
    contact_time_left_s: float | None = _option(None, "the same, left", 0.12, 0.4, url="contact_time_left")
    contact_time_right_s: float | None = _option(None, "the same, right", 0.12, 0.4, url="contact_time_right")
    valr_bw_s: float | None = _option(
        None, "mean loading rate, BW/s; without it the usual one of the strike", 20, 160, url="valr"
    )
    valr_left_bw_s: float | None = _option(None, "the same, left", 20, 160, url="valr_left")
    valr_right_bw_s: float | None = _option(None, "the same, right", 20, 160, url="valr_right")
    valr_cv_pct: float = _option(10.0, "loading rate from step to step, % (1 SD)", 0, 30, url="valr_cv")
    contact_time_cv_pct: float = _option(
        2.0, "contact time from step to step, and with it peak force, % (1 SD)", 0, 8, url="contact_time_cv"
    )
    valr_drift_pct_min: float = _option(0.0, "fatigue: loading rate, % a minute", -5, 20, url="valr_drift")
    contact_time_drift_pct_min: float = _option(
        0.0, "fatigue: contact time, % a minute", -5, 5, url="contact_time_drift"
    )
    limp: float = _option(
        0.0, "left minus right loading rate over their mean; impulse a quarter of it, contact time an eighth", -1, 1
    )
    strike: str = _option("rearfoot", "rearfoot, midfoot or forefoot")
    strike_left: str | None = _option(None, "the same, left")
    strike_right: str | None = _option(None, "the same, right")
    medial_shift_mm: float = _option(0.0, "load towards the medial edge, mm", -15, 15, url="medial_shift")
    medial_shift_left_mm: float | None = _option(None, "the same, left", -15, 15, url="medial_shift_left")
    medial_shift_right_mm: float | None = _option(None, "the same, right", -15, 15, url="medial_shift_right")

    cells: int = _option(32, "cells of each insole", 1, 256)
    rate_hz: float = _option(200.0, "frames a second", 50, 500, url="rate")
    device: str | None = _option(None, "a device profile instead of cells and rate: its name or TOML file")
    noise_kpa: float = _option(0.8, "white noise of a cell, kPa (1 SD)", 0, 20, url="noise")
    offset_drift_kpa: float = _option(
        1.0, "slow drift of a cell's zero, kPa (1 SD over the cells)", 0, 20, url="offset_drift"
    )
    preload_kpa: float = _option(4.0, "lacing, mean over the cells, kPa", 0, 30, url="preload")
    full_scale_kpa: float | None = _option(
        None, "cells saturate from here on, kPa; without it the device's", 20, 5000, url="full_scale"
    )
    dead_left: tuple[int, ...] = _option((), "cells, from 0, that read nothing")
    dead_right: tuple[int, ...] = _option((), "the same, right")
    stuck_left: tuple[int, ...] = _option((), "cells, from 0, that always read the same load")
    stuck_right: tuple[int, ...] = _option((), "the same, right")
    swapped: bool = _option(False, "each insole says that it is on the other foot")
    reversed_left: bool = _option(False, "channel map wrong: its heel cells answer for the toes")
    reversed_right: bool = _option(False, "the same, right")
    lr_known: bool = _option(True, "gain of left against right counts as calibrated")

    feet: str = _option("both", "both, left or right")
    late_left_s: float = _option(0.0, "the left insole joins so late, s", 0, 3600, url="late_left")
    late_right_s: float = _option(0.0, "the same, right", 0, 3600, url="late_right")
    loss_pct: float = _option(0.0, "packets lost, one by one, %", 0, 50, url="loss")
    bursts_per_min: float = _option(0.0, "times a minute a link loses everything for a while", 0, 60, url="bursts")
    burst_s: float = _option(0.2, "mean length of such a while, s; none is longer than 1.5", 0.02, 1.5, url="burst")
    duplicate_pct: float = _option(0.0, "packets that come twice, %", 0, 50, url="duplicate")
    corrupt_pct: float = _option(0.0, "packets with one wrong byte, %", 0, 50, url="corrupt")
    clock_ppm_left: float = _option(20.0, "device clock, millionths, fast positive", -50000, 50000)
    clock_ppm_right: float = _option(-15.0, "the same, right", -50000, 50000)
    tick_start_left_us: int | None = _option(
        None, "first device tick, us, so that a wrap can be placed; drawn without", 0, 2**32 - 1, url="tick_start_left"
    )
    tick_start_right_us: int | None = _option(None, "the same, right", 0, 2**32 - 1, url="tick_start_right")

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            low, high = item.metadata["range"]
            if low is not None and value is not None and not low <= value <= high:
                raise SettingsError(f"synthetic: {_url_name(item)} = {value:g}: expected {low:g} to {high:g}")
        for name in ("strike", "strike_left", "strike_right"):
            self._check_choice(name, STRIKES)
        self._check_choice("feet", ("both", "left", "right"))
        step_s = 60.0 / self.cadence
        for side in self.sides:
            if self.contact_time(side, 0.0) >= 0.95 * step_s:
                raise SettingsError(
                    f"synthetic: a contact time of {self.contact_time(side, 0.0):.3f} s leaves no flight at "
                    f"{self.cadence:.0f} steps/min: expected less than {0.95 * step_s:.3f} s"
                )
        _ = self.phases

    @classmethod
    def from_mapping(cls, values: Mapping[str, str]) -> SyntheticOptions:
        """Options as they stand in a URL, `limp=0.2&seed=1&cells=99`, or after the command: names to text.

        Raises
        ------
        SettingsError
            An unknown name, or text that is no such value.
        """
        known = {_url_name(item): item for item in fields(cls)}
        arguments: dict[str, Any] = {}
        for name, text in values.items():
            if name not in known:
                raise SettingsError(f"synthetic: unknown option '{name}'; known are {', '.join(sorted(known))}")
            item = known[name]
            try:
                arguments[item.name] = _parsed(str(item.type), text)
            except ValueError:
                expected = _expected(str(item.type))
                raise SettingsError(f"synthetic: {name} = '{text}': expected {expected}") from None
        return cls(**arguments)

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The plan, parsed."""
        phases: list[Phase] = []
        parts = self.plan.split(",")
        for i, part in enumerate(parts):
            name, _, seconds = part.strip().partition(":")
            kinds = {"stand": Kind.STAND, "walk": Kind.WALK, "run": Kind.RUN}
            try:
                phase = Phase(kinds[name], float(seconds) if seconds or i < len(parts) - 1 else float("inf"))
            except (KeyError, ValueError):
                raise SettingsError(
                    f"synthetic: plan = '{self.plan}': '{part}' is not stand, walk or run with seconds (stand:3,run)"
                ) from None
            if not phase.seconds >= MIN_STAND_S:
                raise SettingsError(f"synthetic: plan = '{self.plan}': a phase lasts at least {MIN_STAND_S:g} s")
            phases.append(phase)
        return tuple(phases)

    @property
    def duration_s(self) -> float:
        """Length of the recording, infinite where nothing ends it."""
        if self.seconds is not None:
            return self.seconds
        return sum(phase.seconds for phase in self.phases) + (FIT_S if self.fit else 0.0)

    @property
    def sides(self) -> tuple[Side, ...]:
        """The feet that wear an insole."""
        return {"left": (Side.LEFT,), "right": (Side.RIGHT,)}.get(self.feet, (Side.LEFT, Side.RIGHT))

    @property
    def cadence(self) -> float:
        """Running steps a minute; without a choice a line through the usual values of METRICS.md 5."""
        return self.cadence_spm if self.cadence_spm is not None else 162.0 + 10.0 * (self.speed_m_s - 2.5)

    def contact_time(self, side: Side, t_s: float) -> float:
        """Mean time on the ground of the foot's running contacts at that time of the session, s."""
        own = _of_side(side, self.contact_time_left_s, self.contact_time_right_s)
        if own is None:
            usual = self.contact_time_s if self.contact_time_s is not None else 0.292 * (2.5 / self.speed_m_s) ** 0.6
            own = usual * (1.0 + _of_side(side, 0.5, -0.5) * _LIMP_CONTACT_TIME * self.limp)
        return float(own * _drifted(self.contact_time_drift_pct_min, t_s))

    def valr(self, side: Side, t_s: float) -> float:
        """Mean loading rate of the foot's running contacts at that time of the session, BW/s."""
        own = _of_side(side, self.valr_left_bw_s, self.valr_right_bw_s)
        if own is None:
            usual = self.valr_bw_s if self.valr_bw_s is not None else _USUAL_VALR_BW_S[self.strike_of(side)]
            own = usual * (1.0 + _of_side(side, 0.5, -0.5) * self.limp)
        return float(own * _drifted(self.valr_drift_pct_min, t_s))

    def impulse_share(self, side: Side) -> float:
        """Impulse of the foot's running contacts over the mean of both feet."""
        return 1.0 + (0.5 if side is Side.LEFT else -0.5) * _LIMP_IMPULSE * self.limp

    def strike_of(self, side: Side) -> str:
        """Strike pattern of the foot."""
        return str(_of_side(side, self.strike_left, self.strike_right) or self.strike)

    def medial_shift(self, side: Side) -> float:
        """Shift of the foot's load towards the medial edge, mm."""
        own = _of_side(side, self.medial_shift_left_mm, self.medial_shift_right_mm)
        return self.medial_shift_mm if own is None else float(own)

    def to_dict(self) -> dict[str, Any]:
        """All options by field name, plain values."""
        return asdict(self)

    def _check_choice(self, name: str, choices: tuple[str, ...]) -> None:
        value = getattr(self, name)
        if value is not None and value not in choices:
            raise SettingsError(f"synthetic: {name} = '{value}': expected {', '.join(choices[:-1])} or {choices[-1]}")


def option_table() -> list[tuple[str, str, str]]:
    """(name in a URL, default as text, what it is) of every option, for a help text."""
    rows = []
    for item in fields(SyntheticOptions):
        default = "" if item.default is None or item.default == () else str(item.default)
        rows.append((_url_name(item), default, str(item.metadata["text"])))
    return rows


def _of_side(side: Side, left: Any, right: Any) -> Any:
    return left if side is Side.LEFT else right


def _drifted(pct_min: float, t_s: float) -> float:
    """What fatigue has made of 1 by then; it stops at half and at double."""
    return min(max(1.0 + 0.01 * pct_min * t_s / 60.0, 0.5), 2.0)


def _url_name(item: Any) -> str:
    return str(item.metadata["url"] or item.name)


def _expected(kind: str) -> str:
    """What the text of a field of this kind must be, in words."""
    if "tuple" in kind:
        return "whole numbers, separated by commas"
    if "bool" in kind:
        return "true or false"
    return "a whole number" if "int" in kind else "a number"


def _parsed(kind: str, text: str) -> Any:
    """Text as the kind of value a field holds."""
    if "tuple" in kind:
        return tuple(int(part) for part in text.split(",") if part.strip())
    if "bool" in kind:
        if text.lower() not in _TRUE + _FALSE:
            raise ValueError(text)
        return text.lower() in _TRUE
    if "int" in kind:
        return int(text)
    if "float" in kind:
        return float(text)
    return text
