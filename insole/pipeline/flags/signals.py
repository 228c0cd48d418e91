"""How good each foot's signal is, as the flags see it.

In: one state a foot and tick. Out: readings for the conditions of kind "signal", but for the body-weight check, which
comes with the contacts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from insole.blocks import ContactTable, FloatArray, Side
from insole.pipeline.flags.conditions import Condition
from insole.pipeline.flags.measures import Reading
from insole.pipeline.statistics import Estimate

SIGNAL_EVERY = 10  # contacts


@dataclass(frozen=True, slots=True)
class SignalState:
    """How good one foot's signal was at one moment; NaN: not known.

    Parameters
    ----------
    t_s : float
        Recording time.
    side : Side
    loss_pct : float
        Frames lost over the last 60 s.
    saturation_pct : float
        Share of the loaded cell samples at full scale.
    faulty_cells : float
        Cells found dead or stuck.
    """

    t_s: float
    side: Side
    loss_pct: float = float("nan")
    saturation_pct: float = float("nan")
    faulty_cells: float = float("nan")


def signal_reading(states: Sequence[SignalState], condition: Condition) -> tuple[FloatArray, Reading]:
    """Times, (m,), and readings of the condition's field in the states of its side."""
    metric, side = condition.when.metric, condition.side
    found = [(state.t_s, getattr(state, metric)) for state in states if state.side == side]
    t_s, value = np.array(found, np.float64).reshape(-1, 2).T
    known = np.isfinite(value)
    unknown = np.full(len(value), np.nan)
    return t_s[known], Reading.where(known, Estimate(value, unknown, unknown), unknown > 0)


def signals_of(rows: ContactTable) -> list[SignalState]:
    """Saturation and faulty cells at every tenth contact of a foot."""
    return [
        SignalState(
            float(rows.strike_s[i]),
            Side(int(rows.side[i])),
            saturation_pct=float(rows.columns["saturated_pct"][i]),
            faulty_cells=float(rows.columns["faulty_cells"][i]),
        )
        for i in np.flatnonzero(rows.contact_id // 2 % SIGNAL_EVERY == 0).tolist()
    ]
