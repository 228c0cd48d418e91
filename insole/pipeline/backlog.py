"""How far the computer is behind what arrives.

In: ticks, which a source gives five times a second, or later where nobody fetches them. Out: seconds that deliveries
had to wait.
"""

from __future__ import annotations

TICK_S = 0.2


class Backlog:
    """What the ticks tell of the wait for them.

    Attributes
    ----------
    now_s : float
        How long what came with the last tick had waited at most, beyond the time from tick to tick.
    most_s : float
        The longest of these.
    """

    def __init__(self) -> None:
        self.now_s = self.most_s = 0.0
        self._last_ns: int | None = None

    def tick(self, t_ns: int) -> None:
        """The next tick."""
        if self._last_ns is not None:
            self.now_s = max(0.0, (t_ns - self._last_ns) * 1e-9 - TICK_S)
            self.most_s = max(self.most_s, self.now_s)
        self._last_ns = t_ns
