"""A switch that is on or off: a small button in the house style."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from insole.dashboard.paint.marks import Run, cap_centre, draw_ring, draw_runs
from insole.dashboard.paint.painted_button import PaintedButton
from insole.dashboard.paint.theme import Look


class Pill(PaintedButton):
    """A checkable button without an edge; its key stands beside it in grey."""

    def __init__(self, look: Look, text: str, key: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(look, text, key, tip, parent)
        self.setCheckable(True)

    def _runs(self) -> list[Run]:
        look = self.look
        color = look.color("text1" if self.isChecked() or self.underMouse() else "text2")
        runs: list[Run] = [(self.text(), look.font("body_strong" if self.isChecked() else "body"), color)]
        if self.key:
            runs.append((f" {self.key}", look.font("axis"), look.color("text3")))
        return runs

    def sizeHint(self) -> QSize:
        """As wide as its text when chosen, so that nothing moves."""
        wide = QFontMetricsF(self.look.font("body_strong")).horizontalAdvance(self.text())
        if self.key:
            wide += QFontMetricsF(self.look.font("axis")).horizontalAdvance(f" {self.key}")
        room = self.look.px(14 if self.look.compact else 22)
        return QSize(round(wide + room), self.look.size("strip_button"))

    def paint(self, painter: QPainter) -> None:
        """Ground where chosen, name, key; a ring when it has the focus."""
        look = self.look
        box = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        radius = look.size("field_radius")
        if self.isChecked():
            painter.setPen(look.pen("button_edge", 1))
            painter.setBrush(look.color("button"))
            painter.drawRoundedRect(box, radius, radius)
        if self.hasFocus():
            draw_ring(painter, look, box, radius)
        font = look.font("body")
        draw_runs(painter, box.center().x(), cap_centre(font, box.center().y()), self._runs(), align="centre")
