"""View 6, compare: two moments or conditions of a replay side by side, and what changed between them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QWidget

from insole.blocks import Marker, Side
from insole.dashboard.controls import Controls
from insole.dashboard.model.comparing import Comparison, compare
from insole.dashboard.model.grid import Column, Row
from insole.dashboard.model.scene import Scene
from insole.dashboard.model.words import NumberStyle
from insole.dashboard.paint.theme import Look
from insole.dashboard.panels.change_panel import ChangePanel
from insole.dashboard.panels.part_panel import MAPS, PartPanel
from insole.dashboard.panels.two_forces_panel import TwoForcesPanel
from insole.dashboard.views.view import View

COLUMNS = (
    Column(3, (Row({"a": 1.0}),)),
    Column(3, (Row({"b": 1.0}),)),
    Column(6, (Row({"left": 0.5, "right": 0.5}, 0.44), Row({"change": 1.0}, 0.56))),
)


class Compare(View):
    """A, B, and the change from A to B."""

    tall_dock = True

    def __init__(self, look: Look, scene: Scene, controls: Controls, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        assert controls.review is not None  # a view of a replay
        self._review = controls.review
        self._seen: tuple[object, ...] = ()
        maps: MAPS = {}
        self.columns = COLUMNS
        self.a = PartPanel(look, "A", "Press A at a moment to compare with", scene, maps, self)
        self.b = PartPanel(look, "B", "", scene, maps, self)
        self.forces = (TwoForcesPanel(look, Side.LEFT, self), TwoForcesPanel(look, Side.RIGHT, self))
        self.change = ChangePanel(look, self)
        self.panels = {
            "a": self.a,
            "b": self.b,
            "left": self.forces[0],
            "right": self.forces[1],
            "change": self.change,
        }

    def renewals(self, _scene: Scene, style: NumberStyle) -> list[Callable[[], None]]:
        """All of it at once: the parts belong together."""
        return [partial(self._renew_parts, style)]

    def _renew_parts(self, style: NumberStyle) -> None:
        review = self._review
        b_s = review.position_s if review.b_s is None else review.b_s
        seen = (review.a_s, b_s, review.course, style)
        if seen == self._seen:
            return
        self._seen = seen
        self.show_comparison(self._compared(b_s, style), style)

    def _compared(self, b_s: float, style: NumberStyle) -> Comparison:
        review = self._review
        survey = review.player.survey
        start_ns = survey.header.start_host_ns
        markers = [((m.t_host_ns - start_ns) * 1e-9, m) for m in survey.events if isinstance(m, Marker)]
        return compare(
            survey.contacts,
            list(survey.shapes),
            markers,
            review.course.end_s,
            review.a_s,
            b_s,
            review.b_s is None,
            style,
        )

    def show_comparison(self, comparison: Comparison, style: NumberStyle) -> None:
        """Hand the parts to the panels."""
        self.a.show_part(comparison.a)
        self.b.show_part(comparison.b)
        for panel in self.forces:
            panel.show_comparison(comparison, style)
        self.change.show_rows(comparison.rows)
