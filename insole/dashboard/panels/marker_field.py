"""A field for the text of a marker; Enter without text is fine. In: the moment. Out: the moment and the text."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QLineEdit, QWidget

from insole.dashboard.paint.theme import Look

LONGEST = 120


class MarkerField(QLineEdit):
    """One line under the header."""

    entered = Signal(object, str)  # host time in ns does not fit Qt's 32-bit int

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._t_host_ns = 0
        self.setMaxLength(LONGEST)
        self.setTextMargins(10, 0, 10, 0)
        self.setPlaceholderText("Note for this marker, or just Enter")
        self.setAccessibleName("Note for this marker")
        self.returnPressed.connect(self._done)
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

    def ask(self, t_host_ns: int) -> None:
        """Open for a marker at this moment; a moment already being named stays."""
        if self.isHidden():
            self._t_host_ns = t_host_ns
            self.clear()
            self.show()
            self.raise_()
        self.setFocus()

    def _done(self) -> None:
        self.hide()
        self.entered.emit(self._t_host_ns, self.text().strip())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What is typed is text and no command; Esc is the window's."""
        if event.key() == Qt.Key.Key_Escape:
            event.ignore()
            return
        super().keyPressEvent(event)
        event.accept()
