"""Savitzky-Golay smoothing of force sums (METRICS.md 1.5): order 2, +-10 ms, only from 200 Hz on.

In: sums at a uniform index. Out: the same, delayed by half the taps. Filtering is linear, so sums are filtered, not
cells. Source: Savitzky & Golay 1964, doi:10.1021/ac60214a047; the half width is a decision of METRICS.md 1.5.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import lstsq

from insole.blocks import FloatArray

ORDER = 2
HALF_WIDTH_S = 0.010
MIN_RATE_HZ = 200.0
ROWS_AT_ONCE = 1024  # of many columns: stay in the cache


def taps(rate_hz: float) -> FloatArray:
    """Symmetric taps for a nominal rate; a single 1 below 200 Hz, where nothing is smoothed.

    Those of `scipy.signal.savgol_coeffs`, whose import takes as long as the analysis of some minutes.
    """
    if rate_hz < MIN_RATE_HZ:
        return np.ones(1)
    half = round(HALF_WIDTH_S * rate_hz)
    powers = np.arange(half, -half - 1, -1.0) ** np.arange(ORDER + 1)[:, None]
    kernel: FloatArray = lstsq(powers, np.eye(ORDER + 1)[0])[0]  # the middle of the parabola through the samples
    return kernel


def noise_gain(kernel: FloatArray) -> float:
    """Ratio of white noise after to before smoothing."""
    return float(np.sqrt((kernel**2).sum()))


def smooth(samples: FloatArray, kernel: FloatArray) -> FloatArray:
    """Smooth `samples` (n,); the result has n - taps + 1 values, the first belonging to sample (taps - 1) / 2.

    A convolution gives the same bits for any cut when the tail is carried (ARCHITECTURE.md 1).
    """
    if len(kernel) == 1:
        return samples
    if len(samples) < len(kernel):
        return np.empty(0)
    return np.correlate(samples, kernel[::-1], "valid")  # what np.convolve does, in half the calls


def smooth_columns(columns: FloatArray, kernel: FloatArray) -> FloatArray:
    """Smooth every column of (n, m); the first and last half-widths keep their raw values."""
    half = len(kernel) // 2
    if half == 0 or len(columns) < len(kernel):
        return columns
    out = columns.copy()
    for first in range(0, len(columns) - 2 * half, ROWS_AT_ONCE):
        rows = columns[first : first + ROWS_AT_ONCE + 2 * half]
        inner = out[first + half : first + len(rows) - half]
        np.multiply(kernel[0], rows[: len(inner)], out=inner)
        for i in range(1, len(kernel)):
            inner += kernel[i] * rows[i : len(inner) + i]
    return out
