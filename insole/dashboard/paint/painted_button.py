"""What all buttons share that paint themselves: a tip, a hand, a fixed size, smooth edges. In: a look. Out: clicks."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from insole.dashboard.paint.theme import Look


class PaintedButton(QPushButton):
    """A push button whose `paint` method says what it looks like.

    Parameters
    ----------
    look : Look
    text, key : str
        What it does and the key that does the same.
    tip : str
        Said in the tooltip and to screen readers.
    """

    def __init__(self, look: Look, text: str, key: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.look = look
        self.key = key
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

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint with smooth edges."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint(painter)
        painter.end()

    def paint(self, painter: QPainter) -> None:
        """What the button looks like."""
        raise NotImplementedError
