"""How many cues a session had and how long they took. In: `Cue` inputs. Out: counts, median and 99 % of the delay."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from insole.blocks import Cue, Event


class Delays:
    """Of the cues so far.

    Attributes
    ----------
    given, withheld : int
    last : Cue or None
        The newest one that was given.
    """

    def __init__(self) -> None:
        self.given = self.withheld = 0
        self.last: Cue | None = None
        self._ms: list[float] = []

    @classmethod
    def of(cls, events: Iterable[Event]) -> Delays:
        """Of the cues among the events of a session."""
        delays = cls()
        for event in events:
            if isinstance(event, Cue):
                delays.add(event)
        return delays

    def add(self, cue: Cue) -> None:
        """Take one more."""
        if cue.withheld:
            self.withheld += 1
            return
        self.given += 1
        self.last = cue
        if math.isfinite(cue.delay_ms):
            self._ms.append(cue.delay_ms)

    @property
    def median_ms(self) -> float:
        """From initial contact to the loudspeaker; NaN without a cue."""
        return float(np.median(self._ms)) if self._ms else math.nan

    @property
    def p99_ms(self) -> float:
        """The delay that 99 % of the cues kept within; NaN without a cue."""
        return float(np.percentile(self._ms, 99, method="inverted_cdf")) if self._ms else math.nan
