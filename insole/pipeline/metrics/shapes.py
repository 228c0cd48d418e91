"""What contacts looked like, for pictures. In: `Contacts`. Out: one `ContactShape` a contact."""

from __future__ import annotations

import numpy as np

from insole.blocks import ContactShape, FloatArray, IntArray
from insole.pipeline.metrics.contacts import Contacts
from insole.pipeline.metrics.curves import last_upward, picked
from insole.pipeline.metrics.metric import Scale
from insole.pipeline.metrics.plantar import pressures
from insole.pipeline.metrics.rates import RISE

SHAPE_MS = 301
AFTER_S = np.arange(SHAPE_MS) * 1e-3
STANCE = np.linspace(0.0, 1.0, 101)
LONGEST_SHAPE_S = 1.2


@np.errstate(invalid="ignore", divide="ignore")  # NaN is how an array says that there is no such value
def shapes(contacts: Contacts, scale: Scale, contact_id: IntArray, strike_s: FloatArray) -> list[ContactShape]:
    """What the contacts of a batch looked like, those that were seen whole.

    Parameters
    ----------
    contacts : Contacts
    scale : Scale
    contact_id : (k,) int64
        Unique over both feet.
    strike_s : (k,) float64
        Initial contact in recording time.
    """
    device, batch = contacts.device, contacts.batch
    in_newtons = scale is Scale.NEWTONS
    curves, rise, peak_kpa = _curves(contacts), _rise(contacts), pressures(contacts).cell_peak_kpa
    if in_newtons:
        rise[:] = np.nan  # without a body mass there is no loading rate
    else:
        curves /= contacts.body_weight_n
    known = np.logical_and.reduce(np.isfinite(contacts.cop_mm)) & np.isfinite(contacts.share) & device.cells_across
    cop_mm = contacts.cop_mm[:, known]
    places = (cop_mm / np.array([[device.width_mm], [device.length_mm]])).T
    starts = contacts.of[known].searchsorted(np.arange(len(contacts) + 1))
    over_stance = _over_stance(contacts.share[known], cop_mm, starts)
    edges, ids, at_s = starts.tolist(), contact_id.tolist(), strike_s.tolist()
    return [
        ContactShape(
            ids[i],
            batch.side,
            at_s[i],
            curves[i],
            in_newtons,
            peak_kpa[i],
            batch.saturated[i],
            places[edges[i] : edges[i + 1]],
            over_stance[:, i].T,
            rise[i],
        )
        for i in ((contacts.contact_s < LONGEST_SHAPE_S) & ~contacts.unseen).nonzero()[0].tolist()
    ]


def _over_stance(share: FloatArray, cop_mm: FloatArray, starts: IntArray) -> FloatArray:
    """Frames (2, m) at their shares of stance, on 0 to 100 % of each contact, (2, k, 101); NaN outside its frames."""
    k, lengths, points = len(starts) - 1, starts[1:] - starts[:-1], len(STANCE)
    if not len(share):
        return np.full((2, k, points), np.nan)
    begins = np.arange(k).repeat(lengths) * (points + 1) + STANCE.searchsorted(share)  # first point at or behind each
    passed = np.bincount(begins, minlength=k * (points + 1)).reshape(k, -1)[:, :-1].cumsum(axis=1)
    low = np.maximum(starts[:-1, None] + passed - 1, 0)
    high = np.minimum(low + 1, starts[1:, None] - 1)
    from_share, here, there = share[low], cop_mm.take(low, axis=1), cop_mm.take(high, axis=1)
    slope = (there - here) / (share[high] - from_share)  # NaN at the last frame
    cop = np.where(from_share == STANCE, here, slope * (STANCE - from_share) + here)
    return np.where((passed > 0) & (lengths > 1)[:, None], cop, np.nan)


def _rise(contacts: Contacts) -> FloatArray:
    """Where the loading rate was taken: ms after initial contact and BW at 20 and at 80 % of the rise, (k, 4)."""
    grid, rates = contacts.grid, contacts.rates
    poi = np.where(np.isfinite(rates.valr_bw_s), contacts.poi, np.nan)
    level = RISE * (grid.at(poi) / contacts.body_weight_n)
    after_ms = (last_upward(contacts.f_bw, level, poi) - contacts.ic) * grid.step_s * 1e3
    of_each: FloatArray = np.array([after_ms, np.where(np.isfinite(after_ms), level, np.nan)])  # (2, 2, k)
    return of_each.T.reshape(-1, 4)


def _curves(contacts: Contacts) -> FloatArray:
    """Force every millisecond from initial contact on, NaN after toe-off, (k, 301)."""
    grid = contacts.grid
    position = contacts.ic[:, None] + AFTER_S / grid.step_s[:, None]
    low = np.minimum(np.maximum(position.astype(np.int64), 0), grid.n[:, None] - 2)
    start = picked(grid.f, low)
    force = (picked(grid.f, low + 1) - start) * (position - low) + start
    return np.where(position <= contacts.to[:, None], force, np.nan)
