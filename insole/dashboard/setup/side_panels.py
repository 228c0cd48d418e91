"""Left and right of the page: the steps of set-up, and what has been found. In: lines. Out: rows with a shape each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from insole.dashboard.paint.marks import cap_centre, draw_runs, fitted
from insole.dashboard.paint.panel import Panel
from insole.dashboard.paint.step_marks import draw_mark
from insole.dashboard.paint.theme import Look
from insole.dashboard.setup.lines import Line
from insole.fitting.mark import Mark

TITLE_HEIGHT = 20


class Row(NamedTuple):
    """Where a line stands in the list of steps: `inner` is its number inside the step, -1 for the step itself."""

    box: QRectF
    step: int
    inner: int


class StepsPanel(Panel):
    """The steps, the current one marked; a click goes there. Steps of the fit check stand below it, smaller."""

    chosen = Signal(int)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, "Set-up", "", parent)
        self.lines: tuple[Line, ...] = ()
        self.current = 0
        self.inner: tuple[Line, ...] = ()
        self.inner_current = -1
        self.inner_at = -1

    def show_lines(
        self,
        lines: Sequence[Line],
        current: int,
        inner: Sequence[Line] = (),
        inner_current: int = -1,
        inner_at: int = -1,
    ) -> None:
        """Take the steps, and those inside the step number `inner_at`."""
        state = (tuple(lines), current, tuple(inner), inner_current, inner_at)
        if state != (self.lines, self.current, self.inner, self.inner_current, self.inner_at):
            self.lines, self.current, self.inner, self.inner_current, self.inner_at = state
            said = [f"{line.title}: {line.mark.value}, {line.detail}" for line in (*lines, *inner)]
            self.setAccessibleDescription("; ".join(said))
            self.update()

    def rows(self) -> list[Row]:
        """Where each row stands; one with something to fix is as high as its words."""
        look = self.look
        high, low = look.px(52 if not look.compact else 46), look.px(44 if not look.compact else 38)
        edge, inset = look.px(8), look.px(20)
        rows = []
        top = float(look.size("title_bar"))
        for i in range(len(self.lines)):
            rows.append(Row(QRectF(edge, top, self.width() - 2 * edge, high), i, -1))
            top += high
            for k in range(len(self.inner) if i == self.inner_at else 0):
                box = QRectF(edge + inset, top, self.width() - 2 * edge - inset, low)
                line = self.inner[k]
                if line.mark is Mark.FIX:
                    room = _text_box(look, box, _size(look, inner=True)).width()
                    box.setHeight(max(low, look.px(TITLE_HEIGHT + 4) + _wrapped_height(look, line.detail, room)))
                rows.append(Row(box, i, k))
                top += box.height()
        return rows

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the step that was clicked."""
        for row in self.rows():
            if row.inner < 0 and row.box.contains(event.position()):
                self.chosen.emit(row.step)

    def paint_content(self, painter: QPainter) -> None:
        """Row after row."""
        look = self.look
        for box, step, k in self.rows():
            inner = k >= 0
            line = self.inner[k] if inner else self.lines[step]
            here = k == self.inner_current if inner else step == self.current
            if here and (inner or self.inner_current < 0 or step != self.inner_at):
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(look.color("inset"))
                painter.drawRoundedRect(box.adjusted(0, 1, 0, -1), look.px(6), look.px(6))
            self._paint_row(painter, line, box, _size(look, inner=inner), here=here)

    def _paint_row(self, painter: QPainter, line: Line, box: QRectF, size: float, *, here: bool) -> None:
        """Shape, title, and its detail below."""
        look = self.look
        text = _text_box(look, box, size)
        draw_mark(
            painter,
            look,
            line.mark,
            QPointF(text.left() - look.px(12) - size / 2, box.center().y()),
            size,
            current=here,
        )
        strong, hint = look.font("body_strong"), look.font("hint")
        tint = "text3" if line.mark is Mark.WAITING and not here else "text1"
        title = fitted(line.title, strong, text.width())
        if not line.detail:
            draw_runs(painter, text.left(), cap_centre(strong, box.center().y()), [(title, strong, look.color(tint))])
            return
        fixing = line.mark is Mark.FIX
        height = _wrapped_height(look, line.detail, text.width()) if fixing else QFontMetricsF(hint).height()
        top = box.center().y() - (look.px(TITLE_HEIGHT) + height) / 2
        draw_runs(painter, text.left(), cap_centre(strong, top + look.px(9)), [(title, strong, look.color(tint))])
        painter.setFont(hint)
        painter.setPen(look.color("watch_text" if fixing else "text3" if tint == "text3" else "text2"))
        words = line.detail if fixing else fitted(line.detail, hint, text.width())
        painter.drawText(
            QRectF(text.left(), top + look.px(TITLE_HEIGHT), text.width(), height), int(Qt.TextFlag.TextWordWrap), words
        )


def _size(look: Look, *, inner: bool) -> float:
    """Of a row's shape."""
    return look.px(19 if inner else 22)


def _text_box(look: Look, box: QRectF, size: float) -> QRectF:
    """What is left of a row for words."""
    return box.adjusted(look.px(20) + size, 0, -look.px(8), 0)


def _wrapped_height(look: Look, text: str, width: float) -> float:
    """Height of a detail in as many lines as it takes."""
    if not text:
        return 0.0
    room = QRectF(0, 0, width, 1e4)
    return QFontMetricsF(look.font("hint")).boundingRect(room, _wrapping(text), text).height()


def _wrapping(text: str) -> int:
    """By words; a text of one word, such as a path, anywhere."""
    return int(Qt.TextFlag.TextWordWrap if " " in text else Qt.TextFlag.TextWrapAnywhere)


class FoundPanel(Panel):
    """What is known so far; details wrap, and where they do not all fit, those with nothing to do are left out."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, "Found so far", "", parent)
        self.lines: tuple[Line, ...] = ()

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Take what is known, what asks for something first."""
        ordered = tuple(sorted(lines, key=lambda line: line.mark is not Mark.FIX))
        if ordered != self.lines:
            self.lines = ordered
            self.setAccessibleDescription("; ".join(f"{line.title}: {line.detail}" for line in ordered))
            self.update()

    def shown(self) -> list[Line]:
        """The lines that fit: passed ones give up their details from the last one up."""
        lines = list(self.lines)
        room = self.content().height()
        for i in reversed(range(len(lines))):
            if sum(self._height(line) for line in lines) <= room:
                break
            if lines[i].mark is not Mark.FIX:
                lines[i] = Line(lines[i].mark, lines[i].title)
        return lines

    def _width(self) -> float:
        return self.content().width() - self.look.px(30)

    def _height(self, line: Line) -> float:
        gap = self.look.px(12 if not self.look.compact else 9)
        return self.look.px(22) + _wrapped_height(self.look, line.detail, self._width()) + gap

    def paint_content(self, painter: QPainter) -> None:
        """Line after line."""
        look, room = self.look, self.content()
        strong, hint = look.font("body_strong"), look.font("hint")
        size, left, width = look.px(18), room.left() + look.px(30), self._width()
        y = room.top()
        for line in self.shown():
            middle = y + look.px(12)
            draw_mark(painter, look, line.mark, QPointF(room.left() + size / 2, middle), size, current=False)
            tint = "text3" if line.mark is Mark.WAITING else "text1"
            title = fitted(line.title, strong, width)
            draw_runs(painter, left, cap_centre(strong, middle), [(title, strong, look.color(tint))])
            painter.setFont(hint)
            painter.setPen(look.color("watch_text" if line.mark is Mark.FIX else "text2"))
            height = _wrapped_height(look, line.detail, width)
            painter.drawText(QRectF(left, y + look.px(24), width, height), _wrapping(line.detail), line.detail)
            y += self._height(line)
