"""Where the first zero comes from (METRICS.md 1.3): steps, never quiet standing."""

from __future__ import annotations

import numpy as np
import pytest

from insole.pipeline.foot.start import find_start, spells

RATE_HZ = 200.0


def running(seconds: float, offset_n: float = 0.0, noise_n: float = 0.0, stride_s: float = 0.7) -> np.ndarray:
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    phase = t % stride_s
    force = np.where(phase < 0.25, 1600.0 * np.sin(np.pi * phase / 0.25), 0.0) + offset_n
    return force + np.random.default_rng(1).normal(0, noise_n, len(t))


def standing(seconds: float) -> np.ndarray:
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return 350.0 + 260.0 * np.sin(2 * np.pi * t / 2.5)  # shifting weight from foot to foot, never off the ground


def test_running_gives_the_unloaded_frames_and_the_noise() -> None:
    force = running(6.0, offset_n=150.0, noise_n=8.0)
    start, first = find_start(force, RATE_HZ, needs_zero=True)
    assert start is not None
    window = force[first : first + len(start.unloaded)]
    assert np.median(window[start.unloaded]) == pytest.approx(150.0, abs=8.0)
    assert start.sigma_n == pytest.approx(8.0, rel=0.2)


def test_standing_and_shifting_weight_give_nothing() -> None:
    assert find_start(standing(20.0), RATE_HZ, needs_zero=True)[0] is None
    assert find_start(np.full(4000, 350.0), RATE_HZ, needs_zero=True)[0] is None


def test_the_first_window_with_steps_is_taken_after_standing() -> None:
    force = np.concatenate([standing(8.0), running(6.0)])
    start, first = find_start(force, RATE_HZ, needs_zero=True)
    assert start is not None
    assert 5.0 * RATE_HZ <= first <= 9.0 * RATE_HZ


def test_the_search_can_be_taken_up_where_it_ended() -> None:
    force = np.concatenate([standing(8.0), running(6.0)])
    whole, at = find_start(force, RATE_HZ, needs_zero=True)
    _, first = find_start(force[:1900], RATE_HZ, needs_zero=True)
    rest, further = find_start(force[first:], RATE_HZ, needs_zero=True)
    assert whole is not None
    assert rest is not None
    assert first + further == at
    assert rest.sigma_n == whole.sigma_n


def test_a_plate_needs_only_short_flights_for_its_noise() -> None:
    t = np.arange(1000) / RATE_HZ
    phase = t % 0.33
    belt = np.where(phase < 0.24, 1600.0 * np.sin(np.pi * phase / 0.24), 0.0)
    belt += np.random.default_rng(2).normal(0, 5.0, len(t))
    assert find_start(belt, RATE_HZ, needs_zero=True)[0] is None
    start, _ = find_start(belt, RATE_HZ, needs_zero=False)
    assert start is not None
    assert start.sigma_n == pytest.approx(5.0, rel=0.35)


def test_a_ramp_that_runs_out_into_short_flights_is_no_noise() -> None:
    """As on filtered treadmill forces, where it would lift the reporting threshold to 80 N."""
    t = np.arange(1000) / RATE_HZ
    phase = t % 0.33
    belt = np.where(phase < 0.24, 1600.0 * np.sin(np.pi * phase / 0.24), 30.0 - 600.0 * (phase - 0.24))
    start, _ = find_start(belt, RATE_HZ, needs_zero=False)
    assert start is not None
    assert start.sigma_n < 3.0
    noisy, _ = find_start(belt + np.random.default_rng(2).normal(0, 5.0, len(t)), RATE_HZ, needs_zero=False)
    assert noisy is not None
    assert noisy.sigma_n == pytest.approx(5.0, rel=0.35)


def test_spells_are_runs_of_true() -> None:
    assert spells(np.array([True, True, False, True, False])) == [(0, 2), (3, 4)]
    assert spells(np.zeros(3, np.bool_)) == []


def test_walking_with_tight_laces_gives_a_zero() -> None:
    t = np.arange(round(6 * RATE_HZ)) / RATE_HZ
    phase = t % 1.1
    stance = np.interp(phase, [0, 0.12, 0.33, 0.5, 0.65], [0, 800, 560, 820, 0], right=0)
    force = stance + 90.0 + np.random.default_rng(3).normal(0, 5.0, len(t))
    start, first = find_start(force, RATE_HZ, needs_zero=True)
    assert start is not None
    assert np.median(force[first : first + len(start.unloaded)][start.unloaded]) == pytest.approx(90.0, abs=12.0)
