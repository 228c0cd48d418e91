"""View 3, asymmetry: every left-right difference, one of them over the session, how to read it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from insole.dashboard.controls import Controls
from insole.dashboard.model.grid import Column, Row
from insole.dashboard.model.scene import Scene
from insole.dashboard.model.words import NumberStyle
from insole.dashboard.paint.theme import Look
from insole.dashboard.panels.asymmetry_panel import AsymmetryPanel
from insole.dashboard.panels.difference_session_panel import DifferenceSessionPanel
from insole.dashboard.panels.reading_panel import ReadingPanel
from insole.dashboard.views.view import View

COLUMNS = (
    Column(8, (Row({"rows": 1.0}),)),
    Column(4, (Row({"session": 1.0}, 0.56), Row({"reading": 1.0}, 0.44))),
)


class Asymmetry(View):
    """The feet against each other."""

    def __init__(self, look: Look, scene: Scene, _controls: Controls, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self._scene = scene
        self._style = NumberStyle()
        self.columns = COLUMNS
        self.rows = AsymmetryPanel(look, self)
        self.session = DifferenceSessionPanel(look, self)
        self.reading = ReadingPanel(look, self)
        self.rows.chosen.connect(self._choose)
        self.panels = {"rows": self.rows, "session": self.session, "reading": self.reading}

    def show_frame(self, _scene: Scene, style: NumberStyle) -> None:
        """Nothing here moves with every contact."""
        self._style = style

    def _choose(self, metric: str) -> None:
        """The chosen row, over the session and explained, at once."""
        self.session.choose(metric)
        self.reading.chosen_metric = metric
        for panel in (self.session, self.reading):
            panel.show_scene(self._scene, self._style)
