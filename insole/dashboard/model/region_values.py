"""Values by region of the foot: peak pressure, pressure-time integral, share of impulse, when it is loaded. No Qt.

In: key numbers of the scene. Out: frozen texts and percentages of stance; what may not be shown is a dash or None.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from insole.blocks import Side
from insole.dashboard.model.readings import REGION_NAMES, reading, withheld
from insole.dashboard.model.scene import Link, Scene
from insole.dashboard.model.words import DASH, NumberStyle
from insole.device import REGION_BOUNDS

REGIONS = ("hallux", "toes", "mth1", "mth2", "mth3_5", "midfoot", "heel")  # from the toes down


@dataclass(frozen=True, slots=True)
class RegionValues:
    """One region of one foot; `kpa` is None where the peak may not be shown."""

    region: str
    name: str
    peak: str
    spread: str
    rest: str
    kpa: float | None


def region_values(scene: Scene, side: Side, style: NumberStyle) -> tuple[RegionValues, ...]:
    """All regions from the toes down; empty for a device without any."""
    known = [r for r in REGIONS if any((f"peak_pressure_kpa_{r}", s) in scene.numbers for s in Side)]
    return tuple(_values(scene, side, region, style) for region in known)


def _values(scene: Scene, side: Side, region: str, style: NumberStyle) -> RegionValues:
    peak = reading(scene, f"peak_pressure_kpa_{region}", side, style)
    if peak.shown and peak.spread:
        peak = replace(peak, spread=f"{peak.spread} kPa")
    integral = reading(scene, f"pti_peak_kpa_s_{region}", side, style)
    share = reading(scene, f"fti_rel_pct_{region}", side, style)
    number = scene.numbers.get((f"peak_pressure_kpa_{region}", side))
    parts = [f"{integral.value} kPa·s" if integral.shown else "", f"{share.value} %" if share.shown else ""]
    return RegionValues(
        region,
        REGION_NAMES[region],
        peak.value,
        peak.beside,
        ", ".join(part for part in parts if part),
        number.value if peak.shown and number is not None else None,
    )


def centre_of(region: str) -> tuple[float, float]:
    """A place inside the foot, in foot coordinates, where a number about the region stands well."""
    return _CENTRES.get(region) or _middle(region)


_CENTRES = {
    "heel": (0.68, 0.15),
    "mth1": (0.2, 0.69),
    "toes": (0.60, 0.85),
    "hallux": (0.20, 0.91),
    "mth3_5": (0.72, 0.655),
    "midfoot": (0.68, 0.41),
}


def _middle(region: str) -> tuple[float, float]:
    low, high, left, right = REGION_BOUNDS[region]
    return (left + right) / 2, (low + high) / 2


@dataclass(frozen=True, slots=True)
class Loaded:
    """When a region of a foot is loaded, in percent of stance; None where that may not be shown."""

    region: str
    name: str
    left: tuple[float, float] | None
    right: tuple[float, float] | None


def loaded_regions(scene: Scene) -> tuple[Loaded, ...]:
    """From the toes down; empty for a device without regions."""
    known = [r for r in REGIONS if any((f"t_on_pct_{r}", s) in scene.numbers for s in Side)]
    return tuple(
        Loaded(r, REGION_NAMES[r], _from_to(scene, r, Side.LEFT), _from_to(scene, r, Side.RIGHT)) for r in known
    )


def _from_to(scene: Scene, region: str, side: Side) -> tuple[float, float] | None:
    ends = [scene.numbers.get((f"{name}_{region}", side)) for name in ("t_on_pct", "t_off_pct")]
    first, last = ends
    if scene.link(side) is not Link.UP or first is None or last is None:
        return None
    if withheld(first) is not None or withheld(last) is not None:
        return None
    return first.value, last.value


def spoken_regions(rows: tuple[RegionValues, ...]) -> str:
    """One line of text, for screen readers."""
    return "; ".join(f"{row.name}: {row.peak} {row.spread} {row.rest}".strip() for row in rows if row.peak != DASH)
