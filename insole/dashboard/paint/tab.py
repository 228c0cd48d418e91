"""A tab of the header: the number of a view and its title; the open one on a ground of its own."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from insole.dashboard.paint.marks import Run, cap_centre, draw_runs
from insole.dashboard.paint.theme import Look


class Tab(QPushButton):
    """A checkable button that paints itself."""

    def __init__(self, look: Look, number: int, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.look = look
        self.number = number
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setToolTip(f"{title} ({number})")
        self.setAccessibleName(f"View {title}")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        self.look = look
        self.updateGeometry()
        self.update()

    def _runs(self) -> list[Run]:
        look = self.look
        strong, key = look.font("body_strong"), look.font("axis")
        title = look.color("text1" if self.isChecked() or self.underMouse() else "text2")
        return [(f"{self.number}  ", key, look.color("text3")), (self.text(), strong, title)]

    def sizeHint(self) -> QSize:
        """Number, title and room around them."""
        wide = sum(QFontMetricsF(font).horizontalAdvance(text) for text, font, _ in self._runs())
        room = self.look.px(14 if self.look.compact else 24)
        return QSize(round(wide + room), round(self.look.px(36)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground where it is open, number, title; a ring when it has the focus."""
        look = self.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("inset"))
            painter.drawRoundedRect(box, look.px(6), look.px(6))
        if self.hasFocus():
            painter.setPen(look.pen("text1", 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, look.px(6), look.px(6))
        font = look.font("body_strong")
        draw_runs(painter, box.center().x(), cap_centre(font, box.center().y()), self._runs(), align="centre")
        painter.end()
