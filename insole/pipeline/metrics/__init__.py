"""Whole contacts of one foot to rows of the table. In: `RateBatch`, `ContactBatch`. Out: rates, rows, shapes.

Nothing here carries anything over: a contact measured alone and the same contact measured among a thousand give the
same bits.
"""

from __future__ import annotations

import numpy as np

from insole.blocks import ContactShape, ContactTable, FloatArray, Kind, Quality, Status
from insole.columns import Columns
from insole.pipeline.metrics.contacts import Contacts
from insole.pipeline.metrics.curves import last_upward
from insole.pipeline.metrics.metric import Scale, gap_bits, measured
from insole.pipeline.metrics.plantar import pressures
from insole.pipeline.metrics.rates import HIGH, LOW, Rates, measure_rates
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
SHAPE_MS = 301
STANCE_POINTS = 101
LONGEST_SHAPE_S = 1.2


def measure_contacts(contacts: Contacts, scale: Scale) -> ContactTable:
    """Every contact metric of the table, with `strike_s` and `toe_off_s` still in device time.

    Contacts whose onset or end was not seen carry the first and last frame seen of them.
    """
    found = measured(CONTACT_METRICS, contacts, scale)
    batch = contacts.batch
    first, last = _seen(contacts)
    bits = gap_bits(contacts)
    edge = bits & np.uint16(Quality.ONSET_UNSEEN | Quality.END_UNSEEN) != 0
    return ContactTable(
        contact_id=batch.contact_id,
        side=np.full(len(contacts), batch.side, np.int8),
        kind=np.full(len(contacts), Kind.REJECTED, np.int8),
        strike_s=np.where(edge, np.fmax(first, contacts.strike_s), contacts.strike_s),
        toe_off_s=np.where(edge, np.fmin(last, contacts.toe_off_s), contacts.toe_off_s),
        quality=bits,
        columns=Columns((_NAMES, found.value)).plus({"saturated_pct": 100.0 * batch.saturated_share}),
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


def shapes(contacts: Contacts, scale: Scale) -> list[ContactShape]:
    """What the contacts of a batch looked like; device time in `strike_s`."""
    device, batch = contacts.device, contacts.batch
    size_mm = np.array([device.width_mm, device.length_mm])
    rise = _rise(contacts)
    in_newtons = scale is Scale.NEWTONS
    unit = 1.0 if in_newtons else contacts.body_weight_n
    out = []
    for i in np.flatnonzero(contacts.contact_s < LONGEST_SHAPE_S).tolist():
        rows = slice(int(batch.starts[i]), int(batch.starts[i + 1]))
        cop = contacts.cop_mm[rows]
        out.append(
            ContactShape(
                int(batch.contact_id[i]),
                batch.side,
                float(contacts.strike_s[i]),
                _curve(contacts, i) / unit,
                in_newtons,
                pressures(contacts).cell_peak_kpa[i],
                batch.saturated[i],
                cop[np.isfinite(cop).all(axis=1)] / size_mm if device.cells_across else np.empty((0, 2)),
                _over_stance(contacts.share[rows], cop) if device.cells_across else np.full((STANCE_POINTS, 2), np.nan),
                rise[i],
            )
        )
    return out


def _over_stance(share: FloatArray, values: FloatArray) -> FloatArray:
    """Frames (m, d) at their shares of stance, on 0 to 100 %: (101, d); NaN outside the known ones."""
    known = np.isfinite(values).all(axis=1) & np.isfinite(share)
    if known.sum() < 2:
        return np.full((STANCE_POINTS, values.shape[1]), np.nan)
    at = np.linspace(0.0, 1.0, STANCE_POINTS)
    columns = [np.interp(at, share[known], column, left=np.nan, right=np.nan) for column in values[known].T]
    return np.stack(columns, axis=1)


def _rise(contacts: Contacts) -> FloatArray:
    """Where the loading rate was taken: ms after initial contact and BW at 20 and at 80 % of the rise, (k, 4)."""
    grid, rates = contacts.grid, contacts.rates
    poi = np.where(np.isfinite(rates.valr_bw_s), (rates.poi_s - grid.t0_s) / grid.step_s, np.nan)
    f_poi = grid.at(poi) / contacts.body_weight_n
    out = np.full((len(contacts), 4), np.nan)
    for column, share in ((0, LOW), (2, HIGH)):
        out[:, column] = (last_upward(contacts.f_bw, share * f_poi, poi) - contacts.ic) * grid.step_s * 1e3
        out[:, column + 1] = np.where(np.isfinite(out[:, column]), share * f_poi, np.nan)
    return out


def _curve(contacts: Contacts, i: int) -> FloatArray:
    """Force every millisecond from initial contact on, NaN after toe-off."""
    grid = contacts.grid
    at_s = np.arange(SHAPE_MS) * 1e-3
    position = contacts.ic[i] + at_s / grid.step_s[i]
    force = np.interp(position, np.arange(grid.n[i]), grid.f[i, : grid.n[i]])
    return np.where(position <= contacts.to[i], force, np.nan)


def _seen(contacts: Contacts) -> tuple[FloatArray, FloatArray]:
    """Device time of the first and the last measured frame between onset and release, (k,) each."""
    batch = contacts.batch
    row = np.arange(len(batch.force_n)) - batch.starts[contacts.of]
    inside = ~batch.missing & (row >= batch.onset[contacts.of]) & (row <= batch.release[contacts.of])
    first = contacts.lowest(np.where(inside, batch.t_s, np.nan))
    last = contacts.highest(np.where(inside, batch.t_s, np.nan))
    return np.where(np.isfinite(first), first, np.nan), np.where(np.isfinite(last), last, np.nan)
