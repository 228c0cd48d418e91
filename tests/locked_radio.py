"""One foot behind a radio whose events may be locked to its sampling: frames and round trips with their true times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from insole.blocks import RoundTrip
from insole.pipeline.clock import FootClock
from insole.sources.pings import Pings

RATE_HZ = 200.0
EVENT_S = 0.015
AIR_S = 3e-4


@dataclass(frozen=True)
class LockedFoot:
    """Frames sampled every 5 ms of true time, x (1 + `slide`); radio events every 15 ms from `phase_s` on.

    Locked (`slide` 0) the phase hides up to 5 ms of the delay from every frame. `drift` and `offset_s` are those of the
    device's clock. One frame in fifty comes much later.
    """

    seconds: float
    phase_s: float
    drift: float = 0.0
    offset_s: float = 0.0
    slide: float = 0.0
    seed: int = 0

    @property
    def true_s(self) -> npt.NDArray[np.float64]:
        return np.arange(round(self.seconds * RATE_HZ)) / RATE_HZ * (1.0 + self.slide)

    def tick(self, true_s: npt.ArrayLike) -> npt.NDArray[np.int64]:
        return np.floor((np.asarray(true_s) * (1.0 + self.drift) + self.offset_s) * 1e6).astype(np.int64)

    def event_s(self, after_s: npt.ArrayLike) -> npt.NDArray[np.float64]:
        return np.ceil((np.asarray(after_s) - self.phase_s) / EVENT_S - 1e-9) * EVENT_S + self.phase_s

    def arrivals_ns(self) -> npt.NDArray[np.int64]:
        rng, n = np.random.default_rng(self.seed), len(self.true_s)
        late_s = np.where(rng.random(n) < 0.02, rng.exponential(0.03, n), 0.0) + rng.exponential(1e-4, n)
        return np.round(np.maximum.accumulate(self.event_s(self.true_s + AIR_S) + late_s) * 1e9).astype(np.int64)

    def trips(self) -> list[RoundTrip]:
        """Pings as the sources send them; each waits for an event, and its answer for another one."""
        rng, pings = np.random.default_rng(self.seed + 1), Pings(0)
        out = []
        while (due_ns := pings.due_ns) is not None and due_ns < self.seconds * 1e9:
            pings._unanswered = 0
            sent_s = due_ns * 1e-9 + rng.exponential(2e-4)
            pings.packet(round(sent_s * 1e9))
            missed_s = EVENT_S if rng.random() < 0.02 else 0.0
            heard_s = float(self.event_s(sent_s + 1e-4)) + AIR_S + missed_s
            back_s = float(self.event_s(heard_s + 2e-4)) + AIR_S + rng.exponential(1e-4)
            received_us, sent_us = (int(self.tick(s)) % 2**32 for s in (heard_s, heard_s + 1e-4))
            out.append(RoundTrip(0, round(sent_s * 1e9), received_us, sent_us, round(back_s * 1e9)))
        return out

    def clock(self, *, pinged: bool) -> FootClock:
        clock = FootClock(0, 1e6 / RATE_HZ)
        for trip in self.trips() if pinged else ():
            clock.hear(trip)
        clock.add(self.tick(self.true_s), self.arrivals_ns())
        return clock
