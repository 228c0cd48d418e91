"""The buttons of a replay: contact by contact, play, speed, A, B, loop; and where the screen is. In: a review."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QWidget

from insole.dashboard.model.course import Course
from insole.dashboard.model.playing import SPEEDS
from insole.dashboard.model.scene import FEET
from insole.dashboard.model.words import NumberStyle, clock, letter
from insole.dashboard.paint.button import Button
from insole.dashboard.paint.marks import Run, cap_centre, draw_runs
from insole.dashboard.paint.panel import Painted
from insole.dashboard.paint.theme import Look
from insole.dashboard.replay.review import Review

WHERE, WHERE_COMPACT = 306.0, 286.0  # pixels for the position


class IconButton(Button):
    """A button with a drawn sign in place of a name: previous, next, play or hold."""

    sign = "play"

    def show_sign(self, sign: str) -> None:
        """Another sign."""
        if sign != self.sign:
            self.sign = sign
            self.update()

    def sizeHint(self) -> QSize:
        """Wider than high."""
        ring = self.look.px(6)
        return QSize(round(self.look.px(40) + ring), round(self.look.size("button") + ring))

    def paint(self, painter: QPainter) -> None:
        """Ground, sign; a ring outside when it has the focus."""
        primary = self.sign in {"play", "hold"}
        ground = "text1" if primary else "inset" if self.isDown() or self.underMouse() else "button"
        box = self.paint_ground(painter, ground)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.look.color("bg" if primary else "text1"))
        self._paint_sign(painter, box.center(), self.look.px(6))

    def _paint_sign(self, painter: QPainter, at: QPointF, half: float) -> None:
        x, y = at.x(), at.y()
        if self.sign == "hold":
            for left in (x - half * 0.8, x + half * 0.25):
                painter.drawRect(QRectF(left, y - half, half * 0.55, 2 * half))
            return
        way = -1 if self.sign == "previous" else 1
        tip, back = x + way * half * 0.8, x - way * half * 0.8
        painter.drawPolygon(QPolygonF([QPointF(tip, y), QPointF(back, y - half), QPointF(back, y + half)]))
        if self.sign != "play":
            painter.drawRect(QRectF(tip - half * 0.2, y - half, half * 0.4, 2 * half))


class SpeedButton(Button):
    """One speed; the one that is played at stands out."""

    chosen = False

    def show_chosen(self, chosen: bool) -> None:
        """Whether it is this one."""
        if chosen != self.chosen:
            self.chosen = chosen
            self.update()

    def sizeHint(self) -> QSize:
        """As narrow as its text."""
        wide = QFontMetricsF(self.look.font("body_strong")).horizontalAdvance(self.text())
        return QSize(round(wide + self.look.px(13)), round(self.look.size("button") + self.look.px(6)))

    def paint(self, painter: QPainter) -> None:
        """Text, on a ground where it is chosen."""
        look = self.look
        box = QRectF(self.rect()).adjusted(1, look.px(3), -1, -look.px(3))
        painter.setPen(look.pen("text1", 2) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(look.color("button" if self.chosen or self.underMouse() else "panel"))
        painter.drawRoundedRect(box, look.px(5), look.px(5))
        font = look.font("body_strong" if self.chosen else "body")
        run: Run = (self.text(), font, look.color("text1" if self.chosen else "text2"))
        draw_runs(painter, box.center().x(), cap_centre(font, box.center().y()), [run], align="centre")


class Transport(Painted):
    """One line of buttons over the seek bar."""

    def __init__(self, look: Look, review: Review, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self.where: tuple[str, str, str] = ("", "", "")
        self.note = ""
        self.previous = IconButton(look, "Contact before", "←", "To the contact before", parent=self)
        self.play = IconButton(look, "Play", "Space", "Play, or hold", parent=self)
        self.next = IconButton(look, "Next contact", "→", "To the next contact", parent=self)
        self.previous.show_sign("previous")
        self.next.show_sign("next")
        self.speeds = {speed: SpeedButton(look, _speed(speed), "", "Speed", parent=self) for speed in SPEEDS}
        self.set_a = Button(look, "Set A", "A", "A is this moment", parent=self)
        self.set_b = Button(look, "Set B", "B", "B is this moment", parent=self)
        self.loop = Button(look, "Loop A–B", "L", "From A to B, over and over", parent=self)
        actions: tuple[tuple[Button, Callable[[], None]], ...] = (
            (self.previous, partial(review.step, -1)),
            (self.play, review.toggle),
            (self.next, partial(review.step, 1)),
            *((button, partial(review.controls.set_speed, speed)) for speed, button in self.speeds.items()),
            (self.set_a, review.set_a),
            (self.set_b, review.set_b),
            (self.loop, review.toggle_loop),
        )
        self.buttons = [button for button, _ in actions]
        for button, action in actions:
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the window
            button.clicked.connect(action)
        self._row = QHBoxLayout(self)
        for button in self.buttons[:3]:
            self._row.addWidget(button)
        self._row.addSpacing(0)
        self._where_at = self._row.count() - 1
        for button in self.buttons[3:]:
            if button is self.set_a:
                self._row.addSpacing(round(look.px(14)))
            self._row.addWidget(button)
        self._row.addStretch(1)
        self.apply(look)

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        super().apply(look)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(round(look.px(2)))
        wide = round(look.px(WHERE_COMPACT if look.compact else WHERE))
        item = self._row.itemAt(self._where_at)
        spacer = None if item is None else item.spacerItem()
        if spacer is not None:
            spacer.changeSize(wide, 1)
        for button in self.buttons:
            button.apply(look)
        self._row.invalidate()

    def show_review(self, review: Review, style: NumberStyle, title: str) -> None:
        """Take the moment, the pace, and how far the analysis has come."""
        playing = review.controls.playing
        self.play.show_sign("play" if playing.paused or playing.ended else "hold")
        for speed, button in self.speeds.items():
            button.say(_speed(speed, style))
            button.show_chosen(speed == playing.speed)
        self.loop.say("No loop" if review.looping else "Loop A–B")
        course = review.course
        where = position(course, review.position_s, style)
        done = 100 * course.reached_s / course.end_s if course.end_s else 0.0
        note = title if course.complete else f"Analysing, {style.number(done, 0)} %"
        if review.player.survey.error is not None:
            note = f"{clock(course.reached_s)} analysed, then it ended too early"
        if (where, note) != (self.where, self.note):
            self.where, self.note = where, note
            self.setAccessibleDescription(" ".join((*where, note)))
            self.update()

    def paint(self, painter: QPainter) -> None:
        """The position between the buttons, the note on the right."""
        look = self.look
        middle = self.height() / 2
        clock_font, hint = look.font("clock"), look.font("hint")
        x = self.next.geometry().right() + look.px(12)
        time, rest, contact = self.where
        baseline = cap_centre(clock_font, middle)
        x += draw_runs(painter, x, baseline, [(time, clock_font, look.color("text1"))])
        x += draw_runs(painter, x, baseline, [(rest, hint, look.color("text2"))])
        draw_runs(painter, x + look.px(14), baseline, [(contact, hint, look.color("text2"))])
        free = self.loop.geometry().right() + look.px(12)
        if QFontMetricsF(hint).horizontalAdvance(self.note) < self.width() - free:
            note: Run = (self.note, hint, look.color("text3"))
            draw_runs(painter, self.width(), cap_centre(hint, middle), [note], align="right")


def position(course: Course, t_s: float, style: NumberStyle) -> tuple[str, str, str]:
    """'16:40', '.2 of 25:00', 'contact L 1 432, R 1 431': the last one of each foot."""
    tenth = f"{style.decimal}{int((t_s + 1e-6) * 10) % 10}"
    whole = f" of {clock(course.end_s)}" if course.end_s else ""
    numbers = {side: style.number(number, 0) for side, number in course.contacts_at(t_s).items()}
    last = ", ".join(f"{letter(side)} {number}" if side in FEET else number for side, number in numbers.items())
    return clock(t_s + 1e-6), tenth + whole, f"contact {last}" if last else ""


def _speed(speed: float, style: NumberStyle | None = None) -> str:
    digits = next(d for d in range(3) if round(speed, d) == speed)
    return f"{(style or NumberStyle()).number(speed, digits)}×"
