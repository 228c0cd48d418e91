"""The markers of a session that stand: numbered as they were set, taken back by an undo.

In: markers of the stream. Out: those that were not undone. A number is never given twice, so that what was called out
during the session stays true.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from insole.blocks import Marker

KEPT = 256
UNDO = "undo"
PHASES = frozenset({"calibration", "fit_check", "baseline"})  # set by the program, no notes of a person
KIND_NAMES = {  # what a person may choose, in this order
    "note": "Note",
    "condition_start": "Condition starts",
    "condition_end": "Condition ends",
    "pain": "Pain",
    "sync_tap": "Sync tap",
}


@dataclass(frozen=True, slots=True)
class SetMarker:
    """One marker that stands."""

    number: int
    t_s: float
    kind: str
    label: str

    @property
    def text(self) -> str:
        """What is written beside it: the note, and what kind it is where that is no plain note."""
        if self.kind == "note":
            return self.label
        name = KIND_NAMES.get(self.kind, self.kind.replace("_", " ").capitalize())
        return f"{name}: {self.label}" if self.label else name


@dataclass(slots=True)
class Markers:
    """Markers of one session, newest last; how many numbers were given, and how often something changed.

    `standing` holds the last 256, unless it is made to hold them all.
    """

    standing: deque[SetMarker] = field(default_factory=lambda: deque(maxlen=KEPT))
    given: int = 0
    changes: int = 0

    def follow(self, t_s: float, marker: Marker) -> None:
        """Take a marker of the stream."""
        if marker.kind in PHASES:
            return
        self.changes += 1
        if marker.kind == UNDO:
            if self.standing:
                self.standing.pop()
            return
        self.given += 1
        self.standing.append(SetMarker(self.given, t_s, marker.kind, marker.label))
