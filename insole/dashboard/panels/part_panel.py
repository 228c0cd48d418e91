"""One side of a comparison: mean peak pressure of both feet and a few values. In: a part. Out: two feet, toes up."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from insole.blocks import Side
from insole.dashboard.model.comparing import VALUES, PartView, mean_trail
from insole.dashboard.model.foot_shown import FootMode, FootPressures
from insole.dashboard.model.outline import Placement, aspect_of, side_by_side
from insole.dashboard.model.pressure_map import PressureMap
from insole.dashboard.model.scene import FEET, Scene
from insole.dashboard.paint.foot import FootItem, Layers, Shades
from insole.dashboard.paint.marks import Run, cap_centre, draw_badge, draw_runs, fitted
from insole.dashboard.paint.panel import Panel
from insole.dashboard.paint.theme import DEFAULT_SCALE_KPA, Look
from insole.history.comparison import Picture

MAPS = dict[int, PressureMap]  # by device: two feet of one model share their weights


class PartPanel(Panel):
    """A or B.

    Parameters
    ----------
    look : Look
    letter : str
    missing : str
        What is said as long as there is nothing to show.
    scene : Scene
        Names the insoles.
    maps : dict
        Pressure maps that other panels of this session have made.
    """

    def __init__(
        self, look: Look, letter: str, missing: str, scene: Scene, maps: MAPS, parent: QWidget | None = None
    ) -> None:
        super().__init__(look, "", "", parent)
        self.letter = letter
        self.missing = missing
        self.part: PartView | None = None
        self._shades = Shades(look, DEFAULT_SCALE_KPA)
        self._items: dict[Side, FootItem] = {}
        for side in FEET:
            device = scene.device(side)
            if device is not None and device.has_geometry and id(device) not in maps:
                maps[id(device)] = PressureMap(device)
            self._items[side] = FootItem(side, device, maps.get(id(device)))
        self.setAccessibleName(letter)

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        self._shades = Shades(look, DEFAULT_SCALE_KPA)
        super().apply(look)
        self._colour()

    def show_part(self, part: PartView | None) -> None:
        """Take another part; None: there is none yet."""
        self.part = part
        self.hint = "" if part is None else part.note
        if part is not None:
            values = "; ".join(f"{name} L {pair[Side.LEFT]} R {pair[Side.RIGHT]}" for name, pair in part.values)
            self.setAccessibleDescription(f"{part.head}, {part.note}: {values}")
        self._colour()
        self.update()

    def _colour(self) -> None:
        for side, item in self._items.items():
            mean = None if self.part is None else self.part.pictures[side]
            item.set_pressures(None if mean is None else _pressures(mean, item), self._shades)

    def title_runs(self) -> list[Run]:
        """The moment, behind the letter."""
        look = self.look
        head = self.missing if self.part is None else self.part.head
        font = look.font("title" if self.part is not None else "hint")
        color = look.color("text1" if self.part is not None else "text3")
        room = self.width() - 2 * look.size("pad") - look.px(34)
        return [("         ", look.font("title"), color), (fitted(head, font, room), font, color)]

    def paint_content(self, painter: QPainter) -> None:
        """The letter in its box, feet, values."""
        look = self.look
        size = look.px(22)
        box = QRectF(look.size("pad"), look.size("title_bar") / 2 + look.px(1) - size / 2, size, size)
        painter.setPen(look.pen("text2", 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, look.px(5), look.px(5))
        font = look.font("body_strong")
        run: Run = (self.letter, font, look.color("text1"))
        draw_runs(painter, box.center().x(), cap_centre(font, box.center().y()), [run], align="centre")
        places = self._places()
        for side, item in self._items.items():
            shown = self.part is not None and self.part.pictures[side] is not None
            known = item.device is not None and item.device.has_geometry
            mode = FootMode.ABSENT if item.device is None else FootMode.SHOWN if shown and known else FootMode.EMPTY
            item.paint(painter, look, places[side], mode, Layers())
        if self.part is not None:
            self._paint_values(painter, places[Side.LEFT].top + places[Side.LEFT].height + look.px(6))

    def _places(self) -> dict[Side, Placement]:
        look = self.look
        room = self.content()
        below = look.size("badge") + look.px(10) + len(VALUES) * self._row()
        aspects = {side: aspect_of(item.device) for side, item in self._items.items()}
        gap = look.px(26)
        height = max(40.0, min(room.height() - below, (room.width() - gap) / sum(aspects.values())))
        return side_by_side(aspects, room.center().x(), room.top(), height, gap)

    def _row(self) -> float:
        return self.look.px(18 if self.look.compact else 21)

    def _paint_values(self, painter: QPainter, top: float) -> None:
        """Left, name, right; the letters of the feet over their columns."""
        look = self.look
        assert self.part is not None
        strong, body = look.font("body_strong"), look.font("body")
        centre = self.content().center().x()
        wide = max(QFontMetricsF(body).horizontalAdvance(name) for name, _ in self.part.values)
        half = min(wide / 2 + look.px(34), self.content().width() / 2 - look.px(20))
        y = top + look.size("badge") / 2
        for side in FEET:
            draw_badge(painter, look, side, QPointF(centre + (-half if side == Side.LEFT else half), y))
        for i, (name, values) in enumerate(self.part.values):
            y = top + look.size("badge") + look.px(2) + (i + 0.5) * self._row()
            draw_runs(painter, centre, cap_centre(body, y), [(name, body, look.color("text2"))], align="centre")
            for side, text in values.items():
                x = centre + (-half if side == Side.LEFT else half)
                run = (text, strong, look.color("text1"))
                draw_runs(painter, x, cap_centre(strong, y), [run], align="centre")


def _pressures(mean: Picture, item: FootItem) -> FootPressures:
    """The mean as the foot paints it."""
    device = item.device
    trail = np.empty((0, 2)) if device is None else mean_trail(mean, device.width_mm, device.length_mm)
    return FootPressures(mean.peak_kpa, np.zeros(len(mean.peak_kpa), np.bool_), trail)
