"""Areas of OpenGo's cells: which insole turns the pressures of a file into the vendor's own total force.

Two insoles were measured; between any two sizes of the files seen (3, 4, 6, 7) the areas differ by the same factor a
size, and their shares hardly, so that every size is one of the two, scaled.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import numpy as np

from insole.blocks import FloatArray
from insole.device import Device

CELLS = 16
KPA_PER_N_CM2 = 10.0
SIZE_STEP = 1.0924
"""Area of an insole over that of the next smaller size."""

PROFILES = {4: "opengo_size4", 6: "opengo_size6"}
LARGEST_SIZE = 9
ENOUGH_FRAMES = 2000
FEWEST_FRAMES = 20
LOADED_N = 100.0
TOLERANCE = 0.01


def fitted(frames: Iterable[FloatArray], size: str) -> tuple[Device, tuple[str, ...]]:
    """The insole whose cells add up to the vendor's total force over the first loaded frames.

    Parameters
    ----------
    frames : iterable of (n, 17) float64
        The cells of a foot in order, in N/cm2, then its total force; block by block, as many as are needed.
    size : str
        As the header gives it; decides where there is too little force to fit.

    Returns
    -------
    device : Device
    warnings : tuple of str
        Where the areas are a guess, or do not fit.
    """
    pressure_kpa, force_n = _loaded(frames)
    candidates = {number: _profile(name) for number, name in PROFILES.items()}
    if len(force_n) < FEWEST_FRAMES:
        known = size.isdecimal() and int(size) <= LARGEST_SIZE
        number = int(size) if known else max(PROFILES)
        near = min(candidates, key=lambda candidate: abs(candidate - number))
        how = f"from its size, {number}" if known else f"those of size {number}, a guess"
        device = _scaled(candidates[near], SIZE_STEP ** (number - near))
        return device, (f"too little total force in the file to find the areas of the cells: taken {how}",)
    fits = []
    for number, device in candidates.items():
        own_n = pressure_kpa @ device.area_mm2 * 1e-3
        factor = float(force_n.sum() / own_n.sum())
        fits.append((float(np.mean(np.abs(own_n * factor / force_n - 1))), factor, number))
    residual, factor, number = min(fits)
    warnings: tuple[str, ...] = ()
    if residual > TOLERANCE:
        percent = f"{100 * residual:.1f} %"
        warnings = (
            f"the cells add up to the file's own total force only within {percent}: damaged, or an unknown insole",
        )
    return _scaled(candidates[number], factor), warnings


def _loaded(frames: Iterable[FloatArray]) -> tuple[FloatArray, FloatArray]:
    """Pressures (n, 16) in kPa and total forces (n,) of the first frames under load."""
    found = [np.empty((0, CELLS + 1))]
    for block in frames:
        usable = np.isfinite(block).all(axis=1) & (block[:, -1] > LOADED_N) & (block[:, :-1].sum(axis=1) > 0)
        found.append(block[usable])
        if sum(map(len, found)) >= ENOUGH_FRAMES:
            break
    loaded = np.concatenate(found)
    return loaded[:, :-1] * KPA_PER_N_CM2, loaded[:, -1]


@cache
def _profile(name: str) -> Device:
    return Device.named(name)


def _scaled(device: Device, factor: float) -> Device:
    """An insole of `factor` times the area and the same shape."""
    return device.with_changes(
        area_mm2=np.round(device.area_mm2 * factor, 2),
        length_mm=round(device.length_mm * factor**0.5, 1),
        width_mm=round(device.width_mm * factor**0.5, 1),
    )
