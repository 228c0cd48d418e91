"""All formats together: recognised by content, delivered as a live link would, damage said and never a traceback."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import vendor_files as made
from imported_frames import FootFrames, delivered
from recorded import flat

from insole.blocks import Packets, Side
from insole.device import Device, device_names
from insole.errors import FormatError, InsoleError
from insole.formats import FORMATS, explain, import_file, recognise
from insole.recording import Recorder, open_recording

PEDAR_MM2 = Device.named("pedar_y").area_mm2
OPENGO_CM2 = Device.named("opengo_size6").area_mm2 / 100
PLATES_N = made.force_n(made.times(2.0, 1000.0))[:, None]

FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "loadsol": ("loadsol", lambda: made.loadsol().encode()),
    "loadsol_zones": ("loadsol", lambda: made.loadsol(zones=True, delimiter=",").encode()),
    "opengo": ("opengo", lambda: made.opengo(OPENGO_CM2, late_left_frames=20).encode()),
    "opengo_again": ("opengo", lambda: made.opengo(OPENGO_CM2, native=False).encode()),
    "pedar": ("pedar", lambda: made.pedar(1.0, area_mm2=PEDAR_MM2).encode()),
    "xsensor": ("xsensor", lambda: made.xsensor().encode("utf-8-sig")),
    "fscan": ("fscan", lambda: made.fscan().encode()),
    "stappone": ("stappone", lambda: made.stappone().encode()),
    "mot": ("mot", lambda: made.mot().encode()),
    "c3d": ("c3d", lambda: made.c3d(PLATES_N, ["Fz1"])),
    "force": ("force", lambda: made.force_table().encode()),
}
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
REAL_FILES = (
    "loadsol/overground_walk_1zone.txt",
    "loadsol/standing_force_plates_1000hz.c3d",
    "opengo_export/230927_102114.txt",
    "pedar/pedar_example.asc",
    "xsensor/walk_75hz.csv",
    "fscan/walk_left_31hz.asf",
    "stappone/walk_62hz.csv",
    "treadmill_grf/overground_run_300hz.mot",
)


@pytest.fixture(params=sorted(FILES))
def made_file(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    name: str = request.param
    path = tmp_path / "export.dat"
    path.write_bytes(FILES[name][1]())
    return name, path


def test_every_format_has_a_file_here() -> None:
    assert {form for form, _ in FILES.values()} == {form.name for form in FORMATS}


def test_content_tells_the_format(made_file: tuple[str, Path]) -> None:
    name, path = made_file
    head = path.read_bytes()
    assert recognise(path).name == FILES[name][0]
    assert [form.name for form in FORMATS if form.sniff(head)] == [FILES[name][0]], (
        "no other format takes it for its own"
    )


def test_line_ends_and_encoding_do_not_matter(made_file: tuple[str, Path]) -> None:
    name, path = made_file
    if name == "c3d":
        return
    plain = delivered(import_file(path))
    for end, encoding in ((b"\r\n", "utf-8"), (b"\n", "utf-16")):
        data = FILES[name][1]().decode("utf-8-sig").encode("utf-8").replace(b"\n", end)
        path.write_bytes(data.decode("utf-8").encode(encoding))
        other = delivered(import_file(path))
        for side, foot in plain.feet.items():
            np.testing.assert_array_equal(other.feet[side].number, foot.number)
            np.testing.assert_array_equal(other.feet[side].kpa, foot.kpa)


def test_an_import_becomes_a_recording_of_the_same_inputs(made_file: tuple[str, Path], tmp_path: Path) -> None:
    _, path = made_file
    imported = import_file(path)
    inputs = list(imported.inputs)
    with Recorder(tmp_path / "out.mcap", imported.header) as recorder:
        for chunk in inputs:
            recorder(chunk)
    recording = open_recording(tmp_path / "out.mcap")
    assert recording.header.source == imported.header.source
    for side, device in imported.header.feet.items():
        np.testing.assert_array_equal(recording.header.feet[side].area_mm2, device.area_mm2)
    assert flat(recording.inputs()) == flat(inputs)


def test_chunks_are_about_a_second(made_file: tuple[str, Path]) -> None:
    _, path = made_file
    for chunk in import_file(path).inputs:
        stamps = [item.t_host_ns[0] if isinstance(item, Packets) else item.t_host_ns for item in chunk]
        assert max(stamps, default=0) - min(stamps, default=0) <= 1_200_000_000


def test_explain_says_what_it_is(made_file: tuple[str, Path]) -> None:
    name, path = made_file
    lines = explain(path)
    assert lines[0].startswith(f"format    {FILES[name][0]} (")
    assert any(line.startswith(("left", "right", "belt")) for line in lines)
    assert all(line.isprintable() for line in lines)


def test_a_forced_format_that_does_not_fit_is_refused(made_file: tuple[str, Path]) -> None:
    name, path = made_file
    for form in FORMATS:
        if form.name != FILES[name][0]:
            with pytest.raises(FormatError):
                list(import_file(path, format=form.name).inputs)


@pytest.mark.parametrize(
    "data", [b"hello\n", b"a,b\n1,2\n", b"PK\3\4" + bytes(100), b"\x89PNG\r\n\x1a\n" + bytes(600), b"\n\n"]
)
def test_other_files_are_refused_with_what_is_known(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "other.bin"
    path.write_bytes(data)
    with pytest.raises(FormatError, match=r"loadsol, opengo, .*TOML profile"):
        recognise(path)


def test_unknown_format_name_and_too_many_files(tmp_path: Path) -> None:
    path = tmp_path / "force.csv"
    path.write_text(made.force_table(), encoding="utf-8")
    with pytest.raises(FormatError, match="no format 'pedal'; known are"):
        import_file(path, format="pedal")
    with pytest.raises(FormatError, match="made of 1 force file"):
        import_file([path, path])


def test_body_mass_goes_into_the_header(tmp_path: Path) -> None:
    path = tmp_path / "force.csv"
    path.write_text(made.force_table(), encoding="utf-8")
    runner = import_file(path, body_mass_kg=61.5).header.runner
    assert (runner.body_mass_kg, runner.body_mass_source) == (61.5, "option")


def test_vendor_profiles_load() -> None:
    vendors = [name for name in device_names() if name.partition("_")[0] in {"pedar", "opengo", "loadsol", "stappone"}]
    assert len(vendors) == 13
    for name in vendors:
        assert Device.named(name).area_mm2.min() > 0


# ---- damage --------------------------------------------------------------------------------------------------------


def frames_or_refusal(path: Path) -> dict[Side, FootFrames] | None:
    """What comes of a damaged file: frames, or one line that says why not. Anything else fails the test."""
    try:
        return delivered(import_file(path)).feet
    except InsoleError as error:
        refusal = str(error)
    assert refusal.isprintable()
    assert len(refusal) < 1000
    return None


def differing(feet: dict[Side, FootFrames], whole: dict[Side, FootFrames], leeway: int = 0) -> int:
    """Frames whose force is not that of the undamaged file, within the steps of both, at most `leeway` numbers off."""
    count = 0
    for side, foot in feet.items():
        if side not in whole or not len(foot.number):
            count += len(foot.number)
            continue
        true_n = np.full(max(whole[side].number[-1], foot.number[-1]) + 2 * leeway + 1, np.nan)
        true_n[whole[side].number + leeway] = whole[side].force_n
        devices = (foot.device, whole[side].device)
        step_n = sum(float(device.scale_kpa @ device.area_mm2) * 1e-3 for device in devices)
        error_n = [np.abs(foot.force_n - true_n[foot.number + lag]) for lag in range(2 * leeway + 1)]
        with np.errstate(invalid="ignore"):
            true = np.any([error <= step_n + 0.02 * foot.force_n for error in error_n], axis=0)
        count += int(np.count_nonzero(~true))
    return count


def test_a_file_cut_off_anywhere_gives_only_true_frames(made_file: tuple[str, Path]) -> None:
    name, path = made_file
    data = path.read_bytes()
    whole = delivered(import_file(path)).feet
    rng = random.Random(name)
    for cut in sorted(rng.sample(range(len(data)), 25)):
        path.write_bytes(data[:cut])
        feet = frames_or_refusal(path)
        # Scale and clock of some formats are fitted to the whole file: raw channels, and a padded clock, may differ.
        if feet is not None and name not in {"stappone", "loadsol", "loadsol_zones"}:
            assert differing(feet, whole) == 0, cut


@pytest.mark.parametrize("seed", range(12))
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
        feet = frames_or_refusal(path)
        if feet is not None and name != "stappone":  # whose scale is fitted to the whole file
            # A damaged stamp of a padded file leaves it open whether a row was lost there: the rest may be a frame off.
            assert differing(feet, whole, leeway=3 if name.startswith("loadsol") else 0) <= 12, (name, seed)


@pytest.mark.parametrize("seed", range(3))
def test_damage_of_any_kind_is_said(made_file: tuple[str, Path], seed: int) -> None:
    name, path = made_file
    rng = random.Random(f"{name}{seed}")
    for damage in DAMAGES:
        path.write_bytes(damage(FILES[name][1](), rng))
        frames_or_refusal(path)


@pytest.mark.soak
def test_damage_of_any_kind_is_said_at_length(made_file: tuple[str, Path]) -> None:
    for seed in range(1000, 1060):
        test_damage_of_any_kind_is_said(made_file, seed)


@pytest.mark.parametrize("name", REAL_FILES)
def test_damaged_real_files(real_data: Path, tmp_path: Path, name: str) -> None:
    data = (real_data / name).read_bytes()[:200_000]
    path = tmp_path / "export.dat"
    rng = random.Random(name)
    for damage in DAMAGES:
        path.write_bytes(damage(data, rng))
        frames_or_refusal(path)


def _flipped(data: bytes, rng: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(max(3, len(out) // 2000)):
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def _header_flipped(data: bytes, rng: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(6):
        out[rng.randrange(min(2000, len(out)))] = rng.choice(b"0123456789.,;\t\n -eELR")
    return bytes(out)


def _hole(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + data[at + rng.choice([1, 7, 900]) :]


def _noise(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + rng.randbytes(rng.choice([1, 40, 900])) + data[at:]


def _without_a_column(data: bytes, rng: random.Random) -> bytes:
    delimiter = max((b"\t", b";", b","), key=data.count)
    column = rng.randrange(6)
    lines = [line.split(delimiter) for line in data.split(b"\n")]
    return b"\n".join(delimiter.join(cells[:column] + cells[column + 1 :]) for cells in lines)


def _comma_for_point(data: bytes, _: random.Random) -> bytes:
    return data.replace(b".", b",")


def _feet_swapped(data: bytes, _: random.Random) -> bytes:
    return data.replace(b"left", b"LEFT").replace(b"right", b"left").replace(b"LEFT", b"right").replace(b"-L", b"-R")


def _lines_shuffled(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    a, b = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]
    return b"\n".join(lines)


def _lines_repeated(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    at = rng.randrange(len(lines))
    return b"\n".join(lines[:at] + lines[max(at - 3, 0) : at] * 5 + lines[at:])


def _not_a_number(data: bytes, rng: random.Random) -> bytes:
    return data.replace(rng.choice([b"1", b"0.0", b"5"]), rng.choice([b"nan", b"inf", b"-", b"1e400"]), 20)


DAMAGES = (
    _flipped,
    _header_flipped,
    _hole,
    _noise,
    _without_a_column,
    _comma_for_point,
    _feet_swapped,
    _lines_shuffled,
    _lines_repeated,
    _not_a_number,
)
