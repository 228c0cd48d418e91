"""Rolling asymmetry and medians: METRICS.md 7.2 row by row in plain Python, and the same bits for any grouping."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from contact_rows import left_right, pieces, running_rows
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from insole.blocks import ContactTable, Kind, Side, Status
from insole.pipeline.asymmetry import COMPARED, MEDIANS, ONE_FOOT_S, Asymmetry

METRICS = [row.metric for row in COMPARED]


def noisy_run(seed: int, k: int) -> ContactTable:
    """Both feet in turn with noise, some values withheld, some contacts of other kinds, some of limited accuracy."""
    random = np.random.default_rng(seed)
    levels = {
        "contact_time_ms": 250,
        "stride_time_ms": 700,
        "impulse_bw_s": 0.35,
        "peak_force_bw": 2.5,
        "valr_bw_s": 70,
        "step_time_ms": 350,
        "flight_time_ms": 100,
        "vertical_stiffness_kn_m": 25,
        "fti_rel_pct_heel": 25,
    }
    columns = {name: level * np.exp(random.normal(0, 0.08, k)) for name, level in levels.items()}
    for column in columns.values():
        column[random.random(k) < 0.1] = np.nan
    kind = random.choice([Kind.RUN, Kind.RUN, Kind.RUN, Kind.RUN, Kind.WALK, Kind.REJECTED], k).astype(np.int8)
    status = {"valr_bw_s": random.choice([Status.OK, Status.LIMITED], k).astype(np.uint8)}
    return replace(running_rows(k, columns), kind=kind, status=status)


def last_values(table: ContactTable, metric: str, side: Side, row: int, n: int) -> NDArray[np.float64]:
    """The last n values of a foot's running contacts up to a row, that row included."""
    values = [
        table.columns[metric][i]
        for i in range(row + 1)
        if table.kind[i] == Kind.RUN and table.side[i] == side and math.isfinite(table.columns[metric][i])
    ]
    return np.array(values[-n:])


def plain_asymmetry(left: NDArray[np.float64], right: NDArray[np.float64]) -> tuple[float, float, float]:
    """METRICS.md 7.2, word by word."""
    if min(len(left), len(right)) < 10:
        return math.nan, math.nan, math.nan
    means, terms, counts = [], [], []
    for x in (np.log(left), np.log(right)):
        rho1 = max(0.0, float(np.corrcoef(x[:-1], x[1:])[0, 1]))
        n_eff = max(2.0, len(x) * (1 - rho1) / (1 + rho1))
        means.append(x.mean())
        terms.append(x.var(ddof=1) / n_eff)
        counts.append(n_eff)
    a, se = 100 * (means[0] - means[1]), 100 * math.sqrt(sum(terms))
    df = sum(terms) ** 2 / sum(term**2 / (n - 1) for term, n in zip(terms, counts, strict=True))
    half = stats.t.ppf(0.975, df) * se
    value, low, high = (200 * math.tanh(part / 200) for part in (a, a - half, a + half))
    return value, low, high


def test_rolling_asymmetry_follows_the_definition() -> None:
    table = noisy_run(4, 160)
    out = Asymmetry(calibrated=True).push(table)
    for metric in METRICS:
        name = f"{metric}_asymmetry"
        found = np.array([out.columns[f"{name}{end}"] for end in ("", "_low", "_high")]).T
        for row in range(len(table)):
            wanted = plain_asymmetry(*(last_values(table, metric, side, row, 30) for side in (Side.LEFT, Side.RIGHT)))
            np.testing.assert_allclose(found[row], wanted, rtol=1e-9, err_msg=f"{metric}, row {row}")


def test_medians_are_of_the_rows_own_foot() -> None:
    table = noisy_run(2, 260)
    out = Asymmetry(calibrated=True).push(table)
    for median in MEDIANS:
        for row in range(0, len(table), 7):
            values = last_values(table, median.metric, Side(int(table.side[row])), row, median.contacts)
            if len(values) < median.needed:
                assert np.isnan(out.columns[median.value][row])
                continue
            assert out.columns[median.value][row] == np.median(values)
            k = int(stats.binom.ppf(0.025, len(values), 0.5))
            ordered = np.sort(values)
            bounds = out.columns[median.low][row], out.columns[median.high][row]
            assert bounds == (ordered[k - 1], ordered[-k])


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), cuts=st.lists(st.integers(0, 150), max_size=12), alone=st.booleans())
def test_any_grouping_gives_the_same_bits(seed: int, cuts: list[int], alone: bool) -> None:
    table = noisy_run(seed, 150)
    whole = Asymmetry(calibrated=False).push(table)
    stage = Asymmetry(calibrated=False)
    parts = [stage.push(piece) for piece in pieces(table, list(range(150)) if alone else cuts)]
    cut = ContactTable.join(parts)
    assert whole.columns.keys() == cut.columns.keys()
    for name, column in whole.columns.items():
        assert np.array_equal(column, cut.columns[name], equal_nan=True), name
    for name, codes in whole.status.items():
        assert np.array_equal(codes, cut.status[name]), name


def test_a_long_push_gives_the_same_bits_as_its_pieces() -> None:
    table = noisy_run(3, 1300)
    stage = Asymmetry(calibrated=True)
    cut = ContactTable.join([stage.push(piece) for piece in pieces(table, [1, 500, 777])])
    for name, column in Asymmetry(calibrated=True).push(table).columns.items():
        assert np.array_equal(column, cut.columns[name], equal_nan=True), name


def test_golden_pair() -> None:
    """METRICS.md 11.6: 66 against 60; swapped, the sign turns."""
    table = running_rows(40, {"valr_bw_s": left_right(40, 66.0, 60.0)})
    column = Asymmetry(calibrated=True).push(table).columns["valr_bw_s_asymmetry"]
    assert np.isnan(column[:19]).all()
    np.testing.assert_allclose(column[19:], 9.52380952, rtol=1e-8)
    other = replace(table, side=1 - table.side)
    np.testing.assert_array_equal(Asymmetry(calibrated=True).push(other).columns["valr_bw_s_asymmetry"], -column)


def test_ten_contacts_of_each_foot_are_needed() -> None:
    out = Asymmetry(calibrated=True).push(running_rows(20, {"contact_time_ms": 250.0}))
    codes = out.status["contact_time_ms_asymmetry"]
    assert set(codes[:19].tolist()) == {Status.FEW_CONTACTS}
    assert codes[19] == Status.OK
    assert out.columns["contact_time_ms_asymmetry"][19] == 0.0


def test_one_foot_alone_is_not_compared_with_the_past() -> None:
    both = running_rows(60, {"contact_time_ms": 250.0})
    table = both.rows((both.side == Side.LEFT) | (both.strike_s < 12.0))
    out = Asymmetry(calibrated=True).push(table)
    last_right_s = out.strike_s[out.side == Side.RIGHT][-1]
    known = np.isfinite(out.columns["contact_time_ms_asymmetry"])
    np.testing.assert_array_equal(known[20:], out.strike_s[20:] <= last_right_s + ONE_FOOT_S)
    assert not known[-1]


def test_rows_that_do_not_count_carry_the_state_on() -> None:
    table = running_rows(40, {"peak_force_bw": left_right(40, 2.6, 2.5)})
    kind = table.kind.copy()
    kind[30:] = Kind.REJECTED
    values = table.columns["peak_force_bw"].copy()
    values[30:] = 9.0
    out = Asymmetry(calibrated=True).push(replace(table, kind=kind, columns={"peak_force_bw": values}))
    column = out.columns["peak_force_bw_asymmetry"]
    assert (column[30:] == column[29]).all()


@pytest.mark.parametrize(("calibrated", "magnitude"), [(True, Status.OK), (False, Status.LIMITED)])
def test_unknown_gain_limits_magnitudes_and_not_times(calibrated: bool, magnitude: Status) -> None:
    out = Asymmetry(calibrated).push(running_rows(40, {"peak_force_bw": 2.5, "contact_time_ms": 250.0}))
    assert out.status["peak_force_bw_asymmetry"][-1] == magnitude
    assert out.status["contact_time_ms_asymmetry"][-1] == Status.OK


@pytest.mark.parametrize(("share", "wanted"), [(0.4, Status.OK), (0.6, Status.LIMITED)])
def test_mostly_limited_values_make_limited_figures(share: float, wanted: Status) -> None:
    table = running_rows(200, {"valr_bw_s": 70.0})
    codes = np.where(np.arange(200) // 2 % 10 < 10 * share, Status.LIMITED, Status.OK).astype(np.uint8)
    out = Asymmetry(calibrated=True).push(replace(table, status={"valr_bw_s": codes}))
    for name in ("valr_bw_s_asymmetry", "valr_bw_s_median", "valr_bw_s_median60"):
        assert out.status[name][-1] == wanted


def test_metrics_that_are_not_there_get_no_columns() -> None:
    out = Asymmetry(calibrated=True).push(running_rows(5, {"contact_time_ms": 250.0}))
    assert set(out.columns) == {"contact_time_ms", *(f"contact_time_ms_asymmetry{e}" for e in ("", "_low", "_high"))}
    assert len(Asymmetry(calibrated=True).push(ContactTable.empty())) == 0
