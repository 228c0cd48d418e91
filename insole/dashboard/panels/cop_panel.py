"""Centre of pressure across the foot over stance. In: mean pictures of the pipeline. Out: two lines with 1 SD."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from insole.blocks import FootPicture, Side
from insole.dashboard.model.scales import ACROSS_MM, Ladder
from insole.dashboard.model.scene import FEET, Scene
from insole.dashboard.model.words import NumberStyle
from insole.dashboard.paint.foot_curves import FootCurves
from insole.dashboard.paint.marks import draw_badge, draw_runs
from insole.dashboard.paint.plot_panel import PlotPanel
from insole.dashboard.paint.theme import Look

STANCE_PCT = np.linspace(0.0, 100.0, 101)
LETTER_AT = {Side.LEFT: 35, Side.RIGHT: 65}  # percent of stance: lines that coincide still have both their letters


class CopPanel(PlotPanel):
    """Distance from the medial edge, so that both feet bend alike."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, "Centre of pressure", "mean ± 1 SD", parent, over=self._paint_over)
        self.reason = ""
        self._shown: dict[Side, FootPicture] = {}
        self._ladder = Ladder(ACROSS_MM)
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

    def _set_axes(self) -> None:
        y = self._ladder.range
        self.plot.set_y(y.low, y.high, [(v, self._style.number(v, 0)) for v in y.ticks()])
        self.plot.set_x(0, 100, [(v, f"{v:.0f}") for v in range(0, 101, 25)])

    def show_scene(self, scene: Scene, style: NumberStyle) -> None:
        """Take the pictures of the moment; a foot without link has none."""
        up = scene.linked
        pictures = {side: scene.pictures[side] for side in up if side in scene.pictures}
        shown = {s: p for s, p in pictures.items() if np.isfinite(p.cop_x_mm).any()}
        reason = "needs 12 cells across the foot" if pictures and not shown else ""
        same = shown.keys() == self._shown.keys() and all(shown[s] is self._shown[s] for s in shown)
        if same and reason == self.reason and style == self._style:
            return
        self._shown, self.reason, self._style = shown, reason, style
        counts = sorted({picture.n for picture in shown.values()})
        self.hint = f"mean ± 1 SD of {counts[-1]}" if counts else "mean ± 1 SD"
        nothing = np.full(len(STANCE_PCT), np.nan)
        for side in FEET:
            picture = shown.get(side)
            mean, sd = (nothing, nothing) if picture is None else (picture.cop_x_mm, picture.cop_x_sd_mm)
            if self._ladder.fit(mean + np.nan_to_num(sd)):
                self._set_axes()
            self._curves.show(side, STANCE_PCT, mean, sd)
        self.setAccessibleDescription(reason or self.hint)
        self.update()
        self.plot.viewport().update()

    def paint_content(self, painter: QPainter) -> None:
        """Names of both axes."""
        self.paint_axis_names(painter, "mm from medial edge", "stance, %")

    def _paint_over(self, painter: QPainter, box: QRectF) -> None:
        """Letters of the feet on their lines, or why there are none."""
        look = self.look
        if self.reason:
            font = look.font("body")
            run = (self.reason, font, look.color("text3"))
            draw_runs(painter, box.center().x(), box.top() + look.px(16), [run], align="centre")
        for side, picture in self._shown.items():
            at = LETTER_AT[side]
            if np.isfinite(picture.cop_x_mm[at]):
                draw_badge(painter, look, side, self.plot.to_pixel(at, float(picture.cop_x_mm[at])))
