"""What the seek bar draws of a whole recording: medians of the loading rate, spans of flags, silences. No Qt.

In: a course and how many pixels there are. Out: frozen points and places.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from insole.blocks import BoolArray, Flag, FlagState, FloatArray, Side
from insole.dashboard.model.course import Course
from insole.dashboard.model.rate_window import LONGEST_GAP_S
from insole.dashboard.model.verdict import SIGNAL_RULE
from insole.dashboard.model.words import metric_name

TICK_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200)
SHOWN_SILENCE_S = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class TrackLine:
    """One foot's medians: (m,) each; `join`: whether a point is joined to the next."""

    t_s: FloatArray
    value: FloatArray
    join: BoolArray


def track_line(course: Course, side: Side, pixel_s: float) -> TrackLine:
    """One point a pixel, the mean of the medians there; lines break where contacts are too far apart."""
    known = (course.side == side) & np.isfinite(course.rate_median)
    t_s, value = course.strike_s[known], course.rate_median[known]
    if not len(t_s):
        return TrackLine(t_s, value, np.zeros(0, np.bool_))
    order = np.argsort(t_s, kind="stable")
    t_s, value = t_s[order], value[order]
    pixel, first = np.unique(np.floor(t_s / max(pixel_s, 1e-9)), return_index=True)
    count = np.diff(first, append=len(t_s))
    starts, ends = t_s[first], t_s[first + count - 1]
    join = np.zeros(len(pixel), np.bool_)
    join[:-1] = starts[1:] - ends[:-1] <= LONGEST_GAP_S
    return TrackLine(np.add.reduceat(t_s, first) / count, np.add.reduceat(value, first) / count, join)


@dataclass(frozen=True, slots=True)
class FlagBar:
    """One span of a flag: `row` from 0, the uppermost; `label` says what it is, once for neighbours."""

    row: int
    from_s: float
    to_s: float
    state: FlagState
    label: str
    text: str


def flag_bars(course: Course, rows: int) -> tuple[FlagBar, ...]:
    """Flags in rows, those of one kind and foot in one; where there are more kinds than rows the last row has the rest.

    What is on comes last, so that it is drawn over what is on watch.
    """
    keys: dict[tuple[str, str, Side | None], int] = {}
    for flag in course.flags:
        keys.setdefault((flag.rule, flag.metric, flag.side), min(len(keys), rows - 1))
    kinds = Counter(keys.values())
    labelled: set[int] = set()
    bars = []
    for flag in reversed(course.flags):
        row = keys[flag.rule, flag.metric, flag.side]
        name = flag_name(flag) if kinds[row] == 1 else f"{kinds[row]} kinds of flags"
        label = "" if row in labelled else name
        labelled.add(row)
        bars.append(FlagBar(row, flag.from_s, max(flag.to_s, flag.from_s), flag.state, label, flag.text))
    return tuple(sorted(bars, key=lambda bar: (bar.state, bar.from_s)))


def flag_name(flag: Flag) -> str:
    """'left loading rate', 'signal, left'."""
    if flag.rule == SIGNAL_RULE:
        return "signal" if flag.side is None else f"signal, {flag.side.label}"
    name = metric_name(flag.metric.removesuffix("_asymmetry")).lower() if flag.metric else flag.rule.replace("_", " ")
    if flag.metric.endswith("_asymmetry"):
        return f"{name}, left–right"
    return name if flag.side is None else f"{flag.side.label} {name}"


def track_ticks(end_s: float, width: float, room: float) -> list[float]:
    """Times of the axis, whole steps that leave each label its room in pixels."""
    wanted = end_s * room / max(width, 1.0)
    step = next((s for s in TICK_STEPS_S if s >= wanted), TICK_STEPS_S[-1])
    return [float(t) for t in np.arange(0.0, end_s + 1e-9, step)]
