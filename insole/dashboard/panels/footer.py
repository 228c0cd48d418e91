"""The line at the bottom: each foot's stream, clock alignment, body-weight check, frames a second. In: the scene."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from insole.blocks import Side
from insole.dashboard.model.cue import cue_status
from insole.dashboard.model.scene import FEET, Scene
from insole.dashboard.model.status import FootStatus, foot_status, session_status
from insole.dashboard.model.verdict import Level
from insole.dashboard.model.words import NumberStyle, letter
from insole.dashboard.paint.marks import Run, cap_centre, draw_badge, draw_level, draw_runs, fitted
from insole.dashboard.paint.panel import Painted
from insole.dashboard.paint.theme import Look


class Footer(Painted):
    """Link health, always visible."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self.feet: tuple[FootStatus, ...] = ()
        self.session: tuple[tuple[str, str], ...] = ()
        self.display = ""
        self.slowed = False
        self.notice = ""
        self.belt = False
        self.setAccessibleName("Signal")

    def show_scene(self, scene: Scene, style: NumberStyle, display: str, trouble: str = "", *, slowed: bool) -> None:
        """Take the state of the moment."""
        sides = (Side.LEFT,) if Side.BELT in scene.feet else FEET
        feet = tuple(foot_status(scene, side, style) for side in sides)
        session = (*session_status(scene, style), *cue_status(scene, trouble, style))
        state = (feet, session, display, slowed)
        if state != (self.feet, self.session, self.display, self.slowed):
            self.feet, self.session, self.display, self.slowed = state
            self.belt = Side.BELT in scene.feet
            words = [f"{letter(f.side)} {f.head} " + " ".join(f"{a} {b}" for a, b in f.pairs) for f in feet]
            self.setAccessibleDescription("; ".join([*words, *(f"{a} {b}" for a, b in session)]))
            self.update()

    def show_notice(self, text: str) -> None:
        """Say something for a moment in place of what concerns both feet."""
        self.notice = text
        self.update()

    def paint(self, painter: QPainter) -> None:
        """Everything in one line."""
        look = self.look
        painter.fillRect(self.rect(), look.color("panel"))
        painter.fillRect(QRectF(0, 0, self.width(), look.px(1)), look.color("line"))
        middle = self.height() / 2
        body, strong = look.font("body"), look.font("body_strong")
        baseline = cap_centre(body, middle)
        x = float(look.size("margin"))
        for foot in self.feet:
            x = self._paint_foot(painter, x, middle, foot) + look.px(42)
        right = float(self.width() - look.size("margin"))
        label = "Display  " if self.display else ""
        shown: list[Run] = [(label, body, look.color("text3")), (self.display, strong, look.color("text1"))]
        if self.slowed:
            shown = [("drawing slowed  ", strong, look.color("watch_text")), *shown]
        right -= draw_runs(painter, right, baseline, shown, align="right") + look.px(24)
        if self.slowed:
            draw_level(painter, look, Level.WATCH, QPointF(right + look.px(10), middle), look.px(13))
            right -= look.px(12)
        if self.notice:
            text = fitted(self.notice, strong, right - x)
            draw_runs(painter, x, baseline, [(text, strong, look.color("text1"))])
            return
        for label, value in self.session:
            runs: list[Run] = [(f"{label}  ", body, look.color("text3")), (value, strong, look.color("text1"))]
            if value.startswith(("—", "needs")):
                runs[1] = (value, body, look.color("text3"))
            x += draw_runs(painter, x, baseline, runs) + look.px(36)

    def _paint_foot(self, painter: QPainter, x: float, middle: float, foot: FootStatus) -> float:
        look = self.look
        body, strong = look.font("body"), look.font("body_strong")
        baseline = cap_centre(body, middle)
        badge = look.size("badge")
        if not self.belt:
            draw_badge(painter, look, foot.side, QPointF(x + badge / 2, middle), muted=foot.muted)
            x += badge + look.px(8)
        else:
            x += draw_runs(painter, x, baseline, [("Belt  ", body, look.color("text3"))])
        if foot.fault:
            size = look.px(14)
            draw_level(painter, look, Level.FAULT, QPointF(x + size / 2, middle), size)
            x += size + look.px(8)
        head = "on_text" if foot.fault else "text3" if foot.muted else "text1"
        x += draw_runs(painter, x, baseline, [(foot.head, strong, look.color(head))])
        for label, value in foot.pairs:
            runs: list[Run] = [(f"   {label} ", body, look.color("text3")), (value, strong, look.color("text1"))]
            x += draw_runs(painter, x, baseline, runs)
        return x
