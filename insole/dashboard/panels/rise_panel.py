"""The rise of force, and the stretch that the loading rate is taken over. In: means of the pipeline. Out: a plot."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QWidget

from insole.blocks import ForceBand, MeanRise, Side
from insole.dashboard.model.readings import Reading, reading
from insole.dashboard.model.scales import RISE_BW, RISE_N, Ladder
from insole.dashboard.model.scene import FEET, Scene
from insole.dashboard.model.words import DASH, NumberStyle
from insole.dashboard.paint.foot_curves import FootCurves
from insole.dashboard.paint.marks import cap_centre, draw_badge, draw_runs, fitted
from insole.dashboard.paint.plot_panel import PlotPanel
from insole.dashboard.paint.theme import Look, foot_tint

END_MS = 60
TIME_MS = np.arange(END_MS + 1, dtype=np.float64)
SIDE_TEXT = 118.0  # room for the words on the right


class RisePanel(PlotPanel):
    """Mean force of the last contacts with 1 SD, 20 and 80 % points, and how many samples lie between them."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, "Rise of force", "", parent, over=self._paint_over)
        self.unit = "BW"
        self.rates: dict[Side, Reading] = {}
        self.rises: dict[Side, MeanRise] = {}
        self._bands: dict[Side, ForceBand] = {}
        self._ladder = Ladder(RISE_BW)
        self._style = NumberStyle()
        self._curves = FootCurves(self.plot)
        self.apply(look)

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        super().apply(look)
        self.plot.restyle(look, right_margin=look.px(SIDE_TEXT))
        self._curves.restyle(look)
        self._set_axes()
        self.place()

    def _set_axes(self) -> None:
        y = self._ladder.range
        digits = 1 if y.step < 1 else 0
        self.plot.set_y(y.low, y.high, [(v, self._style.number(v, digits)) for v in y.ticks()])
        self.plot.set_x(0, END_MS, [(v, f"{v:.0f}") for v in range(0, END_MS + 1, 10)])

    def show_scene(self, scene: Scene, style: NumberStyle) -> None:
        """Take curves and rises of the moment; a foot without link has none."""
        up = scene.linked
        bands = {side: scene.bands[side] for side in up if side in scene.bands}
        rises = {side: scene.rises[side] for side in up if side in scene.rises and scene.rises[side].n}
        rates = {side: reading(scene, "valr_bw_s", side, style) for side in FEET}
        unit = next((band.unit for band in bands.values()), self.unit)
        if unit != self.unit or style != self._style:
            self.unit, self._style = unit, style
            self._ladder = Ladder(RISE_BW if unit == "BW" else RISE_N)
            self._set_axes()
        counts = sorted({band.n for band in bands.values()})
        hint = f"mean ± 1 SD of the last {counts[-1]} contacts" if counts else "mean ± 1 SD"
        if (bands, rises, rates, hint) != (self._bands, self.rises, self.rates, self.hint):
            self._bands, self.rises, self.rates, self.hint = bands, rises, rates, hint
            self._draw()
            self.setAccessibleDescription("; ".join(" ".join(self._words(side)) for side in FEET))
            self.update()
            self.plot.viewport().update()

    def _draw(self) -> None:
        nothing = np.full(len(TIME_MS), np.nan)
        for side in FEET:
            band = self._bands.get(side)
            mean, sd = (nothing, nothing) if band is None else (band.mean[: END_MS + 1], band.sd[: END_MS + 1])
            if self._ladder.fit(mean + np.nan_to_num(sd)):
                self._set_axes()
            self._curves.show(side, TIME_MS, mean, sd)

    def _words(self, side: Side) -> list[str]:
        """Loading rate, length of the rise, samples in it; or why there is none."""
        value, rise = self.rates.get(side), self.rises.get(side)
        if value is None or not value.shown:
            return [DASH, value.spread if value is not None else ""]
        if rise is None:
            return [f"{value.value} BW/s"]
        return [
            f"{value.value} BW/s",
            f"rise {self._style.number(rise.to_ms - rise.from_ms, 1)} ms",
            f"{self._style.number(rise.samples, 1)} samples",
        ]

    def paint_content(self, painter: QPainter) -> None:
        """Names of both axes."""
        self.paint_axis_names(painter, self.unit, "time from initial contact, ms")

    def _paint_over(self, painter: QPainter, box: QRectF) -> None:
        """The stretch of the loading rate, and the words on the right."""
        look = self.look
        for side, rise in self.rises.items():
            ends = [self.plot.to_pixel(rise.from_ms, rise.from_bw), self.plot.to_pixel(rise.to_ms, rise.to_bw)]
            painter.setPen(look.pen("text1", 2.4))
            painter.drawLine(*ends)
            painter.setPen(QPen(look.color("panel"), look.px(1.2)))
            painter.setBrush(look.color(foot_tint(side)))
            half = look.px(4.6)
            for end in ends:
                square = QRectF(end.x() - half, end.y() - half, 2 * half, 2 * half)
                if side == Side.LEFT:
                    painter.drawEllipse(square)
                else:
                    painter.drawRect(square.adjusted(0.5, 0.5, -0.5, -0.5))
        left = box.right() + look.px(12)
        step = min(look.px(17), (box.height() + look.px(10)) / 6.6)
        for k, side in enumerate(FEET):
            y = box.top() + min(look.px(16), step / 2) + k * min(step * 4.4, (box.height() + look.px(12)) / 2)
            words = self._words(side)
            shown = side in self.rates and self.rates[side].shown
            draw_badge(painter, look, side, QPointF(left + look.size("badge") / 2, y), muted=not shown)
            x = left + look.size("badge") + look.px(7)
            for i, text in enumerate(words):
                font = look.font("body_strong" if i == 0 else "hint")
                color = look.color("text3" if not shown else "text1" if i == 0 else "text2")
                run = (fitted(text, font, self.plot.width() - x), font, color)
                draw_runs(painter, x, cap_centre(font, y + i * step), [run])
