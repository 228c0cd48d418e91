"""What must not change a number (METRICS.md 11.7), as properties of whole sessions through the pipeline.

The cutting law has a file of its own (test_cutting_law).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stances import BODY_WEIGHT_N, MASS_KG, Pressures, insole
from synthesised import STRIDE_S, Step, analysed, counts_of, one_foot, packets_of, plate
from waveforms import TWO_MASS, lasts_s, two_mass

from insole.blocks import ContactTable, CountArray, FloatArray, IntArray, Side, Status
from insole.device import Device
from insole.pipeline.metrics import METRIC_BY_NAME
from insole.settings import EventSettings, Settings

RATE_HZ = 200.0
CONTACTS = 7
# 3 x 4 cells that cover both borders and every mask
X, Y = (axis.ravel() for axis in np.meshgrid([0.15, 0.4, 0.85], [0.12, 0.42, 0.68, 0.9]))
AREA_MM2 = 1800.0


def grid(**changes: object) -> Device:
    device = insole(X.tolist(), Y.tolist(), AREA_MM2, rate_hz=RATE_HZ, zeroed=True)
    return device.with_changes(**{"scale_kpa": np.full(12, 0.02), "offset_counts": 6000.0, **changes})


def rolling(case: str) -> Pressures:
    """A two-mass force that rolls from the heel to the toes, a little to the lateral side."""
    force, lasts = two_mass(case), lasts_s(case)

    def pressures(t: FloatArray) -> FloatArray:
        y = 0.1 + 0.8 * np.clip(t / lasts, 0.0, 1.0)
        share = np.exp(-(((Y - y[:, None]) / 0.25) ** 2) - ((X - 0.55) / 0.4) ** 2)
        out: FloatArray = force(t)[:, None] * share / share.sum(axis=1, keepdims=True) / AREA_MM2 * 1e3
        return out

    return pressures


@st.composite
def steps(draw: st.DrawFn) -> list[Step]:
    """Some contacts in a row, of various kinds and at any sampling phase."""
    cases = draw(st.lists(st.sampled_from(TWO_MASS), min_size=CONTACTS, max_size=CONTACTS))
    late = draw(st.lists(st.floats(0.0, 0.04), min_size=CONTACTS, max_size=CONTACTS))
    return [
        Step(0.8 + STRIDE_S * i + extra, rolling(case), lasts_s(case))
        for i, (case, extra) in enumerate(zip(cases, late, strict=True))
    ]


few = settings(max_examples=10, deadline=None)


def assert_same(
    one: ContactTable, other: ContactTable, rel: float, but: Sequence[str] = (), atol: float = 1e-9
) -> None:
    assert len(one) == len(other) > 0
    np.testing.assert_array_equal(one.kind, other.kind)
    np.testing.assert_array_equal(one.quality, other.quality)
    for name, values in one.columns.items():
        if name not in but:
            # Which of two frames of equal height is the peak may hang on the last bit: a frame is 2.5 % of stance.
            slack = 2.5 if name.startswith("t_peak_pct") else atol
            np.testing.assert_allclose(other.columns[name], values, rtol=rel, atol=slack, err_msg=name)
    for name, status in one.status.items():
        if name not in but:
            np.testing.assert_array_equal(other.status[name], status, err_msg=name)


@few
@given(steps(), st.integers(-(10**15), 10**15), st.integers(0, 2**31))
def test_time_shift(contacts: list[Step], host_ns: int, device_us: int) -> None:
    """Another epoch of the host, another start of the device clock and of its frame numbers."""
    device = grid()
    counts = counts_of(device, contacts)
    plain = analysed({Side.LEFT: device}, [packets_of(Side.LEFT, counts, RATE_HZ)])
    packets = packets_of(Side.LEFT, counts, RATE_HZ, start_ns=host_ns, tick_start_us=device_us, first=device_us // 7)
    shifted = analysed({Side.LEFT: device}, [packets], start_ns=host_ns)
    assert_same(plain, shifted, 1e-6)
    np.testing.assert_allclose(shifted.strike_s, plain.strike_s, atol=1e-6)


@few
@given(steps(), st.floats(0.65, 2.5))
def test_mass_and_forces_together(contacts: list[Step], times: float) -> None:
    """What is in body weights stays, what is in newtons and kilopascals grows."""
    plain = one_foot(grid(), contacts)
    heavy = grid()
    heavy = heavy.with_changes(scale_kpa=heavy.scale_kpa * times)
    packets = packets_of(Side.LEFT, counts_of(grid(), contacts), RATE_HZ)
    heavier = analysed({Side.LEFT: heavy}, [packets], mass_kg=MASS_KG * times)
    in_newtons = [name for name, metric in METRIC_BY_NAME.items() if metric.unit.startswith(("N", "kPa", "kN"))]
    # 200 N and 20 kPa stay what they are
    absolute = [name for name in plain.columns if name.startswith(("lr_200n", "contact_area", "arch_index"))]
    assert_same(plain, heavier, 1e-9, but=[*in_newtons, *absolute])
    np.testing.assert_allclose(heavier.columns["peak_force_n"], times * plain.columns["peak_force_n"], rtol=1e-9)
    np.testing.assert_allclose(
        heavier.columns["peak_pressure_kpa"], times * plain.columns["peak_pressure_kpa"], rtol=1e-9
    )


@few
@given(steps(), st.permutations(range(12)))
def test_order_of_the_cells(contacts: list[Step], order: list[int]) -> None:
    device = grid()
    counts = counts_of(device, contacts)
    plain = analysed({Side.LEFT: device}, [packets_of(Side.LEFT, counts, RATE_HZ)])
    other = device.with_changes(x=device.x[order], y=device.y[order])
    assert_same(plain, analysed({Side.LEFT: other}, [packets_of(Side.LEFT, counts[:, order], RATE_HZ)]), 1e-12)


@few
@given(steps(), st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_a_dead_cell_without_area(contacts: list[Step], x: float, y: float) -> None:
    device = grid()
    counts = counts_of(device, contacts)
    plain = analysed({Side.LEFT: device}, [packets_of(Side.LEFT, counts, RATE_HZ)])
    more = device.with_changes(
        x=np.append(device.x, x),
        y=np.append(device.y, y),
        area_mm2=np.append(device.area_mm2, 0.0),
        scale_kpa=np.append(device.scale_kpa, 0.02),
    )
    nothing: CountArray = np.full((len(counts), 1), 6000, np.uint16)
    with_dead = analysed({Side.LEFT: more}, [packets_of(Side.LEFT, np.hstack([counts, nothing]), RATE_HZ)])
    assert_same(plain, with_dead, 1e-12)


@few
@given(steps(), st.floats(0.2, 0.5))
def test_left_and_right_exchanged(contacts: list[Step], between: float) -> None:
    """The feet's numbers change places, and differences between them their sign."""
    device = grid(lr_calibrated=True)
    second = [Step(step.at_s + between, step.pressures, step.lasts_s) for step in contacts]
    counts = counts_of(device, contacts), counts_of(device, second)
    feet = dict.fromkeys((Side.LEFT, Side.RIGHT), device)
    plain, swapped = (
        analysed(feet, [packets_of(left, counts[0], RATE_HZ), packets_of(Side(1 - left), counts[1], RATE_HZ)])
        for left in (Side.LEFT, Side.RIGHT)
    )
    assert len(plain) == len(swapped) == 2 * CONTACTS
    for side in Side.LEFT, Side.RIGHT:
        one, other = plain.rows(plain.side == side), swapped.rows(swapped.side == 1 - side)
        assert_same(one, other, 1e-12, but=[name for name in one.columns if "_asymmetry" in name])


@few
@given(steps(), st.lists(st.floats(0.0, 25.0), min_size=12, max_size=12))
def test_a_constant_load_on_each_cell_before_the_zero(contacts: list[Step], lacing_kpa: list[float]) -> None:
    device = grid(zeroed=False)
    rest = np.round(np.array(lacing_kpa) / 0.02) * 0.02
    plain, laced = (
        analysed({Side.LEFT: device}, [packets_of(Side.LEFT, counts_of(device, contacts, kpa), RATE_HZ)])
        for kpa in (0.0, rest)
    )
    # The cells' weights are rounded to 0.01 mm3, some 1e-6 of themselves, and the rest with them: a place that is near
    # zero, in percent of the width, moves by a few 1e-6.
    assert_same(plain, laced, 1e-6, atol=1e-5)


@few
@given(steps(), st.lists(st.floats(20.0, 100.0), min_size=2, max_size=4, unique=True))
def test_reporting_threshold(contacts: list[Step], thresholds_n: list[float]) -> None:
    """The loading rate stays to 0.01 %, contact time gets shorter and shorter."""
    device = plate(RATE_HZ)
    packets = packets_of(Side.LEFT, counts_of(device, _forces(contacts)), RATE_HZ)
    tables = [
        analysed({Side.LEFT: device}, [packets], settings=Settings(events=EventSettings(threshold_n=newton)))
        for newton in sorted(thresholds_n)
    ]
    for lower, higher in pairwise(tables):
        assert len(lower) == len(higher) == CONTACTS
        np.testing.assert_allclose(higher.columns["valr_bw_s"], lower.columns["valr_bw_s"], rtol=1e-4)
        assert (higher.columns["contact_time_ms"] < lower.columns["contact_time_ms"]).all()


def _forces(contacts: list[Step]) -> list[Step]:
    """The same contacts as total force on one cell."""

    def total(pressures: Pressures) -> Pressures:
        return lambda t: pressures(t).sum(axis=1, keepdims=True) * AREA_MM2 * 1e-3

    return [Step(step.at_s, total(step.pressures), step.lasts_s) for step in contacts]


@few
@given(steps(), st.integers(0, 4))
def test_every_fifth_frame_says_the_same_within_what_sampling_allows(contacts: list[Step], first: int) -> None:
    """1000 Hz against 200 Hz: METRICS.md 11 and 3.4."""
    forces = _forces(contacts)
    fine = counts_of(plate(1000.0), forces)
    every = analysed({Side.LEFT: plate(1000.0)}, [packets_of(Side.LEFT, fine, 1000.0)])
    fifth = analysed({Side.LEFT: plate(200.0)}, [packets_of(Side.LEFT, fine[first::5], 200.0)])
    assert len(every) == len(fifth) == CONTACTS
    np.testing.assert_allclose(fifth.columns["valr_bw_s"], every.columns["valr_bw_s"], rtol=0.02)
    np.testing.assert_allclose(fifth.columns["contact_time_ms"], every.columns["contact_time_ms"], atol=2.0)
    np.testing.assert_allclose(fifth.columns["peak_force_bw"], every.columns["peak_force_bw"], rtol=2e-3)


@few
@given(steps(), st.integers(0, CONTACTS - 1), st.integers(1, 6), st.floats(-0.010, 0.018))
def test_a_gap_in_the_rise_gives_no_number(contacts: list[Step], which: int, lost: int, after_s: float) -> None:
    """None, whatever its length and place in the rise; and no contact more or less."""
    device = plate(RATE_HZ)
    counts = counts_of(device, _forces(contacts))
    start = int(np.ceil((contacts[which].at_s + 0.007 + after_s) * RATE_HZ))
    sent = np.delete(np.arange(len(counts)), slice(start, start + lost))
    table = analysed({Side.LEFT: device}, [packets_of(Side.LEFT, counts, RATE_HZ, numbers=sent)])
    assert len(table) == CONTACTS
    assert np.isnan(table.columns["valr_bw_s"][which])
    assert np.isnan(table.columns["vilr_bw_s"][which])
    assert table.status["valr_bw_s"][which] == Status.GAP
    others: IntArray = np.delete(np.arange(CONTACTS), which)
    assert np.isfinite(table.columns["valr_bw_s"][others]).all()


def test_the_sessions_are_runs_of_a_person() -> None:
    """So that the properties above compare what a runner would see."""
    table = one_foot(
        grid(), [Step(0.8 + STRIDE_S * i, rolling(case), lasts_s(case)) for i, case in enumerate(TWO_MASS * 2)]
    )
    run = table.running()
    assert len(run) == 8
    np.testing.assert_allclose(run.columns["peak_force_bw"][:3], [2.58, 2.49, 2.33], atol=0.02)
    assert run.columns["peak_force_n"][0] == pytest.approx(2.58 * BODY_WEIGHT_N, rel=0.01)
    withheld = {name for name in METRIC_BY_NAME if name in run.columns and np.isnan(run.columns[name]).all()}
    two_feet = {"step_time_ms", "flight_time_ms", "modelled_peak_force_bw", "vertical_oscillation_mm"}
    fine = {"strike_index_pct", "cop_advance_mm", "arch_index", "arch_index_load"}  # 8 rows of cells, 64 cells
    halves = {  # one column of cells is lateral
        f"{name}_{whole}_lat"
        for name in ("peak_pressure_kpa", "fti_n_s", "fti_rel_pct")
        for whole in ("heel", "midfoot")
    }
    assert withheld == two_feet | fine | halves | {"vertical_stiffness_kn_m", "leg_stiffness_kn_m", "preload_kpa"}
