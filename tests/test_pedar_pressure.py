"""Force, peak pressure and both pressure-time integrals of a real pedar walk, against pressuRe's definitions.

The numbers on the other side are computed here with nothing but numpy from the rows of the file: force is the sum of
pressure times area, peak pressure the highest cell of any frame, the first integral that of the highest cell over time
(Novel), the second that of force over the area of the cells that were active (Melai). They agree to 1e-4 where the
definitions do. Where these differ, it is here:

* pressuRe takes the values as exported; an analysis first takes away each cell's unloaded level, which follows the
  swings. The metrics are therefore computed here on frames without a zero;
* pressuRe calls a cell active above 0 kPa, this project above 20 kPa (METRICS.md 5.2), which a shoe's preload is not;
* pressuRe adds frames times their duration, or goes from the first to the last frame; this project integrates the line
  through the frames from initial contact to toe-off, to the fraction of a frame.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from stances import Pressures, stances

from insole.analysis import analyse
from insole.blocks import FloatArray
from insole.formats import import_file
from insole.pipeline.metrics import plantar
from insole.pipeline.metrics.contacts import Contacts

AGREES = 1e-4
ACTIVE_KPA = 20.0
RATE_HZ = 100.0
WEIGHT_N = 891.0
EVENT_N = 0.05 * WEIGHT_N
SHORTEST_S = 0.4
PAD = 6


@pytest.fixture(scope="module")
def path(real_data: Path) -> Path:
    return real_data / "pedar" / "pedar_example.asc"


@pytest.fixture(scope="module")
def area_mm2(real_data: Path) -> FloatArray:
    """Of insole Y, out of the table that came with the file."""
    with (real_data / "pedar" / "pedar_insole_areas_mm2.csv").open() as file:
        column = file.readline().strip().split(",").index("y")
        return np.loadtxt(file, delimiter=",", usecols=[column])


@pytest.fixture(scope="module")
def walked(path: Path, area_mm2: FloatArray) -> list[FloatArray]:
    """Pressures (n, 99) of each whole contact of either foot, with a few frames before and after it."""
    with path.open() as file:
        rows = np.loadtxt(file, skiprows=10)
    out = []
    for kpa in (rows[:, 1:100], rows[:, 100:]):
        loaded = kpa @ area_mm2 * 1e-3 >= EVENT_N
        edges = np.flatnonzero(np.diff(loaded)) + 1
        first = edges[::2] if not loaded[0] else edges[1::2]
        last = edges[np.searchsorted(edges, first[:-1]) + 1]
        spans = [(a, b) for a, b in zip(first[:-1], last, strict=True) if SHORTEST_S * RATE_HZ < b - a < 1.2 * RATE_HZ]
        out += [kpa[a - PAD : b + PAD] for a, b in spans]
    assert len(out) >= 16
    return out


@pytest.fixture(scope="module")
def contacts(path: Path, walked: list[FloatArray]) -> Contacts:
    """The same contacts as the metrics take them, from the device that the import found."""
    device = next(iter(import_file(path).header.feet.values()))

    def frames_of(kpa: FloatArray) -> Pressures:
        return lambda t: kpa[np.rint(t * RATE_HZ).astype(int) + PAD]

    lasts_s = [(len(kpa) - 2 * PAD - 1) / RATE_HZ for kpa in walked]
    made = [frames_of(kpa) for kpa in walked]
    return stances(device, made, lasts_s=lasts_s, body_weight_n=WEIGHT_N, event_n=EVENT_N)


@pytest.fixture(scope="module")
def stance(contacts: Contacts, walked: list[FloatArray]) -> list[tuple[FloatArray, FloatArray]]:
    """Times and pressures of each contact; its first and last instant lie on the line between two frames."""
    out = []
    for i, kpa in enumerate(walked):
        t_s = (np.arange(len(kpa)) - PAD) / RATE_HZ + 10.0 * i
        inside = (t_s > contacts.strike_s[i]) & (t_s < contacts.toe_off_s[i])
        at_s = np.concatenate([contacts.strike_s[i : i + 1], t_s[inside], contacts.toe_off_s[i : i + 1]])
        out.append((at_s, np.column_stack([np.interp(at_s, t_s, cell) for cell in kpa.T])))
    return out


def each(values: list[float]) -> FloatArray:
    return np.array(values)


def force_time_n_s(t_s: FloatArray, kpa: FloatArray, area_mm2: FloatArray) -> float:
    return float(np.trapezoid(kpa @ area_mm2 * 1e-3, t_s))


def test_force(
    contacts: Contacts, stance: list[tuple[FloatArray, FloatArray]], walked: list[FloatArray], area_mm2: FloatArray
) -> None:
    frames_n = np.concatenate([kpa @ area_mm2 * 1e-3 for kpa in walked])
    np.testing.assert_allclose(contacts.batch.force_n, frames_n, rtol=AGREES)
    expected = each([force_time_n_s(t_s, kpa, area_mm2) for t_s, kpa in stance])
    np.testing.assert_allclose(plantar.fti_n_s(contacts)[plantar.WHOLE], expected, rtol=AGREES)


def test_peak_pressure(contacts: Contacts, stance: list[tuple[FloatArray, FloatArray]]) -> None:
    expected = each([float(kpa[1:-1].max()) for _, kpa in stance])
    np.testing.assert_allclose(plantar.peak_pressure_kpa(contacts)[plantar.WHOLE], expected, rtol=AGREES)


def test_integral_of_the_highest_cell(contacts: Contacts, walked: list[FloatArray]) -> None:
    own = plantar.pti_peak_kpa_s(contacts)[plantar.WHOLE]
    expected = []
    for i, kpa in enumerate(walked):
        t_s = (np.arange(len(kpa)) - PAD) / RATE_HZ + 10.0 * i
        fine_s = np.union1d(t_s, [contacts.strike_s[i], contacts.toe_off_s[i]])
        fine_s = fine_s[(fine_s >= contacts.strike_s[i]) & (fine_s <= contacts.toe_off_s[i])]
        expected.append(float(np.trapezoid(np.interp(fine_s, t_s, kpa.max(axis=1)), fine_s)))
    np.testing.assert_allclose(own, expected, rtol=AGREES)
    frames_added = each([float(kpa[PAD:-PAD].max(axis=1).sum() / RATE_HZ) for kpa in walked])
    np.testing.assert_allclose(own, frames_added, rtol=0.02)  # the third difference, named above


def test_integral_of_force_over_area(
    contacts: Contacts, stance: list[tuple[FloatArray, FloatArray]], area_mm2: FloatArray
) -> None:
    own = plantar.pti_mean_kpa_s(contacts)[plantar.WHOLE]
    force_n_s = each([force_time_n_s(t_s, kpa, area_mm2) for t_s, kpa in stance])
    highest = [kpa[1:-1].max(axis=0) for _, kpa in stance]
    active_mm2 = each([float(area_mm2[kpa > ACTIVE_KPA].sum()) for kpa in highest])
    np.testing.assert_allclose(own, 1e3 * force_n_s / active_mm2, rtol=AGREES)
    touched_mm2 = each([float(area_mm2[kpa > 0].sum()) for kpa in highest])
    assert (own >= 1e3 * force_n_s / touched_mm2).all(), "the second difference: fewer cells are active"


def test_an_analysis_differs_by_the_zero_alone(path: Path) -> None:
    """Forces of a whole analysis are those of the file less the unloaded level: up to 40 N of either foot."""
    table = analyse(path, body_mass_kg=90.9).contacts
    with path.open() as file:
        rows = np.loadtxt(file, skiprows=10)
    device = next(iter(import_file(path).header.feet.values()))
    force_n = {0: rows[:, 1:100] @ device.area_mm2 * 1e-3, 1: rows[:, 100:] @ device.area_mm2 * 1e-3}
    clean = table.rows(table.quality == 0)
    assert len(clean) >= 12
    for side, strike_s, toe_off_s, fti_n_s in zip(
        clean.side.tolist(), clean.strike_s, clean.toe_off_s, clean.columns["fti_n_s"], strict=True
    ):
        inside = (rows[:, 0] >= strike_s) & (rows[:, 0] <= toe_off_s)
        file_n_s = float(np.trapezoid(force_n[side][inside], rows[inside, 0]))
        assert -1.0 <= (file_n_s - fti_n_s) / (toe_off_s - strike_s) <= 40.0
