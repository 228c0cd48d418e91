"""What lies over the views for a while: the Why drawer, the list of keys, the field for a marker's note.

In: which one is wanted. Out: its place, and what Esc closes first.
"""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget

from insole.dashboard.paint.theme import Look
from insole.dashboard.panels.drawer import Drawer
from insole.dashboard.panels.help import HelpSheet
from insole.dashboard.panels.marker_field import MarkerField


class Overlays:
    """Layers over a window, all closed at first."""

    def __init__(self, look: Look, window: QWidget) -> None:
        self._window = window
        self.drawer = Drawer(look, window)
        self.help = HelpSheet(look, window)
        self.marker_field = MarkerField(look, window)
        self._from_the_top = (self.help, self.marker_field, self.drawer)
        for layer in self._from_the_top:
            layer.hide()

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        for layer in self._from_the_top:
            layer.apply(look)

    def place(self, look: Look) -> None:
        """The drawer to the right, the keys in the middle, the field under the header."""
        width, height = self._window.width(), self._window.height()
        header, footer = look.size("header"), look.size("footer")
        drawer = look.size("drawer")
        self.drawer.setGeometry(width - drawer, header, drawer, height - header - footer)
        sheet_width, sheet_height = self.help.wanted()
        self.help.setGeometry(
            QRect((width - sheet_width) // 2, (height - sheet_height) // 2, sheet_width, sheet_height)
        )
        field = round(look.px(320))
        left = width - look.size("margin") - field
        self.marker_field.setGeometry(left, header + round(look.px(6)), field, look.size("strip"))

    def close_top(self) -> bool:
        """Close the uppermost layer; False when none is open."""
        for layer in self._from_the_top:
            if not layer.isHidden():
                layer.hide()
                return True
        return False
