"""What stands on a plot against session time besides the data: lines, letters, missing data, lost links, markers.

In: a plot and what the model found. Out: pixels; labels that would overlap are moved apart or left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath

from insole.blocks import Side
from insole.dashboard.model.rate_window import LevelLine
from insole.dashboard.model.scales import spread_labels
from insole.dashboard.model.scene import Span
from insole.dashboard.model.words import side_name
from insole.dashboard.paint.marks import cap_centre, draw_badge, draw_hatch, draw_runs, fitted
from insole.dashboard.paint.plot import Plot
from insole.dashboard.paint.theme import Look
from insole.history.markers import SetMarker

TINTS = {"on": "on_text", "watch": "watch_text", "target": "text1", "baseline": "text2"}
LOST_LINES = 4  # labels of lost links below each other


def names_margin(look: Look, lines: Sequence[LevelLine], least: float) -> float:
    """Room that the names of the lines take on the right."""
    metrics = QFontMetricsF(look.font("end_label"))
    widest = max((metrics.horizontalAdvance(line.label) for line in lines), default=0.0)
    return max(look.px(least), widest + look.px(12))


def paint_gaps(painter: QPainter, plot: Plot, box: QRectF, spans: Sequence[Span], now_s: float) -> None:
    """Hatching where a foot sent nothing; one that still sends nothing, up to the moment."""
    for span in spans:
        left = max(box.left(), plot.to_pixel(span.from_s, 0).x())
        right = min(box.right(), plot.to_pixel(now_s if span.to_s is None else span.to_s, 0).x())
        path = QPainterPath()
        path.addRect(QRectF(left, box.top(), max(1.0, right - left), box.height()))
        draw_hatch(painter, plot.look, path, tint="grid", step=7)


def paint_lost_links(painter: QPainter, plot: Plot, box: QRectF, spans: Sequence[Span]) -> None:
    """A line where a link was lost, and which; names only where there is room beside the last one."""
    look = plot.look
    font = look.font("axis")
    taken = [float("-inf")] * LOST_LINES
    for span in spans:
        x = plot.to_pixel(span.from_s, 0).x()
        painter.setPen(look.pen("on", 1.4))
        painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
        text = f"{side_name(span.side).lower()} link lost"
        wide = QFontMetricsF(font).horizontalAdvance(text)
        right_aligned = x - wide - look.px(6) > box.left()
        start = x - look.px(6) - wide if right_aligned else x + look.px(6)
        row = next((i for i, end in enumerate(taken) if start > end), None)
        if row is not None:
            taken[row] = start + wide + look.px(8)
            run = (text, font, look.color("on_text"))
            draw_runs(painter, start, box.top() + look.px(26 + 15 * row), [run])


def paint_letters(painter: QPainter, plot: Plot, box: QRectF, begins: Mapping[Side, tuple[float, float]]) -> None:
    """The foot of each line, at the time and value where it begins."""
    places = {side: plot.to_pixel(*begin) for side, begin in begins.items()}
    size = plot.look.size("badge") + plot.look.px(1)
    heights = spread_labels([place.y() for place in places.values()], size, box.top(), box.bottom())
    for (side, place), y in zip(places.items(), heights, strict=True):
        draw_badge(painter, plot.look, side, QPointF(place.x(), y))


def _on_axis(plot: Plot, lines: Sequence[LevelLine]) -> list[LevelLine]:
    low, high = plot.y_range
    return [line for line in lines if low <= line.value <= high]


def paint_level_lines(painter: QPainter, plot: Plot, box: QRectF, lines: Sequence[LevelLine]) -> None:
    """Limits, target, baseline."""
    look = plot.look
    pens = {"target": look.target_pen(), "baseline": look.baseline_pen()}
    for line in _on_axis(plot, lines):
        y = plot.to_pixel(0, line.value).y()
        painter.setPen(pens.get(line.tint) or look.pen(line.tint, 1, 0.7))
        painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))


def paint_line_names(painter: QPainter, plot: Plot, box: QRectF, lines: Sequence[LevelLine]) -> None:
    """Their names to the right of the data."""
    look = plot.look
    font, strong = look.font("axis"), look.font("end_label")
    lines = _on_axis(plot, lines)
    wanted = [plot.to_pixel(0, line.value).y() for line in lines]
    places = spread_labels(wanted, font.pixelSize() + look.px(2.5), box.top(), box.bottom())
    for line, y in zip(lines, places, strict=True):
        chosen = strong if line.tint == "target" else font
        run = (line.label, chosen, look.color(TINTS[line.tint]))
        draw_runs(painter, box.right() + look.px(8), cap_centre(chosen, y), [run])


def paint_tags(painter: QPainter, plot: Plot, box: QRectF, tags: Sequence[SetMarker]) -> None:
    """A dotted line and a numbered tag for each marker, its note beside it where there is room."""
    look = plot.look
    font, axis = look.font("badge"), look.font("axis")
    height = look.size("badge")
    free = box.left() - height
    for i, tag in enumerate(tags):
        x = plot.to_pixel(tag.t_s, 0).x()
        painter.setPen(look.dashed("text3", (2, 3), 1))
        painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
        width = max(height, QFontMetricsF(font).horizontalAdvance(str(tag.number)) + look.px(8))
        if x - width / 2 < free:
            continue
        frame = QRectF(x - width / 2, box.top() - look.px(4), width, height)
        painter.setPen(look.pen("text2", 1.2))
        painter.setBrush(look.color("panel"))
        painter.drawRoundedRect(frame, look.px(3), look.px(3))
        run = (str(tag.number), font, look.color("text1"))
        draw_runs(painter, x, cap_centre(font, frame.center().y()), [run], align="centre")
        free = frame.right() + look.px(2)
        following = plot.to_pixel(tags[i + 1].t_s, 0).x() - width / 2 if i + 1 < len(tags) else box.right()
        room = following - free - look.px(10)
        if tag.text and room > look.px(64):
            note = (fitted(tag.text, axis, room), axis, look.color("text2"))
            free += look.px(6) + draw_runs(painter, free + look.px(4), cap_centre(axis, frame.center().y()), [note])
