"""A button in the house style: its name, and its key in grey beside it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from insole.dashboard.paint.marks import cap_centre, draw_runs
from insole.dashboard.paint.theme import Look

ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)


class Button(QPushButton):
    """A push button that paints itself.

    Parameters
    ----------
    look : Look
    text, key : str
        What it does and the key that does the same.
    tip : str
        Said in the tooltip and to screen readers.
    size : str
        Name of its height in the theme.
    """

    TINTS = ("button", "inset", "text1", "text3")  # ground, ground when pressed, name, key

    def __init__(
        self, look: Look, text: str, key: str, tip: str, *, size: str = "button", parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self.look = look
        self.key = key
        self._size = size
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

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground, name, key; a ring outside when it has the focus."""
        look = self.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ring = look.px(3)
        box = QRectF(self.rect()).adjusted(ring, ring, -ring, -ring)
        radius = look.size("button_radius")
        ground, pressed, ink, key_ink = self.TINTS if self.isEnabled() else Button.TINTS
        painter.setPen(look.pen("button_edge", 1))
        painter.setBrush(look.color(pressed if self.isDown() or self.underMouse() else ground))
        painter.drawRoundedRect(box, radius, radius)
        if self.hasFocus():
            painter.setPen(look.pen("text1", 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            outer = QRectF(self.rect()).adjusted(1, 1, -1, -1)
            painter.drawRoundedRect(outer, radius + 2, radius + 2)
        name, key = look.font("body_strong"), look.font("axis")
        runs = [(self.text(), name, look.color(ink if self.isEnabled() else "text3"))]
        if self.key:
            gap = " " * 2
            runs.append((gap + self.key, key, look.color(key_ink)))
        draw_runs(painter, box.center().x(), cap_centre(name, box.center().y()), runs, align="centre")
        painter.end()


class PrimaryButton(Button):
    """The one that Enter presses."""

    TINTS = ("text1", "text2", "bg", "bg")
