"""Pressure by cell and region, and the centre of pressure (METRICS.md 6)."""

from __future__ import annotations

import numpy as np

from insole.blocks import FloatArray
from insole.pipeline.metrics.contacts import Contacts
from insole.pipeline.metrics.metric import Metric, Needs


def peak_pressure_kpa(c: Contacts) -> FloatArray:
    """Highest unfiltered pressure of any cell during stance."""
    top = c.peak_kpa.max(axis=1)
    return np.where(np.isfinite(top), top, np.nan)


ROWS: tuple[Metric, ...] = (
    Metric(
        "peak_pressure_kpa", "Peak pressure", "kPa", "highest unfiltered pressure of any cell during stance",
        "METRICS.md 6.2", peak_pressure_kpa, needs=Needs.CELLS, of_pressure=True, decimals=0,
    ),
)  # fmt: skip
