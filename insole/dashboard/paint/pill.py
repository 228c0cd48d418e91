"""A switch that is on or off: a small button in the house style."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from insole.dashboard.paint.marks import Run, cap_centre, draw_runs
from insole.dashboard.paint.theme import Look


class Pill(QPushButton):
    """A checkable button without an edge; its key stands beside it in grey."""

    def __init__(self, look: Look, text: str, key: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.look = look
        self._key = key
        self.setCheckable(True)
        self.setToolTip(f"{tip} ({key})" if key else tip)
        self.setAccessibleName(text)
        self.setAccessibleDescription(tip)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        self.look = look
        self.updateGeometry()
        self.update()

    def _runs(self) -> list[Run]:
        look = self.look
        color = look.color("text1" if self.isChecked() or self.underMouse() else "text2")
        runs: list[Run] = [(self.text(), look.font("body_strong" if self.isChecked() else "body"), color)]
        if self._key:
            runs.append((f" {self._key}", look.font("axis"), look.color("text3")))
        return runs

    def sizeHint(self) -> QSize:
        """As wide as its text when chosen, so that nothing moves."""
        wide = QFontMetricsF(self.look.font("body_strong")).horizontalAdvance(self.text())
        if self._key:
            wide += QFontMetricsF(self.look.font("axis")).horizontalAdvance(f" {self._key}")
        room = self.look.px(14 if self.look.compact else 22)
        return QSize(round(wide + room), self.look.size("strip_button"))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground where chosen, name, key; a ring when it has the focus."""
        look = self.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        radius = look.size("field_radius")
        if self.isChecked():
            painter.setPen(look.pen("button_edge", 1))
            painter.setBrush(look.color("button"))
            painter.drawRoundedRect(box, radius, radius)
        if self.hasFocus():
            painter.setPen(look.pen("text1", 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, radius, radius)
        font = look.font("body")
        draw_runs(painter, box.center().x(), cap_centre(font, box.center().y()), self._runs(), align="centre")
        painter.end()
