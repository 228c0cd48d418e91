"""loadsol: padded clocks, mirrored zones, and what lost packets look like."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from imported_frames import delivered
from vendor_files import force_n, loadsol

from insole.blocks import FloatArray, Side
from insole.errors import FormatError
from insole.formats import import_file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "loadsol.txt"


@pytest.mark.parametrize("delimiter", ["\t", ","])
@pytest.mark.parametrize("zones", [True, False])
def test_the_true_clock_under_the_padding(path: Path, zones: bool, delimiter: str) -> None:
    path.write_text(loadsol(zones=zones, delimiter=delimiter), encoding="utf-8")
    imported = import_file(path)
    assert imported.header.source == "import:loadsol"
    result = delivered(imported)
    for side, foot in result.feet.items():
        assert foot.device.rate_hz == 200.0
        assert foot.device.n_cells == (3 if zones else 1)
        assert foot.number.tolist() == list(range(585))  # 600 rows, one in 40 held
        assert np.diff(foot.t_s).mean() == pytest.approx(40 / 39 / 200, rel=2e-3)
        np.testing.assert_allclose(foot.force_n, force_n(foot.t_s, right=side is Side.RIGHT), atol=1.3 + 15)
    assert sum("repeat a time stamp" in remark for remark in result.remarks) == 1


def test_zones_are_told_by_name_not_by_place(path: Path) -> None:
    path.write_text(loadsol(zones=True), encoding="utf-8")
    feet = delivered(import_file(path)).feet
    for side in (Side.LEFT, Side.RIGHT):
        loaded = feet[side].kpa[feet[side].force_n > 500]
        np.testing.assert_allclose(
            (loaded / loaded.sum(axis=1, keepdims=True)).mean(axis=0), [0.5, 0.3, 0.2], atol=1e-3
        )


@pytest.mark.parametrize("foot", ["L", "R"])
def test_one_foot(path: Path, foot: str) -> None:
    path.write_text(loadsol(feet=[foot], repeat_every=0), encoding="utf-8")
    [(side, frames)] = delivered(import_file(path)).feet.items()
    assert side.name[0] == foot
    assert len(frames.number) == 600


@pytest.mark.parametrize("zones", [True, False])
def test_lost_packets_are_gaps_and_swings_are_not(path: Path, zones: bool) -> None:
    def spoil(foot: str, force: FloatArray) -> None:
        if foot == "L":
            force[40:51] = np.nan if zones else 0.0  # in the first contact, 0.1 to 0.35 s

    path.write_text(loadsol(zones=zones, repeat_every=0, spoil=spoil), encoding="utf-8")
    feet = delivered(import_file(path)).feet
    assert sorted(set(range(600)) - set(feet[Side.LEFT].number.tolist())) == list(range(40, 51))
    assert len(feet[Side.RIGHT].number) == 600
    assert np.count_nonzero(feet[Side.RIGHT].force_n == 0) > 200


def test_the_comment_is_dropped(path: Path) -> None:
    path.write_text(loadsol(), encoding="utf-8")
    assert b"Jane" not in import_file(path).header.to_json()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Force[N]", "Force[lbf]", r"line 4: column \d is in 'Force\[lbf\]'"),
        ("PGV1-L\t", "PGV1-L::a\t", "1-R|no column"),
    ],
)
def test_unknown_units_and_names(path: Path, old: str, new: str, message: str) -> None:
    data = loadsol(feet=["L"]).replace(old, new)
    path.write_text(data, encoding="utf-8")
    with pytest.raises(FormatError, match=message):
        import_file(path)


def test_a_line_of_units_that_is_too_short(path: Path) -> None:
    lines = loadsol().split("\n")
    lines[3] = "\t".join(lines[3].split("\t")[:2])
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(FormatError, match=r"line 4: column 4 is in '': expected Force"):
        import_file(path)


def test_zones_without_the_others_are_said_and_the_total_used(path: Path) -> None:
    path.write_text(loadsol(zones=True).replace("PGV1-L::medial", "PGV1-L::xAcc"), encoding="utf-8")
    imported = import_file(path)
    assert imported.header.feet[Side.LEFT].n_cells == 1
    assert imported.header.feet[Side.RIGHT].n_cells == 3
    assert "left foot: zones without the others (heel, lateral): only its total is used" in imported.header.warnings


@pytest.mark.parametrize("name", ["standing_3zone_imu.txt", "standing_3zone_imu_comma.csv"])
def test_real_tab_and_comma_variants_are_the_same(real_data: Path, name: str) -> None:
    imported = import_file(real_data / "loadsol" / name)
    result = delivered(imported)
    assert [round(foot.clock.rate_hz, 1) for foot in imported.file.feet.values()] == [197.1, 195.1]
    assert {side.label: len(foot.number) for side, foot in result.feet.items()} == {"left": 990, "right": 891}


def test_real_dropouts_are_gaps_of_eleven_frames(real_data: Path) -> None:
    result = delivered(import_file(real_data / "loadsol" / "stepping_3zone_imu_dropouts.txt"))
    for side, gaps in ((Side.LEFT, 65), (Side.RIGHT, 46)):
        missing = np.diff(result.feet[side].number) - 1
        lengths = missing[missing > 0]
        assert len(lengths) == pytest.approx(gaps, abs=1)
        assert set(lengths.tolist()) <= {10, 11, 12}


def test_real_walk_keeps_its_swings_and_loses_the_torn_end(real_data: Path) -> None:
    path = real_data / "loadsol" / "overground_walk_1zone.txt"
    result = delivered(import_file(path))
    left, right = result.feet[Side.LEFT], result.feet[Side.RIGHT]
    assert np.count_nonzero(left.force_n == 0) > 200
    assert right.force_n[-1] > 1000  # the file ends in four zeros after 1174 N
    assert len(left.number) == 2373 - 64
    rows = np.genfromtxt(path, skip_header=4)
    assert left.force_n.max() == pytest.approx(np.nanmax(rows[:, 1]), abs=0.05)
