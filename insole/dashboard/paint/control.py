"""What the small painted controls share: a tip, the focus by Tab, a field with room for its ring. In: a look."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtWidgets import QSizePolicy, QWidget

from insole.dashboard.paint.panel import Painted
from insole.dashboard.paint.theme import Look

RING = 3


class Control(Painted):
    """A painted widget that is worked by mouse and keys, as large as it wants to be.

    Parameters
    ----------
    look : Look
    tip : str
        What is chosen here; said in the tooltip and to screen readers.
    """

    def __init__(self, look: Look, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        super().apply(look)
        self.updateGeometry()

    def field(self) -> QRectF:
        """All but the room of the focus ring."""
        return QRectF(self.rect()).adjusted(RING, RING, -RING, -RING)
