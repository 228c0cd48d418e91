"""How the last 60 loading rates of each foot are spread. In: counts of the pipeline. Out: two outlines, the target."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPolygonF
from PySide6.QtWidgets import QWidget

from insole.blocks import RecentRates, Side
from insole.dashboard.model.scales import CONTACTS, SPREAD_BW_S, Ladder, spread_labels
from insole.dashboard.model.scene import Scene
from insole.dashboard.model.words import NumberStyle, letter
from insole.dashboard.paint.marks import Run, draw_badge, draw_runs
from insole.dashboard.paint.plot_panel import PlotPanel
from insole.dashboard.paint.theme import Look, foot_tint

HEADROOM = 1.25  # over the highest bar, for letters and the name of the target


class HistogramPanel(PlotPanel):
    """Contacts per 4 BW/s."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, "Last 60 contacts", "", parent, over=self._paint_over)
        self.recent: dict[Side, RecentRates] = {}
        self.target: float | None = None
        self._x, self._y = Ladder(SPREAD_BW_S), Ladder(CONTACTS)
        self._style = NumberStyle()
        self.apply(look)

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        super().apply(look)
        self.plot.restyle(look, right_margin=look.px(14))
        self._set_axes()
        self.place()

    def _set_axes(self) -> None:
        x, y = self._x.range, self._y.range
        self.plot.set_y(y.low, y.high, [(v, f"{v:.0f}") for v in y.ticks()])
        self.plot.set_x(x.low, x.high, [(v, self._style.number(v, 0)) for v in x.ticks()])

    def show_scene(self, scene: Scene, style: NumberStyle) -> None:
        """Take the counts of the moment; a foot without link has none."""
        up = scene.linked
        recent = {side: scene.recent[side] for side in up if side in scene.recent and scene.recent[side].n}
        target = scene.settings.target_valr_bw_s
        if (recent, target, style) == (self.recent, self.target, self._style):
            return
        self.recent, self.target, self._style = recent, target, style
        ends = [e for r in recent.values() for e in (r.first_bw_s, r.first_bw_s + r.bin_bw_s * len(r.counts))]
        most = [float(r.counts.max()) for r in recent.values() if len(r.counts)]
        if any([self._x.fit(np.array(ends)), self._y.fit(HEADROOM * np.array(most))]):
            self._set_axes()
        widths = {r.bin_bw_s for r in recent.values()}
        self.hint = "".join(f"count per {style.number(width, 0)} BW/s" for width in widths)
        self.setAccessibleDescription(f"under target: {', '.join(self._shares())}" if self._shares() else "")
        self.update()
        self.plot.viewport().update()

    def _shares(self) -> list[str]:
        """'L 2 %'."""
        known = {s: r.under_target_pct for s, r in self.recent.items() if math.isfinite(r.under_target_pct)}
        return [f"{letter(side)} {self._style.number(share, 0)} %" for side, share in known.items()]

    def paint_content(self, painter: QPainter) -> None:
        """Names of both axes, the shares under the target."""
        self.paint_axis_names(painter, "contacts", "loading rate, BW/s")
        if shares := self._shares():
            look, room = self.look, self.content()
            text = "under target: " if not look.compact else "under: "
            run = (text + ", ".join(shares), look.font("axis"), look.color("text2"))
            draw_runs(painter, room.left() + look.px(2), room.bottom() - look.px(3), [run])

    def _paint_over(self, painter: QPainter, box: QRectF) -> None:
        """Outlines, the target, the letters."""
        look = self.look
        letters: dict[Side, QPointF] = {}
        painter.save()
        painter.setClipRect(box.adjusted(-look.px(2), -look.px(2), look.px(2), look.px(2)))
        for side, recent in self.recent.items():
            outline = self._outline(recent)
            painter.setBrush(look.color(foot_tint(side), 0.2))
            painter.setPen(look.pen(foot_tint(side), 1.8))
            painter.drawPolyline(QPolygonF(outline))
            painter.setPen(look.pen(foot_tint(side), 0.01, 0.0))
            painter.drawPolygon(QPolygonF(outline))
            top = int(np.argmax(recent.counts))
            middle = recent.first_bw_s + (top + 0.5) * recent.bin_bw_s
            letters[side] = self.plot.to_pixel(middle, float(recent.counts[top])) - QPointF(0, look.px(13))
        painter.restore()
        if self.target is not None:
            self._paint_target(painter, box, self.target)
        badge = look.size("badge") + look.px(2)
        across = spread_labels([p.x() for p in letters.values()], badge, box.left(), box.right())
        for (side, place), x in zip(letters.items(), across, strict=True):
            draw_badge(painter, look, side, QPointF(x, max(place.y(), box.top() + badge / 2)))

    def _outline(self, recent: RecentRates) -> list[QPointF]:
        """Steps from the axis up and down again."""
        edges = recent.first_bw_s + recent.bin_bw_s * np.arange(len(recent.counts) + 1)
        heights = np.concatenate([[0.0], np.repeat(recent.counts, 2).astype(np.float64), [0.0]])
        return [self.plot.to_pixel(x, y) for x, y in zip(np.repeat(edges, 2), heights, strict=True)]

    def _paint_target(self, painter: QPainter, box: QRectF, target: float) -> None:
        if not self._x.range.low <= target <= self._x.range.high:
            return
        look = self.look
        x = self.plot.to_pixel(target, 0).x()
        painter.setPen(look.target_pen())
        painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
        strong = look.font("end_label")
        digits = 0 if target == round(target) else 1
        name: Run = (f"Target {self._style.number(target, digits)}", strong, look.color("text1"))
        left_of = x - box.left() > look.px(74)
        at = x + look.px(-7 if left_of else 7)
        draw_runs(painter, at, box.top() + look.px(10), [name], align="right" if left_of else "left")
