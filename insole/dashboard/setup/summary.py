"""What stands left and right of the page at a moment. In: the flow, and what is entered. Out: lines."""

from __future__ import annotations

from dataclasses import dataclass, replace

from insole.dashboard.model.words import NumberStyle
from insole.dashboard.setup.choices import Choices
from insole.dashboard.setup.flow import Flow
from insole.dashboard.setup.lines import (
    Line,
    battery_line,
    device_lines,
    disk_line,
    finding_lines,
    fit_line,
    kept_line,
    runner_line,
    source_line,
    swap_line,
)
from insole.dashboard.setup.step import Step
from insole.fitting.check import FitState
from insole.fitting.mark import Mark


@dataclass(frozen=True, slots=True)
class Summary:
    """Lines of the two side panels.

    Parameters
    ----------
    source, runner, fit : Line
        What came of each step.
    found : tuple of Line
        What is known.
    """

    source: Line
    runner: Line
    fit: Line
    found: tuple[Line, ...]

    def steps(self, reached: Step) -> list[Line]:
        """The steps with what came of each, as far as they were reached."""
        code_and_mass = " · ".join(self.runner.title.split(" · ")[:2])
        lines = (
            replace(self.source, title="Source"),
            replace(self.runner, title="Runner", detail=code_and_mass),
            self.fit,
            Line(Mark.WAITING, "Start"),
        )
        return [
            line if step <= reached else Line(Mark.WAITING, line.title) for step, line in zip(Step, lines, strict=True)
        ]


def summary(flow: Flow, entered: Choices, step: Step, style: NumberStyle) -> Summary:
    """What is known at a step, with what is entered and not yet used."""
    opened, state = flow.opened, flow.fit_state
    current = entered.source == flow.choices.source
    source = source_line(
        entered,
        opening=flow.opening or not current,
        opened=opened is not None,
        trouble=flow.trouble if current else "",
    )
    runner = runner_line(flow.recorded or entered.runner)
    return Summary(
        source,
        runner,
        fit_line(state, live=entered.live),
        tuple(_found(flow, entered, step, style, state, source, runner)),
    )


def _found(
    flow: Flow, entered: Choices, step: Step, style: NumberStyle, state: FitState | None, source: Line, runner: Line
) -> list[Line]:
    feet = flow.opened.feet if flow.opened is not None else {}
    findings = finding_lines(state)
    if step is Step.FIT and findings:
        lines = findings
    else:
        lines = [source, *device_lines(feet, live=entered.live), runner]
        lines += [line for line in findings if line.mark is Mark.FIX and step is Step.START]
    if entered.swap_feet:
        lines.append(swap_line())
    if flow.kept is not None and entered.live and not findings:
        lines.append(kept_line())
    if flow.session is not None and entered.live:
        lines.append(battery_line(flow.session.scene.health, style))
    if entered.live:
        lines.append(disk_line(entered, feet))
    return lines
