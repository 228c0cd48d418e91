"""Path of the centre of pressure under the foot (METRICS.md 6.3).

In: `Contacts`. Out: rows of the table. Only frames with at least 0.05 body weights count; below that the position is
mostly noise. Positions are millimetres, x from the medial edge, y from the heel; force and moments are smoothed where
the device samples at 200 Hz or more, so the path is not lengthened by noise of single frames.
"""

from __future__ import annotations

import numpy as np

from insole.blocks import BoolArray, FloatArray, IntArray
from insole.device import Device
from insole.pipeline.metrics.contacts import Contacts, shared
from insole.pipeline.metrics.metric import Metric, Needs

SHARES = EARLY, MIDDLE, LATE = 0.10, 0.50, 0.90  # of stance
CPEI_Y = 2.0 / 3.0  # distal trisection of the length


@shared
def cop_mm(c: Contacts) -> FloatArray:
    """Centre of pressure at each frame of the stance, (2, M); NaN where too little is carried."""
    return c.cop_mm.take(c.frames.rows, axis=1)


@shared
def known(c: Contacts) -> BoolArray:
    """Frames with a centre of pressure, (M,)."""
    out: BoolArray = np.isfinite(cop_mm(c)[0])
    return out


@shared
def path_mm(c: Contacts) -> FloatArray:
    """Sum of the ways of the centre of pressure from each frame of a contact to the next, (k,)."""
    cop = cop_mm(c)
    x, y = cop[:, 1:] - cop[:, :-1]
    length = np.zeros(len(c.frames.rows))
    np.fmax(np.sqrt(x * x + y * y), 0.0, out=length[1:])
    length[c.frames.starts] = 0.0
    return c.frames.total(length)


def cop_path_mm(c: Contacts) -> FloatArray:
    """Length of the path from the first frame with 0.05 BW to the last."""
    first, last = _ends(c)
    return np.where(last > first, path_mm(c), np.nan)


def cop_velocity_mm_s(c: Contacts) -> FloatArray:
    """Path over the time it took."""
    first, last = _ends(c)
    duration = c.frames.after_s[last] - c.frames.after_s[first]
    return np.where(duration > 0, path_mm(c) / duration, np.nan)


def cop_ml_range_mm(c: Contacts) -> FloatArray:
    """Range of x between 10 and 90 % of stance."""
    inside = known(c) & (c.frames.share >= EARLY) & (c.frames.share <= LATE)
    x = cop_mm(c)[0]
    right, left = c.frames.highest(np.where(inside, [x, -x], -np.inf))
    return np.where(right > -np.inf, right + left, np.nan)


def cop_advance_mm(c: Contacts) -> FloatArray:
    """How far y moves towards the toes from the first frame with 0.05 BW to the last."""
    first, last = _ends(c)
    y = cop_mm(c)[1]
    out: FloatArray = y[last] - y[first]
    return out


def cop_x_50_mm(c: Contacts) -> FloatArray:
    """X at half of stance."""
    x, _ = cop_at_shares(c)
    out: FloatArray = x[SHARES.index(MIDDLE)]
    return out


def cpei_pct(c: Contacts) -> FloatArray:
    """Distance of the path from its chord at 2/3 of the length, lateral positive, in percent of the width there."""
    (x0, _, x1), (y0, _, y1) = cop_at_shares(c)
    line = CPEI_Y * c.device.length_mm
    x, y = cop_mm(c)
    share = c.frames.share
    crosses = np.zeros(len(y), np.bool_)
    crosses[1:] = (y[:-1] < line) & (y[1:] >= line) & (share[1:] >= EARLY) & (share[:-1] <= LATE)
    crosses[c.frames.starts] = False
    after = c.frames.last(crosses)
    found = (after > 0) & (y0 < line) & (line <= y1)
    after = np.where(found, after, 1)
    xa, ya, xb, yb = x[after - 1], y[after - 1], x[after], y[after]
    path = xa + (line - ya) / (yb - ya) * (xb - xa)
    chord = x0 + (line - y0) / (y1 - y0) * (x1 - x0)
    return np.where(found, 100.0 * (path - chord) / width_at_mm(c.device, CPEI_Y), np.nan)


@shared
def cop_at_shares(c: Contacts) -> FloatArray:
    """Centre of pressure at each of `SHARES`, on the line between two frames, (2, 3, k)."""
    frames = c.frames
    at = (c.ic + np.array(SHARES)[:, None] * (c.to - c.ic)) * c.grid.rows_per_step  # rows after the first of the window
    low = at.astype(np.int64)
    first = frames.rows[frames.starts] - c.batch.starts[:-1]
    i = np.minimum(np.maximum(frames.starts + low - first, frames.starts), frames.ends)
    j = np.minimum(i + 1, frames.ends)
    here, there = cop_mm(c).take(i, axis=1), cop_mm(c).take(j, axis=1)
    out: FloatArray = here + (at - low) * (there - here)
    return out


def width_at_mm(device: Device, y: float) -> float:
    """Width of the insole at `y` (0 heel to 1 toe): of its outline where the device has one, else its full width."""
    if device.outline is None:
        return device.width_mm
    a, b = device.outline, np.roll(device.outline, -1, axis=0)
    cut = (a[:, 1] < y) != (b[:, 1] < y)
    x = a[cut, 0] + (y - a[cut, 1]) / (b[cut, 1] - a[cut, 1]) * (b[cut, 0] - a[cut, 0])
    return float(np.ptp(x)) * device.width_mm if len(x) else device.width_mm


@shared
def _ends(c: Contacts) -> tuple[IntArray, IntArray]:
    """First and last frame with a centre of pressure, (k,) each; the first of the stance twice where there is none."""
    frames = c.frames
    first, last = frames.first(known(c)), frames.last(known(c))
    return np.where(last >= 0, first, frames.starts), np.where(last >= 0, last, frames.starts)


_FRAMES = "frames with at least 0.05 body weights"

ROWS: tuple[Metric, ...] = (
    Metric(
        "cop_path_mm", "Centre of pressure, path", "mm", f"length of the path of the centre of pressure over {_FRAMES}",
        "METRICS.md 6.3", cop_path_mm, needs=Needs.ACROSS, decimals=0,
    ),
    Metric(
        "cop_velocity_mm_s", "Centre of pressure, mean speed", "mm/s",
        f"path of the centre of pressure over the time from the first to the last of the {_FRAMES}", "METRICS.md 6.3",
        cop_velocity_mm_s, needs=Needs.ACROSS, decimals=0,
    ),
    Metric(
        "cop_ml_range_mm", "Centre of pressure, width", "mm",
        "range of the medio-lateral position between 10 and 90 % of stance", "METRICS.md 6.3", cop_ml_range_mm,
        needs=Needs.ACROSS,
    ),
    Metric(
        "cop_advance_mm", "Centre of pressure, advance", "mm",
        f"anterior displacement of the centre of pressure from the first to the last of the {_FRAMES}",
        "Van Ginckel 2009, Gait Posture 29:387 (anterior displacement)", cop_advance_mm, needs=Needs.ALONG, signed=True,
        decimals=0,
    ),
    Metric(
        "cop_x_50_mm", "Centre of pressure at mid-stance", "mm",
        "distance of the centre of pressure from the medial edge at 50 % of stance", "METRICS.md 6.4", cop_x_50_mm,
        needs=Needs.ACROSS, signed=True,
    ),
    Metric(
        "cpei_pct", "Centre of pressure excursion index", "%",
        "distance of the path from the chord between 10 and 90 % of stance, where it crosses two thirds of the length "
        "of the insole, lateral positive, in percent of the width there; to be compared with the runner's own values",
        "after Song 1996 [M]; in-shoe variant of METRICS.md 6.3", cpei_pct, needs=Needs.ACROSS, signed=True,
    ),
)  # fmt: skip
