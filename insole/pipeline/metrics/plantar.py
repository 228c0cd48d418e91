"""Pressure, force and timing by region of the foot, and of the whole foot (METRICS.md 6.1, 6.2).

In: `Contacts`. Out: rows of the table. Every array below has one row for each of `PLACES`: the seven disjoint masks,
then the whole foot. A region without cells is NaN, never zero.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from insole.blocks import FloatArray, IntArray
from insole.device import MASKS, REGIONS, Device
from insole.pipeline.metrics.contacts import ACTIVE_KPA, REGION_ON_BW, Contacts, shared
from insole.pipeline.metrics.metric import Gap, Metric, Needs

PLACES = (*MASKS, "foot")
WHOLE = len(MASKS)
PLACE_TITLES = {
    "heel": "heel",
    "midfoot": "midfoot",
    "mth1": "first metatarsal head",
    "mth2": "second metatarsal head",
    "mth3_5": "third to fifth metatarsal heads",
    "hallux": "hallux",
    "toes": "lesser toes",
}
THIRDS = [REGIONS.index(third) for third in ("proximal_third", "middle_third", "distal_third")]
_MASK_COLUMNS = [REGIONS.index(mask) for mask in MASKS]
_PLACE_ROWS = np.array([*_MASK_COLUMNS, len(REGIONS)])  # of `Contacts.load_n`
CONTACTS_AT_ONCE = 8
_AREA_STEPS = float(1 << 22)  # of the whole foot: sums of whole steps are exact in float32, in any order


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """What a device has of each place."""

    order: IntArray  # cells by place, that of the larger part of a cell's area; then those of no mask, then of no area
    slices: tuple[slice, ...]  # of each place in that order; the whole foot's are those that no mask has
    area_mm2: FloatArray  # (8,) NaN without cells
    area_steps: FloatArray  # (8, c) of each cell in each place, whole numbers
    ordered_steps: npt.NDArray[np.float32]  # (8, o) the same in that order
    third_steps: FloatArray  # (3, c) the same for the thirds of the foot without toes
    step_mm2: float


@lru_cache(maxsize=16)
def places(device: Device) -> Places:
    """Cells and areas of the places of one device."""
    weights = np.nan_to_num(device.region_weights().T)
    shares = weights[_MASK_COLUMNS]
    mine = shares >= 0.5
    cells = [np.flatnonzero(row) for row in mine]
    some_area = device.area_mm2 > 0
    cells += [np.flatnonzero(~mine.any(axis=0) & some_area), np.flatnonzero(~mine.any(axis=0) & ~some_area)]
    areas = np.concatenate([shares, np.ones((1, device.n_cells))]) * device.area_mm2
    step = float(device.area_mm2.sum()) / _AREA_STEPS
    has = np.append(mine.any(axis=1), True)
    order = np.concatenate(cells)
    ends = np.cumsum([len(some) for some in cells]).tolist()
    area_steps = np.round(areas / step)
    first = np.isin(np.arange(len(order)), np.unique(order, return_index=True)[1])  # a cell half in each of two: once
    return Places(
        order,
        tuple(slice(a, b) for a, b in pairwise([0, *ends[:-1]])),
        np.where(has, areas.sum(axis=1), np.nan),
        area_steps,
        (area_steps[:, order] * first).astype(np.float32),
        np.round(weights[THIRDS] * device.area_mm2 / step),
        step,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Pressures:
    """What the pressures of the cells come to."""

    cell_peak_kpa: FloatArray  # (k, c) highest of each cell
    highest_kpa: FloatArray  # (8, M) of the most loaded cell at each frame seen, unloaded is 0; NaN without cells
    largest_mm2: FloatArray  # (8, k) largest area above 20 kPa at one time


@shared
def pressures(c: Contacts) -> Pressures:
    """The one pass over all cells of all frames, a few contacts at a time so that they stay in the cache."""
    at, seen, k = places(c.device), c.seen, len(c)
    cell_peak = np.empty((k, c.device.n_cells))
    highest = np.empty((len(PLACES), len(seen.rows)))
    largest = np.empty((len(PLACES), k))
    for i in range(0, k, CONTACTS_AT_ONCE):
        few = slice(i, min(i + CONTACTS_AT_ONCE, k))
        frames = slice(int(seen.starts[few.start]), int(seen.ends[few.stop - 1]) + 1)
        starts = seen.starts[few] - frames.start
        kpa = _kpa(c, few, frames).T.take(at.order, axis=0)
        cell_peak[few][:, at.order] = np.maximum.reduceat(kpa, starts, axis=1).T
        for place, cells in enumerate(at.slices):
            if cells.start < cells.stop:
                np.maximum.reduce(kpa[cells], axis=0, initial=0.0, out=highest[place, frames])
            else:
                highest[place, frames] = np.nan
        active = at.ordered_steps @ (kpa > ACTIVE_KPA).astype(np.float32)
        largest[:, few] = np.maximum.reduceat(active, starts, axis=1)
    highest[WHOLE] = np.fmax.reduce(highest, axis=0)
    return Pressures(cell_peak, highest, largest * at.step_mm2)


def _kpa(c: Contacts, few: slice, frames: slice) -> FloatArray:
    """Pressures at the frames seen of a few contacts, (m, c)."""
    seen, batch = c.seen, c.batch
    rows = seen.rows[frames]
    kpa = c.device.to_kpa(batch.counts.take(rows, axis=0))
    if batch.gain != 1.0:
        kpa *= batch.gain
    kpa -= batch.zero_kpa[few].repeat(seen.lengths[few], axis=0)
    lost = c.lost[rows]
    if lost.any():
        kpa[lost] = np.nan
    return kpa


@shared
def force_n(c: Contacts) -> FloatArray:
    """Force on each place at each frame, (8, M)."""
    return c.load_n.take(_PLACE_ROWS, axis=0)


@shared
def top_n(c: Contacts) -> FloatArray:
    """Highest force on each place, (8, k)."""
    return c.frames.highest(force_n(c))


@shared
def ever_active(c: Contacts) -> FloatArray:
    """1 for the cells that carried more than 20 kPa at any time of the contact, else 0, (c, k)."""
    return (pressures(c).cell_peak_kpa > ACTIVE_KPA).T.astype(np.float64)


@shared
def active_mm2(c: Contacts) -> FloatArray:
    """Area of the cells that carried more than 20 kPa at any time of the contact, (8, k); NaN where none did."""
    at = places(c.device)
    area = at.area_steps @ ever_active(c) * at.step_mm2
    return np.where((area > 0) & np.isfinite(at.area_mm2)[:, None], area, np.nan)


def peak_pressure_kpa(c: Contacts) -> FloatArray:
    """Highest unfiltered pressure of any cell, (8, k)."""
    return c.seen.highest(pressures(c).highest_kpa)


def mean_pressure_kpa(c: Contacts) -> FloatArray:
    """Highest force over the area ever active, (8, k) (pressuRe, `pressure_mean`)."""
    return top_n(c) / active_mm2(c) * 1e3


def pti_peak_kpa_s(c: Contacts) -> FloatArray:
    """Integral of the most loaded cell's pressure, (8, k) (Novel)."""
    return c.seen.integral(pressures(c).highest_kpa)


def pti_mean_kpa_s(c: Contacts) -> FloatArray:
    """Force integral over the area ever active, (8, k) (Melai)."""
    return fti_n_s(c) / active_mm2(c) * 1e3


@shared
def fti_n_s(c: Contacts) -> FloatArray:
    """Integral of the force, (8, k)."""
    return c.load_n_s.take(_PLACE_ROWS, axis=0)


def fti_rel_pct(c: Contacts) -> FloatArray:
    """Share of the whole foot's force integral, (8, k)."""
    fti = fti_n_s(c)
    return np.where(fti[WHOLE] > 0, 100.0 * fti / fti[WHOLE], np.nan)


def contact_area_pct(c: Contacts) -> FloatArray:
    """Largest area above 20 kPa at one time, in percent of the place's area, (8, k)."""
    return 100.0 * pressures(c).largest_mm2 / places(c.device).area_mm2[:, None]


@shared
def on_off_pct(c: Contacts) -> tuple[FloatArray, FloatArray]:
    """When the place first and last carries 0.03 BW, in percent of stance, (8, k) each."""
    on, off = _pct_of_stance(c, c.frames.rise_and_fall_s(force_n(c), REGION_ON_BW * c.body_weight_n))
    return on, off


def t_on_pct(c: Contacts) -> FloatArray:
    """When the place first carries 0.03 BW, in percent of stance, (8, k)."""
    return on_off_pct(c)[0]


def t_peak_pct(c: Contacts) -> FloatArray:
    """When the place carries most, in percent of stance, (8, k); NaN where it never carries 0.03 BW."""
    force, top = force_n(c), top_n(c)
    at = c.frames.first(force == c.frames.of_each(top))
    loaded = (at < force.shape[1]) & (top >= REGION_ON_BW * c.body_weight_n)
    return _pct_of_stance(c, np.where(loaded, c.frames.after_s[np.where(loaded, at, 0)], np.nan))


def t_off_pct(c: Contacts) -> FloatArray:
    """When the place carries 0.03 BW for the last time, in percent of stance, (8, k)."""
    return on_off_pct(c)[1]


def _pct_of_stance(c: Contacts, after_s: FloatArray) -> FloatArray:
    return np.minimum(np.maximum(100.0 * after_s / c.contact_s, 0.0), 100.0)


@dataclass(frozen=True, slots=True)
class _Quantity:
    """A measurement made of every place; `{}` in the definition stands for the place."""

    name: str
    title: str
    unit: str
    definition: str
    source: str
    values: Callable[[Contacts], FloatArray]
    gap: Gap = Gap.ANY
    of_area: bool = False
    of_pressure: bool = False
    whole_foot: bool = True
    decimals: int = 0

    def row(self, place: str) -> Metric:
        """Row of the table for one place."""
        whole = place == "foot"
        where = "foot" if whole else PLACE_TITLES[place]
        return Metric(
            self.name if whole else f"{self.name}_{place}",
            self.title if whole else f"{self.title}, {where}",
            self.unit,
            self.definition.format(f"the {where}"),
            self.source,
            self.values,
            part=PLACES.index(place),
            gap=self.gap,
            needs=Needs.CELLS,
            region="" if whole else place,
            of_area=self.of_area,
            of_pressure=self.of_pressure,
            decimals=self.decimals,
        )


_ACTIVE = "the area of its cells that carried more than 20 kPa at any time of the contact"
_SIZES = "comparable only within one insole model: larger cells average peaks down"

QUANTITIES = (
    _Quantity(
        "peak_pressure_kpa", "Peak pressure", "kPa",
        f"highest unfiltered pressure of any cell of {{}} during the contact; {_SIZES}", "METRICS.md 6.2",
        peak_pressure_kpa, of_area=True, of_pressure=True,
    ),
    _Quantity(
        "mean_pressure_kpa", "Mean pressure", "kPa", f"highest force on {{}} over {_ACTIVE}",
        "pressuRe (Telfer), pressure_mean", mean_pressure_kpa, of_area=True,
    ),
    _Quantity(
        "pti_peak_kpa_s", "Pressure-time integral of the peak", "kPa s",
        "pressure of the most loaded cell of {} at each time, integrated over the contact", "Novel's definition",
        pti_peak_kpa_s, gap=Gap.LOAD, of_area=True, of_pressure=True, decimals=1,
    ),
    _Quantity(
        "pti_mean_kpa_s", "Pressure-time integral of the mean", "kPa s", f"force-time integral of {{}} over {_ACTIVE}",
        "Melai's definition", pti_mean_kpa_s, gap=Gap.LOAD, of_area=True, decimals=1,
    ),
    _Quantity(
        "fti_n_s", "Force-time integral", "N s", "force on {} integrated over the contact", "METRICS.md 6.2", fti_n_s,
        gap=Gap.LOAD, decimals=1,
    ),
    _Quantity(
        "fti_rel_pct", "Share of the load", "%", "force-time integral of {} in percent of the whole foot's",
        "METRICS.md 6.2", fti_rel_pct, gap=Gap.LOAD, whole_foot=False,
    ),
    _Quantity(
        "contact_area_pct", "Contact area", "%",
        "largest area of cells above 20 kPa at one time, in percent of the area of {}", "METRICS.md 6.2",
        contact_area_pct, of_area=True,
    ),
    _Quantity(
        "t_on_pct", "Load begins", "% of stance", "when {} first carries 0.03 body weights", "METRICS.md 6.2", t_on_pct,
        whole_foot=False,
    ),
    _Quantity(
        "t_peak_pct", "Load is highest", "% of stance", "when {} carries most, where it carries 0.03 body weights",
        "METRICS.md 6.2", t_peak_pct, whole_foot=False,
    ),
    _Quantity(
        "t_off_pct", "Load ends", "% of stance", "when {} carries 0.03 body weights for the last time",
        "METRICS.md 6.2", t_off_pct, whole_foot=False,
    ),
)  # fmt: skip

ROWS: tuple[Metric, ...] = (
    *(quantity.row("foot") for quantity in QUANTITIES if quantity.whole_foot),
    *(quantity.row(mask) for mask in MASKS for quantity in QUANTITIES),
)
