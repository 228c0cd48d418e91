"""A tab of the header: the number of a view and its title; the open one on a ground of its own."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from insole.dashboard.paint.marks import Run, cap_centre, draw_ring, draw_runs
from insole.dashboard.paint.painted_button import PaintedButton
from insole.dashboard.paint.theme import Look


class Tab(PaintedButton):
    """The button that opens a view, and is down while it is open."""

    def __init__(self, look: Look, number: int, title: str, parent: QWidget | None = None) -> None:
        super().__init__(look, title, f"{number}", title, parent)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setAccessibleName(f"View {title}")

    def _runs(self) -> list[Run]:
        look = self.look
        strong, key = look.font("body_strong"), look.font("axis")
        title = look.color("text1" if self.isChecked() or self.underMouse() else "text2")
        return [(f"{self.key}  ", key, look.color("text3")), (self.text(), strong, title)]

    def sizeHint(self) -> QSize:
        """Number, title and room around them."""
        wide = sum(QFontMetricsF(font).horizontalAdvance(text) for text, font, _ in self._runs())
        room = self.look.px(14 if self.look.compact else 24)
        return QSize(round(wide + room), round(self.look.px(36)))

    def paint(self, painter: QPainter) -> None:
        """Ground where it is open, number, title; a ring when it has the focus."""
        look = self.look
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("inset"))
            painter.drawRoundedRect(box, look.px(6), look.px(6))
        if self.hasFocus():
            draw_ring(painter, look, box, look.px(6))
        font = look.font("body_strong")
        draw_runs(painter, box.center().x(), cap_centre(font, box.center().y()), self._runs(), align="centre")
