"""From the contact table to one reading a condition.

In: rows of the contact table with their rolling columns. Out: readings in the order of the conditions. Only what some
condition looks at is measured.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from insole.blocks import ContactTable
from insole.pipeline.flags.conditions import SAME_CADENCE, Condition
from insole.pipeline.flags.drift import Drift
from insole.pipeline.flags.measures import (
    OWN_VARIATION,
    Cadence,
    Counts,
    Medians,
    Reading,
    Shares,
    Variability,
    difference_from_table,
    median_from_table,
)
from insole.pipeline.statistics import STABLE_CONTACTS
from insole.settings import Baseline

SAME_CADENCE_SPM = 3.0  # METRICS.md 3.6
TABLE_MEDIANS = ("valr_bw_s",)  # their rolling medians stand in the table already


class Readings:
    """The measurements of all conditions.

    Parameters
    ----------
    conditions : sequence of Condition
        Those that look at contacts.
    baseline : Baseline
    """

    def __init__(self, conditions: Sequence[Condition], baseline: Baseline) -> None:
        self._conditions = tuple(conditions)
        self._baseline = baseline
        by_kind: dict[str, dict[tuple[str, ...], float]] = {}
        for condition in conditions:
            by_kind.setdefault(condition.when.kind, {})[condition.when.measured] = condition.when.over
        rolling = {
            columns
            for kind in ("absolute", "above_baseline", "below_baseline", "deviation")
            for columns in by_kind.get(kind, ())
            if columns[0] not in TABLE_MEDIANS
        }
        self._medians = Medians(sorted(rolling))
        self._counts = Counts([columns[0] for columns in by_kind.get("difference", ())])
        self._shares = {columns[0]: Shares(columns[0], over) for columns, over in by_kind.get("share", {}).items()}
        self._drift = Drift([columns[0] for columns in by_kind.get("drift", ())])
        self._cadence = Cadence() if any(c.when.same_cadence for c in conditions) else None
        self._variability = None
        if "variability" in by_kind:
            self._variability = Variability(*(getattr(baseline, name) for name in OWN_VARIATION))

    def push(self, table: ContactTable) -> list[Reading]:
        """Readings at the rows of the table, one entry a condition."""
        medians = self._medians.push(table)
        counts = self._counts.push(table)
        shares = {metric: share.push(table) for metric, share in self._shares.items()}
        drift = self._drift.push(table)
        variability = self._variability.push(table) if self._variability else {}
        cadence = self._cadence.push(table) if self._cadence else None
        out = []
        for condition in self._conditions:
            when, side = condition.when, condition.side
            if side is None:
                reading = difference_from_table(table, when.metric)
                reading = reading.only(counts[when.metric][reading.row] >= STABLE_CONTACTS)
            elif when.kind == "share":
                reading = shares[when.metric][side]
            elif when.kind == "drift":
                reading = drift[when.metric, side]
            elif when.kind == "variability":
                reading = variability[side]
            elif when.metric in TABLE_MEDIANS:
                reading = median_from_table(table, when.metric, side)
            else:
                reading = medians[when.measured, side]
            if when.same_cadence and cadence is not None:
                usual = getattr(self._baseline, SAME_CADENCE)
                reading = reading.only(np.abs(cadence[reading.row] - usual) <= SAME_CADENCE_SPM)
            out.append(reading)
        return out
