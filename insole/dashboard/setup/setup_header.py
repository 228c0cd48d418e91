"""The line at the top of set-up: what this is, and for whom it is being set up. In: a runner's line. Out: pixels."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from insole.dashboard.paint.marks import cap_centre, draw_runs, fitted
from insole.dashboard.paint.panel import Painted
from insole.dashboard.paint.theme import Look

PURPOSE = "Not a medical device"


class SetupHeader(Painted):
    """Name of the program, the runner, and that this is no medical device."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self.runner = ""
        self.setAccessibleName("Set-up")

    def show_runner(self, text: str) -> None:
        """Take the runner."""
        if text != self.runner:
            self.runner = text
            self.setAccessibleDescription(f"{text}. {PURPOSE}")
            self.update()

    def paint(self, painter: QPainter) -> None:
        """One line."""
        look = self.look
        painter.fillRect(self.rect(), look.color("panel"))
        painter.fillRect(QRectF(0, self.height() - look.px(1), self.width(), look.px(1)), look.color("line"))
        middle = self.height() / 2
        strong, hint = look.font("value"), look.font("hint")
        baseline = cap_centre(strong, middle)
        x = float(look.size("margin"))
        right = float(self.width() - look.size("margin"))
        right -= draw_runs(painter, right, baseline, [(PURPOSE, hint, look.color("text3"))], align="right") + look.px(
            24
        )
        x += draw_runs(painter, x, baseline, [("Insole", strong, look.color("text1"))]) + look.px(14)
        text = fitted(self.runner, hint, right - x)
        draw_runs(painter, x, baseline, [(text, hint, look.color("text2"))])
