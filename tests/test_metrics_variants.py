"""The loading rates of METRICS.md 3.1, each under its own name, against closed forms and a plain second computation."""

from __future__ import annotations

import numpy as np
import pytest
from stances import BODY_WEIGHT_N, force_only, plate, stances
from waveforms import GOLDEN, TWO_MASS, Force, half_sine, lasts_s, polygon, two_mass

from insole.blocks import ContactTable, FloatArray, Status
from insole.pipeline.metrics import Scale, measure_contacts

RATE_HZ = 10_000.0
ANALYTIC = 1e-3


def measured(force: Force, lasts: float, *, rate_hz: float = RATE_HZ, scale: Scale = Scale.FULL) -> ContactTable:
    return measure_contacts(stances(plate(rate_hz), [force_only(force)], lasts_s=lasts, phase=0.37), scale)


@pytest.mark.parametrize("case", TWO_MASS)
def test_time_reading_of_13_pct_and_place_of_the_point_of_interest(case: str) -> None:
    want, table = GOLDEN[case], measured(two_mass(case), lasts_s(case))
    assert table.columns["valr_13_t_bw_s"][0] == pytest.approx(want["p13"]["valr_time"], rel=ANALYTIC)
    place = 100 * (want["poi15"]["t_ms"] - want["ic_ms"]) / want["tc_ms"]
    assert table.columns["poi_pct"][0] == pytest.approx(place, abs=0.1)
    assert (place > 20) == (case == "TM_ffs")  # no early transient


@pytest.mark.parametrize("case", ["TM_hi", "TM_typ", "TM_low"])
def test_steepest_slope_up_to_the_impact_peak(case: str) -> None:
    table = measured(two_mass(case), lasts_s(case))
    assert table.columns["vilr_ip_bw_s"][0] == pytest.approx(GOLDEN[case]["impact_peak"]["vilr"], rel=ANALYTIC)


def test_polygon_in_the_variants_by_time() -> None:
    table = measured(polygon, 0.25)
    assert table.columns["valr_13_t_bw_s"][0] == pytest.approx(GOLDEN["G1_polygon"]["valr_13_time"], rel=ANALYTIC)
    assert table.columns["vilr_ip_bw_s"][0] == pytest.approx(64.0, rel=ANALYTIC)
    assert table.columns["lr_200n_90_bw_s"][0] == pytest.approx(64.0, rel=ANALYTIC)
    assert table.columns["active_peak_pct"][0] == pytest.approx(
        100 * (110.0 - GOLDEN["G1_polygon"]["ic_ms"]) / GOLDEN["G1_polygon"]["tc_ms"], abs=0.1
    )


def first_reached(force: Force, level_n: float) -> float:
    """Seconds at which a rising curve first reaches a level, on a grid of 1 us."""
    t = np.arange(0, 0.08, 1e-6)
    return float(t[np.argmax(force(t) >= level_n)])


@pytest.mark.parametrize("case", TWO_MASS)
def test_rate_from_200_n_to_90_pct(case: str) -> None:
    """Of the impact peak, or of the force at 6.2 % of stance where there is none (Lieberman 2010)."""
    want, force = GOLDEN[case], two_mass(case)
    if want["impact_transient"]:
        top = 0.9 * want["impact_peak"]["f"] * BODY_WEIGHT_N
    else:
        at_s = 1e-3 * (want["ic_ms"] + 0.062 * want["tc_ms"])
        top = 0.9 * float(force(np.array([at_s]))[0])
    rate = (top - 200.0) / BODY_WEIGHT_N / (first_reached(force, top) - first_reached(force, 200.0))
    got = measured(force, lasts_s(case)).columns["lr_200n_90_bw_s"][0]
    assert got == pytest.approx(rate, rel=2e-3)


def test_a_rise_that_does_not_reach_200_n_has_no_such_rate() -> None:
    def gentle(t: FloatArray) -> FloatArray:
        return np.asarray(BODY_WEIGHT_N * np.interp(t, [0.0, 0.120, 0.300], [0.0, 1.6, 0.0]))

    table = measured(gentle, 0.30)
    assert np.isnan(table.columns["lr_200n_90_bw_s"][0])
    assert table.status["lr_200n_90_bw_s"][0] == Status.UNDER_200_N


def test_newtons_against_a_curve_in_body_weights_are_withheld() -> None:
    table = measured(polygon, 0.25, scale=Scale.BODY_WEIGHTS)
    assert table.status["lr_200n_90_bw_s"][0] == Status.NO_NEWTONS


@pytest.mark.parametrize("rate_hz", [200.0, 500.0, 10_000.0])
@pytest.mark.parametrize("case", ["TM_hi", "TM_low", "TM_ffs"])
def test_high_frequency_peak_is_what_an_ideal_filter_over_the_stance_leaves(case: str, rate_hz: float) -> None:
    """Against a Fourier transform of the stance, padded to 30 s."""
    want, force = GOLDEN[case], two_mass(case)
    t = np.arange(0, 30.0, 1e-3)
    stance = (t >= want["ic_ms"] / 1e3) & (t <= want["to_ms"] / 1e3)
    f = np.where(stance, force(t) / BODY_WEIGHT_N, 0.0)
    spectrum = np.fft.rfft(f)
    spectrum[np.fft.rfftfreq(len(f), 1e-3) < 10.0] = 0.0
    high = np.fft.irfft(spectrum, len(f))
    early = stance & (t <= (want["ic_ms"] + min(75.0, 0.35 * want["tc_ms"])) / 1e3)
    got = measured(force, lasts_s(case), rate_hz=rate_hz).columns["hf_peak_bw"][0]
    assert got == pytest.approx(high[early].max(), abs=0.02)


def test_the_half_sine_has_next_to_no_high_frequency_peak() -> None:
    heel = measured(two_mass("TM_hi"), lasts_s("TM_hi")).columns["hf_peak_bw"][0]
    assert measured(half_sine, 0.25).columns["hf_peak_bw"][0] < 0.6 * heel


def test_a_rise_too_fast_for_the_samples_withholds_the_variants_too() -> None:
    """At 200 Hz a rise of 1 ms holds no sample; a lag of 6 ms is slower than any rise."""

    def steep(t: FloatArray) -> FloatArray:
        return np.asarray(BODY_WEIGHT_N * np.interp(t, [0.0, 0.002, 0.06, 0.25], [0.0, 1.8, 1.7, 0.0]))

    table = measured(steep, 0.25, rate_hz=200.0)
    assert table.status["valr_bw_s"][0] == Status.FEW_SAMPLES_IN_RISE
    assert table.status["valr_13_bw_s"][0] == Status.FEW_SAMPLES_IN_RISE
    slow = stances(plate(500.0).with_changes(tau_ms=6.0), [force_only(two_mass("TM_hi"))], lasts_s=lasts_s("TM_hi"))
    assert measure_contacts(slow, Scale.FULL).status["lr_3_12_bw_s"][0] == Status.RATE_TOO_LOW
