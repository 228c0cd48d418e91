"""Both feet on one scale of pressure: their items, the scale, its legend.

In: pictures by foot. Out: two items of the same colours, and a legend that says what a colour is.
"""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter

from insole.blocks import Side
from insole.dashboard.model.foot_shown import FootPressures
from insole.dashboard.model.outline import aspect_of
from insole.dashboard.model.pressure_map import PressureMap
from insole.dashboard.model.scene import FEET, Scene
from insole.dashboard.model.words import NumberStyle
from insole.dashboard.paint.foot import FootItem, Shades
from insole.dashboard.paint.marks import Run, cap_centre, draw_runs
from insole.dashboard.paint.theme import DEFAULT_SCALE_KPA, MAP_SCALES_KPA, Look

LEAST_AUTO_KPA = 50.0
LEGEND_TICKS = 4
LEAST_KPA = 10  # below it a cell counts as unloaded


class Feet:
    """Items of both feet; two feet of one model share their weights."""

    def __init__(self, look: Look, scene: Scene) -> None:
        self.look = look
        self.auto_scale = False
        self.scale_kpa = DEFAULT_SCALE_KPA
        self._shades = Shades(look, self.scale_kpa)
        self._shown: dict[Side, FootPressures | None] = {}
        self._maps: dict[tuple[int, tuple[int, ...]], PressureMap] = {}
        self.masked = False
        self.items = {side: FootItem(side, scene.device(side), None) for side in FEET}
        for side in FEET:
            self._set_map(side)

    def _set_map(self, side: Side) -> None:
        item = self.items[side]
        device = item.device
        if device is None or not device.has_geometry:
            return
        without = item.faulty if self.masked else ()
        key = id(device), without
        if key not in self._maps:
            self._maps[key] = PressureMap(device, without)
        item.set_map(self._maps[key])

    def aspects(self) -> dict[Side, float]:
        """Width over length of each foot."""
        return {side: aspect_of(item.device) for side, item in self.items.items()}

    def show(self, side: Side, pressures: FootPressures | None) -> None:
        """Take another picture of a foot."""
        self._shown[side] = pressures
        self.items[side].set_pressures(pressures, self._shades)

    def set_faulty(self, side: Side, cells: tuple[int, ...]) -> bool:
        """Dead or stuck cells from now on; True when they are others than before."""
        if cells == self.items[side].faulty:
            return False
        self.items[side].faulty = cells
        self._set_map(side)
        return True

    def set_masked(self, masked: bool) -> None:
        """Interpolate over faulty cells, or leave their places unloaded."""
        self.masked = masked
        for side in FEET:
            self._set_map(side)
            self.show(side, self._shown.get(side))

    # ---- scale ---------------------------------------------------------------------------------------------------

    def next_scale(self) -> None:
        """The next of the fixed scales, then automatic."""
        if self.auto_scale:
            self.choose_scale(MAP_SCALES_KPA[0])
        elif self.scale_kpa == MAP_SCALES_KPA[-1]:
            self.choose_scale(None)
        else:
            self.choose_scale(MAP_SCALES_KPA[MAP_SCALES_KPA.index(self.scale_kpa) + 1])

    def choose_scale(self, scale_kpa: float | None) -> None:
        """A fixed scale, or None: as high as what is shown, the same for both feet."""
        self.auto_scale = scale_kpa is None
        self._rescale(self._highest() if scale_kpa is None else scale_kpa)

    def fit_auto(self) -> bool:
        """Follow what is shown where the scale is automatic; True when it changed."""
        if not self.auto_scale or self._highest() == self.scale_kpa:
            return False
        self._rescale(self._highest())
        return True

    def scale_name(self, style: NumberStyle) -> str:
        """'0 to 400 kPa', or 'Auto, 0 to 287 kPa'."""
        return f"{'Auto, ' if self.auto_scale else ''}0 to {style.number(self.scale_kpa, 0)} kPa"

    def _highest(self) -> float:
        peaks = [float(np.nanmax(p.kpa)) for p in self._shown.values() if p is not None and len(p.kpa)]
        return max([LEAST_AUTO_KPA, *(math.ceil(peak) for peak in peaks)])

    def _rescale(self, scale_kpa: float) -> None:
        self.scale_kpa = scale_kpa
        self._shades = Shades(self.look, scale_kpa)
        for side in FEET:
            self.show(side, self._shown.get(side))

    def apply(self, look: Look) -> None:
        """Take another theme or scale of sizes."""
        self.look = look
        self._rescale(self.scale_kpa)

    def color_of(self, kpa: float) -> QColor:
        """The colour that a pressure has on the map."""
        table = self._shades.table
        return QColor.fromRgba(int(table[min(len(table) - 1, max(0, math.ceil(kpa)))]))

    def colors(self) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
        """Packed colours from 0 to the top of the scale, (256,)."""
        lut = self._shades.lut.astype(np.uint32)
        packed: np.ndarray[tuple[int], np.dtype[np.uint32]]
        packed = np.uint32(0xFF000000) | lut[:, 0] << np.uint32(16) | lut[:, 1] << np.uint32(8) | lut[:, 2]
        return packed


def paint_legend(painter: QPainter, look: Look, feet: Feet, style: NumberStyle, box: QRectF) -> None:
    """The colour bar lying: unloaded, linear scale, above the scale."""
    font, grey = look.font("axis"), look.color("text2")
    chip, height = look.px(14), look.px(9)
    low: Run = (f"< {LEAST_KPA}", font, grey)
    high_text = f"> {style.number(feet.scale_kpa, 0)} kPa"
    high: Run = (high_text, font, grey)
    sides = [QFontMetricsF(font).horizontalAdvance(text) + chip + look.px(10) for text in (low[0], high_text)]
    bar_width = min(box.width() - 2 * max(sides), look.px(252))
    bar = QRectF(box.center().x() - bar_width / 2, box.top() + look.px(2), bar_width, height)
    colours = np.ascontiguousarray(feet.colors()[None])
    painter.drawImage(bar, QImage(colours.data, 256, 1, 1024, QImage.Format.Format_RGB32).copy())
    below = QRectF(bar.left() - chip - look.px(1), bar.top(), chip, height)
    above = QRectF(bar.right() + look.px(2), bar.top(), chip, height)
    _paint_chips(painter, look, below, above)
    baseline = cap_centre(font, bar.center().y())
    draw_runs(painter, below.left() - look.px(6), baseline, [low], align="right")
    draw_runs(painter, above.right() + look.px(6), baseline, [high])
    under = bar.bottom() + QFontMetricsF(font).ascent() + look.px(4)
    for i in range(LEGEND_TICKS + 1):
        text = style.number(feet.scale_kpa * i / LEGEND_TICKS, 0)
        draw_runs(painter, bar.left() + bar_width * i / LEGEND_TICKS, under, [(text, font, grey)], align="centre")
    if feet.auto_scale:
        draw_runs(painter, below.left() - look.px(6), under, [("Auto", font, look.color("text1"))], align="right")


def paint_upright_legend(painter: QPainter, look: Look, feet: Feet, style: NumberStyle, box: QRectF) -> None:
    """The same standing, its numbers to the right."""
    font, grey = look.font("axis"), look.color("text2")
    wide, chip = look.px(13), look.px(11)
    bar = QRectF(box.left(), box.top() + look.px(40), wide, box.height() - look.px(60))
    draw_runs(painter, box.left() - look.px(2), box.top() + look.px(10), [("kPa", font, grey)])
    colours = np.ascontiguousarray(feet.colors()[::-1, None])
    painter.drawImage(bar, QImage(colours.data, 1, 256, 4, QImage.Format.Format_RGB32).copy())
    above = QRectF(bar.left(), bar.top() - chip - look.px(4), wide, chip)
    below = QRectF(bar.left(), bar.bottom() + look.px(6), wide, chip)
    _paint_chips(painter, look, below, above)
    right = bar.right() + look.px(7)
    top = style.number(feet.scale_kpa, 0)
    draw_runs(painter, right, cap_centre(font, above.center().y()), [(f"> {top}", font, grey)])
    draw_runs(painter, right, cap_centre(font, below.center().y()), [(f"< {LEAST_KPA}", font, grey)])
    for i in range(LEGEND_TICKS + 1):
        text = style.number(feet.scale_kpa * i / LEGEND_TICKS, 0)
        y = bar.bottom() - bar.height() * i / LEGEND_TICKS + (look.px(4) if i == LEGEND_TICKS else 0)
        draw_runs(painter, right, cap_centre(font, y), [(text, font, grey)])


def _paint_chips(painter: QPainter, look: Look, below: QRectF, above: QRectF) -> None:
    painter.setPen(look.pen("bed_line", 1))
    for box, tint in ((below, "bed"), (above, "white")):
        painter.setBrush(look.color(tint))
        painter.drawRect(box)
