"""The first unloaded moments: where zero and the noise of the force come from (METRICS.md 1.3, 2.1).

In: raw force of one foot from the start on. Out, once: which frames of a 3 s window were unloaded, and the noise.
Quiet standing never passes: the window needs at least two unloaded spells with load on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from insole.blocks import BoolArray, FloatArray

WINDOW_S = 3.0
HOP_S = 0.25
RANGE_N = 400.0
UNLOADED_SHARE = 0.10
MEDIAN_SHARE = 0.15
NEAR_ZERO_N = 40.0  # a minimum this close to the profile's own zero is a foot off the ground even when walking
# A step takes 0.1 s from a tenth to half of the load and back; shifting weight from foot to foot takes 0.3 s and more.
STEEP_S = 0.2
SPELL_S = 0.15
NOISE_SPELL_S = 0.06
NOISE_MARGIN_S = 0.025
MAX_HELD_S = 5.0  # frames this long before the end of the window that gave the zero are still measured


@dataclass(frozen=True, slots=True, eq=False)
class StartWindow:
    """An unloaded moment was found: `unloaded` (n,) marks its frames among those of the window."""

    unloaded: BoolArray
    sigma_n: float


def hop_frames(rate_hz: float) -> int:
    """Frames between the beginnings of two windows that are looked at."""
    return max(1, round(HOP_S * rate_hz))


def find_start(force_n: FloatArray, rate_hz: float, needs_zero: bool) -> tuple[StartWindow | None, int]:
    """Look for the first 3 s window that holds unloaded spells.

    Parameters
    ----------
    force_n : (n,) float64
        Raw force from the first frame not yet searched on.
    rate_hz : float
        Nominal rate.
    needs_zero : bool
        False where the device's zero is known: then shorter spells do, since only the noise is wanted.

    Returns
    -------
    window : StartWindow or None
    first : int
        Where the window begins, or the first frame still to be searched from.
    """
    size, hop = round(WINDOW_S * rate_hz), hop_frames(rate_hz)
    spell_s = SPELL_S if needs_zero else NOISE_SPELL_S
    first = 0
    while first + size <= len(force_n):
        window = force_n[first : first + size]
        low, high = float(window.min()), float(window.max())
        if high - low >= RANGE_N:
            below = window < low + UNLOADED_SHARE * (high - low)
            inner = [(a, b) for a, b in spells(below) if a > 0 and b < size and b - a >= spell_s * rate_hz]
            if len(inner) >= 2 and (not needs_zero or _off_the_ground(window, inner, rate_hz)):
                return StartWindow(below, _noise(window, rate_hz, below)), first
        first += hop
    return None, first


def _off_the_ground(window: FloatArray, inner: list[tuple[int, int]], rate_hz: float) -> bool:
    """Whether the low spells are swings: mostly low, low as the profile's zero, or with the steep sides of steps."""
    low, high = float(window.min()), float(window.max())
    if float(np.median(window)) - low <= MEDIAN_SHARE * (high - low) or low <= NEAR_ZERO_N:
        return True
    loaded = window >= (low + high) / 2
    reach = round(STEEP_S * rate_hz)
    steep = [bool(loaded[max(a - reach, 0) : a].any() and loaded[b : b + reach].any()) for a, b in inner]
    return sum(steep) >= 2


def spells(mask: BoolArray) -> list[tuple[int, int]]:
    """Runs of True as (start, stop)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _noise(window: FloatArray, rate_hz: float, below: BoolArray) -> float:
    """Robust standard deviation of the force in the middle of unloaded spells (1.4826 MAD), away from both ramps.

    About the level of each spell or about a slope common to all, whichever is less: where flights are short, a ramp
    that runs out into them is no noise.
    """
    margin = int(np.ceil(NOISE_MARGIN_S * rate_hz))
    parts = [
        window[a + margin : b - margin]
        for a, b in spells(below)
        if b - a >= max(NOISE_SPELL_S * rate_hz, 2 * margin + 2)
    ]
    if not parts:
        return 0.0
    about_level = np.concatenate([part - np.median(part) for part in parts])
    centred = np.concatenate([part - part.mean() for part in parts])
    at = np.concatenate([np.arange(len(part)) - (len(part) - 1) / 2 for part in parts])
    about_slope = centred - (at * centred).sum() / (at * at).sum() * at
    return 1.4826 * min(float(np.median(np.abs(rest))) for rest in (about_level, about_slope))
