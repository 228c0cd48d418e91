"""When the feet of a session start: zero, noise and thresholds are frozen for the recording.

In: the unloaded moment that each foot has shown, or not. Out: the noise of the noisier foot, once every foot has shown
one, or one has and the others were waited for.
"""

from __future__ import annotations

from collections.abc import Container, Mapping

import numpy as np

from insole.blocks import Side
from insole.pipeline.line import FootLine

START_WAIT_S = 10.0  # a foot that shows no unloaded moment this long after the other one does not set the noise


class Start:
    """What the start waits for.

    Attributes
    ----------
    sigma_n : float or None
        Noise of the noisier foot; None before the start.
    """

    def __init__(self, lines: Mapping[Side, FootLine]) -> None:
        self.sigma_n: float | None = None
        self._lines = lines
        self._waiting = list(lines.values())  # for their start

    @property
    def due(self) -> bool:
        """Whether there is a start to wait for."""
        return self.sigma_n is None and bool(self._waiting)

    def find(self, silent: Container[Side], *, final: bool) -> bool:
        """Freeze the noise if it is time to, by what the feet read now; `final`: no frame follows."""
        self.sigma_n = self._noise_n(silent, final=final)
        return self.sigma_n is not None

    def begin(self, *, final: bool) -> None:
        """Let the feet go whose zero is known; all of them if no frame follows."""
        if self.sigma_n is None or not self._waiting:
            return
        for line in self._waiting:
            if line.start_ns is not None or final:
                line.begin(self.sigma_n)
        self._waiting = [line for line in self._waiting if not line.started]

    def zero_n(self) -> dict[Side, float | None]:
        """Zeros of the feet that have shown an unloaded moment in time, in newtons at a gain of 1."""
        until_ns = self._until_ns
        return {
            side: line.zero_n if line.start_ns is None or line.start_ns <= until_ns else None
            for side, line in self._lines.items()
        }

    @property
    def _until_ns(self) -> float:
        """Host time up to which the other feet are waited for, once one has shown an unloaded moment."""
        found = [line.start_ns for line in self._lines.values() if line.start_ns is not None]
        return min(found, default=np.inf) + START_WAIT_S * 1e9

    def _noise_n(self, silent: Container[Side], *, final: bool) -> float | None:
        found = {line: line.start_ns for line in self._lines.values() if line.start_ns is not None}
        if not found:
            return 0.0 if final else None
        until_ns = self._until_ns
        together = [line for line, at in found.items() if at <= until_ns]
        expected = [line for side, line in self._lines.items() if side not in silent]
        waited = max(line.admitted_ns for line in self._lines.values()) > until_ns
        if not waited and not final and any(line not in together for line in expected):
            return None
        return max(line.sigma_n for line in together)
