"""The one line above everything: the worst thing first, faults before flags (DESIGN.md 2, 4 and 6). No Qt.

In: the scene and how the session is kept. Out: one frozen line with its level.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from insole.blocks import Flag, FlagState, Side
from insole.dashboard.model.playing import Playing
from insole.dashboard.model.scene import FEET, Link, Scene
from insole.dashboard.model.words import NumberStyle, clock, first_sentence, plural, sentence, side_name

SIGNAL_RULE = "signal_quality"  # a flag of the pipeline that speaks of the measurement, not of the runner


class Level(IntEnum):
    """How much attention the line asks for; each has its own shape and colour."""

    OFF = 0
    WATCH = 1
    ON = 2
    FAULT = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the strip says. `short` is the measured sentence alone, for small windows; `flag` is what Why explains."""

    level: Level
    head: str
    text: str
    short: str
    pills: tuple[str, ...] = ()
    flag: Flag | None = None


def verdict(scene: Scene, playing: Playing, style: NumberStyle) -> Verdict:
    """The line of the moment."""
    signals = [f for f in scene.shown_flags if f.rule == SIGNAL_RULE]
    flags = tuple(f for f in scene.shown_flags if f.rule != SIGNAL_RULE)
    fault = _fault(scene, playing)
    if fault is not None:
        head, text = fault
        return Verdict(Level.FAULT, head, text, text, _and_flags(flags), flags[0] if flags else None)
    if signals:
        text = style.localised(signals[0].text)
        rest = len(signals) - 1 + len(flags)
        pills = (f"and {rest} more",) if len(signals) > 1 else _and_flags(flags)
        return Verdict(Level.FAULT, "Signal", text, first_sentence(text), pills, signals[0])
    if flags:
        worst = flags[0]
        text = style.localised(worst.text)
        evidence = (f"Evidence {worst.evidence}",) if worst.evidence else ()
        more = (f"and {len(flags) - 1} more",) if len(flags) > 1 else ()
        on = worst.state == FlagState.ON
        level, head = (Level.ON, "On") if on else (Level.WATCH, "Watch")
        return Verdict(level, head, text, first_sentence(text), evidence + more, worst)
    if playing.live and not playing.recording and not scene.ended:
        text = "The session is shown and not kept."
        return Verdict(Level.WATCH, "Not recording", text, text)
    head, text = _quiet(scene, style)
    if scene.warnings:
        text = f"{text} {sentence(style.localised(scene.warnings[-1]))}"
    hidden = (plural(len(scene.hidden), "hidden flag"),) if scene.hidden and scene.settings.flags.enabled else ()
    return Verdict(Level.OFF, head, text, first_sentence(text), hidden)


def _fault(scene: Scene, playing: Playing) -> tuple[str, str] | None:
    """What failed, since when, what still works; None while everything delivers."""
    if scene.error is not None:
        kept = " What was recorded until then is kept." if playing.recording else ""
        return "Measuring stopped", f"{str(scene.error).removesuffix('.')}.{kept}"
    if scene.disk is not None and playing.recording and not scene.ended:  # a replay tells of a past disk
        since = clock(scene.t_s - (scene.disk.t_host_ns - scene.start_host_ns) / 1e9)
        return "Recording in trouble", f"for {since}: {sentence(scene.disk.detail)} Measuring goes on."
    lost = [side for side in FEET if scene.link(side) is Link.LOST]
    return None if scene.ended or not lost else _lost(scene, lost, playing)


def _lost(scene: Scene, lost: list[Side], playing: Playing) -> tuple[str, str]:
    silent = clock(min(scene.silent_s(side) for side in lost))
    still = [side for side in FEET if scene.link(side) is Link.UP]
    goes_on = "Nothing is measured until it is back."
    if still:
        goes_on = f"The {still[0].label} foot is still measured{' and recorded' if playing.recording else ''}."
    if Side.BELT in scene.feet:
        return "Signal lost", f"for {silent}. {goes_on}"
    if len(lost) == 2:
        return "Both insoles lost", f"for {silent}. Nothing is measured until one of them is back."
    side = lost[0]
    said = scene.link_detail(side)
    detail = f"{said}. " if said else ""
    if scene.foot_health(side).frames == 0:
        return f"No {side.label} insole", f"for {silent}: nothing came from it yet. {detail}{goes_on}"
    return f"{side_name(side)} insole lost", f"for {silent}. {detail}{goes_on}"


def _and_flags(flags: tuple[Flag, ...]) -> tuple[str, ...]:
    if not flags:
        return ()
    watch = [f for f in flags if f.state == FlagState.WATCH]
    if len(watch) == len(flags):
        return (f"and {plural(len(flags), 'watch flag')}",)
    return (f"and {plural(len(flags), 'flag')}",)


def _quiet(scene: Scene, style: NumberStyle) -> tuple[str, str]:
    """Nothing is wrong: say what there is."""
    if scene.ended:
        return "Ended", _end(scene)
    if scene.is_empty:
        return "Waiting", "No data yet."
    if not scene.settings.flags.enabled:
        return "Flags off", "Only faults are shown here. Numbers go on."
    if not scene.running_contacts:
        return "No running yet", "Numbers appear after 10 running contacts of a foot."
    return "No flags", _signal(scene, style)


def _end(scene: Scene) -> str:
    if scene.is_empty:
        return "The source held no data."
    if not scene.running_contacts:
        return "No running was found, so there are no running numbers."
    return "The source is at its end; the last values stay on the screen."


def _signal(scene: Scene, style: NumberStyle) -> str:
    limit = scene.settings.flags.limits.loss_pct
    up = [side for side in FEET if scene.link(side) is Link.UP]
    for side in up:
        loss = scene.foot_health(side).loss_pct
        if loss > limit:
            return f"{side_name(side)} insole loses {style.number(loss, 1)} % of its samples."
    if Side.BELT in scene.feet:
        return "Signal good."
    return "Signal good on both feet." if len(up) == 2 else f"Signal good on the {up[0].label} foot." if up else ""
