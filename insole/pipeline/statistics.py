"""Means, medians, shares and left-right differences with their 95 % intervals. Pure functions, no state.

In: values of one kind, in time order along the last axis; NaN means absent. Out: estimates of the same leading shape.
Rolling figures and whole-session figures go through the same functions, and every sum runs over rows of a fixed width,
so that a figure does not depend on how many of them are computed at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.special import bdtrik, stdtrit

from insole.blocks import BoolArray, ContactTable, FloatArray, IntArray, Side

Z_95 = 1.96
ROLLING_CONTACTS = 30  # METRICS.md 7.2: window per foot
MEDIAN_CONTACTS = 60  # METRICS.md 8.2: window of medians that are held against a line
MIN_CONTACTS = 10  # METRICS.md 7.2: fewer give no figure
STABLE_CONTACTS = 25  # METRICS.md 7.2: fewer raise no flag
BOOTSTRAP_SEED = 20250131
BOOTSTRAP_BLOCK = 10  # strides
BOOTSTRAP_REPLICATES = 2000
_WINDOWS_AT_ONCE = 1024  # of moments: they stay in the cache
_DRAWN_AT_ONCE = 1 << 19  # numbers: they stay in the cache


class Moments(NamedTuple):
    """Count, mean, standard deviation and effective count, each of the leading shape of the values."""

    n: FloatArray
    mean: FloatArray
    sd: FloatArray
    n_eff: FloatArray


class Estimate(NamedTuple):
    """A figure and its 95 % interval; NaN where there are too few values for one."""

    value: FloatArray
    low: FloatArray
    high: FloatArray


class Summary(NamedTuple):
    """One set of values for people: mean, spread, count, and the interval of the mean."""

    mean: float
    sd: float
    n: int
    low: float
    high: float


# ---- means ---------------------------------------------------------------------------------------------------------


def moments(values: FloatArray) -> Moments:
    """Count, mean, sample standard deviation and effective count along the last axis.

    The effective count allows for what neighbouring contacts have in common (METRICS.md 7.2):
    ``max(2, n (1 - r) / (1 + r))`` with r the lag-1 Pearson correlation of neighbours, never below 0.

    Parameters
    ----------
    values : (..., width) float64
        In time order; NaN values are skipped, and so are the pairs they would be part of.

    Returns
    -------
    Moments
        Each (...); mean NaN without a value, standard deviation and effective count NaN with fewer than two.
    """
    if values.ndim == 2 and len(values) > _WINDOWS_AT_ONCE:
        pieces = [moments(values[i : i + _WINDOWS_AT_ONCE]) for i in range(0, len(values), _WINDOWS_AT_ONCE)]
        return Moments(*map(np.concatenate, zip(*pieces, strict=True)))
    present = np.isfinite(values)
    n = present.sum(axis=-1).astype(np.float64)
    whole = values.shape[-1] > 1 and bool(present.all())  # nothing has to be skipped, which costs half
    origin = values[..., -1:] if whole else np.where(present[..., -1:], values[..., -1:], 0.0)
    # From a value near the others, so that equal ones have spread 0.
    from_origin = values - origin if whole else np.where(present, values - origin, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        offset = from_origin.sum(axis=-1) / n
        centred = from_origin - offset[..., None]
        centred = centred if whole else np.where(present, centred, 0.0)
        sd = np.sqrt((centred * centred).sum(axis=-1) / (n - 1.0))
        r = np.maximum(_lag_1(from_origin, None if whole else present), 0.0)
        n_eff = np.maximum(n * (1.0 - r) / (1.0 + r), 2.0)
    few = n < 2
    return Moments(n, origin[..., 0] + offset, np.where(few, np.nan, sd), np.where(few, np.nan, n_eff))


def _lag_1(values: FloatArray, present: BoolArray | None) -> FloatArray:
    """Pearson correlation of neighbours along the last axis, all of them present for None; 0 where undefined."""
    pairs = np.array([values[..., :-1], values[..., 1:]])
    if present is None:
        pairs -= pairs.sum(axis=-1, keepdims=True) / pairs.shape[-1]
    else:
        both = present[..., 1:] & present[..., :-1]
        pairs = np.where(both, pairs, 0.0)
        count = np.maximum(both.sum(axis=-1, keepdims=True), 1)
        pairs = np.where(both, pairs - pairs.sum(axis=-1, keepdims=True) / count, 0.0)
    squares = (pairs * pairs).sum(axis=-1)
    spread = np.sqrt(squares[0] * squares[1])
    product = (pairs[0] * pairs[1]).sum(axis=-1)
    return np.minimum(np.where(spread > 0, product / spread, 0.0), 1.0)


def t_95(df: FloatArray) -> FloatArray:
    """The 97.5 % quantile of Student's t."""
    return np.asarray(stdtrit(df, 0.975), np.float64)


def mean_interval(values: FloatArray) -> Estimate:
    """Mean along the last axis, with its t interval on the effective count: ``mean ± t sd / sqrt(n_eff)``."""
    _, mean, sd, n_eff = moments(values)
    half = t_95(n_eff - 1.0) * sd / np.sqrt(n_eff)
    return Estimate(mean, mean - half, mean + half)


def summary(values: FloatArray) -> Summary:
    """Mean, spread and interval of the values of one foot and session, (n,); NaN values are left out."""
    kept = values[np.isfinite(values)]
    if not len(kept):
        return Summary(np.nan, np.nan, 0, np.nan, np.nan)
    mean, low, high = mean_interval(kept)
    return Summary(float(mean), float(moments(kept).sd), len(kept), float(low), float(high))


def cadence_summary(step_time_ms: FloatArray) -> Summary:
    """Steps per minute of the steps of both feet, (n,): 60 / mean step time (METRICS.md 5).

    The interval is that of the mean step time, turned over; the spread is that of the step times at this cadence.
    For one foot give half its stride times.
    """
    steps = summary(step_time_ms)
    cadence = 60e3 / steps.mean
    return Summary(cadence, cadence * steps.sd / steps.mean, steps.n, 60e3 / steps.high, 60e3 / steps.low)


# ---- medians and shares --------------------------------------------------------------------------------------------


def median_interval(values: FloatArray) -> Estimate:
    """Median along the last axis, with its interval from order statistics.

    The interval runs from the k-th smallest to the k-th largest value, k from the binomial distribution with p = 1/2,
    so that it covers at least 95 % whatever the distribution of independent values; NaN with fewer than six of them
    (Hahn & Meeker 1991, Statistical Intervals, ch. 5).

    Parameters
    ----------
    values : (..., width) float64
        NaN values are skipped.

    Returns
    -------
    Estimate
        Each (...).
    """
    width = values.shape[-1]
    ordered = np.sort(values, axis=-1)  # NaN last
    n = np.isfinite(ordered).sum(axis=-1)
    places, known = _median_places(width)
    first = np.arange(0, n.size * width, width).reshape(n.shape)
    found = np.where(known[:, n], ordered.ravel()[first + places[:, n]], np.nan)
    return Estimate((found[0] + found[1]) / 2.0, found[2], found[3])


@lru_cache(maxsize=16)
def _median_places(width: int) -> tuple[IntArray, BoolArray]:
    """For 0 ... width values in order: places of the two middle ones and of the bounds, and whether there are such."""
    n = np.arange(1, width + 1)
    rank = np.ceil(bdtrik(0.025, n, 0.5)).astype(np.int64)  # from 1, of the one that bounds the interval; 0 for none
    n, rank = np.concatenate([[0], n]), np.concatenate([[0], rank])
    known = np.array([n > 0, n > 0, rank > 0, rank > 0])
    return np.where(known, [(n - 1) // 2, n // 2, rank - 1, n - rank], 0), known


def share_interval(count: FloatArray | IntArray, n: FloatArray | IntArray) -> Estimate:
    """Share of `count` in `n`, 0 to 1, with Wilson's score interval (Wilson 1927, JASA 22:209); NaN for n = 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        share = count / n
        z2 = Z_95**2
        centre = (share + z2 / (2 * n)) / (1 + z2 / n)
        half = Z_95 * np.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return Estimate(share, np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0))


def shares_of_few(count: IntArray, n: IntArray, most: int) -> FloatArray:
    """`share_interval` of whole numbers up to `most`, looked up: (3, ...)."""
    out: FloatArray = _shares(most)[:, count, n]
    return out


@lru_cache(maxsize=16)
def _shares(most: int) -> FloatArray:
    """Of every count in every number up to `most`."""
    count, n = np.ogrid[: most + 1, : most + 1]
    return np.array(share_interval(np.minimum(count, n), n))


def with_systematic(estimate: Estimate, half_width: FloatArray | float) -> Estimate:
    """The interval widened, root-sum-square, by a part that no averaging reduces, given as its 95 % half-width."""
    value, low, high = estimate
    return Estimate(value, value - np.hypot(value - low, half_width), value + np.hypot(high - value, half_width))


def with_calibration(estimate: Estimate, u_cal: FloatArray | float) -> Estimate:
    """The interval with the relative standard uncertainty of the calibration, for absolute limits (METRICS.md 3.5)."""
    return with_systematic(estimate, Z_95 * u_cal * np.abs(estimate.value))


# ---- left against right --------------------------------------------------------------------------------------------


def symmetry_index_pct(log_ratio_pct: FloatArray) -> FloatArray:
    """Robinson's symmetry index of A = 100 ln(left / right): ``200 tanh(A / 200)``, exactly (METRICS.md 7.1)."""
    out: FloatArray = 200.0 * np.tanh(log_ratio_pct / 200.0)
    return out


def difference(left: Moments, right: Moments) -> Estimate:
    """Left minus right mean, with Welch's interval on the effective counts (METRICS.md 7.2)."""
    gap = left.mean - right.mean
    left_term, right_term = left.sd**2 / left.n_eff, right.sd**2 / right.n_eff
    square = left_term + right_term
    with np.errstate(invalid="ignore", divide="ignore"):
        df = square**2 / (left_term**2 / (left.n_eff - 1.0) + right_term**2 / (right.n_eff - 1.0))
        half = np.where(square > 0, t_95(df) * np.sqrt(square), square)  # no spread at all: no width
    return Estimate(gap, gap - half, gap + half)


def asymmetry_pct(log_left: Moments, log_right: Moments) -> Estimate:
    """Left-right difference as a signed symmetry index in percent, + = left higher, from moments of ln(value).

    Mean and interval are taken in the logarithm, ``A = 100 (mean ln left - mean ln right)``, and turned into the
    equivalent index at the end (METRICS.md 7.2).
    """
    return Estimate(*symmetry_index_pct(100.0 * np.array(difference(log_left, log_right))))


def change_pct(log_before: Moments, log_after: Moments) -> Estimate:
    """Change of a mean in percent of the earlier one, from moments of ln(value), with Welch's interval.

    The effective counts allow for what neighbouring contacts have in common; contacts of one block are still no
    repeats of it (METRICS.md 10.1), so that the interval speaks of these two stretches alone.
    """
    value, low, high = (100.0 * np.expm1(part) for part in difference(log_after, log_before))
    return Estimate(value, low, high)


def stride_pairs(running: ContactTable, metrics: Sequence[str]) -> tuple[FloatArray, FloatArray]:
    """Values of both feet by stride, for `session_difference` and `session_asymmetry_pct`.

    A stride is a contact of one foot and, where it follows at once, the next of the other: a new one starts at every
    left contact, and where the same foot comes twice.

    Parameters
    ----------
    running : ContactTable
        k running contacts in time order.
    metrics : sequence of str, m of them

    Returns
    -------
    left, right : (s, m) float64
        NaN where the stride has no such contact or the contact no such value.
    """
    left = running.side == Side.LEFT
    starts = left.copy()
    starts[:1] = True
    starts[1:] |= left[1:] == left[:-1]
    stride = np.cumsum(starts) - 1
    pairs = np.full((2, int(starts.sum()), len(metrics)), np.nan)
    for column, metric in enumerate(metrics):
        if metric in running.columns:
            pairs[np.where(left, 0, 1), stride, column] = running.columns[metric]
    return pairs[0], pairs[1]


def session_difference(left: FloatArray, right: FloatArray, seed: int = BOOTSTRAP_SEED) -> Estimate:
    """Left minus right mean over a session, with the percentile interval of a moving-block bootstrap.

    Blocks of ten strides are drawn, both feet together, so that what neighbouring strides share, and what the feet
    share, stays in the interval (Kuensch 1989, Ann Stat 17:1217; METRICS.md 7.2: 2000 replicates).

    Parameters
    ----------
    left, right : (s, m) float64
        One row a stride, one column a metric; NaN where a foot has no value.
    seed : int
        Makes the interval repeatable; store it with the result.

    Returns
    -------
    Estimate
        Each (m,). NaN for a metric with fewer than ten values on either foot; no interval for less than two blocks.
    """
    both = np.concatenate([left, right], axis=1)
    present = np.isfinite(both)
    sums = np.where(present, both, 0.0)
    m = left.shape[1]

    def gap(total: FloatArray, count: FloatArray) -> FloatArray:
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = total / count
        out: FloatArray = mean[..., :m] - mean[..., m:]
        return out

    count = present.sum(axis=0).astype(np.float64)
    enough = (count[:m] >= MIN_CONTACTS) & (count[m:] >= MIN_CONTACTS)
    value = np.where(enough, gap(sums.sum(axis=0), count), np.nan)
    unknown = np.full(m, np.nan)
    if len(both) < 2 * BOOTSTRAP_BLOCK or not np.any(enough):
        return Estimate(value, unknown, unknown)
    # Most metrics are there for the same strides: what is counted alike is counted once.
    patterns, pattern_of = np.unique(present, axis=1, return_inverse=True)
    block = np.concatenate([_block_sums(sums), _block_sums(patterns.astype(np.float64))], axis=1)
    draws_each = -(-len(both) // BOOTSTRAP_BLOCK)
    at_once = max(_DRAWN_AT_ONCE // (draws_each * block.shape[1]), 1)
    random = np.random.default_rng(seed)
    replicates = []
    for first in range(0, BOOTSTRAP_REPLICATES, at_once):
        shape = min(at_once, BOOTSTRAP_REPLICATES - first), draws_each
        totals = block.take(random.integers(0, len(block), shape), axis=0).sum(axis=1)
        replicates.append(gap(totals[:, : 2 * m], totals[:, 2 * m :][:, pattern_of.reshape(-1)]))
    low, high = np.nanpercentile(np.where(enough, np.concatenate(replicates), 0.0), [2.5, 97.5], axis=0)
    return Estimate(value, np.where(enough, low, np.nan), np.where(enough, high, np.nan))


def _block_sums(rows: FloatArray) -> FloatArray:
    """Sums over every run of `BOOTSTRAP_BLOCK` rows: (s, c) -> (s - block + 1, c)."""
    running = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0)])
    out: FloatArray = running[BOOTSTRAP_BLOCK:] - running[:-BOOTSTRAP_BLOCK]
    return out


def session_asymmetry_pct(left: FloatArray, right: FloatArray, seed: int = BOOTSTRAP_SEED) -> Estimate:
    """Session asymmetry as a signed symmetry index in percent; `session_difference` of the logarithms.

    Parameters
    ----------
    left, right : (s, m) float64
        Positive values, one row a stride, one column a metric; NaN or not positive: left out.
    seed : int

    Returns
    -------
    Estimate
        Each (m,).
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        log_left, log_right = (np.log(np.where(values > 0, values, np.nan)) for values in (left, right))
    gap = session_difference(log_left, log_right, seed)
    value, low, high = (symmetry_index_pct(100.0 * part) for part in gap)
    return Estimate(value, low, high)


# ---- trend ---------------------------------------------------------------------------------------------------------


def theil_sen(t: FloatArray, values: FloatArray) -> tuple[float, float]:
    """Slope as the median of all pairwise slopes, and level at `t[0]` (Theil 1950; Sen 1968, JASA 63:1379).

    Parameters
    ----------
    t : (n,) float64
        Increasing, no two alike.
    values : (n,) float64
        Finite.

    Returns
    -------
    slope, start : float
    """
    i, j = np.triu_indices(len(t), 1)
    slope = float(np.median((values[j] - values[i]) / (t[j] - t[i])))
    return slope, float(np.median(values - slope * (t - t[0])))


def theil_sen_interval(t: FloatArray, values: FloatArray, replicates: int = 400) -> tuple[float, float]:
    """95 % percentile interval of the Theil-Sen slope, from resampled residuals.

    Give medians of blocks of contacts: whole blocks are then what is drawn again. Residuals are scaled up for the two
    parameters that were fitted and for t instead of z, without which few blocks cover too seldom (Hesterberg 2015,
    Am Stat 69:371).
    """
    slope, start = theil_sen(t, values)
    df = len(t) - 2.0
    scale = np.sqrt(len(t) / df) * t_95(np.asarray(df)) / Z_95
    residuals = (values - start - slope * (t - t[0])) * scale
    i, j = np.triu_indices(len(t), 1)
    drawn = residuals[np.random.default_rng(BOOTSTRAP_SEED).integers(0, len(t), (replicates, len(t)))]
    slopes = slope + np.median((drawn[:, j] - drawn[:, i]) / (t[j] - t[i]), axis=1)
    low, high = np.percentile(slopes, [2.5, 97.5])
    return float(low), float(high)
