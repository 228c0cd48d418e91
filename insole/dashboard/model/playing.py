"""How a session is played and kept. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from insole.dashboard.model.words import NumberStyle

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)


@dataclass(frozen=True, slots=True)
class Playing:
    """What the source is and does.

    Parameters
    ----------
    live : bool
        Measured now, where not recording deserves a word.
    recording : bool
        What arrives is kept.
    speed : float or None
        Session seconds a second; None for hardware, which can be neither paused nor hurried.
    paused, ended : bool
    seekable : bool
        A finished recording, any moment of which can be shown.
    """

    live: bool
    recording: bool
    speed: float | None = None
    paused: bool = False
    ended: bool = False
    seekable: bool = False

    def badge(self) -> str:
        """The word before the clock."""
        if self.seekable:
            return "REPLAY"
        if self.ended:
            return "ENDED"
        if self.paused:
            return "PAUSED"
        if self.recording:
            return "REC"
        return "LIVE" if self.live else "REPLAY"

    def pace(self, style: NumberStyle) -> str:
        """The speed where it is worth a word: '0.25×', 'fastest'."""
        if (self.ended and not self.seekable) or self.speed in {None, 1.0}:
            return ""
        assert self.speed is not None
        if self.speed == float("inf"):
            return "fastest"
        digits = next(d for d in range(4) if d == 3 or round(self.speed, d) == self.speed)
        return f"{style.number(self.speed, digits)}×"


def next_speed(speed: float, step: int) -> float:
    """The neighbour of a speed on the ladder, `step` rungs up or down."""
    nearest = min(range(len(SPEEDS)), key=lambda i: abs(SPEEDS[i] - speed))
    return SPEEDS[max(0, min(len(SPEEDS) - 1, nearest + step))]
