"""The list of keys, over everything until Esc. In: rows of key and meaning. Out: one painted sheet."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from insole.dashboard.paint.marks import cap_centre, draw_runs
from insole.dashboard.paint.panel import Painted
from insole.dashboard.paint.theme import Look

ROW = 26
KEYS_WIDE = 92
LONGEST_COLUMN = 16


class HelpSheet(Painted):
    """Every key and what it does; a long list stands in two columns."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self.rows: tuple[tuple[str, str], ...] = ()
        self.setAccessibleName("Keys")

    def show_rows(self, rows: Sequence[tuple[str, str]]) -> None:
        """Take keys and meanings."""
        self.rows = tuple(rows)
        self.setAccessibleDescription("; ".join(f"{key}: {text}" for key, text in rows))
        self.update()

    def _columns(self) -> list[tuple[tuple[str, str], ...]]:
        if len(self.rows) <= LONGEST_COLUMN:
            return [self.rows]
        half = (len(self.rows) + 1) // 2
        return [self.rows[:half], self.rows[half:]]

    def _column_width(self) -> float:
        metrics = QFontMetricsF(self.look.font("body"))
        widest = max((metrics.horizontalAdvance(text) for _, text in self.rows), default=0.0)
        return self.look.px(KEYS_WIDE + 20) + widest

    def wanted(self) -> tuple[int, int]:
        """Width and height."""
        columns = self._columns()
        width = len(columns) * self._column_width() + self.look.px(20)
        return round(width), round(self.look.px(ROW * len(columns[0]) + 66))

    def paint(self, painter: QPainter) -> None:
        """A table."""
        look = self.look
        painter.setPen(look.pen("line", 1))
        painter.setBrush(look.color("panel"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), look.px(8), look.px(8))
        title, strong, body = look.font("title"), look.font("body_strong"), look.font("body")
        draw_runs(painter, look.px(20), cap_centre(title, look.px(26)), [("Keys", title, look.color("text1"))])
        for i, column in enumerate(self._columns()):
            left = look.px(20) + i * self._column_width()
            for j, (key, text) in enumerate(column):
                y = look.px(52 + ROW * (j + 0.5) - 4)
                draw_runs(painter, left, cap_centre(strong, y), [(key, strong, look.color("text1"))])
                at = left + look.px(KEYS_WIDE)
                draw_runs(painter, at, cap_centre(body, y), [(text, body, look.color("text2"))])
