"""The medial and the lateral half of heel and midfoot, where enough cells tell them apart (METRICS.md 6.1, 6.2).

In: `Contacts`. Out: rows of the table. Every array below has one row for each of `HALVES`.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from insole.blocks import FloatArray, IntArray
from insole.device import REGIONS, Device
from insole.pipeline.metrics.contacts import Contacts
from insole.pipeline.metrics.metric import Gap, Metric, Needs
from insole.pipeline.metrics.plantar import WHOLE, pressures
from insole.pipeline.metrics.plantar import fti_n_s as fti_of_places_n_s

HALVES = {  # name: title, the whole, the other half
    "heel_med": ("medial heel", "heel", "heel_lat"),
    "heel_lat": ("lateral heel", "heel", "heel_med"),
    "midfoot_med": ("medial midfoot", "midfoot", "midfoot_lat"),
    "midfoot_lat": ("lateral midfoot", "midfoot", "midfoot_med"),
}
_COLUMNS = [REGIONS.index(half) for half in HALVES]


@lru_cache(maxsize=16)
def cells(device: Device) -> list[IntArray]:
    """Cells of each half: those of the whole, each in the half that has the larger part of its area."""
    share = dict(zip(REGIONS, np.nan_to_num(device.region_weights().T), strict=True))
    halves = ((share[whole] >= 0.5) & (share[half] >= share[other]) for half, (_, whole, other) in HALVES.items())
    return [np.flatnonzero(half) for half in halves]


def peak_pressure_kpa(c: Contacts) -> FloatArray:
    """Highest unfiltered pressure of any cell, unloaded is 0, (4, k)."""
    peak_kpa = pressures(c).cell_peak_kpa
    highest = [np.maximum.reduce(peak_kpa.take(mine, axis=1), axis=1, initial=0.0) for mine in cells(c.device)]
    return np.array(highest)


def fti_n_s(c: Contacts) -> FloatArray:
    """Integral of the force, (4, k)."""
    return c.load_n_s.take(_COLUMNS, axis=0)


def fti_rel_pct(c: Contacts) -> FloatArray:
    """Share of the whole foot's force integral, (4, k)."""
    whole = fti_of_places_n_s(c)[WHOLE]
    return np.where(whole > 0, 100.0 * fti_n_s(c) / whole, np.nan)


ROWS: tuple[Metric, ...] = tuple(
    row
    for part, (half, (title, *_)) in enumerate(HALVES.items())
    for row in (
        Metric(
            f"peak_pressure_kpa_{half}", f"Peak pressure, {title}", "kPa",
            f"highest unfiltered pressure of any cell of the {title} during the contact", "METRICS.md 6.2",
            peak_pressure_kpa, part=part, needs=Needs.CELLS, region=half, of_area=True, of_pressure=True, decimals=0,
        ),
        Metric(
            f"fti_n_s_{half}", f"Force-time integral, {title}", "N s",
            f"force on the {title} integrated over the contact", "METRICS.md 6.2",
            fti_n_s, part=part, gap=Gap.LOAD, needs=Needs.CELLS, region=half,
        ),
        Metric(
            f"fti_rel_pct_{half}", f"Share of the load, {title}", "%",
            f"force-time integral of the {title} in percent of the whole foot's", "METRICS.md 6.2",
            fti_rel_pct, part=part, gap=Gap.LOAD, needs=Needs.CELLS, region=half, decimals=0,
        ),
    )
)  # fmt: skip
