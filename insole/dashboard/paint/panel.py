"""The frame that every panel shares: rounded ground, title on the left, hint on the right.

In: a look and texts. Out: a widget whose `paint` method a panel fills in.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from insole.dashboard.model.scene import Scene
from insole.dashboard.model.words import NumberStyle
from insole.dashboard.paint.marks import Run, cap_centre, draw_runs, fitted
from insole.dashboard.paint.theme import Look


class Painted(QWidget):
    """A widget that paints itself with a look and takes whatever room its layout gives it."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look = look
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        self.look = look
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint with smooth edges."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        self.paint(painter)
        painter.end()

    def paint(self, painter: QPainter) -> None:
        """What the widget looks like."""
        raise NotImplementedError


class Panel(Painted):
    """A painted widget with a frame, a title and a hint.

    Parameters
    ----------
    look : Look
    title, hint : str
        The hint is grey, on the right, and cut before it meets the title.
    """

    def __init__(self, look: Look, title: str, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self.title = title
        self.hint = hint
        self.setAccessibleName(title)

    def show_scene(self, scene: Scene, style: NumberStyle) -> None:
        """Take what the panel shows; repaints only where something changed."""
        raise NotImplementedError

    def content(self) -> QRectF:
        """The room below the title."""
        pad = self.look.size("pad")
        top = self.look.size("title_bar")
        return QRectF(pad, top, self.width() - 2 * pad, self.height() - top - pad * 0.75)

    def title_runs(self) -> list[Run]:
        """The title, and what a panel puts beside it."""
        return [(self.title, self.look.font("title"), self.look.color("text1"))]

    def paint(self, painter: QPainter) -> None:
        """Frame, title, hint, then the content."""
        look = self.look
        paint_ground(painter, look, QRectF(self.rect()))
        pad = look.size("pad")
        middle = look.size("title_bar") / 2 + look.px(1)
        title_font, hint_font = look.font("title"), look.font("hint")
        used = draw_runs(painter, pad, cap_centre(title_font, middle), self.title_runs())
        room = self.width() - 2 * pad - used - look.px(12)
        text = fitted(self.hint, hint_font, room) if room > QFontMetricsF(hint_font).horizontalAdvance("…xx") else ""
        hint: Run = (text, hint_font, look.color("text3"))
        draw_runs(painter, self.width() - pad, cap_centre(title_font, middle), [hint], align="right")
        self.paint_content(painter)

    def paint_content(self, painter: QPainter) -> None:
        """What stands below the title."""


def paint_ground(painter: QPainter, look: Look, box: QRectF) -> None:
    """The rounded ground of a panel."""
    radius = look.px(look.size("radius") / max(1.0, look.u))
    painter.setPen(look.pen("panel_edge", 1 / max(1.0, look.u)))
    painter.setBrush(look.color("panel"))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
    painter.setBrush(Qt.BrushStyle.NoBrush)
