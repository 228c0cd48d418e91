"""From kPa to whole counts: the step that fits a file's range, and the rounding, counted where it changes anything."""

from __future__ import annotations

import numpy as np

from insole.blocks import CountArray, FloatArray
from insole.device import FORCE_CELL_AREA_MM2, FULL_SCALE, Device
from insole.formats.findings import Findings

FINEST_STEP = 0.01
_ROUNDED = 1e-4  # of a step: what the division alone may change


def fitted_range(low: float, high: float) -> tuple[float, float]:
    """The finest round step with which 65536 counts reach beyond `low` and `high`: 1, 2 or 5 times a power of ten.

    Parameters
    ----------
    low, high : float
        Lowest and highest value of a file.

    Returns
    -------
    step : float
        Size of a count.
    offset_counts : float
        The count that means 0.
    """
    low, high = 1.1 * min(low, 0.0) - 10.0, 1.1 * max(high, 0.0) + 10.0
    finest = max((high - low) / (FULL_SCALE - 1), FINEST_STEP) * (1 - 1e-9)
    decade = float(10.0 ** np.floor(np.log10(finest)))
    step = next(round(step, 12) for step in (decade, 2 * decade, 5 * decade, 10 * decade) if step >= finest)
    return step, float(np.ceil(-low / step))


def unit_of(device: Device) -> str:
    """What a 1 of the device is called: newtons where cells stand for forces (1000 mm2: 1 kPa is 1 N)."""
    return "N" if (device.area_mm2 == FORCE_CELL_AREA_MM2).all() else "kPa"


def to_counts(kpa: FloatArray, device: Device, findings: Findings) -> CountArray:
    """Whole counts of a linear device, cut off at its range; what was rounded or did not fit is counted.

    Parameters
    ----------
    kpa : (n, c) float64
        Finite.
    device : Device
    findings : Findings

    Returns
    -------
    (n, c) uint16
    """
    exact = kpa / device.scale_kpa + device.offset_counts
    whole = np.rint(exact)
    step = float(device.scale_kpa[0])
    unit = unit_of(device)
    exact -= whole
    findings.add(f"values rounded to steps of {step:g} {unit}", np.count_nonzero(np.abs(exact) > _ROUNDED))
    if whole.min(initial=0) < 0 or whole.max(initial=0) > FULL_SCALE:
        limits = (np.array([0, FULL_SCALE]) - device.offset_counts) * step
        outside = np.count_nonzero((whole < 0) | (whole > FULL_SCALE))
        findings.add(f"values outside {limits[0]:g} to {limits[1]:g} {unit}: cut off there", outside)
        np.clip(whole, 0, FULL_SCALE, out=whole)
    return whole.astype(np.uint16)
