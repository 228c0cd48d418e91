"""Target and cue: what the runner is asked for, and what came of it. In: the scene. Out: wishes for the controls."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from insole.dashboard.controls import Controls
from insole.dashboard.model.cue import CueTexts, cue_texts
from insole.dashboard.model.scene import Scene
from insole.dashboard.model.verdict import Level
from insole.dashboard.model.words import NumberStyle
from insole.dashboard.paint.button import Button
from insole.dashboard.paint.marks import cap_centre, draw_level, draw_runs, fitted
from insole.dashboard.paint.panel import Panel
from insole.dashboard.paint.segments import Segments
from insole.dashboard.paint.stepper import Stepper
from insole.dashboard.paint.theme import Look

METRICS = {"valr_bw_s": "Landing", "cadence_spm": "Cadence"}
SOUNDS = {"off": "Off", "beep": "Beep", "pitch": "Pitch"}
FEET = {"both": "Both", "left": "L", "right": "R", "worse": "Worse"}
CONTROL_ROWS = 4  # target, its source, sound, feet
FIGURE_ROWS = 5
ROOMY_ROW, CONTROL_ROW = 33.0, 28.0  # no row is higher, no control lower


class CuePanel(Panel):
    """The therapist's hand on the cue.

    Parameters
    ----------
    look : Look
    controls : Controls
    """

    def __init__(self, look: Look, controls: Controls, parent: QWidget | None = None) -> None:
        super().__init__(look, "Target and cue", "", parent)
        self._controls = controls
        self.texts: CueTexts | None = None
        cue = controls.cue
        self.topic = Segments(look, METRICS, "What the runner sees, and the target is of", self)
        self.target = Stepper(look, "Target (T, then type it, or up and down)", self)
        self.baseline = Button(
            look, "Baseline", "", "Take the target from the next 60 contacts of each foot, without a cue",
            size="strip_button", parent=self,
        )  # fmt: skip
        self.sound = Segments(look, SOUNDS, "Sound of the cue (U)", self)
        self.feet = Segments(look, FEET, "Feet that get cues", self)
        self.topic.chosen.connect(cue.set_metric)
        self.target.stepped.connect(cue.step_target)
        self.target.entered.connect(cue.set_target)
        self.target.left.connect(lambda: self.window().setFocus())
        self.baseline.clicked.connect(cue.take_baseline)
        self.sound.chosen.connect(cue.set_sound)
        self.feet.chosen.connect(cue.set_feet)
        self.parts = (self.topic, self.target, self.baseline, self.sound, self.feet)

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        super().apply(look)
        for part in self.parts:
            part.apply(look)
        self._place()

    def show_scene(self, scene: Scene, style: NumberStyle) -> None:
        """Take the texts of the moment; repaints only when one changed."""
        texts = cue_texts(scene, self._controls.sound_trouble, style)
        cue = scene.settings.cue
        self.topic.show_name(cue.metric)
        self.sound.show_name(cue.sound)
        self.feet.show_name(cue.feet)
        self.target.show_text(texts.target)
        if texts != self.texts:
            self.texts, self.hint = texts, texts.feet
            rows = "; ".join(f"{row.label}: {row.value} {row.spread}".strip() for row in texts.rows)
            self._place()
            self.setAccessibleDescription(f"Target {texts.target}, {texts.source}; {rows}; {texts.note}")
            self.update()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Lay out again."""
        self._place()

    # ---- layout --------------------------------------------------------------------------------------------------

    def _heights(self) -> tuple[float, float]:
        """Of a control's row and a figure's: as high as there is room for, but a control can always be hit."""
        look, height = self.look, self.content().height()
        figures = FIGURE_ROWS + (2.3 if self.texts is not None and self.texts.warns else 1.2)
        even = min(look.px(ROOMY_ROW), height / (CONTROL_ROWS + figures))
        control = max(look.px(CONTROL_ROW), even)
        return control, min(even, (height - CONTROL_ROWS * control) / figures)

    def _place(self) -> None:
        room, (row, _) = self.content(), self._heights()
        rows = ((self.topic, self.target), (None, self.baseline), (None, self.sound), (None, self.feet))
        for i, (left, right) in enumerate(rows):
            middle = room.top() + row * (i + 0.5)
            for widget, at_right in ((left, False), (right, True)):
                if widget is None:
                    continue
                hint = widget.sizeHint()
                height = min(hint.height(), round(row) + 2)
                x = room.right() - hint.width() + 3 if at_right else room.left() - 3
                widget.setGeometry(round(x), round(middle - height / 2), hint.width(), height)

    def paint_content(self, painter: QPainter) -> None:
        """Labels of the controls, a line, the figures, the last line."""
        if self.texts is None:
            return
        look, room, texts = self.look, self.content(), self.texts
        control, row = self._heights()
        body, strong, small = look.font("body"), look.font("body_strong"), look.font("hint")
        source_room = self.baseline.x() - room.left() - look.px(6)
        lines = (
            (1, fitted(texts.source, small, source_room), small, "text3"),
            (2, "Sound", body, "text2"),
            (3, "Feet", body, "text2"),
        )
        for i, text, font, tint in lines:
            baseline = cap_centre(font, room.top() + control * (i + 0.5))
            draw_runs(painter, room.left(), baseline, [(text, font, look.color(tint))])
        top = room.top() + control * CONTROL_ROWS + row * 0.2
        painter.setPen(look.pen("line", 1))
        painter.drawLine(QPointF(room.left(), top), QPointF(room.right(), top))
        for i, figure in enumerate(texts.rows):
            y = top + row * (i + 0.62)
            used = draw_runs(painter, room.left(), cap_centre(body, y), [(figure.label, body, look.color("text2"))])
            spread = f"  {figure.spread}" if figure.spread else ""
            left = room.width() - used - QFontMetricsF(strong).horizontalAdvance(figure.value) - look.px(8)
            runs = [
                (figure.value, strong, look.color("text1")),
                (fitted(spread, small, left), small, look.color("text3")),
            ]
            draw_runs(painter, room.right(), cap_centre(body, y), runs, align="right")
        self._paint_note(painter, top + row * (len(texts.rows) + 0.25))

    def _paint_note(self, painter: QPainter, top: float) -> None:
        """What the guard or the sound has to say, in as many lines as there is room for."""
        assert self.texts is not None
        look, room, font = self.look, self.content(), self.look.font("hint")
        indent = look.px(20) if self.texts.warns else 0.0
        if self.texts.warns:
            draw_level(painter, look, Level.WATCH, QPointF(room.left() + look.px(7), top + look.px(9)), look.px(12))
        painter.setFont(font)
        painter.setPen(look.color("watch_text" if self.texts.warns else "text3"))
        box = QRectF(room.left() + indent, top, room.width() - indent, self.height() - top - look.px(4))
        painter.drawText(box, int(Qt.TextFlag.TextWordWrap), self.texts.note)
