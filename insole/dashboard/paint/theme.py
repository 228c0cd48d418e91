"""Every colour and every size of the dashboard (DESIGN.md 2 and 4). Nothing else names one.

In: the window's size and the choice dark or light. Out: a `Look` that each widget paints with.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPen

from insole.blocks import Side
from insole.dashboard.model.verdict import Level

ThemeName = Literal["system", "dark", "light"]

MAP_SCALES_KPA = (200.0, 300.0, 400.0, 600.0)
DEFAULT_SCALE_KPA = 400.0
MIN_SIZE = (1280, 720)
COMPACT = 0.8
LARGE, LARGE_TILES = 1.4, 1.15


@dataclass(frozen=True, slots=True)
class Palette:
    """The tints of one theme, as 0xRRGGBB."""

    bg: int
    panel: int
    panel_edge: int
    inset: int
    line: int
    grid: int
    text1: int
    text2: int
    text3: int
    left: int
    right: int
    watch: int
    watch_text: int
    watch_ground: int
    on: int
    on_text: int
    on_ground: int
    button: int
    button_edge: int
    bed: int
    bed_line: int
    hatch: int
    bed_text: int = 0xA9B2BE  # on the bed, which is the same in both themes, as is all that is drawn on the map
    cross: int = 0xFFC83D  # of a faulty cell
    runner_bg: int = 0x07090C  # the runner's screen is dark in both themes
    runner_text: int = 0xF2F5FA
    runner_muted: int = 0xB8BFC9
    runner_track: int = 0x12161D
    black: int = 0x000000
    white: int = 0xFFFFFF

    def color(self, tint: str, opacity: float = 1.0) -> QColor:
        """A tint as a colour."""
        color = QColor.fromRgb(getattr(self, tint))
        color.setAlphaF(opacity)
        return color


DARK = Palette(
    bg=0x0F1216, panel=0x171B21, panel_edge=0x171B21, inset=0x1E242C, line=0x2B323C, grid=0x232A33,
    text1=0xE8ECF1, text2=0xA9B2BE, text3=0x7F8996, left=0x5B9DFF, right=0x5FE0A8,
    watch=0xFFC83D, watch_text=0xFFC83D, watch_ground=0x2B2616, on=0xFF6B3D, on_text=0xFF8A63, on_ground=0x32201A,
    button=0x262D37, button_edge=0x38414D, bed=0x0A0C11, bed_line=0x3A434F, hatch=0x39414C,
)  # fmt: skip

LIGHT = Palette(
    bg=0xEEF1F4, panel=0xFFFFFF, panel_edge=0xD5DBE2, inset=0xF3F5F8, line=0xD5DBE2, grid=0xE6EAEF,
    text1=0x14181D, text2=0x4A5461, text3=0x5F6975, left=0x1F56C9, right=0x0E8060,
    watch=0xB98400, watch_text=0x7A5400, watch_ground=0xFFF6DC, on=0xD2480F, on_text=0xB23A08, on_ground=0xFDEAE2,
    button=0xFFFFFF, button_edge=0xBCC5CF, bed=0x0A0C11, bed_line=0x8E98A4, hatch=0xB9C1CA,
)  # fmt: skip

# name: (at u = 1, in a window below 1440 x 900). Larger windows multiply the first by u.
_SIZES: dict[str, tuple[float, float]] = {
    "header": (52, 44),
    "strip": (46, 40),
    "footer": (36, 32),
    "tiles": (116, 100),
    "margin": (16, 16),
    "gap": (12, 8),
    "pad": (16, 16),
    "title_bar": (40, 38),
    "button": (30, 30),
    "strip_button": (28, 28),
    "badge": (18, 18),
    "radius": (8, 8),
    "button_radius": (6, 6),
    "field_radius": (4, 4),
    "drawer": (470, 470),
    "steps": (300, 250),
    "found": (360, 310),
    "live_force": (250, 180),
    "cue": (288, 276),
}

_TYPE: dict[str, tuple[float, float, QFont.Weight]] = {
    "key": (46, 34, QFont.Weight.DemiBold),
    "page_title": (28, 22, QFont.Weight.DemiBold),
    "clock": (17, 17, QFont.Weight.DemiBold),
    "strip_head": (16, 16, QFont.Weight.Bold),
    "strip": (14, 14, QFont.Weight.Normal),
    "title": (14, 14, QFont.Weight.DemiBold),
    "body": (13, 13, QFont.Weight.Normal),
    "body_strong": (13, 13, QFont.Weight.DemiBold),
    "value": (15, 14.5, QFont.Weight.DemiBold),
    "axis": (11.5, 11.5, QFont.Weight.Normal),
    "hint": (12, 12, QFont.Weight.Normal),
    "end_label": (11.5, 11.5, QFont.Weight.Medium),
    "badge": (11, 11, QFont.Weight.Bold),
    "badge_word": (12, 12, QFont.Weight.Bold),
}


@cache
def family() -> str:
    """Inter where the system has it, else the system's own font for user interfaces."""
    return "Inter" if "Inter" in QFontDatabase.families() else QGuiApplication.font().family()


def unit_for(width: int, height: int) -> float:
    """Scale of all sizes for a window of this size: at most 2; below 1 there is one set of compact sizes."""
    u = min(width / 1440, height / 900, 2.0)
    return u if u >= 1 else COMPACT


@dataclass(frozen=True)
class Look:
    """One theme at one scale: what every widget paints with."""

    palette: Palette
    u: float = 1.0
    large: bool = False  # key numbers half as large again, for those who stand further away

    @property
    def dark(self) -> bool:
        """Whether this is the dark theme."""
        return self.palette is DARK

    @property
    def compact(self) -> bool:
        """Whether the window is smaller than the 1440 x 900 that the sizes are drawn for."""
        return self.u < 1

    def size(self, name: str) -> int:
        """A named size in pixels."""
        full, small = _SIZES[name]
        larger = LARGE_TILES if self.large and name == "tiles" else 1.0
        return round((small if self.compact else full * self.u) * larger)

    def px(self, pixels: float) -> float:
        """A length that is given in pixels at u = 1; never smaller than that."""
        return pixels * max(1.0, self.u)

    def font(self, name: str) -> QFont:
        """A named font with digits of one width."""
        full, small, weight = _TYPE[name]
        font = QFont(family())
        larger = LARGE if self.large and name == "key" else 1.0
        font.setPixelSize(round((small if self.compact else full * self.u) * larger + 1e-6))
        font.setWeight(weight)
        font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def color(self, tint: str, opacity: float = 1.0) -> QColor:
        """A colour by its tint."""
        return self.palette.color(tint, opacity)

    def rgb(self, tint: str) -> tuple[int, int, int]:
        """A colour by its tint, as red, green, blue."""
        color = self.color(tint)
        return color.red(), color.green(), color.blue()

    def pen(self, tint: str, width: float = 1.0, opacity: float = 1.0) -> QPen:
        """A pen with round ends; `width` at u = 1."""
        pen = QPen(self.color(tint, opacity), self.px(width))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        return pen

    def dashed(self, tint: str, pattern: tuple[float, float], width: float) -> QPen:
        """A dashed pen; `pattern` in pixels at u = 1."""
        pen = QPen(self.color(tint), self.px(width))
        pen.setDashPattern([part / width for part in pattern])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        return pen

    def target_pen(self) -> QPen:
        """Line of a target."""
        return self.dashed("text1", (6, 4), 1.4)

    def baseline_pen(self) -> QPen:
        """Line of a baseline."""
        return self.dashed("text2", (1, 4), 1.4)


def foot_tint(side: Side) -> str:
    """Token of a foot's colour."""
    return "left" if side == Side.LEFT else "right"


LEVEL_TINTS = {
    Level.OFF: ("text3", "text2", "bg", "line"),
    Level.WATCH: ("watch", "watch_text", "watch_ground", "watch"),
    Level.ON: ("on", "on_text", "on_ground", "on"),
    Level.FAULT: ("on", "on_text", "on_ground", "on"),
}  # shape, word, ground, edge


def palette_for(theme: ThemeName) -> Palette:
    """The palette of a chosen theme; 'system' follows the desktop, and is dark where it says nothing."""
    if theme == "system":
        light = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Light
        return LIGHT if light else DARK
    return LIGHT if theme == "light" else DARK
