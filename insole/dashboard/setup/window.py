"""The way through set-up: from step to step, into a session, and back.

In: keys, clicks, and what the flow finds. Out: a session window, and this one again after it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QPushButton

from insole.dashboard.app import replay_window
from insole.dashboard.application import system_numbers
from insole.dashboard.memory import Memory
from insole.dashboard.model.playing import Playing
from insole.dashboard.model.words import clock
from insole.dashboard.paint.theme import ThemeName
from insole.dashboard.picture import save_picture
from insole.dashboard.setup.choices import Choices
from insole.dashboard.setup.fit_page import NOTHING_LIVE, WAITING
from insole.dashboard.setup.flow import Flow
from insole.dashboard.setup.forms import Forms
from insole.dashboard.setup.frame import SetupFrame
from insole.dashboard.setup.lines import fit_lines
from insole.dashboard.setup.remembered import Remembered
from insole.dashboard.setup.step import Step
from insole.dashboard.setup.summary import summary
from insole.dashboard.window import NOTICE_MS, Window
from insole.errors import InsoleError
from insole.fitting.check import FitState
from insole.fitting.steps import BEGIN, SKIPPED
from insole.fitting.steps import Step as FitStep

FRAME_MS = 33
NUMBERS_EVERY_S = 0.5


class SetupWindow(SetupFrame):
    """Set-up, from a double-click to a session and back.

    Parameters
    ----------
    remembered : Remembered
    memory : Memory
        What session windows remember.
    theme : 'system', 'dark' or 'light'
    """

    closing = Signal()

    def __init__(self, remembered: Remembered, memory: Memory, *, theme: ThemeName = "system") -> None:
        super().__init__(theme)
        self.remembered = remembered
        self.flow = Flow(_with_folder(remembered.choices))
        self.forms = Forms(self.source, self.runner, self.start, self.flow, remembered)
        self.step = Step.SOURCE
        self.session_window: Window | None = None
        self._memory = memory
        self._style = system_numbers()
        self._reached = Step.SOURCE
        self._closing = False
        self._shown_fit: FitState | None = None
        self._numbers_due_s = 0.0
        self._connect()
        self.source.take(self.flow.choices)
        self.runner.take(self.flow.choices)
        self.start.take(self.flow.choices, "")
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._frame)
        self._timer.start()
        self.go(Step.SOURCE)
        if self.flow.choices.source:
            self.flow.open()
        self.flow.rescan()

    def _connect(self) -> None:
        self.flow.changed.connect(self.renew)
        self.steps.chosen.connect(lambda step: self.go(Step(step)))
        actions = (self.back, self.swap, self.repeat, self.skip, self.next)
        for button, action in zip(self.bar.buttons, actions, strict=True):
            button.clicked.connect(action)
        self.source.rescan.connect(self.flow.rescan)
        self.runner.code_entered.connect(self.forms.fill_in)
        self.runner.forget.connect(self.forms.forget)
        for changed in (self.runner.code_entered, self.runner.forget):
            changed.connect(self.renew)
        for page in self.pages.values():
            page.changed.connect(self.renew)

    # ---- from step to step ---------------------------------------------------------------------------------------

    def go(self, step: Step) -> None:
        """Open a step's page; forwards only past what is entered rightly."""
        wrong = self.forms.wrong(self.step) if step > self.step else None
        if wrong is not None:
            wrong.setFocus()
            return
        self.forms.hand_over()
        self.step = step
        self._reached = max(self._reached, step)
        self.runner.show_recorded(self.flow.recorded)
        self.start.show_kind(live=self.flow.choices.live)
        if step > Step.RUNNER:
            self.flow.want_session()
        if step is Step.START and self.flow.session is not None:
            self.flow.session.skip_the_rest()
        if step is Step.START:
            self.forms.propose_name()
        self.show_page(step)
        self.renew()

    def go_when_open(self, step: Step) -> None:
        """Open a page as soon as the source answers, or does not."""
        if not self.flow.opening:
            self.go(step)
        else:
            QTimer.singleShot(FRAME_MS, self, lambda: self.go_when_open(step))

    def next(self) -> None:
        """What Enter does: the next step, and from the last one into the session."""
        if not self.bar.next.isEnabled():
            return
        state = self.flow.fit_state
        if self.step is Step.START:
            self.begin()
        elif self.step is Step.FIT and state is not None and state.current >= 0 and state.first_waiting is not None:
            self._wish(state.first_waiting, BEGIN)
        else:
            self.go(next(step for step in Step if step > self.step and not self._pointless(step)))

    def back(self) -> None:
        """What Esc does: the step before; a session that runs goes on."""
        if self.step is not Step.SOURCE:
            self.go(next(step for step in reversed(Step) if step < self.step and not self._pointless(step)))

    def _pointless(self, step: Step) -> bool:
        """Nothing can be done there with this source: files are not checked, recordings bring their runner."""
        live = self.source.choices(self.flow.choices).live
        return (step is Step.FIT and not live) or (step is Step.RUNNER and self.flow.recorded is not None)

    # ---- the fit check -------------------------------------------------------------------------------------------

    def _wish(self, step: FitStep, what: str) -> None:
        if self.flow.session is not None:
            self.flow.session.wish(step, what)

    def repeat(self) -> None:
        """Begin this step of the fit check again; after the last one, the whole check."""
        if self.fit.step is not None:
            self._wish(self.fit.step, BEGIN)
        elif self.step is Step.FIT:
            self.flow.begin_anew()

    def skip(self) -> None:
        """Leave this step of the fit check as it is."""
        if self.fit.step is not None:
            self._wish(self.fit.step, SKIPPED)

    def swap(self) -> None:
        """Begin the session anew with left and right exchanged, and the check with it."""
        self.flow.choose(replace(self.flow.choices, swap_feet=not self.flow.choices.swap_feet))
        self.flow.begin_anew()

    # ---- the session ---------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Open the window of the session, recorded if wanted, or of the recording."""
        wrong = self.forms.wrong(Step.START)
        if wrong is not None:
            wrong.setFocus()
            return
        self.forms.hand_over()
        choices = self.flow.choices
        try:
            self.remembered.keep(choices)
            window = self._live_window() if choices.live else self._replay_window()
        except (InsoleError, OSError) as error:
            self.start.say_before(str(error), "watch_text")
            return
        self._timer.stop()
        window.closing.connect(self.come_back)
        self.session_window = window
        window.setGeometry(self.geometry())
        window.show()
        self.hide()

    def _live_window(self) -> Window:
        session = self.flow.hand_over(self.start.path() if self.flow.choices.record else None)
        playing = Playing(live=True, recording=session.recorded is not None)
        return Window(session.scene, session.inbox, session, playing, memory=self._memory, theme=self.theme)

    def _replay_window(self) -> Window:
        player = self.flow.player()
        window = replay_window(player, memory=self._memory, theme=self.theme)
        player.start()
        return window

    def come_back(self) -> None:
        """The session window closes: this one is there again, before that one is gone."""
        if self._closing:
            return
        self.setGeometry(self.session_window.geometry() if self.session_window is not None else self.geometry())
        self.show()
        QTimer.singleShot(0, self, self._after_session)

    def _after_session(self) -> None:
        """The session is over: say what is kept of it."""
        self.session_window = None
        session = self.flow.end_recorded()
        self.start.say_before("", "text2")
        if session is not None:
            if session.unwritten:
                self.start.say_before(session.unwritten, "watch_text")
            elif session.error is not None:
                self.start.say_before(f"{session.error}. What came until then is kept.", "watch_text")
            elif session.recorded is not None:
                self.start.say_before(f"Recorded {clock(session.scene.t_s)} to {session.recorded}", "text1")
            else:
                self.start.say_before("The session is over. Nothing was recorded.", "text2")
        self._timer.start()
        self.go(Step.START)

    # ---- drawing -------------------------------------------------------------------------------------------------

    def _frame(self) -> None:
        self.flow.look()
        now = time.monotonic()
        if self.step is Step.FIT:
            self._show_fit()
        if now >= self._numbers_due_s:
            self._numbers_due_s = now + NUMBERS_EVERY_S
            self.renew()

    def _show_fit(self) -> None:
        """What moves on the page of the fit check."""
        session, choices = self.flow.session, self.flow.choices
        if session is None:
            instead = self.flow.trouble or (WAITING if choices.live else NOTHING_LIVE)
            self.fit.show_state(None, instead)
            return
        session.begin_fit()
        self.fit.set_feet(session.scene.feet)
        self.fit.show_pressure(session.scene)
        state = session.fit_state
        self.fit.show_state(state, self.flow.trouble)
        self.force.show_trace(self.flow.trace, session.scene.t_s, self._style)
        if state is not self._shown_fit:
            self._shown_fit = state
            self._renew_sides()

    def renew(self) -> None:
        """Everything that people read."""
        flow = self.flow
        self.runner.show_recorded(flow.recorded)
        if flow.found is None:
            self.source.show_scanning()
        else:
            self.source.show_found(flow.found)
        self.show_force(visible=self.step is Step.FIT and flow.session is not None)
        if flow.session is not None:
            self.footer.show_scene(flow.session.scene, self._style, "", slowed=False)
        self.footer.setVisible(flow.session is not None or bool(self.footer.notice))
        self._renew_sides()

    def _renew_sides(self) -> None:
        """Panels beside the page, and the buttons below it."""
        flow, state = self.flow, self.flow.fit_state
        known = summary(flow, self.forms.entered(), self.step, self._style)
        self.found.show_lines(known.found)
        inner = (fit_lines(state), state.current) if self.step is Step.FIT and state is not None else ([], -1)
        self.steps.show_lines(known.steps(self._reached), int(self.step), *inner, int(Step.FIT))
        self.header.show_runner(known.runner.title if self._reached > Step.SOURCE else "")
        self.bar.show_step(self.step, state, can_begin=flow.can_begin)

    # ---- keys ----------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that no field has taken."""
        key, control = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        actions: dict[tuple[int, bool], Callable[[], object]] = {
            (Qt.Key.Key_Return, False): self._enter,
            (Qt.Key.Key_Enter, False): self._enter,
            (Qt.Key.Key_Escape, False): self.back,
            (Qt.Key.Key_R, False): self.repeat,
            (Qt.Key.Key_K, False): self.skip,
            (Qt.Key.Key_W, False): lambda: self.swap() if self.bar.swap.isVisible() else None,
            (Qt.Key.Key_F5, False): self.flow.rescan,
            (Qt.Key.Key_F12, False): self.picture,
            (Qt.Key.Key_O, True): self.source.choose_file,
            (Qt.Key.Key_T, True): self.toggle_theme,
        }
        action = actions.get((key, control))
        if action is None:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            action()

    def picture(self) -> None:
        """A picture of the window in the user's pictures; the footer says where, for a moment."""
        self.footer.show_notice(save_picture(self))
        self.footer.show()
        QTimer.singleShot(NOTICE_MS, self, lambda: self.footer.show_notice(""))

    def _enter(self) -> None:
        """The button that has the focus, else the next step."""
        focused = self.focusWidget()
        if isinstance(focused, QPushButton):
            focused.click()
        else:
            self.next()

    def closeEvent(self, event: QCloseEvent) -> None:
        """End whatever runs."""
        self.closing.emit()
        self._closing = True
        self._timer.stop()
        if self.session_window is not None:
            self.session_window.close()
        self.flow.close()
        event.accept()


def _with_folder(choices: Choices) -> Choices:
    """Where recordings go unless another place was chosen: the user's documents."""
    if choices.folder:
        return choices
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation) or str(Path.home())
    return replace(choices, folder=str(Path(documents) / "insole"))
