"""What the Why drawer says of a flag: the measured sentence, its line, evidence for and against, what it does not say.

In: a flag and the scene. Out: frozen texts and places on one axis. The evidence stands with the rules of the pipeline;
what speaks against is shown beside what speaks for, always. No Qt.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from insole.blocks import Flag, FlagState, Side, Status
from insole.dashboard.model.scene import FEET, Scene
from insole.dashboard.model.verdict import SIGNAL_RULE, Level
from insole.dashboard.model.words import NumberStyle, duration, first_sentence, metric_name, side_name
from insole.pipeline.flags import RULES

GRADES = {
    "A": "Evidence A: replicated prospective studies",
    "B": "Evidence B: one large prospective study",
    "C": "Evidence C: conflicting",
    "D": "Evidence D: mechanism or opinion only",
}
NOT_SAID = "Nothing about an injury, now or later."
ASYMMETRY = "_asymmetry"


@dataclass(frozen=True, slots=True)
class WhyAxis:
    """Value, interval and lines on one axis."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    value: float
    interval: tuple[float, float]
    lines: tuple[tuple[float, str, str], ...]  # value, label, tint: on, watch, target
    unit: str


@dataclass(frozen=True, slots=True)
class WhyPage:
    """One drawer: `sections` are title and sentences."""

    flag: Flag
    level: Level
    head: str
    title: str
    statement: str
    grade: str
    axis: WhyAxis | None
    sections: tuple[tuple[str, tuple[str, ...]], ...]
    says_not: str


def why_page(scene: Scene, flag: Flag, style: NumberStyle) -> WhyPage:
    """The drawer of one flag."""
    rule = RULES.get(flag.rule)
    supports, against = (rule.why_for, rule.why_against) if rule is not None else ((), ())
    sections = (
        ("For", tuple(style.localised(s) for s in supports)),
        ("Against", tuple(style.localised(s) for s in against)),
        ("This measurement", _measurement(scene, flag, style)),
    )
    on = flag.state == FlagState.ON
    level, head = (Level.ON, "On") if on else (Level.WATCH, "Watch")
    if flag.rule == SIGNAL_RULE:
        level, head = Level.FAULT, "Signal"
    return WhyPage(
        flag,
        level,
        head,
        _title(flag),
        _statement(scene, flag, style),
        GRADES.get(flag.evidence, f"Evidence {flag.evidence}" if flag.evidence else ""),
        _axis(scene, flag, style),
        tuple(section for section in sections if section[1]),
        rule.not_said if rule is not None else NOT_SAID,
    )


def _title(flag: Flag) -> str:
    """'Left foot: loading rate'; a difference belongs to both feet."""
    if flag.metric.endswith(ASYMMETRY):
        return f"Left–right difference: {metric_name(flag.metric.removesuffix(ASYMMETRY)).lower()}"
    rule = RULES.get(flag.rule)
    title = flag.rule.replace("_", " ") if rule is None else rule.title
    return f"{title[:1].upper()}{title[1:]}" if flag.side not in FEET else f"{side_name(flag.side)} foot: {title}"


def _statement(scene: Scene, flag: Flag, style: NumberStyle) -> str:
    """The measured sentence, and what it would take to go on from watch."""
    limits = scene.settings.flags.limits
    text = first_sentence(style.localised(flag.text))
    if flag.rule != "high_loading_rate" or flag.state != FlagState.WATCH:
        return text
    number = scene.numbers.get((flag.metric, flag.side))
    if number is not None and number.status == Status.LIMITED:
        return f"{text} Its accuracy is limited, which keeps it from “On”."
    persist = duration(scene.settings.flags.persist_s)
    return f"{text} “On” needs the whole interval above {style.number(limits.valr_on_bw_s, 0)} for {persist}."


def _measurement(scene: Scene, flag: Flag, style: NumberStyle) -> tuple[str, ...]:
    """What is known of the measurement behind the flag."""
    sides = FEET if flag.side not in FEET else (flag.side,)
    devices = [device for side in sides if (device := scene.device(side)) is not None]
    out = []
    if devices:
        rate = style.number(devices[0].rate_hz, 0)
        numbers = [scene.numbers.get((flag.metric, side)) for side in sides]
        quality = next((n.reason or n.status.quality.replace("_", " ") for n in numbers if n is not None), "")
        out.append(f"{rate} Hz, {devices[0].n_cells} cells" + (f", quality {quality}" if quality else ""))
        if devices[0].u_cal > 0:
            out.append(f"the interval includes {style.number(devices[0].u_cal * 100, 0)} % calibration")
    if flag.metric == "valr_bw_s":
        out.append("incline and speed change it: compare like with like")
    if flag.side is None and not scene.gains_known:
        out.append("left and right gain are not known against each other")
    return tuple(out)


def _axis(scene: Scene, flag: Flag, style: NumberStyle) -> WhyAxis | None:
    """An axis that holds value, interval and every line."""
    if not (math.isfinite(flag.value) and math.isfinite(flag.limit)):
        return None
    low = flag.low if math.isfinite(flag.low) else flag.value
    high = flag.high if math.isfinite(flag.high) else flag.value
    lines = [(flag.limit, style.number(flag.limit, 0 if flag.limit % 1 == 0 else 1), _token(flag))]
    if flag.metric == "valr_bw_s" and flag.rule == "high_loading_rate":
        limits = scene.settings.flags.limits
        lines = [
            (limits.valr_watch_bw_s, style.number(limits.valr_watch_bw_s, 0), "watch"),
            (limits.valr_on_bw_s, style.number(limits.valr_on_bw_s, 0), "on"),
        ]
        target = scene.settings.target_valr_bw_s
        if target is not None:
            lines.append((target, f"target {style.number(target, 0)}", "target"))
    points = [low, high, flag.value, *(value for value, _, _ in lines)]
    span = max(max(points) - min(points), 1e-9)
    step = _nice(span * 2 / 3)
    first = np.floor((min(points) - 0.4 * span) / step) * step
    last = np.ceil((max(points) + 0.4 * span) / step) * step
    digits = max(0, -int(np.floor(np.log10(step) + 1e-9)))
    ticks = tuple((float(t), style.number(float(t), digits)) for t in np.arange(first, last + step / 2, step))
    return WhyAxis(float(first), float(last), ticks, flag.value, (low, high), tuple(lines), flag.unit)


def _token(flag: Flag) -> str:
    return "on" if flag.state == FlagState.ON else "watch"


def _nice(step: float) -> float:
    """The next of 1, 2, 5, 10, 20 ... at or above a step."""
    power = 10.0 ** np.floor(np.log10(step))
    return float(power * next(m for m in (1, 2, 5, 10) if m * power >= step * (1 - 1e-9)))


def flag_side(flag: Flag) -> Side | None:
    """The foot a flag speaks of, None for both."""
    return flag.side if flag.side in FEET else None
