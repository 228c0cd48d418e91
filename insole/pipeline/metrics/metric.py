"""What a metric is: its name, unit, definition and source, the function that measures it, and what it needs.

In: whole contacts (`Contacts`). Out: one column, its status and uncertainty.
The needs are checked here, once, for every metric alike: a metric function only computes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from insole.blocks import FloatArray, IntArray, Quality, Status
from insole.device import REGIONS, Device
from insole.pipeline.metrics.contacts import Contacts

EVENT_MARGIN_S = 0.020
MAX_MISSING_S = 0.020
MAX_RATE_ERROR = 0.05
SATURATED_SHARE = 0.01
IN_NEWTONS = ("N", "kPa")  # units that need them
_LIMITED = int(Status.LIMITED)


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
        `Contacts -> (k,)`; NaN where the contact has no such value.
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
    of_pressure: bool = False
    absent: Status = Status.NOT_COMPUTED
    status: Callable[[Contacts], npt.NDArray[np.uint8]] | None = None
    uncertainty: Callable[[Contacts], FloatArray] | None = None
    signed: bool = False
    decimals: int = 1

    def device_status(self, device: Device) -> Status:
        """What the device allows of this metric, before any contact is seen."""
        lacking = _lacking(self.needs, self.region, device)
        if lacking is not Status.OK:
            return lacking
        if device.rate_hz < self.limited_hz:
            return Status.RATE_TOO_LOW
        return Status.OK if device.rate_hz >= self.ok_hz else Status.LIMITED


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """m metrics of k contacts, one row a metric; NaN where withheld, `status` says why."""

    value: FloatArray  # (m, k)
    status: npt.NDArray[np.uint8]  # (m, k)
    uncertainty: FloatArray  # (u, k) of the metrics that state one, in the same order


def measured(metrics: tuple[Metric, ...], contacts: Contacts, scale: Scale) -> Measured:
    """Measure metrics on k contacts and decide, contact by contact, whether each may be given."""
    terms = _terms(metrics, contacts.device, scale)
    value = np.full((len(metrics), len(contacts)), np.nan)
    uncertainty = np.full((len(terms.uncertain), len(contacts)), np.nan)
    for i in terms.possible:
        value[i] = metrics[i].measure(contacts)
    for row, (i, uncertainty_of) in enumerate(terms.uncertain):
        if i in terms.possible:
            uncertainty[row] = uncertainty_of(contacts)
    status = np.array([_common_status(contacts, *asked) for asked in terms.asked])[terms.asked_by]
    for i, own_status in terms.own:
        status[i] = np.where(status[i] > _LIMITED, status[i], np.maximum(status[i], own_status(contacts)))
    withheld = status > _LIMITED
    absent = ~(withheld | np.isfinite(value))
    if absent.any():
        status = np.where(absent, terms.absent, status)
        withheld |= absent
    value[withheld] = np.nan
    uncertainty[withheld[[i for i, _ in terms.uncertain]]] = np.nan
    return Measured(value, status, uncertainty)


class _Asked(NamedTuple):
    """What the common checks of a metric depend on."""

    verdict: Status
    gap: Gap
    of_pressure: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Terms:
    """What is known of m metrics before any contact is seen."""

    possible: dict[int, None]  # places of those that the device, the runner and the file allow
    own: tuple[tuple[int, Callable[[Contacts], npt.NDArray[np.uint8]]], ...]  # their own verdicts
    uncertain: tuple[tuple[int, Callable[[Contacts], FloatArray]], ...]
    asked: tuple[_Asked, ...]
    asked_by: IntArray  # (m,) place in `asked`
    absent: npt.NDArray[np.uint8]  # (m, 1)


@lru_cache(maxsize=64)
def _terms(metrics: tuple[Metric, ...], device: Device, scale: Scale) -> _Terms:
    asks = [_Asked(_verdict(metric, device, scale), metric.gap, metric.of_pressure) for metric in metrics]
    asked = tuple(dict.fromkeys(asks))
    possible = dict.fromkeys(i for i, ask in enumerate(asks) if ask.verdict <= Status.LIMITED)
    return _Terms(
        possible,
        tuple((i, status) for i in possible if (status := metrics[i].status) is not None),
        tuple((i, metric.uncertainty) for i, metric in enumerate(metrics) if metric.uncertainty is not None),
        asked,
        np.array([asked.index(ask) for ask in asks]),
        np.array([[metric.absent] for metric in metrics], np.uint8),
    )


def _verdict(metric: Metric, device: Device, scale: Scale) -> Status:
    """What can be said of a metric before any contact is seen."""
    if metric.of_body_weight and scale is Scale.NEWTONS:
        return Status.NO_BODY_MASS
    if metric.unit.startswith("kPa") and not device.areas_known:
        return Status.NO_GEOMETRY
    if scale is Scale.BODY_WEIGHTS and (metric.of_newtons or metric.unit.startswith(IN_NEWTONS)):
        return Status.NO_NEWTONS
    return metric.device_status(device)


def _common_status(contacts: Contacts, verdict: Status, gap: Gap, of_pressure: bool) -> npt.NDArray[np.uint8]:
    """What device, sampling, saturation and lost frames allow of a metric, (k,)."""
    status = np.full(len(contacts), verdict, np.uint8)
    if verdict > Status.LIMITED:
        return status
    saturated = contacts.batch.saturated_share > SATURATED_SHARE
    status[_rate_off(contacts) | saturated] = _LIMITED
    if of_pressure:
        status[saturated] = Status.SATURATED
    status[_lost(gap, contacts)] = Status.GAP
    return status


def _rate_off(contacts: Contacts) -> npt.NDArray[np.bool_]:
    """Contacts sampled more than 5 % away from the nominal rate."""
    out: npt.NDArray[np.bool_] = np.abs(contacts.spacing_s * contacts.device.rate_hz - 1.0) > MAX_RATE_ERROR
    return out


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


def _lost(gap: Gap, contacts: Contacts) -> npt.NDArray[np.bool_]:
    """Contacts of which lost frames took what the metric needs."""
    unseen = contacts.unseen
    if gap is Gap.HARMLESS:
        return np.zeros(len(contacts), np.bool_)
    if gap is Gap.LOAD:
        return unseen | (contacts.missing_s > MAX_MISSING_S)
    zero, end, margin = np.zeros(len(contacts)), contacts.contact_s, np.full(len(contacts), EVENT_MARGIN_S)
    if gap is Gap.ANY:
        return unseen | contacts.touched(zero, end, short_gaps=False)
    return (
        unseen
        | contacts.touched(-margin, margin, short_gaps=False)
        | contacts.touched(end - margin, end + margin, short_gaps=False)
    )


def gap_bits(contacts: Contacts) -> npt.NDArray[np.uint16]:
    """Quality bits that lost frames, saturation and the sampling rate give a contact, (k,)."""
    batch = contacts.batch
    bits = batch.quality.astype(np.uint16)
    zero = np.zeros(len(contacts))
    inside = contacts.touched(zero, contacts.contact_s, short_gaps=False)
    either = contacts.touched(zero, contacts.contact_s, short_gaps=True)
    bits[inside] |= np.uint16(Quality.GAP)
    bits[either & ~inside] |= np.uint16(Quality.INTERPOLATED)
    bits[batch.saturated_share > SATURATED_SHARE] |= np.uint16(Quality.SATURATED)
    bits[_rate_off(contacts)] |= np.uint16(Quality.RATE_OFF)
    return bits
