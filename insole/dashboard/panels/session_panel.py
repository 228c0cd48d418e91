"""Loading rate over the whole session: a dot a contact, running medians with bands, lines, markers, flag spans.

In: plot history of the scene. Out: a plot whose cost does not grow with the session: dots are painted once, lines have
one point a pixel.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from insole.blocks import FlagState, FloatArray, Side
from insole.dashboard.model.history import LinearBuffer
from insole.dashboard.model.rate_window import (
    FEWEST_FOR_BULK,
    LONGEST_GAP_S,
    LevelLine,
    axis_must_hold,
    level_lines,
    withheld_reason,
)
from insole.dashboard.model.scales import RATES_BW_S, Ladder
from insole.dashboard.model.scene import FEET, Scene
from insole.dashboard.model.session_window import (
    FlagStretch,
    Trend,
    flag_stretches,
    session_end_s,
    session_ticks_s,
    trend,
)
from insole.dashboard.model.words import NumberStyle, clock, plural
from insole.dashboard.paint.dot_layer import DotLayer
from insole.dashboard.paint.marks import Run, draw_runs, draw_span_end
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

LEAST_MARGIN = 86.0
DOT, DOT_OPACITY = 3.4, 0.34
SPAN_TINTS = {FlagState.WATCH: "watch", FlagState.ON: "on"}
PIXELS_A_POINT = 2  # an hour's line is then painted in a fifth of the time


class SessionPanel(PlotPanel):
    """One axis from the start of the session to a round number of minutes."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(
            look, "Loading rate over the session", "", parent, under=self._paint_under, over=self._paint_over
        )
        self._style = NumberStyle()
        self._ladder = Ladder(RATES_BW_S)
        self._end_s = session_end_s(0.0)
        self._now_s = 0.0
        self._lines: tuple[LevelLine, ...] = ()
        self._stretches: tuple[FlagStretch, ...] = ()
        self._scene: Scene | None = None
        self._buffers: Mapping[Side, LinearBuffer] = {}
        self._trends: dict[Side, Trend] = {}
        self._dots = DotLayer()
        self._dotted_s: dict[Side, float] = {}  # time of the last contact that has a dot
        self.beyond = 0
        self.reason = ""
        self._fills = {side: self.plot.add_band() for side in FEET}
        self._halos = {side: self.plot.add_line(z=1) for side in FEET}
        self._medians = {side: self.plot.add_line(z=2) for side in FEET}
        self.apply(look)

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        super().apply(look)
        self.hint = "dots: contacts, line: median of 60" + ("" if look.compact else ", band: 95 % with calibration")
        self._restyle()
        for side in FEET:
            self._fills[side].set_color(look.color(foot_tint(side), 0.2))
            self._halos[side].set_pen(look.pen("panel", 5))
            self._medians[side].set_pen(look.pen(foot_tint(side), 2.4))
        self._set_axes()
        self.place()

    def title_runs(self) -> list[Run]:
        """Which loading rate."""
        return [*super().title_runs(), ("   VALR 20–80 % to POI", self.look.font("hint"), self.look.color("text3"))]

    def place(self) -> None:
        """Give the plot its room; what it shows is drawn anew."""
        super().place()
        self._dotted_s.clear()
        if self._scene is not None:
            self.show_scene(self._scene, self._style)

    def _restyle(self) -> None:
        self.plot.restyle(self.look, right_margin=names_margin(self.look, self._lines, LEAST_MARGIN))

    def _set_axes(self) -> None:
        y = self._ladder.range
        self.plot.set_y(y.low, y.high, [(v, self._style.number(v, 0)) for v in y.ticks()])
        self.plot.set_x(0.0, self._end_s, [(t, clock(t)) for t in session_ticks_s(self._end_s)])
        self._dotted_s.clear()

    # ---- data ----------------------------------------------------------------------------------------------------

    def show_scene(self, scene: Scene, style: NumberStyle) -> None:
        """Dots of new contacts; lines again when there were any."""
        self._scene, self._now_s = scene, scene.t_s
        if style != self._style:
            self._style = style
            self._set_axes()
        lines = level_lines(scene, style)
        if lines != self._lines:
            self._lines = lines
            self._restyle()
            self._dotted_s.clear()
        if scene.rates is not self._buffers:  # a replay went to another moment: the past may be another one
            self._buffers = scene.rates
            self._dotted_s.clear()
        self._stretches = flag_stretches(scene, "valr_bw_s")
        self.reason = withheld_reason(scene)
        end_s = session_end_s(scene.t_s)
        if self._ladder.fit(self._must_hold(scene)) or end_s != self._end_s:
            self._end_s = end_s
            self._set_axes()
        newest = {side: scene.rates[side].last_t_s for side in FEET}
        if self._dots.box != self.plot.data_box():  # a plot takes its new size later than its panel
            self._dotted_s.clear()
        if any(newest[side] > self._dotted_s.get(side, -np.inf) for side in FEET) or not self._dotted_s:
            self._draw(scene)
        self.setAccessibleDescription(", ".join(line.label for line in lines))
        self.plot.viewport().update()

    def _must_hold(self, scene: Scene) -> FloatArray:
        """As in the panel of the last minute; of a run of a few contacts, half of them."""
        values = np.concatenate([scene.rates[side].since(0.0)["value"] for side in FEET])
        known = values[np.isfinite(values)]
        few = np.percentile(known, [25, 75]) if 0 < len(known) < FEWEST_FOR_BULK else np.empty(0)
        return np.concatenate([few, axis_must_hold(scene, 0.0)])

    def _draw(self, scene: Scene) -> None:
        box = self.plot.data_box()
        if not self._dotted_s:
            self._dots.restart(box, self.devicePixelRatioF())
            self.beyond = 0
        y = self._ladder.range
        for side in FEET:
            self._add_dots(scene, side)
            rows = scene.medians[side].since(0.0)
            pixel_s = PIXELS_A_POINT * self._end_s / max(1.0, box.width())
            found = trend(rows["t_s"], rows["value"], rows["low"], rows["high"], pixel_s, LONGEST_GAP_S)
            self._trends[side] = found
            inside = np.clip(found.value, y.low, y.high)
            for line in (self._halos[side], self._medians[side]):
                line.set_points(found.t_s, inside, found.join)
            low, high = np.clip(found.low, y.low, y.high), np.clip(found.high, y.low, y.high)
            self._fills[side].set_points(found.t_s, low, high, found.join)

    def _add_dots(self, scene: Scene, side: Side) -> None:
        y = self._ladder.range
        rows = scene.rates[side].since(np.nextafter(self._dotted_s.get(side, -np.inf), np.inf))
        if not len(rows["t_s"]):
            self._dotted_s.setdefault(side, -np.inf)
            return
        self._dotted_s[side] = float(rows["t_s"][-1])
        known = np.isfinite(rows["value"])
        value = rows["value"][known]
        beyond = (value < y.low) | (value > y.high)
        self.beyond += int(beyond.sum())
        places = self._places(rows["t_s"][known][~beyond], value[~beyond])
        color = self.look.color(foot_tint(side), DOT_OPACITY)
        self._dots.add(places, color, self.look.px(DOT), round_dots=side == Side.LEFT)
        self.update()

    def _places(self, t_s: FloatArray, value: FloatArray) -> FloatArray:
        origin, far = self.plot.to_pixel(0.0, 0.0), self.plot.to_pixel(1.0, 1.0)
        x = origin.x() + t_s * (far.x() - origin.x())
        return np.stack([x, origin.y() + value * (far.y() - origin.y())], axis=1)

    # ---- painting ------------------------------------------------------------------------------------------------

    def paint_content(self, painter: QPainter) -> None:
        """Names of both axes; how many contacts stand outside."""
        self.paint_axis_names(painter, "BW/s", "session time, min:s")
        if self.beyond:
            look, room = self.look, self.content()
            drawn = "is not drawn" if self.beyond == 1 else "are not drawn"
            text = f"{plural(self.beyond, 'contact')} beyond the axis {drawn}"
            run = (text, look.font("axis"), look.color("text3"))
            draw_runs(painter, room.left() + look.px(36), room.bottom() - look.px(3), [run])

    def _paint_under(self, painter: QPainter, box: QRectF) -> None:
        """Missing data, dots, lines."""
        if self._scene is not None:
            paint_gaps(painter, self.plot, box, self._scene.spans, self._now_s)
        self._dots.paint(painter)
        paint_level_lines(painter, self.plot, box, self._lines)

    def _paint_over(self, painter: QPainter, box: QRectF) -> None:
        """The moment, flag spans, lost links, markers, letters, names of the lines."""
        look = self.look
        now = self.plot.to_pixel(self._now_s, 0).x()
        painter.setPen(look.pen("text3", 1))
        painter.drawLine(QPointF(now, box.top()), QPointF(now, box.bottom()))
        if box.right() - now > look.px(36):
            font = look.font("axis")
            run = ("now", font, look.color("text2"))
            draw_runs(painter, now + look.px(6), box.top() + look.px(9), [run])
        if self._scene is not None:
            paint_lost_links(painter, self.plot, box, self._scene.spans)
            paint_tags(painter, self.plot, box, list(self._scene.markers.standing))
        self._paint_stretches(painter, box)
        paint_letters(painter, self.plot, box, self._begins())
        paint_line_names(painter, self.plot, box, self._lines)
        self.paint_reason(painter, box, self.reason)

    def _paint_stretches(self, painter: QPainter, box: QRectF) -> None:
        """Flags as bars on the axis, each with its shape at the left end."""
        height = self.look.px(5)
        for stretch in self._stretches:
            left = self.plot.to_pixel(stretch.from_s, 0).x()
            right = max(left + self.look.px(2), self.plot.to_pixel(min(stretch.to_s, self._end_s), 0).x())
            bar = QRectF(left, box.bottom() - height, right - left, height)
            painter.fillRect(bar, self.look.color(SPAN_TINTS[stretch.state]))
            draw_span_end(painter, self.look, stretch.state, QPointF(left, bar.top() - self.look.px(7)))

    def _begins(self) -> dict[Side, tuple[float, float]]:
        """Time and value of each median where it begins."""
        y = self._ladder.range
        trends = {side: t for side, t in self._trends.items() if len(t.t_s)}
        return {side: (float(t.t_s[0]), float(np.clip(t.value[0], y.low, y.high))) for side, t in trends.items()}
