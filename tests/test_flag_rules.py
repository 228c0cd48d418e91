"""Flags: what each rule is held against and needs."""

from __future__ import annotations

import re

import numpy as np
import pytest
from contact_rows import left_right, running_rows
from flagged import ON, PLATE, judged, with_rolling

from insole.blocks import ContactTable, Side
from insole.device import Device
from insole.pipeline.flags import RULES
from insole.pipeline.flags.conditions import KINDS, Terms
from insole.pipeline.flags.drift import Drift
from insole.pipeline.flags.measures import Reading
from insole.settings import Baseline, Limits, Settings

# ---- the other rules


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
