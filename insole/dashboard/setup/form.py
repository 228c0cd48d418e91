"""Parts of a form: words, a field with its label and what is wrong with it, a choice, a tick."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPalette, QPolygonF
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from insole.dashboard.paint.marks import cap_centre, draw_ring, draw_runs
from insole.dashboard.paint.theme import Look

FIELD_HEIGHT = 34


class Words(QLabel):
    """Text in one of the theme's fonts and tints; wraps."""

    def __init__(self, look: Look, text: str, font: str, tint: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._font, self._tint = font, tint
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.apply(look)

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        self.setFont(look.font(self._font))
        self.setStyleSheet(f"color: {look.color(self._tint).name()}; background: transparent;")

    def say(self, look: Look, text: str, tint: str) -> None:
        """Another text, in another tint."""
        self._tint = tint
        self.setText(text)
        self.apply(look)


class Field(QWidget):
    """A labelled line of text with its unit; below it a hint, or in its place what is wrong."""

    def __init__(self, look: Look, label: str, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look = look
        self._hint = hint
        self.label = Words(look, label, "hint", "text2", self)
        self.line = QLineEdit(self)
        self.line.setAccessibleName(label)
        self.line.setMaxLength(400)
        self.below = Words(look, hint or " ", "hint", "text3", self)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.label, self.line, self.below):
            self._column.addWidget(widget)
        self._column.addStretch(1)
        self.apply(look)

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        self.look = look
        self._column.setSpacing(round(look.px(3)))
        self.line.setFont(look.font("strip"))
        self.line.setFixedHeight(round(look.px(FIELD_HEIGHT)))
        palette = self.line.palette()
        palette.setColor(QPalette.ColorRole.PlaceholderText, look.color("text3"))
        self.line.setPalette(palette)
        self.label.apply(look)
        self.below.apply(look)

    @property
    def text(self) -> str:
        """What is typed."""
        return self.line.text()

    def fill(self, text: str) -> None:
        """Put a text in, unless it is there."""
        if text != self.line.text():
            self.line.setText(text)

    def complain(self, wrong: str) -> None:
        """Say what is wrong with the text, or that nothing is."""
        if bool(wrong) != bool(self.line.property("wrong")):
            self.line.setProperty("wrong", bool(wrong))
            self.line.style().unpolish(self.line)
            self.line.style().polish(self.line)
        self.line.setAccessibleDescription(wrong or self._hint)
        self.below.say(self.look, wrong or self._hint or " ", "watch_text" if wrong else "text3")


class Choice(QWidget):
    """A labelled list to choose one from: (value, name) pairs."""

    def __init__(
        self, look: Look, label: str, choices: Sequence[tuple[str, str]], hint: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.label = Words(look, label, "hint", "text2", self)
        self.box = QComboBox(self)
        self.box.setAccessibleName(label)
        for value, name in choices:
            self.box.addItem(name, value)
        self.below = Words(look, hint, "hint", "text3", self)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.label, self.box, self.below):
            self._column.addWidget(widget)
        self._column.addStretch(1)
        self.apply(look)

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        self._column.setSpacing(round(look.px(3)))
        self.box.setFont(look.font("strip"))
        self.box.view().setFont(look.font("strip"))
        self.box.setFixedHeight(round(look.px(FIELD_HEIGHT)))
        self.label.apply(look)
        self.below.apply(look)

    @property
    def value(self) -> str:
        """What is chosen."""
        return str(self.box.currentData())

    def choose(self, value: str) -> None:
        """Choose a value; one that is not offered is offered from now on."""
        if self.box.findData(value) < 0:
            self.box.addItem(value, value)
        self.box.setCurrentIndex(self.box.findData(value))


class Tick(QCheckBox):
    """A box to tick, painted in the house style."""

    def __init__(self, look: Look, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.look = look
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        self.look = look
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Box, text, and the focus ring."""
        wide = QFontMetricsF(self.look.font("strip")).horizontalAdvance(self.text())
        return QSize(round(wide + self.look.px(44)), round(self.look.px(30)))

    def hitButton(self, _pos: object) -> bool:
        """All of it answers."""
        return True

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Box with its tick, text; a ring around when it has the focus."""
        look = self.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        size = look.px(18)
        box = QRectF(look.px(6), middle - size / 2, size, size)
        painter.setPen(look.pen("text2", 1.4))
        painter.setBrush(look.color("text1" if self.isChecked() else "inset"))
        painter.drawRoundedRect(box, look.px(4), look.px(4))
        if self.isChecked():
            painter.setPen(look.pen("bg", 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            corners = [(0.24, 0.52), (0.43, 0.72), (0.78, 0.3)]
            painter.drawPolyline(QPolygonF([QPointF(box.left() + x * size, box.top() + y * size) for x, y in corners]))
        font = look.font("strip")
        run = (self.text(), font, look.color("text1"))
        draw_runs(painter, box.right() + look.px(10), cap_centre(font, middle), [run])
        if self.hasFocus():
            draw_ring(painter, look, QRectF(self.rect()).adjusted(1, 1, -1, -1), look.px(6))
        painter.end()
