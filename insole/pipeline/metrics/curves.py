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
    """k windows on a 1 kHz grid of nominal device time, padded with NaN.

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
        safe = np.clip(np.nan_to_num(positions), 0, self.f.shape[1] - 2)
        low = safe.astype(np.int64)
        rows = np.arange(len(low))
        values = self.f[rows, low] + (safe - low) * (self.f[rows, low + 1] - self.f[rows, low])
        return np.where(np.isfinite(positions) & (positions >= 0) & (positions <= self.n - 1), values, np.nan)

    def between(self, start: FloatArray, stop: FloatArray) -> np.ndarray:
        """Mask (k, G) of grid points in [start, stop]; empty where a bound is NaN."""
        j = np.arange(self.f.shape[1])
        with np.errstate(invalid="ignore"):
            return (j >= start[:, None]) & (j <= stop[:, None])


def on_grid(samples: FloatArray, t_s: FloatArray, starts: IntArray, rate_hz: float) -> Grid:
    """Spline every window of `samples` (N,) cut by `starts` (k + 1,)."""
    lengths = np.diff(starts)
    rows_per_step = rate_hz / GRID_HZ
    points = np.floor((lengths - 1) / rows_per_step + 1e-9).astype(np.int64) + 1
    f = np.full((len(lengths), int(points.max(initial=2))), np.nan)
    for n in np.unique(lengths):
        pick = np.flatnonzero(lengths == n)
        rows = starts[pick][None, :] + np.arange(n)[:, None]
        f[pick, : points[pick[0]]] = _splined(samples[rows], rows_per_step).T
    last = starts[1:] - 1
    spacing = (t_s[last] - t_s[starts[:-1]]) / np.maximum(lengths - 1, 1)
    return Grid(f, points, t_s[starts[:-1]], spacing * rows_per_step, rows_per_step)


def _splined(y: FloatArray, rows_per_step: float) -> FloatArray:
    """Columns of `y` (n, k) on the grid, (G, k)."""
    n = len(y)
    low, u = _positions(n, rows_per_step)
    if n < 4:
        low = np.minimum(low, max(n - 2, 0))
        return y[low] + u[:, None] * (y[np.minimum(low + 1, n - 1)] - y[low])
    second = _second_derivatives(y)
    v = 1.0 - u
    a, b = ((v**3 - v) / 6.0)[:, None], ((u**3 - u) / 6.0)[:, None]
    out: FloatArray = v[:, None] * y[low] + u[:, None] * y[low + 1] + a * second[low] + b * second[low + 1]
    return out


@lru_cache(maxsize=256)
def _positions(n: int, rows_per_step: float) -> tuple[IntArray, FloatArray]:
    """Sample below each grid point, and how far the point is past it."""
    count = int(np.floor((n - 1) / rows_per_step + 1e-9)) + 1
    at: FloatArray = np.arange(count, dtype=np.float64) * rows_per_step
    low: IntArray = np.minimum(at.astype(np.int64), max(n - 2, 0))
    return low, at - low


def _second_derivatives(y: FloatArray) -> FloatArray:
    """Second derivatives at uniform knots of spacing 1, not-a-knot at both ends.

    With M[0] = 2 M[1] - M[2] the first equation M[0] + 4 M[1] + M[2] = 6 d[1] says M[1] = d[1] at once, likewise at the
    other end; what is left is symmetric positive definite and tridiagonal.
    """
    n = len(y)
    d = y[:-2] - 2.0 * y[1:-1] + y[2:]
    out = np.empty_like(y)
    out[1], out[n - 2] = d[0], d[n - 3]
    if n > 4:
        rhs = 6.0 * d[1:-1]
        rhs[0] -= out[1]
        rhs[-1] -= out[n - 2]
        if n == 5:
            out[2] = rhs[0] / 4.0
        else:
            diagonal, off = _factor(n - 4)
            solved, info = dpttrs(diagonal, off, np.asfortranarray(rhs))
            assert info == 0
            out[2 : n - 2] = solved
    out[0] = 2.0 * out[1] - out[2]
    out[n - 1] = 2.0 * out[n - 2] - out[n - 3]
    return out


@lru_cache(maxsize=256)
def _factor(n: int) -> tuple[FloatArray, FloatArray]:
    diagonal, off, info = dpttrf(np.full(n, 4.0), np.ones(n - 1))
    assert info == 0
    return diagonal, off


def last_upward(f: FloatArray, level: FloatArray, before: FloatArray) -> FloatArray:
    """Fractional grid position of the last upward crossing of `level` (k,) up to position `before` (k,); NaN if none."""
    j = np.arange(f.shape[1] - 1)
    with np.errstate(invalid="ignore"):
        up = (f[:, :-1] < level[:, None]) & (f[:, 1:] >= level[:, None]) & (j + 1 <= before[:, None])
    return _crossing(f, level, up)


def last_downward(f: FloatArray, level: FloatArray, after: FloatArray, before: FloatArray) -> FloatArray:
    """Fractional grid position of the last downward crossing with both points in [after, before]; NaN if none."""
    j = np.arange(f.shape[1] - 1)
    with np.errstate(invalid="ignore"):
        down = (f[:, :-1] >= level[:, None]) & (f[:, 1:] < level[:, None])
        down &= (j >= after[:, None]) & (j + 1 <= before[:, None])
    return _crossing(f, level, down)


def _crossing(f: FloatArray, level: FloatArray, hits: np.ndarray) -> FloatArray:
    last = hits.shape[1] - 1 - np.argmax(hits[:, ::-1], axis=1)
    rows = np.arange(len(f))
    low, high = f[rows, last], f[rows, last + 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        position = last + (level - low) / (high - low)
    return np.where(hits.any(axis=1), position, np.nan)


def first_true(mask: np.ndarray) -> FloatArray:
    """Position of the first True in each row; NaN if none."""
    return np.where(mask.any(axis=1), np.argmax(mask, axis=1).astype(np.float64), np.nan)
