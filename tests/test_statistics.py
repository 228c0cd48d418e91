"""Means, medians, shares, differences and trends against closed forms, other libraries, and their promise to cover."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from insole.blocks import ContactTable, Kind, Side
from insole.pipeline.statistics import (
    Estimate,
    asymmetry_pct,
    cadence_summary,
    difference,
    mean_interval,
    median_interval,
    moments,
    session_asymmetry_pct,
    session_difference,
    share_interval,
    shares_of_few,
    stride_pairs,
    summary,
    symmetry_index_pct,
    theil_sen,
    theil_sen_interval,
    with_calibration,
)

Floats = NDArray[np.float64]


def autoregressive(random: np.random.Generator, shape: tuple[int, ...], rho: float) -> Floats:
    """Noise of variance 1 whose neighbours along the last axis correlate by rho."""
    out = random.normal(size=shape)
    for i in range(1, shape[-1]):
        out[..., i] = rho * out[..., i - 1] + math.sqrt(1 - rho**2) * out[..., i]
    return out


def effective_count(x: Floats) -> float:
    """METRICS.md 7.2, word by word."""
    rho = max(0.0, float(np.corrcoef(x[:-1], x[1:])[0, 1]))
    return max(2.0, len(x) * (1 - rho) / (1 + rho))


def covered(estimate: Estimate, truth: float) -> float:
    return float(np.mean((estimate.low <= truth) & (truth <= estimate.high)))


# ---- means


@pytest.mark.parametrize("rho", [-0.5, 0.0, 0.4, 0.8])
def test_moments_follow_the_definition(rho: float) -> None:
    x = 70 + 8 * autoregressive(np.random.default_rng(1), (30,), rho)
    found = moments(x)
    assert (found.n, found.mean, found.sd) == pytest.approx((30, np.mean(x), np.std(x, ddof=1)))
    assert found.n_eff == pytest.approx(effective_count(x))


def test_absent_values_on_the_left_change_nothing() -> None:
    x = 70 + autoregressive(np.random.default_rng(2), (17,), 0.3)
    padded = np.concatenate([np.full(13, np.nan), x])
    np.testing.assert_allclose(np.array(moments(padded)), np.array(moments(x)), rtol=1e-12)
    np.testing.assert_array_equal(np.array(median_interval(padded)), np.array(median_interval(x)))


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_few_values_give_what_they_can(n: int) -> None:
    found = moments(np.concatenate([np.full(5 - n, np.nan), np.arange(n) + 4.0]))
    assert found.n == n
    assert np.isnan(found.mean) == (n == 0)
    assert np.isnan(found.sd) == np.isnan(found.n_eff) == (n < 2)


def test_equal_values_have_no_spread() -> None:
    x = np.full(30, 0.1 + 0.2)  # a number that does not sum exactly
    assert moments(x).sd == 0.0
    assert tuple(mean_interval(x)) == (x[0], x[0], x[0])


def test_mean_interval_is_students_t_on_the_effective_count() -> None:
    x = 70 + 8 * autoregressive(np.random.default_rng(3), (30,), 0.5)
    n_eff = effective_count(x)
    wanted = stats.t.interval(0.95, n_eff - 1, np.mean(x), np.std(x, ddof=1) / math.sqrt(n_eff))
    assert mean_interval(x)[1:] == pytest.approx(wanted)
    found = summary(np.insert(x, 7, np.nan))
    assert (found.mean, found.sd, found.n) == pytest.approx((np.mean(x), np.std(x, ddof=1), 30))
    assert (found.low, found.high) == pytest.approx(wanted)


@pytest.mark.parametrize(("rho", "least"), [(0.0, 0.94), (0.3, 0.91), (0.5, 0.88)])
def test_mean_interval_covers(rho: float, least: float) -> None:
    x = autoregressive(np.random.default_rng(4), (4000, 30), rho)
    assert least <= covered(mean_interval(x), 0.0) <= 0.975


def test_summary_of_nothing() -> None:
    found = summary(np.array([np.nan]))
    assert found.n == 0
    assert math.isnan(found.mean)


def test_cadence_is_sixty_over_mean_step_time() -> None:
    steps_ms = np.array([350.0, 360.0] * 20)
    found = cadence_summary(steps_ms)
    steps = summary(steps_ms)
    assert found.mean == pytest.approx(60 / 0.355)
    assert (found.low, found.high) == pytest.approx((60e3 / steps.high, 60e3 / steps.low))
    assert found.sd == pytest.approx(np.std(60e3 / steps_ms, ddof=1), rel=1e-3)


# ---- medians and shares


def test_median_interval_takes_the_tightest_ranks_that_cover() -> None:
    for n in range(1, 301):
        value, low, high = median_interval(np.random.default_rng(n).permutation(n) + 1.0)  # the value is the rank
        assert value == np.median(np.arange(n) + 1.0)
        k = 0 if np.isnan(low) else int(low)
        assert np.isnan(high) if k == 0 else high == n + 1 - k
        assert 1 - 2 * stats.binom.cdf(k - 1, n, 0.5) >= 0.95
        assert 1 - 2 * stats.binom.cdf(k, n, 0.5) < 0.95, "one rank further in would not cover"


def test_median_interval_covers_skewed_values() -> None:
    x = np.random.default_rng(5).lognormal(size=(4000, 60))
    assert 0.945 <= covered(median_interval(x), 1.0) <= 0.985


@pytest.mark.parametrize(("count", "n"), [(0, 30), (27, 30), (30, 30), (48, 60)])
def test_share_interval_is_wilsons(count: int, n: int) -> None:
    share, low, high = share_interval(np.array(float(count)), np.array(float(n)))
    wanted = stats.binomtest(count, n).proportion_ci(method="wilson")
    assert share == count / n
    assert (low, high) == pytest.approx((wanted.low, wanted.high), abs=1e-4)


def test_calibration_widens_by_root_sum_square() -> None:
    widened = with_calibration(Estimate(np.array(75.0), np.array(72.0), np.array(79.0)), 0.08)
    part = 1.96 * 0.08 * 75
    assert widened == pytest.approx((75.0, 75 - math.hypot(3, part), 75 + math.hypot(4, part)))


# ---- left against right


def test_golden_indices() -> None:
    """METRICS.md 11.6."""
    a = 100 * math.log(66 / 60)
    assert a == pytest.approx(9.5310180, abs=1e-7)
    assert symmetry_index_pct(np.array(a)) == pytest.approx(9.5238095, abs=1e-7)
    left, right = moments(np.log(np.full(30, 66.0))), moments(np.log(np.full(30, 60.0)))
    assert asymmetry_pct(left, right) == pytest.approx((9.5238095,) * 3, abs=1e-7)
    assert asymmetry_pct(right, left) == pytest.approx((-9.5238095,) * 3, abs=1e-7)


def test_swapping_the_feet_turns_everything_over() -> None:
    random = np.random.default_rng(6)
    left, right = (moments(random.normal(4, 0.1, 30)) for _ in range(2))
    value, low, high = asymmetry_pct(left, right)
    assert asymmetry_pct(right, left) == (-value, -high, -low)


def test_difference_is_welchs() -> None:
    random = np.random.default_rng(7)
    left, right = (autoregressive(random, (n,), -0.6) * sd for n, sd in ((30, 1.0), (25, 3.0)))
    assert (moments(left).n_eff, moments(right).n_eff) == (30, 25), "neighbours that repel each other count in full"
    wanted = stats.ttest_ind(left, right, equal_var=False).confidence_interval(0.95)
    assert difference(moments(left), moments(right))[1:] == pytest.approx((wanted.low, wanted.high))


@pytest.mark.parametrize(("rho", "least"), [(0.0, 0.94), (0.3, 0.92)])
def test_asymmetry_interval_covers(rho: float, least: float) -> None:
    """Loading rates of CV 12 %, left 10 % higher."""
    random = np.random.default_rng(8)
    left, right = (np.log(level) + 0.12 * autoregressive(random, (4000, 30), rho) for level in (77.0, 70.0))
    truth = float(symmetry_index_pct(np.array(100 * math.log(77 / 70))))
    assert least <= covered(asymmetry_pct(moments(left), moments(right)), truth) <= 0.975


def test_expected_half_width_of_a_window() -> None:
    """METRICS.md 7.3: 196 CV sqrt(2 / n), here with t instead of 1.96."""
    x = np.random.default_rng(9).normal(0, 0.02, (2, 4000, 25))
    found = difference(moments(x[0]), moments(x[1]))
    assert np.median(found.high - found.low) / 2 == pytest.approx(1.1 / 100, rel=0.1)


def contacts(sides: str, **columns: list[float]) -> ContactTable:
    n = len(sides)
    side = np.array([Side.LEFT if s == "L" else Side.RIGHT for s in sides], np.int8)
    strike_s = np.arange(n) * 0.35
    kind = np.full(n, Kind.RUN, np.int8)
    values = {name: np.array(column) for name, column in columns.items()}
    return ContactTable(np.arange(n), side, kind, strike_s, strike_s + 0.25, np.zeros(n, np.uint16), values)


def test_strides_pair_a_contact_with_the_next_of_the_other_foot() -> None:
    table = contacts("RLRLLRRL", x=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0])
    left, right = stride_pairs(table, ["x", "missing"])
    np.testing.assert_array_equal(left[:, 0], [np.nan, 2, 4, 5, np.nan, 8])
    np.testing.assert_array_equal(right[:, 0], [1, 3, np.nan, 6, 7, np.nan])
    assert np.isnan(left[:, 1]).all()
    assert stride_pairs(table.rows(slice(0, 0)), ["x"])[0].shape == (0, 1)


def test_session_difference_of_independent_strides_is_the_textbook_one() -> None:
    random = np.random.default_rng(10)
    left, right = random.normal(5, 1, (2000, 1)), random.normal(4, 2, (2000, 1))
    value, low, high = session_difference(left, right)
    assert value == pytest.approx(left.mean() - right.mean())
    assert (high - low) / 2 == pytest.approx(1.96 * math.sqrt(5 / 2000), rel=0.1)


def test_session_difference_keeps_what_the_feet_share() -> None:
    """Both feet drift together: that says nothing about their difference."""
    random = np.random.default_rng(11)
    drift = np.linspace(0, 10, 1000)[:, None]
    left, right = (drift + level + random.normal(0, 1, (1000, 1)) for level in (1.0, 0.0))
    _, low, high = session_difference(left, right)
    assert (high - low) / 2 == pytest.approx(1.96 * math.sqrt(2 / 1000), rel=0.15)


def test_session_difference_covers_dependent_strides() -> None:
    random = np.random.default_rng(12)
    x = autoregressive(random, (200, 400), 0.3)  # one column a session: 100 sessions, both feet
    left, right = x[:100].T, x[100:].T
    assert 0.87 <= covered(session_difference(left, right), 0.0) <= 0.99


def test_session_asymmetry_is_repeatable_and_handles_gaps() -> None:
    random = np.random.default_rng(13)
    left, right = (level * np.exp(random.normal(0, 0.03, (300, 2))) for level in (66.0, 60.0))
    left[::7, 0] = np.nan
    right[5, 0] = -1.0  # cannot be: left out
    left[9:, 1] = np.nan
    first, again, other = (session_asymmetry_pct(left, right, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(np.array(first), np.array(again))
    assert first.low[0] != other.low[0]
    assert first.low[0] < 9.5238095 < first.high[0]
    assert np.isnan(np.array(first)[:, 1]).all(), "nine values are too few"


def test_session_difference_of_few_strides_has_no_interval() -> None:
    value, low, high = session_difference(np.full((12, 1), 2.0), np.full((12, 1), 1.0))
    assert value[0] == 1.0
    assert np.isnan(low[0])
    assert np.isnan(high[0])


# ---- many at once


def test_figures_of_many_windows_are_those_of_each() -> None:
    random = np.random.default_rng(16)
    windows = 60.0 + random.normal(0, 5, (2500, 30))
    windows[1200:1300, :7] = np.nan
    windows[5, 12] = np.nan
    for figure in (moments, median_interval):
        together = np.array(figure(windows))
        for i in (0, 5, 1023, 1024, 1250, 2499):
            np.testing.assert_array_equal(together[:, i], np.array(figure(windows[i : i + 1]))[:, 0])


def test_shares_of_few_are_looked_up_to_the_last_bit() -> None:
    n = np.arange(31).repeat(31)
    count = np.minimum(np.tile(np.arange(31), 31), n)
    np.testing.assert_array_equal(shares_of_few(count, n, 30), np.array(share_interval(count, n)))


# ---- trend


def test_theil_sen_is_scipys() -> None:
    random = np.random.default_rng(14)
    t = np.cumsum(random.uniform(10, 30, 16))
    y = 60 + 0.01 * t + random.normal(0, 1, 16)
    slope, start = theil_sen(t, y)
    assert slope == pytest.approx(stats.theilslopes(y, t).slope)
    assert start == pytest.approx(np.median(y - slope * (t - t[0])))


@pytest.mark.parametrize("n", [8, 16])
def test_theil_sen_interval_covers(n: int) -> None:
    random = np.random.default_rng(15)
    t = np.arange(float(n))
    bounds = np.array([theil_sen_interval(t, 0.1 * t + random.normal(0, 1, n)) for _ in range(250)])
    assert 0.91 <= np.mean((bounds[:, 0] <= 0.1) & (bounds[:, 1] >= 0.1)) <= 0.99
