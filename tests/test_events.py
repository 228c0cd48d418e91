"""Initial contact and toe-off on hand-made forces (METRICS.md 2.1)."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from insole.pipeline.foot.events import EventMachine, Span, Thresholds

RATE_HZ = 200.0
BODY_WEIGHT_N = 700.0
THRESHOLDS = Thresholds.of(BODY_WEIGHT_N, sigma_n=0.0)


def spans(force: np.ndarray, merge_s: float = 0.060, cuts: tuple[int, ...] = ()) -> list[Span]:
    machine = EventMachine(THRESHOLDS, RATE_HZ, merge_s)
    out = []
    for start, end in itertools.pairwise((0, *sorted({c for c in cuts if c < len(force)}), len(force))):
        machine.feed(force[start:end].tolist())
        while (span := machine.advance(end, 0.0)) is not None:
            out.append(span)
    last = machine.close(len(force))
    return [*out, last] if last else out


def still(seconds: float, newtons: float = 0.0) -> np.ndarray:
    return np.full(round(seconds * RATE_HZ), newtons)


def contact(seconds: float, peak_n: float) -> np.ndarray:
    return peak_n * np.sin(np.pi * (np.arange(round(seconds * RATE_HZ)) + 0.5) / round(seconds * RATE_HZ))


def test_thresholds_follow_body_weight_noise_and_choice() -> None:
    assert Thresholds.of(700.0, 0.0).event_n == 35.0
    assert Thresholds.of(300.0, 0.0).event_n == 20.0
    assert Thresholds.of(700.0, 10.0).event_n == 60.0
    assert Thresholds.of(700.0, 10.0, reporting_n=40.0).event_n == 40.0


def test_a_contact_is_found_where_the_force_crosses() -> None:
    force = np.concatenate([still(0.5), contact(0.25, 1600.0), still(0.5)])
    (span,) = spans(force)
    assert force[span.onset] >= THRESHOLDS.event_n > force[span.onset - 1]
    assert force[span.release] < THRESHOLDS.event_n <= force[span.release - 1]
    assert not (span.onset_unseen)
    assert not (span.end_unseen)
    assert not (span.slow_rise)


def test_silence_and_drift_give_nothing() -> None:
    assert spans(still(3.0)) == []
    assert spans(still(3.0, 30.0)) == []


def test_a_blip_of_one_frame_is_nothing() -> None:
    force = still(1.0)
    force[100] = 900.0
    assert spans(force) == []


def test_load_that_never_arms_is_nothing() -> None:
    assert spans(np.concatenate([still(0.5), still(1.0, 100.0), still(0.5)])) == []


def test_a_dip_shorter_than_the_merge_gap_does_not_end_a_contact() -> None:
    two = np.concatenate([still(0.3), contact(0.12, 900.0), still(0.030), contact(0.12, 900.0), still(0.5)])
    assert len(spans(two)) == 1


def test_a_longer_pause_does() -> None:
    two = np.concatenate([still(0.3), contact(0.12, 900.0), still(0.090), contact(0.12, 900.0), still(0.5)])
    assert len(spans(two)) == 2


def test_on_one_belt_a_short_pause_is_a_flight() -> None:
    two = np.concatenate([still(0.3), contact(0.25, 1500.0), still(0.040), contact(0.25, 1500.0), still(0.5)])
    assert len(spans(two, merge_s=0.0)) == 2


def test_a_noisy_bounce_after_toe_off_does_not_prolong_the_contact() -> None:
    force = np.concatenate([still(0.3), contact(0.25, 1500.0), still(0.03), still(0.015, 45.0), still(0.5)])
    clean = np.concatenate([still(0.3), contact(0.25, 1500.0), still(0.5)])
    assert spans(force)[0].release == spans(clean)[0].release


def test_loading_slower_than_60_ms_is_said() -> None:
    ramp = np.linspace(0.0, 800.0, 80)  # 0.4 s to 800 N: 35 to 140 N takes 52 ms; twice as slow takes longer
    assert not spans(np.concatenate([still(0.3), ramp, contact(0.2, 900.0)[20:], still(0.4)]))[0].slow_rise
    slow = np.linspace(0.0, 800.0, 160)
    assert spans(np.concatenate([still(0.3), slow, contact(0.2, 900.0)[20:], still(0.4)]))[0].slow_rise


def test_a_contact_open_at_either_end_is_said() -> None:
    (span,) = spans(still(0.3, 800.0))
    assert span.onset_unseen
    assert span.end_unseen


forces = st.lists(
    st.tuples(st.sampled_from(["still", "contact", "low"]), st.integers(1, 60), st.integers(50, 2000)),
    min_size=1,
    max_size=14,
)


def _built(parts: list[tuple[str, int, int]], seed: int) -> np.ndarray:
    made = {
        "still": lambda n, _: np.zeros(n),
        "contact": lambda n, peak: contact(n / RATE_HZ, float(peak)),
        "low": lambda n, peak: np.full(n, peak / 20),
    }
    force = np.concatenate([made[kind](n, peak) for kind, n, peak in parts])
    return force + np.random.default_rng(seed).normal(0, 6.0, len(force))


@given(parts=forces, seed=st.integers(0, 1000), cuts=st.lists(st.integers(1, 900), max_size=30))
def test_spans_do_not_depend_on_how_the_force_is_cut(
    parts: list[tuple[str, int, int]], seed: int, cuts: list[int]
) -> None:
    force = _built(parts, seed)
    assert spans(force) == spans(force, cuts=tuple(cuts)) == spans(force, cuts=tuple(range(1, len(force))))


def test_spans_of_a_long_run_are_the_same_frame_by_frame() -> None:
    """Longer than the samples that are kept."""
    stride = np.concatenate([still(0.4), contact(0.25, 1600.0), still(0.1, 30.0)])
    force = np.tile(np.concatenate([np.tile(stride, 20), still(20.0, 400.0)]), 2)
    whole = spans(force)
    assert len(whole) > 30
    assert spans(force, cuts=tuple(range(1, len(force)))) == whole


@given(parts=forces, seed=st.integers(0, 1000))
def test_spans_are_in_order_and_do_not_overlap(parts: list[tuple[str, int, int]], seed: int) -> None:
    found = spans(_built(parts, seed))
    for span in found:
        assert span.onset < span.release
    for one, other in itertools.pairwise(found):
        assert one.release < other.onset
