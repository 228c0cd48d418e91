"""Vertical force of one foot in A and in B: A dashed and grey, B in the colour of the foot. In: two parts."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from insole.blocks import Side
from insole.dashboard.model.comparing import Comparison, PartView
from insole.dashboard.model.scales import FORCE_BW, FORCE_N, Ladder
from insole.dashboard.model.words import NumberStyle, side_name
from insole.dashboard.paint.marks import cap_centre, draw_runs
from insole.dashboard.paint.plot import joined
from insole.dashboard.paint.plot_panel import PlotPanel
from insole.dashboard.paint.theme import Look, foot_tint
from insole.history.comparison import Picture

END_MS = 300
TIME_MS = np.arange(END_MS + 1, dtype=np.float64)


class TwoForcesPanel(PlotPanel):
    """Force against time from initial contact, of one foot."""

    def __init__(self, look: Look, side: Side, parent: QWidget | None = None) -> None:
        super().__init__(look, f"{side_name(side)} force", "mean ± 1 SD", parent, over=self._paint_legend)
        self.side = side
        self.unit = "BW"
        self.heads: tuple[str, str] = ("", "")
        self._style = NumberStyle()
        self._ladder = Ladder(FORCE_BW)
        self._fill = self.plot.add_band()
        self._lines = (self.plot.add_line(), self.plot.add_line(z=1))
        self.apply(look)

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        super().apply(look)
        self.plot.restyle(look, right_margin=look.px(12))
        self._fill.set_color(look.color(foot_tint(self.side), 0.2))
        self._lines[0].set_pen(look.dashed("text2", (6, 4), 2))
        self._lines[1].set_pen(look.pen(foot_tint(self.side), 2.2))
        self._set_axes()
        self.place()

    def plot_room(self) -> QRect:
        """As narrow as beside another one."""
        return self.content().adjusted(0, self.look.px(6), 0, -self.look.px(15)).toRect()

    def _set_axes(self) -> None:
        y = self._ladder.range
        step = 50 if self.width() > self.look.px(300) else 100
        self.plot.set_y(y.low, y.high, [(v, self._style.number(v, 0)) for v in y.ticks()])
        self.plot.set_x(0, END_MS, [(v, f"{v}") for v in range(0, END_MS + 1, step)])

    def show_comparison(self, comparison: Comparison, style: NumberStyle) -> None:
        """Take the parts of the moment."""
        means = [_of(part, self.side) for part in (comparison.a, comparison.b)]
        known = [mean for mean in means if mean is not None]
        unit = "N" if known and known[-1].in_newtons else "BW"
        if unit != self.unit:
            self._ladder = Ladder(FORCE_BW if unit == "BW" else FORCE_N)
        self.unit, self._style = unit, style
        for mean in known:
            self._ladder.fit(mean.force + np.nan_to_num(mean.force_sd))
        self._set_axes()
        nothing = np.full(len(TIME_MS), np.nan)
        for line, shown in zip(self._lines, means, strict=True):
            force = nothing if shown is None else shown.force
            line.set_points(TIME_MS, force, joined(force))
        b = means[1]
        low, high = (nothing, nothing) if b is None else (b.force - b.force_sd, b.force + b.force_sd)
        self._fill.set_points(TIME_MS, low, high, joined(high))
        self.heads = ("" if comparison.a is None else comparison.a.head, comparison.b.head)
        self.plot.viewport().update()
        self.update()

    def paint_content(self, painter: QPainter) -> None:
        """Names of both axes."""
        look = self.look
        room = self.content()
        font, grey = look.font("axis"), look.color("text3")
        draw_runs(
            painter, room.left() + look.px(2), cap_centre(font, look.size("title_bar")), [(self.unit, font, grey)]
        )
        name = ("ms from initial contact", font, grey)
        draw_runs(painter, room.right() - look.px(12), room.bottom() - look.px(1), [name], align="right")

    def _paint_legend(self, painter: QPainter, box: QRectF) -> None:
        """Which line is which, in the upper right corner, where no curve comes."""
        look = self.look
        font = look.font("axis")
        pens = (look.dashed("text2", (6, 4), 2), look.pen(foot_tint(self.side), 2.2))
        rows = [(f"{letter} {head}", pen) for letter, head, pen in zip("AB", self.heads, pens, strict=True) if head]
        wide = max((QFontMetricsF(font).horizontalAdvance(text) for text, _ in rows), default=0.0)
        for i, (text, pen) in enumerate(rows):
            y = box.top() + look.px(8 + 16 * i)
            x = box.right() - wide - look.px(4)
            painter.setPen(pen)
            painter.drawLine(QPointF(x - look.px(30), y), QPointF(x - look.px(6), y))
            draw_runs(painter, x, cap_centre(font, y), [(text, font, look.color("text1"))])


def _of(part: PartView | None, side: Side) -> Picture | None:
    return None if part is None else part.pictures[side]
