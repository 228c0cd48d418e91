"""What every page of set-up is, and what a page with a form is. In: a look. Out: a column to fill."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
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

    def __init__(self, look: Look, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look = look
        self.setAccessibleName(title)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    def first(self) -> QWidget:
        """The widget that has the focus when the page opens."""
        return self

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        self.look = look
        self.update()


class FormPage(Page):
    """A page with a title and a hint, and its parts below them."""

    def __init__(self, look: Look, title: str, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(look, title, parent)
        self.title = Words(look, title, "page_title", "text1", self)
        self.hint = Words(look, hint, "strip", "text2", self)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.addWidget(self.title)
        self.column.addWidget(self.hint)

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        super().apply(look)
        self.column.setSpacing(round(look.px(8 if not look.compact else 6)))
        self.title.apply(look)
        self.hint.apply(look)
