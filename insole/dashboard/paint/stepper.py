"""A number between a minus and a plus. In: the number as text. Out: steps up or down, by buttons, arrows or wheel."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from insole.dashboard.paint.marks import cap_centre, draw_runs
from insole.dashboard.paint.theme import Look

BUTTON, FIELD, GAP = 30, 62, 5


class Stepper(QWidget):
    """Shows a number and asks for another one.

    Parameters
    ----------
    look : Look
    tip : str
        What the number is; said in the tooltip and to screen readers.
    """

    stepped = Signal(int)
    left = Signal()

    def __init__(self, look: Look, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look = look
        self.text = ""
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        self.look = look
        self.updateGeometry()
        self.update()

    def show_text(self, text: str) -> None:
        """Another number is in force."""
        if text != self.text:
            self.text = text
            self.setAccessibleDescription(text)
            self.update()

    def sizeHint(self) -> QSize:
        """Two buttons and a field."""
        return QSize(round(self.look.px(2 * BUTTON + FIELD + 2 * GAP)) + 6, round(self.look.px(26)) + 6)

    def _parts(self) -> tuple[QRectF, QRectF, QRectF]:
        box = QRectF(self.rect()).adjusted(3, 3, -3, -3)
        button, gap = self.look.px(BUTTON), self.look.px(GAP)
        minus = QRectF(box.left(), box.top(), button, box.height())
        plus = QRectF(box.right() - button, box.top(), button, box.height())
        return minus, QRectF(minus.right() + gap, box.top(), plus.left() - minus.right() - 2 * gap, box.height()), plus

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Minus, number, plus; a ring around the number when arrows move it."""
        look = self.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        minus, field, plus = self._parts()
        radius = look.size("field_radius")
        for part in (minus, plus):
            painter.setPen(look.pen("button_edge", 1))
            painter.setBrush(look.color("button"))
            painter.drawRoundedRect(part, radius, radius)
            painter.setPen(QPen(look.color("text1"), look.px(1.6)))
            x, y, arm = part.center().x(), part.center().y(), look.px(4)
            painter.drawLine(round(x - arm), round(y), round(x + arm), round(y))
            if part is plus:
                painter.drawLine(round(x), round(y - arm), round(x), round(y + arm))
        painter.setPen(look.pen("text1", 2) if self.hasFocus() else look.pen("line", 1))
        painter.setBrush(look.color("inset"))
        painter.drawRoundedRect(field, radius, radius)
        font = look.font("value")
        baseline = cap_centre(font, field.center().y())
        draw_runs(painter, field.center().x(), baseline, [(self.text, font, look.color("text1"))], align="centre")
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A step, or the focus for the arrows."""
        minus, _, plus = self._parts()
        if minus.contains(event.position()):
            self.stepped.emit(-1)
        elif plus.contains(event.position()):
            self.stepped.emit(1)
        else:
            self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down step; Enter and Esc leave."""
        step = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()))
        if step is not None:
            self.stepped.emit(step)
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape}:
            self.left.emit()
        else:
            super().keyPressEvent(event)
