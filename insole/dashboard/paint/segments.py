"""A row of a few words, one of them chosen. In: names and words. Out: the name that was clicked or moved to."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from insole.dashboard.paint.control import RING, Control
from insole.dashboard.paint.marks import cap_centre, draw_ring, draw_runs, fitted
from insole.dashboard.paint.theme import Look


class Segments(Control):
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
        super().__init__(look, tip, parent)
        self.words = dict(words)
        self.name = next(iter(words))

    def show_name(self, name: str) -> None:
        """Another one is in force."""
        if name != self.name:
            self.name = name
            self.setAccessibleDescription(self.words[name])
            self.update()

    def _widths(self) -> dict[str, float]:
        """Each word with room around it."""
        metrics = QFontMetricsF(self.look.font("body_strong"))
        room = self.look.px(14 if self.look.compact else 22)
        return {name: metrics.horizontalAdvance(word) + room for name, word in self.words.items()}

    def sizeHint(self) -> QSize:
        """All words with room around them."""
        return QSize(round(sum(self._widths().values()) + 2 * RING), round(self.look.px(26) + 2 * RING))

    def parts(self) -> dict[str, QRectF]:
        """Where each word stands; the field is shared out by their widths."""
        box = self.field()
        widths = self._widths()
        scale = box.width() / sum(widths.values())
        out, left = {}, box.left()
        for name, width in widths.items():
            out[name] = QRectF(left, box.top(), width * scale, box.height())
            left += width * scale
        return out

    def paint(self, painter: QPainter) -> None:
        """The field, the chosen part raised; a ring when it has the focus."""
        look = self.look
        box = self.field()
        radius = look.size("field_radius") + 1
        painter.setPen(look.pen("line", 1))
        painter.setBrush(look.color("inset"))
        painter.drawRoundedRect(box, radius, radius)
        if self.hasFocus():
            draw_ring(painter, look, QRectF(self.rect()).adjusted(1, 1, -1, -1), radius + 2)
        for name, part in self.parts().items():
            font = look.font("body_strong" if name == self.name else "body")
            if name == self.name:
                painter.setPen(look.pen("button_edge", 1))
                painter.setBrush(look.color("button"))
                painter.drawRoundedRect(part.adjusted(1.5, 1.5, -1.5, -1.5), radius, radius)
            run = (fitted(self.words[name], font, part.width() - 4), font, look.color(_tint(name == self.name)))
            draw_runs(painter, part.center().x(), cap_centre(font, part.center().y()), [run], align="centre")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose what was clicked."""
        x = event.position().x()
        rights = [part.right() for part in self.parts().values()]
        self._choose(next((i for i, right in enumerate(rights) if x < right), len(rights) - 1))

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


def _tint(chosen: bool) -> str:
    return "text1" if chosen else "text2"
