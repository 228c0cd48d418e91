"""What a person may choose: limits, lines, persistence, runner.

In: a TOML file, or plain values. Out: frozen dataclasses, validated; an unknown key is an error. They are written into
each recording's header, so that a replay is self-contained.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from insole.errors import SettingsError
from insole.plain_values import build, read_toml

MASS_RANGE_KG = (20.0, 250.0)
HEIGHT_RANGE_M = (0.8, 2.6)
SPEED_RANGE_M_S = (0.1, 13.0)
INCLINE_RANGE_PCT = (-40.0, 50.0)
GAIN_RANGE = (0.5, 2.0)  # of a calibration on the runner; beyond it something else is wrong


@dataclass(frozen=True, slots=True)
class Runner:
    """Who runs: a code, never a name; what the metrics need of the body; the treadmill as entered."""

    code: str = ""
    body_mass_kg: float | None = None
    body_mass_source: str = "recording"  # recording | option | estimated | nominal
    height_m: float | None = None
    shoe: str = ""
    speed_m_s: float | None = None
    incline_pct: float | None = None

    def __post_init__(self) -> None:
        low, high = MASS_RANGE_KG
        if self.body_mass_kg is not None and not low <= self.body_mass_kg <= high:
            raise SettingsError(f"body mass {self.body_mass_kg} kg: expected {low:g} to {high:g}")
        low, high = HEIGHT_RANGE_M
        if self.height_m is not None and not low <= self.height_m <= high:
            raise SettingsError(f"height {self.height_m} m: expected {low:g} to {high:g}")


@dataclass(frozen=True, slots=True)
class EventSettings:
    """Contact detection (METRICS.md 2.1). `threshold_n` replaces the default max(0.05 BW, 20 N, 6 sigma)."""

    threshold_n: float | None = None

    def __post_init__(self) -> None:
        if self.threshold_n is not None and not 10.0 <= self.threshold_n <= 200.0:
            raise SettingsError(f"events.threshold_n = {self.threshold_n}: expected 10 to 200 N")


@dataclass(frozen=True, slots=True)
class Limits:
    """Lines of the in-session flags (METRICS.md 8.2, 7.4). A `_ratio` is a multiple of the runner's own value."""

    valr_watch_bw_s: float = 66.0
    valr_on_bw_s: float = 70.0
    asymmetry_contact_time_pct: float = 5.0
    asymmetry_stride_time_pct: float = 5.0
    asymmetry_impulse_pct: float = 7.0
    asymmetry_peak_force_pct: float = 10.0
    asymmetry_valr_pct: float = 25.0
    loss_pct: float = 2.0
    k_dyn: float = 0.10
    saturation_pct: float = 1.0
    faulty_cells: float = 0.0
    valr_up_ratio: float = 1.20
    baseline_low_ratio: float = 1.05  # the lower bound of what is held against an own value must lie above this, too
    drift_pct: float = 10.0
    drift_contact_time_pct: float = 4.0
    heel_pressure_ratio: float = 1.25
    heel_pressure_kpa: float = 495.0
    mlr_sd: float = 2.0
    arch_index_share_pct: float = 80.0
    cop_advance_ratio: float = 0.90
    uneven_ratio: float = 1.5

    def __post_init__(self) -> None:
        for key, (low, high) in _LIMIT_RANGES.items():
            _in_range(f"flags.limits.{key}", getattr(self, key), low, high)
        if self.valr_on_bw_s < self.valr_watch_bw_s:
            raise SettingsError(
                f"flags.limits.valr_on_bw_s = {self.valr_on_bw_s:g}: expected valr_watch_bw_s = "
                f"{self.valr_watch_bw_s:g} or more"
            )


_LIMIT_RANGES = {
    "valr_watch_bw_s": (1.0, 1000.0),
    "valr_on_bw_s": (1.0, 1000.0),
    "asymmetry_contact_time_pct": (0.1, 199.0),
    "asymmetry_stride_time_pct": (0.1, 199.0),
    "asymmetry_impulse_pct": (0.1, 199.0),
    "asymmetry_peak_force_pct": (0.1, 199.0),
    "asymmetry_valr_pct": (0.1, 199.0),
    "loss_pct": (0.0, 100.0),
    "k_dyn": (0.0, 10.0),
    "saturation_pct": (0.0, 100.0),
    "faulty_cells": (0.0, 1024.0),
    "valr_up_ratio": (1.01, 10.0),
    "baseline_low_ratio": (1.0, 10.0),
    "drift_pct": (2.0, 1000.0),  # smaller changes get no interval
    "drift_contact_time_pct": (2.0, 1000.0),
    "heel_pressure_ratio": (1.01, 10.0),
    "heel_pressure_kpa": (1.0, 10000.0),
    "mlr_sd": (0.1, 20.0),
    "arch_index_share_pct": (1.0, 100.0),
    "cop_advance_ratio": (0.1, 0.99),
    "uneven_ratio": (1.01, 100.0),
}


@dataclass(frozen=True, slots=True)
class FlagSettings:
    """Whether flags are raised at all, and how long a condition must hold."""

    enabled: bool = True
    persist_s: float = 60.0
    release_s: float = 30.0
    release_ratio: float = 0.9
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        _in_range("flags.persist_s", self.persist_s, 0.0, 3600.0)
        _in_range("flags.release_s", self.release_s, 1.0, 3600.0)
        _in_range("flags.release_ratio", self.release_ratio, 0.1, 1.0)


@dataclass(frozen=True, slots=True)
class Baseline:
    """The runner's own values at the usual speed, on a flat road; None: no comparison.

    The loading rate is compared at the same cadence only, so it needs `cadence_spm` too. `mlr_mean` and `mlr_sd` are of
    the medial-lateral ratio in 20 to 60 % of stance, `mlr_contact_mean` and `mlr_contact_sd` in 20 to 40 %
    (forefoot contact). The last three are the step-to-step variation of a minute.
    """

    valr_bw_s: float | None = None
    cadence_spm: float | None = None
    heel_peak_pressure_kpa: float | None = None
    mlr_mean: float | None = None
    mlr_sd: float | None = None
    mlr_contact_mean: float | None = None
    mlr_contact_sd: float | None = None
    arch_index: float | None = None
    cop_advance_mm: float | None = None
    cop_x_50_mm_sd: float | None = None
    contact_time_cv_pct: float | None = None
    peak_pressure_cv_pct: float | None = None

    def __post_init__(self) -> None:
        for f in fields(self):
            value = getattr(self, f.name)
            if value is not None and f.name not in {"mlr_mean", "mlr_contact_mean"}:
                _in_range(f"baseline.{f.name}", value, 1e-9, 1e6)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Gains found on the runner (METRICS.md 1.4): 1 where none was made. `lr_known`: single-leg stances were held."""

    gain_left: float = 1.0
    gain_right: float = 1.0
    lr_known: bool = False
    zero_left_kpa: tuple[float, ...] | None = None  # unloaded zero per cell
    zero_right_kpa: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        _in_range("calibration.gain_left", self.gain_left, *GAIN_RANGE)
        _in_range("calibration.gain_right", self.gain_right, *GAIN_RANGE)


@dataclass(frozen=True, slots=True)
class CueSettings:
    """What the runner hears and sees (METRICS.md 9); the target of the loading rate is `target_valr_bw_s`.

    `feet`: both, left, right, or worse: the foot with the higher baseline, both until there is one.
    `metric` is what the runner's screen shows.
    """

    sound: str = "off"
    feet: str = "both"
    metric: str = "valr_bw_s"
    target_cadence_spm: float | None = None

    def __post_init__(self) -> None:
        for key, known in CUE_CHOICES.items():
            value = getattr(self, key)
            if value not in known:
                raise SettingsError(f"cue.{key} = '{value}': expected {', '.join(known)}")
        if self.target_cadence_spm is not None:
            _in_range("cue.target_cadence_spm", self.target_cadence_spm, *TARGET_RANGE_SPM)


CUE_CHOICES = {
    "sound": ("off", "beep", "pitch"),
    "feet": ("both", "left", "right", "worse"),
    "metric": ("valr_bw_s", "cadence_spm"),
}
TARGET_RANGE_BW_S = (5.0, 200.0)
TARGET_RANGE_SPM = (100.0, 260.0)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one session."""

    events: EventSettings = field(default_factory=EventSettings)
    flags: FlagSettings = field(default_factory=FlagSettings)
    baseline: Baseline = field(default_factory=Baseline)
    calibration: Calibration = field(default_factory=Calibration)
    target_valr_bw_s: float | None = None
    cue: CueSettings = field(default_factory=CueSettings)
    swap_feet: bool = False  # what says it is left is on the right foot; for a whole session, never changed within it

    def __post_init__(self) -> None:
        if self.target_valr_bw_s is not None:
            _in_range("target_valr_bw_s", self.target_valr_bw_s, *TARGET_RANGE_BW_S)

    def to_dict(self) -> dict[str, Any]:
        """Plain nested values, for a header."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any], origin: str = "settings") -> Settings:
        """Build from nested plain values; an unknown key or wrong kind is a SettingsError that names it."""
        return build(cls, values, origin)

    @classmethod
    def read(cls, path: Path) -> Settings:
        """Read a TOML file.

        Raises
        ------
        SettingsError
            Names the file, the key and what was expected.
        """
        return cls.from_dict(read_toml(path), str(path))

    def changed(self, key: str, value: float | str | bool) -> Settings:
        """A copy with the dotted `key` set, as a SettingChange input asks for."""
        values = self.to_dict()
        node = values
        *parents, last = key.split(".")
        for parent in parents:
            node = node.get(parent, {})
        if last not in node:
            raise SettingsError(f"settings: unknown key '{key}'")
        node[last] = value
        return self.from_dict(values)


def _in_range(key: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise SettingsError(f"{key} = {value:g}: expected {low:g} to {high:g}")


def with_body_mass(runner: Runner, body_mass_kg: float, source: str) -> Runner:
    """The runner with a body mass and where it came from."""
    return replace(runner, body_mass_kg=body_mass_kg, body_mass_source=source)
