"""When each region of the foot is loaded, in percent of stance. In: key numbers. Out: two bars a region."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from insole.blocks import Side
from insole.dashboard.model.region_values import Loaded, loaded_regions
from insole.dashboard.model.scene import Scene
from insole.dashboard.model.words import NumberStyle
from insole.dashboard.paint.marks import cap_centre, draw_runs
from insole.dashboard.paint.panel import Panel
from insole.dashboard.paint.theme import Look, foot_tint

TICKS = (0, 25, 50, 75, 100)


class TimingPanel(Panel):
    """Regions from the toes down, the left foot's bar above the right one's."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, "Regions under load", "% of stance", parent)
        self.rows: tuple[Loaded, ...] = ()
        self.reason = ""
        self._style = NumberStyle()

    def show_scene(self, scene: Scene, style: NumberStyle) -> None:
        """Take the times of the moment."""
        rows = loaded_regions(scene)
        self._style = style
        reason = "waiting" if not scene.running_contacts and not scene.ended else "no regions known"
        if (rows, reason) != (self.rows, self.reason):
            self.rows, self.reason = rows, reason
            self.setAccessibleDescription("; ".join(self._spoken(row) for row in rows))
            self.update()

    def _spoken(self, row: Loaded) -> str:
        parts = []
        for name, span in (("left", row.left), ("right", row.right)):
            if span is not None:
                parts.append(f"{name} {self._style.number(span[0], 0)} to {self._style.number(span[1], 0)}")
        return f"{row.name}: {', '.join(parts) or 'not measured'}"

    def paint_content(self, painter: QPainter) -> None:
        """Grid with its axis, then the bars."""
        look = self.look
        room = self.content()
        body, axis = look.font("body"), look.font("axis")
        if not self.rows:
            run = (self.reason, body, look.color("text3"))
            draw_runs(painter, room.left(), cap_centre(body, room.top() + look.px(14)), [run])
            return
        names = max(QFontMetricsF(body).horizontalAdvance(row.name) for row in self.rows) + look.px(12)
        box = QRectF(room.left() + names, room.top(), room.width() - names - look.px(10), room.height() - look.px(20))

        def at(percent: float) -> float:
            return box.left() + percent / 100 * box.width()

        for tick in TICKS:
            painter.setPen(QPen(look.color("grid"), look.px(1)))
            painter.drawLine(QPointF(at(tick), box.top()), QPointF(at(tick), box.bottom()))
            run = (f"{tick}", axis, look.color("text2"))
            draw_runs(painter, at(tick), room.bottom(), [run], align="centre")
        step = box.height() / len(self.rows)
        thick = min(look.px(7), step * 0.3)
        painter.setPen(Qt.PenStyle.NoPen)
        for i, row in enumerate(self.rows):
            middle = box.top() + (i + 0.5) * step
            right = box.left() - look.px(10)
            name = (row.name, body, look.color("text2"))
            draw_runs(painter, right, cap_centre(body, middle), [name], align="right")
            for side, span in ((Side.LEFT, row.left), (Side.RIGHT, row.right)):
                if span is None:
                    continue
                top = middle - thick - look.px(1) if side == Side.LEFT else middle + look.px(1)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(look.color(foot_tint(side), 0.92))
                bar = QRectF(at(span[0]), top, max(look.px(1), at(span[1]) - at(span[0])), thick)
                painter.drawRoundedRect(bar, look.px(2), look.px(2))
