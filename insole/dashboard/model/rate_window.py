"""What the rate panel draws of the last minute: dots, medians, lines, and why there are none. Plain numpy, no Qt.

In: the plot history of the scene. Out: frozen arrays and labels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from insole.blocks import BoolArray, FloatArray, Side
from insole.dashboard.model.history import joined
from insole.dashboard.model.scales import Range
from insole.dashboard.model.scene import FEET, Scene
from insole.dashboard.model.words import NumberStyle

LONGEST_GAP_S = 3.0  # between contacts of one foot; a running median does not bridge more
FEWEST_FOR_BULK = 20
RECENT = 50  # contacts that are looked at to say that none has a loading rate


@dataclass(frozen=True, slots=True, eq=False)
class FootRates:
    """One foot's contacts: values on the axis, `hollow` where limited or beyond it; medians with what joins them."""

    t_s: FloatArray
    value: FloatArray
    hollow: BoolArray
    beyond: BoolArray
    median_t_s: FloatArray
    median: FloatArray
    join: BoolArray

    def first_median(self, start_s: float) -> tuple[float, float] | None:
        """Time and height of the first known median at or after a time."""
        seen = np.flatnonzero(np.isfinite(self.median) & (self.median_t_s >= start_s))
        return (float(self.median_t_s[seen[0]]), float(self.median[seen[0]])) if len(seen) else None


def axis_must_hold(scene: Scene, start_s: float) -> FloatArray:
    """Running medians of both feet, and the range of nine in ten of their contacts."""
    rows = [scene.rates[side].since(start_s) for side in FEET]
    values = np.concatenate([row["value"] for row in rows])
    known = values[np.isfinite(values)]
    bulk = np.percentile(known, [5, 95]) if len(known) >= FEWEST_FOR_BULK else np.empty(0)
    return np.concatenate([bulk, *(row["median"] for row in rows)])


def foot_rates(scene: Scene, side: Side, start_s: float, axis: Range) -> FootRates:
    """One foot's contacts since a time; values beyond the axis are moved to its edge and marked."""
    rows = scene.rates[side].since(start_s)
    known = np.isfinite(rows["value"])
    value = rows["value"][known]
    beyond = (value < axis.low) | (value > axis.high)
    median = np.clip(rows["median"], axis.low, axis.high)
    return FootRates(
        t_s=rows["t_s"][known],
        value=np.clip(value, axis.low, axis.high),
        hollow=(rows["limited"][known] > 0) | beyond,
        beyond=beyond,
        median_t_s=rows["t_s"].copy(),
        median=median,
        join=joined(rows["t_s"], median, LONGEST_GAP_S),
    )


@dataclass(frozen=True, slots=True)
class LevelLine:
    """A horizontal line; `tint` is on, watch, target or baseline."""

    value: float
    label: str
    tint: str


def level_lines(scene: Scene, style: NumberStyle) -> tuple[LevelLine, ...]:
    """The lines of the loading rate; those of the flags go in no-flags mode."""
    settings = scene.settings
    out = []
    if settings.flags.enabled:
        for name, value in (
            ("on", settings.flags.limits.valr_on_bw_s),
            ("watch", settings.flags.limits.valr_watch_bw_s),
        ):
            out.append(LevelLine(value, f"{name.capitalize()} {_short(value, style)}", name))
    if settings.target_valr_bw_s is not None:
        value = settings.target_valr_bw_s
        out.append(LevelLine(value, f"Target {_short(value, style)}", "target"))
    if settings.baseline.valr_bw_s is not None:
        value = settings.baseline.valr_bw_s
        out.append(LevelLine(value, f"Baseline {_short(value, style)}", "baseline"))
    return tuple(out)


def _short(value: float, style: NumberStyle) -> str:
    return style.number(value, 0 if value == round(value) else 1)


def withheld_reason(scene: Scene) -> str:
    """Why contacts come and none of them has a loading rate; empty when one has."""
    recent = (scene.rates[side].since(-np.inf)["value"][-RECENT:] for side in FEET)
    if not scene.running_contacts or any(np.isfinite(values).any() for values in recent):
        return ""
    numbers = (scene.numbers.get(("valr_bw_s", side)) for side in FEET)
    return next(
        (n.reason or n.status.text for n in numbers if n is not None and n.status.quality == "not_measured"), ""
    )
