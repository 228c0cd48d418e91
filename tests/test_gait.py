"""Metrics between contacts: closed forms of METRICS.md 5 and 11.2, and when there is no such interval."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from waveforms import GOLDEN

from insole.blocks import Kind
from insole.pipeline.metrics import gait

MORIN = GOLDEN["G2_half_sine"]["morin"]


def a_pair() -> gait.Pairs:
    """The running contact of METRICS.md 11.2 (tc 250 ms, tf 100 ms, 3 m/s, leg 0.90 m), stepping evenly."""
    yes = np.array([True])
    return gait.Pairs(
        kind=np.array([Kind.RUN], np.int8),
        contact_s=np.array([0.25]),
        own_contact_s=np.array([0.24]),
        since_own_strike_s=np.array([0.70]),
        since_own_toe_off_s=np.array([0.45]),
        since_other_strike_s=np.array([0.35]),
        since_other_toe_off_s=np.array([0.10]),
        clocks_u_s=np.array([0.001]),
        others_between=np.array([1]),
        onset_seen=yes,
        own_onset_seen=yes,
        own_end_seen=yes,
        other_onset_seen=yes,
        other_end_seen=yes,
        body_mass_kg=70.0,
        height_m=0.90 / 0.53,
        speed_m_s=3.0,
        level=True,
    )


def test_times_of_an_even_run() -> None:
    pair = a_pair()
    assert gait.step_time_ms(pair)[0] == pytest.approx(350.0)
    assert gait.stride_time_ms(pair)[0] == pytest.approx(700.0)
    assert gait.flight_time_ms(pair)[0] == pytest.approx(100.0)
    assert gait.swing_time_ms(pair)[0] == pytest.approx(450.0)
    assert gait.duty_factor(pair)[0] == pytest.approx(0.24 / 0.70)


def test_spring_mass_model_against_the_reference_numbers() -> None:
    pair = a_pair()
    peak_bw = MORIN["Fmax_N"] / GOLDEN["bw_N"]
    assert gait.modelled_peak_force_bw(pair)[0] == pytest.approx(peak_bw, rel=1e-9)
    assert gait.vertical_stiffness_kn_m(pair)[0] == pytest.approx(MORIN["k_vert"] / 1e3, rel=1e-9)
    assert gait.leg_stiffness_kn_m(pair)[0] == pytest.approx(MORIN["k_leg"] / 1e3, rel=1e-9)
    assert gait.vertical_oscillation_mm(pair)[0] == pytest.approx(MORIN["vo_m"] * 1e3, rel=1e-9)


def test_leg_stiffness_needs_speed_height_and_level_ground() -> None:
    for missing in ({"speed_m_s": np.nan}, {"height_m": np.nan}, {"level": False}):
        pair = replace(a_pair(), **missing)
        assert np.isnan(gait.leg_stiffness_kn_m(pair)[0])
        assert np.isfinite(gait.vertical_stiffness_kn_m(pair)[0])
    assert np.isnan(
        gait.leg_stiffness_kn_m(replace(a_pair(), speed_m_s=9.0))[0]
    )  # longer than the leg: no such triangle


def test_without_body_mass_there_is_no_stiffness() -> None:
    pair = replace(a_pair(), body_mass_kg=np.nan)
    for metric in (gait.vertical_stiffness_kn_m, gait.leg_stiffness_kn_m, gait.vertical_oscillation_mm):
        assert np.isnan(metric(pair)[0])
    assert np.isfinite(gait.flight_time_ms(pair)[0])


def test_walking_has_a_negative_flight_time_and_no_spring() -> None:
    pair = replace(
        a_pair(),
        kind=np.array([Kind.WALK], np.int8),
        since_other_strike_s=np.array([0.55]),
        since_own_strike_s=np.array([1.10]),
        since_other_toe_off_s=np.array([-0.12]),
    )
    assert gait.flight_time_ms(pair)[0] == pytest.approx(-120.0)
    assert gait.step_time_ms(pair)[0] == pytest.approx(550.0)
    assert np.isnan(gait.vertical_stiffness_kn_m(pair)[0])


def test_running_on_the_ground_has_no_spring() -> None:
    pair = replace(a_pair(), since_other_toe_off_s=np.array([-0.01]))
    assert np.isnan(gait.vertical_stiffness_kn_m(pair)[0])
    assert np.isnan(gait.vertical_oscillation_mm(pair)[0])


@pytest.mark.parametrize("step_s", [0.19, 0.61, np.nan])
def test_a_step_out_of_range_is_none(step_s: float) -> None:
    pair = replace(a_pair(), since_other_strike_s=np.array([step_s]))
    assert np.isnan(gait.step_time_ms(pair)[0])
    assert np.isnan(gait.flight_time_ms(pair)[0])


@pytest.mark.parametrize("stride_s", [0.39, 1.21, np.nan])
def test_a_stride_out_of_range_is_none(stride_s: float) -> None:
    pair = replace(a_pair(), since_own_strike_s=np.array([stride_s]))
    for metric in (gait.stride_time_ms, gait.swing_time_ms, gait.duty_factor):
        assert np.isnan(metric(pair)[0])


def test_a_missed_contact_of_this_foot_is_no_stride() -> None:
    """Two contacts of the other foot in between: one of this foot was not seen."""
    pair = replace(a_pair(), others_between=np.array([2]))
    for metric in (gait.stride_time_ms, gait.swing_time_ms, gait.duty_factor, gait.step_time_ms, gait.flight_time_ms):
        assert np.isnan(metric(pair)[0])


@pytest.mark.parametrize(
    ("unseen", "lost"),
    [
        ("onset_seen", {"step", "stride", "flight", "swing", "duty"}),
        ("own_onset_seen", {"stride", "duty"}),
        ("own_end_seen", {"swing"}),
        ("other_onset_seen", {"step"}),
        ("other_end_seen", {"flight"}),
    ],
)
def test_an_unseen_event_takes_the_intervals_that_end_there(unseen: str, lost: set[str]) -> None:
    pair = replace(a_pair(), **{unseen: np.array([False])})
    got = {
        "step": gait.step_time_ms(pair)[0],
        "stride": gait.stride_time_ms(pair)[0],
        "flight": gait.flight_time_ms(pair)[0],
        "swing": gait.swing_time_ms(pair)[0],
        "duty": gait.duty_factor(pair)[0],
    }
    assert {name for name, value in got.items() if np.isnan(value)} == lost
