"""What the window of a session and that of set-up share: a theme, a scale that follows the size, the ground.

In: a theme. Out: a `Look`, handed to `apply` whenever it changes.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from insole.dashboard.paint.theme import MIN_SIZE, Look, ThemeName, palette_for, unit_for


class ThemedWindow(QWidget):
    """A window in the house style.

    Parameters
    ----------
    theme : 'system', 'dark' or 'light'
    title : str
    large : bool
        Key numbers larger.
    """

    def __init__(self, theme: ThemeName, title: str, *, large: bool = False) -> None:
        super().__init__()
        self.theme = theme
        self.look = Look(palette_for(theme), large=large)
        self.setWindowTitle(title)
        self.setMinimumSize(*MIN_SIZE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_changed)

    def apply(self, look: Look) -> None:
        """Give every part this theme and scale, and lay it out."""
        raise NotImplementedError

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Another size is another scale."""
        self.apply(replace(self.look, u=unit_for(self.width(), self.height())))

    def _system_changed(self) -> None:
        if self.theme == "system":
            self.apply(replace(self.look, palette=palette_for("system")))

    def toggle_theme(self) -> None:
        """Dark to light and back; from then on the system is not followed."""
        self.theme = "light" if self.look.dark else "dark"
        self.apply(replace(self.look, palette=palette_for(self.theme)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ground between the parts."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.look.color("bg"))
        painter.end()
