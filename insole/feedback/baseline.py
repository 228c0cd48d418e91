"""The minute that a target is taken from: the first 60 running contacts of each foot after a marker, without a cue.

In: rows of contacts. Out: the median of each foot, the foot with the higher one, and 0.80 times that as the target.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from insole.blocks import ContactTable, Side

MARKER = "baseline"  # kind of the marker that begins it
CONTACTS = 60  # METRICS.md 9, of each foot
TARGET_SHARE = 0.80


class BaselineMinute:
    """One such minute.

    Parameters
    ----------
    from_s : float
        Recording time of the marker.
    sides : sequence of Side
        Feet of the session.

    Attributes
    ----------
    to_s : float
        A target came, this one's or another: no contact counts from here on.
    """

    def __init__(self, from_s: float, sides: Sequence[Side]) -> None:
        self.from_s, self.to_s = from_s, math.inf
        self._rates: dict[Side, list[float]] = {side: [] for side in sides}

    def push(self, rows: ContactTable) -> None:
        """Take rows; those outside the minute do not count."""
        if self.done or not len(rows) or "valr_bw_s" not in rows.columns:
            return
        rows = rows.rows((rows.strike_s >= self.from_s) & (rows.strike_s < self.to_s))
        for side, rates in self._rates.items():
            new = running_of(rows, side).columns["valr_bw_s"]
            rates.extend(new[np.isfinite(new)].tolist()[: CONTACTS - len(rates)])

    @property
    def counted(self) -> int:
        """Contacts so far, of the foot with fewer."""
        return min(map(len, self._rates.values()))

    @property
    def done(self) -> bool:
        """Whether every foot has its contacts."""
        return self.counted >= CONTACTS

    @property
    def worse(self) -> Side | None:
        """The foot with the higher median; None before it is known."""
        return max(self._rates, key=self._median) if self.done else None

    @property
    def median_bw_s(self) -> float:
        """Of the foot with the higher one; NaN before it is known."""
        worse = self.worse
        return math.nan if worse is None else self._median(worse)

    @property
    def target_bw_s(self) -> float:
        """To a tenth; one for both feet, so that the better foot is not asked for what the other cannot do."""
        return round(TARGET_SHARE * self.median_bw_s, 1)

    def _median(self, side: Side) -> float:
        return float(np.median(self._rates[side]))


def running_of(rows: ContactTable, side: Side) -> ContactTable:
    """Running contacts of a foot; of both where one signal lies under them."""
    return rows.running(None if side is Side.BELT else side)
