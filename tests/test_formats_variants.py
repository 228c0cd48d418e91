"""Files of the known kinds as other laboratories write them: one foot, treadmills, other columns, other separators."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from imported_frames import delivered
from vendor_files import OPENGO_CM2, STEP_S, force_n, fscan, loadsol, opengo, times

from insole.analysis import analyse
from insole.blocks import Side
from insole.cli import main
from insole.formats import import_file

# ---- loadsol -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", ["\t", ","])
@pytest.mark.parametrize("zones", [True, False])
def test_loadsol_on_a_treadmill(tmp_path: Path, delimiter: str, zones: bool) -> None:
    """A run of half a minute: every contact is found, with its peak, by either variant."""
    path = tmp_path / "treadmill.txt"
    path.write_text(loadsol(30.0, zones=zones, delimiter=delimiter), encoding="utf-8")
    analysis = analyse(path, body_mass_kg=70.0)
    for side in (Side.LEFT, Side.RIGHT):
        running = analysis.contacts.running(side)
        assert 36 <= len(running) <= 43
        assert np.nanmedian(running.columns["step_time_ms"]) == pytest.approx(1e3 * STEP_S, rel=0.04)
        assert np.nanmedian(running.columns["peak_force_bw"]) == pytest.approx(1500 / (70 * 9.80665), rel=0.05)


@pytest.mark.parametrize("foot", ["L", "R"])
def test_loadsol_of_one_foot(tmp_path: Path, foot: str) -> None:
    path = tmp_path / "one.txt"
    path.write_text(loadsol(30.0, feet=(foot,)), encoding="utf-8")
    side = Side.LEFT if foot == "L" else Side.RIGHT
    analysis = analyse(path, body_mass_kg=70.0)
    assert set(analysis.header.feet) == {side}
    running = analysis.contacts.running()
    assert set(running.side.tolist()) == {side}
    assert np.nanmedian(running.columns["stride_time_ms"]) == pytest.approx(2e3 * STEP_S, rel=0.04)


# ---- OpenGo --------------------------------------------------------------------------------------------------------


def with_columns(text: str, *names: str) -> str:
    """The export with further columns of one number each, for every foot's events, centres and the like."""
    at = next(i for i, line in enumerate(text.split("\n")) if "pressure 1[" in line)
    lines = text.rstrip("\n").split("\n")
    lines[at] += "".join(f"\t{name}" for name in names)
    lines[at + 1 :] = [line + "\t" * len(names) for line in lines[at + 1 :]]
    return "\n".join(lines) + "\n"


CENTRES = ("left center of pressure X[-0.5...+0.5]", "right center of pressure X[-0.5...+0.5]")
EVENTS = ("left steps[]", "right steps[]", "left events[]", "right events[]")


@pytest.mark.parametrize("extra", [(), CENTRES, EVENTS, (*CENTRES, *EVENTS), EVENTS[:1]])
def test_opengo_with_other_columns(tmp_path: Path, extra: tuple[str, ...]) -> None:
    """Columns that are empty throughout do not shift the others; known ones are used, the rest is named as ignored."""
    path = tmp_path / "opengo.txt"
    plain = opengo(OPENGO_CM2)
    path.write_text(plain, encoding="utf-8")
    expected = delivered(import_file(path))
    path.write_text(with_columns(plain, *extra), encoding="utf-8")
    imported = import_file(path)
    read = delivered(imported)
    for side, foot in expected.feet.items():
        np.testing.assert_array_equal(read.feet[side].kpa, foot.kpa)
    assert set(CENTRES) & set(extra) <= {name.replace("x[", "X[") for name in imported.file.ignored}
    assert set(EVENTS) & set(extra) <= set(imported.file.used)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_opengo_again_with_the_time_in_another_place(tmp_path: Path, delimiter: str) -> None:
    """As a data frame writes it: a number of each frame first, quotes around names."""
    path = tmp_path / "opengo.csv"
    plain = opengo(OPENGO_CM2, native=False)
    path.write_text(plain, encoding="utf-8")
    expected = delivered(import_file(path))
    names, *rows = plain.rstrip("\n").split("\n")
    header = delimiter.join(f'"{name}"' for name in ("Frame", *names.replace("Time", "# time").split(";")))
    lines = [header, *(f"{i}{delimiter}{row.replace(';', delimiter)}" for i, row in enumerate(rows))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    read = delivered(import_file(path))
    for side, foot in expected.feet.items():
        np.testing.assert_array_equal(read.feet[side].t_s, foot.t_s)
        np.testing.assert_array_equal(read.feet[side].kpa, foot.kpa)


@pytest.mark.parametrize("foot", ["left", "right"])
def test_opengo_of_one_foot_without_total_force(tmp_path: Path, foot: str) -> None:
    path = tmp_path / "opengo.txt"
    path.write_text(opengo(OPENGO_CM2, feet=(foot,), with_force=False), encoding="utf-8")
    imported = import_file(path)
    assert set(imported.header.feet) == {Side[foot.upper()]}
    assert "too little total force in the file" in imported.header.warnings[0]
    own = delivered(imported).feet[Side[foot.upper()]]
    true_n = force_n(times(3.0, 100.0), right=foot == "right")
    assert own.force_n.max() == pytest.approx(true_n.max(), rel=0.1)


# ---- a table of one's own ------------------------------------------------------------------------------------------


def readme_profile() -> str:
    """The example that users start from."""
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    return next(block.removeprefix("toml\n") for block in readme.split("```") if block.startswith('toml\nname = "my'))


def test_a_headerless_table_of_116_cells_is_analysed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`;`, decimal comma, CRLF, no header: time and 58 cells a foot, from the command line to contacts."""
    t_s = times(20.0, 100.0)
    share = np.linspace(0.5, 1.5, 58) / 58
    cells = [np.outer(force_n(t_s, right=right), share) * 1e3 / 200.0 for right in (False, True)]
    rows = np.column_stack([t_s, *cells])
    text = "".join(";".join(f"{v:.3f}" for v in row).replace(".", ",") + "\r\n" for row in rows.tolist())
    (tmp_path / "walk.csv").write_bytes(text.encode())
    (tmp_path / "own.toml").write_text(readme_profile(), encoding="utf-8")
    options = ["--format", str(tmp_path / "own.toml"), "--body-mass", "70"]
    assert main(["import", str(tmp_path / "walk.csv"), "-o", str(tmp_path / "walk.mcap"), *options]) == 0
    running = analyse(tmp_path / "walk.mcap").contacts.running()
    assert len(running) >= 50
    assert np.nanmedian(running.columns["peak_force_bw"]) == pytest.approx(1500 / (70 * 9.80665), rel=0.03)
    assert main(["import", "--explain", str(tmp_path / "walk.csv"), *options[:2]]) == 0
    assert "58 cell(s) without positions" in capsys.readouterr().out


# ---- F-Scan --------------------------------------------------------------------------------------------------------


def test_fscan_pair_from_the_command_line(tmp_path: Path) -> None:
    """Two files make one recording, in whatever order they are named."""
    files = []
    for foot in "RL":
        files.append(tmp_path / f"walk_{foot}.asf")
        files[-1].write_text(fscan(60, foot=foot), encoding="utf-8")
    assert main(["import", *map(str, files), "-o", str(tmp_path / "walk.mcap")]) == 0
    analysis = analyse(tmp_path / "walk.mcap")
    assert set(analysis.header.feet) == {Side.LEFT, Side.RIGHT}
    assert {foot.frames for foot in analysis.health.feet.values()} == {60}
