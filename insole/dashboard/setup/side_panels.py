"""Left and right of the page: the steps of set-up, and what has been found. In: lines. Out: rows with a shape each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from insole.dashboard.paint.marks import cap_centre, draw_runs, fitted
from insole.dashboard.paint.panel import Panel
from insole.dashboard.paint.step_marks import draw_mark
from insole.dashboard.paint.theme import Look
from insole.dashboard.setup.lines import Line
from insole.fitting.mark import Mark


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

    def _boxes(self) -> list[tuple[QRectF, int, int]]:
        """Where each row stands: its box, the step, and the inner step or -1."""
        look = self.look
        row = look.px(52 if not look.compact else 46)
        small = look.px(46 if not look.compact else 40)
        boxes = []
        top = float(look.size("title_bar"))
        edge = look.px(8)
        for i in range(len(self.lines)):
            boxes.append((QRectF(edge, top, self.width() - 2 * edge, row), i, -1))
            top += row
            for k in range(len(self.inner) if i == self.inner_at else 0):
                boxes.append((QRectF(edge + look.px(20), top, self.width() - 2 * edge - look.px(20), small), i, k))
                top += small
        return boxes

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the step that was clicked."""
        for box, step, inner in self._boxes():
            if inner < 0 and box.contains(event.position()):
                self.chosen.emit(step)

    def paint_content(self, painter: QPainter) -> None:
        """Row after row."""
        for box, step, k in self._boxes():
            inner = k >= 0
            line = self.inner[k] if inner else self.lines[step]
            here = k == self.inner_current if inner else step == self.current
            if here and (inner or not self.inner or step != self.inner_at):
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(self.look.color("inset"))
                painter.drawRoundedRect(box.adjusted(0, 1, 0, -1), self.look.px(6), self.look.px(6))
            size = self.look.px(19 if inner else 22)
            _paint_line(painter, self.look, line, box.adjusted(self.look.px(8), 0, -self.look.px(8), 0), size, here)


def _paint_line(painter: QPainter, look: Look, line: Line, box: QRectF, size: float, current: bool) -> None:
    """Shape, title, and one line of detail below it."""
    middle = box.center().y()
    draw_mark(painter, look, line.mark, QPointF(box.left() + size / 2, middle), size, current=current)
    left = box.left() + size + look.px(12)
    room = box.right() - left
    strong, hint = look.font("body_strong"), look.font("hint")
    muted = line.mark is Mark.WAITING and not current
    shift = look.px(9) if line.detail else 0.0
    title = fitted(line.title, strong, room)
    draw_runs(
        painter, left, cap_centre(strong, middle - shift), [(title, strong, look.color("text3" if muted else "text1"))]
    )
    if line.detail:
        tint = "watch_text" if line.mark is Mark.FIX else "text3" if muted else "text2"
        detail = fitted(line.detail, hint, room)
        draw_runs(painter, left, cap_centre(hint, middle + shift), [(detail, hint, look.color(tint))])


class FoundPanel(Panel):
    """What is known so far; details wrap, so that nothing to do is cut off."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, "Found so far", "", parent)
        self.lines: tuple[Line, ...] = ()

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Take what is known."""
        if tuple(lines) != self.lines:
            self.lines = tuple(lines)
            self.setAccessibleDescription("; ".join(f"{line.title}: {line.detail}" for line in lines))
            self.update()

    def paint_content(self, painter: QPainter) -> None:
        """Line after line, the wrapped details pushing the next ones down."""
        look = self.look
        room = self.content()
        strong, hint = look.font("body_strong"), look.font("hint")
        size = look.px(18)
        left = room.left() + size + look.px(12)
        width = room.right() - left
        y = room.top() + look.px(4)
        for line in self.lines:
            middle = y + look.px(10)
            draw_mark(painter, look, line.mark, QPointF(room.left() + size / 2, middle), size, current=False)
            tint = "text3" if line.mark is Mark.WAITING else "text1"
            title = fitted(line.title, strong, width)
            draw_runs(painter, left, cap_centre(strong, middle), [(title, strong, look.color(tint))])
            y += look.px(22)
            y = _paint_wrapped(painter, look, line, hint, QRectF(left, y, width, max(1.0, room.bottom() - y)))
            y += look.px(12)


def _paint_wrapped(painter: QPainter, look: Look, line: Line, font: QFont, box: QRectF) -> float:
    """The detail in as many lines as it takes; returns where it ends."""
    if not line.detail:
        return box.top()
    flags = Qt.TextFlag.TextWrapAnywhere if " " not in line.detail else Qt.TextFlag.TextWordWrap
    needed = QFontMetricsF(font).boundingRect(box, int(flags), line.detail)
    painter.setFont(font)
    painter.setPen(look.color("watch_text" if line.mark is Mark.FIX else "text2"))
    painter.drawText(QRectF(box.left(), box.top(), box.width(), needed.height()), int(flags), line.detail)
    return box.top() + needed.height()
