"""Loading rate of every contact of the last minute, with running medians and lines. In: plot history of the scene."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QResizeEvent
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
from insole.dashboard.model.scales import RATES_BW_S, WINDOW_S, Ladder, spread_labels, time_ticks, time_window
from insole.dashboard.model.scene import FEET, Scene, Span
from insole.dashboard.model.words import NumberStyle, clock, side_name
from insole.dashboard.paint.marks import Run, cap_centre, draw_badge, draw_hatch, draw_runs
from insole.dashboard.paint.panel import Panel
from insole.dashboard.paint.plot import Dots, Plot
from insole.dashboard.paint.theme import Look, foot_tint

LEAST_MARGIN = 66.0  # for the labels of the lines
DOTS = {Side.LEFT: ("o", 5.6), Side.RIGHT: ("s", 5.0)}  # shape, size


class RatePanel(Panel):
    """Dots for contacts (hollow: limited), lines for the medians, hatching where a foot sent nothing."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, "Loading rate per contact", "VALR 20–80 % to POI, last 60 s", parent)
        self._style = NumberStyle()
        self._ladder = Ladder(RATES_BW_S)
        self._lines: tuple[LevelLine, ...] = ()
        self._spans: list[Span] = []
        self._markers: list[tuple[float, int]] = []
        self._rates: dict[Side, FootRates] = {}
        self._start_s = 0.0
        self._seen: tuple[object, ...] = ()  # what the window showed when it was last painted
        self._drawn: tuple[object, ...] = ()  # the contacts that the curves were last made of
        self.beyond = 0
        self.reason = ""
        self.plot = Plot(look, under=self._paint_under, over=self._paint_over)
        self.plot.setParent(self)
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
        self._place()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Keep the plot between title and axis name."""
        self._place()

    def _place(self) -> None:
        room = self.content()
        top = room.top() + self.look.px(8)
        bottom = room.bottom() - self.look.px(17)
        self.plot.setGeometry(QRectF(room.left(), top, room.width(), bottom - top).toRect())
        self._seen = self._drawn = ()

    def _margin(self) -> float:
        """Room for the widest label."""
        metrics = QFontMetricsF(self.look.font("end_label"))
        widest = max((metrics.horizontalAdvance(line.label) for line in self._lines), default=0.0)
        return max(self.look.px(LEAST_MARGIN), widest + self.look.px(12))

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
        seen = (start, contacts, lines, spans, scene.marker_count, reason)
        if seen == self._seen:
            return
        self._seen, self._start_s = seen, start
        if lines != self._lines:
            self._lines = lines
            self.plot.restyle(self.look, right_margin=self._margin())
        self._spans, self.reason = spans, reason
        first = scene.marker_count - len(scene.markers) + 1
        self._markers = [(t, first + i) for i, (t, _) in enumerate(scene.markers) if t >= start]
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
        look = self.look
        room = self.content()
        font, grey = look.font("axis"), look.color("text3")
        top = look.size("title_bar") + look.px(1)
        draw_runs(painter, room.left() + look.px(2), cap_centre(font, top), [("BW/s", font, grey)])
        name: Run = ("session time, min:s", font, grey)
        right = room.right() - self._margin()
        draw_runs(painter, right, room.bottom() - look.px(3), [name], align="right")
        if self.beyond:
            text = f"{self.beyond} beyond the axis, hollow"
            draw_runs(painter, room.left() + look.px(36), room.bottom() - look.px(3), [(text, font, grey)])

    def _paint_under(self, painter: QPainter, box: QRectF) -> None:
        """Hatching of missing data, then the lines."""
        look = self.look
        for span in self._spans:
            left = max(box.left(), self.plot.to_pixel(span.from_s, 0).x())
            right = box.right() if span.to_s is None else min(box.right(), self.plot.to_pixel(span.to_s, 0).x())
            path = QPainterPath()
            path.addRect(QRectF(left, box.top(), max(0.0, right - left), box.height()))
            draw_hatch(painter, look, path, tint="grid", step=7)
        pens = {"target": look.target_pen(), "baseline": look.baseline_pen()}
        for line in self._lines_on_axis():
            y = self.plot.to_pixel(0, line.value).y()
            painter.setPen(pens.get(line.tint) or look.pen(line.tint, 1, 0.7))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))

    def _lines_on_axis(self) -> list[LevelLine]:
        y = self._ladder.range
        return [line for line in self._lines if y.low <= line.value <= y.high]

    def _paint_over(self, painter: QPainter, box: QRectF) -> None:
        """Letters of the medians, names of the lines, where links were lost, markers."""
        look = self.look
        axis = look.font("axis")
        for line, span in enumerate(span for span in self._spans if span.from_s >= self._start_s):
            x = self.plot.to_pixel(span.from_s, 0).x()
            painter.setPen(look.pen("on", 1.4))
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
            text = f"{side_name(span.side).lower()} link lost"
            align = "right" if x > box.left() + look.px(110) else "left"
            at = x + look.px(-6 if align == "right" else 6)
            draw_runs(
                painter,
                at,
                box.top() + look.px(10 + 15 * (line % 4)),
                [(text, axis, look.color("on_text"))],
                align=align,
            )
        free = box.left() - look.size("badge")
        for t, number in self._markers:
            free = self._paint_marker(painter, box, t, number, free)
        self._paint_letters(painter, box)
        self._paint_line_names(painter, box)
        if self.reason:
            font = look.font("body")
            run = (self.reason, font, look.color("text3"))
            draw_runs(painter, box.right() - look.px(8), box.top() + look.px(16), [run], align="right")

    def _paint_letters(self, painter: QPainter, box: QRectF) -> None:
        """The foot of each median, where it begins."""
        begins = {side: rates.first_median(self._start_s) for side, rates in self._rates.items()}
        places = {
            side: self.plot.to_pixel(max(begin[0], self._start_s + 2), begin[1])
            for side, begin in begins.items()
            if begin is not None
        }
        size = self.look.size("badge") + self.look.px(1)
        heights = spread_labels([place.y() for place in places.values()], size, box.top(), box.bottom())
        for (side, place), y in zip(places.items(), heights, strict=True):
            draw_badge(painter, self.look, side, QPointF(place.x(), y))

    def _paint_marker(self, painter: QPainter, box: QRectF, t: float, number: int, free: float) -> float:
        """A line with its number, where there is room to the right of `free`; returns what is free then."""
        look = self.look
        x = self.plot.to_pixel(t, 0).x()
        painter.setPen(look.dashed("text3", (2, 3), 1))
        painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
        font = look.font("badge")
        height = look.size("badge")
        width = max(height, QFontMetricsF(font).horizontalAdvance(str(number)) + look.px(8))
        if x - width / 2 < free:
            return free
        tag = QRectF(x - width / 2, box.top() - look.px(4), width, height)
        painter.setPen(look.pen("text2", 1.2))
        painter.setBrush(look.color("panel"))
        painter.drawRoundedRect(tag, look.px(3), look.px(3))
        run = (str(number), font, look.color("text1"))
        draw_runs(painter, x, cap_centre(font, tag.center().y()), [run], align="centre")
        return tag.right() + look.px(2)

    def _paint_line_names(self, painter: QPainter, box: QRectF) -> None:
        look = self.look
        shown = self._lines_on_axis()
        font, strong = look.font("axis"), look.font("end_label")
        wanted = [self.plot.to_pixel(0, line.value).y() for line in shown]
        tints = {"on": "on_text", "watch": "watch_text", "target": "text1", "baseline": "text2"}
        places = spread_labels(wanted, font.pixelSize() + look.px(2.5), box.top(), box.bottom())
        for line, y in zip(shown, places, strict=True):
            chosen = strong if line.tint == "target" else font
            run = (line.label, chosen, look.color(tints[line.tint]))
            draw_runs(painter, box.right() + look.px(8), cap_centre(chosen, y), [run])
