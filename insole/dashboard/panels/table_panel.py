"""A small table: a name and a value of each foot in every row. In: a function of the scene. Out: painted rows."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from insole.blocks import Side
from insole.dashboard.model.scene import FEET, Scene
from insole.dashboard.model.tables import PairRow, shown_sides
from insole.dashboard.model.words import DASH, NumberStyle
from insole.dashboard.paint.marks import cap_centre, draw_badge, draw_runs, fitted, shrunk
from insole.dashboard.paint.panel import Panel
from insole.dashboard.paint.theme import Look

ROW, LEAST_ROW = 33.0, 16.0


class TablePanel(Panel):
    """Rows of pairs.

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

    def show_scene(self, scene: Scene, style: NumberStyle) -> None:
        """Take the rows of the moment."""
        state = (self._make(scene, style), self._note(scene), shown_sides(scene))
        if state != (self.rows, self.notes, self._shown):
            self.rows, self.notes, self._shown = state
            words = [f"{row.name}: left {row.left}, right {row.right}" for row in self.rows]
            self.setAccessibleDescription("; ".join([*words, *self.notes]))
            self.update()

    def paint_content(self, painter: QPainter) -> None:
        """Letters over their columns, rows, notes at the bottom."""
        look = self.look
        room = self.content()
        body, strong, hint = look.font("body"), look.font("body_strong"), look.font("hint")
        note_step = QFontMetricsF(hint).height()
        bottom = room.bottom() - len(self.notes) * note_step - (look.px(4) if self.notes else 0)
        head = look.px(22 if look.compact else 26)
        step = min(look.px(ROW), max(look.px(LEAST_ROW), (bottom - room.top() - head) / max(1, len(self.rows))))
        wide = QFontMetricsF(strong).horizontalAdvance("00 000")
        columns = {Side.RIGHT: room.right(), Side.LEFT: room.right() - wide - look.px(6)}
        y = room.top() + head / 2 - look.px(3)
        if self._unit:
            draw_runs(painter, room.left(), cap_centre(hint, y), [(self._unit, hint, look.color("text3"))])
        for side, right in columns.items():
            place = QPointF(right - look.size("badge") / 2, y)
            draw_badge(painter, look, side, place, muted=side not in self._shown)
        left_out = 0
        for i, row in enumerate(self.rows):
            y = room.top() + head + (i + 0.5) * step
            if y + step / 2 > bottom + look.px(2):
                left_out = len(self.rows) - i
                break
            first = self._marks_first and i == 0
            if first:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(look.color("inset"))
                edge = look.px(8)
                ground = QRectF(room.left() - edge, y - step / 2, room.width() + 2 * edge, step)
                painter.drawRoundedRect(ground, look.px(6), look.px(6))
            values = {Side.LEFT: row.left, Side.RIGHT: row.right}
            name_room = columns[Side.LEFT] - wide - room.left() + look.px(8)
            name_font = shrunk(strong if first else body, row.name, name_room)
            name = (fitted(row.name, name_font, name_room), name_font, look.color("text1" if first else "text2"))
            draw_runs(painter, room.left(), cap_centre(body, y), [name])
            for side, right in columns.items():
                font = strong if first else body
                color = look.color("text3" if values[side] == DASH else "text1")
                draw_runs(painter, right, cap_centre(body, y), [(values[side], font, color)], align="right")
        notes = (*self.notes[:-1], f"{left_out} more in a taller window") if left_out else self.notes
        for i, text in enumerate(notes):
            font = shrunk(hint, text, room.width())
            y = room.bottom() - (len(notes) - i - 1) * note_step - look.px(3)
            draw_runs(painter, room.left(), y, [(fitted(text, font, room.width()), font, look.color("text3"))])
