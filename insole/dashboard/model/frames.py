"""How often the screen was really drawn, and whether drawing falls behind. No Qt.

In: the moment of every redraw and what each paint took. Out: frames a second, and a verdict that stays a little.
"""

from __future__ import annotations

from collections import deque

import numpy as np

WINDOW_S = 1.0
SLOW_SHARE = 0.5  # of the wanted frames; below it drawing is said to be slowed
STAYS_S = 2.0  # so that the word can be read
KEPT_PAINTS = 4096


class FrameMeter:
    """Counts redraws.

    Parameters
    ----------
    wanted_fps : float
        Of the redraw timer.
    """

    def __init__(self, wanted_fps: float) -> None:
        self._wanted = wanted_fps
        self._moments: deque[float] = deque()
        self._first_s: float | None = None
        self._slow_until_s = float("-inf")
        self._merged = 0
        self._paints_ms: deque[float] = deque(maxlen=KEPT_PAINTS)
        self.dropped = 0

    def frame(self, now_s: float, merged: int) -> None:
        """A redraw at this moment; `merged` is the inbox's count of folded updates so far."""
        if self._first_s is None:
            self._first_s = now_s
        if self._moments:
            missed = int((now_s - self._moments[-1]) * self._wanted + 0.5) - 1
            self.dropped += max(0, missed)
        self._moments.append(now_s)
        while self._moments[0] < now_s - WINDOW_S:
            self._moments.popleft()
        settled = now_s - self._first_s >= 2 * WINDOW_S  # a window that is just being built is not slow
        if settled and (merged > self._merged or len(self._moments) < SLOW_SHARE * self._wanted * WINDOW_S):
            self._slow_until_s = now_s + STAYS_S
        self._merged = merged

    def painted(self, milliseconds: float) -> None:
        """What painting one frame took."""
        self._paints_ms.append(milliseconds)

    @property
    def fps(self) -> int:
        """Redraws within the last second."""
        return len(self._moments)

    def slowed(self, now_s: float) -> bool:
        """Whether drawing fell behind within the last moments."""
        return now_s < self._slow_until_s

    def paint_ms(self, percentile: float) -> float:
        """Percentile of the paint times kept, NaN before the first."""
        return float(np.percentile(self._paints_ms, percentile)) if self._paints_ms else float("nan")
