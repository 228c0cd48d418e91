"""Peak pressure of the last contact of each foot, paired values, legend. In: the scene. Out: two feet, toes up."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from insole.blocks import Side
from insole.dashboard.model.foot_shown import Kept
from insole.dashboard.model.outline import Placement, side_by_side
from insole.dashboard.model.readings import PAIRED, Reading, reading, spoken
from insole.dashboard.model.scene import FEET, Scene
from insole.dashboard.model.words import NumberStyle
from insole.dashboard.paint.feet import Feet
from insole.dashboard.paint.foot import Layers, letter_place, paint_foot_words
from insole.dashboard.paint.legend import paint_legend
from insole.dashboard.paint.marks import cap_centre, draw_runs
from insole.dashboard.paint.panel import Panel
from insole.dashboard.paint.theme import Look


class FeetPanel(Panel):
    """Both feet, seen from above."""

    def __init__(self, look: Look, scene: Scene, parent: QWidget | None = None) -> None:
        super().__init__(look, "Peak pressure", "last contact of each foot", parent)
        self.layers = Layers()
        self.feet = Feet(look, scene)
        self.pairs: list[tuple[str, dict[Side, Reading]]] = []
        self._style = NumberStyle()

    def next_scale(self) -> str:
        """The next of the fixed scales, then automatic. Returns its name."""
        self.feet.next_scale()
        self.update()
        return self.feet.scale_name(self._style)

    def set_layers(self, layers: Layers) -> None:
        """Show or hide the centre of pressure and the cells."""
        self.layers = layers
        self.update()

    # ---- data ----------------------------------------------------------------------------------------------------

    def show_shapes(self, scene: Scene) -> None:
        """Take new contacts as they come; only the foot that changed is painted again."""
        for side in self.feet.follow(scene, Kept.LAST):
            self.update(self._half(side))
        if self.feet.fit_auto():
            self.update()

    def _half(self, side: Side) -> QRect:
        """The half of the panel that one foot and its words stand in."""
        middle = round(self.content().center().x())
        return QRect(0, 0, middle, self.height()) if side == Side.LEFT else QRect(middle, 0, middle * 2, self.height())

    def show_scene(self, scene: Scene, style: NumberStyle) -> None:
        """Take the paired values of the moment."""
        pairs = [(name, {s: reading(scene, metric, s, style) for s in FEET}) for metric, name in PAIRED]
        self._style = style
        if pairs != self.pairs:
            self.pairs = pairs
            self.setAccessibleDescription("; ".join(spoken(name, "", values) for name, values in pairs))
            place = self.placements()[Side.LEFT]
            below = round(place.top + place.height + self.look.px(2))
            self.update(QRect(0, below, self.width(), self.height() - below))

    # ---- painting ------------------------------------------------------------------------------------------------

    def placements(self) -> dict[Side, Placement]:
        """Where the feet stand: as large as the room allows, in the middle."""
        look = self.look
        room = self.content()
        row = look.px(24 if not look.compact else 22)
        below = look.size("badge") + look.px(22) + len(PAIRED) * row + look.px(58)
        height = room.height() - below
        aspects = self.feet.aspects()
        gap = look.px(32)
        height = max(40.0, min(height, (room.width() - gap - look.px(16)) / sum(aspects.values())))
        top = room.top() + max(0.0, (room.height() - below - height) / 2)
        return side_by_side(aspects, room.center().x(), top, height, gap)

    def paint_content(self, painter: QPainter) -> None:
        """Feet, letters, paired values, legend."""
        look = self.look
        places = self.placements()
        room = self.content()
        for side, item in self.feet.items.items():
            place, state = places[side], self.feet.states[side]
            item.paint(painter, look, place, state.mode, self.layers)
            paint_foot_words(painter, look, place, state)
        row = look.px(24 if not look.compact else 22)
        top = letter_place(look, places[Side.LEFT]).y() + look.size("badge") / 2 + look.px(12)
        self._paint_pairs(painter, QRectF(room.left(), top, room.width(), row * len(PAIRED)))
        below = QRectF(room.left(), room.bottom() - look.px(36), room.width(), look.px(36))
        paint_legend(painter, look, self.feet, self._style, below)

    def _paint_pairs(self, painter: QPainter, box: QRectF) -> None:
        look = self.look
        strong, body = look.font("body_strong"), look.font("body")
        metrics = QFontMetricsF(body)
        half = max((metrics.horizontalAdvance(name) for name, _ in self.pairs), default=0.0) / 2 + look.px(34)
        half = min(half, box.width() / 2 - look.px(24))
        step = box.height() / len(PAIRED)
        for i, (name, values) in enumerate(self.pairs):
            y = box.top() + (i + 0.5) * step
            centre = box.center().x()
            draw_runs(painter, centre, cap_centre(body, y), [(name, body, look.color("text2"))], align="centre")
            for side, value in values.items():
                x = centre + (-half if side == Side.LEFT else half)
                color = look.color("text1" if value.shown else "text3")
                draw_runs(painter, x, cap_centre(strong, y), [(value.value, strong, color)], align="centre")

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        super().apply(look)
        self.feet.apply(look)
