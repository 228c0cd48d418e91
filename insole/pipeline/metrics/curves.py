"""Cubic splines of many windows at once, on a 1 kHz grid (METRICS.md 3.3): not-a-knot, at a uniform index.

In: samples of k windows laid end to end. Out: one padded matrix. All windows are solved together, yet none is tied to
another, so the result does not depend on which windows happened to come in the same push.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.linalg.lapack import dpttrs

from insole.blocks import BoolArray, FloatArray, IntArray

GRID_HZ = 1000.0
_INWARDS = np.array([[1], [-1]])  # from the first knot of a window, from its last


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """k windows on a 1 kHz grid of nominal device time (the samples themselves above 1 kHz).

    Grid point j of window i is at row `j x rows_per_step` of its samples, and `t0_s[i] + j x step_s[i]` in device time:
    `step_s` is the true spacing, which differs from 1 ms by as much as the device's rate from its nominal one.
    """

    f: FloatArray  # (k, G) padded with NaN, by one column at least: what ends with a window ends inside
    n: IntArray  # (k,) grid points of each window
    t0_s: FloatArray  # (k,)
    step_s: FloatArray  # (k,)
    rows_per_step: float

    @property
    def slope(self) -> FloatArray:
        """Forward difference per second, (k, G - 1)."""
        return (self.f[:, 1:] - self.f[:, :-1]) / self.step_s[:, None]

    def at(self, positions: FloatArray) -> FloatArray:
        """Value of each window at its own fractional grid positions, (..., k); linear in a grid cell, NaN outside."""
        low = np.minimum(np.fmax(positions, 0.0), np.maximum(self.n - 2.0, 0.0)).astype(np.int64)
        start, end = pair(self.f, low)
        value: FloatArray = (positions - low) * (end - start)
        value += start
        value[~((positions >= 0) & (positions <= self.n - 1.0))] = np.nan
        return value

    def reduced(self, start: FloatArray, stop: FloatArray, *ufuncs: np.ufunc) -> list[FloatArray]:
        """Each of `ufuncs` reduced over the grid points of each window within [start, stop], (k,); NaN without any."""
        first, last = np.ceil(start), np.minimum(np.floor(stop), self.n - 1.0)
        some = (first >= 0) & (first <= last)
        bounds = np.array([first, last + 1.0])
        bounds[:, ~some] = 0.0
        f, edges = self.f.ravel(), (bounds.astype(np.int64) + row_starts(*self.f.shape)).T.ravel()
        return [np.where(some, ufunc.reduceat(f, edges)[::2], np.nan) for ufunc in ufuncs]


def pair(f: FloatArray, column: IntArray) -> tuple[FloatArray, FloatArray]:
    """The value of each row of `f` (k, G) in columns of its own, (..., k), and the one after it."""
    at = column + row_starts(*f.shape)
    return f.take(at), f.take(at + 1, mode="clip")


def picked(f: FloatArray, columns: FloatArray) -> FloatArray:
    """Values of each row of `f` (k, G) in its own `columns` (k, m), whole numbers; anything outside the row."""
    return f.take(columns.astype(np.int64) + row_starts(*f.shape)[:, None], mode="clip")


@lru_cache(maxsize=256)
def row_starts(rows: int, width: int) -> IntArray:
    """Place of the first value of each row of a matrix among all its values, (rows,); read only."""
    starts = np.arange(0, rows * width, width)
    starts.flags.writeable = False
    return starts


def on_grid(samples: FloatArray, t_s: FloatArray, starts: IntArray, rate_hz: float) -> Grid:
    """Spline every window of `samples` (N,) cut by `starts` (k + 1,)."""
    first, last = starts[:-1], starts[1:] - 1
    rows_per_step = min(rate_hz / GRID_HZ, 1.0)
    steps = last - first
    points = (steps / rows_per_step + 1e-9).astype(np.int64) + 1
    second = _second_derivatives(samples, first, last)
    f = _evaluated(samples, second, first, max(int(np.maximum.reduce(points)), 2) + 1, rows_per_step)
    shortest = int(np.minimum.reduce(points))
    f[:, shortest:][np.arange(shortest, f.shape[1]) >= points[:, None]] = np.nan
    t0_s = t_s[first]
    return Grid(f, points, t0_s, (t_s[last] - t0_s) / np.maximum(steps, 1) * rows_per_step, rows_per_step)


def _evaluated(y: FloatArray, second: FloatArray, first: IntArray, points: int, rows_per_step: float) -> FloatArray:
    """The spline at the grid points after each `first` knot, (k, points); beyond its window it means nothing."""
    below, above, weights = _weights(points, rows_per_step)
    knots = first + np.arange(int(above[-1]) + 1)[:, None]  # a window in a column: grid points then copy whole rows
    y, second = y.take(knots, mode="clip"), second.take(knots, mode="clip")
    curve: FloatArray = (
        y.take(below, axis=0) * weights[0]
        + y.take(above, axis=0) * weights[1]
        + second.take(below, axis=0) * weights[2]
        + second.take(above, axis=0) * weights[3]
    )
    return np.ascontiguousarray(curve.T)


@lru_cache(maxsize=256)
def _weights(points: int, rows_per_step: float) -> tuple[IntArray, IntArray, FloatArray]:
    """The knots below and above each grid point, (points,), and what the point takes of them, (4, points, 1).

    Of the sample below and above, then of the second derivative below and above.
    """
    at: FloatArray = np.arange(points, dtype=np.float64) * rows_per_step
    below: IntArray = at.astype(np.int64)
    u = at - below
    v = 1.0 - u
    return below, below + 1, np.array([v, u, (v**3 - v) / 6.0, (u**3 - u) / 6.0])[:, :, None]


def _second_derivatives(y: FloatArray, first: IntArray, last: IntArray) -> FloatArray:
    """Second derivatives at uniform knots of spacing 1, not-a-knot at both ends of each window, `first` to `last`.

    With M[0] = 2 M[1] - M[2] the first equation M[0] + 4 M[1] + M[2] = 6 d[1] says M[1] = d[1] at once, likewise at the
    other end; what is left is symmetric positive definite and tridiagonal. Under four knots there is no such cubic:
    zero, which leaves the line. All windows are one system, in which none is tied to the next.
    """
    factors = [_factor(n) for n in (last - first + 1).tolist()]
    diagonal, off = factors[0] if len(factors) == 1 else map(np.concatenate, zip(*factors, strict=True))
    cubic = last - first > 2
    ends = np.array([first[cubic], last[cubic]])
    second, third = ends + _INWARDS, ends + 2 * _INWARDS
    d = np.zeros(len(y))
    d[1:-1] = y[:-2] - 2.0 * y[1:-1] + y[2:]
    known = d.take(second)
    d *= 6.0
    d[third[0]] -= known[0]
    d[third[1]] -= known[1]  # the same knot where there are five
    d[second] = known
    out: FloatArray
    out, info = dpttrs(diagonal, off[:-1], d)
    assert info == 0
    out[ends] = 2.0 * out.take(second) - out.take(third)
    return out


@lru_cache(maxsize=256)
def _factor(n: int) -> tuple[FloatArray, FloatArray]:
    """The system of one window of n knots, factored: the two knots at each end are known, and tied to nothing."""
    diagonal, off = np.ones(n), np.zeros(n)
    if n < 4:
        diagonal[:] = np.inf  # whatever is divided by it is zero
    pivot = 4.0
    for i in range(2, n - 2):
        diagonal[i], off[i] = pivot, 1.0 / pivot
        pivot = 4.0 - 1.0 / pivot
    off[-3:] = 0.0
    return diagonal, off


def last_upward(f: FloatArray, level: FloatArray, before: FloatArray) -> FloatArray:
    """Fractional grid position of the last upward crossing of `level` up to `before` in each row of `f` (k, G).

    Level and limit are (..., k), and so is what is found; NaN if none.
    """
    above = f[:, : _up_to(before) + 1] >= level[..., None]
    up = above[..., 1:] > above[..., :-1]
    up &= np.arange(1.0, above.shape[-1]) <= before[..., None]
    return _last(f, level, up)


def last_downward(f: FloatArray, level: FloatArray, after: FloatArray, before: FloatArray) -> FloatArray:
    """Fractional grid position of the last downward crossing with both points in [after, before]; NaN if none."""
    end = min(_up_to(before) + 1, f.shape[1])
    start = int(max(np.fmin.reduce(after, initial=end - 2.0), 0.0))
    seen, j = f[:, start:end], np.arange(float(start), end)
    down = (seen[:, :-1] >= level[:, None]) & (seen[:, 1:] < level[:, None])
    down &= (j[:-1] >= after[:, None]) & (j[1:] <= before[:, None])
    return _last(f, level, down, start)


def _up_to(before: FloatArray) -> int:
    """Highest grid point that any row looks at, at least 1."""
    return int(np.fmax.reduce(before, axis=None, initial=1.0))


def _last(f: FloatArray, level: FloatArray, hits: BoolArray, start: int = 0) -> FloatArray:
    """Place of the last hit in each row, on the line to the next point; the first column of `hits` is `start`."""
    last = start + hits.shape[-1] - 1 - hits[..., ::-1].argmax(axis=-1)
    low, high = pair(f, last)
    return np.where(np.logical_or.reduce(hits, axis=-1), last + (level - low) / (high - low), np.nan)


def first_true(mask: BoolArray) -> FloatArray:
    """Position of the first True in each row; NaN if none."""
    return np.where(np.logical_or.reduce(mask, axis=1), mask.argmax(axis=1), np.nan)
