"""What the side panels say: short lines with a state. No Qt.

In: choices, what was opened, the session's link health. Out: `Line`s.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from insole.blocks import Health, Side
from insole.dashboard.model.words import NumberStyle, duration, side_name
from insole.dashboard.setup.choices import QUANTITIES, Choices
from insole.dashboard.setup.opening import seconds_that_fit
from insole.device import Device
from insole.fitting.check import FitState
from insole.fitting.mark import Mark
from insole.settings import Runner

LOW_BATTERY_PCT = 20.0
SHORT_S = 3600.0  # disk for less than this deserves a word


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is known, or not yet: a state, what it is, and a detail in grey."""

    mark: Mark
    title: str
    detail: str = ""


def source_line(choices: Choices, *, opening: bool, opened: bool, trouble: str) -> Line:
    """Whether the chosen source answers."""
    if trouble:
        return Line(Mark.FIX, "The source does not open", trouble)
    if not choices.source:
        return Line(Mark.WAITING, "No source yet", "Choose one, or try the synthetic runner")
    name = choices.source if choices.live else Path(choices.target).name
    if opening:
        return Line(Mark.WAITING, "Opening", name)
    return Line(Mark.PASS if opened else Mark.WAITING, "Source", name)


def device_lines(feet: Mapping[Side, Device], *, live: bool) -> list[Line]:
    """The insoles that are there, and the one that is not."""
    lines = [
        Line(Mark.PASS, f"{side_name(side)} insole" if side is not Side.BELT else "One force signal", _device(device))
        for side, device in sorted(feet.items())
    ]
    if feet and Side.BELT not in feet:
        for side in (Side.LEFT, Side.RIGHT):
            if side not in feet:
                goes_on = "The other foot is measured; what needs both is greyed out"
                lines.append(Line(Mark.FIX if live else Mark.SKIPPED, f"No {side.label} insole", goes_on))
    return lines


def _device(device: Device) -> str:
    cells = "1 force" if device.n_cells == 1 else f"{device.n_cells} cells"
    return f"{device.name}, {cells}, {device.rate_hz:g} Hz"


def fit_lines(state: FitState | None) -> list[Line]:
    """The steps of the fit check, the one that goes on with what it waits for."""
    if state is None:
        return []
    lines = []
    for i, one in enumerate(state.steps):
        now = i == state.current
        detail = f"{one.mark.value}: {one.detail}" if one.detail else one.mark.value
        if one.mark is Mark.WAITING:
            detail = f"Waiting: {state.saying}" if now and state.saying else "Waiting" if now else ""
        lines.append(Line(one.mark, one.step.title, detail))
    return lines


def fit_line(state: FitState | None, *, live: bool) -> Line:
    """The whole check in one line."""
    if not live:
        return Line(Mark.SKIPPED, "Fit check", "only with live insoles")
    if state is None:
        return Line(Mark.WAITING, "Fit check")
    marks, counts = [one.mark for one in state.steps], counted(state)
    if Mark.FIX in marks:
        return Line(Mark.FIX, "Fit check", counts)
    if not state.over:
        return Line(Mark.WAITING, "Fit check", counts)
    return Line(Mark.PASS if Mark.PASS in marks else Mark.SKIPPED, "Fit check", counts)


def counted(state: FitState) -> str:
    """'6 pass, 1 fix, 1 skipped'."""
    marks = [one.mark for one in state.steps]
    ended = (Mark.PASS, Mark.FIX, Mark.SKIPPED)
    return ", ".join(f"{n} {mark.value.lower()}" for mark in ended if (n := marks.count(mark)))


def finding_lines(state: FitState | None) -> list[Line]:
    """What the check has found."""
    return [] if state is None else [Line(one.mark, one.title, one.detail) for one in state.findings]


def swap_line() -> Line:
    """That left and right were exchanged by hand."""
    return Line(Mark.SKIPPED, "Left and right are swapped", "Each insole counts for the other foot than it says")


def kept_line() -> Line:
    """That zeros and gains come from the session before."""
    return Line(Mark.SKIPPED, "Zeros and gains are kept", "Of the session before; the fit check measures them anew")


def runner_line(runner: Runner) -> Line:
    """Who runs, and what stays unknown."""
    known = [runner.code or "No code"]
    known += [f"{q.shown(value)} {q.unit}" for q in QUANTITIES if (value := getattr(runner, q.name)) is not None]
    if runner.body_mass_kg is None:
        return Line(Mark.SKIPPED, " · ".join(known), "Body mass unknown: forces in newtons, no loading rate in BW/s")
    return Line(Mark.PASS, " · ".join(known), f"Shoe “{runner.shoe}”" if runner.shoe else "")


def battery_line(health: Health, style: NumberStyle) -> Line:
    """The batteries, where the insoles tell."""
    levels = {side: foot.battery_pct for side, foot in health.feet.items() if math.isfinite(foot.battery_pct)}
    if not levels:
        return Line(Mark.WAITING, "Battery", "The insoles have not said yet")
    text = ", ".join(f"{side_name(side).lower()} {style.number(pct, 0)} %" for side, pct in sorted(levels.items()))
    if min(levels.values()) < LOW_BATTERY_PCT:
        return Line(Mark.FIX, "Battery is low", f"{text}: charge before a long session")
    return Line(Mark.PASS, "Battery", text)


def disk_line(choices: Choices, feet: Mapping[Side, Device]) -> Line:
    """How long a recording fits."""
    if not choices.record:
        return Line(Mark.SKIPPED, "Not recording", "Nothing of this session will be kept")
    seconds = seconds_that_fit(Path(choices.folder), dict(feet))
    if seconds is None:
        return Line(Mark.WAITING, "Disk", "How much is free is known once the insoles are there")
    if seconds < SHORT_S:
        return Line(Mark.FIX, "Little room on the disk", f"Room for about {duration(seconds)} of recording")
    hours = seconds / 3600
    room = "days" if hours > 48 else f"about {hours:.0f} h"
    return Line(Mark.PASS, "Disk", f"Room for {room} of recording")
