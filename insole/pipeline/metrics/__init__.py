"""Whole contacts of one foot to rows of the table. In: `RateBatch`, `ContactBatch`. Out: rates, rows, shapes.

Nothing here carries anything over: a contact measured alone and the same contact measured among a thousand give the
same bits.
"""

from __future__ import annotations

import numpy as np

from insole.blocks import ContactTable, FloatArray, Kind, Quality, Status
from insole.columns import Columns
from insole.pipeline.metrics.contacts import Contacts
from insole.pipeline.metrics.measurement import gap_bits, measured
from insole.pipeline.metrics.metric import Scale
from insole.pipeline.metrics.rates import Rates, measure_rates
from insole.pipeline.metrics.shapes import shapes
from insole.pipeline.metrics.table import CONTACT_METRICS, METRIC_BY_NAME, METRICS, PAIR_METRICS

__all__ = [
    "CONTACT_METRICS",
    "METRICS",
    "METRIC_BY_NAME",
    "PAIR_METRICS",
    "Contacts",
    "Rates",
    "Scale",
    "measure_contacts",
    "measure_rates",
    "shapes",
    "unmeasured",
]

_NAMES = tuple(metric.name for metric in CONTACT_METRICS)
_UNCERTAIN = tuple(metric.name for metric in CONTACT_METRICS if metric.uncertainty is not None)


def measure_contacts(contacts: Contacts, scale: Scale) -> ContactTable:
    """Every contact metric of the table, with `strike_s` and `toe_off_s` still in device time.

    Contacts whose onset or end was not seen carry the first and last frame seen of them.
    """
    found = measured(CONTACT_METRICS, contacts, scale)
    batch, bits = contacts.batch, gap_bits(contacts)
    strike_s, toe_off_s = contacts.strike_s, contacts.toe_off_s
    if np.logical_or.reduce(contacts.unseen):
        first_s, last_s = _seen(contacts)
        strike_s = np.where(contacts.unseen, np.fmax(first_s, strike_s), strike_s)
        toe_off_s = np.where(contacts.unseen, np.fmin(last_s, toe_off_s), toe_off_s)
    return ContactTable(
        contact_id=batch.contact_id,
        side=np.full(len(contacts), batch.side, np.int8),
        kind=np.full(len(contacts), Kind.REJECTED, np.int8),
        strike_s=strike_s,
        toe_off_s=toe_off_s,
        quality=bits,
        columns=Columns((_NAMES, found.value), (("saturated_pct",), 100.0 * batch.saturated_share[None])),
        uncertainty=Columns((_UNCERTAIN, found.uncertainty)),
        status=Columns((_NAMES, found.status)),
    )


def unmeasured(side: int, contact_id: int, strike_s: float, toe_off_s: float, quality: Quality) -> ContactTable:
    """A row for a contact too long to keep: standing. Every metric is withheld."""
    return ContactTable(
        np.array([contact_id], np.int64),
        np.array([side], np.int8),
        np.array([Kind.STAND], np.int8),
        np.array([strike_s]),
        np.array([toe_off_s]),
        np.array([int(quality)], np.uint16),
        Columns((_NAMES, np.full((len(_NAMES), 1), np.nan))).plus({"saturated_pct": np.array([np.nan])}),
        Columns((_UNCERTAIN, np.full((len(_UNCERTAIN), 1), np.nan))),
        Columns((_NAMES, np.full((len(_NAMES), 1), Status.NOT_COMPUTED, np.uint8))),
    )


def _seen(contacts: Contacts) -> tuple[FloatArray, FloatArray]:
    """Device time of the first and the last measured frame between onset and release, (k,) each."""
    batch = contacts.batch
    row = np.arange(len(batch.force_n)) - batch.starts[contacts.of]
    inside = ~batch.missing & (row >= batch.onset[contacts.of]) & (row <= batch.release[contacts.of])
    first = contacts.lowest(np.where(inside, batch.t_s, np.nan))
    last = contacts.highest(np.where(inside, batch.t_s, np.nan))
    return np.where(np.isfinite(first), first, np.nan), np.where(np.isfinite(last), last, np.nan)
