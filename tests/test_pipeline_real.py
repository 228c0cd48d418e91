"""The whole line on recordings of real devices: force plates and insoles other people made."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from insole.analysis import Analysis, analyse
from insole.blocks import ContactTable, Kind, Side

# Values found for these trials with an independent script (50 Hz low-pass, 20-80 % to the impact peak or to 13 % of
# stance): stances, steps/min, contact ms, peak BW, loading rate BW/s and spread. Other definitions, so loose bounds.
TRIALS = {2: (14, 185, 252, 2.12, 50.7, 5.9), 5: (13, 173, 235, 2.37, 65.2, 6.6), 6: (17, 205, 192, 2.36, 88.7, 5.7)}
MASS_KG = 76.8


def trial_force_n(real_data: Path, trial: int) -> np.ndarray:
    folder = real_data / "treadmill_grf"
    with (folder / "vertical_force_bw_500hz_trials.csv").open() as file:
        row = [int(line["trial"]) for line in csv.DictReader(file)].index(trial)
    force_bw = np.loadtxt(folder / "vertical_force_bw_500hz.csv", delimiter=",")[row]
    return force_bw * MASS_KG * 9.80665


def force_table(path: Path, force_n: np.ndarray, rate_hz: float) -> Path:
    t_s = np.arange(len(force_n)) / rate_hz
    lines = [f"{t:.6f},{f:.3f}" for t, f in zip(t_s, force_n, strict=True)]
    path.write_text("time_s,total_force_n\n" + "\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("trial", TRIALS)
def test_treadmill_trials_against_reference_values(real_data: Path, tmp_path: Path, trial: int) -> None:
    stances, cadence, contact_ms, peak_bw, valr, spread = TRIALS[trial]
    file = force_table(tmp_path / "trial.csv", trial_force_n(real_data, trial), 500.0)
    run = analyse(file, body_mass_kg=MASS_KG).contacts.running()
    assert abs(len(run) - stances) <= 1
    assert 60e3 / np.nanmean(run.columns["step_time_ms"]) == pytest.approx(cadence, rel=0.01)
    assert np.nanmean(run.columns["contact_time_ms"]) == pytest.approx(contact_ms, abs=12)
    assert np.nanmean(run.columns["peak_force_bw"]) == pytest.approx(peak_bw, rel=0.01)
    assert np.nanmean(run.columns["valr_bw_s"]) == pytest.approx(valr, abs=spread / 2)


@pytest.mark.parametrize(("rate_hz", "mean_within"), [(250.0, 0.01), (100.0, 0.02)])
@pytest.mark.parametrize("trial", [0, 2, 5, 6, 8, 14, 18, 20])
def test_lower_sampling_rates_give_the_same_contacts_and_rates(
    real_data: Path, tmp_path: Path, trial: int, rate_hz: float, mean_within: float
) -> None:
    force = trial_force_n(real_data, trial)
    full = analyse(force_table(tmp_path / "full.csv", force, 500.0), body_mass_kg=MASS_KG).contacts.running()
    step = round(500 / rate_hz)
    low = analyse(force_table(tmp_path / "low.csv", force[::step], rate_hz), body_mass_kg=MASS_KG).contacts.running()
    assert len(low) == len(full)
    # A contact next to the first or the last frame has no contact time: frames may be missing there.
    assert np.nanmean(np.abs(low.columns["contact_time_ms"] - full.columns["contact_time_ms"])) < 5.0
    assert np.isnan(low.columns["contact_time_ms"]).sum() <= 2
    assert np.nanmean(low.columns["step_time_ms"]) == pytest.approx(np.nanmean(full.columns["step_time_ms"]), rel=0.005)
    assert np.nanmean(low.columns["valr_bw_s"]) == pytest.approx(np.nanmean(full.columns["valr_bw_s"]), rel=mean_within)


@pytest.mark.parametrize(("rate_hz", "mean_within", "sd_within"), [(200.0, 0.01, 0.015), (100.0, 0.02, 0.025)])
def test_single_loading_rates_at_any_sampling_phase_with_noise(
    real_data: Path, tmp_path: Path, rate_hz: float, mean_within: float, sd_within: float
) -> None:
    """Against the same steps at 500 Hz: mean, robust spread pooled over trials, and cover of the stated interval."""
    rng = np.random.default_rng(5)
    errors: list[float] = []
    covered: list[bool] = []
    for trial in (0, 2, 5, 6, 8, 14, 18, 20):
        force = trial_force_n(real_data, trial)
        full = analyse(force_table(tmp_path / "full.csv", force, 500.0), body_mass_kg=MASS_KG).contacts.running()
        for phase in rng.uniform(size=3):
            t_s = (np.arange(round(len(force) * rate_hz / 500.0) - 1) + phase) / rate_hz
            low_n = CubicSpline(np.arange(len(force)) / 500.0, force)(t_s) + 5.0 * rng.standard_normal(len(t_s))
            low = analyse(force_table(tmp_path / "low.csv", low_n, rate_hz), body_mass_kg=MASS_KG).contacts.running()
            same = np.abs(low.strike_s[:, None] + t_s[0] - full.strike_s).argmin(axis=1)
            difference = low.columns["valr_bw_s"] - full.columns["valr_bw_s"][same]
            known = np.isfinite(difference)
            errors += (difference / full.columns["valr_bw_s"][same])[known].tolist()
            covered += (np.abs(difference) < 1.96 * low.uncertainty["valr_bw_s"])[known].tolist()
    assert len(errors) > 300
    assert np.mean(errors) == pytest.approx(0.0, abs=mean_within)
    assert 1.4826 * np.median(np.abs(np.array(errors) - np.median(errors))) < sd_within
    assert np.mean(covered) > 0.90


JOGGING = {  # file: (from s, to s, steps/min, contacts, contact ms, peak left N, peak right N, strike)
    "S04_Sequence_01": (32, 38, 174, 14, 295, 1547, 1315, "forefoot"),
    "S11_Sequence_08": (9.7, 16.5, 173, 15, 317, 1153, 1112, "rearfoot"),
}


@pytest.fixture(scope="module", params=list(JOGGING))
def jogging(request: pytest.FixtureRequest, real_data: Path) -> tuple[Analysis, tuple[float, ...]]:
    return analyse(real_data / "opengo_jogging" / f"{request.param}_insoles.csv"), JOGGING[request.param]


def test_opengo_jogging_is_found_and_nothing_else(jogging: tuple[Analysis, tuple[float, ...]]) -> None:
    analysis, (from_s, to_s, cadence, contacts, *_) = jogging
    run = analysis.contacts.running()
    assert len(run) == contacts
    assert run.strike_s.min() > from_s
    assert run.strike_s.max() < to_s
    assert 60e3 / np.nanmean(run.columns["step_time_ms"]) == pytest.approx(cadence, abs=3)


def test_opengo_jogging_times_peaks_and_strike(jogging: tuple[Analysis, tuple[float, ...]]) -> None:
    analysis, (*_, contact_ms, peak_left, peak_right, strike) = jogging
    run = analysis.contacts.running()
    assert np.median(run.columns["contact_time_ms"]) == pytest.approx(contact_ms, abs=20)
    for side, peak in ((Side.LEFT, peak_left), (Side.RIGHT, peak_right)):
        assert np.nanmedian(_of(run, side).columns["peak_force_n"]) == pytest.approx(peak, rel=0.05)
        index = np.nanmedian(_of(run, side).columns["strike_index_pct"])
        assert index > 66.7 if strike == "forefoot" else index < 33.3


def _of(table: ContactTable, side: Side) -> ContactTable:
    return table.rows((table.side == side) & (table.kind == Kind.RUN))
