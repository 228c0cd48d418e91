"""The synthetic runner: forces against the reference cases, contacts in their order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from synthetic_runs import contacts_of, make

from insole.blocks import Kind, Side
from insole.sources.synthetic.force import force_bw, landmarks, running, two_mass, walking
from insole.sources.synthetic.landmarks import find_landmarks

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parent / "golden" / "metrics_golden.json").read_text())


# ---- force ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", ["TM_hi", "TM_typ", "TM_low", "TM_ffs"])
def test_two_mass_model_meets_the_reference_cases(case: str) -> None:
    golden, model = GOLDEN[case], GOLDEN[case]["model"]
    parameters = (model["tc"], model["tc"] + model["ta"], model["dt1"], model["dv1"])
    bumps = two_mass(*(np.array([value]) for value in parameters))
    assert bumps[0, 0, 4] * GOLDEN["bw_N"] == pytest.approx(model["A1_N"], rel=1e-9)
    assert bumps[0, 1, 4] * GOLDEN["bw_N"] == pytest.approx(model["A2_N"], rel=1e-9)
    found = landmarks(bumps, model["tc"], GOLDEN["theta_ev_bw"])
    assert found.ic_s[0] * 1e3 == pytest.approx(golden["ic_ms"], abs=2e-3)
    assert found.toe_off_s[0] * 1e3 == pytest.approx(golden["to_ms"], abs=2e-3)
    assert found.peak_bw[0] == pytest.approx(golden["peak"], rel=1e-6)
    assert found.poi_s[0] * 1e3 == pytest.approx(golden["poi15"]["t_ms"], abs=0.1)
    assert found.valr_bw_s[0] == pytest.approx(golden["poi15"]["valr_force"], rel=1e-3)
    t_s = np.linspace(0.0, model["tc"], 20001)
    impulse_ns = np.trapezoid(force_bw(t_s, bumps[0]), t_s) * GOLDEN["bw_N"]
    assert impulse_ns == pytest.approx(model["JT_Ns"], rel=1e-6)


def test_definitions_on_a_polygon_and_a_half_sine() -> None:
    t_ms = np.arange(0.0, 250.05, 0.1)
    polygon = np.interp(t_ms, [0.0, 25.0, 40.0, 110.0, 250.0], [0.0, 1.6, 1.2, 2.4, 0.0])
    half_sine = GOLDEN["G2_half_sine"]["A"] * np.sin(np.pi * t_ms / 250.0)
    found = find_landmarks(np.stack([polygon, half_sine]), 0.05)
    for row, (golden, rate) in enumerate(
        (
            (GOLDEN["G1_polygon"], GOLDEN["G1_polygon"]["valr"]),
            (GOLDEN["G2_half_sine"], GOLDEN["G2_half_sine"]["poi15"]["valr_force"]),
        )
    ):
        assert found.ic_s[row] * 1e3 == pytest.approx(golden["ic_ms"], abs=1e-3)
        assert found.toe_off_s[row] * 1e3 == pytest.approx(golden["to_ms"], abs=1e-3)
        assert found.valr_bw_s[row] == pytest.approx(rate, rel=1e-3)


def test_a_curve_that_never_loads_or_never_unloads_has_no_such_landmark() -> None:
    found = find_landmarks(np.stack([np.full(500, 0.01), np.linspace(0.0, 0.5, 500)]), 0.05)
    assert np.isnan(found.ic_s[0])
    assert np.isnan(found.toe_off_s).all()
    assert np.isnan(found.valr_bw_s).all()


@pytest.mark.parametrize(("forefoot", "low", "high"), [(False, 40.0, 140.0), (True, 31.0, 44.0)])
def test_force_is_solved_for_the_loading_rate_asked_for(forefoot: bool, low: float, high: float) -> None:
    target = np.linspace(low, high, 60)
    contact_s, support_s = np.full(60, 0.262), np.full(60, 0.365)
    bumps = running(contact_s, support_s, target, np.full(60, forefoot), 0.05)
    found = landmarks(bumps, 0.27, 0.05)
    np.testing.assert_allclose(found.valr_bw_s, target, rtol=3e-3)
    t_s = np.linspace(0.0, 0.262, 5001)
    curves = force_bw(t_s, bumps[:, None])
    np.testing.assert_allclose(np.trapezoid(curves, t_s, axis=1), support_s, rtol=1e-5)
    early = curves[:, t_s < 0.075]
    dip = (np.maximum.accumulate(early, axis=1) - early).max(axis=1)
    if forefoot:
        assert dip.max() < 0.02  # no impact transient
    else:
        assert dip[target > 50].min() > 0.02
        assert np.all(np.diff(dip[target > 50]) > 0)  # the harder, the more pronounced


def test_walking_has_two_peaks_a_valley_and_carries_its_share() -> None:
    t_s = np.linspace(0.0, 0.66, 2001)
    force = force_bw(t_s, walking(np.array([0.66]), np.array([0.55]))[0])
    assert np.trapezoid(force, t_s) == pytest.approx(0.55, rel=1e-5)
    rises = np.sign(np.diff(force))
    turns = np.flatnonzero(rises[:-1] * rises[1:] < 0)
    assert len(turns) == 3
    first, valley, last = force[turns + 1]
    assert first == pytest.approx(last, rel=1e-3)
    assert 1.05 < first < 1.3
    assert 0.6 * first < valley < 0.8 * first


# ---- gait ----------------------------------------------------------------------------------------------------------


def test_running_contacts_alternate_with_flight_and_carry_the_body() -> None:
    feet = contacts_of(60.0, plan="run", cadence_spm=170.0)
    left, right = feet[Side.LEFT], feet[Side.RIGHT]
    starts = np.sort(np.concatenate([left.start_s, right.start_s]))
    assert set(left.start_s) == set(starts[0::2])
    assert 60.0 / np.diff(starts).mean() == pytest.approx(170.0, rel=0.01)
    ends = np.sort(np.concatenate([left.end_s, right.end_s]))
    assert np.all(starts[1:] > ends[:-1])
    t_s = np.arange(starts[20], starts[-20], 1e-3)
    total = np.zeros(len(t_s))
    for side, contacts in feet.items():
        index = np.searchsorted(contacts.start_s, t_s, side="right") - 1
        total += contacts.force_bw(side, index, t_s)
    assert total.mean() == pytest.approx(1.0, abs=0.01)


def test_standing_and_changing_over_carry_the_body_too() -> None:
    seconds = 40.0
    feet = contacts_of(seconds, plan="stand:5,walk:12,run:8,walk:5,stand:10")
    t_s = np.arange(0.0, seconds, 1e-3)
    total = np.zeros(len(t_s))
    for side, contacts in feet.items():
        assert np.all(contacts.start_s[1:] > contacts.end_s[:-1])  # a foot lands only after it has left
        swing_s = contacts.start_s[1:] - contacts.end_s[:-1]
        assert swing_s.min() > 0.2
        index = np.searchsorted(contacts.start_s, t_s, side="right") - 1
        total += contacts.force_bw(side, index, t_s)
    for start_s, end_s in ((0.5, 4.0), (6.0, 16.0), (32.0, 39.0)):
        assert total[(t_s > start_s) & (t_s < end_s)].mean() == pytest.approx(1.0, abs=0.03)
    assert total.mean() == pytest.approx(1.0, abs=0.03)
    kinds = feet[Side.LEFT].kind
    assert [Kind(k) for k in kinds[np.flatnonzero(np.diff(kinds, prepend=-1))]] == [
        Kind.STAND,
        Kind.WALK,
        Kind.RUN,
        Kind.WALK,
        Kind.STAND,
    ]


def test_variability_and_step_to_step_memory_are_as_asked() -> None:
    rows = make(seconds=500.0, plan="run", rate_hz=50.0, cells=1, valr_cv_pct=10.0).contacts("left", "run")[10:-1]
    rate = np.log([row["valr_bw_s"] for row in rows])
    contact = np.log([row["to_s"] - row["ic_s"] for row in rows])
    peak = np.log([row["peak_force_bw"] for row in rows])
    assert len(rows) > 600
    assert rate.std() == pytest.approx(0.10, abs=0.015)
    assert contact.std() == pytest.approx(0.02, abs=0.004)
    assert peak.std() == pytest.approx(0.02, abs=0.006)
    for series in (rate, contact):
        assert np.corrcoef(series[1:], series[:-1])[0, 1] == pytest.approx(0.2, abs=0.1)


def test_limp_is_the_relative_difference_of_the_feet() -> None:
    made = make(seconds=120.0, plan="run", rate_hz=50.0, cells=1, limp=0.4)

    def mean(side: str, value: Any) -> float:
        return float(np.mean([value(row) for row in made.contacts(side, "run")[10:-1]]))

    def index(value: Any) -> float:
        left, right = mean("left", value), mean("right", value)
        return 2.0 * (left - right) / (left + right)

    assert index(lambda row: row["valr_bw_s"]) == pytest.approx(0.4, abs=0.06)
    assert index(lambda row: row["to_s"] - row["ic_s"]) == pytest.approx(0.05, abs=0.02)


def test_fatigue_changes_loading_rate_and_contact_time() -> None:
    options = {"plan": "run", "rate_hz": 50.0, "cells": 1, "valr_cv_pct": 0.0, "contact_time_cv_pct": 0.0}
    rows = make(seconds=240.0, valr_drift_pct_min=10.0, contact_time_drift_pct_min=1.0, **options).contacts(
        "left", "run"
    )
    early, late = rows[20], rows[-2]
    minutes = (late["ic_s"] - early["ic_s"]) / 60.0
    assert late["valr_bw_s"] / early["valr_bw_s"] == pytest.approx(1.0 + 0.1 * minutes, rel=0.03)
    change = (late["to_s"] - late["ic_s"]) / (early["to_s"] - early["ic_s"])
    assert change == pytest.approx(1.0 + 0.01 * minutes, rel=0.01)


def test_first_and_last_steps_of_a_run_are_longer_and_softer() -> None:
    options = {"valr_cv_pct": 0.0, "contact_time_cv_pct": 0.0, "rate_hz": 50.0, "cells": 1}
    rows = make(plan="stand:3,run:15,stand:3", **options).contacts(kind="run")
    usual = rows[len(rows) // 2]
    for row in (rows[0], rows[-1]):
        assert row["to_s"] - row["ic_s"] > 1.08 * (usual["to_s"] - usual["ic_s"])
        assert row["valr_bw_s"] < 0.85 * usual["valr_bw_s"]
