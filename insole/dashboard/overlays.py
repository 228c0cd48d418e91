"""What lies over the views for a while: the Why drawer, the list of keys, limits, a marker being set.

In: which one is wanted. Out: its place, and what Esc closes first.
"""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget

from insole.dashboard.paint.theme import Look
from insole.dashboard.panels.drawer import Drawer
from insole.dashboard.panels.help import HelpSheet
from insole.dashboard.panels.limits_sheet import LimitsSheet
from insole.dashboard.panels.marker_sheet import MarkerSheet


class Overlays:
    """Layers over a window, all closed at first."""

    def __init__(self, look: Look, window: QWidget) -> None:
        self._window = window
        self.drawer = Drawer(look, window)
        self.help = HelpSheet(look, window)
        self.limits = LimitsSheet(look, window)
        self.marker_sheet = MarkerSheet(look, window)
        self._from_the_top = (self.help, self.limits, self.marker_sheet, self.drawer)
        for layer in self._from_the_top:
            layer.hide()

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        for layer in self._from_the_top:
            layer.apply(look)

    def place(self, look: Look) -> None:
        """The drawer to the right, sheets in the middle, the marker under the header."""
        width, height = self._window.width(), self._window.height()
        header, footer = look.size("header"), look.size("footer")
        drawer = look.size("drawer")
        self.drawer.setGeometry(width - drawer, header, drawer, height - header - footer)
        for sheet in (self.help, self.limits):
            wide, high = sheet.wanted()
            sheet.setGeometry(QRect((width - wide) // 2, (height - high) // 2, wide, high))
        size = self.marker_sheet.wanted()
        left = width - look.size("margin") - size.width()
        self.marker_sheet.setGeometry(left, header + round(look.px(6)), size.width(), size.height())

    def close_top(self) -> bool:
        """Close the uppermost layer; False when none is open."""
        for layer in self._from_the_top:
            if not layer.isHidden():
                layer.hide()
                return True
        return False
