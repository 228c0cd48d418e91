"""Metrics measured on whole contacts, and whether each value may be given (METRICS.md 1.7, 12).

In: rows of the table and `Contacts`. Out: `Measured`, one row a metric.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from insole.blocks import BoolArray, FloatArray, IntArray, Quality, Status
from insole.device import Device
from insole.pipeline.metrics import status_codes
from insole.pipeline.metrics.contacts import Contacts
from insole.pipeline.metrics.metric import Gap, Metric, Scale

EVENT_MARGIN_S = 0.020
MAX_MISSING_S = 0.020
_GAP_BIT, _INTERPOLATED_BIT = np.uint16(Quality.GAP), np.uint16(Quality.INTERPOLATED)
_SATURATED_BIT, _RATE_OFF_BIT = np.uint16(Quality.SATURATED), np.uint16(Quality.RATE_OFF)


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """m metrics of k contacts, one row a metric; NaN where withheld, `status` says why."""

    value: FloatArray  # (m, k)
    status: npt.NDArray[np.uint8]  # (m, k)
    uncertainty: FloatArray  # (u, k) of the metrics that state one, in the same order


def measured(metrics: tuple[Metric, ...], contacts: Contacts, scale: Scale) -> Measured:
    """Measure metrics on k contacts and decide, contact by contact, whether each may be given."""
    terms = _terms(metrics, contacts.device, scale)
    nothing = np.full(len(contacts), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):  # NaN is how a function says that there is no such value
        value = _called(terms.values, contacts, nothing)
        uncertainty = _called(terms.uncertainties, contacts, nothing)
        own = _called(terms.own, contacts, np.zeros(len(contacts), np.uint8))
        status = _common_status(terms, contacts)
    np.copyto(status, np.maximum(status, own), where=status <= status_codes.LIMITED)
    withheld = status > status_codes.LIMITED
    absent = ~(withheld | np.isfinite(value))
    if absent.any():
        np.copyto(status, terms.absent, where=absent)
        withheld |= absent
    value[withheld] = np.nan
    uncertainty[withheld[terms.uncertain]] = np.nan
    return Measured(value, status, uncertainty)


_Function = Callable[[Contacts], npt.NDArray[Any]]


class _Calls(NamedTuple):
    """Functions, each called once for all metrics that it is of."""

    functions: tuple[tuple[_Function, slice | IntArray], ...]  # and which rows of what each gives
    order: IntArray  # place of each metric among all these rows, and after them where it has no function


def _called(calls: _Calls, contacts: Contacts, nothing: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """What the functions give, one row a metric, (m, k); `nothing` (k,) for metrics without one."""
    given = [function(contacts)[rows] for function, rows in calls.functions]
    return np.concatenate([*given, nothing], axis=None).reshape(-1, len(nothing)).take(calls.order, axis=0)


@dataclass(frozen=True, slots=True, eq=False)
class _Terms:
    """What is known of m metrics before any contact is seen."""

    values: _Calls  # of the metrics that device, runner and file allow
    uncertainties: _Calls  # of these, as the following; for the metrics in `uncertain` alone
    own: _Calls  # verdicts
    possible: BoolArray  # (m, 1) which they are
    of_pressure: BoolArray  # (m, 1)
    gap: IntArray  # (m,) place in `Gap` of what withholds it; that of the harmless one where it is not possible
    uncertain: IntArray  # every metric that states an uncertainty
    verdict: npt.NDArray[np.uint8]  # (m, 1)
    absent: npt.NDArray[np.uint8]  # (m, 1)


@lru_cache(maxsize=64)
def _terms(metrics: tuple[Metric, ...], device: Device, scale: Scale) -> _Terms:
    verdicts = [metric.verdict(device, scale) for metric in metrics]
    possible = [
        metric if verdict <= Status.LIMITED else None for metric, verdict in zip(metrics, verdicts, strict=True)
    ]
    uncertain = [i for i, metric in enumerate(metrics) if metric.uncertainty is not None]
    gaps = list(Gap)
    return _Terms(
        values=_calls((m.measure, m.part) if m else (None, None) for m in possible),
        uncertainties=_calls((m.uncertainty if m else None, None) for m in (possible[i] for i in uncertain)),
        own=_calls((m.status if m else None, None) for m in possible),
        possible=np.array([[m is not None] for m in possible]),
        of_pressure=np.array([[m is not None and m.of_pressure] for m in possible]),
        gap=np.array([gaps.index(m.gap if m else Gap.HARMLESS) for m in possible]),
        uncertain=np.array(uncertain, np.int64),
        verdict=np.array(verdicts, np.uint8)[:, None],
        absent=np.array([[metric.absent] for metric in metrics], np.uint8),
    )


def _calls(wanted: Iterable[tuple[_Function | None, int | None]]) -> _Calls:
    """What each metric wants: a function, or none, and the part of what it gives; None for all of it, one row."""
    asked = list(wanted)
    functions: list[tuple[_Function, slice | IntArray]] = []
    rows: list[tuple[_Function | None, int | None]] = []
    for function in dict.fromkeys(function for function, _ in asked):
        if function is not None:
            parts = sorted({part for other, part in asked if other is function and part is not None})
            functions.append((function, _picked(parts)))
            rows += [(function, part) for part in parts] if parts else [(function, None)]
    place = {row: at for at, row in enumerate(rows)}
    return _Calls(tuple(functions), np.array([place.get(row, len(rows)) for row in asked], np.int64))


def _picked(parts: list[int]) -> slice | IntArray:
    """Index of some rows, of all for none: a slice where they follow each other, since that costs less."""
    if not parts:
        return slice(None)
    between = slice(parts[0], parts[-1] + 1)
    return between if between.stop - between.start == len(parts) else np.array(parts)


def _common_status(terms: _Terms, contacts: Contacts) -> npt.NDArray[np.uint8]:
    """What device, sampling, saturation and lost frames allow of each metric, the gravest last, (m, k)."""
    status = terms.verdict.repeat(len(contacts), axis=1)
    saturated = contacts.saturated
    np.copyto(status, status_codes.LIMITED, where=terms.possible & (contacts.rate_off | saturated))
    np.copyto(status, status_codes.SATURATED, where=terms.of_pressure & saturated)
    np.copyto(status, status_codes.GAP, where=_lost(contacts).take(terms.gap, axis=0))
    return status


def _lost(contacts: Contacts) -> BoolArray:
    """Contacts of which lost frames took what a metric needs, for each member of `Gap`, (4, k)."""
    end = contacts.contact_s
    return np.array(
        [
            np.zeros(len(end), np.bool_),  # Gap.HARMLESS, and so on in its order
            contacts.unseen
            | contacts.touched(-EVENT_MARGIN_S, EVENT_MARGIN_S, short_gaps=False)
            | contacts.touched(end - EVENT_MARGIN_S, end + EVENT_MARGIN_S, short_gaps=False),
            contacts.unseen | (contacts.missing_s > MAX_MISSING_S),
            contacts.incomplete,
        ]
    )


def gap_bits(contacts: Contacts) -> npt.NDArray[np.uint16]:
    """Quality bits that lost frames, saturation and the sampling rate give a contact, (k,)."""
    inside = contacts.interrupted
    either = contacts.touched(0.0, contacts.contact_s, short_gaps=True)
    bits: npt.NDArray[np.uint16] = (
        contacts.batch.quality
        | inside * _GAP_BIT
        | (either & ~inside) * _INTERPOLATED_BIT
        | contacts.saturated * _SATURATED_BIT
        | contacts.rate_off * _RATE_OFF_BIT
    )
    return bits
