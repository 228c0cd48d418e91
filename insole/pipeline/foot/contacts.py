"""Cutting contacts out of the rows of a foot, and laying many of them end to end.

In: rows and spans. Out: `ContactBatch`, whole contacts with their regional sums and moments.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from insole.blocks import BoolArray, ContactBatch, CountArray, FloatArray, IntArray, Quality, Side
from insole.pipeline.foot.calibrate import MOMENT_X, N_COLUMNS, Calibration
from insole.pipeline.foot.events import Span
from insole.pipeline.foot.gaps import join_gaps
from insole.pipeline.foot.rows import FILLED, MEASURED, MISSING, end_to_end, seconds, starts_of
from insole.pipeline.foot.smooth import smooth_columns
from insole.pipeline.foot.trace import Trace
from insole.pipeline.foot.zero import SwingZero

LOADED_KPA = 20.0
CONTACTS_AT_ONCE = 8


class LongContact(NamedTuple):
    """Standing: too long to keep its rows."""

    contact_id: int
    strike_s: float  # device time
    toe_off_s: float
    quality: Quality


class Placed(NamedTuple):
    """One whole contact, as it lies in the rows."""

    contact_id: int
    tick_us: IntArray
    smooth_n: FloatArray  # before the zero
    counts: CountArray  # with `margin` more rows at each end, for smoothing
    state: npt.NDArray[np.uint8]  # likewise
    margin: int
    zero_kpa: FloatArray  # held through the contact
    zero_n: float
    onset: int
    release: int
    quality: Quality

    @classmethod
    def cut(cls, trace: Trace, contact_id: int, span: Span, pad: int, quality: Quality, zero: SwingZero) -> Placed:
        """From `pad` rows before the onset on; the margin repeats the run's first or last row where it has no more."""
        rows, margin = trace.rows, trace.half
        start = max(span.onset - pad, trace.start)
        end = max(min(span.settled, trace.smoothed), span.onset + 1)
        a, b = max(start - margin, trace.start), min(end + margin, rows.end)
        counts, state = rows.counts(a, b), rows.state(a, b)
        if b - a < end - start + 2 * margin:
            around = np.clip(np.arange(start - margin, end + margin), a, b - 1) - a
            counts, state = counts[around], state[around]
        return cls(
            contact_id,
            rows.tick_us(start, end),
            rows.smooth(start, end),
            counts,
            state,
            margin,
            zero.kpa,
            zero.force_n,
            span.onset - start,
            min(span.release, end) - start,
            quality,
        )


def contact_batch(
    side: Side,
    placed: list[Placed],
    calibration: Calibration,
    kernel: FloatArray,
    event_n: float,
    unloaded_kpa: FloatArray | None,
) -> ContactBatch:
    """Contacts laid end to end, with their regional sums."""
    starts = starts_of([len(p.tick_us) for p in placed])
    zero_kpa = np.array([p.zero_kpa for p in placed])
    counts, columns = _frames(placed, starts.tolist(), zero_kpa, calibration, kernel)
    state = end_to_end([p.state[p.margin : -p.margin or None] for p in placed])
    saturated, saturated_share = _saturated(counts, state, starts, zero_kpa, calibration)
    return ContactBatch(
        side=side,
        contact_id=np.array([p.contact_id for p in placed]),
        starts=starts,
        t_s=seconds(end_to_end([p.tick_us for p in placed])),
        force_n=end_to_end([p.smooth_n - p.zero_n for p in placed]),
        moment_nmm=columns[:, MOMENT_X : MOMENT_X + 2],
        region_force_n=columns[:, MOMENT_X + 2 :],
        counts=counts,
        gain=calibration.gain,
        zero_kpa=zero_kpa,
        filled=state == FILLED,
        missing=state == MISSING,
        onset=np.array([p.onset for p in placed]),
        release=np.array([p.release for p in placed]),
        event_n=event_n,
        saturated=saturated,
        saturated_share=saturated_share,
        quality=np.array([int(p.quality) for p in placed], np.uint16),
        unloaded_kpa=unloaded_kpa,
    )


def _frames(
    placed: list[Placed], starts: list[int], zero_kpa: FloatArray, calibration: Calibration, kernel: FloatArray
) -> tuple[CountArray, FloatArray]:
    """Counts of every frame, (N, c), and its sums less the zero, gaps joined, smoothed, (N, 3 + r).

    A few contacts at a time, which stay in the cache.
    """
    counts = np.empty((starts[-1], zero_kpa.shape[1]), np.uint16)
    sums = np.empty((starts[-1], N_COLUMNS))
    for first in range(0, len(placed), CONTACTS_AT_ONCE):
        few = placed[first : first + CONTACTS_AT_ONCE]
        wide = end_to_end([p.counts for p in few])
        wide_sums = calibration.columns(wide)
        state = end_to_end([p.state for p in few])
        pieces = list(pairwise(starts_of([len(p.counts) for p in few]).tolist()))
        if state.any():
            for a, b in pieces:
                if state[a:b].any():
                    join_gaps(wide_sums[a:b], state[a:b])
        wide_sums = smooth_columns(wide_sums, kernel)
        zeros = calibration.zero_columns(zero_kpa[first : first + CONTACTS_AT_ONCE])
        for i, (p, zero, (a, b)) in enumerate(zip(few, zeros, pieces, strict=True), first):
            inner, frames = slice(a + p.margin, b - p.margin), slice(starts[i], starts[i + 1])
            counts[frames] = wide[inner]
            np.subtract(wide_sums[inner], zero, out=sums[frames])
    if not calibration.has_region.all():
        sums[:, MOMENT_X + 2 :][:, ~calibration.has_region] = np.nan
    return counts, sums


def _saturated(
    counts: CountArray,
    state: npt.NDArray[np.uint8],
    starts: IntArray,
    zero_kpa: FloatArray,
    calibration: Calibration,
) -> tuple[BoolArray, FloatArray]:
    """Cells of each contact that reached full scale, (k, c), and the share of its loaded cell samples at it, (k,)."""
    full, share = np.zeros(zero_kpa.shape, np.bool_), np.zeros(len(zero_kpa))
    if calibration.saturated(counts.max()):
        for i, (a, b) in enumerate(pairwise(starts.tolist())):
            at_full_scale = calibration.saturated(counts[a:b])
            full[i] = at_full_scale.any(axis=0)
            if full[i].any():
                kpa = calibration.to_kpa(counts[a:b][state[a:b] == MEASURED]) - zero_kpa[i]
                share[i] = int(np.count_nonzero(at_full_scale)) / max(int(np.count_nonzero(kpa > LOADED_KPA)), 1)
    return full, share
