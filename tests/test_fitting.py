"""The fit check on synthetic people whose insoles are right, swapped, miswired, dead or alone."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
from fit_checks import checked, stream, with_swapped_feet

from insole.analysis import analyse
from insole.blocks import Marker, PressureBlock, SettingChange, Side
from insole.device import Device, force_device
from insole.fitting.check import FitCheck, FitState
from insole.fitting.findings import Finding
from insole.fitting.mark import Mark
from insole.fitting.steps import BEGIN, SKIPPED, STEPS, impossible, marker
from insole.fitting.watch import FootWatch
from insole.pipeline import Pipeline
from insole.recording import Header, Recorder, open_recording
from insole.settings import Runner
from insole.sources.synthetic import SyntheticOptions


def options(**chosen: object) -> SyntheticOptions:
    return SyntheticOptions(fit=True, seconds=70.0, rate_hz=100.0, **chosen)  # type: ignore[arg-type]


@cache
def good() -> tuple[FitCheck, list[object], Header]:
    return checked(options())  # type: ignore[return-value]


def marks(state: FitState) -> list[Mark]:
    return [step.mark for step in state.steps]


def details(state: FitState) -> dict[str, str]:
    return {step.step.name: step.detail for step in state.steps}


def finding(state: FitState, title: str) -> Finding:
    [found] = [one for one in state.findings if title in one.title]
    return found


def test_insoles_that_are_right_pass_every_step_by_themselves() -> None:
    check, *_ = good()
    assert marks(check.state) == [Mark.PASS] * 8
    assert check.state.over
    assert check.state.current == -1
    assert details(check.state)["left heel"] == "left insole, heel answered"
    assert " of 686 N" in details(check.state)["stance"]
    assert [one.mark for one in check.state.findings] == [Mark.PASS] * 6
    assert finding(check.state, "gain known").detail.startswith("L 1.0")
    assert check.state.faulty == {Side.LEFT: (), Side.RIGHT: ()}


def test_the_recording_of_a_check_tells_all_of_it_again(tmp_path: Path) -> None:
    check, everything, header = good()
    path = tmp_path / "fit.mcap"
    with Recorder(path, header) as recorder:
        recorder(everything)  # type: ignore[arg-type]
    recording = open_recording(path)
    pipeline = Pipeline(header.feet, header.settings, header.runner, header.start_host_ns)
    again = FitCheck(recording.header)
    asked: list[Marker] = []
    heard: list[Marker] = []
    for inputs in recording.inputs():
        for item in inputs:
            update = pipeline.push([item])
            heard += [event for event in update.events if isinstance(event, Marker)]
            asked += again.take(update)
    assert [(m.kind, m.label) for m in heard if m.kind == "fit_check" and m.label.endswith(BEGIN)] == [
        ("fit_check", f"{step.name} begin") for step in STEPS
    ]
    assert marks(again.state) == marks(check.state)
    gains = analyse(path).header.settings.calibration
    assert gains.lr_known
    assert gains.gain_left == pytest.approx(1.0, abs=0.03)


def test_feet_that_are_swapped_are_found_and_swapping_them_passes() -> None:
    check, *_ = checked(replace(options(swapped=True), seconds=30.0))
    assert marks(check.state)[:3] == [Mark.PASS, Mark.PASS, Mark.FIX]
    assert check.state.swap_offered
    assert finding(check.state, "swapped").mark is Mark.FIX
    swapped, *_ = checked(options(swapped=True), change=with_swapped_feet)
    assert marks(swapped.state) == [Mark.PASS] * 8


def test_taps_alone_find_swapped_feet() -> None:
    """Without a body mass nobody stands on one leg for a gain."""
    check, *_ = checked(options(swapped=True), change=lambda h: replace(h, runner=Runner()))
    assert marks(check.state)[1:4] == [Mark.SKIPPED] * 3
    assert details(check.state)["left"] == "no body mass"
    assert details(check.state)["left heel"] == "the left tap came from the right insole"
    assert check.state.swap_offered


def test_to_go_on_as_it_is_is_a_decision_that_keeps_what_was_found() -> None:
    def wish(state: FitState, t_s: float) -> list[Marker]:
        stuck = state.current >= 0 and state.steps[state.current].mark is Mark.FIX
        return [marker(state.steps[state.current].step, SKIPPED, round(1e12 + t_s * 1e9))] if stuck else []

    check, everything, _ = checked(options(reversed_left=True), wish)
    assert marks(check.state) == [Mark.PASS] * 4 + [Mark.FIX] * 2 + [Mark.PASS] * 2
    assert "the heel tap arrives at the toes" in details(check.state)["left heel"]
    assert finding(check.state, "Channel map of the left insole").mark is Mark.FIX
    labels = [item.label for item in everything if isinstance(item, Marker) and item.kind == "fit_check"]
    assert "left heel skipped" in labels


def test_dead_and_stuck_cells_are_named() -> None:
    check, *_ = checked(options(dead_left=(3,), stuck_right=(7,)))
    assert check.state.faulty == {Side.LEFT: (3,), Side.RIGHT: (7,)}
    assert finding(check.state, "Left cell 3 does not answer").mark is Mark.FIX
    assert finding(check.state, "Right cell 7 reads a load in the air").mark is Mark.FIX
    assert marks(check.state) == [Mark.PASS] * 8


def test_one_insole_is_checked_for_what_it_can_show() -> None:
    check, *_ = checked(options(feet="left"))
    assert marks(check.state) == [
        Mark.PASS, Mark.SKIPPED, Mark.PASS, Mark.SKIPPED, Mark.PASS, Mark.PASS, Mark.SKIPPED, Mark.SKIPPED,
    ]  # fmt: skip
    assert details(check.state)["right"] == "no right insole"


def test_everything_can_be_skipped_at_once() -> None:
    def wish(state: FitState, t_s: float) -> list[Marker]:
        at_ns = round(1e12 + t_s * 1e9)
        waiting = [one.step for one in state.steps if one.mark is Mark.WAITING]
        return [marker(step, SKIPPED, at_ns) for step in waiting] if t_s > 1.6 else []

    check, everything, _ = checked(options(), wish)
    assert marks(check.state) == [Mark.SKIPPED] * 8
    assert check.state.over
    refused = [one for one in everything if isinstance(one, Marker) and one.label == "unloaded end"]
    assert len(refused) == 1  # the phase that went on was ended
    assert check.state.findings == ()


def test_a_step_can_be_repeated() -> None:
    currents: list[int] = []

    def wish(state: FitState, t_s: float) -> list[Marker]:
        currents.append(state.current)
        if state.current == 1 and currents.count(1) == 1:
            return [marker(STEPS[0], BEGIN, round(1e12 + t_s * 1e9))]
        return []

    checked(replace(options(), seconds=8.0), wish)
    assert [current for current, _ in groupby(currents)] == [-1, 0, 1, 0]


def test_what_makes_no_sense_is_left_out_and_said() -> None:
    runner = Runner(body_mass_kg=70.0)
    belt = {Side.BELT: force_device("belt", 500.0, 1.0)}
    assert {impossible(step, belt, runner) for step in STEPS} == {"one force signal for both feet"}
    plain = dict.fromkeys((Side.LEFT, Side.RIGHT), force_device("sum", 100.0, 1.0))
    assert [step.name for step in STEPS if impossible(step, plain, runner)] == ["left toes", "right toes"]
    both = dict.fromkeys((Side.LEFT, Side.RIGHT), Device.named("demo16"))
    assert not any(impossible(step, both, runner) for step in STEPS)


def test_the_check_says_what_it_waits_for() -> None:
    said: list[str] = []

    def wish(state: FitState, _t_s: float) -> list[Marker]:
        said.append(state.saying)
        return []

    checked(options(), wish)
    words = list(dict.fromkeys(said))
    for sentence in ("hold still", "stand on both feet", "lift the right foot", "tap three times"):
        assert sentence in words


def test_feet_cannot_be_swapped_in_the_middle_of_a_session() -> None:
    header, batches = stream(options())
    pipeline = Pipeline(header.feet, header.settings, header.runner, header.start_host_ns)
    pipeline.push(next(batches))
    update = pipeline.push([SettingChange(0, "swap_feet", value=True)])
    assert "begin a new one" in update.warnings[-1]


def test_a_foot_that_is_put_down_is_no_tap() -> None:
    watch = FootWatch()
    for i in range(400):
        t_s = i * 0.02
        loaded = 1.0 < t_s < 3.5 or 5.0 < t_s < 5.2  # put down, then tapped
        kpa = np.full((1, 4), 100.0 if loaded else 2.0)
        watch.add(PressureBlock(Side.LEFT, np.array([t_s]), kpa, np.array([300.0 if loaded else 5.0])))
    assert [round(tap.t_s, 1) for tap in watch.taps] == [5.0]
