"""A left-right difference as a bar on a track: interval, estimate, note lines. In: a row of the model. Out: pixels."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from insole.dashboard.model.readings import GaugeRow
from insole.dashboard.model.words import DASH, letter
from insole.dashboard.paint.marks import Run, draw_diamond, draw_hatch
from insole.dashboard.paint.theme import Look, foot_tint


def paint_track(painter: QPainter, look: Look, track: QRectF, row: GaugeRow, tint: str = "inset") -> None:
    """The bar on a track of a tint; left higher stands on the left, the note lines half way out on both sides.

    The lines are as high as `track`, in whose middle the bar lies.
    """
    y = track.center().y()
    thick = look.px(5)
    ground = QRectF(track.left(), y - thick / 2, track.width(), thick)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.color(tint))
    painter.drawRoundedRect(ground, thick / 2, thick / 2)
    if not row.shown:
        return
    centre, half = track.center().x(), track.width() / 2
    tick = track.height() / 2
    outer = ((-0.5, "text3"), (0.5, "text3")) if row.note_line else ()
    for position, ink in (*outer, (0.0, "text1")):
        painter.setPen(QPen(look.color(ink), look.px(1.4)))
        x = centre + position * half
        painter.drawLine(QPointF(x, y - tick), QPointF(x, y + tick))
    bar_height = look.px(10)
    left, right = centre + row.low * half, centre + row.high * half
    bar = QRectF(left, y - bar_height / 2, max(right - left, bar_height), bar_height)
    if right - left < bar_height:
        bar.moveCenter(QPointF((left + right) / 2, y))
    point = QPointF(centre + row.at * half, y)
    if not row.calibrated:
        painter.setPen(QPen(look.color("text3"), look.px(1.4)))
        painter.setBrush(look.color("panel"))
        painter.drawRoundedRect(bar, bar_height / 2, bar_height / 2)
        draw_diamond(painter, point, look.px(5), QPen(look.color("text3"), look.px(1.4)), None)
        return
    painter.setPen(Qt.PenStyle.NoPen)
    opacity = 0.3 if row.settling else 0.75
    painter.setBrush(look.color("watch" if row.noted else "text3", opacity))
    painter.drawRoundedRect(bar, bar_height / 2, bar_height / 2)
    edge = QPen(look.color("panel"), look.px(1.4))
    draw_diamond(painter, point, look.px(6), edge, look.color("text1"))


def paint_closed_track(painter: QPainter, look: Look, track: QRectF) -> None:
    """A track on which nothing may be shown: hatched."""
    thick = look.px(7)
    path = QPainterPath()
    path.addRoundedRect(
        QRectF(track.left(), track.center().y() - thick / 2, track.width(), thick), thick / 2, thick / 2
    )
    draw_hatch(painter, look, path, step=6)


def value_runs(look: Look, row: GaugeRow, *, large: bool = False) -> list[Run]:
    """'L +16.8 ± 6.1 %', or a dash and why."""
    body, strong = look.font("body"), look.font("value" if large else "body_strong")
    if row.side is None:
        text = f"{DASH} {row.reason}" if row.reason else DASH
        return [(text, body, look.color("text3"))]
    grey = look.color("text3")
    foot = look.color(foot_tint(row.side)) if row.calibrated else grey
    number = look.color("text1") if row.calibrated else grey
    spread = look.color("text2" if row.calibrated else "text3")
    hint = look.font("hint")
    return [(f"{letter(row.side)} ", strong, foot), (row.value, strong, number), (f" {row.spread}", hint, spread)]
