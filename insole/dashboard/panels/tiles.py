"""Key numbers: loading rate and contact time of each foot, cadence. In: readings. Out: large figures with intervals."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from insole.blocks import FlagState, Side
from insole.dashboard.model.readings import Reading, reading, spoken
from insole.dashboard.model.scene import FEET, Scene
from insole.dashboard.model.verdict import Level
from insole.dashboard.model.words import NumberStyle
from insole.dashboard.paint.marks import Run, cap_centre, draw_badge, draw_level, draw_runs, fitted, shrunk
from insole.dashboard.paint.panel import Panel
from insole.dashboard.paint.theme import LEVEL_TINTS, Look

WORDS = {FlagState.WATCH: "Watch", FlagState.ON: "On"}
BEARING = 0.06  # of a digit, in its height: the same for all, so that no number moves with its first digit


class PairTile(Panel):
    """One metric of both feet side by side.

    Parameters
    ----------
    column : str
        The metric.
    first_share : float
        Of the width, for the left foot.
    """

    def __init__(
        self, look: Look, title: str, column: str, unit: str, first_share: float, parent: QWidget | None = None
    ) -> None:
        super().__init__(look, title, unit, parent)
        self.first_share = first_share
        self.column = column
        self.readings: dict[Side, Reading] = {}

    def show_scene(self, scene: Scene, style: NumberStyle) -> None:
        """Take the readings of the moment; repaints only when one changed."""
        readings = {side: reading(scene, self.column, side, style) for side in FEET}
        if readings != self.readings:
            self.readings = readings
            self.setAccessibleDescription(spoken(self.title, self.hint, readings))
            self.update()

    def title_runs(self) -> list[Run]:
        """In a small window the word of a flag stands beside the title."""
        runs = super().title_runs()
        worst = max((r.flag for r in self.readings.values()), default=FlagState.OFF)
        if self.look.compact and worst:
            runs.append((f"    {WORDS[worst]}", self.look.font("body_strong"), _word_color(self.look, worst)))
        return runs

    def paint_content(self, painter: QPainter) -> None:
        """Two columns: number, below it the letter of the foot and the interval or the reason."""
        look = self.look
        room = self.content()
        wide = room.width() * self.first_share
        for side, value in self.readings.items():
            left = room.left() + (wide if side == Side.RIGHT else 0.0)
            width = room.width() - wide + look.px(6) if side == Side.RIGHT else wide - look.px(4)
            _paint_reading(painter, self, QPointF(left, 0), width, side, value)


class SingleTile(Panel):
    """One number of both feet together, with a note on the right."""

    def __init__(self, look: Look, title: str, column: str, unit: str, parent: QWidget | None = None) -> None:
        super().__init__(look, title, unit, parent)
        self.column = column
        self.value: Reading | None = None
        self.note = ""

    def show_scene(self, scene: Scene, style: NumberStyle) -> None:
        """Take the reading of the moment and the runner's own baseline."""
        value = reading(scene, self.column, None, style)
        own = scene.settings.baseline.cadence_spm
        note = value.note or (f"own baseline {style.number(own, 0)}" if own is not None else "")
        if (value, note) != (self.value, self.note):
            self.value, self.note = value, note
            self.setAccessibleDescription(f"{self.title}, {self.hint}: {value.value} {value.beside} {note}")
            self.update()

    def paint_content(self, painter: QPainter) -> None:
        """Number, interval, and on the right the note."""
        if self.value is None:
            return
        room = self.content()
        baseline = _paint_reading(painter, self, QPointF(room.left(), 0), room.width() / 2, None, self.value)
        note: Run = (self.note, self.look.font("hint"), self.look.color("text3"))
        draw_runs(painter, room.right(), baseline, [note], align="right")


def _paint_reading(
    painter: QPainter, panel: Panel, at: QPointF, width: float, side: Side | None, value: Reading
) -> float:
    """One number with its line below, from `at` to the right. Returns the baseline of that line."""
    look = panel.look
    key, small = look.font("key"), look.font("body")
    lower = panel.height() - look.px(18) if not look.compact else panel.height() - 18
    centre = panel.height() * (0.53 if not look.compact else 0.52)
    if value.shown:
        font = shrunk(key, value.value, width - look.px(8))
        left = at.x() + look.px(2) - BEARING * font.pixelSize()
        draw_runs(painter, left, cap_centre(font, centre), [(value.value, font, look.color("text1"))])
    else:
        dash = key.pixelSize() * 0.78
        painter.fillRect(
            round(at.x() + look.px(2)),
            round(centre - look.px(2)),
            round(dash),
            round(look.px(3.5)),
            look.color("text3"),
        )
    x = at.x()
    baseline = cap_centre(small, lower)
    if side is not None:
        badge = look.size("badge")
        draw_badge(painter, look, side, QPointF(x + badge / 2, lower), muted=not value.shown)
        x += badge + look.px(8)
    strong = look.font("body_strong")
    mark = look.px(15) if value.flag else 0.0
    gap = look.px(9)
    room = width - (x - at.x()) - (mark + gap if value.flag else 0.0)
    word = WORDS.get(value.flag, "")
    wide = QFontMetricsF(strong).horizontalAdvance(word) + look.px(5)
    if look.compact or QFontMetricsF(small).horizontalAdvance(value.beside) > room - wide:
        word = ""  # the strip says it in words; a reason says what nothing else does
    room -= wide if word else 0.0
    fits = QFontMetricsF(shrunk(small, value.beside, room)).horizontalAdvance(value.beside) <= room
    text = value.beside if fits else value.shortest
    font = shrunk(small, text, room)
    color = look.color("text2" if value.shown else "text3")
    x += draw_runs(painter, x, baseline, [(fitted(text, font, room), font, color)])
    if value.flag:
        x += gap
        draw_level(painter, look, Level(int(value.flag)), QPointF(x + mark / 2, lower), mark)
        draw_runs(painter, x + mark + look.px(5), baseline, [(word, strong, _word_color(look, value.flag))])
    return baseline


def _word_color(look: Look, flag: FlagState) -> QColor:
    return look.color(LEVEL_TINTS[Level(int(flag))][1])
