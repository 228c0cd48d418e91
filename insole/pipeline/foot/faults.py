"""Cells that do not work, seen over contacts. In: whole contacts. Out: which cells are dead or stuck after each.

A stuck cell gives one and the same count, on the ground and in the air, and that count is a load. A dead cell does not
follow the load while the cells around it do. Both must have lasted for 30 contacts with the evidence for it. Exports
that clip at zero hold still for good reasons; so less than a plain load counts as stuck, and a cell that does not
follow as dead, only where the other cells show noise in the air.
"""

from __future__ import annotations

import numpy as np

from insole.blocks import BoolArray, CountArray, IntArray
from insole.device import Device
from insole.pipeline.foot.contacts import Placed
from insole.pipeline.foot.rows import MEASURED

CONTACTS = 30
AIR_FRAMES = 2  # looked at before the onset of each contact
STANCE_FRAMES = 6  # looked at in it, evenly spread
LOAD_KPA = 20.0
FOLLOWS_KPA = 40.0  # pressure of a cell that follows the load rises and falls by so much
FLAT_KPA = 5.0  # and of one that does not, by less than this
NEIGHBOURS = 4
NOISY_SHARE = 0.3  # of the cells differ between two frames in the air


class CellFaults:
    """Watches the cells of one foot over its contacts, whatever the cut."""

    def __init__(self, device: Device) -> None:
        c = device.n_cells
        points = device.curve
        counts_per_kpa = 1.0 / np.maximum(np.abs(device.scale_kpa), 1e-9)
        if points is not None:
            counts_per_kpa *= np.ptp(points[:, 0]) / np.ptp(points[:, 1])
        self._flat = FLAT_KPA * counts_per_kpa
        self._follows = FOLLOWS_KPA * counts_per_kpa
        self._load = LOAD_KPA * counts_per_kpa
        self._rest = device.offset_counts
        self._around = device.nearest_cells(NEIGHBOURS)
        # Contacts with the evidence; the last row is carried.
        self._still, self._unmoved, self._noisy = (np.zeros((1, n), np.int64) for n in (c, c, 1))
        self._last = np.zeros(c, np.uint16)

    def push(self, placed: list[Placed]) -> BoolArray:
        """Take k contacts in order; the cells known dead or stuck after each, (k, c)."""
        counts, aired = _frames(placed)
        low, high = counts.min(axis=1), counts.max(axis=1)
        before = np.concatenate([self._last[None], low[:-1]])
        self._last = low[-1]
        rise = high - low
        constant = (rise == 0) & (low == before)
        noisy = np.count_nonzero(counts[:, 0] != counts[:, 1], axis=1) >= NOISY_SHARE * counts.shape[2]
        flat = rise < self._flat
        self._still = _streak(self._still[-1], constant, ~constant)
        self._unmoved = _streak(self._unmoved[-1], self._pressed_around(rise, flat), ~flat)
        self._noisy = _streak(self._noisy[-1], noisy[:, None], (~noisy & aired)[:, None])
        noise = self._noisy >= CONTACTS
        faulty: BoolArray = (self._unmoved >= CONTACTS) & noise
        still = self._still >= CONTACTS - 1
        if still.any():
            loaded = np.abs(low - self._rest) > np.where(noise, 0.0, self._load)
            faulty |= still & loaded & (low > 0)
        return faulty

    def _pressed_around(self, rise: CountArray, flat: BoolArray) -> BoolArray:
        """Whether a cell stays flat while all but one of the cells around it follow the load, (k, c)."""
        if self._around is None:
            return np.zeros(flat.shape, np.bool_)
        follows = (rise >= self._follows).astype(np.uint8)
        return flat & (sum(follows[:, cell] for cell in self._around) >= NEIGHBOURS - 1)


def _streak(before: IntArray, evidence: BoolArray, against: BoolArray) -> IntArray:
    """Contacts with evidence since the last one against it, after each of k contacts, (k, c); others change nothing."""
    seen = before + np.cumsum(evidence, axis=0)
    at_last = np.maximum.accumulate(np.where(against, seen, 0), axis=0)
    out: IntArray = seen - at_last
    return out


def _frames(placed: list[Placed]) -> tuple[CountArray, BoolArray]:
    """Counts of some frames of each contact, (k, 8, c), two in the air before it, then of its stance.

    And whether the two in the air are two, (k,).
    """
    onset = np.array([p.onset for p in placed])[:, None]
    release = np.array([p.release for p in placed])[:, None]
    margin = placed[0].margin
    air = np.arange(AIR_FRAMES) * onset // AIR_FRAMES
    stance = onset + (2 * np.arange(STANCE_FRAMES) + 1) * (release - onset) // (2 * STANCE_FRAMES)
    rows = margin + np.concatenate([air, stance], axis=1)
    state = np.array([p.state[row] for p, row in zip(placed, rows, strict=True)])
    if (state != MEASURED).any():  # a lost frame says nothing: another one of the contact stands in for it
        good = (state == MEASURED).argmax(axis=1)[:, None]
        rows = np.where(state == MEASURED, rows, np.take_along_axis(rows, good, axis=1))
    counts = np.stack([p.counts[row] for p, row in zip(placed, rows, strict=True)])
    return counts, rows[:, 0] != rows[:, 1]
