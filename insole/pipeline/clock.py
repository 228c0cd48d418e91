"""Device time to recording time, for one foot. In: ticks and host stamps of deliveries. Out: offset, with its error.

A delivery can only be late. So the lower envelope of (host - device) over seconds of device time, a line supported from
below, is the offset and drift of the clock (Moon, Skelly & Towsley 1999, doi:10.1109/INFCOM.1999.749287). The estimate
for a moment uses only whole seconds before it, so it depends on the data and not on how it was cut into pushes.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from math import isfinite, nan, sqrt

import numpy as np

from insole.blocks import IntArray

BIN_US = 1_000_000
WINDOW_BINS = 60
DRIFT_BINS = 3  # from here on a drift is estimated
MAX_DRIFT = 0.06  # device clocks were seen up to 4 % off (COMPONENTS.md)
FIRST_LATENCY_S = 0.015  # standard uncertainty until several seconds were seen: one radio interval
KEPT_ESTIMATES = 400


@dataclass(frozen=True, slots=True)
class Estimate:
    """host_us = tick_us + offset_us + drift x (tick_us - at_us)."""

    at_us: int
    offset_us: float
    drift: float
    u_us: float


class FootClock:
    """Alignment of one foot's device clock with the recording."""

    def __init__(self, start_ns: int) -> None:
        self._start_ns = start_ns
        self._origin_us: int | None = None
        self._open: tuple[int, int, float] | None = None  # bin, tick and (host - tick) of its earliest delivery
        self._points: list[tuple[int, float]] = []
        self._estimates: dict[int, Estimate] = {}  # by the bin it holds from
        self._latest_bin = -1
        self._first: Estimate | None = None  # with a drift

    def add(self, tick_us: IntArray, t_ns: IntArray) -> None:
        """Take frames with the host time of their delivery, in order."""
        if not len(tick_us):
            return
        if self._origin_us is None:
            self._origin_us = int(tick_us[0])
        if len(tick_us) == 1:  # as in a live stream
            tick, excess_us = int(tick_us[0]), (int(t_ns[0]) - self._start_ns) * 1e-3 - int(tick_us[0])
            self._see((tick - self._origin_us) // BIN_US, tick, excess_us)
            return
        bins = (tick_us - self._origin_us) // BIN_US
        excess = (t_ns - self._start_ns) * 1e-3 - tick_us
        edges = np.concatenate([[0], np.flatnonzero(np.diff(bins)) + 1, [len(bins)]]).tolist()
        for a, b in itertools.pairwise(edges):
            low = a + int(excess[a:b].argmin())
            self._see(int(bins[a]), int(tick_us[low]), float(excess[low]))

    def _see(self, number: int, tick_us: int, excess_us: float) -> None:
        """The earliest delivery of some frames of one bin."""
        if self._open is not None and number != self._open[0]:
            self._close(number)
        if self._open is None or excess_us < self._open[2]:
            self._open = (number, tick_us, excess_us)

    def restart(self) -> None:
        """The device began anew: what was known of its clock no longer holds."""
        self._origin_us, self._open = None, None
        self._points.clear()
        self._estimates.clear()
        self._latest_bin = -1
        self._first = None

    def estimate(self, tick_us: int, *, final: bool = False) -> Estimate | None:
        """The estimate in force at a device time; None while the very first second is not over (unless `final`)."""
        if self._origin_us is None:
            return None
        if not self._estimates:
            if not final or self._open is None:
                return None
            return Estimate(self._open[1], self._open[2], 0.0, FIRST_LATENCY_S * 1e6)
        number = (tick_us - self._origin_us) // BIN_US
        while number > self._latest_bin:
            number = self._latest_bin
        while number not in self._estimates:
            number -= 1
            if number < min(self._estimates):
                return self._estimates[min(self._estimates)]
        return self._estimates[number]

    def recording_s(self, tick_us: float, *, final: bool = False) -> float:
        """Recording time of a device time; NaN while unknown."""
        e = self.estimate(int(tick_us), final=final)
        return nan if e is None else (tick_us + e.offset_us + e.drift * (tick_us - e.at_us)) * 1e-6

    def u_at_s(self, tick_us: float, *, final: bool = False) -> float:
        """Standard uncertainty of the recording time of a device time; NaN while unknown."""
        e = self.estimate(int(tick_us), final=final)
        return nan if e is None else e.u_us * 1e-6

    @property
    def moved_s(self) -> float:
        """How far the device clock has fallen behind the host's since its drift was first known; corrected for."""
        if self._first is None:
            return nan
        return (self._estimates[self._latest_bin].offset_us - self._first.offset_us) * 1e-6

    @property
    def u_s(self) -> float:
        """Standard uncertainty of the newest estimate."""
        return self._estimates[self._latest_bin].u_us * 1e-6 if self._estimates else nan

    def _close(self, next_bin: int) -> None:
        assert self._open is not None
        self._points.append(self._open[1:])
        self._points = self._points[-WINDOW_BINS:]
        self._estimates[next_bin] = newest = support_line(self._points)
        if self._first is None and len(self._points) >= DRIFT_BINS:
            self._first = newest
        self._latest_bin = next_bin
        self._open = None
        if len(self._estimates) > 2 * KEPT_ESTIMATES:
            for number in sorted(self._estimates)[:-KEPT_ESTIMATES]:
                del self._estimates[number]


def support_line(points: list[tuple[int, float]]) -> Estimate:
    """The line below all points that lies closest to them on average: the edge of the lower hull over their mean."""
    at_us = points[-1][0]
    if len(points) < DRIFT_BINS:
        lowest = min(p[1] for p in points)
        return Estimate(at_us, lowest, 0.0, FIRST_LATENCY_S * 1e6)
    hull: list[tuple[int, float]] = []
    for x, y in points:
        while len(hull) > 1 and (hull[-1][1] - hull[-2][1]) * (x - hull[-2][0]) >= (y - hull[-2][1]) * (
            hull[-1][0] - hull[-2][0]
        ):
            hull.pop()
        hull.append((x, y))
    mean = sum([p[0] for p in points]) / len(points)
    (x0, y0), (x1, y1) = next(((p, q) for p, q in itertools.pairwise(hull) if q[0] >= mean), (hull[-2], hull[-1]))
    drift = (y1 - y0) / (x1 - x0)
    if not isfinite(drift) or abs(drift) > MAX_DRIFT:
        return Estimate(at_us, min(p[1] for p in points), 0.0, FIRST_LATENCY_S * 1e6)
    residuals = [y - (y0 + drift * (x - x0)) for x, y in points]
    u_us = 1.5 * sum(residuals) / len(residuals) / sqrt(len(residuals)) + 1.0
    return Estimate(at_us, y0 + drift * (at_us - x0), drift, u_us)
