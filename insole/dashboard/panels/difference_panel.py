"""Left-right differences with intervals. In: gauges of the pipeline. Out: a bar a metric, left higher on the left."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from insole.blocks import Side
from insole.dashboard.model.readings import GAUGE_METRICS, GaugeRow, gauge_row
from insole.dashboard.model.scene import FEET, Link, Scene
from insole.dashboard.model.verdict import Level
from insole.dashboard.model.words import DASH, NumberStyle, letter
from insole.dashboard.paint.marks import Run, cap_centre, draw_diamond, draw_level, draw_runs, shrunk
from insole.dashboard.paint.panel import Panel
from insole.dashboard.paint.theme import Look, foot_tint

ROOMY = 62.0  # from here on a row says in words what its bar shows
TIGHT = 36.0  # below this the marks of a row keep off the text of the next
ROW_HEIGHT = 84.0  # most that a row takes; a taller panel stays empty below


class DifferencePanel(Panel):
    """Gauges scaled so that the note lines of all metrics stand below each other."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, "Left–right difference", "last 30 contacts", parent)
        self.rows: tuple[GaugeRow, ...] = ()
        self.footnote = ""

    def show_scene(self, scene: Scene, style: NumberStyle) -> None:
        """Take the gauges of the moment."""
        rows = tuple(gauge_row(scene, metric, style) for metric in GAUGE_METRICS)
        lost = [side for side in FEET if scene.link(side) is Link.LOST]
        footnote = f"Back 10 contacts after the {lost[0].label} insole is." if len(lost) == 1 else ""
        if (rows, footnote) != (self.rows, self.footnote):
            self.rows, self.footnote = rows, footnote
            self.setAccessibleDescription("; ".join(_spoken(row) for row in rows))
            self.update()

    def paint_content(self, painter: QPainter) -> None:
        """Rows from the top, the meaning of the sides at the bottom."""
        look = self.look
        room = self.content()
        hint = look.font("axis")
        bottom = room.bottom() - look.px(2)
        grey = look.color("text3")
        if self.footnote:
            font = shrunk(hint, self.footnote, room.width())
            draw_runs(painter, room.left(), bottom, [(self.footnote, font, grey)])
        else:
            draw_runs(painter, room.left(), bottom, [("◂ left higher", hint, grey)])
            draw_runs(painter, room.right(), bottom, [("right higher ▸", hint, grey)], align="right")
            if not look.compact:
                draw_runs(painter, room.center().x(), bottom, [("outer ticks: note lines", hint, grey)], align="centre")
        top = room.top() + (0 if look.compact else look.px(5))
        free = bottom - QFontMetricsF(hint).height() - look.px(4) - top
        step = min(free / max(1, len(self.rows)), look.px(ROW_HEIGHT))
        for i, row in enumerate(self.rows):
            self._paint_row(painter, QRectF(room.left(), top + i * step, room.width(), step), row)

    def _paint_row(self, painter: QPainter, box: QRectF, row: GaugeRow) -> None:
        look = self.look
        body = look.font("body")
        line = QFontMetricsF(body).height()
        roomy = box.height() >= look.px(ROOMY)
        baseline = cap_centre(body, box.top() + line / 2 + (look.px(4) if roomy else 0))
        tight = box.height() < look.px(TIGHT)
        track_y = baseline + look.px(13 if tight or look.compact else 16)
        room_below = box.bottom() - track_y >= look.px(24)
        muted = not row.shown or not row.calibrated
        runs: list[Run] = [(row.title, body, look.color("text3" if muted else "text2"))]
        if row.short_verdict and not room_below:
            tint = "watch_text" if row.noted else "text3"
            runs.append((f", {row.short_verdict}", body, look.color(tint)))
        used = draw_runs(painter, box.left(), baseline, runs)
        if row.noted and not room_below:
            size = look.px(12)
            draw_level(painter, look, Level.WATCH, QPointF(box.left() + used + size, box.top() + line / 2), size)
        draw_runs(painter, box.right(), baseline, self._value_runs(row), align="right")
        self._paint_track(painter, box, track_y, row)
        if row.verdict and room_below and (roomy or row.short_verdict):
            self._paint_verdict(painter, box, track_y + look.px(20 if roomy else 15), row)

    def _value_runs(self, row: GaugeRow) -> list[Run]:
        look = self.look
        body, strong = look.font("body"), look.font("body_strong")
        if row.side is None:
            text = f"{DASH} {row.reason}" if row.reason else DASH
            return [(text, body, look.color("text3"))]
        grey = look.color("text3")
        foot = look.color(foot_tint(row.side)) if row.calibrated else grey
        number = look.color("text1") if row.calibrated else grey
        hint = look.font("hint")
        spread = look.color("text2" if row.calibrated else "text3")
        return [(f"{letter(row.side)} ", strong, foot), (row.value, strong, number), (f" {row.spread}", hint, spread)]

    def _paint_track(self, painter: QPainter, box: QRectF, y: float, row: GaugeRow) -> None:
        look = self.look
        thick = look.px(5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("inset"))
        painter.drawRoundedRect(QRectF(box.left(), y - thick / 2, box.width(), thick), thick / 2, thick / 2)
        if not row.shown:
            return
        centre, half = box.center().x(), box.width() / 2
        tick = look.px(5 if box.height() < look.px(TIGHT) else 8)
        for position, tint in ((-0.5, "text3"), (0.5, "text3"), (0.0, "text1")):
            painter.setPen(QPen(look.color(tint), look.px(1.4)))
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

    def _paint_verdict(self, painter: QPainter, box: QRectF, centre: float, row: GaugeRow) -> None:
        look = self.look
        font = look.font("hint")
        x = box.left()
        if row.noted:
            size = look.px(11)
            draw_level(painter, look, Level.WATCH, QPointF(x + size / 2, centre), size)
            x += size + look.px(6)
        color = look.color("watch_text" if row.noted else "text3")
        draw_runs(painter, x, cap_centre(font, centre), [(row.verdict, font, color)])


def _spoken(row: GaugeRow) -> str:
    side = {None: "", Side.LEFT: "left ", Side.RIGHT: "right "}[row.side]
    return " ".join(f"{row.title}: {side}{row.value} {row.spread} {row.reason} {row.verdict}".split())
