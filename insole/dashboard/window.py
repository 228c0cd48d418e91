"""The window: frame, keys, and the one redraw timer.

In: the inbox of the engine, keys and clicks. Out: everything on the screen, and commands to the engine.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QWidget

from insole.dashboard.application import system_numbers
from insole.dashboard.controls import Controls, Session
from insole.dashboard.deck import Deck
from insole.dashboard.errand import Errand
from insole.dashboard.export import export_contacts
from insole.dashboard.inbox import Feed
from insole.dashboard.keys import action_of
from insole.dashboard.memory import Memory
from insole.dashboard.model.frames import FrameMeter
from insole.dashboard.model.playing import Playing
from insole.dashboard.model.scene import Scene
from insole.dashboard.model.verdict import verdict
from insole.dashboard.overlays import Overlays
from insole.dashboard.paint.theme import Look, ThemeName
from insole.dashboard.panel_menu import panel_menu
from insole.dashboard.panels.dock import Dock
from insole.dashboard.panels.footer import Footer
from insole.dashboard.panels.header import Header
from insole.dashboard.panels.strip import Strip
from insole.dashboard.picture import save_picture
from insole.dashboard.replay.player import Player
from insole.dashboard.replay.review import Review
from insole.dashboard.runner_screen import RunnerScreen
from insole.dashboard.themed_window import ThemedWindow
from insole.dashboard.views import views_for
from insole.dashboard.views.loading import Loading
from insole.dashboard.window_keys import bindings

FRAME_MS = 16
NUMBERS_EVERY_S = 0.5
NOTICE_MS = 4000
ASK_MS = 4000
LARGE_NUMBERS = "large numbers"
PARTS_A_FRAME = 2
JOIN_S = 20.0


class Window(ThemedWindow):
    """One session on the screen.

    Parameters
    ----------
    scene : Scene
    inbox : Feed
    session : Session
    playing : Playing
        How the session starts: live or not, recorded or not, at which speed.
    memory : Memory, optional
        What is remembered of the last session; without one nothing is.
    theme : 'system', 'dark' or 'light'
    title : str
        Of the window.
    view : str, optional
        Name of the view to begin with, in place of the remembered one.
    player : Player, optional
        In a replay: the session, with the dock that seeks in it.
    """

    session_ended = Signal()
    closing = Signal()

    def __init__(
        self,
        scene: Scene,
        inbox: Feed,
        session: Session,
        playing: Playing,
        *,
        memory: Memory | None = None,
        theme: ThemeName = "system",
        title: str = "Insole",
        view: str | None = None,
        player: Player | None = None,
    ) -> None:
        memory = memory or Memory()
        super().__init__(theme, title, large=bool(memory.read(LARGE_NUMBERS)))
        self.memory = memory
        self.scene, self.inbox, self.session = scene, inbox, session
        self.controls = Controls(scene, session, playing, self.notice)
        if player is not None:
            self.controls.review = Review(player, scene, self.controls)
        self.style_of_numbers = system_numbers()
        self.meter = FrameMeter(1000 / FRAME_MS)
        self._asking = False
        self._errand: Errand | None = None  # kept alive until it has answered
        self._numbers_due_s = float("-inf")
        self._due: deque[Callable[[], None]] = deque()
        views = views_for(playing)
        self.header = Header(self.look, [(v.number, v.name, v.title) for v in views], self)
        self.strip = Strip(self.look, self)
        self.deck = Deck(self.look, scene, self.controls, views, self.memory, view, self)
        self.dock = None if self.controls.review is None else Dock(self.look, self.controls.review, self.deck)
        if self.dock is not None:
            self.deck.set_dock(self.dock)
        self.footer = Footer(self.look, self)
        self.overlays = Overlays(self.look, scene, self.controls, self.style_of_numbers, self)
        self.drawer, self.marker_sheet = self.overlays.drawer, self.overlays.marker_sheet
        self.runner = RunnerScreen(self.keyPressEvent)
        self._trouble = ""
        self.header.show_view(self.deck.name)
        self._connect()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self.draw_frame)
        self._notice_timer = _once(self, NOTICE_MS, lambda: self.footer.show_notice(""))
        self._ask_timer = _once(self, ASK_MS, self._stop_asking)
        self._timer.start()
        self.setFocus()

    def _connect(self) -> None:
        self.header.view_chosen.connect(self.choose_view)
        self.header.marker.connect(self.overlays.ask_marker)
        self.header.pause.connect(self.toggle_pause)
        self.header.stop.connect(self.ask_stop)
        self.header.export.connect(self.export)
        self.strip.why.clicked.connect(self.toggle_why)
        self.header.menu.connect(self.open_menu)
        self.overlays.flag_hidden.connect(self.draw_numbers)

    # ---- drawing -------------------------------------------------------------------------------------------------

    def draw_frame(self) -> None:
        """Take what arrived, show it; texts and numbers when they are due, a few parts a frame to keep each short."""
        now = time.monotonic()
        self.meter.frame(now, self.inbox.merged)
        was_running = self.session.running  # before the look into the inbox: nothing comes after it ended
        self.inbox.into(self.scene)
        if not was_running and not self.scene.ended:
            self._end()
        self.deck.show_frame(self.scene, self.style_of_numbers)
        self.runner.show_scene(self.scene, self.controls.playing, self.style_of_numbers, now)
        if now >= self._numbers_due_s:
            self._numbers_due_s = now + NUMBERS_EVERY_S
            self._due.extend(self._renewals())
        for _ in range(min(PARTS_A_FRAME, len(self._due))):
            self._due.popleft()()

    def draw_numbers(self) -> None:
        """Everything that people read, at once."""
        self._due.clear()
        for renew in self._renewals():
            renew()

    def _renewals(self) -> list[Callable[[], None]]:
        """Everything that people read, part by part, from the top."""
        panels = self.deck.renewals(self.scene, self.style_of_numbers)
        return [self._renew_strip, self._renew_header, *panels, self._renew_footer, *self.overlays.renewals()]

    def _renew_strip(self) -> None:
        self.strip.show_verdict(verdict(self.scene, self.controls.playing, self.style_of_numbers))

    def _renew_header(self) -> None:
        self.header.show_scene(self.scene, self.controls.playing, self.style_of_numbers, asking=self._asking)

    def _renew_footer(self) -> None:
        display = "" if self.scene.ended else f"{self.meter.fps} fps"
        slowed = self.meter.slowed(time.monotonic()) and not self.scene.ended
        trouble = self.session.sound_trouble
        if trouble and trouble != self._trouble:
            self.notice(trouble)
            print(f"insole: {trouble}", file=sys.stderr)
        self._trouble = trouble
        self.footer.show_scene(self.scene, self.style_of_numbers, display, trouble, slowed=slowed)

    def _end(self) -> None:
        self.controls.end()
        self.draw_numbers()
        self.session_ended.emit()

    def event(self, event: QEvent) -> bool:
        """Time what painting takes: all dirty widgets are painted in one update request."""
        if event.type() != QEvent.Type.UpdateRequest:
            return super().event(event)
        started = time.perf_counter()
        handled = super().event(event)
        self.meter.painted((time.perf_counter() - started) * 1e3)
        return handled

    # ---- layout --------------------------------------------------------------------------------------------------

    def apply(self, look: Look) -> None:
        """Give every part the same theme and scale, and lay it out."""
        if look != self.look:
            self.look = look
            for part in (self.header, self.strip, self.deck, self.footer, self.overlays):
                part.apply(look)
        self._place()
        self.update()

    def _place(self) -> None:
        look = self.look
        width, height = self.width(), self.height()
        margin, gap = look.size("margin"), look.size("gap")
        header, strip, footer = look.size("header"), look.size("strip"), look.size("footer")
        inset = gap if not look.compact else round(gap * 0.75)
        self.header.setGeometry(0, 0, width, header)
        self.strip.setGeometry(margin, header + inset, width - 2 * margin, strip)
        top = header + strip + inset + gap
        bottom = height - footer - gap
        self.deck.setGeometry(margin, top, width - 2 * margin, bottom - top)
        self.footer.setGeometry(0, height - footer, width, footer)
        self.overlays.place()

    def toggle_large(self) -> None:
        """Key numbers larger, or as drawn."""
        self.apply(replace(self.look, large=not self.look.large))
        self.memory.write(LARGE_NUMBERS, "yes" if self.look.large else "")

    # ---- commands ------------------------------------------------------------------------------------------------

    def notice(self, text: str) -> None:
        """Say something in the footer for a few seconds."""
        self.footer.show_notice(text)
        self._notice_timer.start()

    def toggle_pause(self) -> None:
        """Hold or go on."""
        self.controls.set_pace(paused=not self.controls.playing.paused)
        self.draw_numbers()

    def hurry(self, step: int) -> None:
        """Faster or slower by so many rungs."""
        self.controls.set_pace(paused=self.controls.playing.paused, step=step)
        self.draw_numbers()

    def ask_stop(self) -> None:
        """Once asks, twice stops; when the session is over, closes."""
        if self.scene.ended:
            self.close()
        elif self._asking:
            self._stop_asking()
            self.controls.stop()
        else:
            self._asking = True
            self._ask_timer.start()
            self.draw_numbers()

    def _stop_asking(self) -> None:
        self._asking = False
        self.draw_numbers()

    def toggle_why(self) -> None:
        """Open the drawer on the strip's flag, or close it."""
        self.overlays.toggle_why(self.strip.verdict.flag)

    def toggle_help(self) -> None:
        """The list of keys."""
        self.overlays.toggle_help(bindings(self))

    def choose_view(self, name: str) -> None:
        """Open a view, with all that it shows."""
        if name != self.deck.name:
            self.deck.choose(name)
            self.deck.show_frame(self.scene, self.style_of_numbers)
            self.draw_numbers()
        self.header.show_view(name)

    def edit_target(self) -> None:
        """To the target of the cue, where arrows change it; the first one is set at once."""
        self.choose_view("loading")
        if isinstance(self.deck.current, Loading):
            self.deck.current.cue.target.setFocus()
        if self.controls.cue.target is None:
            self.controls.cue.step_target(0)

    def toggle_runner(self) -> None:
        """Open or close the runner's screen."""
        if self.runner.isVisible():
            self.runner.close()
        else:
            self.runner.show_scene(self.scene, self.controls.playing, self.style_of_numbers, time.monotonic())
            self.runner.open()

    def open_menu(self) -> None:
        """Panels of the open view, and what else can be chosen."""
        menu = panel_menu(self)
        button = self.header.menu_button
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    def close_top_layer(self) -> None:
        """What Esc does: the uppermost layer goes, a question is taken back; a session is never stopped."""
        if not self.overlays.close_top() and self._asking:
            self._stop_asking()

    def export(self) -> None:
        """The contacts of a replay as a table beside it."""
        if self.dock is not None:
            self._errand = export_contacts(self.dock.review.player.survey, self.notice)

    def save_picture(self) -> None:
        """A picture of the window in the user's pictures."""
        self.notice(save_picture(self))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Every key of the house; others go on."""
        action = action_of(event, bindings(self))
        if action is None:
            super().keyPressEvent(event)
        else:
            action()

    def closeEvent(self, event: QCloseEvent) -> None:
        """End the session in order: the recording is finished, the thread joined."""
        self.closing.emit()
        self._timer.stop()
        self.runner.close()
        self.session.stop(JOIN_S)
        event.accept()


def _once(parent: QWidget, interval_ms: int, action: Callable[[], None]) -> QTimer:
    """A timer that fires once each time it is started."""
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(interval_ms)
    timer.timeout.connect(action)
    return timer
