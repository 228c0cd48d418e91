"""Paints the page of a flag: statement, axis, sections. In: a `WhyPage`. Out: pixels, and how high it became."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPen, QTextLayout, QTextOption

from insole.dashboard.model.scales import spread_labels
from insole.dashboard.model.why import WhyAxis, WhyPage, flag_side
from insole.dashboard.paint.marks import cap_centre, draw_diamond, draw_runs
from insole.dashboard.paint.theme import Look, foot_tint


def paint_page(painter: QPainter, look: Look, page: WhyPage, left: float, width: float) -> float:
    """Everything below the head; returns the height."""
    step = look.px(18 if look.compact else 20)
    y = _paragraph(painter, look.px(8), (left, width), page.statement, look.font("strip"), look, "text1", step)
    y += look.px(12 if look.compact else 18)
    if page.axis is not None:
        y = _axis(painter, look, QRectF(left, y, width, look.px(76)), page, page.axis) + look.px(10)
    painter.setPen(QPen(look.color("line"), look.px(1)))
    painter.drawLine(QPointF(left, y), QPointF(left + width, y))
    y += look.px(11)
    body = look.font("body")
    if page.grade:
        run = (page.grade, body, look.color("text2"))
        draw_runs(painter, left + width, y + look.px(13), [run], align="right")
        if not page.sections or page.sections[0][0] != "For":
            y += look.px(24)
    for name, lines in (*page.sections, ("What it does not say", (page.says_not,))):
        draw_runs(painter, left, y + look.px(13), [(name, look.font("body_strong"), look.color("text1"))])
        y += look.px(20)
        for line in lines:
            if line != page.says_not:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(look.color("text3"))
                painter.drawEllipse(QPointF(left + look.px(4), y + look.px(9)), look.px(1.8), look.px(1.8))
            y = _paragraph(painter, y, (left + look.px(15), width - look.px(20)), line, body, look, "text2", step)
        y += look.px(8 if look.compact else 13)
    return y


def _paragraph(
    painter: QPainter,
    top: float,
    column: tuple[float, float],
    text: str,
    font: QFont,
    look: Look,
    tint: str,
    step: float,
) -> float:
    """Wrapped text in a column (left, width); returns where it ends."""
    left, width = column
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WordWrap)
    layout.setTextOption(option)
    layout.beginLayout()
    y = 0.0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        line.setPosition(QPointF(0, y))
        y += step
    layout.endLayout()
    painter.setPen(look.color(tint))
    layout.draw(painter, QPointF(left, top))
    return top + y


def _axis(painter: QPainter, look: Look, box: QRectF, page: WhyPage, axis: WhyAxis) -> float:
    """Interval with its diamond between the lines; returns where it ends."""
    small, strong = look.font("hint"), look.font("body_strong")

    def at(value: float) -> float:
        return box.left() + (value - axis.low) / (axis.high - axis.low) * box.width()

    y = box.top() + look.px(30)
    thick, height = look.px(5), look.px(14)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.color("inset"))
    painter.drawRoundedRect(QRectF(box.left(), y - thick / 2, box.width(), thick), thick / 2, thick / 2)
    side = flag_side(page.flag)
    low, high = at(axis.interval[0]), at(axis.interval[1])
    painter.setBrush(look.color("text3" if side is None else foot_tint(side), 0.65))
    painter.drawRoundedRect(QRectF(low, y - height / 2, max(high - low, 2.0), height), height / 2, height / 2)
    tints = {"on": "on_text", "watch": "watch_text", "target": "text2"}
    places = spread_labels([at(value) for value, _, _ in axis.lines], look.px(34), box.left(), box.right())
    for (value, label, tint), x in zip(axis.lines, places, strict=True):
        target = tint == "target"
        painter.setPen(look.target_pen() if target else look.pen(tint, 1.6))
        painter.drawLine(QPointF(at(value), y - look.px(13)), QPointF(at(value), y + look.px(13)))
        run = (label, small if target else strong, look.color(tints[tint]))
        place = x + look.px(26) if target else x
        draw_runs(painter, place, box.top() + look.px(8), [run], align="right" if target else "centre")
    edge = QPen(look.color("panel"), look.px(1.6))
    draw_diamond(painter, QPointF(at(axis.value), y), look.px(8), edge, look.color("text1"))
    last = len(axis.ticks) - 1
    baseline = cap_centre(small, y + look.px(25))
    for i, (value, label) in enumerate(axis.ticks):
        align = {0: "left", last: "right"}.get(i, "centre")
        draw_runs(painter, at(value), baseline, [(label, small, look.color("text2"))], align=align)
    draw_runs(painter, box.right(), y + look.px(48), [(axis.unit, small, look.color("text3"))], align="right")
    return y + look.px(50)
