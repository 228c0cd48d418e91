"""OpenGo: native exports and what users made of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from imported_frames import delivered
from vendor_files import force_n, opengo, opengo_cells, times

from insole.analysis import analyse
from insole.blocks import Side
from insole.device import Device
from insole.errors import FormatError
from insole.formats import explain, import_file

AREA_CM2 = Device.named("opengo_size6").area_mm2 / 100


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "opengo.txt"


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize("factor", [0.7, 1.0, 1.1])
def test_pressures_are_exact_and_areas_fit_the_total_force(path: Path, native: bool, factor: float) -> None:
    path.write_text(opengo(AREA_CM2 * factor, native=native), encoding="utf-8")
    imported = import_file(path)
    assert not imported.header.warnings
    result = delivered(imported)
    assert not result.remarks
    t = times(3.0, 100.0)
    for side, foot in result.feet.items():
        cells = opengo_cells(force_n(t, right=side is Side.RIGHT), AREA_CM2 * factor)
        np.testing.assert_allclose(foot.kpa, cells * 10, atol=1e-9)
        np.testing.assert_allclose(foot.device.area_mm2 / 100, AREA_CM2 * factor, rtol=3e-3)
        np.testing.assert_allclose(foot.t_s, t, atol=1e-6)


def test_a_late_foot_is_late(path: Path) -> None:
    path.write_text(opengo(AREA_CM2, late_left_frames=60), encoding="utf-8")
    feet = delivered(import_file(path)).feet
    assert feet[Side.LEFT].number[0] == 60
    assert feet[Side.LEFT].t_s[0] == pytest.approx(0.6)
    assert feet[Side.RIGHT].number[0] == 0


def test_a_damaged_first_row_moves_no_other(path: Path) -> None:
    lines = opengo(AREA_CM2, native=False).split("\n")
    lines[1] = lines[1].replace(";", ";x", 1)
    path.write_text("\n".join(lines), encoding="utf-8")
    result = delivered(import_file(path))
    assert result.feet[Side.LEFT].t_s[0] == pytest.approx(0.01)
    assert result.remarks == ["1 rows that cannot be read: left out (first in line 2)"]


def test_one_foot(path: Path) -> None:
    path.write_text(opengo(AREA_CM2, feet=["right"]), encoding="utf-8")
    assert set(delivered(import_file(path)).feet) == {Side.RIGHT}


@pytest.mark.parametrize(("size", "area_cm2"), [(6, 187.4), (7, 204.7), (3, 143.9)])
def test_without_total_force_the_size_decides(path: Path, size: int, area_cm2: float) -> None:
    path.write_text(opengo(AREA_CM2, with_force=False, size=size), encoding="utf-8")
    imported = import_file(path)
    assert f"its size, {size}" in imported.header.warnings[0]
    assert imported.header.feet[Side.LEFT].area_mm2.sum() / 100 == pytest.approx(area_cm2, rel=2e-3)


def test_frames_filled_in_by_a_new_export_are_gaps(path: Path) -> None:
    lines = opengo(AREA_CM2, native=False).split("\n")
    cells = [np.array(lines[i].split(";"), float) for i in (30, 36)]
    for k in range(1, 6):
        between = cells[0] + (cells[1] - cells[0]) * k / 6
        lines[30 + k] = ";".join(f"{v!r}" for v in between.tolist())
    path.write_text("\n".join(lines), encoding="utf-8")
    result = delivered(import_file(path))
    assert not {31 - 1, 32 - 1, 33 - 1} & set(result.feet[Side.LEFT].number.tolist())
    assert any("filled in by interpolation" in remark for remark in result.remarks)


def test_cells_that_do_not_add_up_are_said(path: Path) -> None:
    lines = opengo(AREA_CM2).split("\n")
    row = lines[24].split("\t")
    row[3] = "99.00"
    lines[24] = "\t".join(row)
    path.write_text("\n".join(lines), encoding="utf-8")
    assert any("do not add up" in remark for remark in delivered(import_file(path)).remarks)


def test_names_and_notes_are_dropped(path: Path) -> None:
    path.write_text(opengo(AREA_CM2), encoding="utf-8")
    imported = import_file(path)
    header = imported.header.to_json()
    assert b"Jane" not in header
    assert b"knee" not in header
    assert imported.header.start_utc == "2023-09-27T10:21:14.922"
    assert "header 'Name'" in "\n".join(explain(path))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("left pressure 7[", "left pressure 77[", "left pressures 1 to 16 expected"),
        ("# time", "# clock", "no column 'time'"),
        ("\tright acceleration X[g]", "", "37 numbers in the rows, but 36 column names"),
    ],
)
def test_damaged_headers_are_refused(path: Path, old: str, new: str, message: str) -> None:
    path.write_text(opengo(AREA_CM2).replace(old, new), encoding="utf-8")
    with pytest.raises(FormatError, match=message):
        import_file(path, format="opengo")


def test_rows_above_the_column_names_are_not_lost_unsaid(path: Path) -> None:
    lines = opengo(AREA_CM2, native=False).split("\n")
    lines[0], lines[50] = lines[50], lines[0]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(FormatError, match="line 1: a row of numbers above the header"):
        import_file(path)


@pytest.mark.parametrize("name", ["S04_Sequence_01", "S11_Sequence_08"])
def test_real_jogging_total_force_within_one_percent(real_data: Path, name: str) -> None:
    path = real_data / "opengo_jogging" / f"{name}_insoles.csv"
    rows = np.genfromtxt(path, delimiter=";", skip_header=1)
    result = delivered(import_file(path))
    for side, column in ((Side.LEFT, 23), (Side.RIGHT, 48)):
        foot = result.feet[side]
        vendor_n = rows[foot.number, column]
        loaded = vendor_n > 100
        assert abs(foot.force_n[loaded] / vendor_n[loaded] - 1).max() < 0.01
        np.testing.assert_allclose(foot.t_s, rows[foot.number, 0], atol=1e-6)
        assert len(foot.number) > 0.99 * len(rows)


def test_real_jogging_gap_that_was_filled_in(real_data: Path) -> None:
    """0.35 s of the left foot are a straight line in all columns: lost samples, filled in when exported again."""
    result = delivered(import_file(real_data / "opengo_jogging" / "S04_Sequence_01_insoles.csv"))
    missing = set(range(11983, 12018))
    assert not missing & set(result.feet[Side.LEFT].number.tolist())
    assert missing <= set(result.feet[Side.RIGHT].number.tolist())


@pytest.mark.parametrize(
    ("name", "rows", "late"), [("230927_102114", 1751, 50), ("walk_with_events_text_export", 499, 0)]
)
def test_real_native_exports(real_data: Path, name: str, rows: int, late: int) -> None:
    imported = import_file(real_data / "opengo_export" / f"{name}.txt")
    assert not imported.header.warnings
    result = delivered(imported)
    assert not any("do not add up" in remark for remark in result.remarks)
    assert result.feet[Side.LEFT].number[0] == late
    assert result.feet[Side.LEFT].number[-1] == rows - 1
    assert len(result.markers) >= 16
    assert all(marker.kind == "vendor_event" for marker in result.markers)


def test_real_events_stay_at_their_time(real_data: Path) -> None:
    markers = delivered(import_file(real_data / "opengo_export" / "walk_with_events_text_export.txt")).markers
    assert [(m.t_host_ns, m.label) for m in markers[:3]] == [
        (210_000_000, "left events 1"),
        (580_000_000, "left events 2"),
        (770_000_000, "right events 1"),
    ]


def test_real_events_agree_with_the_vendors_own(real_data: Path) -> None:
    """Codes 11 and 21 are initial contacts and 15 and 25 toe-offs of left and right, in a file of walking."""
    path = real_data / "opengo_export" / "230927_102114.txt"
    contacts = analyse(path, body_mass_kg=75.0).contacts
    vendor: dict[str, list[float]] = {}
    for marker in delivered(import_file(path)).markers:
        vendor.setdefault(marker.label.split()[-1], []).append(marker.t_host_ns * 1e-9)
    for side, strike, toe_off in ((Side.LEFT, "11", "15"), (Side.RIGHT, "21", "25")):
        own = contacts.rows(contacts.side == side)
        for code, ours_s, within_s in ((strike, own.strike_s, 0.02), (toe_off, own.toe_off_s, 0.06)):
            nearest = [float(np.nanmin(np.abs(ours_s - theirs_s))) for theirs_s in vendor[code]]
            assert len(nearest) == 7
            assert max(nearest) < within_s
