"""The synthetic runner: forces against the reference cases, bytes against the truth, radio against the clock."""

from __future__ import annotations

import asyncio
import json
import tracemalloc
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import CubicSpline

from firmware_protocol import Counters, Decoder
from insole.blocks import GRAVITY_M_S2, Input, IntArray, Kind, LinkEvent, Packets, Side, Tick
from insole.device import Device
from insole.errors import SettingsError
from insole.sources import open_source
from insole.sources.synthetic import SyntheticOptions, SyntheticSource, option_table, simulate
from insole.sources.synthetic.foot import Foot, Roll
from insole.sources.synthetic.force import force_bw, landmarks, running, two_mass, walking
from insole.sources.synthetic.gait import Contacts, Gait
from insole.sources.synthetic.landmarks import find_landmarks
from insole.sources.synthetic.layout import demo_insole, grid_insole
from insole.sources.synthetic.simulation import START_HOST_NS

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parent / "golden" / "metrics_golden.json").read_text())
BODY_WEIGHT_N = 70.0 * GRAVITY_M_S2
SILENT = {"noise_kpa": 0.0, "preload_kpa": 0.0, "offset_drift_kpa": 0.0}


@dataclass
class Made:
    """A simulated session, taken apart: per link the stamps and bytes, and what the decoder makes of them."""

    header: Any
    inputs: list[list[Input]]
    truth: dict[str, Any]
    stamps_ns: dict[int, IntArray]
    ends: dict[int, IntArray]
    data: dict[int, bytes]

    def contacts(self, side: str | None = None, kind: str | None = None) -> list[dict[str, Any]]:
        return [row for row in self.truth["contacts"] if side in (None, row["side"]) and kind in (None, row["kind"])]

    def frames(self, side: Side) -> tuple[IntArray, IntArray, np.ndarray, Counters]:
        """Sequence numbers, ticks and counts that the decoder of the wire format finds."""
        decoder = Decoder()
        found = [*decoder.push(self.data[side]).frames, *decoder.flush().frames]
        return (
            np.concatenate([f.sequence for f in found]),
            np.concatenate([f.tick_us for f in found]),
            np.concatenate([f.counts for f in found]),
            decoder.counters,
        )

    def force_n(self, side: Side) -> tuple[np.ndarray, np.ndarray]:
        """Time since the first frame on the device's clock, and total force, of all frames."""
        _, tick_us, counts, _ = self.frames(side)
        device: Device = self.header.feet[side]
        return (tick_us - tick_us[0]) * 1e-6, (device.to_kpa(counts) * device.area_mm2).sum(axis=1) * 1e-3


def make(**options: Any) -> Made:
    simulation = simulate(SyntheticOptions(**options))
    inputs = list(simulation.inputs)
    packets = [p for batch in inputs for p in batch if isinstance(p, Packets)]
    links = sorted({p.link for p in packets})
    mine = {link: [p for p in packets if p.link == link] for link in links}
    return Made(
        simulation.header,
        inputs,
        simulation.truth,
        {link: np.concatenate([p.t_host_ns for p in mine[link]]) for link in links},
        {link: np.concatenate([np.diff(p.ends, prepend=0) for p in mine[link]]).cumsum() for link in links},
        {link: b"".join(p.data for p in mine[link]) for link in links},
    )


def contacts_of(seconds: float, seed: int = 5, **options: Any) -> dict[Side, Contacts]:
    gait = Gait(SyntheticOptions(**options), np.random.default_rng(seed))
    return gait.contacts_until(seconds)


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


# ---- cells ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cells", [16, 32, 99])
def test_shipped_insoles_are_the_generated_ones(cells: int) -> None:
    shipped, made = Device.named(f"demo{cells}"), grid_insole(cells, 200.0)
    assert shipped.to_dict() == made.to_dict()


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 256))
def test_any_number_of_cells_covers_the_foot_once(cells: int) -> None:
    device = grid_insole(cells, 100.0)
    whole = grid_insole(1, 100.0)
    assert device.n_cells == cells
    assert device.area_mm2.sum() == whole.area_mm2[0]
    assert device.area_mm2.min() > 0.2 * device.area_mm2.mean()
    assert (device.x * device.area_mm2).sum() == pytest.approx((whole.x * whole.area_mm2).sum(), rel=1e-3)
    assert (device.y * device.area_mm2).sum() == pytest.approx((whole.y * whole.area_mm2).sum(), rel=1e-3)


@cache
def insole_and_foot(cells: int) -> tuple[Device, Foot]:
    device = demo_insole(cells, 100.0)
    return device, Foot(device, 0.0)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([1, 2, 16, 32, 99, 256]), st.sampled_from(list(Roll)), st.floats(0, 1), st.floats(0, 0.3))
def test_cells_add_up_to_the_force(cells: int, roll: Roll, progress: float, lean: float) -> None:
    device, foot = insole_and_foot(cells)
    shares = foot.shares(np.array([progress]), np.array([roll]), np.array([lean]))
    assert shares.min() >= 0.0
    kpa = foot.kpa(np.array([1234.5]), shares)
    assert (kpa * device.area_mm2).sum() * 1e-3 == pytest.approx(1234.5, rel=1e-12)
    cop_y = (kpa * device.area_mm2 * device.y).sum() * 1e-3 / 1234.5
    assert foot.cop_y(shares)[0] == pytest.approx(cop_y, rel=1e-9)


def test_cells_without_a_place_or_an_area_are_served() -> None:
    placeless = Device("total", 100.0, np.full(3, np.nan), np.full(3, np.nan), np.array([10.0, 20.0, 70.0]), np.ones(3))
    shares = Foot(placeless, 0.0).shares(np.array([0.5]), np.array([Roll.REARFOOT]), np.zeros(1))
    np.testing.assert_allclose(Foot(placeless, 0.0).kpa(np.array([100.0]), shares), 1000.0)
    without = demo_insole(32, 100.0)
    area = without.area_mm2.copy()
    area[20] = 0.0
    masked = without.with_changes(area_mm2=area)
    kpa = Foot(masked, 0.0).kpa(np.array([100.0]), shares)
    assert kpa[0, 20] == 0.0
    assert (kpa * area).sum() * 1e-3 == pytest.approx(100.0)


@pytest.mark.parametrize("cells", [16, 32, 99])
def test_the_foot_rolls_from_heel_to_toe(cells: int) -> None:
    foot = Foot(demo_insole(cells, 100.0), 0.0)
    progress = np.linspace(0.0, 1.0, 101)

    def path(roll: Roll) -> np.ndarray:
        return foot.cop_y(foot.shares(progress, np.full(101, roll), np.zeros(101)))

    rear, mid, fore = path(Roll.REARFOOT), path(Roll.MIDFOOT), path(Roll.FOREFOOT)
    assert np.all(np.diff(rear) > -1e-9)
    assert rear[0] < 0.2
    assert 0.34 < mid[0] < 0.6
    assert fore[0] > 0.68
    assert fore[:50].min() < fore[0] - 0.03  # the heel comes down before it leaves again
    for y in (rear, mid, fore):
        assert y[-1] > 0.8


def test_medial_shift_moves_the_load_towards_the_medial_edge() -> None:
    device = demo_insole(99, 100.0)
    middle, shifted = (Foot(device, mm) for mm in (0.0, 8.0))
    shares = middle.shares(np.linspace(0, 1, 11), np.full(11, Roll.REARFOOT), np.zeros(11))
    x_mm = [
        (foot.kpa(np.ones(11), shares) * device.area_mm2 * device.x).sum(axis=1) * 0.102 for foot in (middle, shifted)
    ]
    assert np.all(x_mm[1] < x_mm[0] - 2.0)


# ---- bytes against truth -------------------------------------------------------------------------------------------


def test_decoded_force_is_the_true_force() -> None:
    """Bytes to force to definitions, by a path of their own: a cubic spline through the decoded sums."""
    made = make(seconds=12.0, plan="run", rate_hz=500.0, cells=16, valr_bw_s=60.0, **SILENT)
    for side in (Side.LEFT, Side.RIGHT):
        t_s, force_n = made.force_n(side)
        # Recording time: the truth's first frame is at the insole's joining, which is the link's first event.
        joined_s = next(
            (e.t_host_ns - START_HOST_NS) * 1e-9
            for batch in made.inputs
            for e in batch
            if isinstance(e, LinkEvent) and e.link == side
        )
        spline = CubicSpline(joined_s + t_s, force_n / BODY_WEIGHT_N)
        rows = [row for row in made.contacts(side.label, "run") if row["whole"]]
        assert len(rows) > 12
        for row in rows:
            fine_s = np.arange(row["ic_s"] - 0.02, row["to_s"] + 0.02, 1e-4)
            found = find_landmarks(spline(fine_s)[None], 0.05)
            assert fine_s[0] + found.ic_s[0] == pytest.approx(row["ic_s"], abs=8e-4)
            assert fine_s[0] + found.toe_off_s[0] == pytest.approx(row["to_s"], abs=8e-4)
            assert found.peak_bw[0] == pytest.approx(row["peak_force_bw"], rel=5e-3)
            assert found.valr_bw_s[0] == pytest.approx(row["valr_bw_s"], rel=0.02)


@pytest.mark.parametrize(
    ("strike", "low", "high"), [("rearfoot", 10, 33.3), ("midfoot", 33.4, 66.6), ("forefoot", 66.7, 85)]
)
def test_true_strike_index_is_what_the_cells_show(strike: str, low: float, high: float) -> None:
    made = make(seconds=8.0, plan="run", rate_hz=500.0, cells=99, strike=strike, **SILENT)
    device = made.header.feet[Side.LEFT]
    _, tick_us, counts, _ = made.frames(Side.LEFT)
    joined_s = (next(e.t_host_ns for e in made.inputs[0] if isinstance(e, LinkEvent)) - START_HOST_NS) * 1e-9
    t_s = joined_s + (tick_us - tick_us[0]) * 1e-6
    load = device.to_kpa(counts) * device.area_mm2
    for row in made.contacts("left", "run"):
        assert low < row["strike_index_pct"] < high
        window = (t_s >= row["ic_s"]) & (t_s <= row["ic_s"] + 0.02)
        window &= load.sum(axis=1) * 1e-3 < 0.3 * BODY_WEIGHT_N
        shown = 100.0 * (load[window] * device.y).sum() / load[window].sum()
        assert shown == pytest.approx(row["strike_index_pct"], abs=1.0)


def test_feet_have_their_own_values() -> None:
    made = make(
        seconds=30.0,
        plan="run",
        rate_hz=50.0,
        valr_left_bw_s=90.0,
        valr_right_bw_s=45.0,
        contact_time_left_s=0.24,
        contact_time_right_s=0.28,
        strike_right="midfoot",
    )
    left, right = made.contacts("left")[10:-1], made.contacts("right")[10:-1]
    assert np.mean([row["valr_bw_s"] for row in left]) == pytest.approx(90.0, rel=0.06)
    assert np.mean([row["valr_bw_s"] for row in right]) == pytest.approx(45.0, rel=0.06)
    assert np.mean([row["to_s"] - row["ic_s"] for row in right]) > np.mean([r["to_s"] - r["ic_s"] for r in left]) + 0.03
    assert max(row["strike_index_pct"] for row in left) < 33.3 < min(row["strike_index_pct"] for row in right)


def test_truth_of_a_stand_and_of_what_the_ends_cut_off() -> None:
    made = make(plan="stand:4,walk:8,stand:5", rate_hz=50.0, cells=4)
    for side in ("left", "right"):
        rows = made.contacts(side)
        assert rows[0]["kind"] == rows[-1]["kind"] == "stand"
        assert [row["whole"] for row in rows] == [False, *[True] * (len(rows) - 2), False]
        assert all(row["valr_bw_s"] is None for row in rows if row["kind"] == "stand")
        assert all(row["strike_index_pct"] < 33 for row in rows if row["kind"] == "walk")
        assert all(0.55 < row["to_s"] - row["ic_s"] < 0.75 for row in rows if row["kind"] == "walk")
        assert rows[-1]["to_s"] == 17.0
        assert all(a["to_s"] < b["ic_s"] for a, b in pairwise(rows))


# ---- sensor --------------------------------------------------------------------------------------------------------


def test_swing_is_lacing_drift_and_noise() -> None:
    made = make(seconds=40.0, plan="run", noise_kpa=1.0, preload_kpa=6.0, offset_drift_kpa=0.5)
    device = made.header.feet[Side.LEFT]
    _, tick_us, counts, _ = made.frames(Side.LEFT)
    t_s = (tick_us - tick_us[0]) * 1e-6
    kpa = device.to_kpa(counts)
    rows = made.contacts("left")
    swing = np.zeros(len(t_s), np.bool_)
    for a, b in pairwise(rows):
        swing |= (t_s > a["to_s"] + 0.03) & (t_s < b["ic_s"] - 0.03)
    assert kpa[swing].mean() == pytest.approx(6.0, abs=0.8)
    assert kpa[swing].mean(axis=0).std() > 1.0  # the lacing presses unevenly
    assert np.median(kpa[swing].std(axis=0)) == pytest.approx(1.0, abs=0.1)


def test_offsets_drift_slowly() -> None:
    made = make(seconds=300.0, plan="stand", rate_hz=50.0, cells=16, noise_kpa=0.0, offset_drift_kpa=5.0)
    kpa = made.header.feet[Side.LEFT].to_kpa(made.frames(Side.LEFT)[2])
    assert np.abs(kpa[-1] - kpa[0]).mean() > 1.0
    assert np.abs(np.diff(kpa, axis=0)).max() < 2.0


def test_full_scale_dead_and_stuck_cells() -> None:
    made = make(seconds=8.0, plan="run", full_scale_kpa=150.0, dead_left=(3,), stuck_left=(7,))
    device = made.header.feet[Side.LEFT]
    counts = made.frames(Side.LEFT)[2]
    assert device.to_kpa(np.full(32, device.full_scale_counts))[0] == pytest.approx(150.0, abs=0.2)
    assert counts.max() == device.full_scale_counts
    assert (counts >= device.full_scale_counts).mean() > 0.005
    assert set(counts[:, 3]) == {int(device.offset_counts)}
    assert len(set(counts[:, 7])) == 1
    right = made.frames(Side.RIGHT)[2]
    assert len(set(right[:, 3])) > 20


def test_a_device_with_a_curve_reads_the_same_pressures(tmp_path: Path) -> None:
    profile = tmp_path / "curved.toml"
    profile.write_text(
        'name = "curved"\nrate_hz = 100.0\noffset_counts = 50.0\nfull_scale_counts = 4095\nscale_kpa = 1.0\n'
        "x = [0.5, 0.5]\ny = [0.15, 0.7]\narea_mm2 = [9000.0, 9000.0]\n"
        "curve = [[0.0, 0.0], [1000.0, 60.0], [2500.0, 250.0], [4045.0, 700.0]]\n"
    )
    made = make(seconds=6.0, device=str(profile), **SILENT)
    _, force_n = made.force_n(Side.LEFT)
    peak = max(row["peak_force_bw"] for row in made.contacts("left"))
    assert force_n.max() / BODY_WEIGHT_N == pytest.approx(peak, rel=0.02)


# ---- radio ---------------------------------------------------------------------------------------------------------


def sampled_ns(made: Made, side: Side, ppm: float, per_packet: int) -> tuple[IntArray, IntArray]:
    """Host time at which the last frame of each delivery was sampled, from its ticks, and the stamps."""
    _, tick_us, _, _ = made.frames(side)
    joined_ns = next(e.t_host_ns for b in made.inputs for e in b if isinstance(e, LinkEvent) and e.link == side)
    last = tick_us[np.minimum(np.arange(1, len(made.stamps_ns[side]) + 1) * per_packet, len(tick_us)) - 1]
    return joined_ns + ((last - tick_us[0]) * 1e3 / (1.0 + ppm * 1e-6)).astype(np.int64), made.stamps_ns[side]


def test_packets_arrive_in_order_after_sampling_in_bursts() -> None:
    made = make(seconds=60.0)
    least = []
    for side, ppm in ((Side.LEFT, 20.0), (Side.RIGHT, -15.0)):
        ready_ns, stamp_ns = sampled_ns(made, side, ppm, 4)
        assert np.all(np.diff(stamp_ns) >= 0)
        latency_ms = (stamp_ns - ready_ns) * 1e-6
        assert latency_ms.min() > 0.29
        least.append(latency_ms.min())
        assert np.percentile(latency_ms, 50) < 15.5
        assert latency_ms.max() < 250.0
        gaps_ms = np.diff(stamp_ns) * 1e-6
        assert gaps_ms.min() < 1.0
        assert np.percentile(gaps_ms, 95) > 25.0
    assert least[0] == pytest.approx(least[1], abs=0.3)  # or the feet could not be aligned


def test_ticks_come_every_fifth_of_a_second_after_what_came_before() -> None:
    made = make(seconds=7.3, late_right_s=2.05)
    ticks = [p.t_host_ns for batch in made.inputs for p in batch if isinstance(p, Tick)]
    assert ticks[:36] == [START_HOST_NS + 200_000_000 * (i + 1) for i in range(36)]
    assert ticks[-1] >= START_HOST_NS + 7_300_000_000
    assert len(ticks) == 37
    now_ns = START_HOST_NS
    for item in (item for batch in made.inputs for item in batch):
        if isinstance(item, Tick):
            assert item.t_host_ns > now_ns
            now_ns = item.t_host_ns
        elif isinstance(item, Packets):
            assert item.t_host_ns[0] >= now_ns
            assert item.ends[-1] == len(item.data)
    assert all(made.inputs)


def test_losses_are_what_the_truth_says() -> None:
    made = make(seconds=60.0, loss_pct=3.0, bursts_per_min=6.0, burst_s=0.3, duplicate_pct=1.0, corrupt_pct=1.0)
    for side in (Side.LEFT, Side.RIGHT):
        told = made.truth["links"][side.label]
        sequence, _, _, counters = made.frames(side)
        unique = np.unique(sequence)
        assert told["frames"] - told["frames_lost"] == len(unique)
        assert len(made.ends[side]) == told["packets"] - told["packets_lost"] + told["packets_duplicated"]
        assert len(sequence) - len(unique) == 4 * told["packets_duplicated"]
        assert counters.bad_crc + counters.unknown_type > 0
        assert 0.02 < told["packets_lost"] / told["packets"] < 0.15
        gaps = np.diff(unique)
        assert gaps.max() > 20  # a burst
        assert np.count_nonzero(gaps == 5) > 20  # single packets of four frames
    assert sum(row["frames_lost"] for row in made.truth["contacts"]) > 100
    row = max(made.contacts("left"), key=lambda row: row["frames_lost"])
    assert row["frames_lost"] <= row["frames"]
    assert row["frames"] == pytest.approx((row["to_s"] - row["ic_s"]) * 200.0, abs=1.1)


def test_a_lost_fragment_loses_its_frame() -> None:
    made = make(seconds=10.0, cells=256, rate_hz=100.0, loss_pct=5.0)
    told = made.truth["links"]["left"]
    sequence, _, counts, _ = made.frames(Side.LEFT)
    assert counts.shape[1] == 256
    assert len(sequence) == told["frames"] - told["frames_lost"]
    assert told["packets"] == 2 * told["frames"]


def test_a_device_of_more_than_12_bits_is_simulated_too(tmp_path: Path) -> None:
    profile = tmp_path / "fine.toml"
    profile.write_text(
        'name = "fine"\nrate_hz = 200.0\nscale_kpa = 0.02\noffset_counts = 1000.0\nfull_scale_counts = 60000\n'
        "x = [0.5, 0.5]\ny = [0.15, 0.7]\narea_mm2 = [9000.0, 9000.0]\n"
    )
    made = make(seconds=4.0, plan="run", device=str(profile), **SILENT)
    assert made.frames(Side.LEFT)[2].max() > 4095
    peak = max(row["peak_force_bw"] for row in made.contacts("left"))
    assert made.force_n(Side.LEFT)[1].max() / BODY_WEIGHT_N == pytest.approx(peak, rel=5e-3)


def test_one_foot_and_a_late_foot() -> None:
    alone = make(seconds=5.0, feet="right", plan="run")
    assert list(alone.header.feet) == [Side.RIGHT]
    assert list(alone.data) == [Side.RIGHT]
    assert {row["side"] for row in alone.truth["contacts"]} == {"right"}
    late = make(seconds=8.0, plan="run", late_left_s=2.5)
    assert late.stamps_ns[0][0] >= START_HOST_NS + 2_500_000_000
    assert late.stamps_ns[1][0] < START_HOST_NS + 200_000_000
    rows = late.contacts("left")
    assert rows[0]["ic_s"] >= 2.5
    assert all(row["whole"] == (row["ic_s"] > 2.51 and row["to_s"] < 8.0) for row in rows)


def test_device_clocks_drift_and_wrap() -> None:
    made = make(seconds=30.0, clock_ppm_left=20000.0, clock_ppm_right=0.0, tick_start_left_us=2**32 - 5_000_000)
    sequence, tick_us, _, _ = made.frames(Side.LEFT)
    assert len(sequence) == pytest.approx(30.0 * 200.0 * 1.02, abs=1)
    assert tick_us[0] == 2**32 - 5_000_000
    assert np.count_nonzero(np.diff(tick_us) < 0) == 1
    assert set(np.diff(tick_us) % 2**32) == {5000}
    assert len(made.frames(Side.RIGHT)[0]) == pytest.approx(6000, abs=1)


# ---- the session as a whole ----------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_bytes_and_another_does_not() -> None:
    options = {"seconds": 9.0, "loss_pct": 2.0, "corrupt_pct": 1.0}
    first, again, other = make(seed=4, **options), make(seed=4, **options), make(seed=5, **options)
    assert first.data == again.data
    assert first.truth == again.truth
    for link in (0, 1):
        np.testing.assert_array_equal(first.stamps_ns[link], again.stamps_ns[link])
        assert first.data[link] != other.data[link]


def test_a_longer_session_begins_as_the_shorter_one() -> None:
    short, long = make(seconds=8.0), make(seconds=16.0)
    for link in (0, 1):
        assert long.data[link].startswith(short.data[link][: int(short.ends[link][-3])])


def test_what_one_foot_suffers_does_not_move_the_other() -> None:
    plain, late = make(seconds=8.0), make(seconds=8.0, late_left_s=3.0, dead_left=(1,))
    assert plain.data[1] == late.data[1]


def test_memory_does_not_grow_with_the_session() -> None:
    def peak_bytes(seconds: float) -> int:
        simulation = simulate(SyntheticOptions(seconds=seconds, cells=99))
        tracemalloc.start()
        for _ in simulation.inputs:
            pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    peak_bytes(4.0)  # what is built once
    assert peak_bytes(120.0) < 1.1 * peak_bytes(20.0)


def test_header_says_who_runs_with_what() -> None:
    header = make(seconds=2.0, body_mass_kg=61.5, cells=16, rate_hz=100.0).header
    assert header.runner.body_mass_kg == 61.5
    assert header.settings.calibration.lr_known
    assert header.feet[Side.LEFT].name == "demo16"
    assert header.feet[Side.LEFT].rate_hz == 100.0
    assert header.start_host_ns == START_HOST_NS


def test_truth_is_plain_json_one_contact_a_line() -> None:
    simulation = simulate(SyntheticOptions(seconds=6.0, cells=2))
    for _ in simulation.inputs:
        pass
    text = simulation.truth_json()
    assert json.loads(text) == json.loads(json.dumps(simulation.truth, allow_nan=False))
    assert text.count("\n") == len(simulation.truth["contacts"]) + 2


# ---- options -------------------------------------------------------------------------------------------------------


def test_options_from_a_url() -> None:
    options = SyntheticOptions.from_mapping(
        {
            "limp": "0.2",
            "seed": "7",
            "rate": "100",
            "cells": "99",
            "strike": "forefoot",
            "seconds": "60",
            "dead_left": "3,5",
        }
    )
    assert options == SyntheticOptions(
        limp=0.2, seed=7, rate_hz=100.0, cells=99, strike="forefoot", seconds=60.0, dead_left=(3, 5)
    )
    assert {name for name, *_ in option_table()} >= {"limp", "seed", "rate", "cells", "strike", "seconds", "loss"}


@pytest.mark.parametrize(
    ("given_options", "named"),
    [
        ({"cells": "0"}, "cells"),
        ({"cells": "257"}, "cells"),
        ({"rate": "1000"}, "rate"),
        ({"strike": "toe"}, "strike"),
        ({"strike_left": "heel"}, "strike_left"),
        ({"feet": "none"}, "feet"),
        ({"loss": "x"}, "loss"),
        ({"loss": "nan"}, "loss"),
        ({"lr_known": "maybe"}, "lr_known"),
        ({"colour": "red"}, "colour"),
        ({"plan": "run:0"}, "plan"),
        ({"plan": "hop:5"}, "plan"),
        ({"plan": "run:x,stand"}, "plan"),
        ({"plan": "run,stand"}, "plan"),
        ({"contact_time": "0.4", "cadence": "200"}, "contact time"),
    ],
)
def test_wrong_options_are_named(given_options: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        SyntheticOptions.from_mapping(given_options)


def test_faulty_cells_and_devices_that_do_not_exist() -> None:
    with pytest.raises(SettingsError, match="cell 32"):
        simulate(SyntheticOptions(dead_right=(32,)))
    with pytest.raises(SettingsError, match="no device 'nothing'"):
        simulate(SyntheticOptions(device="nothing"))


# ---- source --------------------------------------------------------------------------------------------------------


def collected(source: SyntheticSource) -> list[list[Input]]:
    async def collect() -> list[list[Input]]:
        async with source:
            return [inputs async for inputs in source]

    return asyncio.run(collect())


def of_link(batches: list[list[Input]], link: int, start_ns: int) -> tuple[bytes, list[int]]:
    packets = [p for batch in batches for p in batch if isinstance(p, Packets) and p.link == link]
    return b"".join(p.data for p in packets), [int(t) - start_ns for p in packets for t in p.t_host_ns]


def test_an_unpaced_source_gives_what_simulate_gives() -> None:
    source = open_source("synthetic:?seconds=5&seed=3&loss=2&speed=inf")
    assert isinstance(source, SyntheticSource)
    expected = make(seconds=5.0, seed=3, loss_pct=2.0)
    batches = collected(source)
    assert source.header.start_host_ns == expected.header.start_host_ns
    for link in (0, 1):
        assert of_link(batches, link, START_HOST_NS) == of_link(expected.inputs, link, START_HOST_NS)
    assert all(batches)


def test_a_paced_source_gives_the_same_in_smaller_pieces() -> None:
    """A hundred seconds a second: paced by the clock, and 20 ms of it at a time unless the reader is late."""
    source = SyntheticSource(SyntheticOptions(seconds=3.0, seed=3), speed=100.0)
    expected = make(seconds=3.0, seed=3)
    batches = collected(source)
    start_ns = source.header.start_host_ns
    assert start_ns != START_HOST_NS
    for link in (0, 1):
        assert of_link(batches, link, start_ns) == of_link(expected.inputs, link, START_HOST_NS)
    ticks = [p.t_host_ns - start_ns for batch in batches for p in batch if isinstance(p, Tick)]
    assert ticks[:15] == [200_000_000 * (i + 1) for i in range(15)]


def test_a_source_without_an_end_can_be_left() -> None:
    async def first_ticks() -> int:
        ticks = 0
        async with SyntheticSource(SyntheticOptions(), speed=float("inf")) as source:
            async for inputs in source:
                ticks += sum(isinstance(item, Tick) for item in inputs)
                if ticks >= 100:
                    break
        return ticks

    assert asyncio.run(first_ticks()) == 100


@pytest.mark.parametrize("speed", ["0", "-1", "nan", "fast"])
def test_a_speed_that_is_none_is_refused(speed: str) -> None:
    with pytest.raises(SettingsError, match="speed"):
        SyntheticSource.from_url("", {"speed": speed})
    with pytest.raises(SettingsError, match="elsewhere"):
        SyntheticSource.from_url("elsewhere", {})
