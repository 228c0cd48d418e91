"""XSENSOR and F-Scan: a matrix of sensels a foot and frame."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from imported_frames import delivered
from vendor_files import fscan, xsensor

from insole.blocks import Side
from insole.errors import FormatError
from insole.formats import import_file
from insole.formats.reading.grids import Cells, parse_grid

MMHG_KPA = 0.1333223684


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sheet_left.csv"


def test_xsensor_cells_area_and_clock(path: Path) -> None:
    path.write_text(xsensor(), encoding="utf-8-sig")
    imported = import_file(path)
    assert imported.header.start_utc == "2022-08-16T08:21:03.982"
    assert b"Jane" not in imported.header.to_json()
    feet = delivered(imported).feet
    for side, foot in feet.items():
        assert foot.device.n_cells == 12, "only loaded sensels are cells"
        assert foot.device.rate_hz == 75.0
        np.testing.assert_allclose(foot.device.area_mm2, 74.0, rtol=1e-4)  # of the file's own load, not 73.96
        assert foot.number.tolist() == list(range(40))
        mmhg = 100 + 50 * np.arange(12) + 10 * np.sin(np.arange(40))[:, None] * (side is Side.LEFT)
        np.testing.assert_allclose(foot.kpa, mmhg * MMHG_KPA, atol=0.006)
    left, right = feet[Side.LEFT].device, feet[Side.RIGHT].device
    assert left.y[0] > left.y[-1], "rows go from toe to heel"
    assert (left.x[0], right.x[0]) == pytest.approx((1 - 0.5 / 3, 0.5 / 3)), "x is medial on both feet"


@pytest.mark.parametrize("word", ["Rows,6", "Columns,3", "SENSELS", "Sensel Width (cm)"])
def test_xsensor_damaged_sheets_are_absent(path: Path, word: str) -> None:
    data = xsensor()
    first = data.index(word, data.index("FRAME,1474"))
    path.write_text(data[:first] + "X" + data[first + 1 :], encoding="utf-8")
    result = delivered(import_file(path))
    assert 10 not in result.feet[Side.LEFT].number
    assert {9, 11} <= set(result.feet[Side.LEFT].number.tolist())
    assert any("cannot be read in full" in remark for remark in result.remarks)


def test_xsensor_missing_and_wrong_frames(path: Path) -> None:
    numbers = list(range(100, 140))
    del numbers[20:23]
    numbers[10] = 9910
    path.write_text(xsensor(37, numbers=numbers), encoding="utf-8")
    result = delivered(import_file(path))
    assert result.feet[Side.LEFT].number.tolist() == [n for n in range(40) if n not in {10, 20, 21, 22}]


def test_xsensor_past_midnight(path: Path) -> None:
    path.write_text(xsensor(start_s=86399.8), encoding="utf-8")
    foot = delivered(import_file(path)).feet[Side.LEFT]
    assert foot.number.tolist() == list(range(40))
    assert foot.device.rate_hz == 75.0


def test_a_size_that_no_insole_has_names_the_file(path: Path) -> None:
    sheets = xsensor().replace("Est. Load (N)", "Load").replace("Sensel Height (cm),0.86", "Sensel Height (cm),9.86")
    path.write_text(sheets, encoding="utf-8")
    with pytest.raises(FormatError, match=rf"{re.escape(path.name)}: describes no possible insole: .*length_mm = 591"):
        import_file(path)


@pytest.mark.parametrize(("old", "new"), [("Units:,mmHg", "Units:,kPa"), ("Width (cm),0.86", "Width (cm),1.86")])
def test_another_unit_or_size_than_that_of_the_own_load_is_refused(path: Path, old: str, new: str) -> None:
    path.write_text(xsensor().replace(old, new), encoding="utf-8")
    with pytest.raises(FormatError, match=r"left cells add up to .* times the file's own load: they are not in"):
        import_file(path)


def test_fscan_with_more_columns_than_said_is_refused(path: Path) -> None:
    path.write_text(fscan().replace("COLS 4", "COLS 3"), encoding="utf-8")
    with pytest.raises(FormatError, match="line 14: no whole frame of 6 rows x 3 columns"):
        import_file(path)


def test_fscan_sensels_and_foot(path: Path) -> None:
    path.write_text(fscan(), encoding="utf-8")
    imported = import_file(path)
    assert imported.header.source == "import:fscan"
    assert b"Jane" not in imported.header.to_json()
    [(side, foot)] = delivered(imported).feet.items()
    assert side is Side.LEFT
    assert foot.device.n_cells == 20
    assert foot.device.rate_hz == 100.0
    kpa = np.array([[10 * r + c for c in range(4)] for r in range(6)], float)
    inside = np.ones((6, 4), bool)
    inside[[0, 0, 5, 5], [0, 3, 0, 3]] = False
    np.testing.assert_allclose(foot.kpa, kpa[inside] + (np.arange(40) % 7)[:, None], atol=1e-9)
    assert foot.device.full_scale_counts == int(1514.73 / 0.05 + 1000)


def test_fscan_pair_makes_one_recording(tmp_path: Path) -> None:
    left, right = tmp_path / "a.asf", tmp_path / "b.asf"
    left.write_text(fscan(60, foot="L"), encoding="utf-8")
    right.write_text(fscan(200, foot="R"), encoding="utf-8")
    imported = import_file([left, right])
    assert "started together" in imported.header.warnings[-1]
    feet = delivered(imported).feet
    assert {side: len(foot.number) for side, foot in feet.items()} == {Side.LEFT: 60, Side.RIGHT: 200}
    np.testing.assert_allclose(feet[Side.LEFT].device.x, 1 - feet[Side.RIGHT].device.x)


def test_fscan_same_foot_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.asf"
    path.write_text(fscan(), encoding="utf-8")
    with pytest.raises(FormatError, match="left foot again"):
        import_file([path, path])


@pytest.mark.parametrize(
    ("name", "side", "warned"),
    [("x_right", Side.RIGHT, False), ("walkL", Side.LEFT, True), ("run7r", Side.RIGHT, False)],
)
def test_fscan_foot_from_the_file_name(tmp_path: Path, name: str, side: Side, warned: bool) -> None:
    path = tmp_path / f"{name}.asf"
    path.write_text(fscan().replace("L.fsx", ".tmp"), encoding="utf-8")
    imported = import_file(path)
    assert set(imported.header.feet) == {side}
    assert bool(imported.header.warnings) is warned


def test_fscan_damaged_frames_are_gaps(path: Path) -> None:
    lines = fscan().split("\n")
    frame_5, frame_9 = lines.index("Frame 5"), lines.index("Frame 9")
    lines[frame_5 + 2] = "1,2,x,4"
    del lines[frame_9 + 3]
    path.write_text("\n".join(lines), encoding="utf-8")
    result = delivered(import_file(path))
    assert sorted(set(range(40)) - set(result.feet[Side.LEFT].number.tolist())) == [4, 8]
    assert result.remarks == [f"2 frames that cannot be read: left out (first in line {frame_5 + 1})"]


def test_fscan_saturation_that_is_no_number_is_not_needed(path: Path) -> None:
    path.write_text(fscan().replace("1514.73 KPa", "..3 KPa"), encoding="utf-8")
    assert import_file(path).header.feet[Side.LEFT].full_scale_counts == 65535


def test_fscan_large_sheet_is_joined_and_keeps_its_force(path: Path) -> None:
    path.write_text(fscan(20, shape=(40, 10)), encoding="utf-8")
    imported = import_file(path)
    assert "396 sensels joined 2 x 2 into 100 cells" in imported.header.warnings[0]
    read = delivered(imported)
    foot = read.feet[Side.LEFT]
    sheet = np.array([[10 * r + c for c in range(10)] for r in range(40)], float)
    sheet[[0, 0, 39, 39], [0, 9, 0, 9]] = 0
    assert foot.force_n[0] == pytest.approx(sheet.sum() * 25.8064e-3, rel=1e-3)
    highest, joined = sheet.max() + 6, foot.kpa.max()
    assert highest == 404
    assert joined < highest
    assert (
        f"left: the highest sensel has 404 kPa, the highest joined cell {joined:.0f} kPa: "
        f"peak pressures read up to {100 * (1 - joined / highest):.0f} % low, forces do not"
    ) in read.remarks


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("ROWS 6", "ROWS six", "no number for ROWS"),
        ("ROWS 6", "ROWS 60000", "ROWS 60000: expected"),
        ("UNITS KPa", "UNITS bar", "pressure in 'bar'"),
        ("SECONDS_PER_FRAME 0.01", "SECONDS_PER_FRAME 0", "SECONDS_PER_FRAME 0: expected"),
        ("ROWS 6", "ROWS 7", "no whole frame"),
    ],
)
def test_fscan_damaged_headers_are_refused(path: Path, old: str, new: str, message: str) -> None:
    path.write_text(fscan().replace(old, new), encoding="utf-8")
    with pytest.raises(FormatError, match=message):
        import_file(path)


@pytest.mark.parametrize(
    ("lines", "cells"), [([b"1,2", b"3,4"], [[1, 2], [3, 4]]), ([b"1,2,,", b"3,4,,"], [[1, 2], [3, 4]])]
)
def test_a_grid(lines: list[bytes], cells: list[list[float]]) -> None:
    grid = parse_grid(lines, 2, 2)
    assert grid is not None
    assert grid.tolist() == cells


@pytest.mark.parametrize(
    "lines",
    [
        [b"1,2"],
        [b"1,2,3", b"4,5,6"],
        [b"1,2", b"3,4,,5"],
        [b"1,2", b"3"],
        [b"1,2", b"3,x"],
        [b"1,2", b"3,4", b"5,6"],
        [b"1,2", b"3,4\n5,6"],
    ],
)
def test_no_grid(lines: list[bytes]) -> None:
    assert parse_grid(lines, 2, 2) is None


@pytest.mark.parametrize("most", [256, 20, 7, 1])
def test_joined_cells_keep_force_and_place(most: int) -> None:
    rng = np.random.default_rng(3)
    mask = rng.random((12, 5)) < 0.8
    sheet = np.where(mask, rng.random((12, 5)), np.nan)
    cells = Cells.of(mask, most)
    assert len(cells) <= most
    assert cells.kpa(sheet) @ cells.sensels == pytest.approx(np.nansum(sheet))
    row, column = np.nonzero(mask)
    assert cells.row @ cells.sensels / cells.sensels.sum() == pytest.approx(row.mean() + 0.5)
    assert cells.column @ cells.sensels / cells.sensels.sum() == pytest.approx(column.mean() + 0.5)


def test_real_xsensor_load(real_data: Path) -> None:
    path = real_data / "xsensor" / "walk_75hz.csv"
    data = path.read_text(encoding="utf-8-sig")
    own = {"L": [], "R": []}
    for foot, load in re.findall(r"SENSOR,[^\n]*-DFM-(L|R)F.*?Est\. Load \(N\),([\d.]+)", data, re.DOTALL):
        own[foot].append(float(load))
    feet = delivered(import_file(path)).feet
    for side in (Side.LEFT, Side.RIGHT):
        assert feet[side].number.tolist() == list(range(101))
        assert np.abs(feet[side].force_n - own[side.name[0]]).max() < 1.0


def test_real_fscan_walk_rolls_from_heel_to_toe(real_data: Path) -> None:
    imported = import_file(real_data / "fscan" / "walk_left_31hz.asf")
    [(side, foot)] = delivered(imported).feet.items()
    assert side is Side.LEFT
    assert len(foot.number) == 205
    data = (real_data / "fscan" / "walk_left_31hz.asf").read_text()
    sums = [sum(map(int, re.findall(r"\d+", frame))) for frame in re.split(r"Frame \d+\n", data.split("@@", 1)[1])[1:]]
    np.testing.assert_allclose(foot.force_n, np.array(sums) * 25.8064e-3, rtol=1e-6, atol=1e-6)
    y = foot.kpa * foot.device.area_mm2 @ foot.device.y / np.maximum(foot.kpa @ foot.device.area_mm2, 1e-9)
    contact = y[28:51]
    assert contact[0] < 0.15
    assert contact[-2] > 0.6
