"""All formats together: recognised by content, delivered as a live link would, damage said and never a traceback."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import vendor_files as made
from imported_frames import delivered
from recorded import flat
from vendor_files import FILES

from insole.blocks import Packets
from insole.device import Device, device_names
from insole.errors import FormatError
from insole.formats import FORMATS, explain, import_file, recognise
from insole.recording import Recorder, open_recording


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


def test_a_recording_needs_no_import(made_file: tuple[str, Path], tmp_path: Path) -> None:
    imported = import_file(made_file[1])
    with Recorder(tmp_path / "out.mcap", imported.header):
        pass
    with pytest.raises(FormatError, match=r"out\.mcap: is an MCAP file, .* a recording needs no import"):
        explain(tmp_path / "out.mcap")


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
