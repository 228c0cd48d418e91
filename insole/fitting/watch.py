"""What one foot does at the moment: its load, how steady that is, which taps came. In: pressures. Out: figures."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from insole.blocks import FloatArray, PressureBlock

LOOK_S = 1.0  # steadiness is judged over so long
TAP_N = 50.0  # a tap rises so far above what the foot rests with
LONGEST_TAP_S = 1.0  # longer: the foot was put down
REST_FOLLOWS = 0.02  # of the way, each block: a slow drift of the resting foot is no tap


@dataclass(frozen=True, slots=True, eq=False)
class Tap:
    """One tap: when, and how far each cell rose at its peak."""

    t_s: float
    rise_kpa: FloatArray  # (c,)


@dataclass(slots=True)
class FootWatch:
    """Follows one foot, block by block."""

    kpa: FloatArray = field(default_factory=lambda: np.empty(0))  # (c,) newest; nothing before the first
    taps: list[Tap] = field(default_factory=list)
    _recent: deque[tuple[float, float]] = field(default_factory=deque)  # (t_s, force_n)
    _rest_n: float = float("nan")
    _rest_kpa: FloatArray | None = None
    _since_s: float | None = None  # a load that may become a tap
    _peak_n: float = 0.0
    _peak_kpa: FloatArray | None = None

    def add(self, block: PressureBlock) -> None:
        """Take the newest frames, as one mean."""
        t_s, force_n = float(block.t_s[-1]), float(np.mean(block.force_n))
        self.kpa = np.mean(block.kpa, axis=0)
        self._recent.append((t_s, force_n))
        while t_s - self._recent[0][0] > LOOK_S:
            self._recent.popleft()
        self._follow_taps(t_s, force_n, self.kpa)

    def settle(self) -> None:
        """Begin anew: taps and rest belong to one step."""
        self.taps = []
        self._recent.clear()
        self._rest_n, self._rest_kpa, self._since_s = float("nan"), None, None

    @property
    def ready(self) -> bool:
        """Whether there is enough to judge steadiness by."""
        return len(self._recent) >= 3 and self._recent[-1][0] - self._recent[0][0] > 0.8 * LOOK_S

    @property
    def force_n(self) -> float:
        """Mean force of the last second; NaN before there is any."""
        return float(np.mean([force for _, force in self._recent])) if self._recent else float("nan")

    def forces_n(self) -> FloatArray:
        """The forces of the last second."""
        return np.array([force for _, force in self._recent])

    def _follow_taps(self, t_s: float, force_n: float, kpa: FloatArray) -> None:
        if self._rest_kpa is None or force_n < self._rest_n:
            self._rest_n, self._rest_kpa = force_n, kpa
        rise_n = force_n - self._rest_n
        if self._since_s is None:
            if rise_n > TAP_N:
                self._since_s, self._peak_n, self._peak_kpa = t_s, force_n, kpa
            else:
                self._rest_n += REST_FOLLOWS * rise_n
                self._rest_kpa = self._rest_kpa + REST_FOLLOWS * (kpa - self._rest_kpa)
            return
        if force_n > self._peak_n:
            self._peak_n, self._peak_kpa = force_n, kpa
        if t_s - self._since_s > LONGEST_TAP_S:
            self._since_s, self._rest_n, self._rest_kpa = None, force_n, kpa
        elif rise_n < TAP_N / 2:
            assert self._peak_kpa is not None
            self.taps.append(Tap(self._since_s, np.maximum(self._peak_kpa - self._rest_kpa, 0.0)))
            self._since_s = None
