"""Cells that do not work, seen over contacts. In: whole contacts. Out: which cells are dead or stuck after each.

A stuck cell gives one and the same count, on the ground and in the air, and that count is a load. A dead cell does not
follow the load while the cells around it do. Both must have lasted for 30 contacts with the evidence for it. Exports
that clip at zero hold still for good reasons; so less than a plain load counts as stuck, and a cell that does not
follow as dead, only where the other cells show noise in the air.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from insole.blocks import BoolArray, ContactBatch, CountArray
from insole.device import Device

CONTACTS = 30
# Frames of each contact that are looked at: two in the air before its onset, six evenly spread from onset to release;
# in twelfths of onset and of release.
OF_ONSET = np.array([0, 6, 11, 9, 7, 5, 3, 1])
OF_RELEASE = np.array([0, 0, 1, 3, 5, 7, 9, 11])
LOAD_KPA = 20.0
FOLLOWS_KPA = 40.0  # pressure of a cell that follows the load rises and falls by so much
FLAT_KPA = 5.0  # and of one that does not, by less than this
NEIGHBOURS = 4
NOISY_SHARE = 0.3  # of the cells differ between two frames in the air

Streaks = npt.NDArray[np.int32]  # half the memory of the usual whole numbers, and so half the time


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
        # Contacts with the evidence, of each cell: that it stands still, that it does not move under load; and, last,
        # that the air is noisy.
        self._streaks = np.zeros(2 * c + 1, np.int32)
        self._last = np.zeros(c, np.uint16)

    def push(self, contacts: ContactBatch) -> BoolArray:
        """Take k contacts in order; the cells known dead or stuck after each, (k, c)."""
        counts, aired = _frames(contacts)
        c = counts.shape[2]
        low, high = np.minimum.reduce(counts, axis=1), np.maximum.reduce(counts, axis=1)
        before = np.concatenate([self._last[None], low[:-1]])
        self._last = low[-1]
        rise = high - low
        constant = (rise == 0) & (low == before)
        noisy = (counts[:, 0] != counts[:, 1]).sum(axis=1, keepdims=True) >= NOISY_SHARE * c
        flat = rise < self._flat
        evidence = np.concatenate([constant, self._pressed_around(rise, flat), noisy], axis=1)
        against = ~np.concatenate([constant, flat, noisy | ~aired[:, None]], axis=1)
        streaks = _streaks(self._streaks, evidence, against)
        self._streaks = streaks[-1]
        still, unmoved = streaks[:, :c] >= CONTACTS - 1, streaks[:, c:-1] >= CONTACTS
        noise = streaks[:, -1:] >= CONTACTS
        faulty: BoolArray = unmoved & noise
        if still.any():
            loaded = np.abs(low - self._rest) > np.where(noise, 0.0, self._load)
            faulty |= still & loaded & (low > 0)
        return faulty

    def _pressed_around(self, rise: CountArray, flat: BoolArray) -> BoolArray:
        """Whether a cell stays flat while all but one of the cells around it follow the load, (k, c)."""
        if self._around is None:
            return np.zeros(flat.shape, np.bool_)
        follows = (rise >= self._follows).view(np.uint8)
        pressed: BoolArray = follows[:, self._around].sum(axis=1, dtype=np.uint8) >= NEIGHBOURS - 1
        return flat & pressed


def _streaks(before: Streaks, evidence: BoolArray, against: BoolArray) -> Streaks:
    """Contacts with evidence since the last one against it, after each of k contacts, (k, m); others change nothing."""
    seen = before + np.cumsum(evidence, axis=0, dtype=np.int32)
    at_last = np.maximum.accumulate(np.where(against, seen, 0), axis=0)
    out: Streaks = seen - at_last
    return out


def _frames(contacts: ContactBatch) -> tuple[CountArray, BoolArray]:
    """Counts of some frames of each contact, (k, 8, c), two in the air before it, then of its stance.

    And whether the two in the air are two, (k,).
    """
    rows = (contacts.onset[:, None] * OF_ONSET + contacts.release[:, None] * OF_RELEASE) // 12
    rows += contacts.starts[:-1, None]
    lost = (contacts.filled | contacts.missing)[rows]
    if lost.any():  # a lost frame says nothing: another one of the contact stands in for it
        good = lost.argmin(axis=1)[:, None]
        rows = np.where(lost, np.take_along_axis(rows, good, axis=1), rows)
    return contacts.counts[rows], rows[:, 0] != rows[:, 1]
