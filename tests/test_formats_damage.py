"""Damaged files of every kind: a line that says why not, or true numbers, or numbers that are said to be doubtful."""

from __future__ import annotations

import random
import re
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from damage import ANY, LOCAL, SAME, Damage
from imported_frames import Delivered, FootFrames, delivered
from vendor_files import FILES

from insole.analysis import analyse
from insole.blocks import Side
from insole.errors import InsoleError
from insole.formats import Imported, import_file

REAL_FILES = (
    "fscan/walk_left_31hz.asf",
    "loadsol/overground_walk_1zone.txt",
    "loadsol/standing_3zone_imu.txt",
    "loadsol/standing_3zone_imu_comma.csv",
    "loadsol/stepping_3zone_imu_dropouts.txt",
    "opengo_export/230927_102114.txt",
    "opengo_export/walk_with_events_text_export.txt",
    "opengo_jogging/S04_Sequence_01_insoles.csv",
    "opengo_jogging/S11_Sequence_08_insoles.csv",
    "pedar/pedar_example.asc",
    "stappone/walk_62hz.csv",
    "treadmill_grf/overground_run_300hz.mot",
    "xsensor/walk_75hz.csv",
)
PLATES = "loadsol/standing_force_plates_1000hz.c3d"
KEPT_BYTES = 60_000
FIRST_ROW = {
    "loadsol": 4,
    "loadsol_zones": 4,
    "opengo": 5,
    "opengo_again": 1,
    "pedar": 10,
    "stappone": 1,
    "mot": 7,
    "force": 1,
}
FEW_FRAMES = 40
"""Local damage touches at most so many frames: 30 lines, and those around that a fault of transmission may take."""

UNSEEN = {"feet_swapped": "opengo loadsol mot", "columns_swapped": "fscan xsensor", "lines_swapped": "c3d"}
"""What no reader can see: feet swapped in all names, columns of a matrix without names, numbers moved in a binary."""


@pytest.fixture(params=sorted(FILES))
def made_file(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    name: str = request.param
    path = tmp_path / "export.dat"
    path.write_bytes(FILES[name][1]())
    return name, path


def imported_or_refused(path: Path) -> tuple[Imported, Delivered] | None:
    """What comes of a damaged file, or one line that says why not. Anything else fails the test."""
    try:
        imported = import_file(path)
        return imported, delivered(imported)
    except InsoleError as error:
        refusal = str(error)
    assert refusal.isprintable()
    assert path.name in refusal
    assert len(refusal) < 1000
    return None


def differing(feet: dict[Side, FootFrames], whole: dict[Side, FootFrames], leeway: int = 0) -> int:
    """Frames that are not those of the undamaged file, within the steps of both, at most `leeway` periods off."""
    count = 0
    for side, foot in feet.items():
        if side not in whole or not len(foot.number) or foot.kpa.shape[1] != whole[side].kpa.shape[1]:
            count += len(foot.number)
            continue
        # By time: the number of a frame counts from the first one that could be read.
        period_s = float(np.median(np.diff(whole[side].t_s)))
        at, true_at = (np.rint(t_s / period_s).astype(np.int64) for t_s in (foot.t_s, whole[side].t_s))
        true_kpa = np.full((max(at[-1], true_at[-1]) + 2 * leeway + 1, foot.kpa.shape[1]), np.nan)
        true_kpa[true_at + leeway] = whole[side].kpa
        step = foot.device.scale_kpa + whole[side].device.scale_kpa
        true = np.zeros(len(foot.number), np.bool_)
        for lag in range(2 * leeway + 1):
            off = np.abs(foot.kpa - true_kpa[at + lag])
            with np.errstate(invalid="ignore"):
                true |= (off <= step + 0.02 * np.abs(foot.kpa)).all(axis=1)
        count += int(np.count_nonzero(~true))
    return count


def doubts(imported: Imported, read: Delivered) -> dict[str, int]:
    """What was said against the file, with how often; how finely numbers are stored, and the true rate, say nothing."""
    lines = [line for line in (*imported.header.warnings, *read.remarks) if "rounded to" not in line]
    counted = (re.match(r"(\d+) (.*?)(?: \(first in line \d+\))?$", line) for line in lines)
    said = {match[2]: int(match[1]) for match in counted if match}
    return said | {line: 1 for line in lines if not line[0].isdigit() and "padded by the app" not in line}


def check_damaged(path: Path, form: str, whole: tuple[Imported, Delivered], damage: Damage, seed: str) -> None:
    """The law for one damaged copy: refused, or true, or said."""
    result = imported_or_refused(path)
    if result is None or form in UNSEEN.get(damage.__name__, ""):
        return
    imported, read = result
    # Fitted to the whole file: the scale of raw channels, and a padded clock, which may put a frame into another place.
    if form == "stappone":
        return
    wrong = differing(read.feet, whole[1].feet, leeway=6 if form == "loadsol" else 1 if form == "xsensor" else 0)
    if damage in LOCAL and form != "c3d":
        assert wrong <= FEW_FRAMES, f"{damage.__name__} {seed}: {wrong} frames are others"
    elif wrong > FEW_FRAMES:
        before = doubts(*whole)
        said = {what for what, count in doubts(imported, read).items() if count > before.get(what, 0)}
        assert said, f"{damage.__name__} {seed}: {wrong} frames are others, and nothing says so"


def kept(data: bytes, name: str) -> bytes:
    """The first rows of a text, and a C3D file as it is: its header counts its frames."""
    return data if name.endswith(".c3d") else data[: data.rfind(b"\n", 0, KEPT_BYTES) + 1]


def damage_everywhere(real_data: Path, name: str, folder: Path, seeds: range) -> None:
    data = kept((real_data / name).read_bytes(), name)
    path = folder / Path(name).name
    path.write_bytes(data)
    imported = import_file(path)
    whole = imported, delivered(imported)
    form = imported.header.source.removeprefix("import:")
    for damage in (*LOCAL, *ANY):
        for seed in seeds:
            path.write_bytes(damage(data, random.Random(f"{name} {damage.__name__} {seed}")))
            check_damaged(path, form, whole, damage, f"{seed} of {name}")


# ---- real files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", REAL_FILES)
def test_damaged_real_files(real_data: Path, tmp_path: Path, name: str) -> None:
    damage_everywhere(real_data, name, tmp_path, range(1))


@pytest.mark.soak
@pytest.mark.parametrize("name", [*REAL_FILES, PLATES])
def test_damaged_real_files_at_length(real_data: Path, tmp_path: Path, name: str) -> None:
    damage_everywhere(real_data, name, tmp_path, range(1, 150))


@pytest.mark.parametrize("name", REAL_FILES)
def test_encoding_and_line_ends_of_real_files_do_not_matter(real_data: Path, tmp_path: Path, name: str) -> None:
    data = kept((real_data / name).read_bytes(), name)
    path = tmp_path / Path(name).name
    path.write_bytes(data)
    plain = delivered(import_file(path))
    for store in SAME:
        path.write_bytes(store(data, random.Random(name)))
        other = delivered(import_file(path))
        assert other.remarks == plain.remarks
        for side, foot in plain.feet.items():
            np.testing.assert_array_equal(other.feet[side].number, foot.number)
            np.testing.assert_array_equal(other.feet[side].kpa, foot.kpa)


@pytest.mark.soak
@pytest.mark.parametrize("name", [*REAL_FILES, PLATES])
def test_damaged_real_files_are_analysed_or_refused(real_data: Path, tmp_path: Path, name: str) -> None:
    data = (real_data / name).read_bytes()[:400_000]
    path = tmp_path / Path(name).name
    for damage in (*LOCAL, *ANY):
        for seed in range(5):
            path.write_bytes(damage(data, random.Random(f"{name} {damage.__name__} {seed}")))
            with suppress(InsoleError):
                analyse(path)


# ---- made-up files -------------------------------------------------------------------------------------------------


def test_a_file_cut_off_anywhere_gives_only_true_frames(made_file: tuple[str, Path]) -> None:
    name, path = made_file
    data = path.read_bytes()
    whole = delivered(import_file(path)).feet
    rng = random.Random(name)
    for at in sorted(rng.sample(range(len(data)), 25)):
        path.write_bytes(data[:at])
        result = imported_or_refused(path)
        # Scale and clock of some formats are fitted to the whole file: raw channels, and a padded clock, may differ.
        if result is not None and name not in {"stappone", "loadsol", "loadsol_zones"}:
            assert differing(result[1].feet, whole) == 0, at


@pytest.mark.parametrize("seed", range(6))
def test_flipped_bytes_in_the_rows_cost_only_their_rows(tmp_path: Path, seed: int) -> None:
    for name, first_row in FIRST_ROW.items():
        rng = random.Random(seed)
        path = tmp_path / name
        data = bytearray(FILES[name][1]())
        path.write_bytes(data)
        whole = delivered(import_file(path)).feet
        begin = [i for i, byte in enumerate(data) if byte == ord("\n")][first_row]
        for _ in range(3):
            data[rng.randrange(begin, len(data))] = rng.randrange(256)
        path.write_bytes(data)
        result = imported_or_refused(path)
        if result is not None and name != "stappone":  # whose scale is fitted to the whole file
            # A damaged stamp of a padded file leaves it open whether a row was lost there: the rest may be a frame off.
            leeway = 3 if name.startswith("loadsol") else 0
            assert differing(result[1].feet, whole, leeway) <= 12, (name, seed)


@pytest.mark.parametrize("seed", [0])
def test_damage_of_any_kind_is_said(made_file: tuple[str, Path], seed: int) -> None:
    name, path = made_file
    rng = random.Random(f"{name}{seed}")
    for damage in (*LOCAL, *ANY):
        path.write_bytes(damage(FILES[name][1](), rng))
        imported_or_refused(path)


@pytest.mark.soak
def test_damage_of_any_kind_is_said_at_length(made_file: tuple[str, Path]) -> None:
    for seed in range(1000, 1060):
        test_damage_of_any_kind_is_said(made_file, seed)
