"""Device time to recording time from the lower envelope of arrivals."""

from __future__ import annotations

import numpy as np
import pytest

from insole.pipeline.clock import FootClock

RATE_HZ = 200.0


def arrivals(seconds: float, drift: float, offset_s: float, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ticks, host stamps and true sample times: radio events every 15 ms deliver what has gathered, some much later.

    The device samples 0.1 % fast, so that samples and radio events slide past each other; locked to each other they
    would hide up to one sample interval from every method that has only arrivals.
    """
    rng = np.random.default_rng(seed)
    true_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ * 0.999
    tick_us = np.round((true_s * (1 + drift) + offset_s) * 1e6).astype(np.int64)
    event_s = np.ceil((true_s + 0.0003) / 0.015) * 0.015
    late_s = np.where(rng.random(len(true_s)) < 0.02, rng.exponential(0.03, len(true_s)), 0.0)
    host_ns = np.maximum.accumulate(np.round((event_s + late_s) * 1e9)).astype(np.int64)
    return tick_us, host_ns, true_s


@pytest.mark.parametrize("drift", [0.0, 50e-6, -50e-6, 0.01, -0.04])
def test_sample_times_are_found_within_3_ms_after_10_s(drift: float) -> None:
    tick_us, host_ns, true_s = arrivals(40.0, drift, 123.0, seed=1)
    clock = FootClock(0)
    clock.add(tick_us, host_ns)
    later = np.flatnonzero(true_s > 10.0)[::97]
    errors = [clock.recording_s(int(tick_us[i])) - true_s[i] for i in later]
    assert np.abs(errors).max() < 0.003


def test_the_estimate_does_not_depend_on_how_the_stream_is_cut() -> None:
    tick_us, host_ns, _ = arrivals(30.0, 80e-6, 5.0, seed=2)
    whole, pieces = FootClock(0), FootClock(0)
    whole.add(tick_us, host_ns)
    for part in np.array_split(np.arange(len(tick_us)), 333):
        pieces.add(tick_us[part], host_ns[part])
    at = tick_us[::111].tolist()
    assert [whole.recording_s(t) for t in at] == [pieces.recording_s(t) for t in at]


def test_an_estimate_uses_only_what_came_before() -> None:
    tick_us, host_ns, _ = arrivals(30.0, 80e-6, 5.0, seed=3)
    early, all_of_it = FootClock(0), FootClock(0)
    early.add(tick_us[:2000], host_ns[:2000])
    all_of_it.add(tick_us, host_ns)
    assert early.recording_s(int(tick_us[1500])) == all_of_it.recording_s(int(tick_us[1500]))


def test_before_the_first_second_nothing_is_known_unless_the_stream_is_over() -> None:
    clock = FootClock(0)
    clock.add(np.array([0, 5000]), np.array([1_000_000, 6_000_000]))
    assert np.isnan(clock.recording_s(0))
    assert clock.recording_s(0, final=True) == pytest.approx(0.001)


def test_exact_stamps_give_exact_times() -> None:
    tick_us = np.arange(0, 5_000_000, 5000)
    clock = FootClock(0)
    clock.add(tick_us, tick_us * 1000)
    assert clock.recording_s(4_000_000) == pytest.approx(4.0, abs=1e-9)
