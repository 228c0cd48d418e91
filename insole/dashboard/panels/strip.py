"""The one line above the panels: the worst thing, with its shape, its word and its evidence. In: a verdict."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from insole.dashboard.model.verdict import Level, Verdict
from insole.dashboard.paint.button import Button
from insole.dashboard.paint.marks import Run, cap_centre, draw_level, draw_runs, fitted, shrunk
from insole.dashboard.paint.panel import Painted
from insole.dashboard.paint.theme import LEVEL_TINTS, Look


class Strip(Painted):
    """Exactly one line; Why opens the drawer."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self.verdict = Verdict(Level.OFF, "Waiting", "No data yet.", "No data yet.")
        self.why = Button(look, "Why", "F", "Why this flag is up", size="strip_button", parent=self)
        self.why.hide()
        self.setAccessibleName("State")

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        super().apply(look)
        self.why.apply(look)
        self._place()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Keep the button at the right end."""
        self._place()

    def _place(self) -> None:
        size = self.why.sizeHint()
        self.why.resize(size)
        self.why.move(round(self.width() - size.width() - self.look.px(9)), round((self.height() - size.height()) / 2))

    def show_verdict(self, verdict: Verdict) -> None:
        """Take the line of the moment."""
        if verdict == self.verdict:
            return
        self.verdict = verdict
        self.setAccessibleDescription(f"{verdict.head}: {verdict.text}")
        self.setToolTip(verdict.text)
        self.why.setVisible(verdict.flag is not None)
        self._place()
        self.update()

    def _sentence(self, room: float) -> Run:
        """All of it where it fits; else the measured sentence alone, smaller if it must be."""
        font = self.look.font("strip")
        color = self.look.color("text2" if self.verdict.level == Level.OFF else "text1")
        if not self.look.compact and QFontMetricsF(font).horizontalAdvance(self.verdict.text) <= room:
            return self.verdict.text, font, color
        smaller = shrunk(font, self.verdict.short, room)
        return fitted(self.verdict.short, smaller, room), smaller, color

    def paint(self, painter: QPainter) -> None:
        """Ground, shape, word, sentence, pills."""
        look = self.look
        verdict = self.verdict
        _, word, ground, edge = LEVEL_TINTS[verdict.level]
        radius = look.px(8)
        painter.setPen(look.pen(edge, 1, 1.0 if verdict.level == Level.OFF else 0.6))
        painter.setBrush(look.color(ground))
        painter.drawRoundedRect(QRectF(0.5, 0.5, self.width() - 1, self.height() - 1), radius, radius)
        middle = self.height() / 2
        draw_level(painter, look, verdict.level, QPointF(look.px(24), middle), look.px(19))
        right = self._paint_pills(painter, middle)
        head = look.font("strip_head")
        x = look.px(46)
        x += draw_runs(painter, x, cap_centre(head, middle), [(verdict.head, head, look.color(word))])
        x += look.px(12)
        sentence = self._sentence(right - x - look.px(12))
        draw_runs(painter, x, cap_centre(sentence[1], middle), [sentence])
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_pills(self, painter: QPainter, middle: float) -> float:
        """Small outlined words from the right; returns where they begin."""
        look = self.look
        font = look.font("body")
        right = (self.why.x() if not self.why.isHidden() else self.width()) - look.px(10)
        for text in reversed(self.verdict.pills):
            width = QFontMetricsF(font).horizontalAdvance(text) + look.px(24)
            height = look.px(22)
            box = QRectF(right - width, middle - height / 2, width, height)
            painter.setPen(look.pen("text3", 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, height / 2, height / 2)
            run = (text, font, look.color("text2"))
            draw_runs(painter, box.center().x(), cap_centre(font, middle), [run], align="centre")
            right -= width + look.px(8)
        return right
