"""What plots over a whole session draw: an axis that grows by steps, lines of one point a pixel. Plain numpy, no Qt.

In: plot history of the scene. Out: few points, however long the session is. Nothing is averaged: of the values that
share a pixel the last one is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from insole.blocks import BoolArray, Flag, FlagState, FloatArray
from insole.dashboard.model.history import joined
from insole.dashboard.model.scene import Scene

MINUTE_S = 60.0
ENDS_MIN = (5, 10, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 1440)
STEPS_MIN = (1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440)
MOST_TICKS = 11


def session_end_s(t_s: float) -> float:
    """End of an axis that starts at 0 and holds the moment `t_s`; it changes seldom."""
    minutes = next((end for end in ENDS_MIN if t_s <= end * MINUTE_S), None)
    return MINUTE_S * (minutes if minutes is not None else np.ceil(t_s / (ENDS_MIN[-1] * MINUTE_S)) * ENDS_MIN[-1])


def session_ticks_s(end_s: float) -> list[float]:
    """Whole minutes from 0 to the end, at most eleven."""
    step = next((s for s in STEPS_MIN if end_s / (s * MINUTE_S) < MOST_TICKS), STEPS_MIN[-1])
    return [float(t) for t in np.arange(0.0, end_s + 1e-6, step * MINUTE_S)]


@dataclass(frozen=True, slots=True, eq=False)
class Trend:
    """A line with its band, at most one point a pixel; `join` says which points are joined to the next."""

    t_s: FloatArray
    value: FloatArray
    low: FloatArray
    high: FloatArray
    join: BoolArray


def trend(
    t_s: FloatArray, value: FloatArray, low: FloatArray, high: FloatArray, pixel_s: float, longest_gap_s: float
) -> Trend:
    """The last point of each pixel; a line broken anywhere inside a stretch is broken there.

    Parameters
    ----------
    t_s, value, low, high : (n,) float64
        Times never decreasing.
    pixel_s : float
        Seconds a pixel.
    longest_gap_s : float
        Known points further apart are not joined.
    """
    known = np.isfinite(value)
    t_s, value, low, high = t_s[known], value[known], low[known], high[known]
    if not len(t_s):
        nothing = np.empty(0)
        return Trend(nothing, nothing, nothing, nothing, np.empty(0, np.bool_))
    whole = joined(t_s, value, longest_gap_s)
    pixel = np.floor(t_s / pixel_s).astype(np.int64)
    last = np.append(np.flatnonzero(np.diff(pixel)), len(pixel) - 1)
    join = np.append(np.logical_and.reduceat(whole, last)[:-1], False)
    return Trend(t_s[last], value[last], low[last], high[last], join)


@dataclass(frozen=True, slots=True)
class FlagStretch:
    """A stretch of the session in which a flag was up."""

    from_s: float
    to_s: float
    state: FlagState


def flag_stretches(scene: Scene, metric: str) -> tuple[FlagStretch, ...]:
    """Stretches of a metric's flags, watch before on so that on is painted over it; none in no-flags mode."""
    if not scene.settings.flags.enabled:
        return ()
    up = [(f, scene.t_s) for f in scene.flags if f.metric == metric and f.state > FlagState.OFF]
    over = [(f, f.to_s) for f in scene.ended_flags if f.metric == metric]
    return tuple(sorted((_stretch(f, to_s) for f, to_s in over + up), key=lambda s: (s.state, s.from_s)))


def _stretch(flag: Flag, to_s: float) -> FlagStretch:
    return FlagStretch(flag.from_s, to_s, flag.state)
