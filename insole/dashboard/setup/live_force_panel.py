"""Force of both feet over the last ten seconds. In: a trace. Out: two lines."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from insole.dashboard.model.scene import FEET
from insole.dashboard.model.words import MINUS, NumberStyle
from insole.dashboard.paint.marks import Run, cap_centre, draw_runs
from insole.dashboard.paint.plot_panel import PlotPanel
from insole.dashboard.paint.theme import Look, foot_tint
from insole.dashboard.setup.force_trace import SHOWN_S, ForceTrace

LADDER_N = (200, 400, 1000, 2000)


class LiveForcePanel(PlotPanel):
    """Newtons against seconds before now."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, "Live force", "last 10 s", parent)
        self._top_n = 0
        self._lines = {side: self.plot.add_line() for side in FEET}
        self.apply(look)

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        super().apply(look)
        self.plot.restyle(look, right_margin=look.px(14))
        for side in FEET:
            self._lines[side].set_pen(look.pen(foot_tint(side), 2.0))
        self._set_axes(self._top_n or LADDER_N[0], NumberStyle())
        self.place()

    def plot_room(self) -> QRect:
        """The content less the names of the axes above and below, in a column of set-up."""
        return self.content().adjusted(0, self.look.px(16), 0, -self.look.px(16)).toRect()

    def _set_axes(self, top_n: int, style: NumberStyle) -> None:
        self._top_n = top_n
        self.plot.set_y(-0.05 * top_n, top_n, [(v, style.number(v, 0)) for v in (0, top_n / 2, top_n)])
        self.plot.set_x(-SHOWN_S, 0, [(v, f"{MINUS}{-v}" if v else "0") for v in (-10, -5, 0)])

    def show_trace(self, trace: ForceTrace, now_s: float, style: NumberStyle) -> None:
        """Take the last seconds; the axis only grows."""
        top_n = next((n for n in LADDER_N if trace.highest_n() <= n), LADDER_N[-1])
        if top_n > self._top_n:
            self._set_axes(top_n, style)
        for side in FEET:
            self._lines[side].set_points(*trace.points(side, now_s))
        self.plot.viewport().update()

    def paint_content(self, painter: QPainter) -> None:
        """Names of both axes."""
        look, room = self.look, self.content()
        font, grey = look.font("axis"), look.color("text3")
        draw_runs(painter, room.left() + look.px(2), cap_centre(font, room.top() + look.px(6)), [("N", font, grey)])
        name: Run = ("s before now", font, grey)
        draw_runs(painter, room.right() - look.px(14), room.bottom() - look.px(2), [name], align="right")
