"""What the metric functions see: k whole contacts in newtons and seconds, splined, with their instants located.

In: `ContactBatch` and the loading rates already known. Out: shared arrays, computed once and only when asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import numpy as np

from insole.blocks import BoolArray, ContactBatch, FloatArray, IntArray, Quality
from insole.device import REGIONS, Device
from insole.pipeline.metrics.curves import Grid, first_true, last_downward, last_upward, on_grid, pair, picked
from insole.pipeline.metrics.frames import Frames
from insole.pipeline.metrics.kept import kept
from insole.pipeline.metrics.rates import Rates

T = TypeVar("T")

COP_MIN_BW = 0.05
ACTIVE_KPA = 20.0
REGION_ON_BW = 0.03
IMPACT_LATEST_S = 0.075
IMPACT_LATEST_SHARE = 0.35
IMPACT_DIP_BW = 0.02
MAX_RATE_ERROR = 0.05
SATURATED_SHARE = 0.01
_AROUND = np.array([-1.0, 0.0, 1.0])
_UNSEEN = np.uint16(Quality.ONSET_UNSEEN | Quality.END_UNSEEN)


class Contacts:
    """Contacts of one foot, ready to be measured. Rows are samples, grid points are 1 ms; NaN where unknown.

    Parameters
    ----------
    batch : ContactBatch
    rates : Rates
        Rows in the order of the batch.
    device : Device
    body_weight_n : float
        Newtons of one body weight (70 kg where no mass is known: thresholds need a scale).
    """

    def __init__(self, batch: ContactBatch, rates: Rates, device: Device, body_weight_n: float) -> None:
        self.batch = batch
        self.rates = rates
        self.device = device
        self.body_weight_n = body_weight_n
        self.memo: dict[object, Any] = {}  # results of `shared` functions

    def __len__(self) -> int:
        return len(self.batch.contact_id)

    @kept
    def grid(self) -> Grid:
        """Vertical force in newtons on the 1 ms grid."""
        return on_grid(self.batch.force_n, self.batch.t_s, self.batch.starts, self.device.rate_hz)

    @kept
    def f_bw(self) -> FloatArray:
        """Vertical force in body weights on the grid, (k, G)."""
        return self.grid.f / self.body_weight_n

    @kept
    def ic(self) -> FloatArray:
        """Grid position of initial contact, (k,): last upward crossing of the threshold before the detected onset."""
        onset = self.batch.onset / self.grid.rows_per_step
        found = last_upward(self.grid.f, np.array([self.batch.event_n]), np.ceil(onset))
        return np.where(found >= onset - 1 / self.grid.rows_per_step - 1, found, onset)

    @kept
    def to(self) -> FloatArray:
        """Grid position of toe-off, (k,): last downward crossing around the detected release."""
        release = self.batch.release / self.grid.rows_per_step
        after = np.floor(release - 1 / self.grid.rows_per_step) - 1
        found = last_downward(self.grid.f, np.array([self.batch.event_n]), after, np.ceil(release))
        return np.where(np.isfinite(found), found, np.minimum(release, self.grid.n - 1))

    @kept
    def strike_s(self) -> FloatArray:
        """Device time of initial contact, (k,)."""
        return self.grid.t0_s + self.ic * self.grid.step_s

    @kept
    def toe_off_s(self) -> FloatArray:
        """Device time of toe-off, (k,)."""
        return self.grid.t0_s + self.to * self.grid.step_s

    @kept
    def contact_s(self) -> FloatArray:
        """Time on the ground, (k,)."""
        return (self.to - self.ic) * self.grid.step_s

    @kept
    def poi(self) -> FloatArray:
        """Grid position of the point of interest of the loading rate, (k,)."""
        return (self.rates.poi_s - self.grid.t0_s) / self.grid.step_s

    @kept
    def impact_latest(self) -> FloatArray:
        """Grid position up to which an impact peak is looked for, (k,): min(75 ms, 35 % of stance) after contact."""
        return self.ic + np.minimum(IMPACT_LATEST_S / self.grid.step_s, IMPACT_LATEST_SHARE * (self.to - self.ic))

    @kept
    def impact(self) -> tuple[FloatArray, FloatArray]:
        """Grid position and height (BW) of the impact peak, both (k,); NaN where there is none.

        The first local maximum within min(75 ms, 35 % of stance) of initial contact that a dip of 0.02 BW follows
        (METRICS.md 3.3): from the peak down by that much and up again by that much, before it is exceeded. Position
        and height are those of the parabola through the maximum and its neighbours on the grid.
        """
        f, ic, latest = self.f_bw, self.ic, self.impact_latest
        end = int(min(np.maximum.reduce(latest) + 2, f.shape[1]))
        j = np.arange(1.0, end - 1)
        rises = f[:, 1:end] > f[:, : end - 1]
        tops = rises[:, :-1] > rises[:, 1:]  # up to it, and not beyond it
        tops &= (j > ic[:, None]) & (j <= latest[:, None])
        peak = np.full(len(ic), np.nan)
        rows = np.logical_or.reduce(tops, axis=1).nonzero()[0]
        while len(rows):
            candidate = tops[rows].argmax(axis=1)
            dips = _dip_follows(f[rows], candidate + 1, self.to[rows])
            peak[rows[dips]] = candidate[dips] + 1.0
            tops[rows, candidate] = False
            rows = rows[~dips & np.logical_or.reduce(tops[rows], axis=1)]
        return _vertex(f, peak)

    # ---- by sample, laid end to end -------------------------------------------------------------------------------

    @kept
    def of(self) -> np.ndarray:
        """Contact each sample belongs to, (N,)."""
        return np.arange(len(self.lengths)).repeat(self.lengths)

    @kept
    def lengths(self) -> IntArray:
        """Samples of each contact, (k,)."""
        starts = self.batch.starts
        return starts[1:] - starts[:-1]

    @kept
    def sample_s(self) -> FloatArray:
        """Seconds of each sample after initial contact, (N,)."""
        return self.batch.t_s - self.strike_s.repeat(self.lengths)

    @kept
    def share(self) -> FloatArray:
        """Position of each sample in stance, 0 at initial contact and 1 at toe-off, (N,)."""
        return self.sample_s / self.contact_s.repeat(self.lengths)

    @kept
    def in_stance(self) -> BoolArray:
        """Samples between initial contact and toe-off, (N,)."""
        inside: BoolArray = (self.sample_s >= 0) & (self.share <= 1)
        return inside

    @kept
    def spacing_s(self) -> FloatArray:
        """True time between samples of each contact, (k,)."""
        return self.grid.step_s / self.grid.rows_per_step

    def total(self, values: FloatArray) -> FloatArray:
        """Sum over each contact's samples, (k,) or (k, m), the same bits in whatever company a contact comes."""
        return np.add.reduceat(values, self.batch.starts[:-1], axis=0)

    def highest(self, values: FloatArray) -> FloatArray:
        """Maximum over each contact's samples (N,), NaN ignored, (k,); -inf where there is none."""
        out: FloatArray = np.maximum.reduceat(np.where(np.isnan(values), -np.inf, values), self.batch.starts[:-1])
        return out

    def lowest(self, values: FloatArray) -> FloatArray:
        """Minimum over each contact's samples, NaN ignored."""
        return -self.highest(-values)

    def region(self, name: str) -> FloatArray:
        """Force of one region at every sample, (N,) newtons; NaN where the device has no such region."""
        return self.batch.region_force_n[:, REGIONS.index(name)]

    @kept
    def cop_mm(self) -> FloatArray:
        """Centre of pressure, mm from the medial edge and from the heel, (2, N); NaN below 0.05 BW (METRICS.md 1.7)."""
        force = self.batch.force_n
        cop = np.empty((2, len(force)))
        np.divide(self.batch.moment_nmm.T, force, out=cop)
        cop[:, (force < COP_MIN_BW * self.body_weight_n) | ~self.in_stance | self.batch.missing] = np.nan
        return cop

    @kept
    def frames(self) -> Frames:
        """Frames of each stance; force, regional force and moments are known at all of them."""
        starts, per_step = self.batch.starts, self.grid.rows_per_step
        longest = self.lengths - 1
        first = np.minimum(np.maximum(np.floor(self.ic * per_step), 0), longest).astype(np.int64)
        last = np.minimum(np.maximum(np.ceil(self.to * per_step), first), longest).astype(np.int64)
        return Frames.between(starts[:-1] + first, starts[:-1] + last, self.batch.t_s, self.strike_s, self.contact_s)

    @kept
    def seen(self) -> Frames:
        """Those of them that were measured: pressures are known at these alone."""
        return self.frames.without(self.lost)

    @kept
    def lost(self) -> BoolArray:
        """Samples without a measurement of their own, (N,)."""
        return self.batch.filled | self.batch.missing

    @kept
    def load_n(self) -> FloatArray:
        """Force of each region of `device.REGIONS`, then of the whole foot, at the frames, (r + 1, M).

        NaN where the device has no such region.
        """
        rows = self.frames.rows
        load = np.empty((len(REGIONS) + 1, len(rows)))
        load[:-1] = self.batch.region_force_n.take(rows, axis=0).T
        load[-1] = self.batch.force_n.take(rows)
        return load

    @kept
    def load_n_s(self) -> FloatArray:
        """Their integrals from initial contact to toe-off, (r + 1, k)."""
        return self.frames.integral(self.load_n)

    def touched(self, low_s: FloatArray | float, high_s: FloatArray | float, *, short_gaps: bool) -> BoolArray:
        """Contacts with a lost frame between two times after initial contact, (k,); long gaps, or short ones too.

        Where a window begins or ends early, a hole too long to be bridged lies before or behind it.
        """
        begins_s, ends_s = self._unknown_s
        outside: BoolArray = (low_s <= begins_s) | (high_s >= ends_s)
        rows = self._lost_rows if short_gaps else self._missing_rows
        if not len(rows):
            return outside
        of, after_s, k = self.of[rows], self.sample_s[rows], len(self)
        low_s, high_s = np.broadcast_to(low_s, k), np.broadcast_to(high_s, k)
        hit = of[(after_s >= low_s[of]) & (after_s <= high_s[of])]
        return outside | (np.bincount(hit, minlength=k) > 0)

    @kept
    def interrupted(self) -> BoolArray:
        """Contacts with a long gap between initial contact and toe-off, (k,)."""
        return self.touched(0.0, self.contact_s, short_gaps=False)

    @kept
    def incomplete(self) -> BoolArray:
        """Those, and the ones whose onset or end was not seen, (k,)."""
        return self.unseen | self.interrupted

    @kept
    def _unknown_s(self) -> tuple[FloatArray, FloatArray]:
        """Seconds after initial contact of the samples that would be next to each window, (k,) each."""
        first, last = self.batch.starts[:-1], self.batch.starts[1:] - 1
        return self.sample_s[first] - self.spacing_s, self.sample_s[last] + self.spacing_s

    @kept
    def _lost_rows(self) -> IntArray:
        """Samples that are lost."""
        return self.lost.nonzero()[0]

    @kept
    def _missing_rows(self) -> IntArray:
        """Those of them that are in a long gap."""
        return self.batch.missing.nonzero()[0]

    @kept
    def missing_s(self) -> FloatArray:
        """Time lost to long gaps during stance, (k,)."""
        rows = self._missing_rows
        if not len(rows):
            return np.zeros(len(self))
        lost = np.bincount(self.of[rows[self.in_stance[rows]]], minlength=len(self))
        return lost * self.spacing_s

    @kept
    def unseen(self) -> BoolArray:
        """Contacts whose onset or end was not seen, (k,)."""
        out: BoolArray = (self.batch.quality & _UNSEEN) != 0
        return out

    @kept
    def saturated(self) -> BoolArray:
        """Contacts in which more of the loaded samples than are harmless were at full scale, (k,)."""
        out: BoolArray = self.batch.saturated_share > SATURATED_SHARE
        return out

    @kept
    def rate_off(self) -> BoolArray:
        """Contacts sampled more than 5 % away from the nominal rate, (k,)."""
        out: BoolArray = np.abs(self.spacing_s * self.device.rate_hz - 1.0) > MAX_RATE_ERROR
        return out


def shared(compute: Callable[[Contacts], T]) -> Callable[[Contacts], T]:
    """Decorate what several metrics of a batch need: computed for the first that asks, kept for the others."""

    @wraps(compute)
    def once(contacts: Contacts) -> T:
        memo = contacts.memo
        if compute not in memo:
            memo[compute] = compute(contacts)
        found: T = memo[compute]
        return found

    return once


def _dip_follows(f: FloatArray, peak: IntArray, to: FloatArray) -> BoolArray:
    """Whether each row of `f` (m, G) falls by 0.02 BW after its `peak` and rises by as much before exceeding it."""
    start, end = int(np.minimum.reduce(peak)), int(np.maximum.reduce(to)) + 1
    top, after = pair(f, peak)[0][:, None], f[:, start:end]
    j = np.arange(float(start), end)
    reached: BoolArray = j >= peak[:, None]
    last = np.fmin(start + first_true(reached & (after > top)), to)
    reached &= j <= last[:, None]
    after = np.where(reached, after, top)
    lowest = np.minimum.accumulate(after, axis=1)
    back = (lowest <= top - IMPACT_DIP_BW) & (after - lowest >= IMPACT_DIP_BW) & reached
    found: BoolArray = np.logical_or.reduce(back, axis=1)
    return found


def _vertex(f: FloatArray, peak: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Position and height of the parabola through three grid points around each maximum; NaN stays NaN."""
    before, top, after = picked(f, np.fmax(peak, 1.0)[:, None] + _AROUND).T
    shift = 0.5 * (before - after) / (before - 2.0 * top + after)
    return peak + shift, np.where(np.isnan(peak), np.nan, top - 0.25 * (before - after) * shift)
