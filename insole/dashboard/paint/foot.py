"""One foot as it stands in every view: map inside its outline, centre of pressure, cells, states (DESIGN.md 3).

In: the shape of a contact and a placement on the screen. Out: pixels inside that outline and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QFontMetricsF, QImage, QPainter, QPainterPath, QPixmap, QPolygonF, QTransform

from insole.blocks import FloatArray, Side
from insole.dashboard.model.foot_shown import FootMode, FootPressures, FootState
from insole.dashboard.model.outline import Placement, bezier, cell_squares, outline_of, region_borders
from insole.dashboard.model.pressure_map import ColourTable, PressureMap, colour_table, coloured
from insole.dashboard.paint.marks import cap_centre, draw_badge, draw_hatch, draw_runs
from insole.dashboard.paint.theme import Look, foot_tint
from insole.device import Device

FEWEST_CELLS_FOR_COP = 12
MUTED = (FootMode.LOST, FootMode.ABSENT, FootMode.STALE)  # nothing of the moment is shown
STALE_OPACITY = 0.38
COLOUR_MAP = "inferno"
SHEET_MARGIN = 0.1  # of the height, around the outline: squares of cells at the edge reach over it
MAP_START = 0.09  # the darkest part of the map is left out: it could not be told from the bed


@dataclass(frozen=True, slots=True)
class Layers:
    """What is drawn on the map, by choice."""

    cop: bool = True
    cells: bool = False
    regions: bool = False


class Shades:
    """Colours of pressure at one scale, the same in both themes; above the scale white."""

    def __init__(self, look: Look, scale_kpa: float) -> None:
        self.scale_kpa = scale_kpa
        lut = pg.colormap.get(COLOUR_MAP).getLookupTable(MAP_START, 1.0, 256)
        self.lut = lut[:, :3].astype(np.uint8)
        bed, above = look.rgb("bed"), look.rgb("white")
        self.table: ColourTable = colour_table(self.lut, bed, above, scale_kpa)


class FootItem:
    """One foot with its last contact; keeps the painted foot until something about it changes."""

    def __init__(self, side: Side, device: Device | None, pressure_map: PressureMap | None) -> None:
        self.side = side
        self.device = device
        self._map = pressure_map
        self._corners = outline_of(device)
        self.faulty: tuple[int, ...] = ()
        self._shape: FootPressures | None = None
        self._image: QImage | None = None
        self._pixels: npt.NDArray[np.uint32] | None = None
        self._sheet: QPixmap | None = None
        self._drawn: tuple[object, ...] = ()  # what the sheet was drawn with

    @property
    def saturated(self) -> int:
        """Cells of the shown contact that reached full scale."""
        return 0 if self._shape is None else int(self._shape.saturated.sum())

    def set_map(self, pressure_map: PressureMap | None) -> None:
        """Interpolate in another way from now on."""
        self._map = pressure_map

    def set_pressures(self, shape: FootPressures | None, shades: Shades) -> None:
        """Take another picture or other colours."""
        self._shape = shape
        self._image = self._sheet = None
        if shape is None or self._map is None:
            return
        kpa = shape.kpa.copy()
        kpa[list(self.faulty)] = 0.0  # what a faulty cell says is not shown
        picture = coloured(self._map.field(kpa), shades.table)
        if self.side == Side.LEFT:
            picture = np.ascontiguousarray(picture[:, ::-1])
        self._pixels = picture  # QImage does not keep the memory alive
        rows, columns = picture.shape
        self._image = QImage(picture.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32)

    def path(self, place: Placement) -> QPainterPath:
        """The outline on the screen."""
        start, pieces = place(self._corners), place(bezier(self._corners))
        path = QPainterPath(QPointF(*start[0]))
        for c1, c2, end in pieces:
            path.cubicTo(QPointF(*c1), QPointF(*c2), QPointF(*end))
        path.closeSubpath()
        return path

    def paint(self, painter: QPainter, look: Look, place: Placement, mode: FootMode, layers: Layers) -> None:
        """Paint the foot in one of its states: what stands around it changes more often than the foot does."""
        margin = SHEET_MARGIN * place.height
        box = QRectF(place.left, place.top, place.width, place.height)
        box = QRectF(box.adjusted(-margin, -margin, margin, margin).toAlignedRect())
        ratio = painter.device().devicePixelRatio()
        drawn = (look, place, mode, layers, self.faulty, ratio)
        if self._sheet is None or self._drawn != drawn:
            self._drawn = drawn
            self._sheet = QPixmap((box.size() * ratio).toSize())
            self._sheet.setDevicePixelRatio(ratio)
            self._sheet.fill(Qt.GlobalColor.transparent)
            on_sheet = QPainter(self._sheet)
            on_sheet.setRenderHints(painter.renderHints())
            on_sheet.translate(-box.topLeft())
            self._draw(on_sheet, look, place, mode, layers)
            on_sheet.end()
        painter.drawPixmap(box.topLeft(), self._sheet)

    def _draw(self, painter: QPainter, look: Look, place: Placement, mode: FootMode, layers: Layers) -> None:
        path = self.path(place)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if mode in {FootMode.LOST, FootMode.ABSENT}:
            painter.fillPath(path, look.color("inset"))
            draw_hatch(painter, look, path)
            painter.setPen(look.dashed("text3", (5, 4), 1.4))
            painter.drawPath(path)
            return
        painter.fillPath(path, look.color("bed"))
        if mode in {FootMode.EMPTY, FootMode.NO_MAP} or self._shape is None:
            if layers.cells and self.device is not None and self.device.has_geometry:
                self._paint_cells(painter, look, place)
            painter.setPen(look.pen("bed_line", 1.6))
            painter.drawPath(path)
            return
        stale = mode is FootMode.STALE
        painter.save()
        painter.setOpacity(STALE_OPACITY if stale else 1.0)
        self._paint_map(painter, place, path)
        if layers.regions:
            self._paint_regions(painter, look, place, path)
        if layers.cells:
            self._paint_cells(painter, look, place)
        self._paint_saturated(painter, look, place)
        self._paint_faulty(painter, look, place)
        if layers.cop:
            self._paint_cop(painter, look, place)
        painter.restore()
        painter.setPen(look.pen("bed_line" if stale else foot_tint(self.side), 1.6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)

    def _paint_map(self, painter: QPainter, place: Placement, path: QPainterPath) -> None:
        """The picture as a brush of the outline: its edge is smooth and nothing bleeds past it."""
        if self._image is None:
            return
        brush = QBrush(self._image)
        stretch = QTransform.fromTranslate(place.left, place.top)
        stretch.scale(place.width / self._image.width(), place.height / self._image.height())
        brush.setTransform(stretch)
        painter.fillPath(path, brush)

    def _paint_cells(self, painter: QPainter, look: Look, place: Placement) -> None:
        assert self.device is not None
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("bed_text", 0.75))
        radius = look.px(1.5)
        for x, y in place(np.stack([self.device.x, self.device.y], axis=1)):
            painter.drawEllipse(QPointF(x, y), radius, radius)

    def _paint_regions(self, painter: QPainter, look: Look, place: Placement, path: QPainterPath) -> None:
        """Dashed borders of the masks."""
        painter.save()
        painter.setClipPath(path, Qt.ClipOperation.IntersectClip)
        painter.setPen(look.dashed("bed_text", (4, 4), 1.0))
        for start, end in region_borders():
            (x0, y0), (x1, y1) = place(np.array([start, end]))
            painter.drawLine(QPointF(x0, y0), QPointF(x1, y1))
        painter.restore()

    def _paint_faulty(self, painter: QPainter, look: Look, place: Placement) -> None:
        """A black square with a yellow cross on each dead or stuck cell."""
        if self.device is None:
            return
        half = look.px(6)
        for x, y in place(np.stack([self.device.x, self.device.y], axis=1)[list(self.faulty)]):
            box = QRectF(x - half, y - half, 2 * half, 2 * half)
            painter.setPen(look.pen("cross", 1.4))
            painter.setBrush(look.color("black"))
            painter.drawRoundedRect(box, look.px(2), look.px(2))
            arm = half * 0.5
            painter.drawLine(QPointF(x - arm, y - arm), QPointF(x + arm, y + arm))
            painter.drawLine(QPointF(x - arm, y + arm), QPointF(x + arm, y - arm))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_saturated(self, painter: QPainter, look: Look, place: Placement) -> None:
        """White hatching on the square of each cell at full scale."""
        if self._shape is None or self.device is None or not self._shape.saturated.any():
            return
        which = np.flatnonzero(self._shape.saturated)
        centres = place(np.stack([self.device.x, self.device.y], axis=1)[which])
        sizes = cell_squares(self.device)[which] * [place.width, place.height]
        for (x, y), (w, h) in zip(centres, sizes, strict=True):
            box = QRectF(x - w / 2, y - h / 2, w, h)
            square = QPainterPath()
            square.addRoundedRect(box, look.px(2), look.px(2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for tint, width in (("black", 3.0), ("white", 1.2)):  # black under white: above the scale the map is white
                draw_hatch(painter, look, square, tint=tint, step=6, width=width)
                painter.setPen(look.pen(tint, width))
                painter.drawPath(square)

    def _paint_cop(self, painter: QPainter, look: Look, place: Placement) -> None:
        """White on black: initial contact a dot, last point a triangle that points where it moves."""
        if self._shape is None or self.device is None or self.device.n_cells < FEWEST_CELLS_FOR_COP:
            return
        known = np.isfinite(self._shape.cop).all(axis=1) if len(self._shape.cop) else np.zeros(0, np.bool_)
        if known.sum() < 2:
            return
        trail = place(self._shape.cop[known])
        line = QPolygonF([QPointF(x, y) for x, y in trail])
        for pen in (look.pen("black", 4.4, 0.55), look.pen("white", 2.2)):
            painter.setPen(pen)
            painter.drawPolyline(line)
        painter.setPen(look.pen("black", 1.2))
        painter.setBrush(look.color("white"))
        painter.drawEllipse(QPointF(*trail[0]), look.px(4.4), look.px(4.4))
        painter.drawPolygon(_arrow_head(trail, look.px(6)))


def _arrow_head(trail: FloatArray, half: float) -> QPolygonF:
    """Triangle at the end of a trail, pointing along its last stretch."""
    lengths = np.hypot(*(trail[-1] - trail).T)
    far = np.flatnonzero(lengths >= half)
    step = trail[-1] - trail[far[-1] if len(far) else 0]
    norm = float(np.hypot(*step))
    ahead = step / norm if norm > 0 else np.array([0.0, -1.0])
    across = np.array([-ahead[1], ahead[0]])
    back = trail[-1] - ahead * half * 0.7
    return QPolygonF(
        [QPointF(*corner) for corner in (trail[-1] + ahead * half, back + across * half, back - across * half)]
    )


def letter_place(look: Look, place: Placement) -> QPointF:
    """Where the letter of a foot stands: below it, under the heel."""
    x = place.left + place.width * (0.47 if place.side == Side.LEFT else 0.53)
    return QPointF(x, place.top + place.height + look.px(8) + look.size("badge") / 2)


def paint_foot_words(painter: QPainter, look: Look, place: Placement, state: FootState) -> None:
    """The letter of a foot, the note outside of it, and the lines inside the foot."""
    hint = look.font("hint")
    letter = letter_place(look, place)
    draw_badge(painter, look, place.side, letter, muted=state.mode in MUTED)
    if state.note:
        outer = -1 if place.side == Side.LEFT else 1
        x = letter.x() + outer * (look.size("badge") / 2 + look.px(8))
        align = "right" if outer < 0 else "left"
        run = (state.note, hint, look.color("text2"))
        draw_runs(painter, x, cap_centre(hint, letter.y()), [run], align=align)
    if not state.lines:
        return
    on_bed = state.mode in {FootMode.NO_MAP, FootMode.EMPTY}
    fonts = [hint] if on_bed else [look.font("title"), hint, hint]
    colors = ["bed_text"] if on_bed else ["text1" if state.mode is FootMode.LOST else "text2", "text2", "text2"]
    step = look.px(19)
    height = step * len(state.lines) + look.px(12)
    centre = QPointF(place.left + place.width * 0.5, place.top + place.height * 0.33)
    wide = max(QFontMetricsF(f).horizontalAdvance(t) for f, t in zip(fonts, state.lines, strict=False))
    wide += look.px(20)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.color("bed" if on_bed else "inset"))
    box = QRectF(centre.x() - wide / 2, centre.y() - height / 2, wide, height)
    painter.drawRoundedRect(box, look.px(4), look.px(4))
    for i, text in enumerate(state.lines):
        y = box.top() + look.px(6) + (i + 0.5) * step
        run = (text, fonts[i], look.color(colors[i]))
        draw_runs(painter, centre.x(), cap_centre(fonts[i], y), [run], align="centre")
