"""The rise of a contact: followed from its onset to a little behind the point of interest, ready before toe-off.

In: smoothed force, sample by sample, of the contact that is open. Out: `RateBatch`, windows that never change again
(METRICS.md 1.6).
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from insole.blocks import FloatArray, IntArray, RateBatch, Side
from insole.pipeline.foot.events import PAD_S
from insole.pipeline.foot.rows import MEASURED, Rows, end_to_end, seconds, starts_of

POI_FORCE_BW = 0.75
POI_SLOPE_BW_S = 15.0
POI_LATEST_S = 0.45  # no running contact lasts longer (METRICS.md 2.1)
AFTER_POI_S = 0.020


class OpenContact(NamedTuple):
    """A contact that is armed and not yet over."""

    contact_id: int
    onset: int  # row
    onset_us: int  # device tick
    onset_lost: bool  # the crossing may have fallen into a long gap
    slow: bool
    onset_unseen: bool
    zero_n: float  # in force at its onset


class RiseWindow(NamedTuple):
    """The rows of one rise."""

    contact: OpenContact
    tick_us: IntArray
    smooth_n: FloatArray  # before the zero
    state: npt.NDArray[np.uint8]
    onset: int


class Rises:
    """Looks for the point of interest of one contact after the other."""

    def __init__(self, rate_hz: float, body_weight_n: float) -> None:
        self._rate = rate_hz
        self._force_n = POI_FORCE_BW * body_weight_n
        self._slope_n_s = POI_SLOPE_BW_S * body_weight_n
        self._latest = round(POI_LATEST_S * rate_hz)
        self._after = 1 + round(AFTER_POI_S * rate_hz)
        self._pad = round(PAD_S * rate_hz)
        self._contact: OpenContact | None = None  # whose rise is still to come
        self._sought = 0  # first row not yet looked at
        self._poi: int | None = None  # row where the point of interest was seen
        self.found: list[RiseWindow] = []  # complete, not yet taken

    def open(self, contact: OpenContact) -> None:
        """A contact is armed: its rise is followed from now on."""
        self._contact, self._sought, self._poi = contact, contact.onset, None

    def close(self) -> None:
        """The contact is over: a rise that did not come by now has none."""
        self._contact = None

    def seek(self, rows: Rows, limit: int, smoothed: int) -> None:
        """Look among rows before `limit`, where the contact ends or `smoothed`, up to where rows are smoothed."""
        contact = self._contact
        if contact is None or (self._poi is None and not self._reached(contact, rows, limit, smoothed)):
            return
        assert self._poi is not None
        end = self._poi + self._after
        if end > smoothed:
            return
        start = max(contact.onset - self._pad, rows.base)
        ticks, smooth, state = rows.tick_us(start, end), rows.smooth(start, end), rows.state(start, end)
        self.found.append(RiseWindow(contact, ticks, smooth, state, contact.onset - start))
        self._contact = None

    def _reached(self, contact: OpenContact, rows: Rows, limit: int, smoothed: int) -> bool:
        """Look for the point of interest: loaded by 0.75 BW, and from there on no steeper than 15 BW/s."""
        latest = contact.onset + self._latest
        end = min(limit, latest, smoothed)
        force = rows.smooth(self._sought, end).tolist()  # a dozen samples: a loop costs less than arrays
        for row, (now, then) in enumerate(pairwise(force), self._sought):
            if now - contact.zero_n >= self._force_n and (then - now) * self._rate < self._slope_n_s:
                self._poi = row
                return True
        if end in (limit, latest) and (limit < smoothed or end == latest):
            self._contact = None
        self._sought = max(self._sought, end - 1)
        return False

    def take(self, side: Side) -> RateBatch | None:
        """Rises that became complete since they were last taken, laid end to end."""
        if not self.found:
            return None
        found, self.found = self.found, []
        lengths = [len(rise.tick_us) for rise in found]
        contacts = [rise.contact for rise in found]
        return RateBatch(
            side,
            np.array([contact.contact_id for contact in contacts]),
            starts_of(lengths),
            seconds(end_to_end([rise.tick_us for rise in found])),
            end_to_end([rise.smooth_n - rise.contact.zero_n for rise in found]),
            end_to_end([rise.state for rise in found]) != MEASURED,
            np.array([rise.onset for rise in found]),
            np.array([contact.slow for contact in contacts]),
            np.array([contact.onset_unseen for contact in contacts]),
        )
