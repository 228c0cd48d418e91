"""One left-right difference over the session, with its interval and note lines. In: plot history. Out: a plot."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from insole.dashboard.model.asymmetry import difference_trend
from insole.dashboard.model.scales import DIFFERENCES_PCT, Ladder
from insole.dashboard.model.scene import Scene, Span
from insole.dashboard.model.session_window import session_end_s, session_ticks_s
from insole.dashboard.model.words import NumberStyle, clock, metric_name
from insole.dashboard.paint.marks import cap_centre, draw_runs
from insole.dashboard.paint.plot_panel import PlotPanel
from insole.dashboard.paint.theme import Look
from insole.dashboard.paint.time_marks import paint_gaps

MARGIN = 62.0


class DifferenceSessionPanel(PlotPanel):
    """Positive: left higher."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, "", "choose a row", parent, under=self._paint_under, over=self._paint_over)
        self.chosen_metric = ""
        self.note_line_pct = math.nan
        self._style = NumberStyle()
        self._ladder = Ladder(DIFFERENCES_PCT)
        self._end_s = session_end_s(0.0)
        self._spans: tuple[Span, ...] = ()
        self._now_s = 0.0
        self._drawn: tuple[object, ...] = ()
        self._fill = self.plot.add_band()
        self._line = self.plot.add_line(z=1)
        self.choose("valr_bw_s")
        self.apply(look)

    def choose(self, metric: str) -> None:
        """Another metric from the next look on."""
        self.chosen_metric = metric
        self.title = f"{metric_name(metric)}, over the session"
        self.setAccessibleName(self.title)
        self._ladder = Ladder(DIFFERENCES_PCT)
        self._drawn = ()
        self.update()

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        super().apply(look)
        self.plot.restyle(look, right_margin=look.px(MARGIN))
        self._fill.set_color(look.color("text2", 0.28))
        self._line.set_pen(look.pen("text1", 2.2))
        self._set_axes()
        self.place()

    def place(self) -> None:
        """Give the plot its room; what it shows is drawn anew."""
        super().place()
        self._drawn = ()

    def _set_axes(self) -> None:
        y = self._ladder.range
        self.plot.set_y(y.low, y.high, [(v, self._style.signed(v, 0) if v else "0") for v in y.ticks()])
        self.plot.set_x(0.0, self._end_s, [(t, clock(t)) for t in session_ticks_s(self._end_s)[:: self._every()]])

    def _every(self) -> int:
        """The narrow plot has room for half of the labels of a wide one."""
        return 1 if len(session_ticks_s(self._end_s)) <= 6 else 2

    def show_scene(self, scene: Scene, style: NumberStyle) -> None:
        """The course of the chosen difference."""
        self._now_s = scene.t_s
        gauge = scene.gauges.get(self.chosen_metric)
        note = math.nan if gauge is None else gauge.note_line_pct
        end_s = session_end_s(scene.t_s)
        state = (
            self.chosen_metric,
            scene.differences,
            scene.differences.last_t_s,
            end_s,
            repr(note),
            style,
            scene.spans,
        )
        if state == self._drawn:
            return
        self._drawn = state
        self._style, self.note_line_pct, self._end_s, self._spans = style, note, end_s, scene.spans
        found = difference_trend(scene, self.chosen_metric, end_s / max(1.0, self.plot.data_box().width()))
        bulk = np.concatenate([found.low, found.high, [note]])
        known = bulk[np.isfinite(bulk)]
        self._ladder.fit(np.percentile(known, [2, 98]) if len(known) else known)
        self._set_axes()
        y = self._ladder.range
        low, high = np.clip(found.low, y.low, y.high), np.clip(found.high, y.low, y.high)
        self._fill.set_points(found.t_s, low, high, found.join)
        self._line.set_points(found.t_s, np.clip(found.value, y.low, y.high), found.join)
        self.plot.viewport().update()

    def paint_content(self, painter: QPainter) -> None:
        """Names of both axes."""
        self.paint_axis_names(painter, "%, + left higher", "session time, min:s")

    def _paint_under(self, painter: QPainter, box: QRectF) -> None:
        """Missing data, zero."""
        look = self.look
        paint_gaps(painter, self.plot, box, self._spans, self._now_s)
        y = self.plot.to_pixel(0, 0).y()
        painter.setPen(look.pen("text1", 1.2))
        painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))

    def _paint_over(self, painter: QPainter, box: QRectF) -> None:
        """Note lines and their names."""
        if not math.isfinite(self.note_line_pct):
            return
        look = self.look
        axis = self._ladder.range
        font = look.font("axis")
        for line in (self.note_line_pct, -self.note_line_pct):
            if axis.low <= line <= axis.high:
                y = self.plot.to_pixel(0, line).y()
                painter.setPen(look.dashed("text2", (2, 3), 1.2))
                painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
                run = (f"note {self._style.number(self.note_line_pct, 0)}", font, look.color("text2"))
                draw_runs(painter, box.right() + look.px(8), cap_centre(font, y), [run])
