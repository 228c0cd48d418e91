"""Flags in words: subject, value with unit, line, duration; then what studies say (METRICS.md 8.6, DESIGN.md 6).

In: a span of a condition. Out: `Flag`. Decimal points are points; a screen may write them as its locale does.
"""

from __future__ import annotations

import math

from insole.blocks import Flag, FlagState, Side
from insole.pipeline.flags.conditions import Condition
from insole.pipeline.flags.latch import Span
from insole.pipeline.flags.rules import When

_SIGNED = ("difference", "drift")


def flag_of(condition: Condition, span: Span) -> Flag:
    """The flag of a span; a left-right difference names the higher side."""
    rule, when, side, figures = condition.rule, condition.when, condition.side, span.figures
    if when.kind == "difference":
        side = Side.LEFT if figures.value > 0 else Side.RIGHT
    return Flag(
        rule=rule.id,
        state=span.state,
        side=side,
        from_s=span.from_s,
        to_s=figures.t_s,
        value=figures.value,
        low=figures.low,
        high=figures.high,
        limit=span.limit,
        unit=when.unit,
        evidence=rule.evidence,
        text=_sentence(when, side, span),
        metric=f"{when.metric}_asymmetry" if when.kind == "difference" else when.metric,
    )


def _sentence(when: When, side: Side | None, span: Span) -> str:
    figures = span.figures
    numbers = figures.value, figures.low, figures.high
    if when.kind in _SIGNED and figures.value < 0:
        numbers = -figures.value, -figures.high, -figures.low
    value, low, high = (f"{number:.{when.digits}f}" for number in numbers)
    name = "" if side is None else side.label
    adds = when.adds_on if span.state == FlagState.ON and when.adds_on else when.adds
    fields = {
        "side": name,
        "Side": name.capitalize(),
        "value": value,
        "low": low,
        "high": high,
        "limit": f"{span.limit:.3g}",
        "duration": duration(figures.t_s - span.from_s),
        "changed": "grew" if figures.value > 0 else "fell",
        "cadence": _cadence(figures.beside),
        "off": f"{100.0 * abs(1.0 - 1.0 / figures.value):.0f}" if figures.value else "",
        "off_direction": "low" if figures.value > 1 else "high",
    }
    quality = "Limited accuracy: watch at most." if figures.limited else ""
    return " ".join(part for part in (when.text, adds, quality) if part).format(**fields)


def _cadence(change_pct: float) -> str:
    """'; cadence fell by 1.2 %', or nothing where it is not known."""
    if math.isnan(change_pct):
        return ""
    return f"; cadence {'grew' if change_pct > 0 else 'fell'} by {abs(change_pct):.1f} %"


def duration(seconds: float) -> str:
    """'45 s', '2 min 10 s', '6 min', '1 h 5 min'."""
    whole = max(1, round(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    parts = (
        f"{hours} h" if hours else "",
        f"{minutes} min" if minutes else "",
        f"{rest} s" if rest and not hours else "",
    )
    return " ".join(part for part in parts if part)
