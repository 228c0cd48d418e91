"""The panel "Target and cue" and the footer's word on the cue. No Qt.

In: the scene, and what is wrong with the sound. Out: frozen texts; what is not known is a dash and a reason.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from insole.blocks import Side
from insole.dashboard.model.scene import Scene
from insole.dashboard.model.words import DASH, NumberStyle
from insole.feedback.baseline import TARGET_SHARE
from insole.feedback.progress import Change, Progress
from insole.feedback.prompt import Advice


@dataclass(frozen=True, slots=True)
class CueRow:
    """One figure: `value` strong, `spread` grey behind it."""

    label: str
    value: str
    spread: str = ""


@dataclass(frozen=True, slots=True)
class CueTexts:
    """Everything the panel says.

    Parameters
    ----------
    feet : str
        In the corner: which foot is cued.
    target : str
        A number or a dash.
    source : str
        Unit of the target, and where it came from.
    rows : tuple of CueRow
    note : str
        The last line.
    warns : bool
        That line asks to be looked at.
    """

    feet: str
    target: str
    source: str
    rows: tuple[CueRow, ...]
    note: str
    warns: bool


def cue_texts(scene: Scene, trouble: str, style: NumberStyle) -> CueTexts:
    """What the panel says now."""
    feedback, cue = scene.feedback, scene.settings.cue
    progress, delays = feedback.progress, feedback.delays
    cadence = cue.metric == "cadence_spm"
    target = cue.target_cadence_spm if cadence else scene.settings.target_valr_bw_s
    known = math.isfinite(progress.under_target)
    share = f"{style.number(100 * progress.under_target, 0)} %" if known else DASH
    measured = math.isfinite(delays.median_ms)
    median = f"{style.number(delays.median_ms, 0)} ms" if measured else DASH
    rows = (
        CueRow(f"Under target, last {progress.of or 60}", share),
        CueRow("Cue delay, median", median, f"(99 %: {style.number(delays.p99_ms, 0)})" if measured else ""),
        CueRow("Cues given, withheld", style.number(delays.given, 0), f"and {style.number(delays.withheld, 0)}"),
        _change_row("Cadence since cue", progress.cadence_spm, "steps/min", style),
        _change_row("Forefoot share", progress.forefoot_points, "points", style),
    )
    note = trouble or style.localised(progress.guard) or _quiet(progress)
    return CueTexts(
        _feet(scene),
        DASH if target is None else style.number(target, 0 if cadence else 1),
        _source(scene, style),
        rows,
        note,
        warns=bool(trouble or progress.guard),
    )


def _feet(scene: Scene) -> str:
    cued = [side for side in (Side.LEFT, Side.RIGHT) if scene.feedback.situation.cues(side)]
    return "both feet" if len(cued) != 1 else f"{cued[0].label} foot"


def _source(scene: Scene, style: NumberStyle) -> str:
    """Unit of the target and where it came from, or what is to be done about it."""
    settings, prompt = scene.settings, scene.feedback.prompt
    if prompt.advice is Advice.BASELINE:
        return f"baseline, {prompt.done} of {prompt.needed} contacts"
    if settings.cue.metric == "cadence_spm":
        own = settings.baseline.cadence_spm
        return "steps/min" if own is None else f"steps/min, baseline {style.number(own, 0)}"
    if settings.target_valr_bw_s is None:
        return "BW/s; + sets a first one"
    baseline = scene.feedback.situation.baseline
    if baseline is not None and baseline.done and settings.target_valr_bw_s == baseline.target_bw_s:
        return f"{style.number(TARGET_SHARE, 2)} × baseline {style.number(baseline.median_bw_s, 1)} BW/s"
    return "BW/s, set by hand"


def _change_row(label: str, change: Change, unit: str, style: NumberStyle) -> CueRow:
    if not math.isfinite(change.value):
        return CueRow(label, DASH, "no steps before")
    spread = style.half_width(change.low, change.high, 1)
    return CueRow(label, style.signed(change.value, 1), f"{spread} {unit}".strip())


def cue_status(scene: Scene, trouble: str, style: NumberStyle) -> tuple[tuple[str, str], ...]:
    """The footer's word: 'Cue', 'beep, 112 ms'; nothing while the sound is off."""
    sound = scene.feedback.situation.sound
    if sound == "off":
        return ()
    median = scene.feedback.delays.median_ms
    if trouble:
        state = "no sound"
    elif scene.settings.target_valr_bw_s is None:
        state = "no target"
    else:
        state = f"{style.number(median, 0)} ms" if math.isfinite(median) else ""
    return (("Cue", f"{sound}, {state}" if state else sound),)


def _quiet(progress: Progress) -> str:
    """What the guard says when it has nothing against it; nothing before it has something to compare."""
    return "" if math.isnan(progress.forefoot_points.value) else "No sign that load moved to the forefoot."
