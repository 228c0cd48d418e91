"""Peak pressure of the last contact of each foot, paired values, legend. In: the scene. Out: two feet, toes up."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter
from PySide6.QtWidgets import QWidget

from insole.blocks import ContactShape, Side
from insole.dashboard.model.outline import Placement, aspect_of
from insole.dashboard.model.pressure_map import PressureMap
from insole.dashboard.model.readings import PAIRED, Reading, reading, spoken
from insole.dashboard.model.scene import FEET, SILENT_S, Link, Scene
from insole.dashboard.model.words import NumberStyle, clock
from insole.dashboard.paint.foot import FootItem, FootMode, Layers, Shades
from insole.dashboard.paint.marks import Run, cap_centre, draw_badge, draw_runs
from insole.dashboard.paint.panel import Panel
from insole.dashboard.paint.theme import DEFAULT_SCALE_KPA, MAP_SCALES_KPA, Look

LEAST_AUTO_KPA = 50.0
LEGEND_TICKS = 4


@dataclass(frozen=True, slots=True)
class FootState:
    """State of one foot in words: `note` stands below it, `lines` inside it."""

    mode: FootMode
    note: str = ""
    lines: tuple[str, ...] = ()


def foot_state(scene: Scene, side: Side) -> FootState:
    """What there is to show of a foot."""
    link = scene.link(side)
    shape = scene.shapes.get(side)
    if link is Link.ABSENT:
        return FootState(FootMode.ABSENT, lines=(FootMode.ABSENT.value,))
    if link is Link.LOST:
        since = f"{clock(scene.t_s - shape.strike_s)} ago" if shape is not None else ""
        return FootState(FootMode.LOST, lines=(FootMode.LOST.value, *(("last contact", since) if since else ())))
    device = scene.device(side)
    if device is None or not device.has_geometry:
        return FootState(FootMode.NO_MAP, lines=(FootMode.NO_MAP.value,))
    if shape is None:
        return FootState(FootMode.EMPTY, lines=(FootMode.EMPTY.value,))
    saturated = int(shape.saturated.sum())
    note = f"{saturated} saturated" if saturated else ""
    age_s = scene.t_s - shape.strike_s
    if age_s > SILENT_S:
        return FootState(FootMode.STALE, note=f"{math.floor(age_s)} s ago" if age_s < 60 else f"{clock(age_s)} ago")
    return FootState(FootMode.SHOWN, note=note)


class FeetPanel(Panel):
    """Both feet, seen from above."""

    def __init__(self, look: Look, scene: Scene, parent: QWidget | None = None) -> None:
        super().__init__(look, "Peak pressure", "last contact of each foot", parent)
        self.layers = Layers()
        self.auto_scale = False
        self.scale_kpa = DEFAULT_SCALE_KPA
        self.states: dict[Side, FootState] = {side: foot_state(scene, side) for side in FEET}
        self.pairs: list[tuple[str, dict[Side, Reading]]] = []
        self._style = NumberStyle()
        self._shapes: dict[Side, ContactShape | None] = {}
        self._shades = Shades(look, self.scale_kpa)
        maps: dict[int, PressureMap] = {}  # two feet of one model share their weights
        self._items = {}
        for side in FEET:
            device = scene.device(side)
            if device is not None and device.has_geometry and id(device) not in maps:
                maps[id(device)] = PressureMap(device)
            self._items[side] = FootItem(side, device, maps.get(id(device)))

    def foot(self, side: Side) -> FootItem:
        """The item of one foot."""
        return self._items[side]

    # ---- choices -------------------------------------------------------------------------------------------------

    def next_scale(self) -> str:
        """The next of the fixed scales, then automatic. Returns its name."""
        if self.auto_scale:
            self.auto_scale = False
            self._rescale(MAP_SCALES_KPA[0])
        elif self.scale_kpa == MAP_SCALES_KPA[-1]:
            self.auto_scale = True
            self._rescale(self._highest())
        else:
            self._rescale(MAP_SCALES_KPA[MAP_SCALES_KPA.index(self.scale_kpa) + 1])
        return self.scale_name()

    def scale_name(self) -> str:
        """'0 to 400 kPa', or 'Auto, 0 to 287 kPa'."""
        return f"{'Auto, ' if self.auto_scale else ''}0 to {self._style.number(self.scale_kpa, 0)} kPa"

    def set_layers(self, layers: Layers) -> None:
        """Show or hide the centre of pressure and the cells."""
        self.layers = layers
        self.update()

    def _highest(self) -> float:
        peaks = [float(np.nanmax(s.peak_kpa)) for s in self._shapes.values() if s is not None and len(s.peak_kpa)]
        return max([LEAST_AUTO_KPA, *(math.ceil(peak) for peak in peaks)])

    def _rescale(self, scale_kpa: float) -> None:
        self.scale_kpa = scale_kpa
        self._shades = Shades(self.look, scale_kpa)
        for side, item in self._items.items():
            item.set_shape(self._shapes.get(side), self._shades)
        self.update()

    # ---- data ----------------------------------------------------------------------------------------------------

    def show_shapes(self, scene: Scene) -> None:
        """Take new contacts as they come; only the foot that changed is painted again."""
        for side, item in self._items.items():
            shape, state = scene.shapes.get(side), foot_state(scene, side)
            new = shape is not self._shapes.get(side)
            if new:
                self._shapes[side] = shape
                item.set_shape(shape, self._shades)
            if new or state != self.states[side]:
                self.states[side] = state
                self.update(self._half(side))
        if self.auto_scale and self._highest() != self.scale_kpa:
            self._rescale(self._highest())

    def _half(self, side: Side) -> QRect:
        """The half of the panel that one foot and its words stand in."""
        middle = round(self.content().center().x())
        return QRect(0, 0, middle, self.height()) if side == Side.LEFT else QRect(middle, 0, middle * 2, self.height())

    def show_scene(self, scene: Scene, style: NumberStyle) -> None:
        """Take the paired values of the moment."""
        pairs = [(name, {s: reading(scene, metric, s, style) for s in FEET}) for metric, name in PAIRED]
        self._style = style
        if pairs != self.pairs:
            self.pairs = pairs
            self.setAccessibleDescription("; ".join(spoken(name, "", values) for name, values in pairs))
            place = self.placements()[Side.LEFT]
            below = round(place.top + place.height + self.look.px(2))
            self.update(QRect(0, below, self.width(), self.height() - below))

    # ---- painting ------------------------------------------------------------------------------------------------

    def placements(self) -> dict[Side, Placement]:
        """Where the feet stand: as large as the room allows, in the middle."""
        look = self.look
        room = self.content()
        row = look.px(24 if not look.compact else 22)
        below = look.size("badge") + look.px(22) + len(PAIRED) * row + look.px(58)
        height = room.height() - below
        aspects = {side: aspect_of(item.device) for side, item in self._items.items()}
        gap = look.px(32)
        wide = sum(aspects.values())
        height = max(40.0, min(height, (room.width() - gap - look.px(16)) / wide))
        left = room.center().x() - (wide * height + gap) / 2
        top = room.top() + max(0.0, (room.height() - below - height) / 2)
        out = {}
        for side in FEET:
            width = aspects[side] * height
            out[side] = Placement(side, left, top, width, height)
            left += width + gap
        return out

    def paint_content(self, painter: QPainter) -> None:
        """Feet, letters, paired values, legend."""
        look = self.look
        places = self.placements()
        room = self.content()
        badge_y = 0.0
        for side, item in self._items.items():
            place, state = places[side], self.states[side]
            item.paint(painter, look, place, state.mode, self.layers)
            badge_y = place.top + place.height + look.px(8) + look.size("badge") / 2
            middle = QPointF(place.left + place.width * (0.47 if side == Side.LEFT else 0.53), badge_y)
            muted = state.mode in {FootMode.LOST, FootMode.ABSENT, FootMode.STALE}
            draw_badge(painter, look, side, middle, muted=muted)
            self._paint_words(painter, place, state, middle)
        row = look.px(24 if not look.compact else 22)
        top = badge_y + look.size("badge") / 2 + look.px(12)
        self._paint_pairs(painter, QRectF(room.left(), top, room.width(), row * len(PAIRED)))
        self._paint_legend(painter, QRectF(room.left(), room.bottom() - look.px(36), room.width(), look.px(36)))

    def _paint_words(self, painter: QPainter, place: Placement, state: FootState, badge: QPointF) -> None:
        look = self.look
        hint = look.font("hint")
        if state.note:
            outer = -1 if place.side == Side.LEFT else 1
            x = badge.x() + outer * (look.size("badge") / 2 + look.px(8))
            align = "right" if outer < 0 else "left"
            run = (state.note, hint, look.color("text2"))
            draw_runs(painter, x, cap_centre(hint, badge.y()), [run], align=align)
        if not state.lines:
            return
        on_bed = state.mode in {FootMode.NO_MAP, FootMode.EMPTY}
        fonts = [hint] if on_bed else [look.font("title"), hint, hint]
        colors = ["bed_text"] if on_bed else ["text1" if state.mode is FootMode.LOST else "text2", "text2", "text2"]
        step = look.px(19)
        height = step * len(state.lines) + look.px(12)
        centre = QPointF(place.left + place.width * 0.5, place.top + place.height * 0.33)
        wide = max(QFontMetricsF(f).horizontalAdvance(t) for f, t in zip(fonts, state.lines, strict=False)) + look.px(
            20
        )
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("bed" if on_bed else "inset"))
        box = QRectF(centre.x() - wide / 2, centre.y() - height / 2, wide, height)
        painter.drawRoundedRect(box, look.px(4), look.px(4))
        for i, text in enumerate(state.lines):
            y = box.top() + look.px(6) + (i + 0.5) * step
            run = (text, fonts[i], look.color(colors[i]))
            draw_runs(painter, centre.x(), cap_centre(fonts[i], y), [run], align="centre")

    def _paint_pairs(self, painter: QPainter, box: QRectF) -> None:
        look = self.look
        strong, body = look.font("body_strong"), look.font("body")
        metrics = QFontMetricsF(body)
        half = max((metrics.horizontalAdvance(name) for name, _ in self.pairs), default=0.0) / 2 + look.px(34)
        half = min(half, box.width() / 2 - look.px(24))
        step = box.height() / len(PAIRED)
        for i, (name, values) in enumerate(self.pairs):
            y = box.top() + (i + 0.5) * step
            centre = box.center().x()
            draw_runs(painter, centre, cap_centre(body, y), [(name, body, look.color("text2"))], align="centre")
            for side, value in values.items():
                x = centre + (-half if side == Side.LEFT else half)
                color = look.color("text1" if value.shown else "text3")
                draw_runs(painter, x, cap_centre(strong, y), [(value.value, strong, color)], align="centre")

    def _paint_legend(self, painter: QPainter, box: QRectF) -> None:
        """The colour bar: unloaded, linear scale, above the scale."""
        look = self.look
        font, grey = look.font("axis"), look.color("text2")
        chip, height = look.px(14), look.px(9)
        low: Run = ("< 10", font, grey)
        high_text = f"> {self._style.number(self.scale_kpa, 0)} kPa"
        high: Run = (high_text, font, grey)
        sides = [QFontMetricsF(font).horizontalAdvance(text) + chip + look.px(10) for text in (low[0], high_text)]
        bar_width = min(box.width() - 2 * max(sides), look.px(252))
        bar = QRectF(box.center().x() - bar_width / 2, box.top() + look.px(2), bar_width, height)
        colours = np.zeros((1, 256), np.uint32)
        lut = self._shades.lut.astype(np.uint32)
        colours[0] = np.uint32(0xFF000000) | lut[:, 0] << np.uint32(16) | lut[:, 1] << np.uint32(8) | lut[:, 2]
        painter.drawImage(bar, QImage(colours.data, 256, 1, 1024, QImage.Format.Format_RGB32).copy())
        edge = look.pen("bed_line", 1)
        below = QRectF(bar.left() - chip - look.px(1), bar.top(), chip, height)
        above = QRectF(bar.right() + look.px(2), bar.top(), chip, height)
        for chip_box, tint in ((below, "bed"), (above, "white")):
            painter.setPen(edge)
            painter.setBrush(look.color(tint))
            painter.drawRect(chip_box)
        baseline = cap_centre(font, bar.center().y())
        draw_runs(painter, below.left() - look.px(6), baseline, [low], align="right")
        draw_runs(painter, above.right() + look.px(6), baseline, [high])
        under = bar.bottom() + QFontMetricsF(font).ascent() + look.px(4)
        for i in range(LEGEND_TICKS + 1):
            text = self._style.number(self.scale_kpa * i / LEGEND_TICKS, 0)
            x = bar.left() + bar_width * i / LEGEND_TICKS
            draw_runs(painter, x, under, [(text, font, grey)], align="centre")
        if self.auto_scale:
            draw_runs(painter, below.left() - look.px(6), under, [("Auto", font, look.color("text1"))], align="right")

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        super().apply(look)
        self._rescale(self.scale_kpa)
