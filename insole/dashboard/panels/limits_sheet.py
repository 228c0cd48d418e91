"""The lines of the flags, to be changed while the session runs. In: settings. Out: a wish by key and steps."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from insole.dashboard.model.limits import LIMITS, Limit, text_of
from insole.dashboard.model.scene import Scene
from insole.dashboard.model.words import NumberStyle
from insole.dashboard.paint.button import Button
from insole.dashboard.paint.marks import cap_centre, draw_runs
from insole.dashboard.paint.panel import Painted
from insole.dashboard.paint.theme import Look

ROW, WIDTH, HEAD, FOOT = 36.0, 420.0, 48.0, 34.0
BUTTONS, VALUE = 44.0, 96.0


class LimitsSheet(Painted):
    """A row a line: less, value, more."""

    moved = Signal(object, int)  # Limit, steps

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self.texts: tuple[str, ...] = ("",) * len(LIMITS)
        self.buttons: list[tuple[Button, Button]] = []
        for limit in LIMITS:
            less = Button(look, "−", "", f"{limit.name}: less", size="strip_button", parent=self)
            more = Button(look, "+", "", f"{limit.name}: more", size="strip_button", parent=self)
            less.clicked.connect(partial(self._press, limit, -1))
            more.clicked.connect(partial(self._press, limit, 1))
            self.buttons.append((less, more))
        self.setAccessibleName("Limits of the flags")

    def _press(self, limit: Limit, steps: int) -> None:
        self.moved.emit(limit, steps)

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        super().apply(look)
        for pair in self.buttons:
            for button in pair:
                button.apply(look)
        self._place()

    def wanted(self) -> tuple[int, int]:
        """Width and height."""
        return round(self.look.px(WIDTH)), round(self.look.px(HEAD + ROW * len(LIMITS) + FOOT))

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Keep the buttons in their rows."""
        self._place()

    def _place(self) -> None:
        look = self.look
        for i, (less, more) in enumerate(self.buttons):
            y = look.px(HEAD + ROW * (i + 0.5))
            right = look.px(WIDTH - 16)
            for button, x in ((more, right), (less, right - look.px(BUTTONS + VALUE))):
                button.resize(button.sizeHint())
                button.move(round(x - button.width()), round(y - button.height() / 2))

    def show_scene(self, scene: Scene, style: NumberStyle) -> None:
        """Take the lines of the moment."""
        texts = tuple(text_of(scene.settings, limit, style) for limit in LIMITS)
        if texts != self.texts:
            self.texts = texts
            words = [f"{limit.name}: {text}" for limit, text in zip(LIMITS, texts, strict=True)]
            self.setAccessibleDescription("; ".join(words))
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down go from row to row; left and right press less and more."""
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        presses = {Qt.Key.Key_Left: 0, Qt.Key.Key_Right: 1}
        at = next((i for i, pair in enumerate(self.buttons) if self.focusWidget() in pair), 0)
        key = Qt.Key(event.key())
        if key in steps:
            self.buttons[max(0, min(len(LIMITS) - 1, at + steps[key]))][1].setFocus()
        elif key in presses:
            self.buttons[at][presses[key]].click()
        else:
            super().keyPressEvent(event)

    def paint(self, painter: QPainter) -> None:
        """A table."""
        look = self.look
        painter.setPen(look.pen("line", 1))
        painter.setBrush(look.color("panel"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), look.px(8), look.px(8))
        title, body, strong, hint = (look.font(name) for name in ("title", "body", "body_strong", "hint"))
        head = ("Limits of the flags", title, look.color("text1"))
        draw_runs(painter, look.px(20), cap_centre(title, look.px(26)), [head])
        for i, (limit, text) in enumerate(zip(LIMITS, self.texts, strict=True)):
            y = look.px(HEAD + ROW * (i + 0.5))
            draw_runs(painter, look.px(20), cap_centre(body, y), [(limit.name, body, look.color("text2"))])
            middle = look.px(WIDTH - 16) - look.px(BUTTONS) - look.px(VALUE) / 2
            value = (text, strong, look.color("text1"))
            draw_runs(painter, middle, cap_centre(strong, y), [value], align="centre")
        note = ("Changes count from now on, and are recorded.", hint, look.color("text3"))
        draw_runs(painter, look.px(20), self.height() - look.px(16), [note])
