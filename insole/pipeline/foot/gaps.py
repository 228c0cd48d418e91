"""Sums of lost frames: a polynomial through the frames around them (METRICS.md 1.7)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from insole.blocks import FloatArray, IntArray
from insole.pipeline.foot.rows import FILLED, MEASURED


def join_gaps(columns: FloatArray, state: npt.NDArray[np.uint8]) -> None:
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
