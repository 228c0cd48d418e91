"""All left-right differences in rows: both values, gauge, difference, verdict. In: rows of the model. Out: a choice."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from insole.blocks import Side
from insole.dashboard.model.asymmetry import AsymmetryRow, asymmetry_rows
from insole.dashboard.model.readings import Reading
from insole.dashboard.model.scene import Scene
from insole.dashboard.model.verdict import Level
from insole.dashboard.model.words import DASH, NumberStyle
from insole.dashboard.paint.gauge import paint_closed_track, paint_track, value_runs
from insole.dashboard.paint.marks import Run, cap_centre, draw_badge, draw_level, draw_ring, draw_runs, fitted, shrunk
from insole.dashboard.paint.panel import Panel
from insole.dashboard.paint.theme import Look

NAME, VALUE, END = 128.0, 92.0, 218.0  # widths of the columns; the gauge takes what is left
TICK_ROOM = 64.0  # from this height on the note lines have their numbers below


class AsymmetryPanel(Panel):
    """Rows that can be chosen with the mouse or the arrows; the chosen one is drawn over the session."""

    chosen = Signal(str)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, "Left–right difference", "diamond: estimate, bar: 95 % interval", parent)
        self.rows: tuple[AsymmetryRow, ...] = ()
        self.chosen_metric = "valr_bw_s"
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_scene(self, scene: Scene, style: NumberStyle) -> None:
        """Take the rows of the moment."""
        rows = asymmetry_rows(scene, style)
        if rows != self.rows:
            self.rows = rows
            self.setAccessibleDescription("; ".join(_spoken(row) for row in rows))
            self.update()

    # ---- choosing ------------------------------------------------------------------------------------------------

    def choose(self, metric: str) -> None:
        """Another row."""
        if metric != self.chosen_metric:
            self.chosen_metric = metric
            self.chosen.emit(metric)
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The row under the pointer."""
        box, step = self._rows_box()
        at = int((event.position().y() - box.top()) // step) if step > 0 else -1
        if 0 <= at < len(self.rows) and self.rows[at].comparable:
            self.choose(self.rows[at].metric)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down; other keys are the window's."""
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        step = steps.get(Qt.Key(event.key()))
        metrics = [row.metric for row in self.rows if row.comparable]
        if step is None or self.chosen_metric not in metrics:
            super().keyPressEvent(event)
            return
        self.choose(metrics[max(0, min(len(metrics) - 1, metrics.index(self.chosen_metric) + step))])

    # ---- painting ------------------------------------------------------------------------------------------------

    def title_runs(self) -> list[Run]:
        """Over how many contacts."""
        look = self.look
        return [*super().title_runs(), ("   last 30 contacts of each foot", look.font("hint"), look.color("text3"))]

    def _rows_box(self) -> tuple[QRectF, float]:
        room = self.content()
        foot = QFontMetricsF(self.look.font("axis")).height() + self.look.px(4)
        box = room.adjusted(0, 0, 0, -foot)
        return box, box.height() / max(1, len(self.rows))

    def _columns(self, room: QRectF) -> tuple[float, float, QRectF]:
        """Left edges of both values, and the track (of no height)."""
        look = self.look
        scale = 0.86 if look.compact else 1.0
        left = room.left() + look.px(NAME) * scale
        right = left + look.px(VALUE) * scale
        start = right + look.px(VALUE) * scale
        end = room.right() - look.px(END) * scale
        return left, right, QRectF(start, 0, max(look.px(60), end - start), 0)

    def paint_content(self, painter: QPainter) -> None:
        """Rows with lines between them, the meaning of the sides at the bottom."""
        look = self.look
        room = self.content()
        box, step = self._rows_box()
        left, right, track = self._columns(room)
        for i, row in enumerate(self.rows):
            place = QRectF(room.left(), box.top() + i * step, room.width(), step)
            if row.metric == self.chosen_metric:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(look.color("inset"))
                edge = look.px(8)
                ground = place.adjusted(-edge, 2, edge, -2)
                painter.drawRoundedRect(ground, look.px(6), look.px(6))
                if self.hasFocus():
                    draw_ring(painter, look, ground, look.px(6))
            elif i:
                painter.setPen(look.pen("line", 1))
                painter.drawLine(place.topLeft(), place.topRight())
            self._paint_row(painter, place, row, (left, right, track))
        font, grey = look.font("axis"), look.color("text3")
        bottom = room.bottom()
        draw_runs(painter, track.left(), bottom, [("◂ left higher", font, grey)])
        draw_runs(painter, track.center().x(), bottom, [("0", font, grey)], align="centre")
        draw_runs(painter, track.right(), bottom, [("right higher ▸", font, grey)], align="right")

    def _paint_row(
        self, painter: QPainter, place: QRectF, row: AsymmetryRow, columns: tuple[float, float, QRectF]
    ) -> None:
        look = self.look
        left, right, track = columns
        strong, hint = look.font("body_strong"), look.font("hint")
        middle = place.center().y()
        half = min(look.px(9), place.height() * 0.22)
        shown = row.gauge.shown and row.gauge.calibrated
        title_color = look.color("text1" if shown else "text2")
        font = shrunk(strong, row.title, left - place.left() - look.px(6))
        draw_runs(painter, place.left(), cap_centre(strong, middle - half), [(row.title, font, title_color)])
        draw_runs(painter, place.left(), cap_centre(hint, middle + half), [(row.unit, hint, look.color("text3"))])
        for side, x, value in ((Side.LEFT, left, row.left), (Side.RIGHT, right, row.right)):
            self._paint_value(painter, side, QPointF(x, middle), value)
        tick = look.px(8)
        line = QRectF(track.left(), middle - tick, track.width(), 2 * tick)
        if row.comparable:
            paint_track(painter, look, line, row.gauge, "line" if row.metric == self.chosen_metric else "inset")
        else:
            paint_closed_track(painter, look, line)
        if row.gauge.shown and place.height() >= look.px(TICK_ROOM):
            self._paint_ticks(painter, line, row)
        self._paint_verdict(painter, place, row, half)

    def _paint_value(self, painter: QPainter, side: Side, at: QPointF, value: Reading) -> None:
        look = self.look
        badge = look.size("badge")
        draw_badge(painter, look, side, QPointF(at.x() + badge / 2, at.y()), muted=not value.shown)
        x = at.x() + badge + look.px(6)
        room = look.px(VALUE) * (0.86 if look.compact else 1.0) - badge - look.px(10)
        if value.shown:
            font = shrunk(look.font("value"), value.value, room)
            run = (value.value, font, look.color("text1"))
        else:
            font = shrunk(look.font("axis"), value.spread, room)
            fits = value.spread and QFontMetricsF(font).horizontalAdvance(value.spread) <= room
            run = (value.spread if fits else DASH, font, look.color("text3"))  # the end of the row has the reason
        draw_runs(painter, x, cap_centre(font, at.y()), [run])

    def _paint_ticks(self, painter: QPainter, line: QRectF, row: AsymmetryRow) -> None:
        """Where the note lines stand, or where the bar ends."""
        look = self.look
        font, grey = look.font("axis"), look.color("text3")
        y = cap_centre(font, line.center().y() + look.px(20))
        if row.gauge.note_line:
            for part in (0.25, 0.75):
                x = line.left() + part * line.width()
                draw_runs(painter, x, y, [(row.gauge.note_line, font, grey)], align="centre")
        else:
            draw_runs(painter, line.center().x(), y, [("scale ± 50 %", font, grey)], align="centre")

    def _paint_verdict(self, painter: QPainter, place: QRectF, row: AsymmetryRow, half: float) -> None:
        """Difference over its verdict, on the right."""
        look = self.look
        hint = look.font("hint")
        gauge = row.gauge
        middle = place.center().y()
        wide = look.px(END) * (0.86 if look.compact else 1.0) - look.px(12)
        if not gauge.shown:
            reason = gauge.reason or "not measured"
            font = shrunk(hint, reason, wide)
            dash = (DASH, look.font("body_strong"), look.color("text3"))
            draw_runs(painter, place.right(), cap_centre(dash[1], middle - half), [dash], align="right")
            run = (fitted(reason, font, wide), font, look.color("text3"))
            draw_runs(painter, place.right(), cap_centre(font, middle + half), [run], align="right")
            return
        runs = value_runs(look, gauge, large=True)
        draw_runs(painter, place.right(), cap_centre(look.font("value"), middle - half), runs, align="right")
        font = shrunk(hint, gauge.verdict, wide - look.px(18))
        color = look.color("watch_text" if gauge.noted else "text3")
        y = cap_centre(font, middle + half)
        used = draw_runs(painter, place.right(), y, [(gauge.verdict, font, color)], align="right")
        if gauge.noted:
            size = look.px(11)
            centre = QPointF(place.right() - used - look.px(6) - size / 2, middle + half)
            draw_level(painter, look, Level.WATCH, centre, size)


def _spoken(row: AsymmetryRow) -> str:
    side = {None: "", Side.LEFT: "left ", Side.RIGHT: "right "}[row.gauge.side]
    parts = (f"{row.title}:", side + row.gauge.value, row.gauge.spread, row.gauge.reason, row.gauge.verdict)
    return " ".join(" ".join(parts).split())
