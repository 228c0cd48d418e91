"""The cue without sound: five-step mean, levels, baseline minute, what screens show of it. No device, no Qt."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import replace

import cue_updates as cu
import numpy as np
import pytest
from cue_updates import FEET, START_NS
from hypothesis import given, settings
from hypothesis import strategies as st

from insole.blocks import Cue, Flag, FlagState, Input, Marker, SettingChange, Side, Status, Tick
from insole.delays import Delays
from insole.errors import SettingsError
from insole.feedback import Feedback
from insole.feedback.baseline import MARKER
from insole.feedback.prompt import Advice
from insole.feedback.steps import Step, Steps, level_of
from insole.pipeline import Pipeline
from insole.settings import CueSettings, Settings
from insole.sources.synthetic import Simulation, SyntheticOptions, simulate

L, R = FEET
TARGET = Settings(target_valr_bw_s=50.0, cue=CueSettings(sound="beep"))


def feedback(settings: Settings = TARGET, sides: tuple[Side, ...] = FEET) -> Feedback:
    return Feedback(sides, settings, START_NS)


def steps_of(values: Iterable[float], settings: Settings = TARGET) -> tuple[Step, ...]:
    return Steps(FEET, settings, START_NS).push(cu.foot(L, list(values)))


# ---- mean and level --------------------------------------------------------------------------------------------------


def test_levels_of_the_definition() -> None:
    excesses = [math.nan, -0.1, 0.0, 0.001, 0.08, 0.0801, 0.16, 0.24, 0.32, 0.33, 0.40, 3.0]
    assert [level_of(excess) for excess in excesses] == [0, 0, 0, 1, 1, 2, 2, 3, 4, 5, 5, 5]


def test_the_mean_is_of_five_steps_of_one_foot_and_silence_at_the_target() -> None:
    steps = steps_of([50, 50, 50, 50, 50, 60, 60, 60, 60, 60, 0])
    assert [step.level for step in steps] == [0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 0]
    assert [step.mean_bw_s for step in steps[4:8]] == [50, 52, 54, 56]
    assert all(math.isnan(step.mean_bw_s) for step in steps[:4])


def test_feet_have_means_of_their_own() -> None:
    pairs = [(cu.rate(L, 0.7 * i, 60.0), cu.rate(R, 0.7 * i + 0.35, 40.0)) for i in range(6)]
    steps = Steps(FEET, TARGET, START_NS).push(cu.early(*itertools.chain(*pairs)))
    assert [(step.side, step.level) for step in steps[-2:]] == [(L, 3), (R, 0)]


def test_a_withheld_rate_gives_no_cue_and_does_not_enter_the_mean() -> None:
    stage = Steps(FEET, TARGET, START_NS)
    stage.push(cu.foot(L, [60.0] * 5))
    (step,) = stage.push(cu.early(cu.rate(L, 3.5, math.nan, Status.GAP)))
    assert (step.level, step.withheld) == (0, "loading rate withheld: missing frames")
    assert step.mean_bw_s == 60.0
    (step,) = stage.push(cu.early(cu.rate(L, 4.2, 60.0, Status.LIMITED)))
    assert step.level == 3


def test_after_a_pause_the_mean_begins_anew() -> None:
    stage = Steps(FEET, TARGET, START_NS)
    stage.push(cu.foot(L, [60.0] * 5))
    steps = stage.push(cu.foot(L, [60.0] * 5, from_s=10.0))
    assert [step.level for step in steps] == [0, 0, 0, 0, 3]


@pytest.mark.parametrize(("side", "expected"), [(None, "signal quality"), (L, "signal quality"), (R, "")])
def test_a_flag_of_signal_quality_withholds_the_cues_of_its_foot(side: Side | None, expected: str) -> None:
    flag = Flag("signal_quality", FlagState.ON, side, 0, 9, 3.1, math.nan, math.nan, 2.0, "%", "", "Loses samples.")
    steps = Steps(FEET, TARGET, START_NS).push(replace(cu.foot(L, [60.0] * 6), flags=(flag,)))
    assert steps[-1].withheld == expected
    assert bool(steps[-1].level) is not bool(expected)


@pytest.mark.parametrize(("feet", "cued"), [("both", {L, R}), ("left", {L}), ("right", {R}), ("worse", {L, R})])
def test_only_the_chosen_feet_are_cued(feet: str, cued: set[Side]) -> None:
    stage = Steps(FEET, replace(TARGET, cue=CueSettings("beep", feet)), START_NS)
    steps = [*stage.push(cu.foot(L, [60.0] * 5)), *stage.push(cu.foot(R, [60.0] * 5, 0.35))]
    assert {step.side for step in steps if step.level} == cued


def test_one_signal_under_both_feet_is_cued_whatever_foot_is_chosen() -> None:
    stage = Steps((Side.BELT,), replace(TARGET, cue=CueSettings("beep", "left")), START_NS)
    assert stage.push(cu.foot(Side.BELT, [60.0] * 5))[-1].level == 3


def test_a_change_holds_for_the_contacts_that_strike_after_it() -> None:
    update = replace(cu.foot(L, [60.0] * 8), events=(cu.change(4.0, "target_valr_bw_s", 70.0),))
    assert [step.target_bw_s for step in Steps(FEET, TARGET, START_NS).push(update)] == [50] * 6 + [70] * 2


def test_a_change_that_makes_no_sense_changes_nothing() -> None:
    stage = Steps(FEET, TARGET, START_NS)
    stage.push(cu.early(events=(cu.change(0, "target_valr_bw_s", -4.0), cu.change(0, "no.such", 1.0))))
    assert stage.now.settings == TARGET


@pytest.mark.parametrize(
    "settings",
    [{"cue": {"sound": "horn"}}, {"cue": {"feet": "third"}}, {"cue": {"metric": "x"}}, {"target_valr_bw_s": 0.0}],
)
def test_settings_outside_their_range_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match="expected"):
        Settings.from_dict(settings)


# ---- baseline minute -------------------------------------------------------------------------------------------------

BASELINE = Marker(START_NS, MARKER, "start")


def test_a_baseline_minute_gives_the_target_and_the_worse_foot() -> None:
    stage = Steps(FEET, replace(TARGET, cue=CueSettings("beep", "worse")), START_NS)
    stage.push(cu.early(events=(BASELINE,)))
    assert stage.push(cu.foot(L, [90.0] * 5))[-1].withheld == "baseline minute"
    stage.push(cu.whole(cu.rows(118)))
    baseline = stage.now.baseline
    assert baseline is not None
    assert (baseline.counted, baseline.done, baseline.worse) == (59, False, None)
    stage.push(cu.whole(cu.rows(40, from_s=118 * cu.STEP_S)))
    assert (baseline.counted, baseline.done, baseline.worse) == (60, True, L)
    assert baseline.median_bw_s == pytest.approx(72.5, rel=0.02)
    assert baseline.target_bw_s == pytest.approx(0.8 * baseline.median_bw_s, abs=0.05)
    assert stage.now.measuring
    stage.push(cu.early(events=(cu.change(60.0, "target_valr_bw_s", baseline.target_bw_s),)))
    assert not stage.now.measuring
    assert (stage.now.cues(L), stage.now.cues(R)) == (True, False)
    assert stage.push(cu.foot(L, [90.0] * 5, from_s=61.0))[-1].level == 5


def test_a_target_by_hand_ends_the_baseline_minute() -> None:
    stage = Steps(FEET, TARGET, START_NS)
    stage.push(cu.early(events=(BASELINE, cu.change(10.0, "target_valr_bw_s", 55.0))))
    stage.push(cu.whole(cu.rows(200)))
    assert stage.now.baseline is not None
    assert not stage.now.baseline.done
    assert not stage.now.measuring


def test_contacts_before_the_marker_do_not_count() -> None:
    stage = Steps(FEET, TARGET, START_NS)
    stage.push(replace(cu.whole(cu.rows(100)), events=(replace(BASELINE, t_host_ns=START_NS + 10**10),)))
    assert stage.now.baseline is not None
    assert stage.now.baseline.counted == 35


# ---- a pure function of the inputs -----------------------------------------------------------------------------------


def session() -> tuple[Simulation, list[Input]]:
    """Half a minute with a change of target and of sound in mid-run, each delivery an input of its own."""
    simulation = simulate(SyntheticOptions(seconds=24.0, plan="stand:2,run", valr_left_bw_s=80.0, loss_pct=1.0))
    start = simulation.header.start_host_ns
    changes = [
        SettingChange(start, "cue.sound", "beep"),
        SettingChange(start + 9_000_000_000, "target_valr_bw_s", 60.0),
        SettingChange(start + 16_030_000_000, "target_valr_bw_s", 70.0),
        SettingChange(start + 20_000_000_000, "cue.feet", "left"),
    ]
    inputs: list[Input] = []
    for item in (item for batch in simulation.inputs for item in batch):
        if isinstance(item, Tick) and changes and changes[0].t_host_ns <= item.t_host_ns:
            inputs.append(replace(changes.pop(0), t_host_ns=item.t_host_ns))
        inputs.append(item)
    assert not changes
    return simulation, inputs


SESSION = session()


def steps_with(cuts: Iterable[int]) -> dict[Side, list[Step]]:
    simulation, inputs = SESSION
    header = simulation.header
    pipeline = Pipeline(header.feet, header.settings, header.runner, header.start_host_ns)
    stage = Steps(sorted(header.feet), header.settings, header.start_host_ns)
    edges = sorted({0, len(inputs), *(cut for cut in cuts if cut < len(inputs))})
    updates = [pipeline.push(inputs[a:b]) for a, b in itertools.pairwise(edges)]
    # Which flags are up is known at the end of a push: they hold for the contacts that come out with it.
    steps = [step for update in updates for step in stage.push(replace(update, flags=()))]
    return {side: [step for step in steps if step.side is side] for side in FEET}


WHOLE = steps_with(())


@given(st.lists(st.integers(1, len(SESSION[1]) - 1), max_size=40))
@settings(max_examples=5, deadline=None)
def test_steps_do_not_depend_on_how_inputs_are_cut(cuts: list[int]) -> None:
    assert sum(step.level > 0 for step in WHOLE[L]) > 10  # the session has something to tell apart
    assert {step.target_bw_s for step in WHOLE[L]} >= {60.0, 70.0}
    np.testing.assert_equal(steps_with(cuts), WHOLE)


# ---- the runner's screen ---------------------------------------------------------------------------------------------


def advice(fb: Feedback) -> Advice:
    return fb.prompt.advice


def test_without_a_target_there_is_nothing_to_follow() -> None:
    assert advice(feedback(Settings())) is Advice.NO_TARGET


def test_the_prompt_counts_the_first_steps_then_advises() -> None:
    fb = feedback()
    fb.push(cu.foot(L, [60.0] * 3))
    assert (advice(fb), fb.prompt.done, fb.prompt.needed) == (Advice.SETTLING, 3, 5)
    fb.push(cu.foot(L, [60.0] * 9, from_s=2.1))
    assert (advice(fb), fb.prompt.value, fb.prompt.target) == (Advice.ABOVE, 60.0, 50.0)
    assert len(fb.prompt.last) == 10
    fb.push(cu.foot(L, [40.0] * 5, from_s=8.4))
    assert (advice(fb), fb.prompt.value) == (Advice.ON_TARGET, 40.0)


def test_a_value_never_outlives_its_link_or_the_last_step() -> None:
    fb = feedback()
    fb.push(replace(cu.foot(L, [60.0] * 5), health=cu.health()))
    assert math.isfinite(fb.prompt.value)
    fb.push(cu.early(t_s=5.0, health=cu.health()))
    assert (advice(fb), fb.prompt.value, fb.prompt.last) == (Advice.STANDING, pytest.approx(math.nan, nan_ok=True), ())
    fb.push(cu.early(t_s=5.5, health=cu.health(left=2.5)))
    assert (advice(fb), fb.prompt.reason) == (Advice.LOST, "no link")


def test_a_withheld_rate_empties_the_screen_and_says_why() -> None:
    fb = feedback()
    fb.push(cu.foot(L, [60.0] * 5))
    fb.push(cu.early(cu.rate(L, 3.5, math.nan, Status.RATE_TOO_LOW)))
    assert (advice(fb), fb.prompt.reason) == (Advice.WITHHELD, "loading rate withheld: sampling rate too low")
    assert math.isnan(fb.prompt.value)


def test_the_shown_foot_stays_until_the_other_is_clearly_higher() -> None:
    fb = feedback()
    fb.push(cu.foot(L, [60.0] * 5))
    fb.push(cu.foot(R, [61.0] * 5, 0.35))
    assert fb.prompt.side is L
    fb.push(cu.foot(R, [70.0] * 5, 3.85))
    assert fb.prompt.side is R


def test_the_scale_stays_while_the_target_moves_on_it() -> None:
    fb = feedback(Settings(target_valr_bw_s=58.0))
    fb.push(cu.early())
    assert (fb.prompt.low, fb.prompt.high) == (30.0, 90.0)
    fb.push(cu.early(events=(cu.change(1.0, "target_valr_bw_s", 66.0),)))
    assert (fb.prompt.low, fb.prompt.high) == (30.0, 90.0)
    fb.push(cu.early(events=(cu.change(2.0, "target_valr_bw_s", 120.0),)))
    assert fb.prompt.low < 120.0 < fb.prompt.high


def test_the_baseline_minute_counts_on_the_screen() -> None:
    fb = feedback(Settings())
    fb.push(cu.whole(cu.rows(68), events=(BASELINE,)))
    assert (advice(fb), fb.prompt.done, fb.prompt.needed) == (Advice.BASELINE, 34, 60)


def test_cadence_on_the_screen_has_slack_below_its_target() -> None:
    fb = feedback(Settings(cue=CueSettings(metric="cadence_spm", target_cadence_spm=172.0)))
    assert advice(fb) is Advice.STANDING
    fb.push(cu.whole(cu.rows(6)))
    assert advice(fb) is Advice.SETTLING
    fb.push(cu.whole(cu.rows(16, from_s=2.1, step_ms=360.0)))
    assert (advice(fb), round(fb.prompt.value)) == (Advice.BELOW, 167)
    fb.push(cu.whole(cu.rows(16, from_s=8.0, step_ms=345.0)))
    assert advice(fb) is Advice.ON_TARGET
    fb.push(cu.whole(cu.rows(16, from_s=14.0, step_ms=350.5)))
    assert (advice(fb), round(fb.prompt.value)) == (Advice.ON_TARGET, 171)
    fb.push(cu.early(t_s=30.0))
    assert advice(fb) is Advice.STANDING
    fb.push(cu.early(t_s=31.0, health=cu.health(left=3.0, right=3.0)))
    assert advice(fb) is Advice.LOST


# ---- what changed since the cue began --------------------------------------------------------------------------------


def test_progress_against_the_contacts_before_the_target() -> None:
    fb = feedback(Settings())
    fb.push(cu.whole(cu.rows(240)))
    assert math.isnan(fb.progress.under_target)
    fb.push(cu.early(t_s=84.0, events=(cu.change(84.0, "target_valr_bw_s", 58.0),)))
    fb.push(cu.whole(cu.rows(120, from_s=85.0, left=57.0, right=50.0, step_ms=345.0)))
    found = fb.progress
    assert (found.under_target, found.of) == (pytest.approx(0.875, abs=0.13), 120)
    assert found.cadence_spm.value == pytest.approx(60e3 / 345 - 60e3 / 350, abs=0.1)
    assert found.cadence_spm.low < found.cadence_spm.value < found.cadence_spm.high
    assert (found.forefoot_points.value, found.guard) == (0.0, "")
    assert found.forefoot_points.low < 0 < found.forefoot_points.high


def test_the_guard_speaks_when_the_load_may_have_moved_to_the_calf() -> None:
    fb = feedback(Settings())
    fb.push(cu.whole(cu.rows(240)))
    fb.push(cu.early(t_s=84.0, events=(cu.change(84.0, "target_valr_bw_s", 58.0),)))
    fb.push(cu.whole(cu.rows(82, from_s=85.0, left=57.0, right=50.0)))
    fb.push(cu.whole(cu.rows(42, from_s=114.0, left=57.0, right=50.0, strike=80.0)))
    assert fb.progress.forefoot_points.value == pytest.approx(35.0)
    assert fb.progress.guard == (
        "Loading rate is lower, and 35 points more contacts land on the forefoot: load may have moved to the calf."
    )
    fb.push(cu.whole(cu.rows(120, from_s=130.0, left=90.0, right=90.0, strike=80.0)))
    assert fb.progress.guard == ""  # the loading rate is not lower


def test_with_a_target_from_the_start_there_is_nothing_to_compare_with() -> None:
    fb = feedback()
    fb.push(cu.whole(cu.rows(240)))
    assert fb.progress.of == 120
    assert math.isnan(fb.progress.cadence_spm.value)


def test_delays_of_the_cues_in_the_stream() -> None:
    fb = feedback()
    base = Cue(9, 4, 0, "beep", 2, 64.5, 58.0, 0, 2, 3, 100_000_000, 12_000_000)
    given = [replace(base, contact_id=i, output_ns=1_000_000 * i) for i in range(101)]
    fb.push(cu.early(events=(*given, replace(base, withheld="no sound", handed_ns=None, output_ns=None))))
    delays = fb.delays
    assert (delays.given, delays.withheld, delays.median_ms, delays.p99_ms) == (101, 1, 150.0, 199.0)
    assert delays.last is given[-1]
    assert math.isnan(Delays().median_ms)
    assert math.isnan(Delays().p99_ms)
