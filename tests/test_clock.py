"""Device time to recording time: from the lower envelope of arrivals, and between it and the round trips of pings."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from locked_radio import RATE_HZ, LockedFoot

from insole.blocks import RoundTrip
from insole.pipeline.clock import FootClock, TwoClocks
from insole.pipeline.clock.ceilings import Ceilings
from insole.pipeline.clock.lines import DRIFT_BINS, Bound

Z_95 = 1.96
PHASES_S = np.linspace(0.0, 0.015, 7)[:-1] + 0.0004
DRIFTS = (0.0, 50e-6, -50e-6, 0.01, -0.04, 0.04)


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
    clock = FootClock(0, 1e6 / RATE_HZ)
    clock.add(tick_us, host_ns)
    later = np.flatnonzero(true_s > 10.0)[::97]
    errors = [clock.recording_s(int(tick_us[i])) - true_s[i] for i in later]
    assert np.abs(errors).max() < 0.003


@pytest.mark.parametrize("cuts", [333, 1500, 6000])
def test_the_estimate_does_not_depend_on_how_the_stream_is_cut(cuts: int) -> None:
    tick_us, host_ns, _ = arrivals(30.0, 80e-6, 5.0, seed=2)
    whole, pieces = (FootClock(0, 1e6 / RATE_HZ) for _ in range(2))
    whole.add(tick_us, host_ns)
    for part in np.array_split(np.arange(len(tick_us)), cuts):
        pieces.add(tick_us[part], host_ns[part])
    at = tick_us[::111].tolist()
    assert [whole.recording_s(t) for t in at] == [pieces.recording_s(t) for t in at]


@pytest.mark.parametrize("seed", range(8))
def test_ticks_that_step_back_are_taken_and_the_same_however_they_are_cut(seed: int) -> None:
    rng = np.random.default_rng(seed)
    steps_us = np.full(6000, 5000)
    steps_us[rng.integers(0, 6000, 60)] = rng.integers(-590_000, 590_000, 60)
    tick_us, host_ns = np.cumsum(steps_us) + 3_000_000, np.arange(6000) * 5_000_000
    asked = tick_us[:3000:40].tolist()
    found = []
    for cuts, n in [(1, 6000), (300, 6000), (6000, 6000), (1, 4000)]:
        clock = FootClock(0, 1e6 / RATE_HZ)
        for part in np.array_split(np.arange(n), cuts):
            clock.add(tick_us[part], host_ns[part])
        found.append([clock.recording_s(t) for t in asked])
    assert np.isfinite(found[0]).all()
    assert found[0] == found[1] == found[2] == found[3]


def test_an_estimate_uses_only_what_came_before() -> None:
    tick_us, host_ns, _ = arrivals(30.0, 80e-6, 5.0, seed=3)
    early, all_of_it = (FootClock(0, 1e6 / RATE_HZ) for _ in range(2))
    early.add(tick_us[:2000], host_ns[:2000])
    all_of_it.add(tick_us, host_ns)
    assert early.recording_s(int(tick_us[1500])) == all_of_it.recording_s(int(tick_us[1500]))


def test_before_the_first_second_nothing_is_known_unless_the_stream_is_over() -> None:
    clock = FootClock(0, 1e6 / RATE_HZ)
    clock.add(np.array([0, 5000]), np.array([1_000_000, 6_000_000]))
    assert np.isnan(clock.recording_s(0))
    assert clock.recording_s(0, final=True) == pytest.approx(0.001)


def test_exact_stamps_give_exact_times() -> None:
    tick_us = np.arange(0, 5_000_000, 5000)
    clock = FootClock(0, 1e6 / RATE_HZ)
    clock.add(tick_us, tick_us * 1000)
    assert clock.recording_s(4_000_000) == pytest.approx(4.0, abs=1e-9)


@pytest.mark.parametrize("seconds", [0.0, 0.5, 30.0])
def test_times_of_many_frames_are_those_of_each(seconds: float) -> None:
    tick_us, host_ns, _ = arrivals(seconds, 80e-6, 5.0, seed=4)
    clock = FootClock(0, 1e6 / RATE_HZ)
    clock.add(tick_us, host_ns)
    clock.restart(40_000_000, 30_000_000_000)
    clock.add(np.array([40_000_000]), np.array([30_000_000_000]))
    asked = np.concatenate([[0.0], tick_us[::50] + 0.25, [39_999_999.0, 40_000_000.0, 40_200_000.0]])
    np.random.default_rng(4).shuffle(asked)
    for final in (False, True):
        times_s, u_s = clock.times_s(asked, final=final)
        one_by_one = [clock.estimate(int(t), final=final) for t in asked]
        np.testing.assert_array_equal(times_s, [clock.recording_s(t, final=final) for t in asked.tolist()])
        np.testing.assert_array_equal(u_s, [np.nan if e is None else e.u_us * 1e-6 for e in one_by_one])
    assert [len(times) for times in clock.times_s([])] == [0, 0]


# ---- the line below arrivals ----------------------------------------------------------------------------------------


def drift_below(bounds: list[Bound]) -> float:
    """Of the line below all bounds that lies highest over their mean, among those through any two of them."""
    x, y = np.array([(bound.tick_us, bound.excess_us) for bound in bounds]).T
    left, right = (side[:, None] for side in (np.flatnonzero(x < x.mean()), np.flatnonzero(x >= x.mean())))
    drifts = (y[right.T] - y[left]) / (x[right.T] - x[left])
    over = y - y[left[:, :, None]] - drifts[:, :, None] * (x - x[left[:, :, None]])
    return float(drifts.flat[over.min(axis=2).argmax()])


@pytest.mark.parametrize("levels", [2, 7, 1000])
@pytest.mark.parametrize("seed", range(3))
def test_the_line_that_is_carried_from_second_to_second_is_that_of_the_window(levels: int, seed: int) -> None:
    """Whole microseconds, and few of them, so that many bounds lie on one line."""
    rng = np.random.default_rng(seed)
    ceilings, tick_us = Ceilings(), 0
    for number in range(400):
        tick_us += int(rng.integers(1, 4)) * 1_000_000
        ceilings.add(Bound(tick_us, float(rng.integers(levels)), rng.random()))
        if number % 100 == 90:
            ceilings.forget(int(rng.integers(1, 60)))
        carried, anew = ceilings.line(), Ceilings()
        for bound in ceilings.bounds:
            anew.add(bound)
        assert carried == anew.line()
        if len(ceilings) >= DRIFT_BINS:
            assert carried.drift == pytest.approx(drift_below(ceilings.bounds), abs=1e-15)


# ---- two feet -------------------------------------------------------------------------------------------------------


def alignment_errors(left: LockedFoot, right: LockedFoot, *, pinged: bool) -> tuple[np.ndarray, np.ndarray]:
    """Errors of left against right after 10 s, and the 95 % bar that the clocks themselves state."""
    errors, bars = [], []
    for foot in (left, right):
        clock, true_s = foot.clock(pinged=pinged), foot.true_s
        later = np.flatnonzero(true_s > 10.0)[::50]
        ticks = foot.tick(true_s)[later].tolist()
        errors.append(np.array([clock.recording_s(tick) for tick in ticks]) - true_s[later])
        estimates = [clock.estimate(tick) for tick in ticks]
        bars.append(np.array([e.u_us * 1e-6 for e in estimates if e is not None]))
    return errors[0] - errors[1], Z_95 * np.hypot(*bars)


def pairs(slide: float, seed: int) -> list[tuple[LockedFoot, LockedFoot]]:
    """Feet at every pair of phases of the radio, each with a clock of its own."""
    rng = np.random.default_rng(seed)
    return [
        tuple(
            LockedFoot(16.0, phase_s, rng.choice(DRIFTS), rng.uniform(0.0, 4000.0), slide, int(rng.integers(2**31)))
            for phase_s in phases
        )
        for phases in itertools.product(PHASES_S, repeat=2)
    ]


@pytest.mark.parametrize("slide", [0.0, 50e-6, 1e-3])
def test_pinged_feet_are_aligned_within_3_ms_and_within_their_own_bar(slide: float) -> None:
    covered = []
    for left, right in pairs(slide, seed=11):
        errors, bars = alignment_errors(left, right, pinged=True)
        assert np.abs(errors).max() < 0.003
        covered.append(np.abs(errors) <= bars)
    assert np.mean(covered) >= 0.95


@pytest.mark.parametrize("slide", [0.0, 50e-6, 1e-3])
def test_without_pings_the_bar_holds_what_the_radio_can_hide(slide: float) -> None:
    """At some phases the error is systematic and outside; over all of them the bar covers what it says."""
    found = [alignment_errors(left, right, pinged=False) for left, right in pairs(slide, seed=12)]
    assert np.mean([np.abs(errors) <= bars for errors, bars in found]) >= 0.93
    assert max(bars.max() for _, bars in found) < 0.006


def test_pings_tell_what_arrivals_cannot() -> None:
    """A link that delays everything by 4 ms: arrivals alone see nothing of it, with pings the half is known."""
    foot = LockedFoot(12.0, phase_s=0.0043)  # sampled 0.3 ms after each event, so delivered 4.3 ms late at best
    at_us, bias_s = int(foot.tick(11.0)), 0.0043
    by_arrivals = foot.clock(pinged=False).recording_s(at_us) - 11.0
    by_pings = foot.clock(pinged=True).recording_s(at_us) - 11.0
    assert by_arrivals == pytest.approx(bias_s, abs=5e-4)
    assert by_pings == pytest.approx(bias_s / 2, abs=8e-4)


def test_pings_before_the_first_frame_do_not_make_a_drift_of_a_delay() -> None:
    """An insole that answers for a second before it sends: floors all on one side of the first ceilings."""
    foot = LockedFoot(6.0, 0.004, 20e-6, 100.0)
    clock, later = FootClock(0, 1e6 / RATE_HZ), foot.true_s >= 1.2
    for trip in foot.trips():
        clock.hear(trip)
    clock.add(foot.tick(foot.true_s[later]), foot.arrivals_ns()[later])
    for true_s in (2.3, 2.9, 3.5, 5.0):
        assert clock.recording_s(int(foot.tick(true_s))) == pytest.approx(true_s, abs=0.005)


def test_offset_and_drift_of_two_clocks_are_told() -> None:
    left, right = LockedFoot(20.0, 0.001, 50e-6, 7.25), LockedFoot(20.0, 0.007, -0.04, 3.0, seed=5)
    clocks = TwoClocks.of(left.clock(pinged=True), right.clock(pinged=True), 20e6)
    assert clocks.pinged
    assert clocks.offset_s == pytest.approx(4.25 + 20.0 * (50e-6 + 0.04), abs=0.004)
    assert clocks.drift_ppm == pytest.approx(40_050.0, abs=150.0)
    assert clocks.u_s < 0.003


def test_how_far_clocks_have_moved_is_known_within_the_bar() -> None:
    left, right = LockedFoot(40.0, 0.001, 50e-6, 7.0), LockedFoot(40.0, 0.007, -50e-6, 3.0, seed=5)
    clocks = TwoClocks.of(left.clock(pinged=True), right.clock(pinged=True), 40e6)
    first_s, last_s = 2.5, 38.5  # ends of the seconds between which it is counted
    assert clocks.moved_s == pytest.approx(-100e-6 * (last_s - first_s), abs=Z_95 * clocks.u_s)


# ---- what happens to clocks -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("step_s", [-3.0, 0.4, 3.0])
@pytest.mark.parametrize("pinged", [True, False])
def test_a_clock_of_the_host_that_stood_or_jumped_is_followed(step_s: float, pinged: bool) -> None:
    foot = LockedFoot(40.0, 0.004, 20e-6, 100.0)
    ticks, stamps = foot.tick(foot.true_s), foot.arrivals_ns()
    stamps[foot.true_s >= 15.0] += round(step_s * 1e9)
    clock = FootClock(0, 1e6 / RATE_HZ)
    for trip in foot.trips() if pinged else ():
        moved_ns = round(step_s * 1e9) if trip.ping_ns >= 15e9 else 0
        clock.hear(replace(trip, ping_ns=trip.ping_ns + moved_ns, t_ns=trip.t_ns + moved_ns))
    clock.add(ticks, stamps)
    for true_s in (12.0, 27.5, 38.0):
        expected_s = true_s + (step_s if true_s > 15.0 else 0.0)
        assert clock.recording_s(int(foot.tick(true_s))) == pytest.approx(expected_s, abs=0.006)


def test_a_restarted_device_is_aligned_anew_and_what_came_before_stays() -> None:
    foot = LockedFoot(30.0, 0.002, 20e-6, 100.0)
    ticks, stamps = foot.tick(foot.true_s), foot.arrivals_ns()
    at = int(np.searchsorted(foot.true_s, 15.0))
    jumped = ticks[at:] + 50_000_000  # as the regulariser places them
    clock = FootClock(0, 1e6 / RATE_HZ)
    clock.add(ticks[:at], stamps[:at])
    before = clock.recording_s(int(ticks[at - 100]))
    clock.restart(int(jumped[0]), int(stamps[at]))
    assert np.isnan(clock.recording_s(int(jumped[0])))
    clock.add(jumped, stamps[at:])
    assert clock.recording_s(int(ticks[at - 100])) == before
    assert clock.recording_s(int(jumped[0])) == pytest.approx(15.0, abs=0.006)
    assert clock.recording_s(int(jumped[-1])) == pytest.approx(30.0, abs=0.006)


def test_a_device_that_restarts_at_once_again_leaves_no_frame_without_a_time() -> None:
    clock = FootClock(0, 1e6 / RATE_HZ)
    clock.add(np.array([0, 5000]), np.array([1_000_000, 6_000_000]))
    clock.restart(100_000, 101_000_000)
    assert clock.recording_s(5000) == pytest.approx(0.006)


@pytest.mark.parametrize(
    "answer",
    [
        RoundTrip(0, 2**64 - 1, 3_000_000, 3_000_000, 3_001_000_000),  # a token nobody sent
        RoundTrip(0, 0, 3_000_000, 3_000_000, 3_001_000_000),  # of an older session
        RoundTrip(0, 2_999_000_000, 9_000_000, 3_000_000, 3_001_000_000),  # answered before it came
        RoundTrip(0, 2_999_000_000, 3_000_000, 9_000_000, 3_001_000_000),  # held for longer than it was away
    ],
)
def test_answers_that_cannot_be_change_nothing(answer: RoundTrip) -> None:
    tick_us = np.arange(0, 6_000_000, 5000)
    clock, plain = (FootClock(0, 1e6 / RATE_HZ) for _ in range(2))
    clock.hear(answer)
    for each in (clock, plain):
        each.add(tick_us, tick_us * 1000)
    assert clock.newest == plain.newest
