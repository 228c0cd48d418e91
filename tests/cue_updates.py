"""Sessions and hand-made updates for the tests of feedback."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from dashboard_updates import empty_update

from insole.blocks import ContactTable, EarlyRate, FootHealth, Health, Kind, SettingChange, Side, Status, Update

FEET = (Side.LEFT, Side.RIGHT)
START_NS = 5_000_000_000_000
STEP_S = 0.35


def rate(side: Side, t_s: float, valr_bw_s: float, status: Status = Status.OK) -> EarlyRate:
    """A contact's loading rate before toe-off; a contact is named by its time."""
    return EarlyRate(round(t_s * 1e3), side, t_s, valr_bw_s, 1.0, status)


def early(*rates: EarlyRate, t_s: float | None = None, **more: object) -> Update:
    """An update that holds them, 80 ms after the last."""
    reached = (rates[-1].t_s if rates else 0.0) + 0.08 if t_s is None else t_s
    return replace(empty_update(reached), early=rates, **more)  # type: ignore[arg-type]


def foot(side: Side, values: list[float], from_s: float = 0.0) -> Update:
    """Contacts of one foot, a stride apart."""
    return early(*[rate(side, from_s + 2 * STEP_S * i, value) for i, value in enumerate(values)])


def change(t_s: float, key: str, value: float | str) -> SettingChange:
    """A setting changed at a recording time."""
    return SettingChange(START_NS + round(t_s * 1e9), key, value)


def rows(
    n: int,
    *,
    from_s: float = 0.0,
    left: float = 72.5,
    right: float = 62.0,
    step_ms: float = 350.0,
    strike: float = 20.0,
) -> ContactTable:
    """Running contacts of both feet in turn, with a little spread from step to step."""
    wiggle = np.resize([0.97, 1.01, 1.02, 1.0], n).repeat(2)[:n]
    side = np.resize([int(Side.LEFT), int(Side.RIGHT)], n).astype(np.int8)
    t_s = from_s + STEP_S * np.arange(n)
    columns = {
        "valr_bw_s": np.where(side == Side.LEFT, left, right) * wiggle,
        "step_time_ms": step_ms * wiggle,
        "strike_index_pct": np.full(n, strike),
    }
    kind, quality = np.full(n, Kind.RUN, np.int8), np.zeros(n, np.uint16)
    return ContactTable(np.arange(n), side, kind, t_s, t_s + 0.25, quality, columns)


def whole(table: ContactTable, **more: object) -> Update:
    """An update that holds these rows."""
    return replace(empty_update(float(table.strike_s[-1]) + 0.3), contacts=table, **more)  # type: ignore[arg-type]


def health(**silent_s: float) -> Health:
    """Both feet, silent for so long."""
    return Health(feet={side: FootHealth(frames=9000, silent_s=silent_s.get(side.label, 0.0)) for side in FEET})
