"""Lines through what is known of a clock. In: bounds of (host - device) at device times. Out: offset, drift, error.

A frame cannot arrive before it was sampled: every arrival is a ceiling. A ping cannot be answered before it was sent:
every round trip is a floor. Between ceilings and floors lies the truth, and how far they leave it open is its error
bar. Arrivals alone have no floors; there the bar is what they can hide.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import hypot, isfinite, sqrt
from typing import NamedTuple

from insole.blocks import FloatArray

DRIFT_BINS = 3  # from here on a drift is estimated
MAX_DRIFT = 0.06  # device clocks were seen up to 4 % off
ORDINARY_DRIFT = 0.001  # but of quartz hardly one is worse
FIRST_LATENCY_US = 15_000.0  # standard uncertainty until several seconds were seen: one radio interval
ONE_CLOCK_US = 2.0  # no link is as regular as that: host stamps that were made of the ticks
SLACK_US = 2.0  # ticks are whole microseconds
FAR_US = 1e7  # farther from the bounds than any line that drifts by MAX_DRIFT

Point = tuple[float, float]  # excess (host - device) in us at a device time in us


class Bound(NamedTuple):
    """(host - device) at a device time, at most or at least this; a ceiling may hide some more behind sampling."""

    tick_us: int
    excess_us: float
    hidden_us: float = 0.0


class Estimate(NamedTuple):
    """host_us = tick_us + offset_us + drift x (tick_us - at_us)."""

    at_us: int
    offset_us: float
    drift: float
    u_us: float
    from_pings: bool = False

    def excess_us(self, tick_us: float) -> float:
        """(host - device) at a device time."""
        return self.offset_us + self.drift * (tick_us - self.at_us)


def lowest(ceilings: Sequence[Bound]) -> Estimate:
    """The line without a drift below all arrivals."""
    return Estimate(ceilings[-1].tick_us, min(bound.excess_us for bound in ceilings), 0.0, FIRST_LATENCY_US)


def below_arrivals(
    edge: tuple[Point, Point], tick_us: FloatArray, excess_us: FloatArray, hidden_us: float
) -> Estimate | None:
    """The line below all arrivals that lies closest to them on average: the edge of the lower hull over their mean.

    None where no clock drifts like that. `hidden_us`: what sampling may hide of every delay.

    References
    ----------
    Moon, Skelly & Towsley 1999, doi:10.1109/INFCOM.1999.749287.
    """
    (x0, y0), (x1, y1) = edge
    drift = (y1 - y0) / (x1 - x0)
    if not isfinite(drift) or abs(drift) > MAX_DRIFT:
        return None
    residuals = (excess_us - (y0 + drift * (tick_us - x0))).tolist()
    u_us = 1.5 * sum(residuals) / len(residuals) / sqrt(len(residuals)) + 1.0
    if max(residuals) > ONE_CLOCK_US:
        # The same on both feet cancels, so what counts is the spread of a delay from 0 to `hidden_us`.
        u_us = hypot(u_us, hidden_us / sqrt(12))
    at_us = int(tick_us[-1])
    return Estimate(at_us, y0 + drift * (at_us - x0), drift, u_us)


def between(outline: Sequence[Point], floors: Sequence[Bound], *, seconds: int) -> Estimate | None:
    """The mean of all lines below the ceilings and above the floors, and how much they differ at the newest ceiling.

    Lines that drift as an ordinary clock does come first: few bounds say little of a drift. None where there is no such
    line at all: the clock has not run evenly.

    Parameters
    ----------
    outline : sequence of Point
        Those of the ceilings that are corners of their lower hull, the newest one last; it may be more of them.
    floors : sequence of Bound
    seconds : int
        How many ceilings there are.
    """
    at_us = int(outline[-1][0])
    near_us = min(y for _, y in outline)
    above = hull([(x - at_us, y - near_us) for x, y in outline])
    below = hull([(bound.tick_us - at_us, near_us - bound.excess_us) for bound in floors])
    limits = [*((1.0, x, y) for x, y in above), *((-1.0, -x, y) for x, y in below)]
    for drift in (ORDINARY_DRIFT, MAX_DRIFT):
        # Corners in the plane of all lines: (offset at `at_us` less `near_us`, drift).
        corners = [(-FAR_US, -drift), (FAR_US, -drift), (FAR_US, drift), (-FAR_US, drift)]
        for a, b, c in limits:
            corners = _clipped(corners, a, b, c + SLACK_US)
        if corners:
            offset_us, mean_drift, u_us = _mean(corners)
            if seconds < DRIFT_BINS:
                u_us = max(u_us, FIRST_LATENCY_US)
            return Estimate(at_us, near_us + offset_us, mean_drift, u_us, from_pings=True)
    return None


def middle(ascending: Sequence[float] | FloatArray) -> float:
    """The median of values in order."""
    n = len(ascending)
    return float(ascending[(n - 1) // 2] + ascending[n // 2]) / 2.0


def hull(points: Iterable[Point]) -> list[Point]:
    """Corners of the lower convex hull of points in order of x; none of them on the line between two others."""
    corners: list[Point] = []
    for x, y in points:
        while len(corners) > 1 and (corners[-1][1] - corners[-2][1]) * (x - corners[-2][0]) >= (y - corners[-2][1]) * (
            corners[-1][0] - corners[-2][0]
        ):
            corners.pop()
        corners.append((x, y))
    return corners


def _clipped(corners: list[Point], a: float, b: float, c: float) -> list[Point]:
    """The part of a convex polygon where a x + b y <= c."""
    over = [a * x + b * y - c for x, y in corners]
    if max(over, default=0.0) <= 0.0:
        return corners
    out: list[Point] = []
    around = list(zip(corners, over, strict=True))
    for ((x0, y0), over0), ((x1, y1), over1) in zip(around, [*around[1:], *around[:1]], strict=True):
        if over0 <= 0.0:
            out.append((x0, y0))
        if (over0 < 0.0 < over1) or (over1 < 0.0 < over0):
            part = over0 / (over0 - over1)
            out.append((x0 + part * (x1 - x0), y0 + part * (y1 - y0)))
    return out


def _mean(corners: list[Point]) -> tuple[float, float, float]:
    """Mean x, mean y, and standard deviation of x over a convex polygon."""
    x0, y0 = (sum([corner[axis] for corner in corners]) / len(corners) for axis in (0, 1))
    area = first_x = first_y = second_x = 0.0
    for (xa, ya), (xb, yb) in zip(corners, [*corners[1:], *corners[:1]], strict=True):
        xa, ya, xb, yb = xa - x0, ya - y0, xb - x0, yb - y0  # noqa: PLW2901 - about the corners' mean
        cross = xa * yb - xb * ya
        area += cross / 2
        first_x += (xa + xb) * cross / 6
        first_y += (ya + yb) * cross / 6
        second_x += (xa * xa + xa * xb + xb * xb) * cross / 12
    widest = max(corner[0] for corner in corners) - min(corner[0] for corner in corners)
    if area <= 1e-12:  # as good as one line
        return x0, y0, widest / sqrt(12)
    mean_x = first_x / area
    return x0 + mean_x, y0 + first_y / area, sqrt(max(second_x / area - mean_x * mean_x, 0.0))
