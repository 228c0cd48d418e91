"""The whole recording on one line: loading rate, flags, markers, silences, A and B, and where the screen is.

In: the course of a recording and what the person does with it. Out: a picture, and where the mouse wants to go.
"""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPixmap, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QToolTip, QWidget

from insole.blocks import Side
from insole.dashboard.model.course import Course
from insole.dashboard.model.rate_window import LevelLine
from insole.dashboard.model.scales import RATES_BW_S, Ladder
from insole.dashboard.model.words import NumberStyle
from insole.dashboard.paint.marks import cap_centre, draw_runs
from insole.dashboard.paint.panel import Painted
from insole.dashboard.paint.theme import Look, foot_tint
from insole.dashboard.panels.seek_lanes import WINDOW_S, SeekLanes


class SeekBar(Painted):
    """Paints itself; pressing or dragging the mouse on it asks for a moment."""

    sought = Signal(float)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self.course = Course.nothing()
        self.lines: tuple[LevelLine, ...] = ()
        self.position_s = 0.0
        self.a_s: float | None = None
        self.b_s: float | None = None
        self.looping = False
        self.tall = False
        self._style = NumberStyle()
        self._ladder = Ladder(RATES_BW_S)
        self._lanes: SeekLanes | None = None
        self._still: QPixmap | None = None  # all that stays while the position moves
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Recording")

    # ---- in --------------------------------------------------------------------------------------------------------

    @property
    def lanes(self) -> SeekLanes:
        """Where everything stands."""
        if self._lanes is None:
            scale = self._ladder.range
            self._lanes = SeekLanes(self.look, self.course, self.lines, scale, self._style, self.tall, self.width())
            self._still = None
        return self._lanes

    def _changed(self) -> None:
        self._lanes = None
        self.update()

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        self._lanes = None
        super().apply(look)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Another width is another place for everything."""
        self._lanes = None

    def set_tall(self, tall: bool) -> None:
        """With lanes for markers and contacts, or without."""
        if tall != self.tall:
            self.tall = tall
            self._changed()

    def show_course(self, course: Course, lines: tuple[LevelLine, ...], style: NumberStyle) -> None:
        """Take what is known of the recording by now."""
        if course is not self.course or (lines, style) != (self.lines, self._style):
            self.course, self.lines, self._style = course, lines, style
            self._ladder.fit(course.rate_median)
            self._changed()

    def show_moment(self, position_s: float, a_s: float | None, b_s: float | None, looping: bool) -> None:
        """Take where the screen is, and what is marked."""
        moment = (position_s, a_s, b_s, looping)
        if moment != (self.position_s, self.a_s, self.b_s, self.looping):
            self.position_s, self.a_s, self.b_s, self.looping = moment
            self.update()

    # ---- mouse -----------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go there."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._ask(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow a drag, not within the lane of contacts, which moves itself."""
        if event.buttons() & Qt.MouseButton.LeftButton and not self.lanes.in_contacts(event.position().y()):
            self._ask(event.position())

    def _ask(self, at: QPointF) -> None:
        self.sought.emit(self.lanes.time_at(at.x(), at.y(), self.position_s))

    def event(self, event: QEvent) -> bool:
        """Say what is under the mouse."""
        if isinstance(event, QHelpEvent):
            text = self.lanes.said_at(event.pos().x(), event.pos().y(), self.position_s)
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    # ---- painting --------------------------------------------------------------------------------------------------

    def paint(self, painter: QPainter) -> None:
        """What stays, from a picture of it; then the position, A and B."""
        lanes = self.lanes
        if self._still is None:
            self._still = self._painted_still()
        painter.drawPixmap(0, 0, self._still)
        self._paint_loop(painter)
        self._paint_position(painter)
        for letter, t_s in (("A", self.a_s), ("B", self.b_s)):
            if t_s is not None:
                self._paint_tag(painter, t_s, letter, dashed=letter == "A")
        if self.tall:
            self._paint_contacts(painter, lanes.lane("contacts"))

    def _painted_still(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        still = QPixmap(math.ceil(self.width() * ratio), math.ceil(self.height() * ratio))
        still.setDevicePixelRatio(ratio)
        still.fill(Qt.GlobalColor.transparent)
        painter = QPainter(still)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.lanes.paint(painter)
        painter.end()
        return still

    def _paint_loop(self, painter: QPainter) -> None:
        """The ground between A and B while it is looped."""
        if self.looping and self.a_s is not None and self.b_s is not None:
            left, right = sorted((self.lanes.x_of(self.a_s), self.lanes.x_of(self.b_s)))
            rate = self.lanes.lane("rate")
            painter.fillRect(QRectF(left, rate.top(), right - left, rate.height()), self.look.color("text1", 0.10))

    def _paint_tag(self, painter: QPainter, t_s: float, letter: str, *, dashed: bool) -> None:
        look = self.look
        x = self.lanes.x_of(t_s)
        tags, end = self.lanes.lane("tags"), self.lanes.lane("axis").top()
        painter.setPen(look.dashed("text1", (4, 3), 1.4) if dashed else look.pen("text1", 1.4))
        painter.drawLine(QPointF(x, tags.bottom()), QPointF(x, end))
        size = tags.height() - look.px(3)
        box = QRectF(x - size / 2, tags.top(), size, size)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("text1"))
        painter.drawRoundedRect(box, look.px(3), look.px(3))
        font = look.font("badge")
        draw_runs(painter, x, cap_centre(font, box.center().y()), [(letter, font, look.color("bg"))], align="centre")

    def _paint_position(self, painter: QPainter) -> None:
        look = self.look
        x = self.lanes.x_of(self.position_s)
        tags, end = self.lanes.lane("tags"), self.lanes.lane("axis").top()
        painter.setPen(look.pen("text1", 2))
        painter.drawLine(QPointF(x, tags.bottom() - look.px(4)), QPointF(x, end))
        half = look.px(5)
        top = tags.bottom() - look.px(4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("text1"))
        painter.drawPolygon(QPolygonF([QPointF(x - half, top - half), QPointF(x + half, top - half), QPointF(x, top)]))

    def _paint_contacts(self, painter: QPainter, lane: QRectF) -> None:
        """Contacts around the position: left above, right below; the one on the ground brighter."""
        look = self.look
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("inset"))
        painter.drawRoundedRect(lane, look.px(3), look.px(3))
        start = self.position_s - WINDOW_S / 2
        course = self.course
        shown = np.flatnonzero((course.toe_off_s > start) & (course.strike_s < start + WINDOW_S))
        half = lane.height() / 2
        for i in shown.tolist():
            side = Side(int(course.side[i]))
            strike, toe_off = float(course.strike_s[i]), float(course.toe_off_s[i])
            x0 = lane.left() + lane.width() * max(0.0, (strike - start) / WINDOW_S)
            x1 = lane.left() + lane.width() * min(1.0, (toe_off - start) / WINDOW_S)
            box = QRectF(x0, lane.top() + (half if side == Side.RIGHT else 0) + look.px(3), x1 - x0, half - look.px(6))
            under = strike <= self.position_s <= toe_off
            tint = foot_tint(side) if course.run[i] else "text3"
            painter.setBrush(look.color(tint, 1.0 if under else 0.65))
            painter.drawRoundedRect(box, look.px(2), look.px(2))
        painter.setPen(look.pen("text1", 2))
        painter.drawLine(QPointF(lane.center().x(), lane.top()), QPointF(lane.center().x(), lane.bottom()))
