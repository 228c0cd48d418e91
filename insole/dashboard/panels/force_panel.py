"""Vertical force of the last contacts: mean with a band of one standard deviation. In: bands of the pipeline."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from insole.blocks import ForceBand, Side
from insole.dashboard.model.readings import Reading, reading
from insole.dashboard.model.scales import FORCE_BW, FORCE_N, Ladder, Range
from insole.dashboard.model.scene import FEET, Scene
from insole.dashboard.model.words import DASH, NumberStyle
from insole.dashboard.paint.foot_curves import FootCurves
from insole.dashboard.paint.marks import Run, cap_centre, draw_badge, draw_runs, run_width
from insole.dashboard.paint.plot_panel import PlotPanel
from insole.dashboard.paint.theme import Look

END_MS = 300
TIME_MS = np.arange(END_MS + 1, dtype=np.float64)
BODY_WEIGHT = 1.0


class ForcePanel(PlotPanel):
    """Force against time from initial contact, both feet over each other."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, "Vertical force", "mean ± 1 SD", parent, under=self._paint_under, over=self._paint_over)
        self.unit = "BW"
        self.peaks: dict[Side, Reading] = {}
        self._bands: dict[Side, ForceBand | None] = {}
        self._ladder = Ladder(FORCE_BW)
        self._style = NumberStyle()
        self._curves = FootCurves(self.plot)
        self.apply(look)

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        super().apply(look)
        self.plot.restyle(look, right_margin=look.px(14))
        self._curves.restyle(look)
        self._set_axes()
        self.place()

    def plot_room(self) -> QRect:
        """A little higher in a small window."""
        return self.content().adjusted(0, self.look.px(6 if self.look.compact else 8), 0, -self.look.px(17)).toRect()

    def _set_axes(self) -> None:
        y: Range = self._ladder.range
        self.plot.set_y(y.low, y.high, [(v, self._style.number(v, 0)) for v in y.ticks()])
        self.plot.set_x(0, END_MS, [(v, f"{v:.0f}") for v in range(0, END_MS + 1, 50)])

    def show_scene(self, scene: Scene, style: NumberStyle) -> None:
        """Take the bands and peaks of the moment; a foot without link has neither."""
        bands = {side: scene.bands.get(side) if side in scene.linked else None for side in FEET}
        unit = next((band.unit for band in bands.values() if band is not None), self.unit)
        metric = "peak_force_bw" if unit == "BW" else "peak_force_n"
        peaks = {side: reading(scene, metric, side, style) for side in FEET}
        if unit != self.unit or style != self._style:
            self.unit, self._style = unit, style
            self._ladder = Ladder(FORCE_BW if unit == "BW" else FORCE_N)
            self._set_axes()
        if any(bands[side] is not self._bands.get(side) for side in FEET):
            self._bands = bands
            self._draw()
        if peaks != self.peaks:
            self.peaks = peaks
            self.update()
            self.plot.viewport().update()
        counts = sorted({band.n for band in bands.values() if band is not None})
        hint = f"mean ± 1 SD, last {counts[-1]} contacts" if counts else "mean ± 1 SD"
        if hint != self.hint:
            self.hint = hint
            self.update()

    def _draw(self) -> None:
        nothing = np.full(len(TIME_MS), np.nan)
        for side in FEET:
            band = self._bands[side]
            mean, sd = (nothing, nothing) if band is None else (band.mean, band.sd)
            if self._ladder.fit(mean + np.nan_to_num(sd)):
                self._set_axes()
            self._curves.show(side, TIME_MS, mean, sd)

    def paint_content(self, painter: QPainter) -> None:
        """Names of both axes."""
        self.paint_axis_names(painter, self.unit, "time from initial contact, ms")

    def _paint_under(self, painter: QPainter, box: QRectF) -> None:
        """Body weight as a thin line for orientation."""
        if self.unit != "BW":
            return
        y = self.plot.to_pixel(0, BODY_WEIGHT).y()
        painter.setPen(self.look.dashed("text3", (2, 3), 1))
        painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))

    def _paint_over(self, painter: QPainter, box: QRectF) -> None:
        """Peak of each foot in the upper right corner, where no curve comes."""
        look = self.look
        lines = [self._peak_runs(peak) for peak in self.peaks.values()]
        widest = max((run_width(runs) for runs in lines), default=0.0)
        left = box.right() - max(look.px(150), look.px(16) + widest)
        line = look.px(18 if look.compact else 24)
        for k, (side, peak) in enumerate(self.peaks.items()):
            y = box.top() + look.px(8 if look.compact else 12) + k * line
            draw_badge(painter, look, side, QPointF(left, y), muted=not peak.shown)
            draw_runs(painter, left + look.px(16), cap_centre(look.font("body"), y), lines[k])

    def _peak_runs(self, peak: Reading) -> list[Run]:
        """Value, interval and unit; why it is approximate, or why there is none."""
        look = self.look
        body = look.font("body")
        if not peak.shown:
            return [(peak.spread or DASH, body, look.color("text3"))]
        unit = peak.unit or self.unit
        after = f"{unit}, {peak.reason}" if peak.reason else f"{unit} peak"
        rest = f" {peak.spread} {after}" if peak.spread else f" {after}"
        return [(peak.value, look.font("body_strong"), look.color("text1")), (rest, body, look.color("text2"))]
