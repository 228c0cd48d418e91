"""Loading rate of every contact of the last minute, with running medians and lines. In: plot history of the scene."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from insole.blocks import Side
from insole.dashboard.model.rate_window import (
    LONGEST_GAP_S,
    FootRates,
    LevelLine,
    axis_must_hold,
    foot_rates,
    level_lines,
    withheld_reason,
)
from insole.dashboard.model.scales import RATES_BW_S, WINDOW_S, Ladder, time_ticks, time_window
from insole.dashboard.model.scene import FEET, Scene, Span
from insole.dashboard.model.words import NumberStyle, clock
from insole.dashboard.paint.marks import draw_runs
from insole.dashboard.paint.plot import Dots
from insole.dashboard.paint.plot_panel import PlotPanel
from insole.dashboard.paint.theme import Look, foot_tint
from insole.dashboard.paint.time_marks import (
    names_margin,
    paint_gaps,
    paint_letters,
    paint_level_lines,
    paint_line_names,
    paint_lost_links,
    paint_tags,
)
from insole.history.markers import SetMarker

LEAST_MARGIN = 66.0  # for the labels of the lines
DOTS = {Side.LEFT: ("o", 5.6), Side.RIGHT: ("s", 5.0)}  # shape, size


class RatePanel(PlotPanel):
    """Dots for contacts (hollow: limited), lines for the medians, hatching where a foot sent nothing."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(
            look,
            "Loading rate per contact",
            "VALR 20–80 % to POI, last 60 s",
            parent,
            under=self._paint_under,
            over=self._paint_over,
        )
        self._style = NumberStyle()
        self._ladder = Ladder(RATES_BW_S)
        self._lines: tuple[LevelLine, ...] = ()
        self._spans: list[Span] = []
        self._tags: list[SetMarker] = []
        self._rates: dict[Side, FootRates] = {}
        self._start_s = 0.0
        self._seen: tuple[object, ...] = ()  # what the window showed when it was last painted
        self._drawn: tuple[object, ...] = ()  # the contacts that the curves were last made of
        self.beyond = 0
        self.reason = ""
        self._dots: dict[Side, Dots] = {side: self.plot.add_dots(DOTS[side][0]) for side in FEET}
        self._halos = {side: self.plot.add_line(z=1) for side in FEET}
        self._medians = {side: self.plot.add_line(z=2) for side in FEET}
        self.apply(look)

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        super().apply(look)
        self.plot.restyle(look, right_margin=self._margin())
        for side in FEET:
            self._halos[side].set_pen(look.pen("panel", 5))
            self._medians[side].set_pen(look.pen(foot_tint(side), 2.4))
            self._dots[side].set_look(look.color(foot_tint(side), 0.8), look.px(DOTS[side][1]), look.px(1.2))
        self._set_y()
        self.plot.set_x(0, WINDOW_S, [(t, clock(t)) for t in time_ticks(0, WINDOW_S)])
        self.place()

    def place(self) -> None:
        """Give the plot its room; what it shows is drawn anew."""
        super().place()
        self._seen = self._drawn = ()

    def _margin(self) -> float:
        return names_margin(self.look, self._lines, LEAST_MARGIN)

    def _set_y(self) -> None:
        y = self._ladder.range
        self.plot.set_y(y.low, y.high, [(v, self._style.number(v, 0)) for v in y.ticks()])

    def show_scene(self, scene: Scene, style: NumberStyle) -> None:
        """Move the window by whole pixels, and make the curves again when contacts came."""
        self._style = style
        start, end = time_window(scene.t_s, WINDOW_S / max(1.0, self.plot.data_box().width()))
        contacts = tuple(scene.rates[side].last_t_s for side in FEET)
        lines = level_lines(scene, style)
        spans = [s for s in scene.spans if s.to_s is None or s.to_s > start]
        reason = withheld_reason(scene)
        seen = (start, contacts, lines, spans, scene.markers.changes, reason)
        if seen == self._seen:
            return
        self._seen, self._start_s = seen, start
        if lines != self._lines:
            self._lines = lines
            self.plot.restyle(self.look, right_margin=self._margin())
        self._spans, self.reason = spans, reason
        self._tags = [tag for tag in scene.markers.standing if tag.t_s >= start]
        self.plot.set_x(start, end, [(t, clock(t)) for t in time_ticks(start, end)])
        if contacts != self._drawn:
            self._drawn = contacts
            self._draw(scene, start)
        beyond = sum(int((rates.beyond & (rates.t_s >= start)).sum()) for rates in self._rates.values())
        if beyond != self.beyond:
            self.beyond = beyond
            self.update()
        self.setAccessibleDescription(", ".join(line.label for line in lines))
        self.plot.viewport().update()

    def _draw(self, scene: Scene, start: float) -> None:
        since = start - LONGEST_GAP_S
        if self._ladder.fit(axis_must_hold(scene, since)):
            self._set_y()
        self._rates = {side: foot_rates(scene, side, since, self._ladder.range) for side in FEET}
        for side, rates in self._rates.items():
            self._dots[side].set_points(rates.t_s, rates.value, rates.hollow)
            for line in (self._halos[side], self._medians[side]):
                line.set_points(rates.median_t_s, rates.median, rates.join)

    def paint_content(self, painter: QPainter) -> None:
        """Names of both axes; how many contacts stand outside."""
        self.paint_axis_names(painter, "BW/s", "session time, min:s")
        if self.beyond:
            look, room = self.look, self.content()
            run = (f"{self.beyond} beyond the axis, hollow", look.font("axis"), look.color("text3"))
            draw_runs(painter, room.left() + look.px(36), room.bottom() - look.px(3), [run])

    def _paint_under(self, painter: QPainter, box: QRectF) -> None:
        """Hatching of missing data, then the lines."""
        paint_gaps(painter, self.plot, box, self._spans, math.inf)
        paint_level_lines(painter, self.plot, box, self._lines)

    def _paint_over(self, painter: QPainter, box: QRectF) -> None:
        """Letters of the medians, names of the lines, where links were lost, markers."""
        paint_lost_links(painter, self.plot, box, [span for span in self._spans if span.from_s >= self._start_s])
        paint_tags(painter, self.plot, box, self._tags)
        paint_letters(painter, self.plot, box, self._begins())
        paint_line_names(painter, self.plot, box, self._lines)
        self.paint_reason(painter, box, self.reason)

    def _begins(self) -> dict[Side, tuple[float, float]]:
        """Time and value of each median where it begins, a little inside of the window."""
        begins = {side: rates.first_median(self._start_s) for side, rates in self._rates.items()}
        return {s: (max(begin[0], self._start_s + 2), begin[1]) for s, begin in begins.items() if begin is not None}
