"""What a metric is: its name, unit, definition and source, the function that measures it, and what it needs.

In: whole contacts (`Contacts`). Out: one column, its status and uncertainty.
The needs are checked here, once, for every metric alike: a metric function only computes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from insole.blocks import BoolArray, FloatArray, IntArray, Quality, Status
from insole.device import REGIONS, Device
from insole.pipeline.metrics.contacts import Contacts

EVENT_MARGIN_S = 0.020
MAX_MISSING_S = 0.020
MAX_RATE_ERROR = 0.05
SATURATED_SHARE = 0.01
IN_NEWTONS = ("N", "kPa")  # units that need them
_LIMITED, _SATURATED, _GAP = (np.uint8(code) for code in (Status.LIMITED, Status.SATURATED, Status.GAP))


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
    part: int | None = None

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
    own = np.zeros(value.shape, np.uint8)
    with np.errstate(invalid="ignore", divide="ignore"):  # NaN is how a function says that there is no such value
        for measure, places, parts in terms.measures:
            value[places] = measure(contacts)[parts]
        for uncertainty_of, rows in terms.uncertainties:
            uncertainty[rows] = uncertainty_of(contacts)
        for status_of, places in terms.own:
            own[places] = status_of(contacts)
        status = _common_status(terms, contacts)
    np.copyto(status, np.maximum(status, own), where=status <= _LIMITED)
    withheld = status > _LIMITED
    absent = ~(withheld | np.isfinite(value))
    if absent.any():
        np.copyto(status, terms.absent, where=absent)
        withheld |= absent
    value[withheld] = np.nan
    uncertainty[withheld[terms.uncertain]] = np.nan
    return Measured(value, status, uncertainty)


_Rows = slice | IntArray


@dataclass(frozen=True, slots=True, eq=False)
class _Terms:
    """What is known of m metrics before any contact is seen. Each function is called once, for all metrics it is of."""

    measures: tuple[tuple[Callable[[Contacts], FloatArray], _Rows, _Rows], ...]  # function, its metrics, their parts
    uncertainties: tuple[tuple[Callable[[Contacts], FloatArray], _Rows], ...]  # function, rows among `uncertain`
    uncertain: IntArray  # metrics that state an uncertainty
    own: tuple[tuple[Callable[[Contacts], npt.NDArray[np.uint8]], _Rows], ...]  # function, metrics it is the verdict on
    verdict: npt.NDArray[np.uint8]  # (m, 1)
    possible: BoolArray  # (m, 1) device, runner and file allow it: only these are measured
    of_pressure: BoolArray  # (m, 1) of these, as the next
    gaps: tuple[tuple[Gap, BoolArray], ...]  # and the metrics that it withholds, (m, 1)
    absent: npt.NDArray[np.uint8]  # (m, 1)


@lru_cache(maxsize=64)
def _terms(metrics: tuple[Metric, ...], device: Device, scale: Scale) -> _Terms:
    verdicts = [_verdict(metric, device, scale) for metric in metrics]
    possible = {i: metric for i, metric in enumerate(metrics) if verdicts[i] <= Status.LIMITED}
    uncertain = [i for i, metric in enumerate(metrics) if metric.uncertainty is not None]
    measures, own, uncertainties = defaultdict[Any, list[int]](list), defaultdict[Any, list[int]](list), []
    for i, metric in possible.items():
        measures[metric.measure].append(i)
        if metric.status is not None:
            own[metric.status].append(i)
        if metric.uncertainty is not None:
            uncertainties.append((metric.uncertainty, _picked([uncertain.index(i)])))

    def those(wanted: Callable[[Metric], bool]) -> BoolArray:
        return np.array([[i in possible and wanted(metric)] for i, metric in enumerate(metrics)])

    return _Terms(
        tuple((measure, _picked(of), _parts([metrics[i].part for i in of])) for measure, of in measures.items()),
        tuple(uncertainties),
        np.array(uncertain, np.int64),
        tuple((status, _picked(of)) for status, of in own.items()),
        np.array(verdicts, np.uint8)[:, None],
        those(lambda metric: True),
        those(lambda metric: metric.of_pressure),
        tuple((gap, those(lambda metric, gap=gap: metric.gap is gap)) for gap in Gap if gap is not Gap.HARMLESS),
        np.array([[metric.absent] for metric in metrics], np.uint8),
    )


def _parts(parts: list[int | None]) -> _Rows:
    """Rows of what a function gives; all there is where it is of one metric."""
    return slice(None) if parts == [None] else _picked([part for part in parts if part is not None])


def _picked(rows: list[int]) -> _Rows:
    """Index of some rows: a slice where they are evenly spaced, which costs less."""
    step = rows[1] - rows[0] if len(rows) > 1 else 1
    even = range(rows[0], rows[-1] + 1, step) if step > 0 else ()
    return slice(rows[0], rows[-1] + 1, step) if list(even) == rows else np.array(rows)


def _verdict(metric: Metric, device: Device, scale: Scale) -> Status:
    """What can be said of a metric before any contact is seen."""
    if metric.of_body_weight and scale is Scale.NEWTONS:
        return Status.NO_BODY_MASS
    if metric.unit.startswith("kPa") and not device.areas_known:
        return Status.NO_GEOMETRY
    if scale is Scale.BODY_WEIGHTS and (metric.of_newtons or metric.unit.startswith(IN_NEWTONS)):
        return Status.NO_NEWTONS
    return metric.device_status(device)


def _common_status(terms: _Terms, contacts: Contacts) -> npt.NDArray[np.uint8]:
    """What device, sampling, saturation and lost frames allow of each metric, the gravest last, (m, k)."""
    status = np.repeat(terms.verdict, len(contacts), axis=1)
    saturated = contacts.batch.saturated_share > SATURATED_SHARE
    np.copyto(status, _LIMITED, where=terms.possible & (_rate_off(contacts) | saturated))
    np.copyto(status, _SATURATED, where=terms.of_pressure & saturated)
    for gap, metrics in terms.gaps:
        np.copyto(status, _GAP, where=metrics & _lost(gap, contacts))
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


def _lost(gap: Gap, contacts: Contacts) -> BoolArray:
    """Contacts of which lost frames took what the metric needs, (k,)."""
    if gap is Gap.LOAD:
        return contacts.unseen | (contacts.missing_s > MAX_MISSING_S)
    if gap is Gap.ANY:
        return contacts.unseen | contacts.interrupted
    end = contacts.contact_s
    return (
        contacts.unseen
        | contacts.touched(-EVENT_MARGIN_S, EVENT_MARGIN_S, short_gaps=False)
        | contacts.touched(end - EVENT_MARGIN_S, end + EVENT_MARGIN_S, short_gaps=False)
    )


def gap_bits(contacts: Contacts) -> npt.NDArray[np.uint16]:
    """Quality bits that lost frames, saturation and the sampling rate give a contact, (k,)."""
    batch = contacts.batch
    bits = batch.quality.astype(np.uint16)
    inside = contacts.interrupted
    either = contacts.touched(0.0, contacts.contact_s, short_gaps=True)
    bits[inside] |= np.uint16(Quality.GAP)
    bits[either & ~inside] |= np.uint16(Quality.INTERPOLATED)
    bits[batch.saturated_share > SATURATED_SHARE] |= np.uint16(Quality.SATURATED)
    bits[_rate_off(contacts)] |= np.uint16(Quality.RATE_OFF)
    return bits
