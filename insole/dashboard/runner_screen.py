"""The runner's screen: a window of its own, black, read from a treadmill three metres away. In: a `RunnerPicture`.

Drawn on a canvas 900 high that is scaled to the window without an upper limit; spare width goes between the parts.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QCloseEvent,
    QColor,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QWidget

from insole.dashboard.model.playing import Playing
from insole.dashboard.model.runner import Freshness, Mark, RunnerPicture, Shape, runner_picture
from insole.dashboard.model.scene import Scene
from insole.dashboard.model.words import NumberStyle
from insole.dashboard.paint.marks import draw_runs
from insole.dashboard.paint.theme import DARK, family

HEIGHT = 900.0
BAR = QRectF(0, 60, 300, 780)  # moved to its place across
SLOT, SLOTS = 28.8, 10
LEFT, RIGHT = 82.0, 60.0
FIRST_SIZE = (1280, 720)


class RunnerScreen(QWidget):
    """One picture, as large as the window.

    Parameters
    ----------
    other_key : callable
        Gets every key that this window does not know.
    """

    def __init__(self, other_key: Callable[[QKeyEvent], None], parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._other_key = other_key
        self.picture = RunnerPicture("", "", "")
        self._freshness = Freshness()
        self.setWindowTitle("Runner")
        self.setMinimumSize(640, 360)
        self.resize(*FIRST_SIZE)

    def open(self) -> None:
        """On the second display, all of it; in a window where there is only one."""
        others = [screen for screen in QGuiApplication.screens() if screen is not QGuiApplication.primaryScreen()]
        if others:
            self.setGeometry(others[0].geometry())
            self.showFullScreen()
        else:
            self.show()
        self.raise_()
        self.activateWindow()

    def show_scene(self, scene: Scene, playing: Playing, style: NumberStyle, now_s: float) -> None:
        """Follow the session, so that nothing stays here when it stands still; `now_s` by any steady clock."""
        fresh = self._freshness.seen(scene.t_s, now_s)
        if self.isVisible():
            self.show_picture(runner_picture(scene.feedback.prompt, playing, style, fresh=fresh))

    def show_picture(self, picture: RunnerPicture) -> None:
        """Take a picture; repaints only when it is another one."""
        if picture != self.picture:
            self.picture = picture
            self.setAccessibleDescription(picture.spoken())
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """F11 fills the display or not, Esc closes; other keys are the therapist's."""
        if event.key() == Qt.Key.Key_F11:
            self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)
        elif event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            self._other_key(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Only this window goes."""
        event.accept()

    # ---- painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Scale, centre, and draw."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        painter.fillRect(self.rect(), DARK.color("runner_bg"))
        scale = min(self.width() / 1440.0, self.height() / HEIGHT)
        painter.translate(0, (self.height() - HEIGHT * scale) / 2)
        painter.scale(scale, scale)
        self._paint(painter, self.width() / scale)
        painter.end()

    def _paint(self, painter: QPainter, width: float) -> None:
        shown = self.picture
        if shown.value:
            self._paint_value(painter, width)
            self._paint_bar(painter, width)
        else:
            self._paint_word(painter, width)
        _text(painter, LEFT, 100, shown.title, 41, "text2", QFont.Weight.Medium)
        _text(painter, LEFT, 145, shown.subtitle, 26, "text3")
        if shown.target:  # left of the bar: hard steps stand right of it, up to the top
            right = self._bar_left(width) - 56
            _text(painter, right, 100, "Target", 41, "text2", QFont.Weight.Medium, align="right")
            _text(painter, right, 204, shown.target, 104, "runner_text", QFont.Weight.Bold, align="right")

    def _paint_word(self, painter: QPainter, width: float) -> None:
        """Without a value: the word in the middle, what it means below."""
        shown = self.picture
        size = 130.0
        wide = QFontMetricsF(_font(size, QFont.Weight.DemiBold)).horizontalAdvance(shown.word)
        sign = 150.0 if shown.shape is not Shape.NONE else 0.0
        x = (width - wide - sign) / 2
        if sign:
            _sign(painter, shown.shape, QPointF(x + 50, 438), 50, DARK.color("text2"))
        tint = "text2" if shown.shape is Shape.CROSS else "runner_text"
        _text(painter, x + sign, 485, shown.word, size, tint, QFont.Weight.DemiBold)
        _text(painter, width / 2, 580, shown.hint, 36, "text2", align="centre")
        if shown.share is not None:
            track = QRectF(width / 2 - 360, 640, 720, 24)
            _bar(painter, track, "runner_track")
            _bar(painter, QRectF(track.left(), track.top(), max(24.0, track.width() * shown.share), 24), "runner_text")

    def _paint_value(self, painter: QPainter, width: float) -> None:
        shown = self.picture
        tint = "on" if shown.off else "runner_text"
        room = self._bar_left(width) - LEFT - 60
        font = _font(406, QFont.Weight.Bold)
        metrics = QFontMetricsF(font)
        wide = metrics.horizontalAdvance(shown.value)
        if wide > room:
            font = _font(406 * room / wide, QFont.Weight.Bold)
        left = LEFT - QFontMetricsF(font).leftBearing(shown.value[0])
        draw_runs(painter, left, 565, [(shown.value, font, DARK.color(tint))])
        _text(painter, LEFT + 2, 641, shown.unit, 41, "text2", QFont.Weight.Medium)
        _sign(painter, shown.shape, QPointF(LEFT + 44, 763), 44, DARK.color(tint))
        _text(painter, LEFT + 113, 789, shown.word, 78, tint, QFont.Weight.DemiBold)

    def _bar_left(self, width: float) -> float:
        return 0.604 * width - BAR.width() / 2

    def _paint_bar(self, painter: QPainter, width: float) -> None:
        """The scale, the value on it, the line of the target, and the last steps beside it."""
        shown = self.picture
        if shown.at is None or shown.target_at is None:
            return
        bar = BAR.translated(self._bar_left(width), 0)
        value_y, target_y = (bar.bottom() - bar.height() * at for at in (shown.at, shown.target_at))
        above = shown.off and value_y < target_y
        _bar(painter, bar, "runner_track", 20)
        painter.save()
        painter.setClipRect(QRectF(bar.left(), value_y, bar.width(), bar.bottom() - value_y))
        _bar(painter, bar, "runner_muted" if above else "on" if shown.off else "runner_text", 20)
        if above:
            painter.setClipRect(QRectF(bar.left(), value_y, bar.width(), target_y - value_y))
            _bar(painter, bar, "on", 20)
        painter.restore()
        painter.setPen(QPen(DARK.color("runner_bg"), 14))
        painter.drawLine(QPointF(bar.left(), target_y), QPointF(bar.right(), target_y))
        painter.setPen(QPen(DARK.color("white"), 8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(bar.left() - 36, target_y), QPointF(bar.right() + 36, target_y))
        self._paint_steps(painter, bar, target_y, width)

    def _paint_steps(self, painter: QPainter, bar: QRectF, target_y: float, width: float) -> None:
        shown = self.picture
        right = width - RIGHT - 14
        dashes = QPen(DARK.color("text3"), 3)
        dashes.setDashPattern([2.4, 3.2])
        dashes.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(dashes)
        painter.drawLine(QPointF(bar.right() + 48, target_y), QPointF(right, target_y))
        for mark in shown.marks:
            _step(
                painter,
                mark,
                QPointF(right - SLOT * (SLOTS - 1 - mark.slot), bar.bottom() - bar.height() * mark.at),
                shown,
            )
        _text(painter, width - RIGHT, 880, "last 10 steps", 26, "text3", align="right")


def _font(size: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    font = QFont(family())
    font.setPixelSize(max(1, round(size)))
    font.setWeight(weight)
    font.setFeature(QFont.Tag("tnum"), 1)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def _text(
    painter: QPainter,
    x: float,
    baseline: float,
    text: str,
    size: float,
    tint: str,
    weight: QFont.Weight = QFont.Weight.Normal,
    *,
    align: str = "left",
) -> None:
    draw_runs(painter, x, baseline, [(text, _font(size, weight), DARK.color(tint))], align=align)


def _bar(painter: QPainter, box: QRectF, tint: str, radius: float = 12.0) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(DARK.color(tint))
    painter.drawRoundedRect(box, radius, radius)


def _step(painter: QPainter, mark: Mark, centre: QPointF, shown: RunnerPicture) -> None:
    """A step on target is a disc, one off target a triangle; older ones fade."""
    opacity = 0.45 + 0.55 * mark.slot / (SLOTS - 1)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(DARK.color("on" if mark.off else "runner_text", opacity))
    if mark.off:
        down = shown.target_at is not None and mark.at < shown.target_at
        painter.drawPolygon(_triangle(centre, 13, down=down))
    else:
        painter.drawEllipse(centre, 11.5, 11.5)


def _triangle(centre: QPointF, half: float, *, down: bool) -> QPolygonF:
    y = -1.0 if down else 1.0
    return QPolygonF(
        [
            QPointF(centre.x(), centre.y() - y * half * 0.86),
            QPointF(centre.x() + half, centre.y() + y * half * 0.86),
            QPointF(centre.x() - half, centre.y() + y * half * 0.86),
        ]
    )


def _sign(painter: QPainter, shape: Shape, centre: QPointF, half: float, color: QColor) -> None:
    """The sign beside a word."""
    pen = QPen(color, half * 0.16, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    x, y = centre.x(), centre.y()
    if shape is Shape.CHECK:
        painter.drawEllipse(centre, half * 0.92, half * 0.92)
        hook = [QPointF(x - half * 0.4, y + half * 0.02), QPointF(x - half * 0.1, y + half * 0.32)]
        painter.drawPolyline(QPolygonF([*hook, QPointF(x + half * 0.42, y - half * 0.28)]))
    elif shape in {Shape.UP, Shape.DOWN}:
        painter.setBrush(color)
        painter.drawPolygon(_triangle(centre, half * 0.92, down=shape is Shape.DOWN))
    elif shape is Shape.CROSS:
        painter.drawRoundedRect(
            QRectF(x - half * 0.8, y - half * 0.8, half * 1.6, half * 1.6), half * 0.25, half * 0.25
        )
        arm = half * 0.34
        painter.drawLine(QPointF(x - arm, y - arm), QPointF(x + arm, y + arm))
        painter.drawLine(QPointF(x - arm, y + arm), QPointF(x + arm, y - arm))
