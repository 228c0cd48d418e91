"""What a force curve says by definition: noise-free curves on a 10 kHz grid in, METRICS.md 2.1 and 3.3 out.

A second, independent implementation of these definitions on purpose: it shares nothing with the pipeline that is tested
against it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from insole.blocks import FloatArray, IntArray

GRID_S = 1e-4
POI_FORCE_BW = 0.75
POI_SLOPE_BW_S = 15.0
RATE_LOW, RATE_HIGH = 0.2, 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Landmarks:
    """Landmarks of k contacts, seconds from the first grid point; NaN where a curve has none.

    `toe_off_s` is NaN for a curve that is still loaded at its end, `valr_bw_s` where no point of interest exists.
    """

    ic_s: FloatArray  # (k,)
    toe_off_s: FloatArray  # (k,)
    peak_bw: FloatArray  # (k,)
    poi_s: FloatArray  # (k,)
    valr_bw_s: FloatArray  # (k,)


def find_landmarks(force_bw: FloatArray, threshold_bw: float, grid_s: float = GRID_S) -> Landmarks:
    """Initial contact, toe-off, peak and the 20-80 % loading rate up to the point of interest.

    Parameters
    ----------
    force_bw : (k, n)
        One contact a row, from before its start to after its end or as far as it matters.
    threshold_bw : float
        Reporting threshold of initial contact and toe-off.
    grid_s : float
        Spacing of the columns.

    References
    ----------
    Futrell et al. 2018, Med Sci Sports Exerc 50:1837 (point of interest); Schmida et al. 2022, Med Sci Sports Exerc
    54:1382 (20-80 % of its force).
    """
    k, n = force_bw.shape
    loaded = force_bw >= threshold_bw
    any_loaded = loaded.any(axis=1)
    first = loaded.argmax(axis=1)
    last = n - 1 - loaded[:, ::-1].argmax(axis=1)
    ic = _crossing(force_bw, np.maximum(first - 1, 0), np.full(k, threshold_bw))
    toe_off = _crossing(force_bw, np.minimum(last, n - 2), np.full(k, threshold_bw))
    toe_off[last == n - 1] = np.nan

    slope = np.diff(force_bw, axis=1) / grid_s
    after = np.arange(n - 1) > ic[:, None]
    candidate = (
        after & (force_bw[:, :-1] >= POI_FORCE_BW) & (slope < POI_SLOPE_BW_S) & (np.arange(n - 1) < last[:, None])
    )
    has_poi = candidate.any(axis=1)
    poi = candidate.argmax(axis=1)
    at_poi = force_bw[np.arange(k), poi]
    t20, t80 = (
        _crossing(force_bw, _last_upward(force_bw, share * at_poi, poi), share * at_poi)
        for share in (RATE_LOW, RATE_HIGH)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        valr = (RATE_HIGH - RATE_LOW) * at_poi / ((t80 - t20) * grid_s)
    return Landmarks(
        ic_s=np.where(any_loaded, ic * grid_s, np.nan),
        toe_off_s=np.where(any_loaded, toe_off * grid_s, np.nan),
        peak_bw=force_bw.max(axis=1),
        poi_s=np.where(has_poi, poi * grid_s, np.nan),
        valr_bw_s=np.where(has_poi, valr, np.nan),
    )


def _last_upward(force: FloatArray, level: FloatArray, before: IntArray) -> IntArray:
    """Index left of the last upward crossing of `level` before index `before`, per row."""
    index = np.arange(force.shape[1] - 1)
    up = (force[:, :-1] < level[:, None]) & (force[:, 1:] >= level[:, None]) & (index < before[:, None])
    position: IntArray = force.shape[1] - 2 - up[:, ::-1].argmax(axis=1)
    return position


def _crossing(force: FloatArray, left: IntArray, level: FloatArray) -> FloatArray:
    """Grid position, with its fraction, where the line from `left` to the next point meets `level`."""
    row = np.arange(len(force))
    a, b = force[row, left], force[row, left + 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(b != a, (level - a) / (b - a), 0.0)
    out: FloatArray = left + np.clip(share, 0.0, 1.0)
    return out
