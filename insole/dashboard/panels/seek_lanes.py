"""The lanes of the seek bar, and all on them that stays while the position moves.

In: the course of a recording and a width. Out: places, and a picture of loading rate, flags, markers and silences.
"""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPolygonF

from insole.blocks import FlagState, Side
from insole.dashboard.model.course import Course
from insole.dashboard.model.rate_window import LevelLine
from insole.dashboard.model.scales import Range
from insole.dashboard.model.scene import FEET
from insole.dashboard.model.seek_track import SHOWN_SILENCE_S, FlagBar, flag_bars, track_line, track_ticks
from insole.dashboard.model.words import NumberStyle, clock
from insole.dashboard.paint.marks import Run, cap_centre, draw_hatch, draw_runs, fitted
from insole.dashboard.paint.theme import Look, foot_tint

LABELS = 108.0  # pixels of the names on the left
TALL = {"tags": 18.0, "rate": 64.0, "flags": 34.0, "markers": 24.0, "axis": 20.0, "contacts": 46.0}
TALL_COMPACT = {"tags": 17.0, "rate": 36.0, "flags": 26.0, "markers": 20.0, "axis": 18.0, "contacts": 30.0}
SLIM = {"tags": 17.0, "rate": 34.0, "flags": 14.0, "axis": 18.0}
SLIM_COMPACT = {"tags": 17.0, "rate": 22.0, "flags": 13.0, "axis": 20.0}
_HEIGHTS = {(True, False): TALL, (True, True): TALL_COMPACT, (False, False): SLIM, (False, True): SLIM_COMPACT}
GAP, GAP_COMPACT = 4.0, 2.0
THICK = 12.0  # of a flag
LEAST_BAR = 10.0  # pixels of a flag, so that its shape has a place
WINDOW_S = 6.0  # of the lane of contacts
TICK_ROOM = 72.0
TWO_LINES = 30.0


class SeekLanes:
    """One recording at one width.

    Parameters
    ----------
    look : Look
    course : Course
    lines : tuple of LevelLine
        Of the loading rate.
    scale : Range
        Of the loading rate.
    style : NumberStyle
    tall : bool
        With lanes for markers and contacts.
    width : float
        In pixels, names included.
    """

    def __init__(
        self,
        look: Look,
        course: Course,
        lines: tuple[LevelLine, ...],
        scale: Range,
        style: NumberStyle,
        tall: bool,
        width: float,
    ) -> None:
        self.look, self.course, self.tall = look, course, tall
        self._lines, self._scale, self._style, self._width = lines, scale, style, width
        self._rows = 2 if tall else 1
        self.bars = flag_bars(course, self._rows)
        self._heights = _HEIGHTS[tall, look.compact]

    # ---- places ----------------------------------------------------------------------------------------------------

    def _gap(self) -> float:
        return self.look.px(GAP_COMPACT if self.look.compact else GAP)

    @property
    def height(self) -> int:
        """Of all lanes, in pixels."""
        return round(sum(self.look.px(h) for h in self._heights.values()) + self._gap() * (len(self._heights) - 1))

    def lane(self, name: str) -> QRectF:
        """Where a lane stands, without its name; a null rectangle for one that is not there."""
        top = 0.0
        left = self.look.px(LABELS)
        for lane, height in self._heights.items():
            if lane == name:
                return QRectF(left, top, max(1.0, self._width - left - self.look.px(4)), self.look.px(height))
            top += self.look.px(height) + self._gap()
        return QRectF()

    def x_of(self, t_s: float) -> float:
        """Where a time stands."""
        lane = self.lane("rate")
        end_s = self.course.end_s or math.inf  # nothing is known yet: everything stands at the beginning
        return lane.left() + lane.width() * min(1.0, max(0.0, t_s / end_s))

    def time_at(self, x: float, y: float, position_s: float) -> float:
        """The time at a place; in the lane of contacts, around the position."""
        if self.in_contacts(y):
            lane = self.lane("contacts")
            return position_s + ((x - lane.left()) / lane.width() - 0.5) * WINDOW_S
        lane = self.lane("rate")
        return self.course.end_s * min(1.0, max(0.0, (x - lane.left()) / lane.width()))

    def in_contacts(self, y: float) -> bool:
        """Whether a height is in the lane of contacts."""
        return self.tall and y >= self.lane("contacts").top()

    def said_at(self, x: float, y: float, position_s: float) -> str:
        """What stands at a place, in words."""
        for bar in reversed(self.bars):
            if self.box_of(bar).adjusted(-1, -1, 1, 1).contains(x, y):
                return f"{clock(bar.from_s)} to {clock(bar.to_s)}: {self._style.localised(bar.text)}"
        for marker in self.course.markers:
            if abs(self.x_of(marker.t_s) - x) < self.look.px(8) and y < self.lane("axis").top():
                return f"{clock(marker.t_s)}: {marker.text or f'marker {marker.number}'}"
        return clock(self.time_at(x, y, position_s))

    def box_of(self, bar: FlagBar) -> QRectF:
        """Where a span of a flag stands."""
        row = self._row(bar.row)
        left = self.x_of(bar.from_s)
        return QRectF(left, row.top(), max(self.x_of(bar.to_s) - left, self.look.px(LEAST_BAR)), row.height())

    def _row(self, row: int) -> QRectF:
        lane = self.lane("flags")
        room, thick = lane.height() / self._rows, self.look.px(THICK)
        return QRectF(lane.left(), lane.top() + row * room + (room - thick) / 2, lane.width(), thick)

    # ---- painting --------------------------------------------------------------------------------------------------

    def paint(self, painter: QPainter) -> None:
        """Everything."""
        self._paint_names(painter)
        self._paint_rate(painter, self.lane("rate"))
        self._paint_flags(painter)
        self._paint_markers(painter)
        self._paint_axis(painter, self.lane("axis"))

    def _paint_names(self, painter: QPainter) -> None:
        look = self.look
        body, hint = look.font("hint"), look.font("axis")
        y = self._scale
        scale = f"BW/s, {self._style.number(y.low, 0)} to {self._style.number(y.high, 0)}"
        names = {
            "rate": ("Loading rate", scale if self.lane("rate").height() >= look.px(TWO_LINES) else ""),
            "flags": ("Flags", ""),
            "markers": ("Markers", ""),
            "contacts": ("Contacts", f"{self._style.number(WINDOW_S, 0)} s at the cursor"),
        }
        for lane, (name, below) in names.items():
            box = self.lane(lane)
            if box.isNull():
                continue
            middle = box.center().y() - (look.px(7.5) if below else 0)
            draw_runs(painter, 0, cap_centre(body, middle), [(name, body, look.color("text2"))])
            if below:
                draw_runs(painter, 0, cap_centre(hint, middle + look.px(15)), [(below, hint, look.color("text3"))])

    def _paint_rate(self, painter: QPainter, lane: QRectF) -> None:
        """Ground, silences, lines, medians; hatched where the analysis has not come yet."""
        look = self.look
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("inset"))
        painter.drawRoundedRect(lane, look.px(3), look.px(3))
        y = self._scale

        def height(value: float) -> float:
            share = (min(max(value, y.low), y.high) - y.low) / (y.high - y.low)
            return lane.bottom() - look.px(2) - share * (lane.height() - look.px(4))

        if not self.course.complete:
            self._hatch(
                painter, QRectF(self.x_of(self.course.reached_s), lane.top(), lane.right(), lane.height()), lane
            )
        for silence in self.course.silences:
            if silence.to_s - silence.from_s > SHOWN_SILENCE_S:
                self._paint_silence(painter, lane, silence.side, silence.from_s, silence.to_s)
        for line in self._lines:
            if line.tint in {"on", "watch"} and y.low <= line.value <= y.high:
                painter.setPen(look.pen(line.tint, 1, 0.7))
                painter.drawLine(QPointF(lane.left(), height(line.value)), QPointF(lane.right(), height(line.value)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for side in FEET:
            track = track_line(self.course, side, self.course.end_s / lane.width())
            if not len(track.t_s):
                continue
            x = lane.left() + lane.width() * track.t_s / self.course.end_s
            points = [QPointF(a, height(b)) for a, b in zip(x.tolist(), track.value.tolist(), strict=True)]
            painter.setPen(look.pen(foot_tint(side), 1.6))
            for piece in np.split(np.arange(len(points)), np.flatnonzero(~track.join[:-1]) + 1):
                painter.drawPolyline(QPolygonF([points[i] for i in piece.tolist()]))

    def _paint_silence(self, painter: QPainter, lane: QRectF, side: Side, from_s: float, to_s: float) -> None:
        """Hatched in the half of the lane of its foot: upper left, lower right; both for a belt."""
        left, right = self.x_of(from_s), max(self.x_of(to_s), self.x_of(from_s) + self.look.px(3))
        half = lane.height() / 2
        top = lane.top() + (half if side == Side.RIGHT else 0)
        box = QRectF(left, top, right - left, lane.height() if side == Side.BELT else half)
        self._hatch(painter, box, lane)
        painter.setPen(self.look.pen("on", 1.4))
        painter.drawLine(QPointF(left, box.top()), QPointF(left, box.bottom()))

    def _hatch(self, painter: QPainter, box: QRectF, lane: QRectF) -> None:
        path = QPainterPath()
        path.addRect(box.intersected(lane))
        draw_hatch(painter, self.look, path, step=6)

    def _paint_flags(self, painter: QPainter) -> None:
        """Each span with its shape at the left end; what it is, where there is room beside it."""
        look = self.look
        used = max((bar.row + 1 for bar in self.bars), default=1)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("inset"))
        for row in range(used):
            painter.drawRoundedRect(self._row(row), look.px(2), look.px(2))
        for bar in self.bars:
            box = self.box_of(bar)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("on" if bar.state == FlagState.ON else "watch"))
            painter.drawRoundedRect(box, look.px(2), look.px(2))
            self._paint_shape(painter, bar.state, QPointF(box.left() + look.px(8), box.center().y()))
        for bar in self.bars:
            self._paint_flag_name(painter, bar)

    def _paint_shape(self, painter: QPainter, state: FlagState, at: QPointF) -> None:
        """Triangle or diamond in the colour of the ground, on the span."""
        half = self.look.px(3.6)
        x, y = at.x(), at.y()
        if state == FlagState.ON:
            corners = [QPointF(x, y - half), QPointF(x + half, y), QPointF(x, y + half), QPointF(x - half, y)]
        else:
            corners = [QPointF(x, y - half), QPointF(x + half, y + half * 0.8), QPointF(x - half, y + half * 0.8)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._ink(state))
        painter.drawPolygon(QPolygonF(corners))

    def _ink(self, state: FlagState) -> QColor:
        """What can be read on a span."""
        if self.look.dark:
            return self.look.color("bg")
        return self.look.color("panel" if state == FlagState.ON else "text1")

    def _paint_flag_name(self, painter: QPainter, bar: FlagBar) -> None:
        """To the right of the last span of its row, else inside of it."""
        if not bar.label:
            return
        look = self.look
        font = look.font("axis")
        box = self.box_of(bar)
        wide = QFontMetricsF(font).horizontalAdvance(bar.label)
        end = max(self.box_of(other).right() for other in self.bars if other.row == bar.row)
        if end + wide + look.px(12) <= self._row(0).right():
            run: Run = (bar.label, font, look.color("text2"))
            draw_runs(painter, end + look.px(6), cap_centre(font, box.center().y()), [run])
        elif box.width() > wide + look.px(24):
            run = (bar.label, font, self._ink(bar.state))
            draw_runs(painter, box.left() + look.px(16), cap_centre(font, box.center().y()), [run])

    def _paint_markers(self, painter: QPainter) -> None:
        """A dotted line each; in the tall bar a number and its text, as far as the next one leaves room."""
        look = self.look
        rate, lane = self.lane("rate"), self.lane("markers")
        font, badge = look.font("axis"), look.font("badge")
        markers = self.course.markers
        for i, marker in enumerate(markers):
            x, number = self.x_of(marker.t_s), str(marker.number)
            painter.setPen(look.dashed("text2", (2, 3), 1))
            painter.drawLine(QPointF(x, rate.top()), QPointF(x, (lane if self.tall else rate).bottom()))
            if not self.tall:
                continue
            size = look.size("badge")
            wide = max(size, QFontMetricsF(badge).horizontalAdvance(number) + look.px(8))
            tag = QRectF(x - size / 2, lane.center().y() - size / 2, wide, size)
            painter.setPen(look.pen("text2", 1.2))
            painter.setBrush(look.color("panel"))
            painter.drawRoundedRect(tag, look.px(3), look.px(3))
            run: Run = (number, badge, look.color("text1"))
            draw_runs(painter, tag.center().x(), cap_centre(badge, tag.center().y()), [run], align="centre")
            end = self.x_of(markers[i + 1].t_s) - size if i + 1 < len(markers) else self._width
            text = fitted(marker.text, font, end - tag.right() - look.px(10))
            if len(text) > 1:
                named: Run = (text, font, look.color("text2"))
                draw_runs(painter, tag.right() + look.px(6), cap_centre(font, tag.center().y()), [named])

    def _paint_axis(self, painter: QPainter, lane: QRectF) -> None:
        look = self.look
        font = look.font("axis")
        painter.setPen(look.pen("line", 1))
        painter.drawLine(lane.topLeft(), lane.topRight())
        for t_s in track_ticks(self.course.end_s, lane.width(), look.px(TICK_ROOM)):
            x = self.x_of(t_s)
            painter.setPen(look.pen("line", 1))
            painter.drawLine(QPointF(x, lane.top()), QPointF(x, lane.top() + look.px(4)))
            draw_runs(
                painter,
                x,
                lane.top() + look.px(6) + QFontMetricsF(font).ascent(),
                [(clock(t_s), font, look.color("text2"))],
                align="centre" if x < lane.right() - look.px(16) else "right",
            )
