"""From pressure to counts: what cells, amplifier and converter make of the pressure under one foot."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from insole.blocks import CountArray, FloatArray
from insole.device import Device

STUCK_KPA = 150.0
WARM_UP_S = 300.0
WANDER_PERIOD_S = 420.0


class Sensor:
    """Cells of one insole with their lacing preload, slow offset drift, noise, faults, quantisation and full scale.

    Parameters
    ----------
    device : Device
    rng : numpy Generator
        Of this foot alone; first draws the preload and drift of each cell, then the noise frame by frame.
    noise_kpa : float
        Standard deviation of a cell's white noise.
    drift_kpa : float
        Standard deviation over the cells of each part of the offset drift: warming up, and wandering over some minutes.
    preload_kpa : float
        Mean over the cells of what the lacing presses, half to one and a half of it per cell.
    dead, stuck : sequences of int
        Cells that always read no pressure, and cells that always read `STUCK_KPA`.
    """

    def __init__(
        self,
        device: Device,
        rng: np.random.Generator,
        noise_kpa: float,
        drift_kpa: float,
        preload_kpa: float,
        dead: Sequence[int],
        stuck: Sequence[int],
    ) -> None:
        cells = device.n_cells
        self._device = device
        self._rng = rng
        self._noise_kpa = np.float32(noise_kpa)
        self._preload_kpa = preload_kpa * rng.uniform(0.5, 1.5, cells)
        self._drift_kpa = drift_kpa * rng.standard_normal((3, cells))
        self._fixed = dict.fromkeys(dead, 0.0) | dict.fromkeys(stuck, STUCK_KPA)
        self._curve_kpa: FloatArray | None = None
        if device.curve is not None:
            steps = device.curve[0, 0] + np.arange(int(device.curve[-1, 0] - device.curve[0, 0]) + 1)
            unit = device.with_changes(scale_kpa=np.ones(cells))
            self._curve_kpa = unit.to_kpa((steps + device.offset_counts)[:, None])[:, 0]
            self._curve_counts = steps

    def counts(self, kpa: FloatArray, t_s: FloatArray) -> CountArray:
        """Counts of n successive frames.

        Parameters
        ----------
        kpa : (n, c)
            Pressure of the foot alone.
        t_s : (n,)
            Time of each frame, for the drift.

        Returns
        -------
        (n, c) uint16
        """
        angle = 2.0 * np.pi * t_s / WANDER_PERIOD_S
        slow = np.stack([1.0 - np.exp(-t_s / WARM_UP_S), np.sin(angle), np.cos(angle) - 1.0], axis=1)
        kpa = kpa + self._preload_kpa + np.einsum("nb,bc->nc", slow, self._drift_kpa)
        kpa += self._noise_kpa * self._rng.standard_normal(kpa.shape, np.float32)
        for cell, value in self._fixed.items():
            kpa[:, cell] = value
        device = self._device
        kpa /= device.scale_kpa
        above = kpa if self._curve_kpa is None else np.interp(kpa, self._curve_kpa, self._curve_counts)
        counts = np.rint(above + device.offset_counts)
        return np.clip(counts, 0, device.full_scale_counts).astype(np.uint16)
