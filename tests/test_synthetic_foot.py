"""The synthetic runner: force over the cells of an insole, and what its sensor makes of it."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_runs import BODY_WEIGHT_N, SILENT, make

from insole.blocks import Side
from insole.device import Device
from insole.sources.synthetic.foot import Foot, Roll
from insole.sources.synthetic.layout import demo_insole, grid_insole

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
