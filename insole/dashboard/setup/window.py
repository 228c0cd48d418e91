"""The frame of set-up: steps on the left, the page, what is found on the right, and the way from one to the next.

In: keys, clicks, and what the flow finds. Out: a session window, and this one again after it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from enum import IntEnum
from pathlib import Path

from PySide6.QtCore import QRect, QRectF, QStandardPaths, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from insole.dashboard.model.words import clock
from insole.dashboard.paint.button import Button, PrimaryButton
from insole.dashboard.paint.form import form_style
from insole.dashboard.paint.panel import paint_ground
from insole.dashboard.paint.theme import DARK, LIGHT, MIN_SIZE, Look, ThemeName, palette_for, unit_for
from insole.dashboard.panels.footer import Footer
from insole.dashboard.picture import save_picture
from insole.dashboard.setup.choices import Choices, free_name, recording_name
from insole.dashboard.setup.fit_page import NOTHING_LIVE, WAITING, FitPage
from insole.dashboard.setup.flow import Flow
from insole.dashboard.setup.lines import (
    Line,
    battery_line,
    device_lines,
    disk_line,
    finding_lines,
    fit_line,
    fit_lines,
    kept_line,
    runner_line,
    source_line,
    swap_line,
)
from insole.dashboard.setup.live_force_panel import LiveForcePanel
from insole.dashboard.setup.page import Page
from insole.dashboard.setup.remembered import Remembered
from insole.dashboard.setup.runner_page import RunnerPage
from insole.dashboard.setup.session import SetupSession
from insole.dashboard.setup.setup_header import SetupHeader
from insole.dashboard.setup.side_panels import FoundPanel, StepsPanel
from insole.dashboard.setup.source_page import SourcePage
from insole.dashboard.setup.start_page import StartPage
from insole.dashboard.window import system_numbers
from insole.errors import InsoleError
from insole.fitting.check import FitState
from insole.fitting.mark import Mark
from insole.fitting.steps import BEGIN, SKIPPED
from insole.fitting.steps import Step as FitStep

FRAME_MS = 33
NUMBERS_EVERY_S = 0.5
OpenWindow = Callable[[SetupSession, Choices], QWidget]


class Step(IntEnum):
    """The steps, in order; the name in small letters is that of its page on the command line."""

    SOURCE = 0
    RUNNER = 1
    FIT = 2
    START = 3


class SetupWindow(QWidget):
    """Set-up, from a double-click to a session and back.

    Parameters
    ----------
    remembered : Remembered
    open_window : callable
        Opens the session window on a running session; the window tells of its end by `closing`.
    theme : 'system', 'dark' or 'light'
    """

    def __init__(self, remembered: Remembered, open_window: OpenWindow, *, theme: ThemeName = "system") -> None:
        super().__init__()
        self.remembered = remembered
        self.flow = Flow(_with_folder(remembered.choices))
        self.look = Look(palette_for(theme))
        self.step = Step.SOURCE
        self.session_window: QWidget | None = None
        self._open_window = open_window
        self._follows_system = theme == "system"
        self._style = system_numbers()
        self._reached = Step.SOURCE
        self._closing = False
        self._lines: list[Line] = []
        self._shown_fit: FitState | None = None
        self._numbers_due_s = 0.0
        self.setWindowTitle("Insole")
        self.setMinimumSize(*MIN_SIZE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.header = SetupHeader(self.look, self)
        self.steps = StepsPanel(self.look, self)
        self.source = SourcePage(self.look, self)
        self.runner = RunnerPage(self.look, self)
        self.fit = FitPage(self.look, self)
        self.start = StartPage(self.look, self)
        self.pages: dict[Step, Page] = dict(zip(Step, (self.source, self.runner, self.fit, self.start), strict=True))
        self.force = LiveForcePanel(self.look, self)
        self.force.hide()
        self.found = FoundPanel(self.look, self)
        self.footer = Footer(self.look, self)
        self._make_bar()
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

    def _make_bar(self) -> None:
        """The buttons below the page."""
        self.bar = QWidget(self)
        self.back_button = Button(self.look, "Back", "Esc", "To the step before", parent=self.bar)
        self.swap_button = Button(
            self.look, "Swap now", "W", "Begin anew with left and right exchanged", parent=self.bar
        )
        self.repeat_button = Button(self.look, "Repeat", "R", "Begin this step again", parent=self.bar)
        self.skip_button = Button(self.look, "Skip step", "K", "Go on without this step", parent=self.bar)
        self.next_button = PrimaryButton(self.look, "Next", "Enter", "To the next step", parent=self.bar)
        row = QHBoxLayout(self.bar)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.back_button)
        row.addStretch(1)
        self._fit_buttons = (self.swap_button, self.repeat_button, self.skip_button)
        for button in (*self._fit_buttons, self.next_button):
            row.addWidget(button)

    def _connect(self) -> None:
        self.flow.changed.connect(self.renew)
        self.steps.chosen.connect(lambda step: self.go(Step(step)))
        self.back_button.clicked.connect(self.back)
        self.next_button.clicked.connect(self.next)
        self.swap_button.clicked.connect(self.swap)
        self.repeat_button.clicked.connect(self.repeat)
        self.skip_button.clicked.connect(self.skip)
        self.source.rescan.connect(self.flow.rescan)
        self.runner.code_entered.connect(self._fill_in)
        self.runner.forget.connect(self._forget)
        for page in self.pages.values():
            page.changed.connect(self._entered)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_changed)

    # ---- from step to step ---------------------------------------------------------------------------------------

    def go(self, step: Step) -> None:
        """Open a step's page; forwards only past what is entered rightly."""
        if step > self.step and not self._may_leave():
            return
        self._take_entered()
        self.step = step
        self._reached = max(self._reached, step)
        self.runner.show_whose(recording=self._plays_recording())
        self.start.show_kind(live=self.flow.choices.live)
        if step > Step.RUNNER:
            self.flow.want_session()
        if step is Step.START and self.flow.session is not None:
            self.flow.session.skip_the_rest()
        if step is Step.START:
            self._propose_name()
        for other, page in self.pages.items():
            page.setVisible(other is step)
        self.renew()
        self.pages[step].first().setFocus()

    def go_when_open(self, step: Step) -> None:
        """Open a page as soon as the source answers, or does not."""
        if not self.flow.opening:
            self.go(step)
        else:
            QTimer.singleShot(FRAME_MS, self, lambda: self.go_when_open(step))

    def next(self) -> None:
        """What Enter does: the next step, and from the last one into the session."""
        if not self.next_button.isEnabled():
            return
        state = self._fit_state()
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
        return (step is Step.FIT and not live) or (step is Step.RUNNER and self._plays_recording())

    # ---- the fit check -------------------------------------------------------------------------------------------

    def _fit_state(self) -> FitState | None:
        return self.flow.session.fit_state if self.flow.session is not None else None

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

    # ---- what is entered -----------------------------------------------------------------------------------------

    def _may_leave(self) -> bool:
        """Whether what is entered can be used; what cannot is named, and gets the focus."""
        wrong: QWidget | None = None
        if self.step is Step.SOURCE and not self.source.source.text.strip():
            self.source.source.complain("choose a source: from the list, a file, or the synthetic runner")
            wrong = self.source.source.line
        elif self.step is Step.RUNNER:
            wrong = self.runner.check()
        if wrong is not None:
            wrong.setFocus()
        return wrong is None

    def _take_entered(self) -> None:
        """What the pages say becomes what the flow works with."""
        choices = self.start.choices(self.runner.choices(self.source.choices(self.flow.choices)))
        if choices.source != self.flow.choices.source:
            choices = replace(choices, swap_feet=False)  # other insoles
        if (told := choices.with_source_options()) != choices:
            choices = told
            self.runner.take(told)
        if choices != self.flow.choices:
            self.flow.choose(choices)

    def _entered(self) -> None:
        """Something was typed: the side panels follow, nothing is opened before the step is left."""
        self.renew()

    def _fill_in(self, code: str) -> None:
        """Another code was entered: what is known of that runner, and nothing of the one before."""
        choices = self.remembered.runner(self.runner.choices(self.flow.choices), code)
        self.runner.take(choices)
        self.renew()

    def _forget(self, code: str) -> None:
        self.remembered.forget(code)
        self.runner.take(replace(self.remembered.runner(self.flow.choices, ""), notes=""))
        self.renew()

    def _plays_recording(self) -> bool:
        """A recording brings its own runner; a vendor's file seldom does, and nothing live."""
        opened = self.flow.opened
        return opened is not None and not self.flow.choices.live and not opened.header.source.startswith("import:")

    def _propose_name(self) -> None:
        choices = self.flow.choices
        self.start.take(choices, free_name(Path(choices.folder), recording_name(choices.code, datetime.now())))

    # ---- the session ---------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Open the session window on the chosen source, recorded if wanted."""
        wrong = self.start.check()
        if wrong is not None:
            wrong.setFocus()
            return
        self._take_entered()
        choices = self.flow.choices
        try:
            session = self.flow.hand_over(self.start.path() if choices.live and choices.record else None)
            self.remembered.keep(choices)
        except (InsoleError, OSError) as error:
            self.start.say_before(str(error), "watch_text")
            return
        self._timer.stop()
        window = self._open_window(session, choices)
        self.session_window = window
        window.setGeometry(self.geometry())
        window.show()
        self.hide()

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
            self._renew_fit()

    def _renew_fit(self) -> None:
        """Buttons and steps that go with the state of the check."""
        state = self._fit_state()
        on_page = self.step is Step.FIT
        going_on = state is not None and state.current >= 0
        mark = state.steps[state.current].mark if state is not None and going_on else Mark.WAITING
        self.swap_button.setVisible(on_page and state is not None and state.swap_offered)
        self.repeat_button.setVisible(on_page and state is not None)
        self.repeat_button.say("Repeat" if going_on else "Check again")
        self.skip_button.setVisible(on_page and going_on)
        self.skip_button.say("Go on as it is" if mark is Mark.FIX else "Skip step")
        if on_page:
            passed = mark in (Mark.PASS, Mark.SKIPPED)
            self.next_button.setEnabled(state is None or passed or (not going_on and state.over))
            fit = fit_lines(state)
            self.steps.show_lines(
                self._step_lines(), int(self.step), fit, state.current if state else -1, int(Step.FIT)
            )

    def renew(self) -> None:
        """Everything that people read."""
        flow = self.flow
        shown = self.start.choices(self.runner.choices(self.source.choices(flow.choices)))
        if flow.found is None:
            self.source.show_scanning()
        else:
            self.source.show_found(flow.found)
        feet = flow.opened.feet if flow.opened is not None else {}
        same = shown.source == flow.choices.source
        source = source_line(
            shown,
            opening=flow.opening or not same,
            opened=flow.opened is not None,
            trouble=flow.trouble if same else "",
        )
        known = flow.opened.header.runner if flow.opened is not None and self._plays_recording() else shown.runner
        runner = runner_line(known)
        state = self._fit_state()
        lines = finding_lines(state)
        if self.step is not Step.FIT or not lines:
            lines = [source, *device_lines(feet, live=shown.live), runner]
        if self.step is Step.START and state is not None:
            lines += [line for line in finding_lines(state) if line.mark is Mark.FIX]
        if shown.swap_feet:
            lines.append(swap_line())
        if flow.kept is not None and shown.live and not finding_lines(state):
            lines.append(kept_line())
        if flow.session is not None and shown.live:
            lines.append(battery_line(flow.session.scene.health, self._style))
        if shown.live:
            lines.append(disk_line(shown, feet))
        self.found.show_lines(lines)
        self._lines = [
            replace(source, title="Source"),
            replace(runner, title="Runner", detail=runner.title),
            fit_line(state, live=shown.live),
            Line(Mark.WAITING, "Start"),
        ]
        self.steps.show_lines(self._step_lines(), int(self.step))
        self._show_force(visible=self.step is Step.FIT and flow.session is not None)
        self.header.show_runner(runner.title if self._reached > Step.SOURCE else "")
        self.back_button.setEnabled(self.step is not Step.SOURCE)
        self.next_button.say("Start" if self.step is Step.START else "Next")
        self.next_button.setEnabled(self.step is not Step.START or self._can_begin())
        if flow.session is not None:
            self.footer.show_scene(flow.session.scene, self._style, "", slowed=False)
        self.footer.setVisible(flow.session is not None)
        self._renew_fit()

    def _show_force(self, *, visible: bool) -> None:
        """The live force has its place only while there is a check."""
        if visible == self.force.isHidden():
            self.force.setVisible(visible)
            self._place()

    def _can_begin(self) -> bool:
        flow = self.flow
        return (
            flow.session is not None and not flow.session.scene.ended if flow.choices.live else flow.opened is not None
        )

    def _step_lines(self) -> list[Line]:
        """The steps with what came of each, as far as they were reached."""
        return [
            line if step <= self._reached else Line(Mark.WAITING, line.title)
            for step, line in zip(Step, self._lines, strict=True)
        ]

    # ---- layout and keys -----------------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ground, and that of the page."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), self.look.color("bg"))
        paint_ground(painter, self.look, QRectF(self._centre()))
        painter.end()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Another size is another scale."""
        self.apply(Look(self.look.palette, unit_for(self.width(), self.height())))

    def apply(self, look: Look) -> None:
        """Give every part the same theme and scale, and lay it out."""
        if look != self.look or not self.styleSheet():
            self.look = look
            self.setStyleSheet(form_style(look))
            for part in (self.header, self.steps, self.force, self.found, self.footer):
                part.apply(look)
            for page in self.pages.values():
                page.apply(look)
            for button in (self.back_button, *self._fit_buttons, self.next_button):
                button.apply(look)
        self._place()
        self.update()

    def _centre(self) -> QRect:
        look = self.look
        margin, gap = look.size("margin"), look.size("gap")
        top = look.size("header") + gap
        left = margin + look.size("steps") + gap
        right = self.width() - margin - look.size("found") - gap
        return QRect(left, top, right - left, self.height() - look.size("footer") - gap - top)

    def _place(self) -> None:
        look, centre = self.look, self._centre()
        margin = look.size("margin")
        self.header.setGeometry(0, 0, self.width(), look.size("header"))
        self.footer.setGeometry(0, self.height() - look.size("footer"), self.width(), look.size("footer"))
        self.steps.setGeometry(margin, centre.top(), look.size("steps"), centre.height())
        found = look.size("found")
        right = QRect(self.width() - margin - found, centre.top(), found, centre.height())
        if not self.force.isHidden():
            self.force.setGeometry(right.left(), right.top(), found, look.size("live_force"))
            right.setTop(right.top() + look.size("live_force") + look.size("gap"))
        self.found.setGeometry(right)
        edge = round(look.px(28 if not look.compact else 20))
        bar = self.next_button.sizeHint().height()
        inner = centre.adjusted(edge, round(edge * 0.8), -edge, -round(edge * 0.6))
        self.bar.setGeometry(inner.left(), inner.bottom() - bar, inner.width(), bar)
        for page in self.pages.values():
            page.setGeometry(inner.adjusted(0, 0, 0, -bar - round(look.px(10))))

    def _system_changed(self) -> None:
        if self._follows_system:
            self.apply(Look(palette_for("system"), self.look.u))

    def toggle_theme(self) -> None:
        """Dark to light and back; from then on the system is not followed."""
        self._follows_system = False
        self.apply(Look(LIGHT if self.look.dark else DARK, self.look.u))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that no field has taken."""
        key, control = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        actions: dict[tuple[int, bool], Callable[[], object]] = {
            (Qt.Key.Key_Return, False): self._enter,
            (Qt.Key.Key_Enter, False): self._enter,
            (Qt.Key.Key_Escape, False): self.back,
            (Qt.Key.Key_R, False): self.repeat,
            (Qt.Key.Key_K, False): self.skip,
            (Qt.Key.Key_W, False): lambda: self.swap() if self.swap_button.isVisible() else None,
            (Qt.Key.Key_F5, False): self.flow.rescan,
            (Qt.Key.Key_F12, False): lambda: save_picture(self),
            (Qt.Key.Key_O, True): self.source.choose_file,
            (Qt.Key.Key_T, True): self.toggle_theme,
        }
        action = actions.get((key, control))
        if action is None:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            action()

    def _enter(self) -> None:
        """The button that has the focus, else the next step."""
        focused = self.focusWidget()
        if isinstance(focused, QPushButton):
            focused.click()
        else:
            self.next()

    def closeEvent(self, event: QCloseEvent) -> None:
        """End whatever runs."""
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
