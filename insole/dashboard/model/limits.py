"""The lines of the flags that a person changes during a session: names, steps, what they are now. No Qt.

In: settings. Out: rows, and the key and value of a change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from insole.dashboard.model.words import NumberStyle
from insole.settings import Settings


@dataclass(frozen=True, slots=True)
class Limit:
    """One line: dotted key of the settings, what it is called, how far one press moves it."""

    key: str
    name: str
    unit: str
    step: float
    digits: int = 0


LIMITS = (
    Limit("flags.limits.valr_watch_bw_s", "Loading rate, watch", "BW/s", 1.0),
    Limit("flags.limits.valr_on_bw_s", "Loading rate, on", "BW/s", 1.0),
    Limit("flags.limits.asymmetry_valr_pct", "Difference, loading rate", "%", 1.0),
    Limit("flags.limits.asymmetry_peak_force_pct", "Difference, peak force", "%", 1.0),
    Limit("flags.limits.asymmetry_impulse_pct", "Difference, impulse", "%", 1.0),
    Limit("flags.limits.asymmetry_contact_time_pct", "Difference, contact time", "%", 0.5, 1),
    Limit("flags.limits.heel_pressure_kpa", "Heel pressure", "kPa", 5.0),
    Limit("flags.limits.loss_pct", "Loss of samples", "%", 0.5, 1),
    Limit("flags.persist_s", "On after", "s", 5.0),
)


def value_of(settings: Settings, limit: Limit) -> float:
    """What the line is now."""
    node: Any = settings
    for part in limit.key.split("."):
        node = getattr(node, part)
    return float(node)


def text_of(settings: Settings, limit: Limit, style: NumberStyle) -> str:
    """With its unit."""
    return f"{style.number(value_of(settings, limit), limit.digits)} {limit.unit}"


def moved(settings: Settings, limit: Limit, steps: int) -> float:
    """The value so many steps away.

    Raises
    ------
    SettingsError
        It would be out of range, or on would lie below watch; says what is expected.
    """
    value = round((value_of(settings, limit) + steps * limit.step) / limit.step) * limit.step
    settings.changed(limit.key, value)
    return value
