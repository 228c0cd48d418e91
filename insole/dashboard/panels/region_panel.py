"""Share of impulse by region, the left foot's bars to the left. In: shares of the pipeline. Out: two bars a region."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from insole.blocks import Side
from insole.dashboard.model.readings import ShareRow, share_rows
from insole.dashboard.model.scene import FEET, Link, Scene
from insole.dashboard.model.words import DASH, NumberStyle, letter
from insole.dashboard.paint.marks import cap_centre, draw_runs
from insole.dashboard.paint.panel import Panel
from insole.dashboard.paint.theme import Look, foot_tint

FULL_SHARE = 30.0  # percent that a bar of full length means, for all regions and both feet
STEP_SHARE = 10.0  # the scale grows in such steps where a region carries more


class RegionPanel(Panel):
    """Regions from toes to heel; there is no such panel as long as the pipeline gives no shares."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, "Load by region", "share of impulse, %", parent)
        self.rows: tuple[ShareRow, ...] = ()
        self.absent: dict[Side, str] = {}
        self.full = FULL_SHARE
        self._style = NumberStyle()

    def show_scene(self, scene: Scene, style: NumberStyle) -> None:
        """Take the shares of the moment."""
        rows = share_rows(scene)
        absent = {s: scene.link(s).value for s in FEET if scene.link(s) in {Link.ABSENT, Link.LOST}}
        self._style = style
        if (rows, absent) != (self.rows, self.absent):
            self.rows, self.absent = rows, absent
            highest = max((v for r in rows for v in (r.left, r.right) if v is not None), default=0.0)
            while self.full < highest:
                self.full += STEP_SHARE
            self.setAccessibleDescription("; ".join(self._spoken(row) for row in rows))
            self.update()

    def _text(self, value: float | None) -> str:
        return DASH if value is None else self._style.number(value, 0)

    def _spoken(self, row: ShareRow) -> str:
        return f"{row.name}: left {self._text(row.left)} %, right {self._text(row.right)} %"

    def paint_content(self, painter: QPainter) -> None:
        """One line a region: bar, number, name, number, bar."""
        look = self.look
        room = self.content()
        body = look.font("body")
        metrics = QFontMetricsF(body)
        names = max((metrics.horizontalAdvance(row.name) for row in self.rows), default=0.0) + look.px(20)
        longest = (room.width() - names) / 2 - metrics.horizontalAdvance("00") - look.px(8)
        step = room.height() / max(1, len(self.rows))
        height = min(look.px(12), step * 0.45)
        centre = room.center().x()
        for i, row in enumerate(self.rows):
            y = room.top() + (i + 0.5) * step
            baseline = cap_centre(body, y)
            draw_runs(painter, centre, baseline, [(row.name, body, look.color("text2"))], align="centre")
            for side, value in ((Side.LEFT, row.left), (Side.RIGHT, row.right)):
                if side in self.absent:
                    continue
                sign = -1 if side == Side.LEFT else 1
                start = centre + sign * names / 2
                length = 0.0 if value is None else longest * value / self.full
                bar = QRectF(min(start, start + sign * length), y - height / 2, length, height)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(look.color(foot_tint(side), 0.92))
                painter.drawRoundedRect(bar, look.px(2), look.px(2))
                align = "right" if side == Side.LEFT else "left"
                color = look.color("text3" if value is None else "text1")
                end = start + sign * (length + look.px(7))
                draw_runs(painter, end, baseline, [(self._text(value), body, color)], align=align)
        for side, reason in self.absent.items():
            sign = -1 if side == Side.LEFT else 1
            x = centre + sign * (names / 2 + longest / 2)
            text = f"{letter(side)} {reason}"
            run = (text, body, look.color("text3"))
            draw_runs(painter, x, cap_centre(body, room.center().y()), [run], align="centre")
