"""Between the engine thread and the screen: a bounded inbox that may drop drawing, and nothing else. No Qt.

In: one `Update` a push, from the engine thread. Out: what arrived since the last look, to the screen. When the screen
is too slow the newest two updates become one: every contact, flag, event and warning stays, superseded pictures go
and are counted.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Protocol, TypeVar

from insole.blocks import (
    ContactShape,
    ContactTable,
    FootPicture,
    ForceBand,
    Load,
    MeanRise,
    RecentRates,
    Side,
    Update,
)
from insole.dashboard.model.scene import Scene

T = TypeVar("T", ContactShape, ForceBand, MeanRise, FootPicture, RecentRates, Load)


class Feed(Protocol):
    """What the screen needs of an inbox."""

    @property
    def merged(self) -> int:
        """Updates whose drawing was folded into the next one because nobody looked in time."""
        ...

    def into(self, scene: Scene) -> None:
        """Hand everything that waits over to a scene, oldest first."""
        ...


class Inbox:
    """At most `capacity` updates; safe between one writing and one reading thread.

    Attributes
    ----------
    merged : int
        Updates whose drawing was folded into the next one because nobody looked in time.
    """

    def __init__(self, capacity: int = 64) -> None:
        self._capacity = capacity
        self._waiting: list[Update] = []
        self._anew = False
        self._lock = threading.RLock()
        self.merged = 0

    def put(self, update: Update) -> None:
        """Add an update; never blocks, never refuses."""
        with self._lock:
            if len(self._waiting) < self._capacity:
                self._waiting.append(update)
            else:
                self._waiting[-1] = merge(self._waiting[-1], update)
                self.merged += 1

    def start_over(self, updates: list[Update]) -> None:
        """What waits is of no use any more: the session begins again with these."""
        with self._lock:
            self._waiting, self._anew = list(updates), True

    def take(self) -> list[Update]:
        """Everything that waits, oldest first."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
        return waiting

    def into(self, scene: Scene) -> None:
        """Hand everything that waits over to a scene, oldest first."""
        with self._lock:
            anew, self._anew = self._anew, False
            waiting = self.take()
        if anew:
            scene.start_over()
        for update in waiting:
            scene.absorb(update)


def merge(older: Update, newer: Update) -> Update:
    """One update in place of two: what must not be lost is joined, a picture of the moment is the newer one."""
    contacts = ContactTable.join([older.contacts, newer.contacts]) if len(newer.contacts) else older.contacts
    return replace(
        newer,
        pressures=newer.pressures or older.pressures,
        early=older.early + newer.early,
        contacts=contacts,
        shapes=_latest(older.shapes + newer.shapes),
        bands=_latest(older.bands + newer.bands),
        numbers=newer.numbers or older.numbers,
        gauges=newer.gauges or older.gauges,
        flag_spans=older.flag_spans + newer.flag_spans,
        events=older.events + newer.events,
        warnings=older.warnings + newer.warnings,
        silences=older.silences + newer.silences,
        phases=older.phases + newer.phases,
        medians=older.medians + newer.medians,
        rises=_latest(older.rises + newer.rises),
        pictures=_latest(older.pictures + newer.pictures),
        rates=_latest(older.rates + newer.rates),
        loads=_latest(older.loads + newer.loads),
    )


def _latest(pictures: tuple[T, ...]) -> tuple[T, ...]:
    """The last picture of each foot."""
    by_side: dict[Side, T] = {picture.side: picture for picture in pictures}
    return tuple(by_side.values())
