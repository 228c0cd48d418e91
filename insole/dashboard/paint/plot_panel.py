"""A panel that is one plot below its title. In: what is painted under and over the curves. Out: the plot, placed."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

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
