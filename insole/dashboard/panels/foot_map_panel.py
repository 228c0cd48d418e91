"""Both feet large, with what each region carries beside them. In: the scene. Out: pictures, values, switches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from insole.blocks import Side
from insole.dashboard.model.foot_shown import FootMode, Kept
from insole.dashboard.model.outline import Placement, side_by_side
from insole.dashboard.model.region_values import RegionValues, centre_of, region_values, spoken_regions
from insole.dashboard.model.scene import FEET, Scene
from insole.dashboard.model.words import NumberStyle
from insole.dashboard.paint.feet import Feet
from insole.dashboard.paint.foot import Layers, letter_place, paint_foot_words
from insole.dashboard.paint.legend import paint_upright_legend
from insole.dashboard.paint.marks import cap_centre, draw_runs, shrunk
from insole.dashboard.paint.panel import Panel
from insole.dashboard.paint.pill import Pill
from insole.dashboard.paint.segments import Segments
from insole.dashboard.paint.theme import MAP_SCALES_KPA, Look

AUTO = "auto"
LEGEND_WIDTH = 64.0
COLUMN_WIDTH = 150.0
FOOTNOTES = (  # the first that fits
    "last 30 contacts: peak ± 95 % interval, PTI, impulse share",
    "last 30: peak ± 95 %, PTI, share",
    "± 95 %, PTI, share",
)
SMALL_FOOT = 420.0  # below this height the numbers on the map are smaller


class FootMapPanel(Panel):
    """Peak pressures as pictures and by region."""

    def __init__(self, look: Look, scene: Scene, parent: QWidget | None = None) -> None:
        super().__init__(look, "", "", parent)
        self.setAccessibleName("Foot map")
        self.kept = Kept.MEAN
        self.layers = Layers(regions=True)
        self.feet = Feet(look, scene)
        self.values: dict[Side, tuple[RegionValues, ...]] = dict.fromkeys(FEET, ())
        self._scene = scene
        self._style = NumberStyle()
        self._dirty = QRect()
        self.kinds = Segments(look, {kept.name: kept.value for kept in Kept}, "Picture", self)
        self.kinds.chosen.connect(lambda name: self.keep(Kept[name]))
        self.switches = {
            "cop": Pill(look, "COP", "C", "Centre of pressure", self),
            "regions": Pill(look, "Regions", "G", "Borders and numbers of the regions", self),
            "cells": Pill(look, "Cells", "X", "Places of the cells", self),
            "mask": Pill(look, "Mask faulty", "I", "Interpolate over dead and stuck cells", self),
        }
        for name, switch in self.switches.items():
            switch.clicked.connect(lambda _checked=False, n=name: self.toggle(n))
        scales = {f"{scale:g}": f"{scale:g}" for scale in MAP_SCALES_KPA}
        self.scales = Segments(look, scales | {AUTO: "Auto"}, "Scale, kPa", self)
        self.scales.chosen.connect(self._choose_scale)
        self._mark_choices()
        self.apply(look)

    # ---- choices -------------------------------------------------------------------------------------------------

    def keep(self, kept: Kept) -> None:
        """Show another picture of each foot."""
        self.kept = kept
        self._mark_choices()
        self.show_shapes(self._scene)
        self.update()

    def toggle(self, name: str) -> None:
        """A layer, or the mask, on or off."""
        if name == "mask":
            self.feet.set_masked(not self.feet.masked)
        else:
            self.layers = replace(self.layers, **{name: not getattr(self.layers, name)})
        self._mark_choices()
        self.update()

    def next_scale(self) -> str:
        """The next scale; returns its name."""
        self.feet.next_scale()
        self._mark_choices()
        self.update()
        return self.feet.scale_name(self._style)

    def _choose_scale(self, value: str) -> None:
        self.feet.choose_scale(None if value == AUTO else float(value))
        self._mark_choices()
        self.update()

    def _mark_choices(self) -> None:
        self.kinds.show_name(self.kept.name)
        self.scales.show_name(AUTO if self.feet.auto_scale else f"{self.feet.scale_kpa:g}")
        for name in ("cop", "regions", "cells"):
            self.switches[name].setChecked(getattr(self.layers, name))
        self.switches["mask"].setChecked(self.feet.masked)

    # ---- data ----------------------------------------------------------------------------------------------------

    def show_shapes(self, scene: Scene) -> None:
        """Take new pictures as they come; only the foot that changed is painted again."""
        self._scene = scene
        for side in self.feet.follow(scene, self.kept):
            self.update(self._half(side))
        if self.feet.fit_auto():
            self.update()

    def _half(self, side: Side) -> QRect:
        """The half of the panel, below the switches, that one foot and its values stand in."""
        middle, top = self.width() // 2, int(self._room().top() - self.look.px(4))
        left, right = (0, middle) if side == Side.LEFT else (middle, self.width())
        return QRect(left, top, right - left, self.height() - top)

    def show_scene(self, scene: Scene, style: NumberStyle) -> None:
        """Take the values of the moment."""
        self._style = style
        values = {side: region_values(scene, side, style) for side in FEET}
        faulty = any(scene.foot_health(side).faulty_cells for side in FEET)
        if self.switches["mask"].isHidden() == faulty:
            self.switches["mask"].setVisible(faulty)
            self._place()
        changed = [side for side in FEET if values[side] != self.values[side]]
        if changed:
            if any(values.values()) != any(self.values.values()):
                self.update()  # the columns of values come or go: the feet move
            self.values = values
            for side in changed:
                self.update(self._half(side))
            words = [f"{side.label}: {spoken_regions(rows)}" for side, rows in values.items()]
            self.setAccessibleDescription(". ".join(words))

    # ---- layout --------------------------------------------------------------------------------------------------

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        super().apply(look)
        self.feet.apply(look)
        self.kinds.apply(look)
        self.scales.apply(look)
        for switch in self.switches.values():
            switch.apply(look)
        self._place()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Keep the switches at the top."""
        self._place()

    def _place(self) -> None:
        pad, top = self.look.size("pad"), round(self.look.px(12))
        self.kinds.resize(self.kinds.sizeHint())
        self.kinds.move(pad, top)
        x = pad + self.kinds.width() + round(self.look.px(4 if self.look.compact else 12))
        for switch in self.switches.values():
            switch.resize(switch.sizeHint())
            switch.move(x, top + (self.kinds.height() - switch.height()) // 2)
            x += switch.width() if not switch.isHidden() else 0
        self.scales.resize(self.scales.sizeHint())
        self.scales.move(self.width() - pad - self.scales.width(), top)

    def _room(self) -> QRectF:
        pad = self.look.size("pad")
        top = self.kinds.y() + self.kinds.height() + self.look.px(8)
        return QRectF(pad, top, self.width() - 2 * pad, self.height() - top - pad * 0.6)

    def placements(self) -> dict[Side, Placement]:
        """Where the feet stand: between the columns of values, the legend between them."""
        look, room = self.look, self._room()
        aspects = self.feet.aspects()
        column = look.px(COLUMN_WIDTH) if any(self.values.values()) else 0.0
        gap = look.px(LEGEND_WIDTH + 24)
        wide = room.width() - 2 * column - gap
        height = min(room.height() - look.size("badge") - look.px(12), wide / sum(aspects.values()))
        height = max(40.0, height)
        top = room.top() + max(0.0, (room.height() - look.size("badge") - look.px(12) - height) / 2)
        return side_by_side(aspects, room.center().x(), top, height, gap)

    # ---- painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Remember which part is to be painted: a foot outside of it is left alone."""
        self._dirty = event.rect()
        super().paintEvent(event)

    def paint_content(self, painter: QPainter) -> None:
        """Feet, numbers on them, values beside them, legend."""
        look = self.look
        places = self.placements()
        hint = look.font("hint")
        label = (f"Scale{', kPa' if not look.compact else ''}", hint, look.color("text3"))
        middle = self.scales.y() + self.scales.height() / 2
        if self.scales.x() - self._switches_end() > look.px(90):
            draw_runs(painter, self.scales.x() - look.px(10), cap_centre(hint, middle), [label], align="right")
        for side, item in self.feet.items.items():
            if not self._half(side).intersects(self._dirty):
                continue
            place, state = places[side], self.feet.states[side]
            item.paint(painter, look, place, state.mode, self.layers)
            if self.layers.regions and state.mode is FootMode.SHOWN and self.kept is Kept.MEAN:  # what they are of
                self._paint_numbers(painter, place, self.values[side])
            paint_foot_words(painter, look, place, state)
            self._paint_values(painter, side)
        left, right = places[Side.LEFT], places[Side.RIGHT]
        start = (left.left + left.width + right.left) / 2 - look.px(22)
        tall = min(left.height * 0.62, look.px(360))
        legend = QRectF(start, left.top + left.height * 0.13, look.px(LEGEND_WIDTH), tall)
        paint_upright_legend(painter, look, self.feet, self._style, legend)
        if any(self.values.values()):
            note = self.feet.states[Side.LEFT].note
            taken = QFontMetricsF(hint).horizontalAdvance(note) + look.px(26) if note else 0.0
            start = self._room().left()
            letter = letter_place(look, places[Side.LEFT]).x() - look.size("badge") / 2
            room = letter - look.px(12) - taken - start
            text = next((t for t in FOOTNOTES if QFontMetricsF(hint).horizontalAdvance(t) <= room), "")
            run = (text, hint, look.color("text3"))
            draw_runs(painter, start, self.height() - look.px(10), [run])

    def _switches_end(self) -> float:
        return max(float(s.x() + s.width()) for s in self.switches.values() if not s.isHidden())

    def _paint_numbers(self, painter: QPainter, place: Placement, rows: tuple[RegionValues, ...]) -> None:
        """Peak of each region in white with a black edge; one that would touch another stands below it."""
        look = self.look
        font = look.font("value" if place.height > look.px(SMALL_FOOT) else "badge")
        taken: list[QRectF] = []
        for row in rows:
            if row.kpa is None:
                continue
            x, y = place(np.array(centre_of(row.region)))
            path = QPainterPath()
            wide = QFontMetricsF(font).horizontalAdvance(row.peak)
            path.addText(QPointF(x - wide / 2, cap_centre(font, y)), font, row.peak)
            edge = look.px(2)
            while any(path.boundingRect().adjusted(-edge, -edge, edge, edge).intersects(box) for box in taken):
                path.translate(0, edge)
            taken.append(path.boundingRect())
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(look.pen("black", 3.4))
            painter.drawPath(path)
            painter.fillPath(path, look.color("white"))

    def _paint_values(self, painter: QPainter, side: Side) -> None:
        """A chip with the colour of the peak, the region, its values; the left foot's on the left."""
        rows = self.values[side]
        if not rows:
            return
        look, room = self.look, self._room()
        body, value, hint = look.font("hint"), look.font("value"), look.font("axis")
        step = (room.height() - look.px(18)) / len(rows)
        line = min(look.px(18), step / 3.1)
        chip = look.px(5)
        left = side == Side.LEFT
        edge = room.left() if left else room.right()
        text_x = edge + (look.px(15) if left else -look.px(15))
        align = "left" if left else "right"
        for i, row in enumerate(rows):
            y = room.top() + (i + 0.5) * step
            shown = row.kpa is not None
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._color_of(row.kpa))
            box = QRectF(edge if left else edge - chip, y - 1.5 * line, chip, 3 * line)
            painter.drawRoundedRect(box, look.px(2), look.px(2))
            name = (row.name, body, look.color("text2"))
            draw_runs(painter, text_x, cap_centre(body, y - line), [name], align=align)
            spread_font = shrunk(hint, row.spread, look.px(COLUMN_WIDTH - 60))
            spread = (f" {row.spread}" if row.spread else "", spread_font, look.color("text2" if shown else "text3"))
            peak = (row.peak, value, look.color("text1" if shown else "text3"))
            draw_runs(painter, text_x, cap_centre(value, y), [peak, spread], align=align)
            rest = (row.rest, hint, look.color("text2"))
            draw_runs(painter, text_x, cap_centre(hint, y + line), [rest], align=align)

    def _color_of(self, kpa: float | None) -> QColor:
        """The colour that this pressure has on the map."""
        return self.look.color("inset") if kpa is None else self.feet.color_of(kpa)
