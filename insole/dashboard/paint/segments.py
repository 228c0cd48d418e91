"""A row of a few words, one of them chosen. In: names and words. Out: the name that was clicked or moved to."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from insole.dashboard.paint.marks import cap_centre, draw_runs, fitted
from insole.dashboard.paint.theme import Look


class Segments(QWidget):
    """One of several.

    Parameters
    ----------
    look : Look
    words : mapping of name to word
        From left to right.
    tip : str
        What is chosen here; said in the tooltip and to screen readers.
    """

    chosen = Signal(str)

    def __init__(self, look: Look, words: Mapping[str, str], tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look = look
        self.words = dict(words)
        self.name = next(iter(words))
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        self.look = look
        self.updateGeometry()
        self.update()

    def show_name(self, name: str) -> None:
        """Another one is in force."""
        if name != self.name:
            self.name = name
            self.setAccessibleDescription(self.words[name])
            self.update()

    def sizeHint(self) -> QSize:
        """All words with room around them."""
        metrics = QFontMetricsF(self.look.font("body_strong"))
        widest = max(metrics.horizontalAdvance(word) for word in self.words.values())
        each = widest + self.look.px(14 if self.look.compact else 22)
        return QSize(round(each * len(self.words) + 6), round(self.look.px(26) + 6))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The field, the chosen part raised; a ring when it has the focus."""
        look = self.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(3, 3, -3, -3)
        radius = look.size("field_radius") + 1
        painter.setPen(look.pen("line", 1))
        painter.setBrush(look.color("inset"))
        painter.drawRoundedRect(box, radius, radius)
        if self.hasFocus():
            painter.setPen(look.pen("text1", 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), radius + 2, radius + 2)
        each = box.width() / len(self.words)
        for i, (name, word) in enumerate(self.words.items()):
            part = QRectF(box.left() + i * each, box.top(), each, box.height())
            font = look.font("body_strong" if name == self.name else "body")
            if name == self.name:
                painter.setPen(look.pen("button_edge", 1))
                painter.setBrush(look.color("button"))
                painter.drawRoundedRect(part.adjusted(1.5, 1.5, -1.5, -1.5), radius, radius)
            tint = "text1" if name == self.name else "text2"
            text = fitted(word, font, each - 4)
            draw_runs(
                painter, part.center().x(), cap_centre(font, part.center().y()), [(text, font, look.color(tint))],
                align="centre",
            )  # fmt: skip
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose what was clicked."""
        at = int(event.position().x() * len(self.words) / max(1, self.width()))
        self._choose(at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right move."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self._choose(list(self.words).index(self.name) + step)

    def _choose(self, at: int) -> None:
        names = list(self.words)
        if 0 <= at < len(names) and names[at] != self.name:
            self.chosen.emit(names[at])
