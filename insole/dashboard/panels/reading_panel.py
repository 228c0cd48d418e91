"""How to read a left-right difference. In: facts about the chosen metric. Out: rows and sentences."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from insole.dashboard.model.asymmetry import READING, how_to_read
from insole.dashboard.model.scene import Scene
from insole.dashboard.model.words import NumberStyle
from insole.dashboard.paint.marks import cap_centre, draw_runs, fitted, shrunk
from insole.dashboard.paint.panel import Panel
from insole.dashboard.paint.theme import Look

ROW = 30.0


class ReadingPanel(Panel):
    """What is natural, what this run can show, and what a note does not say."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, "How to read this", "", parent)
        self.chosen_metric = "valr_bw_s"
        self.facts: tuple[tuple[str, str], ...] = ()

    def show_scene(self, scene: Scene, style: NumberStyle) -> None:
        """Take the facts of the moment."""
        facts = how_to_read(scene, self.chosen_metric, style)
        if facts != self.facts:
            self.facts = facts
            self.setAccessibleDescription(" ".join([*(f"{name}: {value}." for name, value in facts), *READING]))
            self.update()

    def paint_content(self, painter: QPainter) -> None:
        """Facts, a line, sentences."""
        look = self.look
        room = self.content()
        body, strong, hint = look.font("body"), look.font("body_strong"), look.font("hint")
        sentence = QFontMetricsF(hint).height() * 1.35
        below = len(READING) * sentence + look.px(14)
        step = min(look.px(ROW), (room.height() - below) / max(1, len(self.facts)))
        for i, (name, value) in enumerate(self.facts):
            y = cap_centre(body, room.top() + (i + 0.5) * step)
            used = draw_runs(painter, room.right(), y, [(value, strong, look.color("text1"))], align="right")
            wide = room.width() - used - look.px(10)
            font = shrunk(body, name, wide)
            draw_runs(painter, room.left(), y, [(fitted(name, font, wide), font, look.color("text2"))])
        top = room.top() + len(self.facts) * step + look.px(6)
        painter.setPen(look.pen("line", 1))
        painter.drawLine(QPointF(room.left(), top), QPointF(room.right(), top))
        for i, text in enumerate(READING):
            font = shrunk(hint, text, room.width())
            y = cap_centre(font, top + look.px(6) + (i + 0.5) * sentence)
            draw_runs(painter, room.left(), y, [(fitted(text, font, room.width()), font, look.color("text2"))])
