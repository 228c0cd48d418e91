"""The buttons below the page: back, what the fit check needs, next. In: where set-up stands. Out: clicks."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from insole.dashboard.paint.button import Button, PrimaryButton
from insole.dashboard.paint.theme import Look
from insole.dashboard.setup.step import Step
from insole.fitting.check import FitState
from insole.fitting.mark import Mark


class ButtonBar(QWidget):
    """One row; those that mean nothing at the moment are not there."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.back = Button(look, "Back", "Esc", "To the step before", parent=self)
        self.swap = Button(look, "Swap now", "W", "Begin anew with left and right exchanged", parent=self)
        self.repeat = Button(look, "Repeat", "R", "Begin this step again", parent=self)
        self.skip = Button(look, "Skip step", "K", "Go on without this step", parent=self)
        self.next = PrimaryButton(look, "Next", "Enter", "To the next step", parent=self)
        self.buttons = (self.back, self.swap, self.repeat, self.skip, self.next)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.back)
        row.addStretch(1)
        for button in self.buttons[1:]:
            row.addWidget(button)

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        for button in self.buttons:
            button.apply(look)

    def show_step(self, step: Step, fit: FitState | None, *, can_begin: bool) -> None:
        """Take where set-up stands; `fit` where there is a check, `can_begin` where there is something to start."""
        self.back.setEnabled(step is not Step.SOURCE)
        self.next.say("Start" if step is Step.START else "Next")
        checking = step is Step.FIT and fit is not None
        going_on = checking and fit is not None and fit.current >= 0
        mark = fit.steps[fit.current].mark if fit is not None and going_on else None
        self.swap.setVisible(checking and fit is not None and fit.swap_offered)
        self.repeat.setVisible(checking)
        self.repeat.say("Repeat" if going_on else "Check again")
        self.skip.setVisible(going_on)
        self.skip.say("Go on as it is" if mark is Mark.FIX else "Skip step")
        if step is Step.START:
            self.next.setEnabled(can_begin)
        elif going_on:
            self.next.setEnabled(mark in (Mark.PASS, Mark.SKIPPED))
        else:
            self.next.setEnabled(not checking or (fit is not None and fit.over))
