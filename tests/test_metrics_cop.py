"""Centre of pressure and strike against closed forms (METRICS.md 4, 6.3, 11.5)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.integrate import quad
from stances import BODY_WEIGHT_N, Pressures, insole, stances
from waveforms import GOLDEN

from insole.blocks import ContactTable, FloatArray, Status
from insole.device import Device
from insole.pipeline.metrics import Scale, measure_contacts
from insole.pipeline.metrics.contacts import Contacts
from insole.pipeline.metrics.cop import width_at_mm
from insole.pipeline.metrics.strike import borderline, strike_class

LASTS_S = 0.25
WIDTH_MM, LENGTH_MM, BOW_MM = 90.0, 260.0, 9.0
Path = Callable[[FloatArray], tuple[FloatArray, FloatArray]]  # share of stance -> (x, y) in 0..1

# four corners that place the centre of pressure, and cells between that make the device fine enough to say so
CORNERS = insole(
    (0.0, 1.0, 0.0, 1.0, *(0.5,) * 8),
    (0.0, 0.0, 1.0, 1.0, *np.linspace(0.1, 0.9, 8).tolist()),
    width_mm=WIDTH_MM,
    length_mm=LENGTH_MM,
)


def steady(t: FloatArray) -> FloatArray:
    """One body weight all through the contact, with ends of 0.2 ms."""
    return BODY_WEIGHT_N * np.clip(np.minimum(t, LASTS_S - t) / 2e-4, 0.0, 1.0)


def along(path: Path, force_n: Callable[[FloatArray], FloatArray] = steady) -> Pressures:
    """Pressures of the corners whose centre is on the path."""

    def pressures(t: FloatArray) -> FloatArray:
        x, y = path(np.clip(t / LASTS_S, 0.0, 1.0))
        shares = np.stack([(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y, *[np.zeros_like(t)] * 8], axis=1)
        out: FloatArray = shares * force_n(t)[:, None] / CORNERS.area_mm2 * 1e3
        return out

    return pressures


def bowed(lateral: float, start_x: float = 0.5) -> Path:
    """From y 0.10 at 10 % of stance to 0.95 at 90 %, bowed sideways by up to 9 mm."""

    def path(share: FloatArray) -> tuple[FloatArray, FloatArray]:
        s = np.clip((share - 0.1) / 0.8, 0.0, 1.0)
        return start_x + lateral * BOW_MM * 4 * s * (1 - s) / WIDTH_MM, 0.10 + 0.85 * s

    return path


def measured(contacts: Contacts) -> ContactTable:
    return measure_contacts(contacts, Scale.FULL)


def of_path(path: Path, device: Device = CORNERS) -> ContactTable:
    return measured(stances(device, [along(path)], lasts_s=LASTS_S))


def value(table: ContactTable, name: str) -> float:
    return float(table.columns[name][0])


# ---- centre of pressure --------------------------------------------------------------------------------------------


def test_excursion_index_of_the_bow() -> None:
    """Two thirds of the length lie at two thirds of the way: 8 mm of 90."""
    assert value(of_path(bowed(+1.0)), "cpei_pct") == pytest.approx(GOLDEN["plantar"]["cpei_pct"], rel=1e-3)


def test_excursion_to_the_medial_side_is_negative_and_a_straight_path_has_none() -> None:
    assert value(of_path(bowed(-1.0)), "cpei_pct") == pytest.approx(-GOLDEN["plantar"]["cpei_pct"], rel=1e-3)
    assert value(of_path(bowed(0.0)), "cpei_pct") == pytest.approx(0.0, abs=1e-6)


def test_excursion_is_from_the_chord_not_from_the_edge() -> None:
    """The same bow on a chord that runs obliquely over the foot."""

    def oblique(share: FloatArray) -> tuple[FloatArray, FloatArray]:
        x, y = bowed(+1.0)(share)
        return x - 0.2 * (y - 0.5), y

    assert value(of_path(oblique), "cpei_pct") == pytest.approx(GOLDEN["plantar"]["cpei_pct"], rel=1e-3)


def test_excursion_needs_a_path_through_two_thirds_of_the_length() -> None:
    def forefoot_only(share: FloatArray) -> tuple[FloatArray, FloatArray]:
        return 0.5 + 0.0 * share, 0.70 + 0.25 * share

    table = of_path(forefoot_only)
    assert np.isnan(value(table, "cpei_pct"))
    assert table.status["cpei_pct"][0] == Status.NOT_COMPUTED
    assert np.isfinite(value(table, "cop_path_mm"))


def test_width_of_the_outline_at_two_thirds_counts() -> None:
    """A diamond is two thirds as wide there; without an outline the full width stands for it."""
    diamond = np.array([[0.5, 0.0], [1.0, 0.5], [0.5, 1.0], [0.0, 0.5]])
    device = CORNERS.with_changes(outline=diamond)
    assert width_at_mm(device, 2 / 3) == pytest.approx(WIDTH_MM * 2 / 3)
    assert width_at_mm(CORNERS, 2 / 3) == WIDTH_MM
    narrow = value(of_path(bowed(1.0), device), "cpei_pct")
    assert narrow == pytest.approx(GOLDEN["plantar"]["cpei_pct"] * 1.5, rel=1e-3)


def test_path_range_advance_and_speed_of_the_bow() -> None:
    def way_mm(s: float) -> float:
        return float(np.hypot(BOW_MM * 4 * (1 - 2 * s), 0.85 * LENGTH_MM))

    length_mm = quad(way_mm, 0, 1)[0]
    table = of_path(bowed(+1.0))
    assert value(table, "cop_path_mm") == pytest.approx(length_mm, rel=1e-3)
    assert value(table, "cop_velocity_mm_s") == pytest.approx(length_mm / LASTS_S, rel=1e-3)
    assert value(table, "cop_ml_range_mm") == pytest.approx(BOW_MM, rel=3e-3)  # to the first frame past 10 %
    assert value(table, "cop_advance_mm") == pytest.approx(0.85 * LENGTH_MM, rel=1e-6)
    assert value(table, "cop_x_50_mm") == pytest.approx(0.5 * WIDTH_MM + BOW_MM, rel=1e-3)


def test_range_looks_at_the_middle_of_stance_only() -> None:
    """A swing to the edge in the first and last 8 % does not count."""

    def ends_astray(share: FloatArray) -> tuple[FloatArray, FloatArray]:
        outer = (share < 0.08) | (share > 0.92)
        return np.where(outer, 0.95, 0.4 + 0.2 * share), 0.1 + 0.8 * share

    assert value(of_path(ends_astray), "cop_ml_range_mm") == pytest.approx(0.2 * 0.8 * WIDTH_MM, rel=2e-3)


def test_frames_under_five_percent_of_body_weight_have_no_centre_of_pressure() -> None:
    """Between 150 and 200 ms almost nothing is carried, at the wrong end of the foot: neither counted nor crossed."""

    def interrupted(t: FloatArray) -> FloatArray:
        return steady(t) * np.where((t > 0.15) & (t < 0.2), 0.04, 1.0)

    def path(share: FloatArray) -> tuple[FloatArray, FloatArray]:
        gone = (share > 0.6) & (share < 0.8)
        return np.where(gone, 0.0, 0.5), np.where(gone, 0.0, 0.2 + 0.5 * share)

    table = measured(stances(CORNERS, [along(path, interrupted)], lasts_s=LASTS_S))
    assert value(table, "cop_path_mm") == pytest.approx(0.5 * 0.8 * LENGTH_MM, rel=1e-2)
    assert value(table, "cop_ml_range_mm") == pytest.approx(0.0, abs=1e-6)
    assert value(table, "cop_advance_mm") == pytest.approx(0.5 * LENGTH_MM, rel=1e-3)


def test_mirrored_path_mirrors_positions_and_keeps_lengths() -> None:
    here, there = of_path(bowed(+1.0, 0.4)), of_path(bowed(-1.0, 0.6))
    assert value(here, "cop_x_50_mm") == pytest.approx(WIDTH_MM - value(there, "cop_x_50_mm"), abs=1e-9)
    assert value(here, "cpei_pct") == pytest.approx(-value(there, "cpei_pct"), abs=1e-9)
    for name in ("cop_path_mm", "cop_ml_range_mm", "cop_advance_mm", "cop_velocity_mm_s"):
        assert value(here, name) == pytest.approx(value(there, name), rel=1e-12)


@pytest.mark.parametrize(
    ("rate_hz", "status"), [(100.0, Status.OK), (75.0, Status.LIMITED), (49.0, Status.RATE_TOO_LOW)]
)
def test_centre_of_pressure_needs_its_rate(rate_hz: float, status: Status) -> None:
    table = of_path(bowed(+1.0), CORNERS.with_changes(rate_hz=rate_hz))
    for name in ("cop_path_mm", "cop_velocity_mm_s", "cop_ml_range_mm", "cpei_pct", "cop_x_50_mm"):
        assert table.status[name][0] == status


def test_borders_must_be_covered_for_positions_across() -> None:
    one_line = CORNERS.with_changes(x=np.full(12, 0.5))
    table = of_path(bowed(0.0), one_line)
    for name in ("cop_path_mm", "cop_ml_range_mm", "cop_x_50_mm", "cpei_pct"):
        assert table.status[name][0] == Status.TOO_FEW_CELLS
    assert value(table, "cop_advance_mm") == pytest.approx(0.85 * LENGTH_MM, rel=1e-6)


def test_a_long_gap_breaks_the_path() -> None:
    contacts = stances(
        CORNERS, [along(bowed(1.0))], lasts_s=LASTS_S, lost=lambda t: (t > 0.10) & (t < 0.13), long_gap=True
    )
    assert measured(contacts).status["cop_path_mm"][0] == Status.GAP


# ---- strike --------------------------------------------------------------------------------------------------------

STRIP = insole((*(0.3,) * 9, *(0.7,) * 3), (*np.linspace(0.1, 0.9, 9).tolist(), 0.1, 0.5, 0.9), rate_hz=500.0)


def landing(heel_bw: list[float], toe_bw: list[float], device: Device = STRIP) -> Contacts:
    """Heel cell (y 0.10) and toe cell (y 0.90): forces at 0, 10, 20, 30 and 100 ms, joined by lines, held to 240 ms."""

    def pressures(t: FloatArray) -> FloatArray:
        kpa = np.zeros((len(t), device.n_cells))
        for cell, bw in ((0, heel_bw), (8, toe_bw)):
            force = np.interp(t, [0.0, 0.01, 0.02, 0.03, 0.10, 0.24, 0.25], [*bw, bw[-1], 0.0], left=0.0)
            kpa[:, cell] = force * BODY_WEIGHT_N / device.area_mm2[cell] * 1e3
        return kpa

    return stances(device, [pressures], lasts_s=LASTS_S)


@pytest.mark.parametrize(
    ("heel_bw", "toe_bw", "index", "kind"),
    [
        ([0.0, 0.1, 0.2, 0.25, 1.0], [0.0] * 5, 10.0, "rearfoot"),
        ([0.0] * 5, [0.0, 0.1, 0.2, 0.25, 1.0], 90.0, "forefoot"),
        ([0.0, 0.05, 0.1, 0.12, 1.0], [0.0, 0.05, 0.1, 0.12, 1.0], 50.0, "midfoot"),
        ([0.0, 0.06, 0.12, 0.18, 1.0], [0.0, 0.02, 0.04, 0.06, 1.0], 30.0, "rearfoot"),
    ],
)
def test_strike_index(heel_bw: list[float], toe_bw: list[float], index: float, kind: str) -> None:
    table = measured(landing(heel_bw, toe_bw))
    assert value(table, "strike_index_pct") == pytest.approx(index, rel=1e-9)
    assert strike_class(table.columns["strike_index_pct"])[0] == kind


def test_strike_index_stops_at_0_30_body_weights() -> None:
    """The heel alone up to 0.3 BW within 10 ms; what the toes do after that is no longer the strike."""
    table = measured(landing([0.0, 0.32, 0.4, 0.4, 1.0], [0.0, 0.0, 2.0, 2.0, 1.0]))
    assert value(table, "strike_index_pct") == pytest.approx(10.0, rel=1e-9)


def test_strike_index_stops_after_20_ms() -> None:
    table = measured(landing([0.0, 0.1, 0.2, 0.25, 1.0], [0.0, 0.0, 0.0, 0.04, 2.0]))
    assert value(table, "strike_index_pct") == pytest.approx(10.0, abs=2.0)
    assert strike_class(table.columns["strike_index_pct"])[0] == "rearfoot"


def test_strike_is_withheld_where_the_onset_is_lost() -> None:
    contacts = landing([0.0, 0.1, 0.2, 0.25, 1.0], [0.0] * 5)
    contacts.batch.missing[(contacts.batch.t_s > 0.008) & (contacts.batch.t_s < 0.014)] = True
    table = measured(contacts)
    assert table.status["strike_index_pct"][0] == Status.GAP
    assert strike_class(table.columns["strike_index_pct"])[0] == ""


@pytest.mark.parametrize(
    ("rate_hz", "status"), [(200.0, Status.OK), (100.0, Status.LIMITED), (99.0, Status.RATE_TOO_LOW)]
)
def test_strike_index_needs_its_rate(rate_hz: float, status: Status) -> None:
    table = measured(landing([0.0, 0.1, 0.2, 0.25, 1.0], [0.0] * 5, STRIP.with_changes(rate_hz=rate_hz)))
    assert table.status["strike_index_pct"][0] == status


@pytest.mark.parametrize(
    ("heel_bw", "toe_bw", "first", "kind"),
    [
        ([0.0, 0.7, 1.3, 1.3, 0.0], [0.0, 0.0, 0.0, 0.5, 2.0], 0.0, "rearfoot"),
        (
            [0.0, 0.9, 0.9, 0.9, 0.0],
            [0.0, 0.5, 0.9, 1.2, 2.0],
            100.0,
            "forefoot",
        ),  # the heel first, but never with 1 BW
        ([0.0, 0.5, 0.9, 0.9, 0.0], [0.0, 0.0, 0.0, 0.0, 0.9], np.nan, ""),
    ],
)
def test_first_region_to_carry_body_weight(heel_bw: list[float], toe_bw: list[float], first: float, kind: str) -> None:
    zones = insole((0.50, 0.27, 0.73), (0.18, 0.66, 0.66))

    def pressures(t: FloatArray) -> FloatArray:
        forces = [np.interp(t, [0.0, 0.01, 0.02, 0.03, 0.10, 0.25], [*bw, 0.0], left=0.0) for bw in (heel_bw, toe_bw)]
        kpa = np.stack([forces[0], 0.3 * forces[1], 0.7 * forces[1]], axis=1) * BODY_WEIGHT_N / zones.area_mm2 * 1e3
        return np.asarray(kpa)

    table = measured(stances(zones, [pressures], lasts_s=LASTS_S))
    assert table.columns["first_region_pct"][0] == pytest.approx(first, nan_ok=True)
    assert strike_class(table.columns["first_region_pct"])[0] == kind
    assert table.status["first_region_pct"][0] == (Status.OK if kind else Status.UNDER_BODY_WEIGHT)
    assert table.status["strike_index_pct"][0] == table.status["fti_n_s_mth1"][0] == Status.TOO_FEW_CELLS
    assert np.isfinite(table.columns["fti_rel_pct_heel"][0])


def test_borders_of_the_strike_classes() -> None:
    index = np.array([10.0, 30.2, 30.4, 33.2, 33.3, 36.2, 36.4, 50.0, 63.6, 63.8, 66.7, 66.8, 69.6, 69.8, np.nan])
    kinds = strike_class(index).tolist()
    assert kinds == ["rearfoot"] * 4 + ["midfoot"] * 7 + ["forefoot"] * 3 + [""]
    near = borderline(index).tolist()
    assert near == [bool(30.3 <= i <= 36.3 or 63.7 <= i <= 69.7) for i in index.tolist()]
