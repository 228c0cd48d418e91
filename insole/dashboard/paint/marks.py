"""Shapes and text runs that several panels paint: the shape of each state, the letter of each foot, hatching.

In: a painter and a place. Out: pixels. Colour, shape and word always go together (DESIGN.md 1.5).
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from insole.blocks import FlagState, Side
from insole.dashboard.model.verdict import Level
from insole.dashboard.model.words import letter
from insole.dashboard.paint.theme import LEVEL_TINTS, Look, foot_tint

LEAST_PX = 11  # no text is smaller
Run = tuple[str, QFont, QColor]


def run_width(runs: Sequence[Run]) -> float:
    """How wide pieces of text are in one line."""
    return sum(QFontMetricsF(font).horizontalAdvance(text) for text, font, _ in runs)


def draw_runs(painter: QPainter, x: float, baseline: float, runs: Sequence[Run], *, align: str = "left") -> float:
    """Pieces of text in one line; `x` is the left, right or centre end. Returns the width."""
    widths = [run_width([run]) for run in runs]
    width = sum(widths)
    at = x - {"left": 0.0, "right": width, "centre": width / 2}[align]
    for (text, font, color), wide in zip(runs, widths, strict=True):
        painter.setFont(font)
        painter.setPen(color)
        painter.drawText(QPointF(at, baseline), text)
        at += wide
    return width


def fitted(text: str, font: QFont, width: float) -> str:
    """The text, cut with an ellipsis where it is wider than `width`."""
    return QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, max(0.0, width))


def shrunk(font: QFont, text: str, width: float) -> QFont:
    """The font, smaller where the text would be wider than `width`, but never below the least size."""
    wide = QFontMetricsF(font).horizontalAdvance(text)
    if wide <= width:
        return font
    smaller = QFont(font)
    smaller.setPixelSize(max(LEAST_PX, int(font.pixelSize() * width / wide)))
    return smaller


def cap_centre(font: QFont, centre_y: float) -> float:
    """The baseline that puts capital letters in the middle of a line."""
    return centre_y + QFontMetricsF(font).capHeight() / 2


def draw_badge(painter: QPainter, look: Look, side: Side, centre: QPointF, *, muted: bool = False) -> None:
    """The letter of a foot in its circle (left) or rounded square (right)."""
    size = look.size("badge") - look.px(1.6)
    box = QRectF(centre.x() - size / 2, centre.y() - size / 2, size, size)
    color = look.color("text3" if muted else foot_tint(side))
    painter.setPen(QPen(color, look.px(1.6)))
    painter.setBrush(look.color("panel"))
    if side == Side.LEFT:
        painter.drawEllipse(box)
    else:
        painter.drawRoundedRect(box, look.px(3), look.px(3))
    font = look.font("badge")
    draw_runs(painter, centre.x(), cap_centre(font, centre.y()), [(letter(side), font, color)], align="centre")


def draw_ring(painter: QPainter, look: Look, box: QRectF, radius: float) -> None:
    """The ring around what has the focus."""
    painter.setPen(look.pen("text1", 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box, radius, radius)


def draw_level(painter: QPainter, look: Look, level: Level, centre: QPointF, size: float) -> None:
    """The shape of a state: dot, hollow triangle, filled diamond, square with a cross."""
    color = look.color(LEVEL_TINTS[level][0])
    half = size / 2
    x, y = centre.x(), centre.y()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    if level == Level.OFF:
        painter.drawEllipse(centre, size * 0.2, size * 0.2)
    elif level == Level.WATCH:
        pen = QPen(color, max(1.6, size * 0.1))
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        corners = [QPointF(x, y - half * 0.88), QPointF(x + half, y + half * 0.82), QPointF(x - half, y + half * 0.82)]
        painter.drawPolygon(QPolygonF(corners))
    elif level == Level.ON:
        ends = [QPointF(x, y - half), QPointF(x + half, y), QPointF(x, y + half), QPointF(x - half, y)]
        painter.drawPolygon(QPolygonF(ends))
    else:
        painter.drawRoundedRect(QRectF(x - half, y - half, size, size), size * 0.18, size * 0.18)
        arm = half * 0.48
        painter.setPen(
            QPen(look.color("on_ground"), max(1.4, size * 0.12), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        )
        painter.drawLine(QPointF(x - arm, y - arm), QPointF(x + arm, y + arm))
        painter.drawLine(QPointF(x - arm, y + arm), QPointF(x + arm, y - arm))


def draw_span_end(painter: QPainter, look: Look, state: FlagState, centre: QPointF) -> None:
    """The shape of a flag at the left end of its span on a time axis."""
    draw_level(painter, look, Level(int(state)), centre, look.px(10))


def draw_hatch(
    painter: QPainter, look: Look, shape: QPainterPath, *, tint: str = "hatch", step: float = 9, width: float = 1
) -> None:
    """Diagonal lines inside a shape: data that are missing."""
    box = shape.boundingRect()
    painter.save()
    painter.setClipPath(shape, Qt.ClipOperation.IntersectClip)
    painter.setPen(QPen(look.color(tint), look.px(width)))
    gap = look.px(step)
    x = box.left() - box.height()
    while x < box.right():
        painter.drawLine(QPointF(x, box.bottom()), QPointF(x + box.height(), box.top()))
        x += gap
    painter.restore()


def draw_diamond(painter: QPainter, centre: QPointF, half: float, pen: QPen, fill: QColor | None) -> None:
    """The point of an estimate on its interval."""
    x, y = centre.x(), centre.y()
    painter.setPen(pen)
    if fill is None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
    else:
        painter.setBrush(fill)
    ends = [QPointF(x, y - half), QPointF(x + half, y), QPointF(x, y + half), QPointF(x - half, y)]
    painter.drawPolygon(QPolygonF(ends))
