"""Recent loading rates by every definition, cumulative load, pictures: what the views show ready-made."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from contact_rows import running_rows

from insole.blocks import ContactShape, ContactTable, Side, Status
from insole.device import Device, force_device
from insole.pipeline import Pipeline
from insole.pipeline.asymmetry import Asymmetry
from insole.pipeline.bands import Bands
from insole.pipeline.load import CumulativeLoad
from insole.pipeline.recent_rates import DEFINITIONS, RateWindows
from insole.sources.synthetic import SyntheticOptions, simulate

FEET = (Side.LEFT, Side.RIGHT)
INSOLE = replace(force_device("insole", 200.0, 1.0), u_cal=0.05)
DEMO = Device.named("demo16")


def rows(k: int, valr: np.ndarray[tuple[int], np.dtype[np.float64]] | None = None) -> ContactTable:
    random = np.random.default_rng(5)
    values = 70.0 * np.exp(0.1 * random.standard_normal(k)) if valr is None else valr
    return Asymmetry(calibrated=True).push(running_rows(k, {"valr_bw_s": values, "valr_13_bw_s": values + 1.0}))


def test_medians_are_of_the_last_60_contacts_of_a_foot() -> None:
    windows = RateWindows(dict.fromkeys(FEET, INSOLE), target_bw_s=70.0)
    table = rows(200)
    medians = windows.push(table)
    left, right = windows.state()
    values = table.running(Side.LEFT).columns["valr_bw_s"][-60:]
    assert (left.side, right.side, left.n) == (Side.LEFT, Side.RIGHT, 60)
    assert left.medians[0].value == np.median(values)
    assert left.medians[1].value == np.median(values + 1.0)
    assert [n.metric for n in left.medians] == list(DEFINITIONS)
    assert left.medians[2].status == Status.NOT_COMPUTED
    assert np.isnan(left.medians[2].value)
    assert left.under_target_pct == pytest.approx(100 * (values < 70.0).mean())
    running = medians[0]
    row = table.running(Side.LEFT)
    np.testing.assert_array_equal(running.value, row.columns["valr_bw_s_median60"])
    width = running.high[-1] - running.value[-1]
    assert width == pytest.approx(
        np.hypot(row.columns["valr_bw_s_median60_high"][-1] - running.value[-1], 1.96 * 0.05 * running.value[-1])
    )


def test_the_histogram_counts_every_contact_once() -> None:
    windows = RateWindows({Side.LEFT: INSOLE}, None)
    windows.push(rows(100, np.linspace(50.0, 90.0, 100)))
    (left,) = windows.state()
    assert windows.state() == ()  # nothing new
    assert (left.first_bw_s, left.bin_bw_s) == (48.0, 4.0)
    assert left.counts.sum() == left.n == 50
    assert np.isnan(left.under_target_pct)
    windows.change(70.0)
    assert windows.state()[0].under_target_pct == pytest.approx(50.0)


def test_load_adds_up_and_says_what_it_is_made_of() -> None:
    peaks = np.full(20, 2.0)
    peaks[3] = np.nan
    table = running_rows(20, {"impulse_bw_s": np.full(20, 0.35), "peak_force_bw": peaks})
    load = CumulativeLoad(FEET)
    load.push(table.rows(slice(0, 5)))
    left, right = load.push(table.rows(slice(5, None)))
    assert (left.contacts, left.measured, right.measured) == (10, 10, 9)
    assert left.impulse_bw_s == pytest.approx(3.5)
    assert right.peaks_bw == pytest.approx(18.0)
    assert left.dose == pytest.approx(10 * 2.0**4)


def shape(i: int, heel_kpa: float) -> ContactShape:
    cop = np.stack([np.full(101, 40.0), np.linspace(20.0, 200.0, 101)], axis=1)
    peak = np.full(DEMO.n_cells, heel_kpa)
    saturated = np.arange(DEMO.n_cells) == i
    curve = np.where(np.arange(301) < 250, 1.0, np.nan)
    return ContactShape(i, Side(i % 2), float(i), curve, False, peak, saturated, np.empty((0, 2)), cop + i,
                        np.array([8.0, 0.3, 20.0, 1.2]) + i % 2)  # fmt: skip


def test_pictures_are_means_of_the_last_30_running_contacts() -> None:
    table = running_rows(80, {})
    bands = Bands(dict.fromkeys(FEET, DEMO))
    first = bands.push([shape(i, 500.0) for i in range(2)], table.rows(slice(0, 2)))
    assert [p.n for p in first.feet] == [1, 1]
    made = bands.push([shape(i, 100.0 + i) for i in range(2, 60)], table.rows(slice(2, 60)))
    left = made.feet[0]
    assert left.n == 30
    assert left.peak_kpa[0] == pytest.approx((500.0 + sum(100.0 + i for i in range(2, 60, 2))) / 30)
    assert left.highest_kpa[0] == 500.0
    assert left.saturated[:5].tolist() == [True, False, True, False, True]
    assert left.cop_x_mm[50] == pytest.approx(40.0 + 29.0)
    assert left.cop[50, 0] == pytest.approx(left.cop_x_mm[50] / DEMO.width_mm)
    rise = made.rises[1]
    assert (rise.from_ms, rise.to_bw, rise.n) == (9.0, pytest.approx(2.2), 20)
    assert rise.samples == pytest.approx(12e-3 * DEMO.rate_hz)
    assert bands.push([], table.rows(slice(60, 60))) == ((), (), ())


def test_without_a_body_mass_there_is_no_rise_to_show() -> None:
    simulation = simulate(SyntheticOptions(seconds=20.0))
    header = simulation.header
    inputs = [item for batch in simulation.inputs for item in batch]
    for runner, known in ((header.runner, True), (replace(header.runner, body_mass_kg=None), False)):
        pipeline = Pipeline(header.feet, header.settings, runner, header.start_host_ns)
        updates = [pipeline.push(inputs), pipeline.finish()]
        rises = [rise for update in updates for rise in update.rises]
        assert rises
        assert all((rise.n > 0) == known for rise in rises)
        assert {rise.side for rise in rises} == set(FEET)
        if known:
            last = rises[-1]
            assert 0 < last.from_ms < last.to_ms < 60
            rate = (last.to_bw - last.from_bw) / (last.to_ms - last.from_ms) * 1e3
            valr = next(
                n for u in reversed(updates) for n in u.numbers if (n.metric, n.side) == ("valr_bw_s", last.side)
            )
            assert rate == pytest.approx(valr.value, rel=0.15)  # the points lie where the rate is taken
