"""What every page of set-up is: a title, a hint, and its parts below them. In: a look. Out: a column to fill."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from insole.dashboard.paint.theme import Look
from insole.dashboard.setup.form import Words


class Page(QWidget):
    """A page in the middle of the frame.

    Attributes
    ----------
    changed : Signal
        Something was entered.
    """

    changed = Signal()

    def __init__(self, look: Look, title: str, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look = look
        self.title = Words(look, title, "page_title", "text1", self)
        self.hint = Words(look, hint, "strip", "text2", self)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.addWidget(self.title)
        self.column.addWidget(self.hint)
        self.setAccessibleName(title)

    def first(self) -> QWidget:
        """The widget that has the focus when the page opens."""
        return self

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        self.look = look
        self.column.setSpacing(round(look.px(8 if not look.compact else 6)))
        self.title.apply(look)
        self.hint.apply(look)
