"""From force to pressure: one foot's vertical force and where it is in its roll in, pressure of every cell out.

The load of an instant is shared between nine places under the foot (heel, midfoot, five metatarsal heads, hallux,
toes); the shares change as the foot rolls and always add up to 1, so the cells add up to the force.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from scipy.interpolate import PchipInterpolator

from insole.blocks import FloatArray, IntArray
from insole.device import Device
from insole.sources.synthetic.layout import inside_foot, nearest_cell

PLACES = ("heel", "midfoot", "mt1", "mt2", "mt3", "mt4", "mt5", "hallux", "toes")

# Centre (x from medial, y from heel, both 0 to 1) and spread (mm) of the load under each place of an insole 265 mm
# long.
_SPOTS = np.array(
    [
        # x, y, sigma across, sigma along
        [0.52, 0.125, 21.0, 22.0],
        [0.70, 0.410, 15.0, 30.0],
        [0.17, 0.705, 14.0, 18.0],
        [0.36, 0.730, 14.0, 18.0],
        [0.54, 0.715, 14.0, 18.0],
        [0.71, 0.675, 14.0, 18.0],
        [0.85, 0.620, 12.0, 18.0],
        [0.20, 0.890, 12.0, 14.0],
        [0.50, 0.865, 24.0, 12.0],
    ]
)
_SPOT_LENGTH_MM = 265.0


class Roll(IntEnum):
    """How the foot meets and leaves the ground."""

    REARFOOT = 0
    MIDFOOT = 1
    FOREFOOT = 2
    FLAT = 3  # standing on both feet
    ONE_LEG = 4  # standing on this one
    HEEL = 5  # tapping
    TOES = 6


# Share of the load in percent by place at moments of the contact (0 to 1). Constant over the first tenth, so that the
# centre of pressure of the first 20 ms does not depend on when it is sampled.
_ROLL = {
    Roll.REARFOOT: (
        (0.00, 0.10, 0.18, 0.30, 0.45, 0.60, 0.75, 0.90, 1.00),
        (
            (97, 97, 80, 42, 15, 2, 0, 0, 0),
            (3, 3, 10, 16, 12, 5, 0, 0, 0),
            (0, 0, 0, 6, 15, 20, 21, 14, 6),
            (0, 0, 1, 9, 17, 20, 20, 16, 8),
            (0, 0, 2, 9, 15, 16, 14, 9, 5),
            (0, 0, 3, 9, 12, 11, 7, 4, 0),
            (0, 0, 4, 9, 8, 6, 3, 2, 0),
            (0, 0, 0, 0, 4, 13, 24, 39, 58),
            (0, 0, 0, 0, 2, 7, 11, 16, 23),
        ),
    ),
    Roll.MIDFOOT: (
        (0.00, 0.10, 0.18, 0.30, 0.45, 0.60, 0.75, 0.90, 1.00),
        (
            (38, 38, 36, 28, 12, 2, 0, 0, 0),
            (22, 22, 20, 16, 11, 5, 0, 0, 0),
            (2, 2, 4, 9, 16, 20, 21, 14, 6),
            (5, 5, 7, 11, 18, 20, 20, 16, 8),
            (9, 9, 10, 12, 16, 16, 14, 9, 5),
            (12, 12, 12, 12, 12, 11, 7, 4, 0),
            (12, 12, 11, 11, 9, 6, 3, 2, 0),
            (0, 0, 0, 1, 4, 13, 24, 39, 58),
            (0, 0, 0, 0, 2, 7, 11, 16, 23),
        ),
    ),
    Roll.FOREFOOT: (
        (0.00, 0.10, 0.20, 0.35, 0.50, 0.65, 0.80, 0.92, 1.00),
        (
            (0, 0, 4, 12, 6, 0, 0, 0, 0),
            (0, 0, 6, 9, 7, 3, 0, 0, 0),
            (12, 12, 15, 17, 19, 21, 21, 14, 6),
            (16, 16, 17, 17, 19, 21, 20, 16, 8),
            (18, 18, 17, 15, 16, 15, 13, 9, 5),
            (20, 20, 18, 14, 13, 10, 6, 4, 0),
            (16, 16, 15, 11, 9, 6, 3, 2, 0),
            (6, 6, 5, 5, 7, 14, 25, 39, 58),
            (12, 12, 6, 4, 5, 8, 12, 16, 23),
        ),
    ),
    Roll.FLAT: (
        (0.0, 1.0),
        ((50, 50), (9, 9), (8, 8), (8, 8), (7, 7), (6, 6), (5, 5), (4, 4), (3, 3)),
    ),
    Roll.HEEL: (
        (0.0, 1.0),
        ((97, 97), (3, 3), (0, 0), (0, 0), (0, 0), (0, 0), (0, 0), (0, 0), (0, 0)),
    ),
    Roll.TOES: (
        (0.0, 1.0),
        ((0, 0), (0, 0), (14, 14), (13, 13), (10, 10), (8, 8), (5, 5), (30, 30), (20, 20)),
    ),
}
_ROLL[Roll.ONE_LEG] = _ROLL[Roll.FLAT]
_TABLE_STEPS = 400
# What a contact of one roll leans towards when it varies.
NEIGHBOUR = np.array([Roll.MIDFOOT, Roll.REARFOOT, Roll.MIDFOOT, Roll.FLAT, Roll.ONE_LEG, Roll.HEEL, Roll.TOES])


class Foot:
    """Spreads force over the cells of one device.

    Parameters
    ----------
    device : Device
        Without cell positions the load is spread evenly.
    medial_shift_mm : float
        How far the load lies towards the medial edge.

    Attributes
    ----------
    place_y : (9,) float64
        Centre of pressure along the foot (0 to 1) of a load on each place, as these cells can see it; NaN without cell
        positions.
    """

    def __init__(self, device: Device, medial_shift_mm: float) -> None:
        share = _cell_shares(device, medial_shift_mm)
        area_mm2 = device.area_mm2
        self._kpa_per_n = np.divide(1e3 * share, area_mm2, out=np.zeros_like(share), where=area_mm2 > 0)
        self.place_y: FloatArray = (share * device.y).sum(axis=1)
        self._table = np.stack([_roll_table(roll) for roll in Roll])

    def shares(self, progress: FloatArray, roll: IntArray, lean: FloatArray) -> FloatArray:
        """Share of the load on each place.

        Parameters
        ----------
        progress : (n,)
            0 at the start of the contact, 1 at its end.
        roll : (n,) int
            One of `Roll`.
        lean : (n,)
            How much of the neighbouring roll is mixed in, 0 to 1.

        Returns
        -------
        (n, 9) float64
            Rows add up to 1.
        """
        position = np.clip(progress, 0.0, 1.0) * _TABLE_STEPS
        left = np.minimum(position.astype(np.int64), _TABLE_STEPS - 1)
        part = (position - left)[:, None]
        own, other = (
            (1.0 - part) * self._table[r, left] + part * self._table[r, left + 1] for r in (roll, NEIGHBOUR[roll])
        )
        out: FloatArray = own + lean[:, None] * (other - own)
        return out

    def kpa(self, force_n: FloatArray, shares: FloatArray) -> FloatArray:
        """Pressure of each cell, (n, c); einsum and not BLAS, whose order of summation depends on the machine."""
        kpa: FloatArray = np.einsum("np,pc->nc", force_n[:, None] * shares, self._kpa_per_n)
        return kpa

    def cop_y(self, shares: FloatArray) -> FloatArray:
        """Centre of pressure along the foot, 0 at the heel, of a load so shared, (n,)."""
        cop: FloatArray = np.einsum("np,p->n", shares, self.place_y)
        return cop


def _cell_shares(device: Device, medial_shift_mm: float) -> FloatArray:
    """Share of a load on each place that each cell carries, (9, c)."""
    if not device.has_geometry:
        return np.tile(device.area_mm2 / device.area_mm2.sum(), (len(PLACES), 1))
    x_mm, y_mm = inside_foot(device.length_mm, device.width_mm)
    scale = device.length_mm / _SPOT_LENGTH_MM
    cell = nearest_cell(device, x_mm, y_mm)
    shares = np.empty((len(PLACES), device.n_cells))
    for place, (x, y, across, along) in enumerate(_SPOTS):
        dx = (x_mm - x * device.width_mm + medial_shift_mm) / (across * scale)
        dy = (y_mm - y * device.length_mm) / (along * scale)
        load = np.where(device.area_mm2[cell] > 0, np.exp(-0.5 * (dx * dx + dy * dy)), 0.0)
        shares[place] = np.bincount(cell, load, device.n_cells) / load.sum()
    return shares


def _roll_table(roll: Roll) -> FloatArray:
    """Shares at evenly spaced moments, (steps + 1, 9): smooth through the key moments, rows adding up to 1."""
    moments, percent = _ROLL[roll]
    curve = PchipInterpolator(moments, np.array(percent, np.float64).T)(np.linspace(0.0, 1.0, _TABLE_STEPS + 1))
    shares = np.maximum(curve, 0.0)  # rounding reaches just below
    out: FloatArray = shares / shares.sum(axis=1, keepdims=True)
    return out
