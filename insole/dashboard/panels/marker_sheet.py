"""A marker being set: its kind, and a field for a note. In: the moment. Out: moment, kind and text."""

from __future__ import annotations

import re

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QVBoxLayout, QWidget

from insole.dashboard.paint.panel import Painted
from insole.dashboard.paint.segments import Segments
from insole.dashboard.paint.theme import Look
from insole.dashboard.panels.marker_field import MarkerField
from insole.history.markers import KIND_NAMES

HINTS = {
    "note": "Note, or just Enter; ↑ ↓ choose the kind",
    "condition_start": "Which condition starts here, such as 12 km/h",
    "condition_end": "Which condition ends here",
    "pain": "Pain from 0 to 10, then where",
    "sync_tap": "What was tapped, or just Enter",
}
PAIN = re.compile(r"(10|[0-9])(\b.*)?")


class MarkerSheet(Painted):
    """Kinds over a field, under the header."""

    entered = Signal(object, str, str)  # host time in ns does not fit Qt's 32-bit int
    refused = Signal(str)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self._t_host_ns = 0
        self.kind = "note"
        self.kinds = Segments(look, KIND_NAMES, "Kind of marker", self)
        self.field = MarkerField(look, self)
        self.kinds.chosen.connect(self.choose)
        self.field.entered.connect(self._done)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.kinds)
        self._column.addWidget(self.field)
        self.setAccessibleName("New marker")
        self.apply(look)

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        super().apply(look)
        edge = round(look.px(10))
        self._column.setContentsMargins(edge, edge, edge, edge)
        self._column.setSpacing(round(look.px(8)))
        self.kinds.apply(look)
        self.field.apply(look)
        self.field.setFixedHeight(round(look.px(34)))

    def wanted(self) -> QSize:
        """Width and height."""
        return self._column.sizeHint()

    def ask(self, t_host_ns: int) -> None:
        """Open for a marker at this moment; a moment already being named stays."""
        if self.isHidden():
            self._t_host_ns = t_host_ns
            self.field.clear()
            self.choose("note")
            self.show()
            self.raise_()
        self.field.setFocus()

    def choose(self, kind: str) -> None:
        """Another kind."""
        self.kind = kind
        self.kinds.show_name(kind)
        self.field.setPlaceholderText(HINTS[kind])
        self.field.setFocus()

    def _done(self, text: str) -> None:
        if self.kind == "pain" and PAIN.fullmatch(text) is None:
            self.refused.emit("Pain: a number from 0 to 10 first, then where")
            return
        self.hide()
        self.entered.emit(self._t_host_ns, self.kind, text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down go through the kinds; Esc is the window's."""
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        kinds = list(KIND_NAMES)
        self.choose(kinds[(kinds.index(self.kind) + step) % len(kinds)])

    def paint(self, painter: QPainter) -> None:
        """The ground."""
        look = self.look
        painter.setPen(look.pen("button_edge", 1))
        painter.setBrush(look.color("panel"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), look.px(8), look.px(8))
