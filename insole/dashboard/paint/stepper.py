"""A number between a minus and a plus. In: the number as text. Out: steps up or down, or a number that was typed."""

from __future__ import annotations

from contextlib import suppress

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from insole.dashboard.paint.control import RING, Control
from insole.dashboard.paint.marks import cap_centre, draw_runs
from insole.dashboard.paint.theme import Look

BUTTON, GAP = 30, 5
FIELD, COMPACT_FIELD = 62, 52
MOST_TYPED = 6  # characters
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Stepper(Control):
    """Shows a number and asks for another one: by buttons and arrows step by step, or as it is typed.

    Parameters
    ----------
    look : Look
    tip : str
        What the number is; said in the tooltip and to screen readers.
    """

    stepped = Signal(int)
    entered = Signal(float)
    left = Signal()

    def __init__(self, look: Look, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(look, tip, parent)
        self.text = ""
        self.typed = ""  # not entered yet

    def show_text(self, text: str) -> None:
        """Another number is in force."""
        if text != self.text:
            self.text = text
            self.setAccessibleDescription(text)
            self.update()

    def sizeHint(self) -> QSize:
        """Two buttons and a field."""
        look = self.look
        field = COMPACT_FIELD if look.compact else FIELD
        return QSize(round(look.px(2 * BUTTON + field + 2 * GAP)) + 2 * RING, round(look.px(26)) + 2 * RING)

    def _parts(self) -> tuple[QRectF, QRectF, QRectF]:
        box = self.field()
        button, gap = self.look.px(BUTTON), self.look.px(GAP)
        minus = QRectF(box.left(), box.top(), button, box.height())
        plus = QRectF(box.right() - button, box.top(), button, box.height())
        return minus, QRectF(minus.right() + gap, box.top(), plus.left() - minus.right() - 2 * gap, box.height()), plus

    def paint(self, painter: QPainter) -> None:
        """Minus, number, plus; a ring around the number when keys change it, a stroke behind what is typed."""
        look = self.look
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
        text = f"{self.typed}|" if self.typed else self.text
        draw_runs(painter, field.center().x(), baseline, [(text, font, look.color("text1"))], align="centre")

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
        """Up and down step; digits are typed and Enter takes them; Enter and Esc leave."""
        key = Qt.Key(event.key())
        step = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(key)
        if step is not None:
            self._type("")
            self.stepped.emit(step)
        elif event.text() and event.text() in "0123456789.,":
            self._type((self.typed + event.text().replace(",", "."))[:MOST_TYPED])
        elif key == Qt.Key.Key_Backspace:
            self._type(self.typed[:-1])
        elif key in ENTER or key == Qt.Key.Key_Escape:
            typed = self.typed if key in ENTER else ""
            self._type("")
            self.left.emit()
            with suppress(ValueError):  # nothing was typed, or no number
                self.entered.emit(float(typed))
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """What was not entered is forgotten."""
        self._type("")
        super().focusOutEvent(event)

    def _type(self, text: str) -> None:
        self.typed = text
        self.update()
