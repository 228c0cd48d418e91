"""Cubic splines of many windows at once, on a 1 kHz grid (METRICS.md 3.3): not-a-knot, at a uniform index.

In: samples of k windows laid end to end. Out: one padded matrix. Windows of equal length are solved together; each
column is solved on its own, so the result does not depend on which windows happened to come in the same push.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.linalg.lapack import dpttrf, dpttrs

from insole.blocks import FloatArray, IntArray

GRID_HZ = 1000.0


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """k windows on a 1 kHz grid of nominal device time (the samples themselves above 1 kHz), padded with NaN.

    Grid point j of window i is at row `j x rows_per_step` of its samples, and `t0_s[i] + j x step_s[i]` in device time:
    `step_s` is the true spacing, which differs from 1 ms by as much as the device's rate from its nominal one.
    """

    f: FloatArray  # (k, G)
    n: IntArray  # (k,) grid points of each window
    t0_s: FloatArray  # (k,)
    step_s: FloatArray  # (k,)
    rows_per_step: float

    @property
    def slope(self) -> FloatArray:
        """Forward difference per second, (k, G - 1)."""
        return np.diff(self.f, axis=1) / self.step_s[:, None]

    def at(self, positions: FloatArray) -> FloatArray:
        """Value of each window at its own fractional grid position, (k,); linear within a grid cell, NaN outside."""
        inside = (positions >= 0) & (positions <= self.n - 1)
        safe = np.where(inside, positions, 0.0)
        low = np.minimum(safe.astype(np.int64), np.maximum(self.n - 2, 0))
        rows = np.arange(len(low))
        values = self.f[rows, low] + (safe - low) * (self.f[rows, low + 1] - self.f[rows, low])
        return np.where(inside, values, np.nan)

    def reduced(self, ufunc: np.ufunc, start: FloatArray, stop: FloatArray) -> FloatArray:
        """`ufunc` reduced over the grid points of each window within [start, stop], (k,); NaN where there are none."""
        with np.errstate(invalid="ignore"):
            first, last = np.ceil(start), np.minimum(np.floor(stop), self.n - 1.0)
            some = (first >= 0) & (first <= last)
        bounds = np.stack([np.where(some, first, 0.0), np.where(some, last, 0.0) + 1.0], axis=1).astype(np.int64)
        bounds += np.arange(len(bounds))[:, None] * self.f.shape[1]
        flat = np.append(self.f.ravel(), 0.0)  # one more, so that the last bound lies inside
        return np.where(some, ufunc.reduceat(flat, bounds.ravel())[::2], np.nan)


def on_grid(samples: FloatArray, t_s: FloatArray, starts: IntArray, rate_hz: float) -> Grid:
    """Spline every window of `samples` (N,) cut by `starts` (k + 1,)."""
    lengths = np.diff(starts)
    rows_per_step = min(rate_hz / GRID_HZ, 1.0)
    points = np.floor((lengths - 1) / rows_per_step + 1e-9).astype(np.int64) + 1
    width = max(int(lengths.max(initial=0)), _SHORTEST) + 1
    y = samples[starts[:-1, None] + np.minimum(np.arange(width), lengths[:, None] - 1)]  # last sample repeated
    second = _second_derivatives(y, lengths)
    f = _evaluated(y, second, int(points.max(initial=2)), rows_per_step)
    if len(points) and points.min() < f.shape[1]:
        f[np.arange(f.shape[1]) >= points[:, None]] = np.nan
    spacing = (t_s[starts[1:] - 1] - t_s[starts[:-1]]) / np.maximum(lengths - 1, 1)
    return Grid(f, points, t_s[starts[:-1]], spacing * rows_per_step, rows_per_step)


_SHORTEST = 6  # samples for which the general solution below holds


def _evaluated(y: FloatArray, second: FloatArray, points: int, rows_per_step: float) -> FloatArray:
    """The spline of each row of knots at the grid points, (k, points)."""
    parts = _weights(points, rows_per_step)
    out = np.zeros((len(y), points))
    part = np.empty_like(out)
    for values, (knot, weight) in zip((y, y, second, second), parts, strict=True):
        values.take(knot, axis=1, out=part, mode="clip")
        part *= weight
        out += part
    return out


@lru_cache(maxsize=256)
def _weights(points: int, rows_per_step: float) -> tuple[tuple[IntArray, FloatArray], ...]:
    """What each grid point takes of the sample and the second derivative below it and above it."""
    at: FloatArray = np.arange(points, dtype=np.float64) * rows_per_step
    low: IntArray = at.astype(np.int64)
    u = at - low
    v = 1.0 - u
    return (low, v), (low + 1, u), (low, (v**3 - v) / 6.0), (low + 1, (u**3 - u) / 6.0)


def _second_derivatives(y: FloatArray, lengths: IntArray) -> FloatArray:
    """Second derivatives at uniform knots of spacing 1, not-a-knot at both ends; row i of `y` has `lengths[i]` knots.

    With M[0] = 2 M[1] - M[2] the first equation M[0] + 4 M[1] + M[2] = 6 d[1] says M[1] = d[1] at once, likewise at the
    other end; what is left is symmetric positive definite and tridiagonal. Under four knots there is no such cubic:
    zero, which leaves the line.
    """
    row, n = np.arange(len(y)), lengths
    d = y[:, :-2] - 2.0 * y[:, 1:-1] + y[:, 2:]
    out = np.zeros_like(y)
    out[:, 1], out[row, n - 2] = d[:, 0], d[row, n - 3]
    rhs = 6.0 * d[:, 1:]
    rhs[:, 0] -= out[:, 1]
    rhs[row, n - 5] -= out[row, n - 2]
    for m in np.unique(n[n > 5]).tolist():
        same = np.flatnonzero(n == m)
        diagonal, off = _factor(m - 4)
        solved, info = dpttrs(diagonal, off, rhs[same, : m - 4].T)
        assert info == 0
        out[same, 2 : m - 2] = solved.T
    out[n == 5, 2] = rhs[n == 5, 0] / 4.0
    out[:, 0] = 2.0 * out[:, 1] - out[:, 2]
    out[row, n - 1] = 2.0 * out[row, n - 2] - out[row, n - 3]
    out[n < 4] = 0.0
    return out


@lru_cache(maxsize=256)
def _factor(n: int) -> tuple[FloatArray, FloatArray]:
    diagonal, off, info = dpttrf(np.full(n, 4.0), np.ones(n - 1))
    assert info == 0
    return diagonal, off


def last_upward(f: FloatArray, level: FloatArray, before: FloatArray) -> FloatArray:
    """Fractional grid position of the last upward crossing of `level` (k,) up to `before` (k,); NaN if none."""
    f = f[:, : _up_to(before) + 1]
    j = np.arange(f.shape[1] - 1)
    with np.errstate(invalid="ignore"):
        up = (f[:, :-1] < level[:, None]) & (f[:, 1:] >= level[:, None]) & (j + 1 <= before[:, None])
    return _crossing(f, level, up)


def last_downward(f: FloatArray, level: FloatArray, after: FloatArray, before: FloatArray) -> FloatArray:
    """Fractional grid position of the last downward crossing with both points in [after, before]; NaN if none."""
    start = max(int(np.min(after, initial=f.shape[1] - 2, where=np.isfinite(after))), 0)
    f = f[:, start : _up_to(before) + 1]
    j = np.arange(start, start + f.shape[1] - 1)
    with np.errstate(invalid="ignore"):
        down = (f[:, :-1] >= level[:, None]) & (f[:, 1:] < level[:, None])
        down &= (j >= after[:, None]) & (j + 1 <= before[:, None])
    return _crossing(f, level, down, start)


def _up_to(before: FloatArray) -> int:
    """Highest grid point that any row looks at, at least 1."""
    return int(np.max(before, initial=1.0, where=np.isfinite(before)))


def _crossing(f: FloatArray, level: FloatArray, hits: np.ndarray, start: int = 0) -> FloatArray:
    """Place of the last hit in each row, on the line to the next point; column 0 is grid point `start`."""
    last = hits.shape[1] - 1 - np.argmax(hits[:, ::-1], axis=1)
    rows = np.arange(len(f))
    low, high = f[rows, last], f[rows, last + 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        position = start + last + (level - low) / (high - low)
    return np.where(hits.any(axis=1), position, np.nan)


def first_true(mask: np.ndarray) -> FloatArray:
    """Position of the first True in each row; NaN if none."""
    return np.where(mask.any(axis=1), np.argmax(mask, axis=1).astype(np.float64), np.nan)
