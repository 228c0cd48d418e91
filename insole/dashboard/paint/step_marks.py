"""The shape of a step's state: tick, triangle, dash, dot or empty circle. In: a painter and a place. Out: pixels."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from insole.dashboard.model.verdict import Level
from insole.dashboard.paint.marks import draw_level
from insole.dashboard.paint.theme import Look
from insole.fitting.mark import Mark


def draw_mark(painter: QPainter, look: Look, mark: Mark, centre: QPointF, size: float, *, current: bool) -> None:
    """A state in its shape; what waits is a dot where it is the current step, else an empty circle."""
    if mark is Mark.FIX:
        draw_level(painter, look, Level.WATCH, centre, size)
        painter.drawLine(centre + QPointF(0, -size * 0.16), centre + QPointF(0, size * 0.12))
        painter.setBrush(look.color("watch"))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawEllipse(centre + QPointF(0, size * 0.28), size * 0.07, size * 0.07)
        return
    half = size / 2
    tint = "text3" if mark is Mark.SKIPPED or (mark is Mark.WAITING and not current) else "text1"
    painter.setPen(look.pen(tint, 1.6))
    painter.setBrush(look.color("text1") if mark is Mark.WAITING and current else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(centre, half, half)
    if mark is Mark.PASS:
        painter.drawPolyline(
            QPolygonF([centre + QPointF(x * half, y * half) for x, y in ((-0.42, 0.02), (-0.1, 0.36), (0.46, -0.34))])
        )
    elif mark is Mark.SKIPPED:
        painter.drawLine(centre + QPointF(-half * 0.45, 0), centre + QPointF(half * 0.45, 0))
    elif current:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("panel"))
        painter.drawEllipse(centre, half * 0.38, half * 0.38)
