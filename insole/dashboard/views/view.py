"""What every view is: panels in a grid of twelve columns, the scene handed to them, keys of its own.

In: the scene. Out: panels that show it. A view names its panels and where they stand; `insole.dashboard.views` lists
all views there are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QRect
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from insole.dashboard.keys import Binding
from insole.dashboard.model.arrangement import Arrangement
from insole.dashboard.model.grid import Column, boxes
from insole.dashboard.model.scene import Scene
from insole.dashboard.model.words import NumberStyle
from insole.dashboard.paint.panel import Panel
from insole.dashboard.paint.theme import Look


class View(QWidget):
    """Lays its panels out and hands the scene to them. A view sets `panels` and `columns` when it is made.

    Attributes
    ----------
    tall_dock : bool
        Whether the dock of a replay has all its lanes under this view.
    """

    tall_dock = False

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look = look
        self.panels: dict[str, Panel] = {}  # by name, in reading order
        self.columns: Sequence[Column] = ()
        self.arrangement = Arrangement()
        self._away: frozenset[str] = frozenset()

    def absent(self) -> frozenset[str]:
        """Names of panels that have nothing to show yet."""
        return frozenset()

    def bindings(self) -> list[Binding]:
        """Keys that this view alone knows."""
        return []

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        self.look = look
        for panel in self.panels.values():
            panel.apply(look)
        self.place()

    def show_frame(self, scene: Scene, style: NumberStyle) -> None:
        """What moves with every contact."""

    def renewals(self, scene: Scene, style: NumberStyle) -> list[Callable[[], None]]:
        """What is renewed twice a second at most, part by part."""
        shown = (panel for name, panel in self.panels.items() if name not in self.arrangement.hidden)
        return [partial(self._renew, panel, scene, style) for panel in shown]

    def arrange(self, arrangement: Arrangement) -> None:
        """Hide and order the panels in another way."""
        self.arrangement = arrangement
        self.place()

    def _renew(self, panel: Panel, scene: Scene, style: NumberStyle) -> None:
        panel.show_scene(scene, style)
        if self.absent() != self._away:
            self.place()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Lay out again."""
        self.place()

    def place(self) -> None:
        """Twelve equal columns; spare room goes to plots."""
        names = {name for column in self.columns for row in column.rows for name in (row.fixed, row.least) if name}
        fixed = {name: self.look.size(name) for name in names}
        self._away = self.absent()
        known = {name for column in self.columns for row in column.rows for name in row.panels}
        away = self._away | self.arrangement.hidden | (known - self.panels.keys())
        found = boxes(
            self.arrangement.columns(self.columns), (self.width(), self.height()), self.look.size("gap"), fixed, away
        )
        for name, panel in self.panels.items():
            box = found.get(name)
            panel.setVisible(box is not None)
            if box is not None:
                panel.setGeometry(QRect(box.left, box.top, box.right - box.left, box.bottom - box.top))
