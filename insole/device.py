"""What an insole is: cells, geometry, regions and the curve from counts to pressure. Reads devices/<name>.toml.

In: a TOML file or the header of a recording. Out: a frozen `Device` that the calibration and the metrics read.
A device of one cell without geometry is a force plate: its cell has 1000 mm2, so that 1 kPa is 1 N.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from insole.blocks import FloatArray, IntArray
from insole.errors import SettingsError
from insole.plain_values import checked

FORCE_CELL_AREA_MM2 = 1000.0
MAX_CELLS = 1024
FULL_SCALE = 65535

# The default insole: corners of a smooth closed curve, x from medial, y from heel.
DEFAULT_OUTLINE = np.array(
    """0.500,0.000 0.360,0.009 0.248,0.042 0.182,0.102 0.164,0.175 0.182,0.262 0.222,0.350 0.250,0.435 0.232,0.515
    0.168,0.595 0.084,0.665 0.028,0.730 0.006,0.795 0.016,0.862 0.062,0.926 0.140,0.974 0.238,0.998 0.345,0.998
    0.455,0.978 0.568,0.942 0.679,0.894 0.784,0.835 0.872,0.766 0.938,0.690 0.978,0.610 0.993,0.528 0.986,0.448
    0.956,0.368 0.914,0.285 0.878,0.200 0.854,0.122 0.796,0.053 0.700,0.013 0.600,0.001""".replace(",", " ").split(),
    np.float64,
).reshape(-1, 2)

# METRICS.md 6.1: heel/midfoot and midfoot/forefoot lines from pressuRe's automask (Telfer), toe line by decision.
REGION_BOUNDS: dict[str, tuple[float, float, float, float]] = {
    # name: (y low, y high, x low, x high); x from medial
    "heel": (0.0, 0.27, 0.0, 1.0),
    "heel_med": (0.0, 0.27, 0.0, 0.5),
    "heel_lat": (0.0, 0.27, 0.5, 1.0),
    "midfoot": (0.27, 0.55, 0.0, 1.0),
    "midfoot_med": (0.27, 0.55, 0.0, 0.5),
    "midfoot_lat": (0.27, 0.55, 0.5, 1.0),
    "mth1": (0.55, 0.80, 0.0, 0.30),
    "mth2": (0.55, 0.80, 0.30, 0.47),
    "mth3_5": (0.55, 0.80, 0.47, 1.0),
    "hallux": (0.80, 1.0, 0.0, 0.33),
    "toes": (0.80, 1.0, 0.33, 1.0),
    "medial": (0.0, 1.0, 0.0, 0.5),  # of heel and forefoot, for the medial-lateral ratio; midfoot left out below
    "lateral": (0.0, 1.0, 0.5, 1.0),
    "proximal_third": (0.0, 0.80 / 3, 0.0, 1.0),  # of the foot without toes, for the arch index
    "middle_third": (0.80 / 3, 1.60 / 3, 0.0, 1.0),
    "distal_third": (1.60 / 3, 0.80, 0.0, 1.0),
}
REGIONS = tuple(REGION_BOUNDS)
MASKS = ("heel", "midfoot", "mth1", "mth2", "mth3_5", "hallux", "toes")  # disjoint, cover the foot
_SPLITS = ("heel_med", "heel_lat", "midfoot_med", "midfoot_lat")
AREA_WEIGHTED_CELLS = 64  # from here on a boundary cell is shared between regions by area


@dataclass(frozen=True, eq=False)  # no slots: what follows from the geometry and the curve is computed once
class Device:
    """One insole model, or one force signal.

    Parameters
    ----------
    name : str
    rate_hz : float
        Nominal sampling rate; every gate and tap count uses it.
    x, y : (c,) float64
        Cell centres in 0..1: x from the medial edge on both feet, y from the heel. NaN without geometry.
    area_mm2 : (c,) float64
        Area each cell stands for.
    scale_kpa : (c,) float64
        kPa per count above `offset_counts` (linear devices), or a gain on the curve's kPa.
    offset_counts : float
        Count that means zero pressure; may lie anywhere, so that negative values survive.
    curve : (p, 2) float64 or None
        Points (counts above offset, kPa) of a monotone curve, joined by PCHIP; None for linear devices.
    full_scale_counts : int
        From here on a cell is saturated.
    length_mm, width_mm : float
        Of the insole; turn normalised positions into millimetres.
    tau_ms : float
        First-order lag of the sensor; NaN when unknown (METRICS.md 1.5: loading rate is then at most limited).
    u_cal : float
        Relative standard uncertainty of the calibration, common to all contacts (METRICS.md 3.5).
    zeroed : bool
        The unloaded output is known to be exactly zero pressure (plates, force tables): no start zero is looked for.
    lr_calibrated : bool
        Left and right gain are known against each other, so that a difference in magnitude may raise a flag.
    areas_known : bool
        False where cells stand for a force, not for a pressure: what is in kPa is then withheld.
    outline : (v, 2) float64 or None
        Own outline of the insole in normalised coordinates; None: the default foot.

    Raises
    ------
    SettingsError
        Where a value is outside its range.
    """

    name: str
    rate_hz: float
    x: FloatArray
    y: FloatArray
    area_mm2: FloatArray
    scale_kpa: FloatArray
    offset_counts: float = 0.0
    curve: FloatArray | None = None
    full_scale_counts: int = FULL_SCALE
    length_mm: float = 260.0
    width_mm: float = 95.0
    tau_ms: float = float("nan")
    u_cal: float = 0.08
    zeroed: bool = False
    lr_calibrated: bool = False
    areas_known: bool = True
    outline: FloatArray | None = None

    def __post_init__(self) -> None:
        c = len(self.area_mm2)
        if not 1 <= c <= MAX_CELLS:
            raise SettingsError(f"device {self.name}: area_mm2 says {c} cells, expected 1 to {MAX_CELLS}")
        for key in ("x", "y", "scale_kpa"):
            if len(getattr(self, key)) != c:
                raise SettingsError(f"device {self.name}: {key} has {len(getattr(self, key))} values for {c} cells")
        if not 1.0 <= self.rate_hz <= 20000.0:
            raise SettingsError(f"device {self.name}: rate_hz = {self.rate_hz}, expected 1 to 20000")
        if not (np.all(np.isfinite(self.area_mm2)) and np.all(self.area_mm2 >= 0) and np.any(self.area_mm2 > 0)):
            raise SettingsError(f"device {self.name}: area_mm2 must be 0 or more, and not all 0")
        if not np.all(np.isfinite(self.scale_kpa)):
            raise SettingsError(f"device {self.name}: scale_kpa must be finite")
        if not np.isfinite(self.offset_counts) or abs(self.offset_counts) > 1e9:
            raise SettingsError(f"device {self.name}: offset_counts = {self.offset_counts}, expected a finite number")
        for key, low, high in (("length_mm", 50, 500), ("width_mm", 20, 250), ("u_cal", 0, 1)):
            if not low <= getattr(self, key) <= high:
                raise SettingsError(f"device {self.name}: {key} = {getattr(self, key)}, expected {low} to {high}")
        for key, width in (("curve", 2), ("outline", 2)):
            points = getattr(self, key)
            if points is not None and (points.ndim != 2 or points.shape[1] != width or len(points) < 3):
                raise SettingsError(f"device {self.name}: {key} must be a list of at least 3 pairs")
        if self.curve is not None and not np.all(np.diff(self.curve, axis=0) > 0):
            raise SettingsError(f"device {self.name}: curve must rise from point to point")

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        return len(self.area_mm2)

    @cached_property
    def has_geometry(self) -> bool:
        """Whether cell positions are known at all."""
        return bool(np.all(np.isfinite(self.x)) and np.all(np.isfinite(self.y)))

    @cached_property
    def cells_along(self) -> int:
        """Distinct cell rows between heel and toe (to 2 % of the length); 0 without geometry."""
        return len(np.unique(np.round(self.y / 0.02))) if self.has_geometry else 0

    @cached_property
    def cells_across(self) -> bool:
        """Whether both borders are covered, so that medio-lateral positions mean something."""
        return self.has_geometry and self.n_cells >= 12 and bool(self.x.min() < 0.35 and self.x.max() > 0.65)

    def nearest_cells(self, count: int) -> IntArray | None:
        """The `count` cells nearest to each cell, (count, c); None for fewer than twice as many or no geometry."""
        if not self.has_geometry or self.n_cells < 2 * count:
            return None
        x_mm, y_mm = self.x * self.width_mm, self.y * self.length_mm
        apart = np.hypot(x_mm[:, None] - x_mm, y_mm[:, None] - y_mm)
        np.fill_diagonal(apart, np.inf)
        nearest: IntArray = np.argsort(apart, axis=0, kind="stable")[:count]
        return nearest

    def to_kpa(self, counts: np.ndarray[Any, Any]) -> FloatArray:
        """Pressure of raw counts, shape (..., c), before any zero; clamped to the curve's range, never extrapolated."""
        above: FloatArray = counts.astype(np.float64)
        above -= self.offset_counts
        if self.curve is not None:
            above = self._through_curve(np.clip(above, self.curve[0, 0], self.curve[-1, 0]))
        out: FloatArray = above * self.scale_kpa  # one column of counts may stand for all cells
        return out

    @cached_property
    def _through_curve(self) -> Callable[[FloatArray], FloatArray]:
        """From counts above the offset to kPa."""
        from scipy.interpolate import PchipInterpolator  # slow to import, and few devices have a curve

        assert self.curve is not None
        return PchipInterpolator(self.curve[:, 0], self.curve[:, 1])

    def region_weights(self) -> FloatArray:
        """Share of each cell in each region of `REGIONS`, (c, r); a column of NaN where the device has no such region.

        A cell belongs to the region of its centre; from 64 cells on it is shared by the area of a rectangle around it.
        A cell without area belongs to none. Of two rows of zones only the heel is known: the other is larger than any
        region.
        """
        weights = np.full((self.n_cells, len(REGIONS)), np.nan)
        rows = self.cells_along
        if rows < 2:
            return weights
        half_x = half_y = np.zeros(self.n_cells)
        if self.n_cells >= AREA_WEIGHTED_CELLS:
            side_mm = np.sqrt(self.area_mm2)
            half_x, half_y = side_mm / self.width_mm / 2, side_mm / self.length_mm / 2
        for column, (name, (y0, y1, x0, x1)) in enumerate(REGION_BOUNDS.items()):
            share = _overlap(self.y, half_y, y0, y1) * _overlap(self.x, half_x, x0, x1) * (self.area_mm2 > 0)
            if name in ("medial", "lateral"):
                share *= 1 - _overlap(self.y, half_y, 0.27, 0.55)
            if (name in _SPLITS and np.count_nonzero(share) < 2) or (rows == 2 and name != "heel"):
                continue
            if np.any(share > 0):
                weights[:, column] = share
        return weights

    def with_changes(self, **changes: Any) -> Device:
        """A copy with some fields replaced."""
        return replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for a recording's header; `from_dict` reads them back exactly."""
        out: dict[str, Any] = {}
        for key in self.__dataclass_fields__:
            value = getattr(self, key)
            out[key] = value.tolist() if isinstance(value, np.ndarray) else value
        return out

    @classmethod
    def from_dict(cls, values: dict[str, Any], origin: str = "device profile") -> Device:
        """Build from plain values, as they stand in a header or a TOML file.

        Raises
        ------
        SettingsError
            An unknown key, a missing one, or a value of the wrong kind; names the key.
        """
        unknown = set(values) - set(cls.__dataclass_fields__)
        if unknown:
            raise SettingsError(f"{origin}: unknown key '{min(unknown)}'")
        try:
            arrays = {
                key: np.asarray(value, np.float64)
                for key, value in values.items()
                if key in ("x", "y", "area_mm2", "scale_kpa", "curve", "outline") and value is not None
            }
            missing = [key for key in ("name", "rate_hz", "area_mm2", "scale_kpa") if values.get(key) is None]
            if missing:
                raise SettingsError(f"{origin}: '{missing[0]}' is missing")
            if arrays["area_mm2"].ndim != 1:
                raise SettingsError(f"{origin}: area_mm2 is a list with the area of every cell")
            c = len(arrays["area_mm2"])
            arrays = {k: np.full(c, float(v)) if v.ndim == 0 else v for k, v in arrays.items()}
            for key in ("x", "y"):
                arrays.setdefault(key, np.full(c, np.nan))
            others: dict[str, Any] = {
                key: checked(cls.__dataclass_fields__[key].type, values[key], origin, key)
                for key in values.keys() - arrays.keys()
            }
            if any(a.ndim != 1 for key, a in arrays.items() if key not in ("curve", "outline")):
                raise SettingsError(f"{origin}: x, y, area_mm2 and scale_kpa are plain lists")
            return cls(**{**others, **arrays})
        except (KeyError, TypeError, ValueError) as error:
            raise SettingsError(f"{origin}: {error}") from error

    @classmethod
    def named(cls, name: str) -> Device:
        """The shipped profile devices/<name>.toml, or the TOML file of that path."""
        path = Path(name)
        shipped = files("insole") / "devices" / f"{name}.toml"
        if path.suffix == ".toml" and path.is_file():
            text, origin = path.read_text(encoding="utf-8"), str(path)
        elif shipped.is_file():
            text, origin = shipped.read_text(encoding="utf-8"), f"devices/{name}.toml"
        else:
            raise SettingsError(f"no device '{name}': give a TOML file or one of {', '.join(device_names())}")
        try:
            values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise SettingsError(f"{origin}: {error}") from error
        return cls.from_dict(values, origin)


def device_names() -> list[str]:
    """Names of the shipped profiles."""
    return sorted(p.name[:-5] for p in (files("insole") / "devices").iterdir() if p.name.endswith(".toml"))


def force_device(name: str, rate_hz: float, newton_per_count: float, offset_counts: float = 0.0) -> Device:
    """A force plate or an insole's total force as a device of one cell (1 kPa on 1000 mm2 is 1 N)."""
    return Device(
        name=name,
        rate_hz=rate_hz,
        x=np.array([np.nan]),
        y=np.array([np.nan]),
        area_mm2=np.array([FORCE_CELL_AREA_MM2]),
        scale_kpa=np.array([newton_per_count]),
        offset_counts=offset_counts,
        tau_ms=0.0,
        u_cal=0.0,
        zeroed=True,
        lr_calibrated=True,
        areas_known=False,
    )


def _overlap(centre: FloatArray, half: FloatArray, low: float, high: float) -> FloatArray:
    """Share of [centre - half, centre + half] inside [low, high); a point is in or out. Outer bounds are open-ended."""
    low = -np.inf if low <= 0.0 else low
    high = np.inf if high >= 1.0 else high
    inside = np.clip(np.minimum(centre + half, high) - np.maximum(centre - half, low), 0.0, None)
    point = ((centre >= low) & (centre < high)).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(half > 0, np.clip(inside / (2 * half), 0.0, 1.0), point)
