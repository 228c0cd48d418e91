"""The batched spline and its crossings, against scipy and closed forms."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import CubicSpline

from insole.blocks import FloatArray
from insole.pipeline.metrics.curves import first_true, last_downward, last_upward, on_grid

RATES_HZ = (50.0, 75.0, 100.0, 148.0, 200.0, 250.0, 300.0, 500.0, 1000.0)


def one_window(samples: FloatArray, rate_hz: float) -> FloatArray:
    n = len(samples)
    grid = on_grid(samples, np.arange(n) / rate_hz, np.array([0, n]), rate_hz)
    return grid.f[0, : grid.n[0]]


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@given(n=st.integers(4, 120), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_spline_is_scipys_not_a_knot_spline(rate_hz: float, n: int, seed: int) -> None:
    samples = np.random.default_rng(seed).normal(0.0, 1000.0, n)
    got = one_window(samples, rate_hz)
    at = np.arange(len(got)) * (rate_hz / 1000.0)
    want = CubicSpline(np.arange(n), samples, bc_type="not-a-knot")(at)
    np.testing.assert_allclose(got, want, rtol=0, atol=1e-10 * np.abs(want).max())
    assert (n - 1) - at[-1] < rate_hz / 1000.0 + 1e-6  # the grid reaches the last whole millisecond


@pytest.mark.parametrize("rate_hz", [100.0, 200.0, 300.0])
@pytest.mark.parametrize("n", [4, 5, 6, 30])
def test_a_cubic_is_reproduced(rate_hz: float, n: int) -> None:
    def cubic(x: FloatArray) -> FloatArray:
        return 3.0 - 2.0 * x + 0.5 * x**2 - 0.01 * x**3

    got = one_window(cubic(np.arange(n, dtype=float)), rate_hz)
    want = cubic(np.arange(len(got)) * (rate_hz / 1000.0))
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-12 * np.abs(want).max())


@pytest.mark.parametrize("n", [2, 3])
def test_windows_too_short_for_a_cubic_are_joined_by_lines(n: int) -> None:
    samples = np.array([1.0, 5.0, -3.0])[:n]
    want = np.interp(np.arange((n - 1) * 5 + 1) / 5, np.arange(n), samples)
    np.testing.assert_allclose(one_window(samples, 200.0), want, atol=1e-12)


def test_above_the_grid_rate_the_samples_are_the_grid() -> None:
    samples = np.random.default_rng(3).normal(size=50)
    np.testing.assert_array_equal(one_window(samples, 2000.0), samples)


@given(lengths=st.lists(st.integers(2, 90), min_size=1, max_size=12), rate_hz=st.sampled_from(RATES_HZ))
@settings(max_examples=60, deadline=None)
def test_a_window_has_the_same_bits_alone_and_in_company(lengths: list[int], rate_hz: float) -> None:
    rng = np.random.default_rng(sum(lengths))
    starts = np.cumsum([0, *lengths])
    samples, t_s = rng.normal(size=starts[-1]), rng.uniform(0, 1e-4, starts[-1]) + np.arange(starts[-1]) / rate_hz
    together = on_grid(samples, t_s, starts, rate_hz)
    for i, (a, b) in enumerate(pairwise(starts)):
        single = on_grid(samples[a:b], t_s[a:b], np.array([0, b - a]), rate_hz)
        n = int(single.n[0])
        assert together.n[i] == n
        np.testing.assert_array_equal(together.f[i, :n], single.f[0, :n])
        assert np.isnan(together.f[i, n:]).all()
        assert (together.step_s[i], together.t0_s[i]) == (single.step_s[0], single.t0_s[0])
        for position in (0.0, (n - 1) / 3, n - 1.0):
            value = single.at(np.array([position]))[0]
            assert together.at(np.full(len(lengths), position))[i] == value
            assert np.isfinite(value)


def test_device_time_follows_the_true_rate() -> None:
    """A device 3 % slow: grid steps are 1 ms of nominal time, 1 / 0.97 ms of true time."""
    grid = on_grid(np.zeros(41), 5.0 + np.arange(41) / 194.0, np.array([0, 41]), 200.0)
    assert grid.step_s[0] == pytest.approx(1e-3 / 0.97)
    assert grid.t0_s[0] + (grid.n[0] - 1) * grid.step_s[0] == pytest.approx(5.0 + 40 / 194.0)
    rising = on_grid(np.arange(41.0), np.arange(41) / 194.0, np.array([0, 41]), 200.0)
    np.testing.assert_allclose(rising.slope[:, : rising.n[0] - 1], 194.0, rtol=1e-9)


def test_reduction_over_a_part_of_each_window() -> None:
    grid = on_grid(np.arange(30.0), np.arange(30) / 1000, np.array([0, 10, 30]), 1000.0)
    start, stop = np.array([1.5, 17.0]), np.array([4.0, 40.0])
    assert grid.reduced(start, stop, np.add)[0].tolist() == [2 + 3 + 4, 27 + 28 + 29]
    assert grid.reduced(start, np.array([1.9, 18.2]), np.maximum)[0].tolist()[1] == 28
    assert np.isnan(grid.reduced(start, np.array([1.9, np.nan]), np.add)[0]).all()


def test_value_outside_the_window_is_nan() -> None:
    grid = on_grid(np.arange(10.0), np.arange(10) / 200, np.array([0, 10]), 200.0)
    for outside in (-0.01, 45.01, np.nan):
        assert np.isnan(grid.at(np.array([outside]))[0])
    assert grid.at(np.array([45.0]))[0] == pytest.approx(9.0)


def test_crossings_of_a_zigzag() -> None:
    f = np.interp(np.arange(61), [0, 10, 20, 30, 40, 60], [0.0, 10.0, 0.0, 20.0, 10.0, 0.0])[None]
    level, whole = np.array([5.0]), np.array([60.0])
    assert last_upward(f, level, whole)[0] == pytest.approx(22.5)
    assert last_upward(f, level, np.array([20.0]))[0] == pytest.approx(5.0)
    assert last_downward(f, level, np.array([0.0]), whole)[0] == pytest.approx(50.0)
    assert last_downward(f, level, np.array([0.0]), np.array([30.0]))[0] == pytest.approx(15.0)
    assert last_downward(f, np.array([15.0]), np.array([0.0]), whole)[0] == pytest.approx(35.0)
    for nothing in (np.array([25.0]), np.array([np.nan])):
        assert np.isnan(last_upward(f, nothing, whole)[0])
        assert np.isnan(last_downward(f, nothing, np.array([0.0]), whole)[0])


def test_several_levels_and_places_at_once_are_those_one_by_one() -> None:
    rng = np.random.default_rng(8)
    starts = np.array([0, 40, 95, 130])
    grid = on_grid(rng.normal(size=130).cumsum(), np.arange(130) / 200.0, starts, 200.0)
    level, before = rng.normal(size=(4, 2, 3)), rng.uniform(5, 190, (2, 3))
    found, values = last_upward(grid.f, level, before), grid.at(before)
    assert found.shape == (4, 2, 3)
    assert 0 < np.isfinite(found).sum() < found.size
    for i in range(2):
        np.testing.assert_array_equal(values[i], grid.at(before[i]))
        for j in range(4):
            np.testing.assert_array_equal(found[j, i], last_upward(grid.f, level[j, i], before[i]))


def test_first_true() -> None:
    np.testing.assert_array_equal(first_true(np.array([[False, True, True], [False] * 3])), [1.0, np.nan])
