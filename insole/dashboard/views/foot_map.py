"""View 4, the foot map: pressures by region, centre of pressure, when each region is loaded, strike pattern."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from insole.dashboard.controls import Controls
from insole.dashboard.keys import Binding
from insole.dashboard.model.foot_shown import Kept
from insole.dashboard.model.grid import Column, Row
from insole.dashboard.model.scene import Scene
from insole.dashboard.model.tables import strike_rows
from insole.dashboard.model.words import NumberStyle
from insole.dashboard.paint.theme import Look
from insole.dashboard.panels.cop_panel import CopPanel
from insole.dashboard.panels.foot_map_panel import FootMapPanel
from insole.dashboard.panels.table_panel import TablePanel
from insole.dashboard.panels.timing_panel import TimingPanel
from insole.dashboard.views.view import View

COLUMNS = (
    Column(9, (Row({"map": 1.0}),)),
    Column(3, (Row({"cop": 1.0}, 0.3), Row({"timing": 1.0}, 0.42), Row({"strike": 1.0}, 0.28))),
)
LEAST_HEIGHT = 460.0  # pixels for three panels below each other


class FootMap(View):
    """Where and when the foot is loaded."""

    def __init__(self, look: Look, scene: Scene, controls: Controls, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self._controls = controls
        self.columns = COLUMNS
        self.map = FootMapPanel(look, scene, self)
        self.cop = CopPanel(look, self)
        self.timing = TimingPanel(look, self)
        hint = "% of the last 30 contacts"
        self.strike = TablePanel(look, "Strike pattern", hint, strike_rows, _no_notes, parent=self)
        self.panels = {"map": self.map, "cop": self.cop, "timing": self.timing, "strike": self.strike}

    def absent(self) -> frozenset[str]:
        """The strike pattern leaves its room to the plots where there is little of it."""
        return frozenset({"strike"}) if self.height() < self.look.px(LEAST_HEIGHT) else frozenset()

    def show_frame(self, scene: Scene, _style: NumberStyle) -> None:
        """New pictures as they come."""
        self.map.show_shapes(scene)

    def bindings(self) -> list[Binding]:
        """Picture, scale and layers."""
        key = Qt.Key
        layers = {key.Key_C: "cop", key.Key_G: "regions", key.Key_X: "cells"}
        return [
            Binding("K", "Next pressure scale: 200, 300, 400, 600 kPa, automatic", {key.Key_K: self._next_scale}),
            Binding(
                "C  G  X",
                "Centre of pressure, regions, cells off or on",
                {code: partial(self.map.toggle, name) for code, name in layers.items()},
            ),
            Binding("H", "Peak hold on or off", {key.Key_H: self._toggle_hold}),
            Binding("I", "Interpolate over faulty cells, or not", {key.Key_I: partial(self.map.toggle, "mask")}),
        ]

    def _next_scale(self) -> None:
        self._controls.say(f"Pressure scale {self.map.next_scale()}")

    def _toggle_hold(self) -> None:
        self.map.keep(Kept.LAST if self.map.kept is Kept.HOLD else Kept.HOLD)


def _no_notes(_scene: Scene) -> tuple[str, ...]:
    return ()
