"""Flags: timelines written by hand, what each rule needs, wording, and the same outcome for any grouping."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np
import pytest
from contact_rows import left_right, pieces, running_rows
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from insole.blocks import ContactTable, Flag, FlagState, Kind, Side, Status
from insole.device import Device, force_device
from insole.errors import SettingsError
from insole.pipeline.asymmetry import Asymmetry
from insole.pipeline.flags import RULES, Flags, SignalState
from insole.pipeline.flags.conditions import KINDS, Terms
from insole.pipeline.flags.drift import Drift
from insole.pipeline.flags.measures import Reading
from insole.pipeline.flags.text import duration
from insole.settings import Baseline, FlagSettings, Limits, Settings

PLATE = force_device("plate", 1000.0, 1.0)
PLATES = {Side.LEFT: PLATE, Side.RIGHT: PLATE}
WATCH, ON = FlagState.WATCH, FlagState.ON

Outcome = tuple[tuple[Flag, ...], tuple[Flag, ...]]  # ended, still up


def judged(
    table: ContactTable,
    signals: Sequence[SignalState] = (),
    *,
    settings: Settings | None = None,
    feet: dict[Side, Device] = PLATES,
    calibrated: bool = True,
) -> Outcome:
    flags = Flags(settings or Settings(), feet, calibrated)
    ended = flags.push(table, signals) + flags.finish()
    return ended, flags.active


def rates(*levels: tuple[int, float], start_s: float = 0.0) -> ContactTable:
    """Lower bounds of the left loading rate, each for some seconds, judged once a second; 5 below the median."""
    low = np.repeat([level for _, level in levels], [seconds for seconds, _ in levels])
    return medians(low + 5.0, low, low + 11.0, start_s=start_s)


def medians(value: ArrayLike, low: ArrayLike, high: ArrayLike, *, start_s: float = 0.0) -> ContactTable:
    """Left contacts once a second whose rolling median is given; right contacts in between, with 40 ± 1 BW/s."""
    value = np.asarray(value)
    k = 2 * len(value)
    columns = {
        f"valr_bw_s_median60{end}": left_right(k, np.repeat(left, 2), right)
        for end, left, right in (("", value, 40.0), ("_low", low, 39.0), ("_high", high, 41.0))
    }
    table = running_rows(k, columns, start_s=start_s, step_s=0.5)
    return replace(table, status={"valr_bw_s_median60": np.full(k, Status.OK, np.uint8)})


def spans(flags: Sequence[Flag]) -> list[tuple[str, FlagState, float, float]]:
    return [(flag.rule, flag.state, flag.from_s, flag.to_s) for flag in flags]


# ---- persistence and hysteresis


def test_watch_comes_at_once_and_stays_below_the_upper_line() -> None:
    ended, active = judged(rates((30, 60.0), (200, 68.0)))
    assert not ended
    assert spans(active) == [("high_loading_rate", WATCH, 30.0, 229.0)]
    assert active[0].side == Side.LEFT
    assert (active[0].limit, active[0].value, active[0].low, active[0].high) == (66.0, 73.0, 68.0, 79.0)


@pytest.mark.parametrize(("seconds", "state"), [(60, WATCH), (61, ON)])
def test_on_needs_the_whole_minute(seconds: int, state: FlagState) -> None:
    """Judged once a second, the condition has held for 60 s at the 61st judgement."""
    _, active = judged(rates((seconds, 72.0)))
    assert spans(active) == [("high_loading_rate", state, 0.0, seconds - 1.0)]


def test_one_contact_under_the_line_starts_the_minute_again() -> None:
    _, active = judged(rates((50, 72.0), (1, 69.9), (50, 72.0)))
    assert [flag.state for flag in active] == [WATCH]
    ended, active = judged(rates((50, 72.0), (1, 69.9), (61, 72.0)))
    assert spans(ended) == [("high_loading_rate", WATCH, 0.0, 50.0)]
    assert spans(active) == [("high_loading_rate", ON, 51.0, 111.0)]


def test_a_watch_that_turns_on_ends_where_the_other_condition_began() -> None:
    ended, active = judged(rates((40, 68.0), (70, 72.0)))
    assert spans(ended) == [("high_loading_rate", WATCH, 0.0, 39.0)]
    assert (ended[0].limit, ended[0].low) == (66.0, 68.0)
    assert spans(active) == [("high_loading_rate", ON, 40.0, 109.0)]
    assert active[0].limit == 70.0


def test_on_is_kept_above_ninety_percent_of_the_line() -> None:
    """63 is 90 % of 70. What is shown are the last figures that were over the line."""
    ended, active = judged(rates((70, 72.0), (300, 63.0)))
    assert not ended
    assert spans(active) == [("high_loading_rate", ON, 0.0, 69.0)]
    assert active[0].low == 72.0


def test_on_is_kept_through_a_dip_of_less_than_half_a_minute() -> None:
    ended, active = judged(rates((70, 72.0), (29, 50.0), (5, 72.0)))
    assert not ended
    assert spans(active) == [("high_loading_rate", ON, 0.0, 103.0)]


def test_on_falls_back_to_watch_and_watch_to_off() -> None:
    """62 is under 63, 90 % of 70, and over 59.4, 90 % of 66; 59 is under both."""
    ended, active = judged(rates((70, 72.0), (29, 62.0)))
    assert [flag.state for flag in active] == [ON]
    ended, active = judged(rates((70, 72.0), (30, 62.0)))
    assert spans(ended) == [("high_loading_rate", ON, 0.0, 69.0)]
    assert spans(active) == [("high_loading_rate", WATCH, 69.0, 69.0)]
    ended, active = judged(rates((70, 72.0), (30, 67.0), (40, 62.0), (60, 59.0)))
    assert [flag.state for flag in ended] == [ON, WATCH]
    assert not active
    assert ended[1].to_s == 99.0


def test_settings_decide_how_long() -> None:
    short = Settings(flags=FlagSettings(persist_s=10.0, release_s=5.0, release_ratio=1.0))
    ended, active = judged(rates((12, 72.0), (6, 65.0)), settings=short)
    assert spans(ended) == [("high_loading_rate", ON, 0.0, 11.0)]
    assert not active


# ---- contacts stop, signals, settings in between


def ticks(from_s: float, to_s: float, **state: float) -> list[SignalState]:
    """Signal states of the left foot, one a second."""
    return [SignalState(float(t), Side.LEFT, **state) for t in np.arange(from_s, to_s)]  # type: ignore[arg-type]


def test_a_flag_ends_at_the_last_contact_when_none_follows() -> None:
    table = rates((70, 72.0))
    flags = Flags(Settings(), PLATES, calibrated=True)
    assert not flags.push(table, ticks(0, 80))
    assert flags.active
    ended = flags.push(ContactTable.empty(), ticks(80, 200))
    assert spans(ended) == [("high_loading_rate", ON, 0.0, 69.0)]
    assert not flags.active


def test_the_next_contacts_after_a_pause_start_anew() -> None:
    first, second = rates((70, 72.0)), rates((40, 72.0), start_s=120.0)
    ended, active = judged(ContactTable.join([first, second]))
    assert spans(ended) == [("high_loading_rate", ON, 0.0, 69.0)]
    assert spans(active) == [("high_loading_rate", WATCH, 120.0, 159.0)]


def test_no_flag_while_the_signal_is_bad() -> None:
    signals = ticks(0, 80, loss_pct=0.5) + ticks(80, 100, loss_pct=3.1) + ticks(100, 200, loss_pct=0.5)
    ended, active = judged(rates((200, 72.0)), signals)
    assert spans(ended) == [
        ("high_loading_rate", ON, 0.0, 80.0),
        ("signal_quality", ON, 80.0, 99.0),
    ]
    # released 30 s after the last bad state, at 129: the minute starts at the next contact
    assert spans(active) == [("high_loading_rate", ON, 130.0, 199.0)]
    assert ended[1].text == (
        "Left insole loses 3.1 % of its samples. Flags are paused until it is under 2 %. Move the receiver closer."
    )


def test_flags_go_on_when_nothing_more_is_heard_of_a_bad_signal() -> None:
    """30 s after the last bad state the fault is over; here all in one push."""
    ended, active = judged(rates((200, 72.0), start_s=1.0), ticks(0, 50, loss_pct=5.0))
    assert spans(ended) == [("signal_quality", ON, 0.0, 49.0)]
    assert spans(active) == [("high_loading_rate", ON, 80.0, 200.0)]


def test_signal_faults_need_no_minute_and_know_no_watch() -> None:
    for bad, good, metric in (
        ({"loss_pct": 2.1}, {"loss_pct": 2.0}, "loss_pct"),
        ({"saturation_pct": 1.1}, {"saturation_pct": 1.0}, "saturation_pct"),
        ({"faulty_cells": 1}, {"faulty_cells": 0}, "faulty_cells"),
    ):
        assert judged(ContactTable.empty(), ticks(0, 100, **good)) == ((), ())
        _, active = judged(ContactTable.empty(), ticks(0, 3, **bad))
        assert [(flag.rule, flag.state, flag.metric, flag.side) for flag in active] == [
            ("signal_quality", ON, metric, Side.LEFT)
        ]


def test_body_weight_check_pauses_and_says_which_way() -> None:
    k = 100
    table = replace(rates((50, 72.0)), columns={**rates((50, 72.0)).columns, "k_dyn": np.full(k, 1.13)})
    _, active = judged(table)
    assert [flag.rule for flag in active] == ["signal_quality"]
    assert active[0].side is None
    assert active[0].text.startswith("Body-weight check 1.13: the insoles read 12 % too low.")
    _, active = judged(replace(table, columns={"k_dyn": np.full(k, 0.85)}))
    assert active[0].text.startswith("Body-weight check 0.85: the insoles read 18 % too high.")
    assert not judged(replace(table, columns={"k_dyn": np.full(k, 1.09)}))[1]


def test_far_from_body_weight_nothing_in_body_weights_is_flagged_wherever_the_line_lies() -> None:
    far = Settings(flags=FlagSettings(limits=Limits(k_dyn=10.0)))
    table = rates((100, 72.0))
    for k_dyn, flagged in ((1.24, True), (1.26, False), (0.74, False)):
        checked = replace(table, columns={**table.columns, "k_dyn": np.full(len(table), k_dyn)})
        assert bool(judged(checked, settings=far)[1]) is flagged


def test_mode_without_flags_keeps_faults_only() -> None:
    quiet = Settings(flags=FlagSettings(enabled=False))
    ended, active = judged(rates((100, 72.0)), ticks(0, 100, loss_pct=5.0), settings=quiet)
    assert not ended
    assert [flag.rule for flag in active] == ["signal_quality"]


def test_a_changed_line_holds_from_its_moment_on() -> None:
    flags = Flags(Settings(), PLATES, calibrated=True)
    higher = FlagSettings(limits=Limits(valr_watch_bw_s=75.0, valr_on_bw_s=80.0))
    table = rates((140, 68.0))
    assert not flags.push(table.rows(slice(0, 200)), ())
    flags.change(100.0, higher, calibrated=True)
    ended = flags.push(table.rows(slice(200, 280)), ()) + flags.finish()
    assert not ended, "68 is over 90 % of 75"
    assert spans(flags.active) == [("high_loading_rate", WATCH, 0.0, 99.0)]
    assert flags.active[0].limit == 66.0


def test_switching_flags_off_ends_them_there() -> None:
    flags = Flags(Settings(), PLATES, calibrated=True)
    flags.change(99.5, FlagSettings(enabled=False), calibrated=True)
    ended = flags.push(rates((140, 68.0)), ()) + flags.finish()
    assert spans(ended) == [("high_loading_rate", WATCH, 0.0, 99.0)]
    assert not flags.active


# ---- what a loading rate is held against


def test_calibration_counts_against_an_absolute_line() -> None:
    """75 (72 to 79) is over 70 on a plate; with 8 % calibration the lower bound is 62.9."""
    n = 70
    table = medians(np.full(n, 75.0), np.full(n, 72.0), np.full(n, 79.0))
    insole = replace(PLATE, u_cal=0.08)
    assert [flag.state for flag in judged(table)[1]] == [ON]
    assert judged(table, feet={Side.LEFT: insole, Side.RIGHT: insole}) == ((), ())
    harder = medians(np.full(n, 90.0), np.full(n, 87.0), np.full(n, 94.0))
    _, active = judged(harder, feet={Side.LEFT: insole, Side.RIGHT: insole})
    assert active[0].low == pytest.approx(90 - np.hypot(3, 1.96 * 0.08 * 90))


def test_limited_data_reach_watch_only() -> None:
    table = rates((100, 72.0))
    codes = np.full(len(table), Status.LIMITED, np.uint8)
    _, active = judged(replace(table, status={"valr_bw_s_median60": codes}))
    assert [flag.state for flag in active] == [WATCH]
    assert active[0].text.endswith("Limited accuracy: watch at most.")


def test_contacts_of_other_kinds_are_not_judged() -> None:
    table = rates((100, 72.0))
    assert judged(replace(table, kind=np.full(len(table), Kind.WALK, np.int8))) == ((), ())


def test_one_foot_alone_is_judged_and_not_compared() -> None:
    table = rates((70, 72.0))
    left = table.rows(table.side == Side.LEFT)
    _, active = judged(left, feet={Side.LEFT: PLATE})
    assert spans(active) == [("high_loading_rate", ON, 0.0, 69.0)]


def test_columns_that_are_missing_raise_nothing() -> None:
    assert judged(running_rows(400, {})) == ((), ())


def test_rates_are_judged_from_25_contacts_on() -> None:
    """Through the rolling columns: the 25th left contact strikes at 24 strides."""
    k = 400
    table = Asymmetry(calibrated=True).push(running_rows(k, {"valr_bw_s": left_right(k, 80.0, 50.0)}))
    _, active = judged(table)
    assert [(flag.rule, flag.side) for flag in active] == [
        ("high_loading_rate", Side.LEFT),
        ("asymmetry", Side.LEFT),
    ]
    assert active[0].from_s == pytest.approx(24 * 0.7)


# ---- the other rules


def with_rolling(k: int, **columns: ArrayLike) -> ContactTable:
    """k running contacts, every column with a little noise, with their rolling columns."""
    random = np.random.default_rng(1)
    noisy = {name: np.asarray(c) * (1 + 0.01 * random.standard_normal(k)) for name, c in columns.items()}
    return Asymmetry(calibrated=True).push(running_rows(k, noisy))


@pytest.mark.parametrize(
    ("metric", "line", "magnitude"),
    [
        ("contact_time_ms", 5.0, False),
        ("stride_time_ms", 5.0, False),
        ("impulse_bw_s", 7.0, True),
        ("peak_force_bw", 10.0, True),
        ("valr_bw_s", 25.0, True),
    ],
)
def test_asymmetry_needs_its_line_a_minute_and_for_magnitudes_the_gain(
    metric: str, line: float, magnitude: bool
) -> None:
    k = 400  # 140 s
    over, under = (with_rolling(k, **{metric: left_right(k, 40.0, 40.0 * (1 + f * line / 100))}) for f in (1.4, 0.9))
    _, active = judged(over)
    assert [(flag.rule, flag.state, flag.side, flag.metric) for flag in active] == [
        ("asymmetry", ON, Side.RIGHT, f"{metric}_asymmetry")
    ]
    assert active[0].limit == line
    assert active[0].value < active[0].high < -line
    assert active[0].from_s >= 24 * 0.7, "25 contacts of each foot"
    assert judged(under) == ((), ())
    assert bool(judged(over, calibrated=False)[1]) is not magnitude
    short = over.rows(over.strike_s < active[0].from_s + 59.0)
    assert judged(short) == ((), ()), "neither watch nor on before a minute"


def test_loading_rate_against_the_own_baseline_at_the_same_cadence() -> None:
    k = 400
    own = Settings(baseline=Baseline(valr_bw_s=40.0, cadence_spm=171.0))
    table = with_rolling(k, valr_bw_s=50.0, step_time_ms=350.0)
    _, active = judged(table, settings=own)
    assert [(flag.rule, flag.side, flag.state) for flag in active] == [
        ("loading_rate_up", Side.LEFT, ON),
        ("loading_rate_up", Side.RIGHT, ON),
    ]
    assert active[0].value == pytest.approx(25, abs=1)
    assert active[0].limit == pytest.approx(20)
    faster = with_rolling(k, valr_bw_s=50.0, step_time_ms=340.0)
    assert judged(faster, settings=own) == ((), ())
    assert judged(with_rolling(k, valr_bw_s=47.0, step_time_ms=350.0), settings=own) == ((), ())
    assert judged(table, settings=Settings(baseline=Baseline(valr_bw_s=40.0))) == ((), ())


def test_heel_pressure_against_the_own_baseline_and_the_line_of_pedar_type_cells() -> None:
    k = 400
    cells = 99
    pedar = Device(
        "pedar type",
        100.0,
        np.full(cells, 0.5),
        np.linspace(0, 1, cells),
        np.full(cells, 150.0),
        np.ones(cells),
        u_cal=0.0,
    )
    coarse = pedar.with_changes(area_mm2=np.full(cells, 400.0))
    table = with_rolling(k, peak_pressure_kpa_heel=left_right(k, 520.0, 300.0))
    for device, wanted in ((pedar, [(Side.LEFT, 495.0)]), (coarse, []), (PLATE, [])):
        _, active = judged(table, feet={Side.LEFT: device, Side.RIGHT: device})
        assert [(flag.side, flag.limit) for flag in active] == wanted
    _, active = judged(table, settings=Settings(baseline=Baseline(heel_peak_pressure_kpa=300.0)))
    assert [(flag.rule, flag.side, flag.unit) for flag in active] == [("heel_pressure_high", Side.LEFT, "%")]
    assert active[0].value == pytest.approx(73, abs=1)


def test_medial_shift_and_lateral_rolloff_are_counted_in_own_standard_deviations() -> None:
    k = 400
    own = Settings(baseline=Baseline(mlr_mean=0.05, mlr_sd=0.05, mlr_contact_mean=0.10, mlr_contact_sd=0.05))
    medial = with_rolling(k, mlr_contact=0.20, mlr_mid=left_right(k, 0.16, 0.02))
    _, active = judged(medial, settings=own)
    assert [(flag.rule, flag.side) for flag in active] == [("medial_shift", Side.LEFT)]
    assert active[0].value == pytest.approx(0.18, abs=0.005)
    assert active[0].limit == pytest.approx(0.15)
    lateral = with_rolling(k, mlr_contact=left_right(k, -0.05, 0.02), mlr_mid=0.0)
    _, active = judged(lateral, settings=own)
    assert [(flag.rule, flag.side) for flag in active] == [("lateral_rolloff", Side.LEFT)]
    assert active[0].limit == pytest.approx(0.0)


def test_cop_that_moves_less_far_forward() -> None:
    own = Settings(baseline=Baseline(cop_advance_mm=180.0))
    _, active = judged(with_rolling(400, cop_advance_mm=left_right(400, 150.0, 170.0)), settings=own)
    assert [(flag.rule, flag.side, flag.limit) for flag in active] == [("lateral_rolloff", Side.LEFT, 90.0)]
    assert active[0].value == pytest.approx(83, abs=1)


def test_low_arch_in_most_contacts() -> None:
    k, cells = 400, 64
    fine = Device("fine", 100.0, np.full(cells, 0.5), np.linspace(0, 1, cells), np.full(cells, 100.0), np.ones(cells))
    every_fifth_high = np.where(np.arange(k) // 2 % 5 == 0, 0.2, 0.3)
    table = with_rolling(k, arch_index=left_right(k, every_fifth_high, 0.2))
    _, active = judged(table, feet={Side.LEFT: fine, Side.RIGHT: fine})
    assert [(flag.rule, flag.side, flag.value) for flag in active] == [("medial_shift", Side.LEFT, 80.0)]
    assert judged(table) == ((), ()), "too few cells"


def test_uneven_surface_needs_all_three_to_vary_more() -> None:
    k = 600
    random = np.random.default_rng(2)
    own = Settings(baseline=Baseline(cop_x_50_mm_sd=1.0, contact_time_cv_pct=2.0, peak_pressure_cv_pct=4.0))

    def run(tc_cv: float) -> ContactTable:
        columns = {
            "cop_x_50_mm": 48 + 2.2 * random.standard_normal(k),
            "contact_time_ms": 250 * (1 + tc_cv * random.standard_normal(k)),
            "peak_pressure_kpa": 300 * (1 + 0.09 * random.standard_normal(k)),
        }
        return running_rows(k, columns)

    _, active = judged(run(0.04), settings=own)
    assert {(flag.rule, flag.state) for flag in active} == {("uneven_surface", ON)}
    assert active[0].low < 2.0 < active[0].high
    assert judged(run(0.02), settings=own) == ((), ())


def drifting(minutes: float, change: float, *, cv: float = 0.1, seed: int = 3) -> ContactTable:
    """A run whose loading rate changes by a share from minute 5 to its end, and whose steps get 1 % longer."""
    k = int(minutes * 60 / 0.35)
    t = 0.35 * np.arange(k)
    late = np.clip((t - 300) / (t[-1] - 300), 0, 1)
    random = np.random.default_rng(seed)
    columns = {
        "valr_bw_s": 50 * (1 + change * late) * np.exp(cv * random.standard_normal(k)),
        "step_time_ms": 350 * (1 + 0.01 * late),
    }
    return running_rows(k, columns)


def test_drift_within_the_run() -> None:
    _, active = judged(drifting(25, 0.20))
    drifts = [flag for flag in active if flag.rule == "within_run_drift"]
    assert [(flag.side, flag.state, flag.metric) for flag in drifts] == [
        (Side.LEFT, ON, "valr_bw_s"),
        (Side.RIGHT, ON, "valr_bw_s"),
    ]
    for flag in drifts:
        assert flag.value == pytest.approx(20, abs=3)
        assert 0 < flag.low < flag.value < flag.high
        assert flag.from_s > 300 + 8 * 30 * 0.7
    assert re.fullmatch(
        r"Left loading rate grew by \d+\.\d % \(\d+\.\d to \d+\.\d\) since minute 5; cadence fell by [01]\.\d %\. .*",
        drifts[0].text,
    )


@pytest.mark.parametrize("seed", range(4))
def test_no_drift_where_there_is_none(seed: int) -> None:
    ended, active = judged(drifting(25, 0.0, seed=seed))
    assert "within_run_drift" not in {flag.rule for flag in (*ended, *active)}


def test_a_drift_whose_interval_takes_in_zero_is_none() -> None:
    low, high = np.array([0.5, -0.5, -40.0, -40.0]), np.array([40.0, 40.0, -0.5, 0.5])
    ones = np.ones(4)
    reading = Reading(np.arange(4), (low + high) / 2, low, high, ones < 0, ones)
    (when,) = (when for when in RULES["within_run_drift"].when if when.metric == "valr_bw_s")
    found = KINDS["drift"](np.arange(4.0), reading, Terms(when, Limits(), Baseline(), 0.0))
    np.testing.assert_array_equal(found.sure, [True, False, True, False])
    assert (found.on > 1).all()


def test_a_long_run_is_looked_at_no_more_often_than_a_short_one() -> None:
    """Blocks grow, so that ten hours stay cheap: 8 to 16 of them are looked at after every doubling of the time."""
    table = drifting(60, 0.2)
    reading = Drift(["valr_bw_s"]).push(table)["valr_bw_s", Side.LEFT]
    assert 20 < len(np.unique(reading.value)) <= 9 + 4 * 8


def test_a_fall_is_told_as_one() -> None:
    _, active = judged(drifting(25, -0.20))
    assert active[0].value == pytest.approx(-20, abs=3)
    assert active[0].text.startswith("Left loading rate fell by ")


# ---- grouping


def eventful(seed: int) -> tuple[ContactTable, list[SignalState]]:
    """Nine minutes in which flags of several rules come and go, with pauses of the runner and faults of the signal."""
    random = np.random.default_rng(seed)
    k = 1500
    level = np.repeat(random.choice([60.0, 68.0, 74.0, 90.0], 15), 100)
    columns = {
        "valr_bw_s": level * left_right(k, 1.0, random.choice([0.6, 1.0])) * np.exp(0.05 * random.standard_normal(k)),
        "contact_time_ms": left_right(k, 250.0, 270.0) + 3 * random.standard_normal(k),
        "peak_pressure_kpa_heel": np.linspace(250, 350, k) + 5 * random.standard_normal(k),
        "step_time_ms": np.full(k, 350.0),
        "k_dyn": np.where(random.random(k) < 0.002, 1.2, 1.0),
    }
    table = running_rows(k, columns)
    stops = np.repeat(random.choice([0.0, 0.0, 0.0, 20.0, 50.0], 15), 100)
    pause = np.cumsum(np.where(np.arange(k) % 100 == 0, stops, 0.0))
    table = Asymmetry(calibrated=True).push(replace(table, strike_s=table.strike_s + pause))
    loss = np.repeat(random.choice([0.1, 0.1, 0.1, 1.9, 4.0], 200), 10)
    heard = np.repeat(random.random(40) < 0.7, 100)  # of 50 s each: longer than a fault is kept
    signals = [
        SignalState(0.5 * i, side, loss_pct=float(loss[i]))
        for i in range(int(2 * table.strike_s[-1]) + 1)
        for side in (Side.LEFT, Side.RIGHT)
        if heard[i]
    ]
    return table, signals


OWN = Settings(baseline=Baseline(valr_bw_s=55.0, cadence_spm=171.0, heel_peak_pressure_kpa=250.0))


def started(changes: Sequence[float]) -> Flags:
    """Flags that are to change their lines, be switched off, and on again without the gains, at these times."""
    flags = Flags(OWN, PLATES, calibrated=True)
    steps = (
        (FlagSettings(limits=Limits(valr_watch_bw_s=72.0, valr_on_bw_s=73.0)), True),
        (FlagSettings(enabled=False), True),
        (FlagSettings(persist_s=20.0, release_s=8.0), False),
    )
    for at_s, (settings, calibrated) in zip(sorted(changes), steps, strict=False):
        flags.change(at_s, settings, calibrated)
    return flags


@trials(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    cuts=st.lists(st.integers(0, 1500), max_size=30),
    changes=st.lists(st.floats(0.0, 700.0), max_size=3),
)
def test_any_grouping_gives_the_same_flags(seed: int, cuts: list[int], changes: list[float]) -> None:
    """Rows come some seconds after they strike, as contacts do, and never before the signals up to their strike."""
    table, signals = eventful(seed)
    once = started(changes)
    ended = once.push(table, signals) + once.finish()

    often = started(changes)
    signal_s = [signal.t_s for signal in signals]
    found: tuple[Flag, ...] = ()
    given_signals = 0
    for piece in pieces(table, cuts):
        last_s = float(piece.strike_s[-1]) if len(piece) else 0.0
        until = max(given_signals, int(np.searchsorted(signal_s, last_s + 4.0)))
        found += often.push(piece, signals[given_signals:until])
        given_signals = until
    found += often.push(ContactTable.empty(), signals[given_signals:]) + often.finish()
    assert repr(found) == repr(ended)  # repr, for NaN is not itself
    assert repr(often.active) == repr(once.active)


def test_spans_of_a_flag_do_not_overlap() -> None:
    for seed in range(5):
        ended, active = judged(*eventful(seed))
        assert len(ended) > 3, "nothing happened: the run is not eventful enough"
        by_kind: dict[tuple[str, str, Side | None], float] = {}
        for flag in (*ended, *active):
            key = (flag.rule, flag.metric, None if flag.rule == "asymmetry" else flag.side)
            assert by_kind.get(key, -1.0) <= flag.from_s <= flag.to_s
            by_kind[key] = flag.to_s


# ---- words and tables

FORBIDDEN = (
    r"\b(injury risk|danger|damage|abnormal|bad|weak side|poor|correct|normal|diagnosis|you should)\b|!|[A-Z]{3,}"
)
NAMES = r"\b(BMJ|BJSM|MSSE|JSHS|JSAMS|CJSM|JFAR|JSSM|HMS|METRICS|PLoS ONE|ONE)\b"


def test_texts_are_those_of_the_design() -> None:
    n = 131
    (watch,) = judged(medians(np.full(n, 73.4), np.full(n, 67.3), np.full(n, 79.5)))[1]
    assert watch.text == (
        "Left loading rate 73.4 BW/s (67.3 to 79.5), above 66 for 2 min 10 s. "
        "Some studies link such values to stress fractures, others found no link."
    )
    n = 361
    (on,) = judged(medians(np.full(n, 78.1), np.full(n, 71.9), np.full(n, 84.3)))[1]
    assert on.text == "Left loading rate 78.1 BW/s (71.9 to 84.3), above 70 for 6 min. Evidence C, conflicting."
    assert (on.evidence, on.unit, on.metric) == ("C", "BW/s", "valr_bw_s")


def test_a_difference_names_the_higher_side() -> None:
    k = 400
    _, (flag,) = judged(with_rolling(k, peak_force_bw=left_right(k, 2.9, 2.5)))
    assert re.fullmatch(
        r"Peak force differs, left higher by 14\.\d % \(14\.\d to 15\.\d\), above 10 for 2 min \d s: larger than "
        r"usual, not chance\. Asymmetry was not linked to more injuries in 836 runners\.",
        flag.text,
    )


def test_no_forbidden_word_anywhere() -> None:
    texts = [flag.text for seed in range(5) for part in judged(*eventful(seed)) for flag in part]
    for rule in RULES.values():
        texts += [rule.title, *rule.why_for, *rule.why_against, rule.not_said]
        texts += [part for when in rule.when for part in (when.text, when.adds, when.adds_on)]
    for text in texts:
        assert not re.search(FORBIDDEN, re.sub(NAMES, "", text)), text


def test_every_rule_of_the_specification_is_there_and_names_what_exists() -> None:
    assert list(RULES) == [
        "high_loading_rate",
        "loading_rate_up",
        "within_run_drift",
        "asymmetry",
        "heel_pressure_high",
        "medial_shift",
        "lateral_rolloff",
        "uneven_surface",
        "signal_quality",
    ]
    limits, baseline = ({f.name for f in fields(cls)} for cls in (Limits, Baseline))
    for rule in RULES.values():
        assert rule.why_for
        assert rule.source
        for when in rule.when:
            assert when.kind in KINDS
            assert {when.on, when.watch or when.on} <= limits
            assert {name for name in (when.baseline, when.spread) if name} <= baseline


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "1 s"),
        (44.6, "45 s"),
        (60, "1 min"),
        (130, "2 min 10 s"),
        (360, "6 min"),
        (3600, "1 h"),
        (3900, "1 h 5 min"),
    ],
)
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"flags": {"persist_s": -1.0}}, "flags.persist_s"),
        ({"flags": {"limits": {"valr_on_bw_s": 60.0}}}, "valr_on_bw_s"),
        ({"flags": {"limits": {"drift_pct": 1.0}}}, "drift_pct"),
        ({"baseline": {"valr_bw_s": 0.0}}, "baseline.valr_bw_s"),
    ],
)
def test_settings_out_of_range_are_named(values: dict[str, object], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        Settings.from_dict(values)


def test_settings_survive_a_header() -> None:
    changed = Settings(baseline=Baseline(mlr_mean=-0.1, mlr_sd=0.05), flags=FlagSettings(limits=Limits(loss_pct=3.0)))
    assert Settings.from_dict(changed.to_dict()) == changed
