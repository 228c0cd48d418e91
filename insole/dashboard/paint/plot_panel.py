"""A panel that is one plot below its title. In: what is painted under and over the curves. Out: the plot, placed."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from insole.dashboard.paint.marks import cap_centre, draw_runs
from insole.dashboard.paint.panel import Panel
from insole.dashboard.paint.plot import Paint, Plot
from insole.dashboard.paint.theme import Look


class PlotPanel(Panel):
    """A panel with a plot.

    Parameters
    ----------
    look : Look
    title, hint : str
    under, over : callable, optional
        As of the `Plot`.
    """

    def __init__(
        self,
        look: Look,
        title: str,
        hint: str = "",
        parent: QWidget | None = None,
        *,
        under: Paint | None = None,
        over: Paint | None = None,
    ) -> None:
        super().__init__(look, title, hint, parent)
        self.plot = Plot(look, under=under, over=over)
        self.plot.setParent(self)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Keep the plot between title and axis name."""
        self.place()

    def place(self) -> None:
        """Give the plot its room."""
        self.plot.setGeometry(self.plot_room())

    def plot_room(self) -> QRect:
        """The content less the names of the axes above and below."""
        room = self.content()
        return room.adjusted(0, self.look.px(8), 0, -self.look.px(17)).toRect()

    def paint_axis_names(self, painter: QPainter, vertical: str, horizontal: str) -> None:
        """The vertical one over its labels, the horizontal one below the end of its own."""
        look, room = self.look, self.content()
        font, grey = look.font("axis"), look.color("text3")
        over = cap_centre(font, look.size("title_bar") + look.px(1))
        draw_runs(painter, room.left() + look.px(2), over, [(vertical, font, grey)])
        right = room.right() - self.plot.right_margin
        draw_runs(painter, right, room.bottom() - look.px(3), [(horizontal, font, grey)], align="right")

    def paint_reason(self, painter: QPainter, box: QRectF, reason: str) -> None:
        """Why there is nothing to show, in the upper right corner of the data."""
        look = self.look
        run = (reason, look.font("body"), look.color("text3"))
        draw_runs(painter, box.right() - look.px(8), box.top() + look.px(16), [run], align="right")
