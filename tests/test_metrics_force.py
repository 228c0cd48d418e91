"""Force metrics against the closed forms of METRICS.md 11.1-11.4, and what lost frames do to them (1.7)."""

from __future__ import annotations

import numpy as np
import pytest
from stances import BODY_WEIGHT_N, EVENT_N, alone, force_only, plate, stances
from waveforms import GOLDEN, TWO_MASS, Force, half_sine, lasts_s, polygon, ramp, two_mass

from insole.blocks import ContactTable, FloatArray, Quality, Status
from insole.pipeline.foot import rises as seen
from insole.pipeline.metrics import METRIC_BY_NAME, Scale, measure_contacts, rates
from insole.pipeline.metrics.contacts import Contacts

ANALYTIC = 1e-3  # METRICS.md 11: input at 10 kHz, no smoothing
PHASES = (0.0, 0.37, 0.81)


def measured(force: Force, lasts: float, *, phase: float = 0.0, rate_hz: float = 10_000.0) -> ContactTable:
    contacts = stances(plate(rate_hz), [force_only(force)], lasts_s=lasts, phase=phase)
    return measure_contacts(contacts, Scale.FULL)


def values(table: ContactTable, *names: str) -> dict[str, float]:
    return {name: float(table.columns[name][0]) for name in names}


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("case", TWO_MASS)
def test_two_mass_model(case: str, phase: float) -> None:
    want = GOLDEN[case]
    table = measured(two_mass(case), lasts_s(case), phase=phase)
    expected = {
        "contact_time_ms": want["tc_ms"],
        "peak_force_bw": want["peak"],
        "active_peak_bw": want["peak"],
        "valr_bw_s": want["poi15"]["valr_force"],
        "vilr_bw_s": want["poi15"]["vilr"],
        "valr_13_bw_s": want["p13"]["valr_force"],
        "lr_3_12_bw_s": want["lr_3_12"],
    }
    if want["impact_transient"]:
        peak = want["impact_peak"]
        after_ms = peak["t_ms"] - want["ic_ms"]
        expected |= {
            "impact_peak_bw": peak["f"],
            "time_to_impact_peak_ms": after_ms,
            "valr_ip_bw_s": peak["valr_force"],
            "valr_t2080_bw_s": peak["valr_time"],
            "lr_ic_ip_bw_s": peak["f"] / after_ms * 1e3,
        }
    assert values(table, *expected) == pytest.approx(expected, rel=ANALYTIC)
    assert table.strike_s[0] * 1e3 == pytest.approx(want["ic_ms"], abs=0.01)
    assert table.toe_off_s[0] * 1e3 == pytest.approx(want["to_ms"], abs=0.01)


def test_a_contact_without_a_transient_has_no_impact_metrics_and_says_so() -> None:
    for force, lasts in ((two_mass("TM_ffs"), lasts_s("TM_ffs")), (half_sine, 0.25)):
        table = measured(force, lasts)
        for name in ("impact_peak_bw", "time_to_impact_peak_ms", "valr_ip_bw_s", "valr_t2080_bw_s", "lr_ic_ip_bw_s"):
            assert np.isnan(table.columns[name][0])
            assert table.status[name][0] == Status.NO_TRANSIENT


@pytest.mark.parametrize("case", ["TM_hi", "TM_ffs"])
def test_impulse_of_the_model_is_body_weight_times_contact_and_flight(case: str) -> None:
    """Exactly m g (tc + ta); below the threshold at both ends 0.05 BW bounds what is left out."""
    model, want = GOLDEN[case]["model"], GOLDEN[case]
    impulse = values(measured(two_mass(case), model["tc"]), "impulse_bw_s")["impulse_bw_s"]
    whole = model["JT_Ns"] / BODY_WEIGHT_N
    left_out_s = want["ic_ms"] / 1e3 + model["tc"] - want["to_ms"] / 1e3
    assert whole - 0.05 * left_out_s < impulse < whole


@pytest.mark.parametrize("phase", PHASES)
def test_half_sine(phase: float) -> None:
    want = GOLDEN["G2_half_sine"]
    expected = {
        "contact_time_ms": want["tc_ms"],
        "peak_force_bw": want["peak"],
        "peak_force_n": want["peak"] * BODY_WEIGHT_N,
        "impulse_bw_s": want["impulse_ic_to"],
        "valr_bw_s": want["poi15"]["valr_force"],
        "vilr_bw_s": want["poi15"]["vilr"],
        "valr_13_bw_s": want["p13"]["valr_force"],
        "lr_3_12_bw_s": want["lr_3_12"],
    }
    assert values(measured(half_sine, 0.25, phase=phase), *expected) == pytest.approx(expected, rel=ANALYTIC)


def test_polygon_is_exact_in_every_variant() -> None:
    want = GOLDEN["G1_polygon"]
    expected = {
        "contact_time_ms": want["tc_ms"],
        "peak_force_bw": 2.4,
        "impulse_bw_s": want["impulse_ic_to"],
        "valr_bw_s": 64.0,
        "vilr_bw_s": 64.0,
        "valr_13_bw_s": 64.0,
        "valr_ip_bw_s": 64.0,
        "valr_t2080_bw_s": 64.0,
        "lr_3_12_bw_s": want["lr_3_12"],
        "active_peak_bw": 2.4,
        "impact_peak_bw": 1.6,
        "time_to_impact_peak_ms": 25.0 - want["ic_ms"],
        "lr_ic_ip_bw_s": 1.6 / (25.0 - want["ic_ms"]) * 1e3,
    }
    assert values(measured(polygon, 0.25), *expected) == pytest.approx(expected, rel=ANALYTIC)


def test_linear_ramp() -> None:
    below_threshold = 0.05 * (0.001 + 0.0015) / 2
    expected = {"valr_bw_s": 50.0, "vilr_bw_s": 50.0, "impulse_bw_s": 0.30 - below_threshold, "contact_time_ms": 197.5}
    assert values(measured(ramp, 0.2), *expected) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("rate_hz", [200.0, 500.0])
@pytest.mark.parametrize("case", TWO_MASS)
def test_the_model_at_usual_rates(case: str, rate_hz: float) -> None:
    """Without smoothing, whatever the sampling phase; smoothing and detection are judged through the pipeline."""
    want = GOLDEN[case]
    for phase in np.arange(0, 1, 0.1):
        got = measured(two_mass(case), lasts_s(case), phase=float(phase), rate_hz=rate_hz)
        assert got.columns["valr_bw_s"][0] == pytest.approx(want["poi15"]["valr_force"], rel=0.03)
        assert got.columns["contact_time_ms"][0] == pytest.approx(want["tc_ms"], abs=2.0)
        assert got.columns["peak_force_bw"][0] == pytest.approx(want["peak"], rel=1e-3)


def test_a_transient_higher_than_the_active_peak_is_one() -> None:
    """A dip has to follow, but the force need not reach the height of the transient again."""

    def force(t: FloatArray) -> FloatArray:
        return BODY_WEIGHT_N * np.interp(t, [0.0, 0.025, 0.050, 0.110, 0.250], [0.0, 2.3, 1.3, 2.0, 0.0])

    got = values(measured(force, 0.25), "impact_peak_bw", "active_peak_bw")
    assert got == pytest.approx({"impact_peak_bw": 2.3, "active_peak_bw": 2.0}, rel=ANALYTIC)


def test_an_early_maximum_that_only_falls_is_no_transient() -> None:
    def force(t: FloatArray) -> FloatArray:
        return BODY_WEIGHT_N * np.interp(t, [0.0, 0.060, 0.300], [0.0, 1.8, 0.0])

    assert np.isnan(measured(force, 0.30).columns["impact_peak_bw"][0])


def test_a_ripple_on_the_rise_is_not_taken_for_the_transient() -> None:
    """A dip of 0.01 BW before the true peak, one of 0.4 BW after it."""
    times = [0.0, 0.020, 0.021, 0.030, 0.045, 0.110, 0.250]

    def force(t: FloatArray) -> FloatArray:
        return BODY_WEIGHT_N * np.interp(t, times, [0.0, 1.20, 1.19, 1.6, 1.2, 2.4, 0.0])

    got = values(measured(force, 0.25), "impact_peak_bw", "time_to_impact_peak_ms")
    assert got["impact_peak_bw"] == pytest.approx(1.6, rel=ANALYTIC)
    ic_ms = 0.05 / 1.20 * 20.0
    assert got["time_to_impact_peak_ms"] == pytest.approx(30.0 - ic_ms, rel=2e-3)


# ---- lost frames ---------------------------------------------------------------------------------------------------

RISE = ("valr_bw_s", "vilr_bw_s", "valr_13_bw_s", "lr_3_12_bw_s", "impact_peak_bw", "valr_ip_bw_s")


def with_loss(from_s: float, to_s: float, *, long_gap: bool) -> Contacts:
    return stances(
        plate(1000.0),
        [force_only(two_mass("TM_hi"))],
        lasts_s=lasts_s("TM_hi"),
        lost=lambda t: (t >= from_s) & (t <= to_s),
        long_gap=long_gap,
    )


@pytest.mark.parametrize("at_s", [-0.004, 0.012, 0.020, 0.031])
def test_one_lost_frame_in_the_rise_gives_no_rate(at_s: float) -> None:
    """10 ms before initial contact (3.07 ms) to 10 ms after the point of interest (24.6 ms)."""
    table = measure_contacts(with_loss(at_s - 2e-4, at_s + 2e-4, long_gap=False), Scale.FULL)
    for name in RISE:
        assert np.isnan(table.columns[name][0])
        assert table.status[name][0] == Status.GAP
    assert np.isfinite(table.columns["contact_time_ms"][0])
    assert np.isfinite(table.columns["peak_force_bw"][0])
    assert table.quality[0] == Quality.INTERPOLATED or at_s < 0


def test_one_lost_frame_elsewhere_harms_nothing() -> None:
    table = measure_contacts(with_loss(0.0798, 0.0802, long_gap=False), Scale.FULL)
    assert (table.status["valr_bw_s"][0], table.quality[0]) == (Status.OK, Quality.INTERPOLATED)


@pytest.mark.parametrize(
    ("from_s", "to_s", "withheld"),
    [
        (0.000, 0.025, {"contact_time_ms", "peak_force_bw", "impulse_bw_s", "valr_bw_s", "active_peak_bw"}),
        (0.225, 0.260, {"contact_time_ms", "peak_force_bw", "active_peak_bw"}),
        (0.100, 0.118, {"peak_force_bw", "active_peak_bw"}),
        (0.100, 0.130, {"peak_force_bw", "active_peak_bw", "impulse_bw_s"}),
    ],
)
def test_a_long_gap_withholds_what_it_touches(from_s: float, to_s: float, withheld: set[str]) -> None:
    table = measure_contacts(with_loss(from_s, to_s, long_gap=True), Scale.FULL)
    looked_at = {"contact_time_ms", "peak_force_bw", "impulse_bw_s", "valr_bw_s", "active_peak_bw"}
    assert {name for name in looked_at if table.status[name][0] == Status.GAP} == withheld
    assert {name for name in looked_at if np.isnan(table.columns[name][0])} == withheld
    assert table.quality[0] & Quality.GAP


def test_an_unseen_end_withholds_contact_time_but_not_the_rate() -> None:
    contacts = stances(plate(), [force_only(polygon)])
    contacts.batch.quality[0] = Quality.END_UNSEEN
    table = measure_contacts(contacts, Scale.FULL)
    assert table.status["contact_time_ms"][0] == table.status["impulse_bw_s"][0] == Status.GAP
    assert table.columns["valr_bw_s"][0] == pytest.approx(64.0)


# ---- what the device allows ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate_hz", "expected"),
    [
        (200.0, {"valr_bw_s": Status.OK, "vilr_bw_s": Status.OK, "contact_time_ms": Status.OK}),
        (100.0, {"valr_bw_s": Status.LIMITED, "vilr_bw_s": Status.RATE_TOO_LOW, "contact_time_ms": Status.LIMITED}),
        (50.0, {"valr_bw_s": Status.RATE_TOO_LOW, "contact_time_ms": Status.RATE_TOO_LOW}),
        (50.0, {"peak_force_bw": Status.LIMITED, "impulse_bw_s": Status.LIMITED}),
    ],
)
def test_sampling_rate_gates(rate_hz: float, expected: dict[str, Status]) -> None:
    table = measured(two_mass("TM_low"), lasts_s("TM_low"), rate_hz=rate_hz)
    assert {name: Status(table.status[name][0]) for name in expected} == expected
    for name, status in expected.items():
        assert np.isfinite(table.columns[name][0]) == (status <= Status.LIMITED)


@pytest.mark.parametrize(
    ("tau_ms", "status"),
    [(2.0, Status.OK), (4.0, Status.LIMITED), (np.nan, Status.LIMITED), (6.0, Status.RATE_TOO_LOW)],
)
def test_sensor_lag_gates_the_rate(tau_ms: float, status: Status) -> None:
    device = plate(500.0).with_changes(tau_ms=tau_ms)
    table = measure_contacts(stances(device, [force_only(two_mass("TM_hi"))]), Scale.FULL)
    assert table.status["valr_bw_s"][0] == status


def test_without_body_mass_newtons_and_times_remain() -> None:
    table = measure_contacts(stances(plate(), [force_only(polygon)]), Scale.NEWTONS)
    for name, metric in METRIC_BY_NAME.items():
        if getattr(metric, "of_body_weight", False):
            assert table.status[name][0] == Status.NO_BODY_MASS, name
    assert table.columns["peak_force_n"][0] == pytest.approx(2.4 * BODY_WEIGHT_N)
    assert np.isfinite(table.columns["contact_time_ms"][0])


def test_scaling_mass_and_force_together_leaves_body_weight_metrics() -> None:
    def heavier(t: FloatArray) -> FloatArray:
        return 1.5 * two_mass("TM_typ")(t)

    light = measured(two_mass("TM_typ"), lasts_s("TM_typ"))
    contacts = stances(
        plate(),
        [force_only(heavier)],
        lasts_s=lasts_s("TM_typ"),
        body_weight_n=1.5 * BODY_WEIGHT_N,
        event_n=1.5 * EVENT_N,
    )
    heavy = measure_contacts(contacts, Scale.FULL)
    for name, metric in METRIC_BY_NAME.items():
        if getattr(metric, "of_newtons", False):  # 200 N stay 200 N
            continue
        if getattr(metric, "of_body_weight", False) and np.isfinite(light.columns[name][0]):
            assert heavy.columns[name][0] == pytest.approx(light.columns[name][0], rel=1e-9), name


@pytest.mark.parametrize("event_n", [20.0, 50.0, 100.0])
def test_the_reporting_threshold_leaves_the_loading_rate_and_shortens_contact(event_n: float) -> None:
    default = measured(two_mass("TM_typ"), lasts_s("TM_typ"))
    contacts = stances(plate(), [force_only(two_mass("TM_typ"))], lasts_s=lasts_s("TM_typ"), event_n=event_n)
    table = measure_contacts(contacts, Scale.FULL)
    assert table.columns["valr_bw_s"][0] == pytest.approx(default.columns["valr_bw_s"][0], rel=1e-4)
    shorter = table.columns["contact_time_ms"][0] < default.columns["contact_time_ms"][0]
    assert shorter == (event_n > EVENT_N)


def test_a_contact_measures_the_same_alone_and_in_company() -> None:
    """Bit for bit: what came in the same push must not matter."""
    forces = [*map(two_mass, TWO_MASS), polygon, half_sine, ramp]
    lasts = [*map(lasts_s, TWO_MASS), 0.25, 0.25, 0.20]
    contacts = stances(plate(200.0), [force_only(f) for f in forces], lasts_s=lasts, phase=0.3)
    together = measure_contacts(contacts, Scale.FULL)
    for i in range(len(forces)):
        single = measure_contacts(alone(contacts, i), Scale.FULL)
        for name, column in single.columns.items():
            np.testing.assert_array_equal(together.columns[name][i], column[0], err_msg=name)


def test_the_rise_is_looked_for_by_the_rule_that_measures_it() -> None:
    """Both stages state the point of interest, since neither may import the other."""
    assert (seen.POI_FORCE_BW, seen.POI_SLOPE_BW_S) == (rates.POI_FORCE_BW, rates.POI_SLOPE_BW_S)
