"""Left and right of the page: the steps of set-up, and what has been found. In: lines. Out: rows with a shape each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from insole.dashboard.paint.marks import cap_centre, draw_runs, fitted, shrunk
from insole.dashboard.paint.panel import Panel
from insole.dashboard.paint.step_marks import draw_mark
from insole.dashboard.paint.theme import Look
from insole.dashboard.setup.lines import Line
from insole.fitting.mark import Mark

TITLE_HEIGHT = 20


class Row(NamedTuple):
    """Where a line stands in the list of steps: `inner` is its number inside the step, -1 for the step itself.

    `whole`: its detail stands there in as many lines as it takes, else in one that may be cut.
    """

    box: QRectF
    step: int
    inner: int
    line: Line
    here: bool
    whole: bool


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
        """Where each row stands, as high as its words; without room for all, rows cut theirs from the top down."""
        rows: list[Row] = []
        for cut in range(len(self.lines) + len(self.inner) + 1):
            rows = self._placed(cut)
            if not rows or rows[-1].box.bottom() <= self.height() - self.look.px(8):
                break
        return rows

    def _placed(self, cut: int) -> list[Row]:
        """The first `cut` rows have one line for their words, but for the current one and what is to fix."""
        rows: list[Row] = []
        top = float(self.look.size("title_bar"))
        for i, step in enumerate(self.lines):
            inner = self.inner if i == self.inner_at else ()
            for k, line in enumerate((step, *inner), start=-1):
                here = i == self.current if k < 0 else k == self.inner_current
                whole = len(rows) >= cut or here or line.mark is Mark.FIX
                rows.append(Row(self._box(line, top, inner=k >= 0, whole=whole), i, k, line, here, whole))
                top += rows[-1].box.height()
        return rows

    def _box(self, line: Line, top: float, *, inner: bool, whole: bool) -> QRectF:
        """The place of a row that begins at `top`."""
        look = self.look
        full, compact = (44, 38) if inner else (52, 46)
        edge, inset = look.px(8), look.px(20) if inner else 0.0
        box = QRectF(edge + inset, top, self.width() - 2 * edge - inset, look.px(compact if look.compact else full))
        if whole:
            room = _text_box(look, box, _size(look, inner=inner)).width()
            wanted = look.px(TITLE_HEIGHT + 4) + _wrapped_height(look, line.detail, room)
            box.setHeight(max(box.height(), wanted))
        return box

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the step that was clicked."""
        for row in self.rows():
            if row.inner < 0 and row.box.contains(event.position()):
                self.chosen.emit(row.step)

    def paint_content(self, painter: QPainter) -> None:
        """Row after row."""
        look = self.look
        for row in self.rows():
            inner = row.inner >= 0
            if row.here and (inner or self.inner_current < 0 or row.step != self.inner_at):
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(look.color("inset"))
                painter.drawRoundedRect(row.box.adjusted(0, 1, 0, -1), look.px(6), look.px(6))
            self._paint_row(painter, row, _size(look, inner=inner))

    def _paint_row(self, painter: QPainter, row: Row, size: float) -> None:
        """Shape, title, and its detail below."""
        look, line, box, here = self.look, row.line, row.box, row.here
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
        strong = shrunk(strong, line.title, text.width())
        title = fitted(line.title, strong, text.width())
        if not line.detail:
            draw_runs(painter, text.left(), cap_centre(strong, box.center().y()), [(title, strong, look.color(tint))])
            return
        fixing = line.mark is Mark.FIX
        height = _wrapped_height(look, line.detail, text.width()) if row.whole else QFontMetricsF(hint).height()
        top = box.center().y() - (look.px(TITLE_HEIGHT) + height) / 2
        draw_runs(painter, text.left(), cap_centre(strong, top + look.px(9)), [(title, strong, look.color(tint))])
        painter.setFont(hint)
        painter.setPen(look.color("watch_text" if fixing else "text3" if tint == "text3" else "text2"))
        words = line.detail if row.whole else fitted(line.detail, hint, text.width())
        painter.drawText(
            QRectF(text.left(), top + look.px(TITLE_HEIGHT), text.width(), height), _wrapping(line.detail), words
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
