"""The line at the top: runner, view, what is kept, clock, actions. In: the scene, and how the session is played."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from insole.dashboard.model.playing import Playing
from insole.dashboard.model.scene import Scene
from insole.dashboard.model.words import NumberStyle, clock
from insole.dashboard.paint.button import Button
from insole.dashboard.paint.marks import cap_centre, draw_runs, fitted
from insole.dashboard.paint.panel import Painted
from insole.dashboard.paint.tab import Tab
from insole.dashboard.paint.theme import Look

NAV, COMPACT_NAV, FAR_NAV = 352.0, 104.0, 200.0  # where the tabs begin; in a small window, at least and at most


class Header(Painted):
    """Runner, views, clock and the buttons of the session.

    Parameters
    ----------
    look : Look
    views : sequence of (number, name, title)
        Of the tabs.
    """

    view_chosen = Signal(str)
    marker = Signal()
    pause = Signal()
    stop = Signal()
    export = Signal()
    menu = Signal()

    def __init__(self, look: Look, views: Sequence[tuple[int, str, str]], parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self.tabs = {name: Tab(look, number, title, self) for number, name, title in views}
        for name, tab in self.tabs.items():
            tab.clicked.connect(partial(self.view_chosen.emit, name))
        self.code = ""
        self.details = ""
        self.clock = ""
        self.speed = ""
        self.playing = Playing(live=False, recording=False)
        self.marker_button = Button(look, "Marker", "M", "Mark this moment", parent=self)
        self.pause_button = Button(look, "Pause", "P", "Hold the replay, or go on", parent=self)
        self.stop_button = Button(look, "Stop", "S", "End the session; asks once", parent=self)
        self.export_button = Button(look, "Export", "E", "Contacts as a table beside the recording", parent=self)
        self.menu_button = Button(look, "≡", "", "Panels, large numbers, limits (Ctrl+L)", parent=self)
        self.menu_button.setAccessibleName("Menu")
        actions = {
            self.marker_button: self.marker,
            self.pause_button: self.pause,
            self.stop_button: self.stop,
            self.export_button: self.export,
            self.menu_button: self.menu,
        }
        self.buttons = tuple(actions)
        for button, signal in actions.items():
            button.clicked.connect(signal)
        self._row = QHBoxLayout(self)
        self._row.addStretch(1)
        for button in self.buttons:
            self._row.addWidget(button)
        self.setAccessibleName("Session")
        self.apply(look)

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        super().apply(look)
        self._row.setContentsMargins(0, 0, round(look.size("margin") - look.px(3)), 0)
        self._row.setSpacing(round(look.px(2)))
        for button in self.buttons:
            button.apply(look)
        for tab in self.tabs.values():
            tab.apply(look)
        self._place_tabs()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Keep the tabs in the middle of the line."""
        self._place_tabs()

    def _nav(self) -> float:
        """Behind a fixed place for the runner; in a small window, behind the code."""
        look = self.look
        if not look.compact:
            return look.px(NAV)
        code = QFontMetricsF(look.font("value")).horizontalAdvance(self.code)
        return min(look.px(FAR_NAV), max(look.px(COMPACT_NAV), look.size("margin") + code + look.px(13)))

    def _place_tabs(self) -> None:
        x = self._nav()
        for tab in self.tabs.values():
            tab.resize(tab.sizeHint())
            tab.move(round(x), round((self.height() - tab.height()) / 2))
            x += tab.width() + (0 if self.look.compact else self.look.px(2))

    def show_view(self, name: str) -> None:
        """Mark the tab of the open view."""
        self.tabs[name].setChecked(True)

    def show_scene(self, scene: Scene, playing: Playing, style: NumberStyle, *, asking: bool) -> None:
        """Take the state of the moment; `asking`: Stop was pressed once."""
        runner = scene.runner
        code = runner.code or "Runner"
        mass = "" if runner.body_mass_kg is None else f"{style.number(runner.body_mass_kg, 1)} kg"
        if mass and runner.body_mass_source == "estimated":
            mass += " estimated"
        details = " · ".join(part for part in (mass, f"Shoe “{runner.shoe}”" if runner.shoe else "") if part)
        speed = playing.pace(style)
        state = (code, details, clock(scene.t_s), speed, playing)
        once = not playing.seekable
        self.marker_button.setVisible(once and not playing.ended)
        self.pause_button.setVisible(once and playing.speed is not None and not playing.ended)
        self.stop_button.setVisible(once)
        self.export_button.setVisible(playing.seekable)
        self.pause_button.say("Resume" if playing.paused else "Pause")
        self.stop_button.say("Close" if playing.ended else "Stop? Press again" if asking else "Stop")
        if state != (self.code, self.details, self.clock, self.speed, self.playing):
            self.code, self.details, self.clock, self.speed, self.playing = state
            self.setAccessibleDescription(f"{code}, {details}, {playing.badge()} {self.clock}")
            self._place_tabs()
            self.update()

    def paint(self, painter: QPainter) -> None:
        """Ground, runner, clock."""
        look = self.look
        painter.fillRect(self.rect(), look.color("panel"))
        painter.fillRect(QRectF(0, self.height() - look.px(1), self.width(), look.px(1)), look.color("line"))
        middle = self.height() / 2
        strong, hint, body = look.font("value"), look.font("hint"), look.font("body")
        x = float(look.size("margin"))
        nav = self._nav()
        code = fitted(self.code, strong, nav - x - look.px(12))
        x += draw_runs(painter, x, cap_centre(strong, middle), [(code, strong, look.color("text1"))])
        if not look.compact:
            x += look.px(12)
            text = fitted(self.details, hint, nav - x - look.px(12))
            draw_runs(painter, x, cap_centre(strong, middle), [(text, hint, look.color("text2"))])
        nav_end = max((tab.x() + tab.width() for tab in self.tabs.values()), default=nav)
        visible = [b for b in self.buttons if not b.isHidden()]
        right = (visible[0].x() if visible else self.width()) - look.px(12)
        clock_font = look.font("clock")
        right -= draw_runs(
            painter,
            right,
            cap_centre(clock_font, middle),
            [(self.clock, clock_font, look.color("text1"))],
            align="right",
        )
        right -= look.px(14)
        if self.speed:
            right -= draw_runs(
                painter, right, cap_centre(body, middle), [(self.speed, body, look.color("text2"))], align="right"
            )
            right -= look.px(12)
        if right > nav_end:
            self._paint_badge(painter, right, middle)

    def _paint_badge(self, painter: QPainter, right: float, middle: float) -> None:
        """REC with its dot, or what else the session is."""
        look = self.look
        text = self.playing.badge()
        font = look.font("badge_word")
        baseline = cap_centre(font, middle)
        if text == "REC":
            width = draw_runs(painter, right, baseline, [(text, font, look.color("text1"))], align="right")
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("text1"))
            painter.drawEllipse(QPointF(right - width - look.px(11), middle), look.px(5), look.px(5))
            return
        width = QFontMetricsF(font).horizontalAdvance(text) + look.px(24)
        height = look.px(24)
        box = QRectF(right - width, middle - height / 2, width, height)
        painter.setPen(look.pen("text2", 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, look.px(5), look.px(5))
        draw_runs(painter, box.center().x(), baseline, [(text, font, look.color("text1"))], align="centre")
