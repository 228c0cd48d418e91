"""Cutting contacts and rises out of the rows of a foot, and laying many of them end to end.

In: rows and spans. Out: `RateBatch` (the rise, ready before toe-off) and `ContactBatch` (whole contacts).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from insole.blocks import BoolArray, ContactBatch, CountArray, FloatArray, IntArray, Quality, RateBatch, Side
from insole.pipeline.foot.calibrate import FORCE, MOMENT_X, Calibration
from insole.pipeline.foot.events import PAD_S, Span
from insole.pipeline.foot.rows import FILLED, MEASURED, MISSING, Rows
from insole.pipeline.foot.smooth import smooth_columns

POI_FORCE_BW = 0.75
POI_SLOPE_BW_S = 15.0
POI_LATEST_S = 0.45  # no running contact lasts longer (METRICS.md 2.1)
AFTER_POI_S = 0.020
LOADED_KPA = 20.0


@dataclass(frozen=True, slots=True)
class LongContact:
    """Standing: too long to keep its rows."""

    contact_id: int
    strike_s: float  # device time
    toe_off_s: float
    quality: Quality


@dataclass(frozen=True, slots=True, eq=False)
class RiseWindow:
    """The rows of one rise."""

    contact_id: int
    t_s: FloatArray
    force_n: FloatArray
    filled: BoolArray
    onset: int
    slow: bool
    onset_unseen: bool


@dataclass(slots=True)
class OpenRise:
    """A contact whose loading rate is still to come; `sought` is the first sample not yet looked at."""

    contact_id: int
    onset: int
    slow: bool
    onset_unseen: bool
    zero_n: float
    sought: int
    poi: int | None = None  # sample where the point of interest was seen
    done: bool = False

    def seek(self, rows: Rows, limit: int, smoothed: int, rate_hz: float, body_weight_n: float) -> RiseWindow | None:
        """Look for the point of interest among samples before `limit`; its window once 20 ms more are there."""
        if self.done:
            return None
        if self.poi is None:
            latest = self.onset + round(POI_LATEST_S * rate_hz)
            end = min(limit, latest, smoothed)
            force = rows.smooth(self.sought, end)
            slope = np.diff(force)
            flat = (force[:-1] - self.zero_n >= POI_FORCE_BW * body_weight_n) & (
                slope * rate_hz < POI_SLOPE_BW_S * body_weight_n
            )
            found = int(flat.argmax()) if len(flat) else 0
            if len(flat) and flat[found]:
                self.poi = self.sought + found
            else:
                self.done = end in (limit, latest) and (limit < smoothed or end == latest)
                self.sought = max(self.sought, end - 1)
                return None
        end = self.poi + 1 + round(AFTER_POI_S * rate_hz)
        if end > smoothed:
            return None
        self.done = True
        start = max(self.onset - round(PAD_S * rate_hz), rows.base)
        return RiseWindow(
            self.contact_id,
            seconds(rows.tick_us(start, end)),
            rows.smooth(start, end) - self.zero_n,
            rows.state(start, end) != MEASURED,
            self.onset - start,
            self.slow,
            self.onset_unseen,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """One whole contact, cut out of the rows (copies)."""

    contact_id: int
    t_s: FloatArray
    force_n: FloatArray
    counts: CountArray  # with `margin` more rows at each end, for smoothing
    state: npt.NDArray[np.uint8]  # likewise
    margin: int
    zero_kpa: FloatArray
    zero: FloatArray  # the same in the columns of the calibration
    onset: int
    release: int
    quality: Quality

    @classmethod
    def cut(
        cls,
        rows: Rows,
        contact_id: int,
        window: tuple[int, int],
        span: Span,
        quality: Quality,
        zero_kpa: FloatArray,
        zero: FloatArray,
        margin: int,
        run: tuple[int, int],
    ) -> Placed:
        """Copy rows [start, end); the margin repeats the run's first or last row where the run has no more."""
        start, end = window
        a, b = max(start - margin, run[0]), min(end + margin, run[1])
        counts, state = rows.counts(a, b).copy(), rows.state(a, b).copy()
        if b - a < end - start + 2 * margin:
            around = np.clip(np.arange(start - margin, end + margin), a, b - 1) - a
            counts, state = counts[around], state[around]
        return cls(
            contact_id,
            seconds(rows.tick_us(start, end)),
            rows.smooth(start, end) - zero[FORCE],
            counts,
            state,
            margin,
            zero_kpa,
            zero,
            span.onset - start,
            min(span.release, end) - start,
            quality,
        )


def rate_batch(side: Side, rises: list[RiseWindow]) -> RateBatch:
    """Rises laid end to end."""
    return RateBatch(
        side,
        np.array([r.contact_id for r in rises], np.int64),
        _starts([len(r.t_s) for r in rises]),
        np.concatenate([r.t_s for r in rises]),
        np.concatenate([r.force_n for r in rises]),
        np.concatenate([r.filled for r in rises]),
        np.array([r.onset for r in rises], np.int64),
        np.array([r.slow for r in rises], np.bool_),
        np.array([r.onset_unseen for r in rises], np.bool_),
    )


def contact_batch(
    side: Side, placed: list[Placed], calibration: Calibration, kernel: FloatArray, event_n: float
) -> ContactBatch:
    """Contacts laid end to end, with their regional sums and pressures."""
    lengths = [len(p.t_s) for p in placed]
    margin = placed[0].margin
    counts = np.concatenate([p.counts for p in placed])
    state = np.concatenate([p.state for p in placed])
    wide = _starts([n + 2 * margin for n in lengths])
    columns = calibration.columns(counts)
    if state.any():
        for a, b in itertools.pairwise(wide):
            if state[a:b].any():
                _join_gaps(columns[a:b], state[a:b])
    columns = smooth_columns(columns, kernel)
    starts = _starts(lengths)
    of = np.repeat(np.arange(len(placed)), lengths)
    inner = np.arange(starts[-1]) + margin * (2 * of + 1)
    columns, counts, state = columns[inner], counts[inner], state[inner]
    columns -= np.stack([p.zero for p in placed])[of]
    columns[:, MOMENT_X + 2 :][:, ~calibration.has_region] = np.nan
    highest = np.array([counts[a:b].max(axis=0) for a, b in itertools.pairwise(starts.tolist())])
    saturated = calibration.saturated(highest)
    zero_kpa = np.array([p.zero_kpa for p in placed])
    saturated_share = np.zeros(len(placed))
    for i in np.flatnonzero(saturated.any(axis=1)).tolist():
        rows = slice(starts[i], starts[i + 1])
        kpa = calibration.to_kpa(counts[rows][state[rows] == MEASURED]) - zero_kpa[i]
        saturated_share[i] = _saturated_share(calibration.saturated(counts[rows]), kpa)
    return ContactBatch(
        side=side,
        contact_id=np.array([p.contact_id for p in placed], np.int64),
        starts=starts,
        t_s=np.concatenate([p.t_s for p in placed]),
        force_n=np.concatenate([p.force_n for p in placed]),
        moment_nmm=columns[:, MOMENT_X : MOMENT_X + 2],
        region_force_n=columns[:, MOMENT_X + 2 :],
        counts=counts,
        gain=calibration.gain,
        zero_kpa=zero_kpa,
        filled=state == FILLED,
        missing=state == MISSING,
        onset=np.array([p.onset for p in placed], np.int64),
        release=np.array([p.release for p in placed], np.int64),
        event_n=event_n,
        saturated=saturated,
        saturated_share=saturated_share,
        quality=np.array([int(p.quality) for p in placed], np.uint16),
    )


def _saturated_share(full: BoolArray, kpa: FloatArray) -> float:
    """Share of one contact's loaded cell samples that stood at full scale."""
    return int(np.count_nonzero(full)) / max(int(np.count_nonzero(kpa > LOADED_KPA)), 1)


def _join_gaps(columns: FloatArray, state: npt.NDArray[np.uint8]) -> None:
    """Interpolate the sums of lost frames: cubic across a short gap, a line across a long one (marked elsewhere)."""
    good = np.flatnonzero(state == MEASURED)
    if len(good) == 0:
        columns[:] = 0.0
        return
    lost = np.flatnonzero(state != MEASURED)
    groups = np.split(lost, np.flatnonzero(np.diff(lost) > 1) + 1)
    for rows in groups:
        near = 2 if state[rows[0]] == FILLED else 1
        knots = np.concatenate([good[good < rows[0]][-near:], good[good > rows[-1]][:near]])
        columns[rows] = lagrange(knots, columns[knots], rows)


def lagrange(knots: IntArray, values: FloatArray, at: IntArray) -> FloatArray:
    """The polynomial through `knots` (p,) and `values` (p, ...), of degree p - 1, at whole-number positions `at`."""
    out = np.zeros((len(at), *values.shape[1:]))
    for i, knot in enumerate(knots):
        others = np.delete(knots, i)
        basis = np.prod((at[:, None] - others) / (knot - others), axis=1)
        out += basis.reshape(-1, *[1] * (values.ndim - 1)) * values[i]
    return out


def seconds(tick_us: IntArray) -> FloatArray:
    """Device ticks as device seconds."""
    out: FloatArray = tick_us.astype(np.float64) * 1e-6
    return out


def _starts(lengths: list[int]) -> IntArray:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
