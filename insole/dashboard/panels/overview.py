"""View 1, the overview: feet, key numbers, force, loading rate per contact, differences, regions, in twelve columns."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QRect
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from insole.dashboard.model.readings import share_rows
from insole.dashboard.model.scene import Scene
from insole.dashboard.model.words import NumberStyle
from insole.dashboard.paint.panel import Panel
from insole.dashboard.paint.theme import Look
from insole.dashboard.panels.difference_panel import DifferencePanel
from insole.dashboard.panels.feet_panel import FeetPanel
from insole.dashboard.panels.force_panel import ForcePanel
from insole.dashboard.panels.rate_panel import RatePanel
from insole.dashboard.panels.region_panel import RegionPanel
from insole.dashboard.panels.tiles import PairTile, SingleTile

COLUMNS = 12
SPANS = (4, 5, 3)
RATE_TILE_SHARE = 0.555  # of the two tiles over the plots; the loading rate has the longer numbers


class Overview(QWidget):
    """Lays the panels out and hands the scene to them."""

    def __init__(self, look: Look, scene: Scene, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look = look
        self.feet = FeetPanel(look, scene, self)
        self.rate_tile = PairTile(look, "Loading rate", "valr_bw_s", "BW/s", 0.53, self)
        self.contact_tile = PairTile(look, "Contact time", "contact_time_ms", "ms", 0.5, self)
        self.cadence_tile = SingleTile(look, "Cadence", "cadence_spm", "steps/min", self)
        self.force = ForcePanel(look, self)
        self.rates = RatePanel(look, self)
        self.differences = DifferencePanel(look, self)
        self.regions = RegionPanel(look, self)
        self.regions.hide()

    def panels(self) -> tuple[Panel, ...]:
        """In reading order."""
        return (
            self.feet,
            self.rate_tile,
            self.contact_tile,
            self.cadence_tile,
            self.force,
            self.differences,
            self.rates,
            self.regions,
        )

    def apply(self, look: Look) -> None:
        """Take another theme or scale."""
        self.look = look
        for panel in self.panels():
            panel.apply(look)
        self._place()

    def show_frame(self, scene: Scene, style: NumberStyle) -> None:
        """What moves with every contact."""
        self.feet.show_shapes(scene)
        self.rates.show_scene(scene, style)

    def renewals(self, scene: Scene, style: NumberStyle) -> list[Callable[[], None]]:
        """What is renewed twice a second at most, part by part."""
        panels = (self.rate_tile, self.contact_tile, self.cadence_tile, self.feet, self.force, self.differences)
        return [*(partial(p.show_scene, scene, style) for p in panels), partial(self._show_regions, scene, style)]

    def _show_regions(self, scene: Scene, style: NumberStyle) -> None:
        """The region panel comes with the first shares."""
        self.regions.show_scene(scene, style)
        known = bool(share_rows(scene))
        if known == self.regions.isHidden():
            self.regions.setVisible(known)
            self._place()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Lay out again."""
        self._place()

    def _place(self) -> None:
        """Twelve equal columns; spare room goes to plots."""
        gap = self.look.size("gap")
        width, height = self.width(), self.height()
        column = (width - (COLUMNS - 1) * gap) / COLUMNS
        edges = []
        at = 0
        for span in SPANS:
            left, right = at * (column + gap), (at + span) * (column + gap) - gap
            edges.append((round(left), round(right)))
            at += span
        (feet_left, feet_right), (mid_left, mid_right), (end_left, end_right) = edges
        self.feet.setGeometry(_rect(feet_left, 0, feet_right, height))
        tiles = self.look.size("tiles")
        split = mid_left + round((mid_right - mid_left - gap) * RATE_TILE_SHARE)
        self.rate_tile.setGeometry(_rect(mid_left, 0, split, tiles))
        self.contact_tile.setGeometry(_rect(split + gap, 0, mid_right, tiles))
        self.cadence_tile.setGeometry(_rect(end_left, 0, end_right, tiles))
        top = tiles + gap
        half = top + (height - top - gap) // 2
        self.force.setGeometry(_rect(mid_left, top, mid_right, half))
        self.rates.setGeometry(_rect(mid_left, half + gap, mid_right, height))
        self.differences.setGeometry(_rect(end_left, top, end_right, height if self.regions.isHidden() else half))
        self.regions.setGeometry(_rect(end_left, half + gap, end_right, height))


def _rect(left: int, top: int, right: int, bottom: int) -> QRect:
    return QRect(left, top, max(1, right - left), max(1, bottom - top))
