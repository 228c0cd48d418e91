"""Key numbers and gauges: the last 30 contacts, their intervals, and when a figure may not be shown."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from contact_rows import left_right, pieces, running_rows
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from insole.blocks import ContactTable, FootHealth, Gauge, Health, KeyNumber, Kind, Side, Status
from insole.device import MASKS, Device, force_device
from insole.pipeline.asymmetry import Asymmetry
from insole.pipeline.numbers import GAUGES, Numbers
from insole.pipeline.statistics import cadence_summary, summary
from insole.settings import FlagSettings, Limits, Settings

PLATE = force_device("plate", 1000.0, 1.0)
INSOLE = replace(PLATE, u_cal=0.08, rate_hz=200.0)
LEVELS = {
    "valr_bw_s": 70.0,
    "contact_time_ms": 250.0,
    "peak_force_bw": 2.5,
    "peak_force_n": 1716.0,
    "impulse_bw_s": 0.35,
    "peak_pressure_kpa": 300.0,
    "flight_time_ms": 100.0,
    "step_time_ms": 350.0,
    "stride_time_ms": 700.0,
    "strike_index_pct": 20.0,
    "vertical_stiffness_kn_m": 25.0,
    "fti_rel_pct_heel": 25.0,
}


def run(k: int, seed: int = 0, cv: float = 0.05) -> ContactTable:
    random = np.random.default_rng(seed)
    table = running_rows(k, {name: level * np.exp(cv * random.standard_normal(k)) for name, level in LEVELS.items()})
    return Asymmetry(calibrated=True).push(table)


def with_status(table: ContactTable, metric: str, code: Status, rows: slice) -> ContactTable:
    """Some values of a metric withheld or limited."""
    column, codes = table.columns[metric].copy(), np.zeros(len(table), np.uint8)
    codes[rows] = code
    column[codes > Status.LIMITED] = np.nan
    return replace(table, columns={**table.columns, metric: column}, status={**table.status, metric: codes})


def figures(
    table: ContactTable,
    *,
    device: Device = PLATE,
    feet: tuple[Side, ...] = (Side.LEFT, Side.RIGHT),
    health: Health | None = None,
) -> tuple[dict[tuple[str, Side | None], KeyNumber], dict[str, Gauge]]:
    numbers = Numbers(Settings(), dict.fromkeys(feet, device), calibrated=True)
    numbers.push(table)
    found, gauges = numbers.state(health)
    return {(n.metric, n.side): n for n in found}, {g.metric: g for g in gauges}


def last(table: ContactTable, metric: str, side: Side) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    values = table.running(side).columns[metric]
    return values[np.isfinite(values)][-30:]


def test_loading_rate_is_the_median_that_stands_in_the_table() -> None:
    table = run(100)
    numbers, _ = figures(table)
    for side in (Side.LEFT, Side.RIGHT):
        row = np.flatnonzero(table.side == side)[-1]
        wanted = tuple(table.columns[f"valr_bw_s_{end}"][row] for end in ("median", "low", "high"))
        number = numbers["valr_bw_s", side]
        assert (number.value, number.low, number.high) == wanted
        assert (number.n, number.needed, number.unit, number.status) == (30, 10, "BW/s", Status.OK)


@pytest.mark.parametrize("metric", ["peak_force_bw", "peak_force_n", "impulse_bw_s", "peak_pressure_kpa"])
def test_means_are_those_of_the_report(metric: str) -> None:
    table = run(100)
    number = figures(table)[0][metric, Side.RIGHT]
    wanted = summary(last(table, metric, Side.RIGHT))
    assert (number.value, number.low, number.high, number.n) == (wanted.mean, wanted.low, wanted.high, wanted.n)


def test_calibration_widens_magnitudes_and_toe_off_times() -> None:
    table = run(100)
    plate, insole = figures(table)[0], figures(table, device=INSOLE)[0]
    for metric in ("valr_bw_s", "peak_force_bw", "peak_pressure_kpa"):
        narrow, wide = plate[metric, Side.LEFT], insole[metric, Side.LEFT]
        assert wide.value == narrow.value
        assert wide.value - wide.low == pytest.approx(math.hypot(narrow.value - narrow.low, 1.96 * 0.08 * narrow.value))
    contact = insole["contact_time_ms", Side.LEFT]
    random = summary(last(table, "contact_time_ms", Side.LEFT))
    assert contact.high - contact.value == pytest.approx(math.hypot(random.high - random.mean, 5.0))


def test_contact_time_of_a_steady_runner_is_known_to_five_ms() -> None:
    number = figures(run(100, cv=0.01), device=INSOLE)[0]["contact_time_ms", Side.LEFT]
    assert round((number.high - number.low) / 2) == 5


def test_rearfoot_share_has_wilsons_interval() -> None:
    table = running_rows(60, {"strike_index_pct": left_right(60, np.where(np.arange(60) < 48, 20.0, 50.0), 70.0)})
    numbers, _ = figures(table)
    left, right = numbers["rearfoot_pct", Side.LEFT], numbers["rearfoot_pct", Side.RIGHT]
    wanted = stats.binomtest(24, 30).proportion_ci(method="wilson")
    assert (left.value, left.low, left.high) == pytest.approx((80, 100 * wanted.low, 100 * wanted.high), abs=1e-2)
    assert (right.value, right.low) == (0.0, 0.0)


def test_cadence_of_both_feet_and_of_one() -> None:
    table = run(100)
    both = figures(table)[0]["cadence_spm", None]
    wanted = cadence_summary(table.columns["step_time_ms"][-30:])
    assert (both.value, both.low, both.high, both.n) == (wanted.mean, wanted.low, wanted.high, 30)
    left = table.running(Side.LEFT)
    left = replace(left, columns={**left.columns, "step_time_ms": np.full(len(left), np.nan)})
    one = figures(left, feet=(Side.LEFT,))[0]["cadence_spm", None]
    assert one.value == pytest.approx(120e3 / left.columns["stride_time_ms"][-30:].mean())


@pytest.mark.parametrize(("k", "n", "shown"), [(0, 0, False), (18, 9, False), (20, 10, True)])
def test_ten_contacts_are_needed(k: int, n: int, shown: bool) -> None:
    numbers, gauges = figures(run(k))
    number = numbers["valr_bw_s", Side.LEFT]
    assert (number.n, number.status) == (n, Status.OK if shown else Status.FEW_CONTACTS)
    assert math.isfinite(number.value) is shown
    gauge = gauges["valr_bw_s"]
    assert (gauge.n_left, gauge.n_right, gauge.status) == (n, n, number.status)
    assert math.isfinite(gauge.value_pct) is shown


def test_a_figure_is_withheld_when_most_of_the_last_contacts_had_none() -> None:
    table = run(200)
    numbers, gauges = figures(with_status(table, "valr_bw_s", Status.RATE_TOO_LOW, slice(168, 200)))
    number = numbers["valr_bw_s", Side.LEFT]
    assert (number.status, number.reason) == (Status.RATE_TOO_LOW, "needs 100 Hz")
    assert math.isnan(number.value)
    number = figures(with_status(table, "valr_bw_s", Status.GAP, slice(172, 200)))[0]["valr_bw_s", Side.LEFT]
    assert number.status == Status.OK
    assert gauges["contact_time_ms"].status == Status.OK


def test_a_new_cause_is_named_from_the_first_contacts_on() -> None:
    table = with_status(run(6), "peak_force_bw", Status.NO_BODY_MASS, slice(0, 6))
    number = figures(table)[0]["peak_force_bw", Side.LEFT]
    assert (number.status, number.reason, number.n) == (Status.NO_BODY_MASS, "no body mass", 0)
    assert figures(run(6))[0]["peak_force_bw", Side.LEFT].status == Status.FEW_CONTACTS


@pytest.mark.parametrize(
    ("device", "reason"),
    [
        (replace(INSOLE, rate_hz=100.0), "100 Hz"),
        (replace(INSOLE, tau_ms=float("nan")), "sensor lag unknown"),
        (replace(INSOLE, tau_ms=4.0), "sensor lag 4 ms"),
        (INSOLE, "limited accuracy"),
    ],
)
def test_limited_says_why(device: Device, reason: str) -> None:
    table = with_status(run(100), "valr_bw_s", Status.LIMITED, slice(0, 100))
    number = figures(table, device=device)[0]["valr_bw_s", Side.LEFT]
    assert (number.status, number.reason) == (Status.LIMITED, reason)
    assert math.isfinite(number.value)


def test_columns_that_are_missing_are_not_measured() -> None:
    numbers, gauges = figures(running_rows(60, {"contact_time_ms": 250.0}))
    assert numbers["valr_bw_s", Side.LEFT].status == Status.NOT_COMPUTED
    assert gauges["valr_bw_s"].status == Status.NOT_COMPUTED
    assert ("fti_rel_pct_heel", Side.LEFT) not in numbers


def test_regional_shares_are_there_when_measured() -> None:
    numbers, _ = figures(running_rows(60, {f"fti_rel_pct_{mask}": 100.0 / len(MASKS) for mask in MASKS}))
    assert {m for m, side in numbers if m.startswith("fti_rel") and side == Side.LEFT} == {
        f"fti_rel_pct_{mask}" for mask in MASKS
    }


def test_walking_is_not_counted() -> None:
    table = run(100)
    numbers, _ = figures(replace(table, kind=np.full(100, Kind.WALK, np.int8)))
    assert {number.n for number in numbers.values()} == {0}


def test_no_number_outlives_its_link() -> None:
    health = Health(feet={Side.LEFT: FootHealth(silent_s=2.5), Side.RIGHT: FootHealth(silent_s=0.1)})
    numbers, gauges = figures(run(100), health=health)
    left, right = numbers["valr_bw_s", Side.LEFT], numbers["valr_bw_s", Side.RIGHT]
    assert (left.status, left.reason) == (Status.GAP, "no data")
    assert math.isnan(left.value)
    assert right.status == Status.OK
    assert numbers["cadence_spm", None].status == Status.OK
    assert {(gauge.status, math.isnan(gauge.value_pct)) for gauge in gauges.values()} == {(Status.GAP, True)}


def test_gauges_are_the_newest_asymmetry_columns() -> None:
    table = run(100)
    _, gauges = figures(table)
    assert list(gauges) == list(GAUGES)
    for metric, gauge in gauges.items():
        wanted = tuple(table.columns[f"{metric}_asymmetry{end}"][-1] for end in ("", "_low", "_high"))
        assert (gauge.value_pct, gauge.low_pct, gauge.high_pct) == wanted
    lines = [gauge.note_line_pct for gauge in gauges.values()]
    assert lines[:5] == [25.0, 10.0, 7.0, 5.0, 5.0]
    assert all(math.isnan(line) for line in lines[5:])  # shown only


def test_unknown_gain_and_other_lines() -> None:
    numbers = Numbers(Settings(), {Side.LEFT: PLATE, Side.RIGHT: PLATE}, calibrated=False)
    numbers.push(run(100))
    assert [gauge.calibrated for gauge in numbers.state()[1]] == [False] * 3 + [True] * (len(GAUGES) - 3)
    numbers.change(Settings(flags=FlagSettings(limits=Limits(asymmetry_valr_pct=30.0))), calibrated=True)
    assert next((g.calibrated, g.note_line_pct) for g in numbers.state()[1]) == (True, 30.0)


def test_one_signal_under_both_feet() -> None:
    numbers, _ = figures(run(100), feet=(Side.BELT,))
    assert numbers["valr_bw_s", Side.LEFT].status == numbers["valr_bw_s", Side.RIGHT].status == Status.OK


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000), cuts=st.lists(st.integers(0, 120), max_size=10))
def test_any_grouping_gives_the_same_figures(seed: int, cuts: list[int]) -> None:
    table = with_status(run(120, seed), "valr_bw_s", Status.GAP, slice(60, 100, 3))
    feet = {Side.LEFT: INSOLE, Side.RIGHT: INSOLE}
    once, often = (Numbers(Settings(), feet, calibrated=True) for _ in range(2))
    once.push(table)
    gone = Health(feet={Side.LEFT: FootHealth(silent_s=3.0), Side.RIGHT: FootHealth()})
    for i, piece in enumerate(pieces(table, cuts)):
        often.push(piece)
        often.state(gone if i % 3 == 1 else None)  # what was asked for in between leaves nothing behind
    assert repr(often.state()) == repr(once.state())


def test_a_contact_of_one_foot_leaves_the_numbers_of_the_other_as_they_were() -> None:
    table = run(101)
    numbers = Numbers(Settings(), {Side.LEFT: INSOLE, Side.RIGHT: INSOLE}, calibrated=True)
    numbers.push(table.rows(slice(0, 100)))
    before = {(n.metric, n.side): n for n in numbers.state()[0]}
    numbers.push(table.rows(slice(100, 101)))  # a left one
    after = {(n.metric, n.side): n for n in numbers.state()[0]}
    assert after.keys() == before.keys()
    for key, number in after.items():
        assert (number is before[key]) == (key[1] is Side.RIGHT), key
    assert after["contact_time_ms", Side.LEFT] != before["contact_time_ms", Side.LEFT]


def test_a_mean_that_still_moves_is_said_to_be_settling() -> None:
    feet = {Side.LEFT: Device.named("demo32"), Side.RIGHT: Device.named("demo32")}
    numbers = Numbers(Settings(), feet, calibrated=True)
    ramp = np.linspace(400.0, 250.0, 24)
    table = replace(
        ContactTable.empty(),
        contact_id=np.arange(24),
        side=(np.arange(24) % 2).astype(np.int8),
        kind=np.zeros(24, np.int8),
        strike_s=np.arange(24) * 0.35,
        toe_off_s=np.arange(24) * 0.35 + 0.25,
        quality=np.zeros(24, np.uint16),
        columns={"contact_time_ms": ramp},
    )
    numbers.push(table)
    shown = {(n.metric, n.side): n for n in numbers.state()[0]}[("contact_time_ms", Side.LEFT)]
    assert (shown.status, shown.reason) == (Status.LIMITED, "settling")
