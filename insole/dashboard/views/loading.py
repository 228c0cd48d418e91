"""View 2, loading: session, rise, the last 60 contacts, other definitions, load so far, target and cue."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from insole.dashboard.controls import Controls
from insole.dashboard.model.grid import Column, Row
from insole.dashboard.model.scene import Scene
from insole.dashboard.model.tables import definition_rows, definitions_note, load_note, load_rows
from insole.dashboard.paint.theme import Look
from insole.dashboard.panels.cue_panel import CuePanel
from insole.dashboard.panels.histogram_panel import HistogramPanel
from insole.dashboard.panels.rise_panel import RisePanel
from insole.dashboard.panels.session_panel import SessionPanel
from insole.dashboard.panels.table_panel import TablePanel
from insole.dashboard.views.view import View

COLUMNS = (
    Column(9, (Row({"session": 1.0}, 0.56), Row({"rise": 0.42, "last60": 0.33, "load": 0.25}, 0.44))),
    Column(3, (Row({"definitions": 1.0}), Row({"cue": 1.0}, least="cue"))),
)


class Loading(View):
    """Everything about the loading rate."""

    def __init__(self, look: Look, _scene: Scene, controls: Controls, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self.columns = COLUMNS
        self.session = SessionPanel(look, self)
        self.definitions = TablePanel(
            look,
            "Other definitions",
            "same 60 contacts",
            definition_rows,
            _definition_notes,
            unit="BW/s",
            marks_first=True,
            parent=self,
        )
        self.rise = RisePanel(look, self)
        self.histogram = HistogramPanel(look, self)
        self.load = TablePanel(look, "Load so far", "running", load_rows, _load_notes, parent=self)
        self.cue = CuePanel(look, controls, self)
        self.panels = {
            "session": self.session,
            "definitions": self.definitions,
            "cue": self.cue,
            "rise": self.rise,
            "last60": self.histogram,
            "load": self.load,
        }


def _definition_notes(scene: Scene) -> tuple[str, ...]:
    reason = definitions_note(scene)
    return (*((reason,) if reason else ()), "Never compare across definitions.")


def _load_notes(scene: Scene) -> tuple[str, ...]:
    reason = load_note(scene)
    return (*((reason,) if reason else ()), "To compare runs with each other.")
