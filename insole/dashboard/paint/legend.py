"""The bar that says which pressure a colour is, lying or standing. In: both feet and their scale. Out: pixels."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetricsF, QImage, QPainter

from insole.dashboard.model.words import NumberStyle
from insole.dashboard.paint.feet import Feet
from insole.dashboard.paint.marks import Run, cap_centre, draw_runs
from insole.dashboard.paint.theme import Look

TICKS = 4
LEAST_KPA = 10  # below it a cell counts as unloaded


def paint_legend(painter: QPainter, look: Look, feet: Feet, style: NumberStyle, box: QRectF) -> None:
    """The colour bar lying: unloaded, linear scale, above the scale."""
    font, grey = look.font("axis"), look.color("text2")
    chip, height = look.px(14), look.px(9)
    low: Run = (f"< {LEAST_KPA}", font, grey)
    high_text = f"> {style.number(feet.scale_kpa, 0)} kPa"
    high: Run = (high_text, font, grey)
    sides = [QFontMetricsF(font).horizontalAdvance(text) + chip + look.px(10) for text in (low[0], high_text)]
    bar_width = min(box.width() - 2 * max(sides), look.px(252))
    bar = QRectF(box.center().x() - bar_width / 2, box.top() + look.px(2), bar_width, height)
    colours = np.ascontiguousarray(feet.colors()[None])
    painter.drawImage(bar, QImage(colours.data, 256, 1, 1024, QImage.Format.Format_RGB32).copy())
    below = QRectF(bar.left() - chip - look.px(1), bar.top(), chip, height)
    above = QRectF(bar.right() + look.px(2), bar.top(), chip, height)
    _paint_chips(painter, look, below, above)
    baseline = cap_centre(font, bar.center().y())
    draw_runs(painter, below.left() - look.px(6), baseline, [low], align="right")
    draw_runs(painter, above.right() + look.px(6), baseline, [high])
    under = bar.bottom() + QFontMetricsF(font).ascent() + look.px(4)
    for i in range(TICKS + 1):
        text = style.number(feet.scale_kpa * i / TICKS, 0)
        draw_runs(painter, bar.left() + bar_width * i / TICKS, under, [(text, font, grey)], align="centre")
    if feet.auto_scale:
        draw_runs(painter, below.left() - look.px(6), under, [("Auto", font, look.color("text1"))], align="right")


def paint_upright_legend(painter: QPainter, look: Look, feet: Feet, style: NumberStyle, box: QRectF) -> None:
    """The same standing, its numbers to the right."""
    font, grey = look.font("axis"), look.color("text2")
    wide, chip = look.px(13), look.px(11)
    bar = QRectF(box.left(), box.top() + look.px(40), wide, box.height() - look.px(60))
    draw_runs(painter, box.left() - look.px(2), box.top() + look.px(10), [("kPa", font, grey)])
    colours = np.ascontiguousarray(feet.colors()[::-1, None])
    painter.drawImage(bar, QImage(colours.data, 1, 256, 4, QImage.Format.Format_RGB32).copy())
    above = QRectF(bar.left(), bar.top() - chip - look.px(4), wide, chip)
    below = QRectF(bar.left(), bar.bottom() + look.px(6), wide, chip)
    _paint_chips(painter, look, below, above)
    right = bar.right() + look.px(7)
    top = style.number(feet.scale_kpa, 0)
    draw_runs(painter, right, cap_centre(font, above.center().y()), [(f"> {top}", font, grey)])
    draw_runs(painter, right, cap_centre(font, below.center().y()), [(f"< {LEAST_KPA}", font, grey)])
    for i in range(TICKS + 1):
        text = style.number(feet.scale_kpa * i / TICKS, 0)
        y = bar.bottom() - bar.height() * i / TICKS + (look.px(4) if i == TICKS else 0)
        draw_runs(painter, right, cap_centre(font, y), [(text, font, grey)])


def _paint_chips(painter: QPainter, look: Look, below: QRectF, above: QRectF) -> None:
    painter.setPen(look.pen("bed_line", 1))
    for box, tint in ((below, "bed"), (above, "white")):
        painter.setBrush(look.color(tint))
        painter.drawRect(box)
