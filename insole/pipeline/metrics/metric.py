"""What a metric is: its name, unit, definition and source, the function that measures it, and what it needs.

A metric function only computes; the needs are checked in one place, for every metric alike (measurement.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from insole.blocks import FloatArray, Status
from insole.device import REGIONS, Device
from insole.pipeline.metrics.contacts import Contacts

IN_NEWTONS = ("N", "kPa")  # units that need them


class Gap(Enum):
    """Which lost frames withhold a metric (METRICS.md 1.7)."""

    HARMLESS = "none"
    EVENTS = "near initial contact or toe-off"
    LOAD = "more than 20 ms of the stance"
    ANY = "any long gap in the stance"


class Scale(Enum):
    """In what the forces of a session are known (METRICS.md 1.4)."""

    FULL = "newtons and body weights"
    NEWTONS = "newtons: no body mass"
    BODY_WEIGHTS = "body weights: the file's unit, on a nominal body mass"


class Needs(Enum):
    """What of the device a metric needs (METRICS.md 12)."""

    FORCE = "total force"
    CELLS = "cells with known places"
    ALONG = "8 cells between heel and toe"
    ACROSS = "12 cells, both borders covered"
    FINE = "64 cells"


@dataclass(frozen=True, slots=True, eq=False)
class Metric:
    """One row of the table.

    Parameters
    ----------
    name : str
        Column and JSON key, unit as suffix.
    title : str
        For people.
    unit : str
    definition : str
        One sentence, with the constants.
    source : str
        Author and year, DOI where known; '[M]' marks a source quoted from memory, not verified.
    measure : callable
        `Contacts -> (k,)`; NaN where the contact has no such value. One function may measure n metrics at once,
        `Contacts -> (n, k)`: each of them then says its `part`.
    part : int or None
        Row of what `measure` gives that is this metric.
    ok_hz, limited_hz : float
        Nominal rates from which the value is given, plainly or as approximate (METRICS.md 12).
    gap : Gap
    needs : Needs
    region : str
        Name in `device.REGIONS` that the device must have; empty for none.
    of_body_weight : bool
        The value is in body weights or BW/s: withheld where no body mass is known.
    of_newtons : bool
        The curve is held against a force in newtons: withheld where only body weights are known.
    of_area : bool
        Withheld where the areas of the cells are not known.
    of_pressure : bool
        Withheld where cells were saturated.
    absent : Status
        Reason given for a NaN that nothing else explains.
    status : callable or None
        Own verdict `Contacts -> (k,) Status codes`, on top of the common checks.
    uncertainty : callable or None
        Standard uncertainty of each value, `Contacts -> (k,)`, same unit.
    signed : bool
        Differences between the feet are plain differences, not percentages.
    decimals : int
        Shown to people.
    """

    name: str
    title: str
    unit: str
    definition: str
    source: str
    measure: Callable[[Contacts], FloatArray]
    ok_hz: float = 100.0
    limited_hz: float = 50.0
    gap: Gap = Gap.ANY
    needs: Needs = Needs.FORCE
    region: str = ""
    of_body_weight: bool = False
    of_newtons: bool = False
    of_area: bool = False
    of_pressure: bool = False
    absent: Status = Status.NOT_COMPUTED
    status: Callable[[Contacts], npt.NDArray[np.uint8]] | None = None
    uncertainty: Callable[[Contacts], FloatArray] | None = None
    signed: bool = False
    decimals: int = 1
    part: int | None = None

    def verdict(self, device: Device, scale: Scale) -> Status:
        """What can be said of this metric before any contact is seen."""
        if self.of_body_weight and scale is Scale.NEWTONS:
            return Status.NO_BODY_MASS
        if self.of_area and not device.areas_known:
            return Status.NO_AREAS
        if scale is Scale.BODY_WEIGHTS and (self.of_newtons or self.unit.startswith(IN_NEWTONS)):
            return Status.NO_NEWTONS
        return self.device_status(device)

    def device_status(self, device: Device) -> Status:
        """What the device allows of this metric."""
        lacking = _lacking(self.needs, self.region, device)
        if lacking is not Status.OK:
            return lacking
        if device.rate_hz < self.limited_hz:
            return Status.RATE_TOO_LOW
        return Status.OK if device.rate_hz >= self.ok_hz else Status.LIMITED


@lru_cache(maxsize=1024)
def _lacking(needs: Needs, region: str, device: Device) -> Status:
    if needs is Needs.FORCE:
        return Status.OK
    if not device.has_geometry:
        return Status.NO_GEOMETRY
    enough = {
        Needs.CELLS: True,
        Needs.ALONG: device.cells_along >= 8,
        Needs.ACROSS: device.cells_across,
        Needs.FINE: device.n_cells >= 64,
    }[needs]
    if region:
        enough = enough and bool(np.isfinite(device.region_weights()[:, REGIONS.index(region)]).all())
    return Status.OK if enough else Status.TOO_FEW_CELLS
