"""How much changed from A to B, line by line, and whether that is more than noise. In: rows of the comparison."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from insole.dashboard.model.comparing import ChangeRow
from insole.dashboard.paint.marks import Run, cap_centre, draw_runs, shrunk
from insole.dashboard.paint.panel import Panel
from insole.dashboard.paint.theme import Look

MISSING = "Set A at one moment and B at another (keys A and B); without B it is the moment on the screen."
ROW = 30.0


class ChangePanel(Panel):
    """Change with its 95 % interval."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, "Change from A to B", "difference in this run, 95 %", parent)
        self.rows: tuple[ChangeRow, ...] = ()
        self.setAccessibleDescription(MISSING)

    def show_rows(self, rows: tuple[ChangeRow, ...]) -> None:
        """Take the rows of the moment."""
        if rows != self.rows:
            self.rows = rows
            said = [f"{row.name} {row.value} {row.spread} {row.verdict}" for row in rows]
            self.setAccessibleDescription("; ".join(said) or MISSING)
            self.update()

    def paint_content(self, painter: QPainter) -> None:
        """A line a metric and foot."""
        look = self.look
        room = self.content()
        if not self.rows:
            font = look.font("hint")
            painter.setFont(font)
            painter.setPen(look.color("text3"))
            painter.drawText(room, int(Qt.TextFlag.TextWordWrap), MISSING)
            return
        step = min(look.px(ROW), room.height() / len(self.rows))
        verdicts = look.font("hint")
        wide = max(QFontMetricsF(verdicts).horizontalAdvance(row.verdict) for row in self.rows)
        for i, row in enumerate(self.rows):
            box = QRectF(room.left(), room.top() + i * step, room.width(), step)
            self._paint_row(painter, box, row, min(wide, room.width() * 0.32))

    def _paint_row(self, painter: QPainter, box: QRectF, row: ChangeRow, wide: float) -> None:
        look = self.look
        middle = box.center().y()
        body, strong, hint = look.font("body"), look.font("body_strong"), look.font("hint")
        draw_runs(painter, box.left(), cap_centre(body, middle), [(row.name, body, look.color("text2"))])
        font = shrunk(hint, row.verdict, wide)
        verdict: Run = (row.verdict, font, look.color("text1" if row.beyond else "text3"))
        draw_runs(painter, box.right(), cap_centre(font, middle), [verdict], align="right")
        shown = bool(row.spread)
        runs: list[Run] = [(row.value, strong, look.color("text1" if shown else "text3"))]
        if shown:
            runs.append((f" {row.spread}", hint, look.color("text2")))
        draw_runs(painter, box.right() - wide - look.px(14), cap_centre(strong, middle), runs, align="right")
