"""A small table: a name and a value of each foot in every row. In: a function of the scene. Out: painted rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from insole.blocks import Side
from insole.dashboard.model.scene import FEET, Scene
from insole.dashboard.model.tables import PairRow
from insole.dashboard.model.words import DASH, NumberStyle
from insole.dashboard.paint.marks import cap_centre, draw_badge, draw_runs, fitted, shrunk
from insole.dashboard.paint.panel import Panel
from insole.dashboard.paint.theme import Look

ROW, LEAST_ROW = 33.0, 16.0
NOTCH = 120.0  # eighths of a degree


class TablePanel(Panel):
    """Rows of pairs; where there is no room for all of them, wheel and arrows scroll.

    Parameters
    ----------
    rows : callable
        Scene and number style to rows.
    unit : str
        Of all values, over the names; empty where each row says its own.
    notes : callable
        Scene to short sentences below the rows.
    marks_first : bool
        The first row is what the other panels show.
    """

    def __init__(
        self,
        look: Look,
        title: str,
        hint: str,
        rows: Callable[[Scene, NumberStyle], tuple[PairRow, ...]],
        notes: Callable[[Scene], tuple[str, ...]],
        *,
        unit: str = "",
        marks_first: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(look, title, hint, parent)
        self._make, self._note, self._unit, self._marks_first = rows, notes, unit, marks_first
        self.rows: tuple[PairRow, ...] = ()
        self.notes: tuple[str, ...] = ()
        self._shown: tuple[Side, ...] = FEET
        self._scrolled = 0  # rows above the uppermost one
        self._turned = 0.0  # notches of the wheel that make no row yet

    def show_scene(self, scene: Scene, style: NumberStyle) -> None:
        """Take the rows of the moment."""
        state = (self._make(scene, style), self._note(scene), scene.linked)
        if state != (self.rows, self.notes, self._shown):
            self.rows, self.notes, self._shown = state
            words = [f"{row.name}: left {row.left}, right {row.right}" for row in self.rows]
            self.setAccessibleDescription("; ".join([*words, *self.notes]))
            self._mind_focus()
            self.update()

    # ---- scrolling -----------------------------------------------------------------------------------------------

    def _step(self) -> float:
        """Height of a row: what there is for each, but neither too little to read nor more than looks well."""
        top, bottom = self._edges()
        return min(self.look.px(ROW), max(self.look.px(LEAST_ROW), (bottom - top) / max(1, len(self.rows))))

    def _edges(self) -> tuple[float, float]:
        """Where rows may stand: below the letters, above the notes."""
        look, room = self.look, self.content()
        notes = len(self.notes) * QFontMetricsF(look.font("hint")).height() + (look.px(4) if self.notes else 0)
        return room.top() + look.px(22 if look.compact else 26), room.bottom() - notes

    def fitting(self) -> int:
        """How many rows there is room for."""
        top, bottom = self._edges()
        return min(len(self.rows), int((bottom + self.look.px(2) - top) / self._step()))

    @property
    def first(self) -> int:
        """The row that stands uppermost."""
        return min(self._scrolled, len(self.rows) - self.fitting())

    def scroll_rows(self, rows: int) -> None:
        """So many rows down, or up, as far as there are any."""
        self._scrolled = max(0, min(self.first + rows, len(self.rows) - self.fitting()))
        self.update()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """The focus stops here only where there is something to scroll."""
        self._mind_focus()

    def _mind_focus(self) -> None:
        scrolls = self.fitting() < len(self.rows)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if scrolls else Qt.FocusPolicy.NoFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A row a notch."""
        self._turned += event.angleDelta().y() / NOTCH
        notches = int(self._turned)
        self._turned -= notches
        self.scroll_rows(-notches)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down."""
        rows = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if rows is None:
            super().keyPressEvent(event)
        else:
            self.scroll_rows(rows)

    # ---- painting ------------------------------------------------------------------------------------------------

    def paint_content(self, painter: QPainter) -> None:
        """Letters over their columns, rows, notes at the bottom."""
        room = self.content()
        wide = QFontMetricsF(self.look.font("body_strong")).horizontalAdvance("00 000")
        columns = {Side.RIGHT: room.right(), Side.LEFT: room.right() - wide - self.look.px(6)}
        self._paint_head(painter, columns)
        step, (top, _) = self._step(), self._edges()
        first, fitting = self.first, self.fitting()
        for i, row in enumerate(self.rows[first : first + fitting]):
            marked = self._marks_first and first + i == 0
            self._paint_row(painter, row, columns, top + (i + 0.5) * step, step, marked=marked)
        if fitting < len(self.rows):
            self._paint_bar(painter, QRectF(self.width() - self.look.px(6), top, self.look.px(3), step * fitting))
        self._paint_notes(painter)

    def _paint_head(self, painter: QPainter, columns: Mapping[Side, float]) -> None:
        look, room, hint = self.look, self.content(), self.look.font("hint")
        y = room.top() + look.px(8 if look.compact else 10)
        fitting, count = self.fitting(), len(self.rows)
        scrolls = f"{fitting} of {count}, scroll" if fitting < count else ""
        text = "   ".join(part for part in (self._unit, scrolls) if part)
        draw_runs(painter, room.left(), cap_centre(hint, y), [(text, hint, look.color("text3"))])
        for side, right in columns.items():
            place = QPointF(right - look.size("badge") / 2, y)
            draw_badge(painter, look, side, place, muted=side not in self._shown)

    def _paint_row(
        self,
        painter: QPainter,
        row: PairRow,
        columns: Mapping[Side, float],
        y: float,
        step: float,
        *,
        marked: bool,
    ) -> None:
        """Name and values; one that is marked stands out on a ground of its own."""
        look, room = self.look, self.content()
        body, strong = look.font("body"), look.font("body_strong")
        font = strong if marked else body
        if marked:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("inset"))
            edge = look.px(8)
            ground = QRectF(room.left() - edge, y - step / 2, room.width() + 2 * edge, step)
            painter.drawRoundedRect(ground, look.px(6), look.px(6))
        values = {Side.LEFT: row.left, Side.RIGHT: row.right}
        name_room = columns[Side.LEFT] - QFontMetricsF(font).horizontalAdvance(row.left) - room.left() - look.px(6)
        name_font = shrunk(font, row.name, name_room)
        name = (fitted(row.name, name_font, name_room), name_font, look.color("text1" if marked else "text2"))
        draw_runs(painter, room.left(), cap_centre(body, y), [name])
        for side, right in columns.items():
            color = look.color("text3" if values[side] == DASH else "text1")
            draw_runs(painter, right, cap_centre(body, y), [(values[side], font, color)], align="right")

    def _paint_bar(self, painter: QPainter, box: QRectF) -> None:
        """Which part of the rows this is; brighter while keys scroll it."""
        share = box.height() / len(self.rows)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.look.color("inset"))
        painter.drawRoundedRect(box, box.width() / 2, box.width() / 2)
        painter.setBrush(self.look.color("text1" if self.hasFocus() else "text3"))
        part = QRectF(box.left(), box.top() + self.first * share, box.width(), self.fitting() * share)
        painter.drawRoundedRect(part, box.width() / 2, box.width() / 2)

    def _paint_notes(self, painter: QPainter) -> None:
        look, room, hint = self.look, self.content(), self.look.font("hint")
        note_step = QFontMetricsF(hint).height()
        for i, text in enumerate(self.notes):
            font = shrunk(hint, text, room.width())
            y = room.bottom() - (len(self.notes) - i - 1) * note_step - look.px(3)
            draw_runs(painter, room.left(), y, [(fitted(text, font, room.width()), font, look.color("text3"))])
