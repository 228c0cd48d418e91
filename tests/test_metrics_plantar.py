"""Regional pressure, force, timing and balance against closed forms (METRICS.md 6.1, 6.2, 6.4, 11.5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from stances import BODY_WEIGHT_N, Pressures, alone, force_only, insole, plate, stances
from waveforms import GOLDEN, polygon

from insole.blocks import ContactTable, FloatArray, Side, Status
from insole.device import MASKS, REGIONS, Device
from insole.pipeline.metrics import METRIC_BY_NAME, Scale, measure_contacts
from insole.pipeline.metrics.contacts import Contacts

ANALYTIC = 1e-3

# two heel cells, one or two of every other mask; x from medial
FEW_X = (0.3, 0.7, 0.3, 0.7, 0.1, 0.4, 0.8, 0.2, 0.7)
FEW_Y = (0.1, 0.1, 0.4, 0.4, 0.6, 0.6, 0.6, 0.9, 0.9)
FEW = insole(FEW_X, FEW_Y)
HEEL, MTH2, MTH3_5, HALLUX, TOES = 0, 5, 6, 7, 8  # a cell of some masks


def measured(contacts: Contacts) -> ContactTable:
    return measure_contacts(contacts, Scale.FULL)


def value(table: ContactTable, name: str) -> float:
    return float(table.columns[name][0])


def on_cells(device: Device, curves: dict[int, Callable[[FloatArray], FloatArray]]) -> Pressures:
    """Pressure curves (kPa) of some cells; the others carry nothing."""

    def pressures(t: FloatArray) -> FloatArray:
        kpa = np.zeros((len(t), device.n_cells))
        for cell, curve in curves.items():
            kpa[:, cell] = curve(t)
        return kpa

    return pressures


def as_force(cell_area_mm2: float, *corners: tuple[float, float]) -> Callable[[FloatArray], FloatArray]:
    """Pressure of a cell whose force is a polygon of (seconds, body weights)."""
    t_s, bw = zip(*corners, strict=True)
    return lambda t: np.interp(t, t_s, bw, left=0.0, right=0.0) * BODY_WEIGHT_N / cell_area_mm2 * 1e3


def bump(t: FloatArray, peak_kpa: float, lasts_s: float) -> FloatArray:
    return np.where((t >= 0) & (t <= lasts_s), peak_kpa * np.sin(np.pi * t / lasts_s), 0.0)


# ---- pressure and its integrals ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def two_heel_cells() -> ContactTable:
    """METRICS.md 11.5: 200 sin(pi t / 0.1) kPa for 0.1 s and 50 kPa for 0.25 s on 100 mm2 each."""
    pressures = on_cells(
        FEW, {0: lambda t: bump(t, 200.0, 0.1), 1: lambda t: np.where((t >= 0) & (t <= 0.25), 50.0, 0.0)}
    )
    return measured(stances(FEW, [pressures], body_weight_n=50.0, event_n=2.5))


def test_two_heel_cells(two_heel_cells: ContactTable) -> None:
    want = GOLDEN["plantar"]
    expected = {
        "peak_pressure_kpa": 200.0,
        "pti_peak_kpa_s": want["pti_peak"],
        "pti_mean_kpa_s": want["pti_mean"],
        "fti_n_s": want["fti_Ns"],
        "mean_pressure_kpa": (200.0 + 50.0) / 2,
    }
    for name, number in expected.items():
        assert value(two_heel_cells, f"{name}_heel") == pytest.approx(number, rel=ANALYTIC)
        assert value(two_heel_cells, name) == pytest.approx(number, rel=ANALYTIC)
    assert value(two_heel_cells, "fti_rel_pct_heel") == pytest.approx(100.0)
    assert value(two_heel_cells, "contact_area_pct_heel") == pytest.approx(100.0)
    assert value(two_heel_cells, "contact_area_pct") == pytest.approx(100.0 * 2 / 9)


def test_an_unloaded_region_carries_nothing_and_has_no_mean(two_heel_cells: ContactTable) -> None:
    for name in ("peak_pressure_kpa", "pti_peak_kpa_s", "fti_n_s", "fti_rel_pct", "contact_area_pct"):
        assert value(two_heel_cells, f"{name}_toes") == 0.0
    for name in ("mean_pressure_kpa", "pti_mean_kpa_s", "t_on_pct", "t_peak_pct", "t_off_pct"):
        assert np.isnan(value(two_heel_cells, f"{name}_toes"))
        assert two_heel_cells.status[f"{name}_toes"][0] == Status.NOT_COMPUTED


@pytest.mark.parametrize("absent", MASKS)
def test_a_region_without_cells_is_withheld_never_zero(absent: str) -> None:
    column = FEW.region_weights()[:, REGIONS.index(absent)]
    cells = np.flatnonzero(column == 0)
    device = insole(np.array(FEW_X)[cells].tolist(), np.array(FEW_Y)[cells].tolist())
    table = measured(stances(device, [lambda t: bump(t, 300.0, 0.25)[:, None] * np.ones(device.n_cells)]))
    of_region = [name for name in METRIC_BY_NAME if name.endswith(f"_{absent}")]
    assert len(of_region) == 10
    for name in of_region:
        assert np.isnan(value(table, name))
        assert table.status[name][0] == Status.TOO_FEW_CELLS
    others = sum(value(table, f"fti_rel_pct_{mask}") for mask in MASKS if mask != absent)
    assert others == pytest.approx(100.0)


@pytest.mark.parametrize("name", ["demo16", "demo32", "demo99"])
def test_cells_of_one_time_course_follow_their_amplitudes(name: str) -> None:
    """All cells rise and fall together, so every number follows from the amplitudes and areas alone."""
    device = Device.named(name).with_changes(rate_hz=5000.0)
    amplitude = np.random.default_rng(5).uniform(5.0, 300.0, device.n_cells)
    lasts = 0.25
    table = measured(stances(device, [lambda t: bump(t, 1.0, lasts)[:, None] * amplitude]))
    area = device.area_mm2
    integral_s = 2 * lasts / np.pi  # of the sine; the part below the threshold at the ends is under 0.1 %
    assert value(table, "peak_pressure_kpa") == pytest.approx(amplitude.max(), rel=1e-6)
    assert value(table, "fti_n_s") == pytest.approx((amplitude @ area) * 1e-3 * integral_s, rel=ANALYTIC)
    shares = device.region_weights()[:, [REGIONS.index(mask) for mask in MASKS]]
    assert np.allclose(shares.sum(axis=1), 1.0)
    for mask, share in zip(MASKS, shares.T, strict=True):
        cells, force = share >= 0.5, (amplitude * area) @ share * 1e-3
        active = (area * share)[amplitude > 20.0].sum()
        assert value(table, f"peak_pressure_kpa_{mask}") == pytest.approx(amplitude[cells].max(), rel=1e-6)
        assert value(table, f"fti_n_s_{mask}") == pytest.approx(force * integral_s, rel=ANALYTIC)
        expected_share = 100 * force / (amplitude @ area * 1e-3)
        assert value(table, f"fti_rel_pct_{mask}") == pytest.approx(expected_share, rel=1e-9)
        assert value(table, f"pti_peak_kpa_s_{mask}") == pytest.approx(
            amplitude[cells].max() * integral_s, rel=ANALYTIC
        )
        mean = force / active * 1e3 if active else np.nan
        assert value(table, f"mean_pressure_kpa_{mask}") == pytest.approx(mean, rel=1e-5, nan_ok=True)
        assert value(table, f"pti_mean_kpa_s_{mask}") == pytest.approx(mean * integral_s, rel=ANALYTIC, nan_ok=True)
        expected_area = 100 * active / (area * share).sum()
        assert value(table, f"contact_area_pct_{mask}") == pytest.approx(expected_area, rel=1e-5)


@pytest.mark.parametrize("name", ["demo16", "demo32", "demo99"])
def test_halves_of_heel_and_midfoot(name: str) -> None:
    device = Device.named(name).with_changes(rate_hz=5000.0)
    amplitude = np.random.default_rng(6).uniform(5.0, 300.0, device.n_cells)
    table = measured(stances(device, [lambda t: bump(t, 1.0, 0.25)[:, None] * amplitude]))
    weights = dict(zip(REGIONS, device.region_weights().T, strict=True))
    for whole in ("heel", "midfoot"):
        for half, side in (("med", device.x <= 0.5), ("lat", device.x >= 0.5)):
            force = (amplitude * device.area_mm2) @ weights[f"{whole}_{half}"] / (amplitude @ device.area_mm2)
            assert value(table, f"fti_rel_pct_{whole}_{half}") == pytest.approx(100.0 * force, rel=1e-9)
            highest = amplitude[(weights[whole] >= 0.5) & side].max()
            assert value(table, f"peak_pressure_kpa_{whole}_{half}") == pytest.approx(highest, rel=1e-6)
        both = sum(value(table, f"fti_n_s_{whole}_{half}") for half in ("med", "lat"))
        assert both == pytest.approx(value(table, f"fti_n_s_{whole}"), rel=1e-9)


def test_fewer_than_four_cells_have_no_halves(two_heel_cells: ContactTable) -> None:
    for name in ("peak_pressure_kpa_heel_med", "fti_n_s_heel_lat", "fti_rel_pct_heel_med"):
        assert two_heel_cells.status[name][0] == Status.TOO_FEW_CELLS


def test_contact_area_is_the_largest_at_one_time_and_active_area_that_of_any_time() -> None:
    """The heel cells are loaded one after the other: never more than half the heel at once, all of it in the end."""
    first = as_force(100.0, (0.0, 0.0), (0.02, 1.0), (0.10, 0.0))
    second = as_force(100.0, (0.10, 0.0), (0.12, 1.0), (0.25, 0.0))
    rest = as_force(100.0, (0.0, 0.0), (0.01, 0.2), (0.24, 0.2), (0.25, 0.0))
    table = measured(stances(FEW, [on_cells(FEW, {0: first, 1: second, MTH2: rest})]))
    assert value(table, "contact_area_pct_heel") == pytest.approx(50.0)
    assert value(table, "mean_pressure_kpa_heel") == pytest.approx(BODY_WEIGHT_N / 200.0 * 1e3, rel=ANALYTIC)


def test_negative_pressure_counts_in_sums_but_not_in_peaks() -> None:
    """Clipping before summing would bias the sums; a peak below zero is no pressure (METRICS.md 1.1)."""
    table = measured(
        stances(FEW, [on_cells(FEW, {MTH2: lambda t: bump(t, 9000.0, 0.25), HALLUX: lambda t: -bump(t, 3.0, 0.25)})])
    )
    assert value(table, "peak_pressure_kpa_hallux") == value(table, "pti_peak_kpa_s_hallux") == 0.0
    assert value(table, "fti_n_s_hallux") == pytest.approx(-0.3 * 2 * 0.25 / np.pi, rel=ANALYTIC)


# ---- timing --------------------------------------------------------------------------------------------------------


def rolling_over(rate_hz: float = 10_000.0, *, areas_known: bool = True) -> Contacts:
    """Heel first (peak at 40 ms), then the third to fifth heads (80 ms on, peak at 160 ms)."""
    device = FEW.with_changes(rate_hz=rate_hz, areas_known=areas_known)
    heel = as_force(100.0, (0.0, 0.0), (0.04, 1.6), (0.12, 0.0))
    forefoot = as_force(100.0, (0.08, 0.0), (0.16, 2.0), (0.25, 0.0))
    return stances(device, [on_cells(device, {HEEL: heel, MTH3_5: forefoot})])


def test_regional_timing() -> None:
    table = measured(rolling_over())
    ic_s, to_s = 0.05 / 1.6 * 0.04, 0.25 - 0.05 / 2.0 * 0.09

    def pct(t_s: float) -> float:
        return 100.0 * (t_s - ic_s) / (to_s - ic_s)

    assert value(table, "t_on_pct_heel") == 0.0  # the heel has 0.03 BW before the foot has 0.05
    assert value(table, "t_peak_pct_heel") == pytest.approx(pct(0.04), rel=ANALYTIC)
    assert value(table, "t_off_pct_heel") == pytest.approx(pct(0.12 - 0.03 / 1.6 * 0.08), rel=ANALYTIC)
    assert value(table, "t_on_pct_mth3_5") == pytest.approx(pct(0.08 + 0.03 / 2.0 * 0.08), rel=ANALYTIC)
    assert value(table, "t_peak_pct_mth3_5") == pytest.approx(pct(0.16), rel=ANALYTIC)
    assert value(table, "t_off_pct_mth3_5") == 100.0


def test_onset_difference() -> None:
    heel_s, forefoot_s = 0.03 / 1.6 * 0.04, 0.08 + 0.03 / 2.0 * 0.08
    table = measured(rolling_over())
    assert value(table, "onset_difference_ms") == pytest.approx((heel_s - forefoot_s) * 1e3, rel=ANALYTIC)
    usual = measured(rolling_over(250.0))
    assert value(usual, "onset_difference_ms") == pytest.approx((heel_s - forefoot_s) * 1e3, abs=2.0)


@pytest.mark.parametrize(
    ("rate_hz", "status"), [(250.0, Status.OK), (200.0, Status.LIMITED), (199.0, Status.RATE_TOO_LOW)]
)
def test_onset_difference_needs_its_rate(rate_hz: float, status: Status) -> None:
    assert measured(rolling_over(rate_hz)).status["onset_difference_ms"][0] == status


def test_onset_difference_needs_both_ends_of_the_foot() -> None:
    heel_only = on_cells(FEW, {HEEL: as_force(100.0, (0.0, 0.0), (0.04, 1.6), (0.25, 0.0))})
    assert np.isnan(value(measured(stances(FEW, [heel_only])), "onset_difference_ms"))


# ---- loading rate of the heel --------------------------------------------------------------------------------------


def heel_then_forefoot(device: Device, **how: object) -> Contacts:
    """The heel rises by 60 BW/s from 30 ms on to 1.5 BW and holds; the forefoot carries the start and the rest."""
    heel = as_force(100.0, (0.03, 0.0), (0.055, 1.5), (0.10, 1.5), (0.15, 0.0))
    forefoot = as_force(100.0, (0.0, 0.0), (0.02, 0.6), (0.12, 0.9), (0.25, 0.0))
    return stances(device, [on_cells(device, {HEEL: heel, MTH2: forefoot})], **how)  # type: ignore[arg-type]


def test_heel_loading_rate_is_the_slope_of_the_heels_own_rise() -> None:
    table = measured(heel_then_forefoot(FEW))
    assert value(table, "heel_load_rate_bw_s") == pytest.approx(60.0, rel=ANALYTIC)
    assert table.status["heel_load_rate_bw_s"][0] == Status.OK


def test_heel_loading_rate_equals_the_primary_rate_where_the_heel_is_all_there_is() -> None:
    """Same curve, same point of interest: the two definitions must agree."""

    def pressures(t: FloatArray) -> FloatArray:
        kpa = np.zeros((len(t), FEW.n_cells))
        kpa[:, HEEL] = polygon(t) / 100.0 * 1e3
        return kpa

    table = measured(stances(FEW.with_changes(rate_hz=500.0), [pressures]))
    assert value(table, "heel_load_rate_bw_s") == pytest.approx(value(table, "valr_bw_s"), rel=1e-6)


@pytest.mark.parametrize(
    ("rate_hz", "status"), [(200.0, Status.OK), (100.0, Status.LIMITED), (50.0, Status.RATE_TOO_LOW)]
)
def test_heel_loading_rate_needs_its_rate(rate_hz: float, status: Status) -> None:
    table = measured(heel_then_forefoot(FEW.with_changes(rate_hz=rate_hz)))
    assert table.status["heel_load_rate_bw_s"][0] == status


def test_heel_loading_rate_has_no_value_across_a_lost_frame() -> None:
    device = FEW.with_changes(rate_hz=500.0)
    for at_s, status in ((0.040, Status.GAP), (0.150, Status.OK)):
        contacts = heel_then_forefoot(device, lost=lambda t, at=at_s: np.abs(t - at) < 1e-4)
        table = measured(contacts)
        assert table.status["heel_load_rate_bw_s"][0] == status
        assert np.isfinite(value(table, "heel_load_rate_bw_s")) == (status is Status.OK)


def test_a_foot_that_lands_without_its_heel_has_no_heel_rate() -> None:
    forefoot = on_cells(FEW, {MTH2: as_force(100.0, (0.0, 0.0), (0.1, 2.0), (0.25, 0.0))})
    assert np.isnan(value(measured(stances(FEW, [forefoot])), "heel_load_rate_bw_s"))


# ---- medial and lateral, arch --------------------------------------------------------------------------------------

BALANCED = insole(
    (0.2, 0.5, 0.8, 0.2, 0.8, 0.2, 0.8, 0.1, 0.4, 0.8, 0.2, 0.7),
    (0.05, 0.1, 0.15, 0.2, 0.22, 0.4, 0.4, 0.6, 0.65, 0.7, 0.9, 0.95),
)
MLR = ("mlr_initial", "mlr_contact", "mlr_mid", "mlr_propulsion")


def block(device: Device, cell_bw: dict[int, tuple[float, ...]]) -> Contacts:
    """Cells that hold a force (BW) in each phase of stance, over a contact of 0.25 s with sudden ends."""
    edges = 0.25 * np.array([0.0, 0.2, 0.4, 0.6, 1.0])

    def curve(levels: tuple[float, ...]) -> Callable[[FloatArray], FloatArray]:
        def kpa(t: FloatArray) -> FloatArray:
            phase = np.clip(np.searchsorted(edges, t, side="right") - 1, 0, 3)
            held = np.array(levels)[phase] * BODY_WEIGHT_N / 100.0 * 1e3
            return np.where((t >= 0) & (t <= 0.25), held, 0.0)

        return kpa

    return stances(device, [on_cells(device, {cell: curve(bw) for cell, bw in cell_bw.items()})])


def test_medial_lateral_ratio_of_constant_forces() -> None:
    """300 N medial against 500 N lateral; the midfoot does not count."""
    contacts = block(BALANCED, {0: (0.3,) * 4, 2: (0.5,) * 4, 5: (0.9,) * 4})
    table = measured(contacts)
    for name in MLR:
        assert value(table, name) == pytest.approx(GOLDEN["plantar"]["mlr_300_500"], rel=ANALYTIC)


def test_each_phase_has_its_own_ratio() -> None:
    table = measured(block(BALANCED, {0: (0.9, 0.6, 0.3, 0.0), 2: (0.1, 0.4, 0.3, 1.0)}))
    got = [value(table, name) for name in MLR]
    assert got == pytest.approx([0.8, 0.2, 0.0, -1.0], abs=4e-3)  # jumps between two frames are read as ramps


def test_ratio_is_withheld_while_only_the_midfoot_carries() -> None:
    table = measured(block(BALANCED, {0: (0.5, 0.5, 0.0, 0.5), 5: (0.5,) * 4}))
    assert np.isnan(value(table, "mlr_mid"))
    assert value(table, "mlr_propulsion") == pytest.approx(1.0)


def test_mirrored_cells_flip_the_ratio() -> None:
    forces = {0: (0.9, 0.6, 0.3, 0.1), 2: (0.1, 0.4, 0.3, 1.0), 9: (0.2, 0.2, 0.3, 0.9)}
    mirrored = BALANCED.with_changes(x=1.0 - BALANCED.x)
    for name in MLR:
        here, there = (value(measured(block(device, forces)), name) for device in (BALANCED, mirrored))
        assert here == pytest.approx(-there, abs=1e-9)


def test_left_and_right_foot_measure_alike() -> None:
    """x runs from medial on both feet, so the same load gives the same numbers."""
    left = rolling_over()
    right = Contacts(replace(left.batch, side=Side.RIGHT), left.rates, left.device, left.body_weight_n)
    for name, column in measured(left).columns.items():
        np.testing.assert_array_equal(column, measured(right).columns[name], err_msg=name)


def test_ratio_of_first_ray_to_lateral_forefoot() -> None:
    table = measured(block(BALANCED, {7: (0.4,) * 4, 10: (0.2,) * 4, 9: (0.8,) * 4}))
    assert value(table, "mth_ratio") == pytest.approx((0.4 + 0.2) / 0.8, rel=ANALYTIC)


def tiled() -> Device:
    """10 mm squares that tile 100 x 250 mm: 25 rows of 10."""
    x, y = np.meshgrid((np.arange(10) + 0.5) / 10, (np.arange(25) + 0.5) / 25)
    return insole(x.ravel().tolist(), y.ravel().tolist(), length_mm=250.0, width_mm=100.0, rate_hz=1000.0)


def test_arch_index_of_a_flat_and_of_an_arched_print() -> None:
    """Thirds of the length behind the toe line; the arch leaves y 0.32 to 0.48 of it unloaded."""
    device = tiled()
    flat = measured(stances(device, [lambda t: bump(t, 60.0, 0.25)[:, None] * np.ones(device.n_cells)]))
    assert value(flat, "arch_index") == pytest.approx(1 / 3, rel=1e-5)
    assert value(flat, "arch_index_load") == pytest.approx(1 / 3, rel=1e-9)
    kpa = np.where((device.y > 0.32) & (device.y < 0.48), 0.0, np.where(device.y < 0.32, 120.0, 60.0))
    arched = measured(stances(device, [lambda t: bump(t, 1.0, 0.25)[:, None] * kpa]))
    middle, loaded = 0.8 / 3 - 0.16, 0.8 - 0.16
    assert value(arched, "arch_index") == pytest.approx(middle / loaded, rel=1e-4)
    doubled = 0.32 - 0.8 / 3  # of the middle third that lies behind the arch, at twice the pressure
    expected = (middle + doubled) / (loaded + 0.32)
    assert value(arched, "arch_index_load") == pytest.approx(expected, rel=1e-9)


# ---- lost frames, saturation, devices ------------------------------------------------------------------------------


def test_a_bridged_frame_keeps_integrals_and_peaks() -> None:
    device = FEW.with_changes(rate_hz=500.0)
    pressures = on_cells(device, {HEEL: lambda t: bump(t, 3000.0, 0.25), MTH2: lambda t: bump(t, 6000.0, 0.25)})
    whole = measured(stances(device, [pressures]))
    bridged = measured(stances(device, [pressures], lost=lambda t: np.abs(t - 0.06) < 1e-4))
    for name in ("pti_peak_kpa_s", "pti_mean_kpa_s", "fti_n_s", "peak_pressure_kpa", "contact_area_pct"):
        assert value(bridged, name) == pytest.approx(value(whole, name), rel=ANALYTIC)
        assert bridged.status[name][0] == Status.OK


def test_a_long_gap_withholds_peaks_and_if_long_enough_integrals() -> None:
    for lasts_s, integral in ((0.012, Status.OK), (0.030, Status.GAP)):
        contacts = stances(
            FEW,
            [on_cells(FEW, {HEEL: lambda t: bump(t, 9000.0, 0.25)})],
            lost=lambda t, last=lasts_s: (t > 0.1) & (t < 0.1 + last),
            long_gap=True,
        )
        table = measured(contacts)
        for name in ("peak_pressure_kpa_heel", "mean_pressure_kpa_heel", "contact_area_pct_heel", "t_peak_pct_heel"):
            assert table.status[name][0] == Status.GAP
        for name in ("fti_n_s_heel", "pti_peak_kpa_s_heel", "pti_mean_kpa_s"):
            assert table.status[name][0] == integral


def test_saturation_withholds_peaks_and_limits_the_rest() -> None:
    contacts = rolling_over()
    contacts.batch.saturated_share[:] = 0.02
    table = measured(contacts)
    for name in ("peak_pressure_kpa", "peak_pressure_kpa_heel", "pti_peak_kpa_s_mth3_5"):
        assert table.status[name][0] == Status.SATURATED
        assert np.isnan(value(table, name))
    for name in ("fti_n_s_heel", "contact_time_ms", "mean_pressure_kpa"):
        assert table.status[name][0] == Status.LIMITED
        assert np.isfinite(value(table, name))


def test_a_plate_has_no_plantar_metrics() -> None:
    table = measured(stances(plate(), [force_only(polygon)]))
    for name in ("peak_pressure_kpa", "fti_n_s_heel", "cop_path_mm", "mlr_mid", "arch_index", "strike_index_pct"):
        assert table.status[name][0] == Status.NO_GEOMETRY


def test_zones_without_known_areas_have_forces_and_no_pressures() -> None:
    table = measured(rolling_over(areas_known=False))
    assert table.status["fti_n_s_heel"][0] == Status.OK
    for name in ("peak_pressure_kpa", "mean_pressure_kpa_heel", "pti_peak_kpa_s", "contact_area_pct", "preload_kpa"):
        assert table.status[name][0] == Status.NO_AREAS


@pytest.mark.parametrize(
    ("device", "withheld"),
    [
        (FEW, {"mlr_initial", "mth_ratio", "arch_index", "arch_index_load"}),
        (BALANCED, {"arch_index", "arch_index_load"}),
        (Device.named("demo99"), set()),
    ],
)
def test_few_cells_withhold_what_needs_many(device: Device, withheld: set[str]) -> None:
    contacts = stances(device, [lambda t: bump(t, 200.0, 0.25)[:, None] * np.ones(device.n_cells)])
    table = measured(contacts)
    looked_at = ("peak_pressure_kpa", "fti_n_s_heel", "mlr_initial", "mth_ratio", "arch_index", "arch_index_load")
    assert {name for name in looked_at if table.status[name][0] == Status.TOO_FEW_CELLS} == withheld


@pytest.mark.parametrize("name", ["demo16", "demo99"])
def test_the_same_bits_alone_and_in_company(name: str) -> None:
    """More contacts than are looked at together, of different lengths, some with lost frames."""
    device, rng = Device.named(name), np.random.default_rng(11)
    lasts = rng.uniform(0.2, 0.3, 37).tolist()

    def rolling(lasts_s: float) -> Pressures:
        amplitude, later = rng.uniform(0, 250, device.n_cells), rng.uniform(0, 0.3, device.n_cells) + 0.4 * device.y

        def pressures(t: FloatArray) -> FloatArray:
            course = np.clip((t[:, None] / lasts_s - later) / 0.3, 0, 1)
            floor = bump(t, 8.0, lasts_s)[:, None]
            out: FloatArray = amplitude * np.sin(np.pi * course) + floor
            return out

        return pressures

    lost = lambda t: rng.random(len(t)) < 0.02  # noqa: E731
    contacts = stances(device, [rolling(last) for last in lasts], lasts_s=lasts, phase=0.4, lost=lost)
    together = measured(contacts)
    assert np.isfinite(together.columns["pti_peak_kpa_s_heel"]).all()
    for i in range(len(lasts)):
        single = measured(alone(contacts, i))
        for metric, column in single.columns.items():
            np.testing.assert_array_equal(together.columns[metric][i], column[0], err_msg=metric)
            if metric in single.status:
                assert together.status[metric][i] == single.status[metric][0], metric


def test_every_region_has_every_row_with_a_definition_of_its_own() -> None:
    quantities = {name.removesuffix("_heel") for name in METRIC_BY_NAME if name.endswith("_heel")}
    assert len(quantities) == 10
    rows = [METRIC_BY_NAME[f"{quantity}_{mask}"] for quantity in quantities for mask in MASKS]
    assert len({row.definition for row in rows}) == len({row.title for row in rows}) == len(rows)
    assert all("{" not in row.definition and row.unit and row.source for row in rows)
