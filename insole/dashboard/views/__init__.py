"""The views of the dashboard: one file a view, one row a view in `VIEWS`.

In: a session. Out: the views it can have, each under a number that is always the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from insole.dashboard.controls import Controls
from insole.dashboard.model.playing import Playing
from insole.dashboard.model.scene import Scene
from insole.dashboard.paint.theme import Look
from insole.dashboard.views.asymmetry import Asymmetry
from insole.dashboard.views.compare import Compare
from insole.dashboard.views.foot_map import FootMap
from insole.dashboard.views.loading import Loading
from insole.dashboard.views.metrics import Metrics
from insole.dashboard.views.overview import Overview
from insole.dashboard.views.view import View

Factory = Callable[[Look, Scene, Controls, QWidget | None], View]


def _always(_playing: Playing) -> bool:
    return True


def _of_a_replay(playing: Playing) -> bool:
    return playing.seekable


@dataclass(frozen=True, slots=True)
class Entry:
    """One view there is.

    Parameters
    ----------
    number : int
        The key that opens it.
    name : str
        What it is called in files and options.
    title : str
        On its tab.
    make : callable
    fits : callable
        Whether a session that is played like this can have it.
    """

    number: int
    name: str
    title: str
    make: Factory
    fits: Callable[[Playing], bool] = _always


VIEWS = (
    Entry(1, "overview", "Overview", Overview),
    Entry(2, "loading", "Loading", Loading),
    Entry(3, "asymmetry", "Asymmetry", Asymmetry),
    Entry(4, "foot_map", "Foot map", FootMap),
    Entry(6, "compare", "Compare", Compare, _of_a_replay),
    Entry(7, "metrics", "Metrics", Metrics),
)


def views_for(playing: Playing) -> tuple[Entry, ...]:
    """The views of one session."""
    return tuple(entry for entry in VIEWS if entry.fits(playing))
