"""A button in the house style: its name, and its key in grey beside it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter
from PySide6.QtWidgets import QWidget

from insole.dashboard.paint.marks import cap_centre, draw_ring, draw_runs
from insole.dashboard.paint.painted_button import PaintedButton
from insole.dashboard.paint.theme import Look

ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)


class Button(PaintedButton):
    """A button on a ground of its own.

    Parameters
    ----------
    look, text, key, tip
        As of every `PaintedButton`.
    size : str
        Name of its height in the theme.
    """

    TINTS = ("button", "inset", "text1", "text3")  # ground, ground when pressed, name, key

    def __init__(
        self, look: Look, text: str, key: str, tip: str, *, size: str = "button", parent: QWidget | None = None
    ) -> None:
        super().__init__(look, text, key, tip, parent)
        self._size = size

    def say(self, text: str) -> None:
        """Another name."""
        if text != self.text():
            self.setText(text)
            self.setAccessibleName(text)
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Name, key and room around them, and the focus ring."""
        name = QFontMetricsF(self.look.font("body_strong")).horizontalAdvance(self.text())
        key = QFontMetricsF(self.look.font("axis")).horizontalAdvance(self.key)
        gap = self.look.px(9) if self.key else 0
        ring = self.look.px(6)
        return QSize(round(name + gap + key + self.look.px(32) + ring), round(self.look.size(self._size) + ring))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows are for what the button stands on; Tab goes from button to button."""
        if event.key() in ARROWS:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def paint(self, painter: QPainter) -> None:
        """Ground, name, key; a ring outside when it has the focus."""
        look = self.look
        ground, pressed, ink, key_ink = self.TINTS if self.isEnabled() else Button.TINTS
        box = self.paint_ground(painter, pressed if self.isDown() or self.underMouse() else ground)
        name, key = look.font("body_strong"), look.font("axis")
        runs = [(self.text(), name, look.color(ink if self.isEnabled() else "text3"))]
        if self.key:
            gap = " " * 2
            runs.append((gap + self.key, key, look.color(key_ink)))
        draw_runs(painter, box.center().x(), cap_centre(name, box.center().y()), runs, align="centre")

    def paint_ground(self, painter: QPainter, tint: str) -> QRectF:
        """Edge and ground, and the ring; returns the ground."""
        look = self.look
        ring, radius = look.px(3), look.size("button_radius")
        box = QRectF(self.rect()).adjusted(ring, ring, -ring, -ring)
        painter.setPen(look.pen("button_edge", 1))
        painter.setBrush(look.color(tint))
        painter.drawRoundedRect(box, radius, radius)
        if self.hasFocus():
            draw_ring(painter, look, QRectF(self.rect()).adjusted(1, 1, -1, -1), radius + 2)
        return box


class PrimaryButton(Button):
    """The one that Enter presses."""

    TINTS = ("text1", "text2", "bg", "bg")
