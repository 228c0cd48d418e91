"""The dock of a replay, under any view: buttons and the seek bar. In: a review. Out: the same on the screen."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from insole.dashboard.keys import Binding
from insole.dashboard.model.rate_window import level_lines
from insole.dashboard.model.scene import Scene
from insole.dashboard.model.words import NumberStyle
from insole.dashboard.paint.panel import Painted, paint_ground
from insole.dashboard.paint.theme import Look
from insole.dashboard.panels.seek_bar import SeekBar
from insole.dashboard.panels.transport import Transport
from insole.dashboard.replay.review import Review

TEN_S = 10.0
PAD, PAD_COMPACT = 8.0, 5.0


class Dock(Painted):
    """Shows where in the recording the screen is, and takes it elsewhere.

    Parameters
    ----------
    look : Look
    review : Review
    """

    def __init__(self, look: Look, review: Review, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self.review = review
        self.title = review.player.title
        self.transport = Transport(look, review, self)
        self.bar = SeekBar(look, self)
        self.bar.sought.connect(review.seek)
        self.setAccessibleName("Replay")

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        super().apply(look)
        self.transport.apply(look)
        self.bar.apply(look)
        self._place()

    def set_tall(self, tall: bool) -> None:
        """With lanes for markers and contacts, or without."""
        self.bar.set_tall(tall)

    def wanted_height(self) -> int:
        """In pixels."""
        look = self.look
        return round(2 * self._pad() + look.size("button") + look.px(6) + self.bar.lanes.height)

    def _pad(self) -> float:
        return self.look.px(PAD_COMPACT if self.look.compact else PAD)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Lay out again."""
        self._place()

    def _place(self) -> None:
        look = self.look
        side, pad = look.size("pad"), round(self._pad())
        line = round(look.size("button") + look.px(6))
        wide = self.width() - 2 * side
        self.transport.setGeometry(side, pad, wide, line)
        self.bar.setGeometry(side, pad + line, wide, self.height() - 2 * pad - line)

    def show_frame(self, scene: Scene, style: NumberStyle) -> None:
        """Take the moment."""
        self.review.follow()
        self.bar.show_course(self.review.course, level_lines(scene, style), style)
        self.bar.show_moment(self.review.position_s, self.review.a_s, self.review.b_s, self.review.looping)
        self.transport.show_review(self.review, style, self.title)

    def paint(self, painter: QPainter) -> None:
        """The ground of a panel."""
        paint_ground(painter, self.look, QRectF(self.rect()))

    def bindings(self) -> list[Binding]:
        """Keys of a replay."""
        key, review = Qt.Key, self.review
        return [
            Binding("Space, P", "Play, or hold", {key.Key_Space: review.toggle, key.Key_P: review.toggle}),
            Binding(
                "←  →",
                "To the contact before, to the next one",
                {key.Key_Left: partial(review.step, -1), key.Key_Right: partial(review.step, 1)},
                shift=False,
                repeats=True,
            ),
            Binding(
                "Shift ←  →",
                "10 s back, 10 s on",
                {key.Key_Left: partial(review.seek_by, -TEN_S), key.Key_Right: partial(review.seek_by, TEN_S)},
                shift=True,
                repeats=True,
            ),
            Binding("Home  End", "To the beginning, to the end", {key.Key_Home: review.home, key.Key_End: review.end}),
            Binding("A  B", "A, or B, is this moment", {key.Key_A: review.set_a, key.Key_B: review.set_b}),
            Binding("L", "From A to B, over and over", {key.Key_L: review.toggle_loop}),
        ]
