"""A line for the text of a marker; Enter without text is fine. In: keys. Out: the text."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QLineEdit, QWidget

from insole.dashboard.paint.theme import Look

LONGEST = 120
PASSED_ON = (Qt.Key.Key_Escape, Qt.Key.Key_Up, Qt.Key.Key_Down)


class MarkerField(QLineEdit):
    """One line."""

    entered = Signal(str)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMaxLength(LONGEST)
        self.setTextMargins(10, 0, 10, 0)
        self.setAccessibleName("Note for this marker")
        self.returnPressed.connect(lambda: self.entered.emit(self.text().strip()))
        self.apply(look)

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        palette = self.palette()
        role = QPalette.ColorRole
        for kind, tint in (
            (role.Base, "inset"),
            (role.Text, "text1"),
            (role.PlaceholderText, "text3"),
            (role.Highlight, "text2"),
            (role.HighlightedText, "bg"),
            (role.Window, "panel"),
        ):
            palette.setColor(kind, look.color(tint))
        self.setPalette(palette)
        self.setFont(look.font("strip"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What is typed is text and no command, but for the keys of the sheet and of the window."""
        if event.key() in PASSED_ON:
            event.ignore()
            return
        super().keyPressEvent(event)
        event.accept()
