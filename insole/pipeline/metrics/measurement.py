"""Metrics measured on whole contacts, and whether each value may be given (METRICS.md 1.7, 12).

In: rows of the table and `Contacts`. Out: `Measured`, one row a metric.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from insole.blocks import BoolArray, FloatArray, IntArray, Quality, Status
from insole.device import Device
from insole.pipeline.metrics.contacts import Contacts
from insole.pipeline.metrics.metric import Gap, Metric, Scale

EVENT_MARGIN_S = 0.020
MAX_MISSING_S = 0.020
_LIMITED, _SATURATED, _GAP = map(np.uint8, (Status.LIMITED, Status.SATURATED, Status.GAP))
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
    value = np.full((len(metrics), len(contacts)), np.nan)
    uncertainty = np.full((len(terms.uncertain), len(contacts)), np.nan)
    own = np.zeros(value.shape, np.uint8)
    with np.errstate(invalid="ignore", divide="ignore"):  # NaN is how a function says that there is no such value
        for measure, rows, parts in terms.values:
            value[rows] = measure(contacts)[parts]
        for uncertainty_of, rows, _ in terms.uncertainties:
            uncertainty[rows] = uncertainty_of(contacts)
        for status_of, rows, _ in terms.own:
            own[rows] = status_of(contacts)
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


class _Call(NamedTuple):
    """A function, called once for all metrics that it is of."""

    function: Callable[[Contacts], Any]
    rows: _Rows  # of these metrics
    parts: _Rows  # of what it gives, in the same order


@dataclass(frozen=True, slots=True, eq=False)
class _Terms:
    """What is known of m metrics before any contact is seen."""

    values: tuple[_Call, ...]  # of the metrics that device, runner and file allow
    uncertainties: tuple[_Call, ...]  # of these, as the following; rows are those among `uncertain`
    own: tuple[_Call, ...]  # verdicts
    possible: BoolArray  # (m, 1) which they are
    of_pressure: BoolArray  # (m, 1)
    gap: IntArray  # (m,) place in `Gap` of what withholds it; that of the harmless one where it is not possible
    uncertain: IntArray  # every metric that states an uncertainty
    verdict: npt.NDArray[np.uint8]  # (m, 1)
    absent: npt.NDArray[np.uint8]  # (m, 1)


@lru_cache(maxsize=64)
def _terms(metrics: tuple[Metric, ...], device: Device, scale: Scale) -> _Terms:
    verdicts = [metric.verdict(device, scale) for metric in metrics]
    possible = [(i, metric) for i, metric in enumerate(metrics) if verdicts[i] <= Status.LIMITED]
    gaps = list(Gap)
    uncertain = [i for i, metric in enumerate(metrics) if metric.uncertainty is not None]

    def marked(some: Iterable[int]) -> BoolArray:
        return np.isin(np.arange(len(metrics)), list(some))[:, None]

    return _Terms(
        values=_calls((m.measure, i, m.part) for i, m in possible),
        uncertainties=_calls((m.uncertainty, uncertain.index(i), None) for i, m in possible if i in uncertain),
        own=_calls((m.status, i, None) for i, m in possible),
        possible=marked(i for i, _ in possible),
        of_pressure=marked(i for i, m in possible if m.of_pressure),
        gap=np.array(
            [gaps.index(m.gap if v <= Status.LIMITED else Gap.HARMLESS) for m, v in zip(metrics, verdicts, strict=True)]
        ),
        uncertain=np.array(uncertain, np.int64),
        verdict=np.array(verdicts, np.uint8)[:, None],
        absent=np.array([[metric.absent] for metric in metrics], np.uint8),
    )


def _calls(wanted: Iterable[tuple[Callable[[Contacts], Any] | None, int, int | None]]) -> tuple[_Call, ...]:
    """Functions, each with the row it is wanted for and the part of what it gives; None for all of it."""
    together = defaultdict[Callable[[Contacts], Any], list[tuple[int, int | None]]](list)
    for function, row, part in wanted:
        if function is not None:
            together[function].append((row, part))
    return tuple(
        _Call(function, _picked([row for row, _ in places]), _picked([part for _, part in places if part is not None]))
        for function, places in together.items()
    )


def _picked(rows: list[int]) -> _Rows:
    """Index of some rows, of all for none: a slice where they are evenly spaced, since that costs less."""
    if not rows:
        return slice(None)
    step = max(rows[1] - rows[0], 1) if len(rows) > 1 else 1
    even = slice(rows[0], rows[-1] + 1, step)
    return even if list(range(even.start, even.stop, step)) == rows else np.array(rows)


def _common_status(terms: _Terms, contacts: Contacts) -> npt.NDArray[np.uint8]:
    """What device, sampling, saturation and lost frames allow of each metric, the gravest last, (m, k)."""
    status = terms.verdict.repeat(len(contacts), axis=1)
    saturated = contacts.saturated
    np.copyto(status, _LIMITED, where=terms.possible & (contacts.rate_off | saturated))
    np.copyto(status, _SATURATED, where=terms.of_pressure & saturated)
    np.copyto(status, _GAP, where=_lost(contacts).take(terms.gap, axis=0))
    return status


def _lost(contacts: Contacts) -> BoolArray:
    """Contacts of which lost frames took what a metric needs, for each of `Gap`, (4, k)."""
    end = contacts.contact_s
    return np.array(
        [
            np.zeros(len(end), np.bool_),
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
