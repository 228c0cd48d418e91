"""View 7, every metric there is: what the last contact of each foot has of it."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QWidget

from insole.dashboard.controls import Controls
from insole.dashboard.model.grid import Column, Row
from insole.dashboard.model.scene import Scene
from insole.dashboard.model.tables import metric_rows
from insole.dashboard.paint.theme import Look
from insole.dashboard.panels.table_panel import TablePanel
from insole.dashboard.views.view import View
from insole.pipeline import METRICS

COLUMNS = (Column(6, (Row({"first": 1.0}),)), Column(6, (Row({"second": 1.0}),)))


class Metrics(View):
    """The table of metrics in two halves."""

    def __init__(self, look: Look, _scene: Scene, _controls: Controls, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self.columns = COLUMNS
        half = (len(METRICS) + 1) // 2
        self.first, self.second = (
            TablePanel(look, title, "last running contact", partial(metric_rows, metrics), _notes, parent=self)
            for title, metrics in (("All metrics", METRICS[:half]), ("All metrics, continued", METRICS[half:]))
        )
        self.panels = {"first": self.first, "second": self.second}


def _notes(_scene: Scene) -> tuple[str, ...]:
    return ("≈ approximate at this sampling rate; — withheld, or not measured by these insoles",)
