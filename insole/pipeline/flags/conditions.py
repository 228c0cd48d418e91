"""Measurements held against their lines: one function a kind of condition, as rules.toml names them.

In: a `Reading` of one foot, the condition, the lines in force and the runner's own baseline. Out: `Judged`: how far the
measurement is towards each line, 1 at the line, and the numbers to show. Where METRICS.md 8.2 says so or leaves it
open, the bound of the interval nearer to the usual is held against the line, so that chance seldom crosses it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple

import numpy as np

from insole.blocks import BoolArray, FloatArray, Side
from insole.device import Device
from insole.pipeline.flags.latch import Judged, Latch, Span, Timing
from insole.pipeline.flags.measures import OWN_VARIATION, Reading
from insole.pipeline.flags.rules import RULES, Rule, When
from insole.pipeline.rolling import FEET
from insole.pipeline.statistics import Estimate, with_calibration
from insole.settings import Baseline, Limits, Settings

PEDAR_CELLS, PEDAR_CELL_MM2 = 64, (75.0, 250.0)  # the line of Tessutti 2010 holds for cells of about this size
SAME_CADENCE = "cadence_spm"


class Terms(NamedTuple):
    """What a reading is judged by."""

    when: When
    limits: Limits
    baseline: Baseline
    u_cal: float

    def line(self, name: str) -> float:
        """One of the lines in settings.flags.limits."""
        value: float = getattr(self.limits, name)
        return value

    def own(self, name: str) -> float:
        """One of the runner's own values; conditions whose value is not given are left out before they get here."""
        value: float = getattr(self.baseline, name)
        return value


@dataclass(slots=True, eq=False)
class Condition:
    """One condition of one foot (without a side: of both) and its state."""

    place: int  # in the table of rules
    rule: Rule
    when: When
    side: Side | None
    terms: Terms
    latch: Latch

    def judge(self, t_s: FloatArray, reading: Reading, timing: Timing) -> list[Span]:
        """Take readings at times `t_s`, (m,); the spans that ended."""
        return self.latch.run(KINDS[self.when.kind](t_s, reading, self.terms), timing)


def conditions(settings: Settings, feet: Mapping[Side, Device]) -> Iterator[Condition]:
    """Every condition that these devices and this baseline allow, in the order of the table of rules."""
    devices = {side: feet.get(side, feet.get(Side.BELT)) for side in FEET}
    place = count()
    for rule in RULES.values():
        for when in rule.when:
            for side in _sides(when, devices):
                device = None if side is None else devices[side]
                if _has_own_values(when, settings.baseline) and (device is None or _suits(when, device)):
                    terms = Terms(when, settings.flags.limits, settings.baseline, device.u_cal if device else 0.0)
                    latch = Latch(at_once=when.kind == "signal", patient=when.kind == "difference")
                    yield Condition(next(place), rule, when, side, terms, latch)


def _sides(when: When, devices: Mapping[Side, Device | None]) -> tuple[Side | None, ...]:
    there = tuple(side for side, device in devices.items() if device is not None)
    if when.kind == "difference":
        return (None,) if len(there) == len(FEET) else ()
    return (None,) if when.metric == "k_dyn" else there


def _has_own_values(when: When, baseline: Baseline) -> bool:
    """Without the runner's own value there is no comparison."""
    names = [name for name in (when.baseline, when.spread) if name]
    names += [SAME_CADENCE] if when.same_cadence else []
    names += OWN_VARIATION if when.kind == "variability" else []
    return all(getattr(baseline, name) is not None for name in names)


def _suits(when: When, device: Device) -> bool:
    """Whether the cells are many enough, and of the size that the line was found with."""
    if when.pedar_type_cells:
        low, high = PEDAR_CELL_MM2
        return device.n_cells >= PEDAR_CELLS and low <= float(np.mean(device.area_mm2)) <= high
    return device.n_cells >= when.least_cells


def absolute(t_s: FloatArray, reading: Reading, terms: Terms) -> Judged:
    """The lower bound, calibration included (METRICS.md 3.5), against a line in the unit of the metric."""
    value, low, high = with_calibration(Estimate(reading.value, reading.low, reading.high), terms.u_cal)
    on_limit = terms.line(terms.when.on)
    watch_limit = terms.line(terms.when.watch) if terms.when.watch else on_limit
    return _judged(t_s, reading, (value, low, high), (low / watch_limit, low / on_limit), (watch_limit, on_limit))


def above_baseline(t_s: FloatArray, reading: Reading, terms: Terms) -> Judged:
    """The value against a multiple of the runner's own; the whole interval must lie a little above it too."""
    own, ratio = terms.own(terms.when.baseline), terms.line(terms.when.on)
    reached = reading.value / (own * ratio)
    shown = tuple(100.0 * (part / own - 1.0) for part in (reading.value, reading.low, reading.high))
    limit = 100.0 * (ratio - 1.0)
    return _judged(
        t_s, reading, shown, (reached, reached), (limit, limit), reading.low > own * terms.limits.baseline_low_ratio
    )


def below_baseline(t_s: FloatArray, reading: Reading, terms: Terms) -> Judged:
    """What the upper bound falls short of the runner's own value, against the shortfall of the line."""
    own, ratio = terms.own(terms.when.baseline), terms.line(terms.when.on)
    reached = (1.0 - reading.high / own) / (1.0 - ratio)
    shown = tuple(100.0 * part / own for part in (reading.value, reading.low, reading.high))
    return _judged(t_s, reading, shown, (reached, reached), (100.0 * ratio, 100.0 * ratio))


def deviation(t_s: FloatArray, reading: Reading, terms: Terms) -> Judged:
    """The nearer bound's distance from the runner's own mean, against a number of the runner's own SDs."""
    own, sd, line = terms.own(terms.when.baseline), terms.own(terms.when.spread), terms.line(terms.when.on)
    falls = terms.when.falls
    reached = ((own - reading.high) if falls else (reading.low - own)) / (sd * line)
    limit = own - line * sd if falls else own + line * sd
    return _judged(t_s, reading, (reading.value, reading.low, reading.high), (reached, reached), (limit, limit))


def share(t_s: FloatArray, reading: Reading, terms: Terms) -> Judged:
    """A share of contacts, in percent, against a line."""
    limit = terms.line(terms.when.on)
    reached = reading.value / limit
    return _judged(t_s, reading, (reading.value, reading.low, reading.high), (reached, reached), (limit, limit))


def difference(t_s: FloatArray, reading: Reading, terms: Terms) -> Judged:
    """The bound nearest to zero of a left-right difference, against a line (METRICS.md 7.4)."""
    limit = terms.line(terms.when.on)
    nearest = np.maximum(np.maximum(reading.low, -reading.high), 0.0)
    reached = nearest / limit
    return _judged(t_s, reading, (reading.value, reading.low, reading.high), (reached, reached), (limit, limit))


def drift(t_s: FloatArray, reading: Reading, terms: Terms) -> Judged:
    """The change in either direction against a line, when its interval leaves out zero."""
    limit = terms.line(terms.when.on)
    reached = np.abs(reading.value) / limit
    one_sided = (reading.low > 0) | (reading.high < 0)
    shown = (reading.value, reading.low, reading.high)
    return _judged(t_s, reading, shown, (reached, reached), (limit, limit), one_sided)


def variability(t_s: FloatArray, reading: Reading, terms: Terms) -> Judged:
    """A multiple of the runner's own variation against a line."""
    return share(t_s, reading, terms)


def signal(t_s: FloatArray, reading: Reading, terms: Terms) -> Judged:
    """A fault of the signal against its line; never a watch. The body-weight check counts by its distance from 1."""
    limit = terms.line(terms.when.on)
    fault = np.abs(reading.value - 1.0) if terms.when.metric == "k_dyn" else reading.value
    reached = fault / limit if limit > 0 else np.where(fault > 0, np.inf, 0.0)
    never = np.full(len(t_s), np.nan)
    shown = (reading.value, reading.low, reading.high)
    return _judged(t_s, reading, shown, (never, reached), (limit, limit), fault > limit)


KINDS: Mapping[str, Callable[[FloatArray, Reading, Terms], Judged]] = {
    "absolute": absolute,
    "above_baseline": above_baseline,
    "below_baseline": below_baseline,
    "deviation": deviation,
    "share": share,
    "difference": difference,
    "drift": drift,
    "variability": variability,
    "signal": signal,
}


def _judged(
    t_s: FloatArray,
    reading: Reading,
    shown: tuple[FloatArray, ...],
    reached: tuple[FloatArray, FloatArray],
    lines: tuple[float, float],
    sure: BoolArray | None = None,
) -> Judged:
    """Limited data gets no further than watch (METRICS.md 8.1)."""
    value, low, high = shown
    watch, on = reached
    return Judged(
        t_s,
        value,
        low,
        high,
        reading.beside,
        reading.limited,
        watch,
        np.where(reading.limited, np.nan, on),
        np.ones(len(t_s), np.bool_) if sure is None else sure,
        *lines,
    )
