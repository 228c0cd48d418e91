"""Timing in turns, and the lines that come of it."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """One goal: what was asked, what was measured. `limit` None: nothing is asked, the figure is for the reader."""

    goal: str
    what: str
    measured: float
    limit: float | None
    unit: str = "x"
    at_least: bool = False

    @property
    def passed(self) -> bool:
        """Whether the goal is reached."""
        if self.limit is None:
            return True
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    def text(self) -> str:
        """The line as it is printed."""
        asked = "" if self.limit is None else f"{'>=' if self.at_least else '<='} {self.limit:g}"
        verdict = "" if self.limit is None else "pass" if self.passed else "SHORT"
        return f"{self.goal:<4}{self.what:<74}{asked:>9}  {self.measured:>9.3g} {self.unit:<8}{verdict}"


def in_turns(*jobs: Callable[[], Any], rounds: int) -> list[float]:
    """Median seconds of processor time of each job, all of them run once a round, after one round that does not count.

    Processor time of this process, threads of BLAS included: what else the machine does counts little.
    """
    seconds: list[list[float]] = [[] for _ in jobs]
    for turn in range(rounds + 1):
        for job, taken in zip(jobs, seconds, strict=True):
            gc.collect()
            start = time.process_time()
            job()
            if turn:
                taken.append(time.process_time() - start)
    return [statistics.median(taken) for taken in seconds]


def percentile(values: Sequence[float], share: float) -> float:
    """The value that a share of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]
