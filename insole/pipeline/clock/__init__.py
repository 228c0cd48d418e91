"""Device time to recording time, for one foot.

In: ticks and host stamps of deliveries, round trips of pings. Out: offset and drift, with their error.

Seconds of device time are bins; each keeps its least delayed delivery and its quickest ping. The estimate for a moment
uses only whole seconds before it, so it depends on the data and not on how it was cut into pushes.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from math import hypot, nan
from operator import attrgetter

import numpy as np
import numpy.typing as npt

from insole.blocks import FloatArray, IntArray, RoundTrip
from insole.pipeline.clock.bins import Bin
from insole.pipeline.clock.ceilings import Ceilings
from insole.pipeline.clock.lines import DRIFT_BINS, FIRST_LATENCY_US, MAX_DRIFT, Bound, Estimate, between

__all__ = ["Estimate", "FootClock", "TwoClocks"]

FEW_FRAMES = 12  # up to here, as in a live stream, a loop over frames costs less than array operations
BIN_US = 1_000_000
KEPT_ESTIMATES = 400
STEP_US = 50_000.0  # no radio interval is that long: one of the two clocks was stopped or set
STEP_BINS = 10  # so long everything may be late without that
MAX_TRIP_NS = 2_000_000_000  # a reply that took longer answers an older session's ping, or nobody's
UNKNOWN = Estimate(0, nan, 0.0, nan)


class FootClock:
    """Alignment of one foot's device clock with the recording.

    Parameters
    ----------
    start_ns : int
        Host time that is second 0 of the recording.
    interval_us : float
        Between frames. A link that is locked to the sampling may hide up to so much of every delay.
    """

    def __init__(self, start_ns: int, interval_us: float) -> None:
        self._start_ns = start_ns
        self._interval_us = interval_us
        self._bin: Bin | None = None
        self._trips: list[RoundTrip] = []  # answers that came, in order, not looked at yet
        self._ceilings = Ceilings()
        self._floors: list[Bound] = []
        self._begin_us = 0  # tick at which the device last began to count
        self._begin_ns = start_ns  # host time of that, after a restart
        self._known = False  # there is an estimate since then
        self._from: list[int] = []  # tick from which an estimate holds; the first one also for what came before it
        self._estimates: list[Estimate] = []
        self._first: Estimate | None = None  # with a drift

    # ---- in -------------------------------------------------------------------------------------------------------

    def hear(self, trip: RoundTrip) -> None:
        """Take the answer to a ping; of use from the next second on that begins with a frame later than it."""
        self._trips.append(trip)

    def add(self, tick_us: IntArray, t_ns: IntArray, wire_us: int = 0) -> None:
        """Take frames in order with the host time of their delivery; `wire_us` is how far their ticks count ahead."""
        if not len(tick_us):
            return
        if self._bin is None and not self._from:
            self._begin_us = int(tick_us[0])
        if len(tick_us) <= FEW_FRAMES:
            for tick, stamp in zip(tick_us.tolist(), t_ns.tolist(), strict=True):
                elapsed_us = tick - self._begin_us
                open_bin = self._bin_of(elapsed_us // BIN_US, tick, stamp, wire_us)
                open_bin.add(tick, elapsed_us, (stamp - self._start_ns) * 1e-3 - tick)
            return
        bins = (tick_us - self._begin_us) // BIN_US
        elapsed = (tick_us - self._begin_us).astype(np.float64)
        excess = (t_ns - self._start_ns) * 1e-3 - tick_us
        edges = (np.flatnonzero(np.diff(bins)) + 1).tolist()
        for a, b in itertools.pairwise([0, *edges, len(bins)]):
            open_bin = self._bin_of(int(bins[a]), int(tick_us[a]), int(t_ns[a]), wire_us)
            open_bin.add_many(tick_us[a:b], elapsed[a:b], excess[a:b])

    def restart(self, tick_us: int, t_ns: int) -> None:
        """The device began anew at this frame: what was known of its clock no longer holds."""
        seen = self._provisional
        if seen is not None and not self._known:
            self._hold(self._begin_us, seen)  # it ran for less than a second: that must do for its frames
        self._bin = self._first = None
        self._ceilings, self._floors = Ceilings(), []
        self._begin_us, self._begin_ns = tick_us, t_ns
        self._known = False

    # ---- out ------------------------------------------------------------------------------------------------------

    def estimate(self, tick_us: int, *, final: bool = False) -> Estimate | None:
        """The estimate in force at a device time; None while the very first second is not over (unless `final`)."""
        if not self._known and (not self._from or tick_us >= self._begin_us):
            return self._provisional if final else None
        return self._estimates[max(bisect_right(self._from, tick_us) - 1, 0)]

    def recording_s(self, tick_us: float, *, final: bool = False) -> float:
        """Recording time of a device time; NaN while unknown."""
        e = self.estimate(int(tick_us), final=final)
        return nan if e is None else (tick_us + e.excess_us(tick_us)) * 1e-6

    def times_s(self, tick_us: npt.ArrayLike, *, final: bool = False) -> tuple[FloatArray, FloatArray]:
        """Recording times of device times (n,), and their standard uncertainties; NaN while unknown.

        The same bits as `recording_s` gives one by one.
        """
        at_us = np.asarray(tick_us, np.float64)
        if not len(at_us):
            return at_us, at_us
        holds_from, estimates = self._from, self._estimates
        if not self._known:
            holds_from = [*holds_from, self._begin_us]
            estimates = [*estimates, (self._provisional if final else None) or UNKNOWN]
        first, last = (max(bisect_right(holds_from, us) - 1, 0) for us in (at_us.min(), at_us.max()))
        held = np.array([(e.at_us, e.offset_us, e.drift, e.u_us) for e in estimates[first : last + 1]])
        of = held[np.searchsorted(holds_from[first + 1 : last + 1], at_us, side="right")]
        excess_us = of[:, 1] + of[:, 2] * (at_us - of[:, 0])
        return (at_us + excess_us) * 1e-6, of[:, 3] * 1e-6

    @property
    def newest(self) -> Estimate | None:
        """The last estimate; None in the first second, also after a restart."""
        return self._estimates[-1] if self._known else None

    @property
    def moved_s(self) -> float:
        """How far the device clock has fallen behind the host's since its drift was first known; corrected for."""
        newest = self.newest
        return nan if newest is None or self._first is None else (newest.offset_us - self._first.offset_us) * 1e-6

    def device_us(self, host_us: float) -> float:
        """What the device's clock shows at a time of the recording; NaN while unknown."""
        e = self.newest
        return nan if e is None else e.at_us + (host_us - e.at_us - e.offset_us) / (1.0 + e.drift)

    # ---- second by second -----------------------------------------------------------------------------------------

    @property
    def _provisional(self) -> Estimate | None:
        """What the open bin says by itself."""
        if self._bin is None:
            return None
        return Estimate(self._bin.tick_us, self._bin.excess_us, 0.0, FIRST_LATENCY_US)

    def _bin_of(self, number: int, tick_us: int, t_ns: int, wire_us: int) -> Bin:
        """The open bin, which a frame of a later one closes; one whose tick steps back still belongs to it."""
        if self._bin is not None and number > self._bin.number:
            self._close(self._bin, self._begin_us + number * BIN_US, tick_us, t_ns, wire_us)
            self._bin = None
        if self._bin is None:
            self._bin = Bin(number, self.newest.drift if self.newest is not None else 0.0)
        return self._bin

    def _close(self, done: Bin, holds_from_us: int, tick_us: int, t_ns: int, wire_us: int) -> None:
        """Estimate anew, at the frame that ends a bin."""
        floors: list[tuple[float, Bound]] = []
        for ceiling, floor in self._bounds(tick_us, t_ns, wire_us):
            floors.append((floor.excess_us - done.slope * (floor.tick_us - tick_us), floor))
            if done.tick_us < ceiling.tick_us < tick_us:  # an answer is a delivery too
                done.see(*ceiling[:2], ceiling.excess_us - done.slope * (ceiling.tick_us - self._begin_us))
        ceiling = Bound(done.tick_us, done.excess_us, done.hidden_us(self._interval_us))
        newest = self.newest
        if newest is not None and len(self._ceilings) >= DRIFT_BINS:
            early_us = newest.excess_us(ceiling.tick_us) - ceiling.excess_us
            if early_us > STEP_US:  # a delivery can be late, never early
                self._forget(len(self._ceilings))
        self._ceilings.add(ceiling)
        if self._floors:
            oldest_us = self._ceilings.bounds[0].tick_us - BIN_US
            self._floors = [floor for floor in self._floors if floor.tick_us >= oldest_us]
        if floors:
            self._floors.append(max(floors)[1])
        estimate = self._best()
        if self._first is None and len(self._ceilings) >= DRIFT_BINS:
            self._first = estimate
        elif self._first is not None and self._ceilings and self._ceilings.bounds[0].tick_us <= self._first.at_us:
            # Known better by now.
            self._first = self._first._replace(offset_us=estimate.excess_us(self._first.at_us))
        self._hold(holds_from_us if self._known else self._begin_us, estimate)
        self._known = True

    def _bounds(self, tick_us: int, t_ns: int, wire_us: int) -> Iterator[tuple[Bound, Bound]]:
        """Ceiling and floor from each answer that came before the frame that ends a bin."""
        if not self._trips:
            return
        known = bisect_left(self._trips, t_ns, key=attrgetter("t_ns"))
        trips, self._trips = self._trips[:known], self._trips[known:]
        for trip in trips:
            received_us = tick_us + _signed(trip.received_us - (tick_us - wire_us))
            held_us = _signed(trip.sent_us - trip.received_us)
            away_us = (trip.t_ns - trip.ping_ns) * 1e-3
            own = trip.ping_ns > self._begin_ns and trip.t_ns - trip.ping_ns <= MAX_TRIP_NS
            if own and 0 <= held_us * (1.0 - MAX_DRIFT) <= away_us:
                sent_us = received_us + held_us
                yield (
                    Bound(sent_us, (trip.t_ns - self._start_ns) * 1e-3 - sent_us),
                    Bound(received_us, (trip.ping_ns - self._start_ns) * 1e-3 - received_us),
                )

    def _best(self) -> Estimate:
        """From the window; from its later part where a clock has not run evenly."""
        by_arrivals = self._ceilings.line()
        earlier, newest = len(self._ceilings) - STEP_BINS, self._ceilings.bounds[-STEP_BINS:]
        if earlier > 0 and all(bound.excess_us - by_arrivals.excess_us(bound.tick_us) > STEP_US for bound in newest):
            self._forget(earlier)
            by_arrivals = self._ceilings.line()
        while self._floors:
            estimate = between(self._ceilings.outline(), self._floors, seconds=len(self._ceilings))
            if estimate is not None:
                return estimate
            self._forget((len(self._ceilings) + 1) // 2)
            if not self._ceilings:
                break
        return by_arrivals

    def _forget(self, bins: int) -> None:
        """Drop the oldest bins of the window."""
        gone_us = self._ceilings.bounds[bins - 1].tick_us
        self._ceilings.forget(bins)
        self._floors = [floor for floor in self._floors if floor.tick_us > gone_us]

    def _hold(self, from_us: int, estimate: Estimate) -> None:
        """An estimate for all that is sampled from there on."""
        self._from.append(from_us)
        self._estimates.append(estimate)
        if len(self._from) > 2 * KEPT_ESTIMATES:
            del self._from[:-KEPT_ESTIMATES]
            del self._estimates[:-KEPT_ESTIMATES]


@dataclass(frozen=True, slots=True)
class TwoClocks:
    """Left against right: what is corrected for, and how well. NaN while one of the two is not known."""

    moved_s: float = nan  # apart since both drifts were first known
    u_s: float = nan  # standard uncertainty of the alignment
    offset_s: float = nan  # what the left device's clock shows more
    drift_ppm: float = nan  # how much faster it runs
    pinged: bool = False  # both answered pings

    @classmethod
    def of(cls, left: FootClock, right: FootClock, host_us: float) -> TwoClocks:
        """At a time of the recording."""
        one, other = left.newest, right.newest
        if one is None or other is None:
            return cls()
        return cls(
            moved_s=left.moved_s - right.moved_s,
            u_s=hypot(one.u_us, other.u_us) * 1e-6,
            offset_s=(left.device_us(host_us) - right.device_us(host_us)) * 1e-6,
            drift_ppm=(1.0 / (1.0 + one.drift) - 1.0 / (1.0 + other.drift)) * 1e6,
            pinged=one.from_pings and other.from_pings,
        )


def _signed(step: int) -> int:
    """Difference of unsigned 32 bit counters as the nearest signed step."""
    return (step + 0x80000000) % 0x100000000 - 0x80000000
