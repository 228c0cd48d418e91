"""Left-right differences with intervals. In: gauges of the pipeline. Out: a bar a metric, left higher on the left."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from insole.blocks import Side
from insole.dashboard.model.readings import GAUGE_METRICS, GaugeRow, gauge_row
from insole.dashboard.model.scene import FEET, Link, Scene
from insole.dashboard.model.verdict import Level
from insole.dashboard.model.words import NumberStyle
from insole.dashboard.paint.gauge import paint_track, value_runs
from insole.dashboard.paint.marks import Run, cap_centre, draw_level, draw_runs, shrunk
from insole.dashboard.paint.panel import Panel
from insole.dashboard.paint.theme import Look

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
        draw_runs(painter, box.right(), baseline, value_runs(look, row), align="right")
        tick = look.px(5 if box.height() < look.px(TIGHT) else 8)
        paint_track(painter, look, QRectF(box.left(), track_y - tick, box.width(), 2 * tick), row)
        if row.verdict and room_below and (roomy or row.short_verdict):
            self._paint_verdict(painter, box, track_y + look.px(20 if roomy else 15), row)

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
