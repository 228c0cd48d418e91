"""The house style of a plot on top of pyqtgraph: fixed axes, horizontal grid, round lines, labels painted in pixels.

In: ranges, ticks and curves. Out: a widget without menus or mouse: nothing on it moves but the data.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QFrame

from insole.blocks import BoolArray, FloatArray
from insole.dashboard.paint.marks import cap_centre, draw_runs
from insole.dashboard.paint.theme import Look

Paint = Callable[[QPainter, QRectF], None]
Tick = tuple[float, str]


class Plot(pg.PlotWidget):  # type: ignore[misc]
    """One plot.

    Axes and grid are painted here, in pixels, so that a label is never dropped for lying on the edge of the data.

    Parameters
    ----------
    look : Look
    under, over : callable
        Paint below and above the curves; both get the painter in widget pixels and the rectangle of the data.

    Attributes
    ----------
    right_margin : float
        Pixels between the data and the right edge.
    y_range : (float, float)
        Of the vertical axis.
    """

    def __init__(self, look: Look, under: Paint | None = None, over: Paint | None = None) -> None:
        super().__init__(parent=None, background=None)
        self._under, self._over = under, over
        self._x_ticks: list[Tick] = []
        self._y_ticks: list[Tick] = []
        self.y_range = 0.0, 1.0
        self.setCacheMode(pg.GraphicsView.CacheModeFlag.CacheNone)  # what stands under the curves moves
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        item = self.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.setMouseEnabled(x=False, y=False)
        item.hideAxis("left")
        item.hideAxis("bottom")
        item.getViewBox().setDefaultPadding(0)
        item.getViewBox().disableAutoRange()
        self.restyle(look, 0.0)

    def restyle(self, look: Look, right_margin: float) -> None:
        """Take another theme or scale; `right_margin` pixels are kept for end labels."""
        self.look = look
        self.right_margin = right_margin
        self.setBackground(look.color("panel"))
        self._keep_margins()

    def _keep_margins(self) -> None:
        """Room for the widest label."""
        look = self.look
        metrics = QFontMetricsF(look.font("axis"))
        widest = max((metrics.horizontalAdvance(text) for _, text in self._y_ticks), default=0.0)
        margins = (max(look.px(36), widest + look.px(10)), look.px(8), self.right_margin, look.px(22))
        layout = self.getPlotItem().layout
        layout.setContentsMargins(*margins)
        layout.activate()  # now: labels that are painted before the data has moved would stay cut

    def set_y(self, low: float, high: float, ticks: Sequence[Tick]) -> None:
        """Fix the vertical axis, with a grid line at every tick."""
        self._y_ticks = list(ticks)
        self.y_range = low, high
        self._keep_margins()
        self.getPlotItem().setYRange(low, high, padding=0)
        self.viewport().update()

    def set_x(self, low: float, high: float, ticks: Sequence[Tick]) -> None:
        """Fix the horizontal axis."""
        self._x_ticks = list(ticks)
        self.getPlotItem().setXRange(low, high, padding=0)

    def _paint_axes(self, painter: QPainter, box: QRectF) -> None:
        """Horizontal grid, small ticks below, labels outside the data."""
        look = self.look
        font, ink = look.font("axis"), look.color("text2")
        painter.setPen(QPen(look.color("grid"), look.px(1)))
        for value, text in self._y_ticks:
            y = self.to_pixel(0, value).y()
            painter.setPen(QPen(look.color("grid"), look.px(1)))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
            draw_runs(painter, box.left() - look.px(8), cap_centre(font, y), [(text, font, ink)], align="right")
        baseline = box.bottom() + look.px(7) + QFontMetricsF(font).capHeight() + look.px(3)
        for value, text in self._x_ticks:
            x = self.to_pixel(value, 0).x()
            painter.setPen(QPen(look.color("line"), look.px(1)))
            painter.drawLine(QPointF(x, box.bottom()), QPointF(x, box.bottom() + look.px(4)))
            draw_runs(painter, x, baseline, [(text, font, ink)], align="centre")

    def data_box(self) -> QRectF:
        """The rectangle of the data, in widget pixels."""
        box: QRectF = self.getPlotItem().getViewBox().sceneBoundingRect()
        return box

    def to_pixel(self, x: float, y: float) -> QPointF:
        """Where a value stands, in widget pixels."""
        (x0, x1), (y0, y1) = self.getPlotItem().getViewBox().viewRange()
        box = self.data_box()
        return QPointF(
            box.left() + (x - x0) / (x1 - x0) * box.width(), box.bottom() - (y - y0) / (y1 - y0) * box.height()
        )

    def drawBackground(self, painter: QPainter, rect: QRectF) -> None:
        """Ground, then what stands under the curves."""
        super().drawBackground(painter, rect)
        self._in_pixels(painter, self._paint_axes)
        if self._under is not None:
            self._in_pixels(painter, self._under)

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        """What stands over the curves."""
        super().drawForeground(painter, rect)
        if self._over is not None:
            self._in_pixels(painter, self._over)

    def _in_pixels(self, painter: QPainter, paint: Paint) -> None:
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint(painter, self.data_box())
        painter.restore()

    # ---- items ---------------------------------------------------------------------------------------------------

    def add_line(self, z: float = 0) -> Line:
        """A data line."""
        return Line(self, z)

    def add_band(self, z: float = -10) -> Band:
        """A filled band between two lines."""
        return Band(self, z)

    def add_dots(self, symbol: str, z: float = -5) -> Dots:
        """Dots of a fixed size on the screen."""
        return Dots(self, symbol, z)


def joined(values: FloatArray) -> BoolArray:
    """Which values are joined to the next one: a curve breaks where it is NaN."""
    known = np.isfinite(values)
    out: BoolArray = known & np.append(known[1:], False)
    return out


class Line:
    """A line that breaks where its points are not joined."""

    def __init__(self, plot: Plot, z: float) -> None:
        self._curve = pg.PlotCurveItem(antialias=True)
        self._curve.setZValue(z)
        plot.addItem(self._curve)

    def set_pen(self, pen: QPen) -> None:
        """Take a pen; its width is in pixels."""
        pen.setCosmetic(True)
        pen.setJoinStyle(Qt.PenJoinStyle.BevelJoin)  # round joins of a thousand points take twice as long
        self._curve.setPen(pen)

    def set_points(self, x: FloatArray, y: FloatArray, join: BoolArray) -> None:
        """Replace the points; `join` says which of them are joined to the next."""
        if not join.any():
            self._curve.clear()
            return
        # a NaN inside the array has crashed drawing; points that nothing joins may stand anywhere
        self._curve.setData(np.nan_to_num(x), np.nan_to_num(y), connect=join.astype(np.int32))


class Dots:
    """Full and hollow dots: two items with one style each, which pyqtgraph draws much faster than styles by point."""

    def __init__(self, plot: Plot, symbol: str, z: float) -> None:
        self._full = pg.ScatterPlotItem(symbol=symbol, pxMode=True, antialias=True)
        self._hollow = pg.ScatterPlotItem(symbol=symbol, pxMode=True, antialias=True)
        for item in (self._full, self._hollow):
            item.setZValue(z)
            plot.addItem(item)

    def set_look(self, color: QColor, size: float, edge: float) -> None:
        """Colour, size and width of a hollow dot's edge, in pixels."""
        pen = QPen(color, edge)
        pen.setCosmetic(True)
        self._full.setPen(QPen(Qt.PenStyle.NoPen))
        self._full.setBrush(QBrush(color))
        self._hollow.setPen(pen)
        self._hollow.setBrush(QBrush(Qt.BrushStyle.NoBrush))
        for item in (self._full, self._hollow):
            item.setSize(size)

    def set_points(self, x: FloatArray, y: FloatArray, hollow: BoolArray) -> None:
        """Replace the points."""
        self._full.setData(x[~hollow], y[~hollow])
        self._hollow.setData(x[hollow], y[hollow])


class Band:
    """A filled band, of as many pieces as its line has."""

    def __init__(self, plot: Plot, z: float) -> None:
        self._fill = _Polygons()
        self._fill.setZValue(z)
        plot.addItem(self._fill)

    def set_color(self, color: QColor) -> None:
        """Take a colour."""
        self._fill.set_brush(QBrush(color))

    def set_points(self, x: FloatArray, low: FloatArray, high: FloatArray, join: BoolArray) -> None:
        """Replace the edges; `join` says which points are joined to the next. A NaN ends a piece."""
        known = np.isfinite(low) & np.isfinite(high)
        going = join & known & np.append(known[1:], False)
        breaks = np.flatnonzero(~going) + 1
        pieces = []
        for part in np.split(np.arange(len(x)), breaks):
            if len(part) > 1:
                there, back = np.stack([x[part], low[part]], 1), np.stack([x[part], high[part]], 1)[::-1]
                pieces.append(QPolygonF([QPointF(*corner) for corner in np.concatenate([there, back]).tolist()]))
        self._fill.set_pieces(pieces)


class _Polygons(pg.GraphicsObject):  # type: ignore[misc]
    """Filled shapes in the coordinates of the data."""

    def __init__(self) -> None:
        super().__init__()
        self._path = QPainterPath()
        self._brush = QBrush()

    def set_brush(self, brush: QBrush) -> None:
        self._brush = brush
        self.update()

    def set_pieces(self, pieces: Sequence[QPolygonF]) -> None:
        self.prepareGeometryChange()
        self._path = QPainterPath()
        for piece in pieces:
            self._path.addPolygon(piece)
        self.update()

    def boundingRect(self) -> QRectF:
        """Of all shapes."""
        return self._path.boundingRect()

    def paint(self, painter: QPainter, *_unused: object) -> None:
        """Fill them."""
        painter.fillPath(self._path, self._brush)
