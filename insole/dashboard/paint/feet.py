"""Both feet on one scale of pressure: what is shown of each, in which state, and in which colours.

In: the scene. Out: two items of the same colours.
"""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtGui import QColor

from insole.blocks import Side
from insole.dashboard.model.foot_shown import FootPressures, FootState, Kept, foot_pressures, foot_state, source_of
from insole.dashboard.model.outline import aspect_of
from insole.dashboard.model.pressure_map import PressureMap
from insole.dashboard.model.scene import FEET, Scene
from insole.dashboard.model.words import NumberStyle
from insole.dashboard.paint.foot import FootItem, Shades
from insole.dashboard.paint.theme import DEFAULT_SCALE_KPA, MAP_SCALES_KPA, Look

LEAST_AUTO_KPA = 50.0


class Feet:
    """Items of both feet; two feet of one model share their weights.

    Attributes
    ----------
    states : dict of Side to FootState
        What there is to show of each, as `follow` has found it.
    """

    def __init__(self, look: Look, scene: Scene) -> None:
        self.look = look
        self.auto_scale = False
        self.scale_kpa = DEFAULT_SCALE_KPA
        self._shades = Shades(look, self.scale_kpa)
        self._shown: dict[Side, FootPressures | None] = {}
        self._made_of: dict[Side, tuple[Kept, object]] = {}
        self.states: dict[Side, FootState] = {side: foot_state(scene, side) for side in FEET}
        self._maps: dict[tuple[int, tuple[int, ...]], PressureMap] = {}
        self.masked = False
        self.items = {side: FootItem(side, scene.device(side), None) for side in FEET}
        for side in FEET:
            self._set_map(side)

    def _set_map(self, side: Side) -> None:
        item = self.items[side]
        device = item.device
        if device is None or not device.has_geometry:
            return
        without = item.faulty if self.masked else ()
        key = id(device), without
        if key not in self._maps:
            self._maps[key] = PressureMap(device, without)
        item.set_map(self._maps[key])

    def aspects(self) -> dict[Side, float]:
        """Width over length of each foot."""
        return {side: aspect_of(item.device) for side, item in self.items.items()}

    def follow(self, scene: Scene, kept: Kept) -> list[Side]:
        """Take what came; returns the feet that look different now."""
        changed = []
        for side in FEET:
            source, state = source_of(scene, side, kept), foot_state(scene, side, kept)
            before = self._made_of.get(side)
            others = self._set_faulty(side, scene.foot_health(side).faulty_cells)
            new = others or before is None or before[0] is not kept or before[1] is not source
            if new:
                self._made_of[side] = kept, source
                self._show(side, foot_pressures(scene, side, kept))
            if new or state != self.states[side]:
                self.states[side] = state
                changed.append(side)
        return changed

    def _show(self, side: Side, pressures: FootPressures | None) -> None:
        """Take another picture of a foot."""
        self._shown[side] = pressures
        self.items[side].set_pressures(pressures, self._shades)

    def _set_faulty(self, side: Side, cells: tuple[int, ...]) -> bool:
        """Dead or stuck cells from now on; True when they are others than before."""
        if cells == self.items[side].faulty:
            return False
        self.items[side].faulty = cells
        self._set_map(side)
        return True

    def set_masked(self, masked: bool) -> None:
        """Interpolate over faulty cells, or leave their places unloaded."""
        self.masked = masked
        for side in FEET:
            self._set_map(side)
            self._show(side, self._shown.get(side))

    # ---- scale ---------------------------------------------------------------------------------------------------

    def next_scale(self) -> None:
        """The next of the fixed scales, then automatic."""
        if self.auto_scale:
            self.choose_scale(MAP_SCALES_KPA[0])
        elif self.scale_kpa == MAP_SCALES_KPA[-1]:
            self.choose_scale(None)
        else:
            self.choose_scale(MAP_SCALES_KPA[MAP_SCALES_KPA.index(self.scale_kpa) + 1])

    def choose_scale(self, scale_kpa: float | None) -> None:
        """A fixed scale, or None: as high as what is shown, the same for both feet."""
        self.auto_scale = scale_kpa is None
        self._rescale(self._highest() if scale_kpa is None else scale_kpa)

    def fit_auto(self) -> bool:
        """Follow what is shown where the scale is automatic; True when it changed."""
        if not self.auto_scale or self._highest() == self.scale_kpa:
            return False
        self._rescale(self._highest())
        return True

    def scale_name(self, style: NumberStyle) -> str:
        """'0 to 400 kPa', or 'Auto, 0 to 287 kPa'."""
        return f"{'Auto, ' if self.auto_scale else ''}0 to {style.number(self.scale_kpa, 0)} kPa"

    def _highest(self) -> float:
        peaks = [float(np.nanmax(p.kpa)) for p in self._shown.values() if p is not None and len(p.kpa)]
        return max([LEAST_AUTO_KPA, *(math.ceil(peak) for peak in peaks)])

    def _rescale(self, scale_kpa: float) -> None:
        self.scale_kpa = scale_kpa
        self._shades = Shades(self.look, scale_kpa)
        for side in FEET:
            self._show(side, self._shown.get(side))

    def apply(self, look: Look) -> None:
        """Take another theme or scale of sizes."""
        self.look = look
        self._rescale(self.scale_kpa)

    def color_of(self, kpa: float) -> QColor:
        """The colour that a pressure has on the map."""
        table = self._shades.table
        return QColor.fromRgba(int(table[min(len(table) - 1, max(0, math.ceil(kpa)))]))

    def colors(self) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
        """Packed colours from 0 to the top of the scale, (256,)."""
        lut = self._shades.lut.astype(np.uint32)
        packed: np.ndarray[tuple[int], np.dtype[np.uint32]]
        packed = np.uint32(0xFF000000) | lut[:, 0] << np.uint32(16) | lut[:, 1] << np.uint32(8) | lut[:, 2]
        return packed
