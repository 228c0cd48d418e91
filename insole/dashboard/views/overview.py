"""View 1, the overview: feet, key numbers, force, loading rate per contact, differences, regions."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from insole.dashboard.controls import Controls
from insole.dashboard.keys import Binding
from insole.dashboard.model.grid import Column, Row
from insole.dashboard.model.scene import Scene
from insole.dashboard.model.words import NumberStyle
from insole.dashboard.paint.theme import Look
from insole.dashboard.panels.difference_panel import DifferencePanel
from insole.dashboard.panels.feet_panel import FeetPanel
from insole.dashboard.panels.force_panel import ForcePanel
from insole.dashboard.panels.rate_panel import RatePanel
from insole.dashboard.panels.region_panel import RegionPanel
from insole.dashboard.panels.tiles import PairTile, SingleTile
from insole.dashboard.views.view import View

COLUMNS = (
    Column(4, (Row({"feet": 1.0}),)),
    Column(
        5,
        (
            Row({"rate": 0.555, "contact": 0.445}, fixed="tiles"),  # the loading rate has the longer numbers
            Row({"force": 1.0}),
            Row({"rates": 1.0}),
        ),
    ),
    Column(3, (Row({"cadence": 1.0}, fixed="tiles"), Row({"differences": 1.0}), Row({"regions": 1.0}))),
)
LEAST_PANEL = 185.0  # pixels of height; below, the regions leave their room to the differences


class Overview(View):
    """One glance from two metres."""

    def __init__(self, look: Look, scene: Scene, controls: Controls, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self._controls = controls
        self.columns = COLUMNS
        self.feet = FeetPanel(look, scene, self)
        self.rate_tile = PairTile(look, "Loading rate", "valr_bw_s", "BW/s", 0.53, self)
        self.contact_tile = PairTile(look, "Contact time", "contact_time_ms", "ms", 0.5, self)
        self.cadence_tile = SingleTile(look, "Cadence", "cadence_spm", "steps/min", self)
        self.force = ForcePanel(look, self)
        self.differences = DifferencePanel(look, self)
        self.rates = RatePanel(look, self)
        self.regions = RegionPanel(look, self)
        self.panels = {
            "feet": self.feet,
            "rate": self.rate_tile,
            "contact": self.contact_tile,
            "cadence": self.cadence_tile,
            "force": self.force,
            "differences": self.differences,
            "rates": self.rates,
            "regions": self.regions,
        }

    def absent(self) -> frozenset[str]:
        """The regions come with their first shares, where there is room for them."""
        room = self.height() - self.look.size("tiles") - 2 * self.look.size("gap")
        return frozenset() if self.regions.rows and room >= self.look.px(2 * LEAST_PANEL) else frozenset({"regions"})

    def show_frame(self, scene: Scene, style: NumberStyle) -> None:
        """What moves with every contact."""
        self.feet.show_shapes(scene)
        self.rates.show_scene(scene, style)

    # ---- keys ----------------------------------------------------------------------------------------------------

    def bindings(self) -> list[Binding]:
        """Scale and layers of the pressure picture."""
        key = Qt.Key
        return [
            Binding("K", "Next pressure scale: 200, 300, 400, 600 kPa, automatic", {key.Key_K: self._next_scale}),
            Binding("C", "Centre of pressure off or on", {key.Key_C: self._toggle_cop}),
            Binding("X", "Cells on or off", {key.Key_X: self._toggle_cells}),
        ]

    def _next_scale(self) -> None:
        self._controls.say(f"Pressure scale {self.feet.next_scale()}")

    def _toggle_cop(self) -> None:
        self.feet.set_layers(replace(self.feet.layers, cop=not self.feet.layers.cop))

    def _toggle_cells(self) -> None:
        self.feet.set_layers(replace(self.feet.layers, cells=not self.feet.layers.cells))
