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
from insole.pipeline.metrics.measured import gap_bits, measured
from insole.pipeline.metrics.metric import Scale
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
    batch, bits = contacts.batch, gap_bits(contacts)
    strike_s, toe_off_s = contacts.strike_s, contacts.toe_off_s
    if contacts.unseen.any():
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
    """What the contacts of a batch looked like, those that were seen whole; device time in `strike_s`."""
    device, batch = contacts.device, contacts.batch
    in_newtons = scale is Scale.NEWTONS
    curves, rise, peak_kpa = _curves(contacts), _rise(contacts), pressures(contacts).cell_peak_kpa
    if in_newtons:
        rise[:] = np.nan  # without a body mass there is no loading rate
    else:
        curves /= contacts.body_weight_n
    known = np.isfinite(contacts.cop_mm).all(axis=1) & np.isfinite(contacts.share)
    share, cop_mm = contacts.share[known], contacts.cop_mm[known]
    places = cop_mm / np.array([device.width_mm, device.length_mm])
    starts = np.searchsorted(contacts.of[known], np.arange(len(contacts) + 1)).tolist()
    out = []
    for i in np.flatnonzero((contacts.contact_s < LONGEST_SHAPE_S) & ~contacts.unseen).tolist():
        rows = slice(starts[i], starts[i + 1]) if device.cells_across else slice(0, 0)
        out.append(
            ContactShape(
                int(batch.contact_id[i]),
                batch.side,
                float(contacts.strike_s[i]),
                curves[i],
                in_newtons,
                peak_kpa[i],
                batch.saturated[i],
                places[rows],
                _over_stance(share[rows], cop_mm[rows]),
                rise[i],
            )
        )
    return out


_STANCE = np.linspace(0.0, 1.0, STANCE_POINTS)


def _over_stance(share: FloatArray, values: FloatArray) -> FloatArray:
    """Frames (m, d) at their shares of stance, on 0 to 100 %: (101, d); NaN outside them."""
    out = np.full((STANCE_POINTS, values.shape[1]), np.nan)
    if len(share) > 1:
        for column, of_frames in enumerate(values.T):
            out[:, column] = np.interp(_STANCE, share, of_frames, left=np.nan, right=np.nan)
    return out


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


def _curves(contacts: Contacts) -> FloatArray:
    """Force every millisecond from initial contact on, NaN after toe-off, (k, 301)."""
    grid, after_s = contacts.grid, np.arange(SHAPE_MS) * 1e-3
    position = contacts.ic[:, None] + after_s / grid.step_s[:, None]
    low = np.clip(position.astype(np.int64), 0, grid.n[:, None] - 2)
    rows = np.arange(len(contacts))[:, None]
    start = grid.f[rows, low]
    force = (grid.f[rows, low + 1] - start) * (position - low) + start
    return np.where(position <= contacts.to[:, None], force, np.nan)


def _seen(contacts: Contacts) -> tuple[FloatArray, FloatArray]:
    """Device time of the first and the last measured frame between onset and release, (k,) each."""
    batch = contacts.batch
    row = np.arange(len(batch.force_n)) - batch.starts[contacts.of]
    inside = ~batch.missing & (row >= batch.onset[contacts.of]) & (row <= batch.release[contacts.of])
    first = contacts.lowest(np.where(inside, batch.t_s, np.nan))
    last = contacts.highest(np.where(inside, batch.t_s, np.nan))
    return np.where(np.isfinite(first), first, np.nan), np.where(np.isfinite(last), last, np.nan)
