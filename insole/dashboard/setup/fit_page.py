"""Step 3: the fit check as the runner is led through it. In: the state of the check. Out: one thing to do, two feet."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QWidget

from insole.blocks import Side
from insole.dashboard.model.foot_shown import FootMode, Kept, foot_pressures
from insole.dashboard.model.outline import Placement, aspect_of, side_by_side
from insole.dashboard.model.pressure_map import PressureMap
from insole.dashboard.model.scene import FEET, Link, Scene
from insole.dashboard.model.words import plural
from insole.dashboard.paint.foot import FootItem, Layers, Shades
from insole.dashboard.paint.marks import Run, cap_centre, draw_badge, draw_runs, shrunk
from insole.dashboard.paint.step_marks import draw_mark
from insole.dashboard.paint.theme import Look, foot_tint
from insole.dashboard.setup.lines import counted
from insole.dashboard.setup.page import Page
from insole.device import Device
from insole.fitting.check import FitState
from insole.fitting.mark import Mark
from insole.fitting.steps import TAPS, Step

SCALE_KPA = 200.0  # standing and tapping stay below half of what running brings
TITLE, OVER = "Fit check", "The fit check is over"
WAITING = "Waiting for the insoles."
NOTHING_LIVE = "Only live insoles can be checked. Go on to the next step."


class FitPage(Page):
    """What the runner is to do, how far it is done, and what the insoles feel meanwhile."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, "Fit check", parent)
        self.state: FitState | None = None
        self.instead = ""  # why there is nothing to check
        self._shades = Shades(look, SCALE_KPA)
        self._items: dict[Side, FootItem] = {}
        self._devices: Mapping[Side, Device] = {}
        self._heard: frozenset[Side] = frozenset()
        self.apply(look)

    def set_feet(self, devices: Mapping[Side, Device]) -> None:
        """Take the insoles of the session."""
        if devices == self._devices and self._items:
            return
        self._devices = dict(devices)
        self._items = {}
        for side in FEET:
            device = devices.get(side)
            known = PressureMap(device) if device is not None and device.has_geometry and device.n_cells > 1 else None
            self._items[side] = FootItem(side, device, known)

    def show_pressure(self, scene: Scene) -> None:
        """Take what the cells read now; a foot without a link is empty."""
        faulty = self.state.faulty if self.state is not None else {}
        up = {side for side in self._items if scene.link(side) is Link.UP}
        self._heard = frozenset(up & scene.live_kpa.keys())
        for side, item in self._items.items():
            item.faulty = faulty.get(side, ())
            item.set_pressures(foot_pressures(scene, side, Kept.LIVE) if side in self._heard else None, self._shades)

    def show_state(self, state: FitState | None, instead: str) -> None:
        """Take the state of the check; `instead` says why there is none."""
        self.state, self.instead = state, instead
        self.setAccessibleDescription(" ".join(text for text, *_ in self._title()) + f". {self._hint()}")
        self.update()

    @property
    def step(self) -> Step | None:
        """The step that goes on."""
        state = self.state
        return state.steps[state.current].step if state is not None and state.current >= 0 else None

    # ---- words ---------------------------------------------------------------------------------------------------

    def _counted(self) -> str:
        state = self.state
        return f"Step {state.current + 1} of {len(state.steps)}" if state is not None and state.current >= 0 else ""

    def _title(self) -> list[tuple[str, str]]:
        """Words with their tints; the foot that is meant has its colour."""
        step = self.step
        if step is None:
            return [(OVER if self.state is not None and self.state.over else TITLE, "text1")]
        if step.side is None:
            return [(step.ask, "text1")]
        meant = step.name if step.zone is not None else f"{step.side.label} foot"
        before, _, after = step.ask.partition(meant)
        return [(before, "text1"), (meant, foot_tint(step.side)), (after, "text1")]

    def _hint(self) -> str:
        if self.step is not None:
            return self.step.hint
        if self.state is None:
            return self.instead
        if not self.state.over:
            return ""
        open_ones = sum(finding.mark is Mark.FIX for finding in self.state.findings)
        look = f"; {plural(open_ones, 'thing')} to look at" if open_ones else ""
        return f"{counted(self.state)}{look}. Enter goes on."

    # ---- painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Words above, feet below them, what is waited for at the bottom."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        look = self.look
        top = self._paint_words(painter)
        bottom = self.height() - look.px(64 if not look.compact else 56)
        if self._items:
            self._paint_feet(painter, QRectF(0, top, self.width(), bottom - top))
        self._paint_saying(painter, QRectF(0, bottom, self.width(), self.height() - bottom))
        painter.end()

    def _paint_words(self, painter: QPainter) -> float:
        """Count, title, hint; returns where they end."""
        look = self.look
        hint, strip = look.font("hint"), look.font("strip")
        y = look.px(8)
        draw_runs(painter, 0, cap_centre(hint, y), [(self._counted(), hint, look.color("text3"))])
        y += look.px(30 if not look.compact else 24)
        words = self._title()
        title = shrunk(look.font("page_title"), "".join(text for text, _ in words), self.width())
        runs: list[Run] = [(text, title, look.color(tint)) for text, tint in words]
        draw_runs(painter, 0, cap_centre(title, y), runs)
        y += look.px(20 if not look.compact else 16)
        box = QRectF(0, y, self.width(), self.height() - y)
        flags = int(Qt.TextFlag.TextWordWrap)
        painter.setFont(strip)
        painter.setPen(look.color("text2"))
        painter.drawText(box, flags, self._hint())
        return y + QFontMetricsF(strip).boundingRect(box, flags, self._hint()).height() + look.px(10)

    def _places(self, room: QRectF) -> dict[Side, Placement]:
        look = self.look
        aspects = {side: aspect_of(item.device) for side, item in self._items.items()}
        gap = look.px(70)
        below = look.size("badge") + look.px(10)
        height = max(40.0, min(room.height() - below, (room.width() - gap) / sum(aspects.values())))
        return side_by_side(aspects, room.center().x(), room.top(), height, gap)

    def _paint_feet(self, painter: QPainter, room: QRectF) -> None:
        look, step = self.look, self.step
        for side, place in self._places(room).items():
            item = self._items[side]
            mode = FootMode.SHOWN if side in self._heard else FootMode.EMPTY
            mode = mode if item.device is not None else FootMode.ABSENT
            item.paint(painter, look, place, mode, Layers(cop=False, cells=True))
            asked = step is not None and step.side in (None, side)
            if step is not None and not asked and mode is FootMode.SHOWN:
                painter.setPen(look.pen("bed_line", 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawPath(item.path(place))
            if step is not None and step.zone is not None and step.side is side:
                self._paint_zone(painter, place, step, item.path(place))
            badge = QPointF(
                place.left + place.width / 2, place.top + place.height + look.size("badge") / 2 + look.px(6)
            )
            draw_badge(painter, look, side, badge, muted=item.device is None)

    def _paint_zone(self, painter: QPainter, place: Placement, step: Step, outline: QPainterPath) -> None:
        """Where the tap should be felt, and how many came."""
        assert step.zone is not None
        assert step.side is not None
        look = self.look
        low, high = step.zone.value
        edge = high if low == 0.0 else low
        y = float(place(np.array([[0.0, edge]]))[0, 1])
        painter.save()
        painter.setClipPath(outline, Qt.ClipOperation.IntersectClip)
        painter.setPen(look.dashed("bed_text", (4, 3), 1.2))
        painter.drawLine(QPointF(place.left, y), QPointF(place.left + place.width, y))
        painter.restore()
        middle = float(place(np.array([[0.0, (low + high) / 2]]))[0, 1])
        outer = step.side is Side.LEFT
        x = place.left - look.px(10) if outer else place.left + place.width + look.px(10)
        hint, strong = look.font("hint"), look.font("body_strong")
        align = "right" if outer else "left"
        taps = self.state.taps if self.state is not None else 0
        zone: Run = (f"{step.zone.word} zone", hint, look.color("text2"))
        count: Run = (f"tap {taps} of {TAPS}", strong, look.color("text1"))
        draw_runs(painter, x, cap_centre(hint, middle - look.px(9)), [zone], align=align)
        draw_runs(painter, x, cap_centre(strong, middle + look.px(9)), [count], align=align)

    def _paint_saying(self, painter: QPainter, box: QRectF) -> None:
        """What is waited for, how much of it is done, or what came of it."""
        state, look = self.state, self.look
        if state is None or state.current < 0:
            return
        current = state.steps[state.current]
        font = look.font("strip_head")
        said = current.detail if current.mark is not Mark.WAITING else state.saying
        text = f"{current.mark.value}: {said}" if said else current.mark.value
        tint = "watch_text" if current.mark is Mark.FIX else "text1"
        size = look.px(20)
        middle = box.top() + look.px(18)
        smaller = shrunk(font, text, box.width() - size - look.px(12))
        width = QFontMetricsF(smaller).horizontalAdvance(text) + size + look.px(12)
        left = box.center().x() - width / 2
        draw_mark(painter, look, current.mark, QPointF(left + size / 2, middle), size, current=True)
        run: Run = (text, smaller, look.color(tint))
        draw_runs(painter, left + size + look.px(12), cap_centre(smaller, middle), [run])
        if current.step.zone is None and current.mark is Mark.WAITING:
            track = QRectF(box.center().x() - look.px(140), middle + look.px(22), look.px(280), look.px(6))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("inset"))
            painter.drawRoundedRect(track, look.px(3), look.px(3))
            painter.setBrush(look.color("text1"))
            track.setWidth(track.width() * state.share)
            painter.drawRoundedRect(track, look.px(3), look.px(3))

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        super().apply(look)
        self._shades = Shades(look, SCALE_KPA)
