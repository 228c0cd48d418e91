"""'My CSV looks like this': tables that only a profile makes readable."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from imported_frames import delivered
from vendor_files import force_n, times

from insole.blocks import Side
from insole.errors import FormatError, InsoleError, SettingsError
from insole.formats import import_file

HEADERLESS = """
name = "lab"
delimiter = ";"
decimal = ","
[time]
column = 1
[one_foot]
columns = "2-117"
unit = "kPa"
area_mm2 = 150.0
"""


def headerless(path: Path, *, right: bool = False) -> np.ndarray:
    """`;`-separated, decimal comma, CRLF, no header: time and 116 cells."""
    t = times(2.0, 100.0)
    kpa = np.round(force_n(t, right=right)[:, None] * np.linspace(0.5, 1.5, 116) / 116 / 150.0 * 1e3, 2)
    rows = [";".join([f"{a:.2f}", *(f"{v:.2f}" for v in row)]).replace(".", ",") for a, row in zip(t, kpa, strict=True)]
    path.write_bytes("\r\n".join([*rows, ""]).encode())
    return kpa


def written(tmp_path: Path, text: str) -> str:
    path = tmp_path / "profile.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_headerless_file_of_116_cells(tmp_path: Path) -> None:
    data = tmp_path / "left.csv"
    kpa = headerless(data)
    imported = import_file(data, format=written(tmp_path, HEADERLESS))
    assert imported.header.source == "import:lab"
    [(side, foot)] = delivered(imported).feet.items()
    assert side is Side.LEFT
    np.testing.assert_allclose(foot.kpa, kpa, atol=0.0051)
    assert foot.device.rate_hz == 100.0


def test_one_foot_a_file_two_files(tmp_path: Path) -> None:
    left, right = tmp_path / "a.csv", tmp_path / "b.csv"
    expected = {Side.LEFT: headerless(left), Side.RIGHT: headerless(right, right=True)}
    feet = delivered(import_file([left, right], format=written(tmp_path, HEADERLESS))).feet
    for side, kpa in expected.items():
        np.testing.assert_allclose(feet[side].kpa, kpa, atol=0.0051)


def test_names_rate_and_newtons(tmp_path: Path) -> None:
    data = tmp_path / "zones.txt"
    data.write_text("made by lab\nheel toe\tL 1\tL 2\tR 1\n" + "x\t100\t50\t25\n" * 40, encoding="utf-8")
    profile = """
delimiter = "tab"
header_lines = 2
rate_hz = 50
[left]
columns = ["L 1", "L 2"]
unit = "N"
x = 0.5
y = [0.2, 0.7]
[right]
columns = "R 1"
unit = "N"
"""
    feet = delivered(import_file(data, format=written(tmp_path, profile))).feet
    np.testing.assert_allclose(feet[Side.LEFT].force_n, 150.0, atol=0.01)
    np.testing.assert_allclose(feet[Side.RIGHT].force_n, 25.0, atol=0.01)
    assert feet[Side.LEFT].device.has_geometry
    assert feet[Side.RIGHT].t_s[-1] == pytest.approx(39 / 50)


def test_a_device_profile_instead_of_areas(tmp_path: Path) -> None:
    data = tmp_path / "cells.csv"
    data.write_text("".join(f"{i * 10}," + ",".join(["1.5"] * 16) + "\n" for i in range(60)), encoding="utf-8")
    profile = '[time]\ncolumn = 1\nunit = "ms"\n[right]\ncolumns = "2-17"\nunit = "N/cm2"\ndevice = "opengo_size6"\n'
    foot = delivered(import_file(data, format=written(tmp_path, profile))).feet[Side.RIGHT]
    assert foot.force_n[0] == pytest.approx(15.0 * 18736e-3, rel=1e-3)
    assert foot.device.rate_hz == 100.0


def test_body_weights_of_a_belt(tmp_path: Path) -> None:
    data = tmp_path / "belt.csv"
    data.write_text("".join(f"{i / 100},{i % 3}\n" for i in range(60)), encoding="utf-8")
    profile = written(tmp_path, '[time]\ncolumn = 1\n[belt]\ncolumns = 2\nunit = "BW"\n')
    assert import_file(data, format=profile).header.runner.body_mass_source == "nominal"
    imported = import_file(data, format=profile, body_mass_kg=80.0)
    assert delivered(imported).feet[Side.BELT].force_n.max() == pytest.approx(2 * 80 * 9.80665, abs=0.05)


@pytest.mark.parametrize(
    ("profile", "message"),
    [
        ("colour = 1\n" + HEADERLESS, "unknown key 'colour'"),
        (HEADERLESS.replace("area_mm2 = 150.0", "area = 150.0"), "one_foot.area"),
        (HEADERLESS.replace("area_mm2 = 150.0", ""), "area_mm2"),
        (HEADERLESS.replace('"kPa"', '"bar"'), "one_foot.unit.*expected one of kPa"),
        (HEADERLESS.replace('";"', '";;"'), "delimiter"),
        (HEADERLESS.replace('";"', '","'), "both"),
        (HEADERLESS.replace("150.0", '"big"'), "expected numbers"),
        (HEADERLESS.replace("150.0", "[1.0, 2.0]"), "2 values for 116 columns"),
        (HEADERLESS.replace("column = 1", ""), "expected either"),
        (HEADERLESS.replace("[one_foot]", "rate = 3\n[one_foot]"), "time.rate"),
        (HEADERLESS.replace("[one_foot]", "[middle]"), "expected .left. and .right."),
        (HEADERLESS.replace('"2-117"', '"2-500"'), "the rows have 117 cells"),
        (HEADERLESS.replace('"2-117"', '"heel"'), "no column 'heel'"),
        (HEADERLESS.replace("[time]", "header_lines = -1\n[time]"), "header_lines"),
        ("name = ", "profile.toml"),
    ],
)
def test_a_wrong_profile_says_what_is_wrong(tmp_path: Path, profile: str, message: str) -> None:
    data = tmp_path / "left.csv"
    headerless(data)
    with pytest.raises(InsoleError, match=message):
        import_file(data, format=written(tmp_path, profile))


def test_a_missing_profile_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml"):
        import_file(tmp_path / "x.csv", format=str(tmp_path / "nowhere.toml"))


def test_a_file_that_is_not_as_described(tmp_path: Path) -> None:
    data = tmp_path / "left.csv"
    data.write_text("a;b;c\n" * 20, encoding="utf-8")
    with pytest.raises(FormatError, match="the rows have 3 cells"):
        import_file(data, format=written(tmp_path, HEADERLESS))
