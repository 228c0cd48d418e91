"""The vendor's own file inside a recording: kept byte for byte, found by other readers, and given back."""

from __future__ import annotations

import random
import stat
from pathlib import Path

import pytest
import vendor_files as made
from mcap.reader import make_reader
from recorded import flat, header, session

from insole.checking import repair
from insole.cli import main
from insole.errors import RecordingError
from insole.recording import Recorder, open_recording
from insole.recording.original import extract, originals


@pytest.fixture
def vendor_file(tmp_path: Path) -> Path:
    path = tmp_path / "jogging.csv"
    path.write_text(made.force_table(), encoding="utf-8")
    return path


@pytest.fixture
def recording(vendor_file: Path, tmp_path: Path) -> Path:
    path = tmp_path / "run.mcap"
    assert main(["import", str(vendor_file), "-o", str(path), "--keep-original", "--body-mass", "70"]) == 0
    return path


def test_it_comes_out_as_it_went_in(vendor_file: Path, recording: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    assert main(["export", str(recording), "-o", str(out), "--original"]) == 0
    assert (out / "jogging.csv").read_bytes() == vendor_file.read_bytes()
    assert stat.S_IMODE((out / "jogging.csv").stat().st_mode) == 0o600
    assert main(["export", str(recording), "-o", str(out), "--original"]) == 1, "nothing is overwritten unasked"


def test_the_mcap_package_finds_it(vendor_file: Path, recording: Path) -> None:
    with recording.open("rb") as file:
        attachment = next(make_reader(file).iter_attachments())
    assert (attachment.name, attachment.data) == ("jogging.csv", vendor_file.read_bytes())
    with recording.open("rb") as file:
        summary = make_reader(file).get_summary()
    assert summary is not None
    assert summary.statistics is not None
    assert summary.statistics.attachment_count == len(summary.attachment_indexes) == 1


def test_the_recording_is_the_same_but_for_it(vendor_file: Path, recording: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain.mcap"
    assert main(["import", str(vendor_file), "-o", str(plain), "--body-mass", "70"]) == 0
    assert flat(open_recording(recording).inputs()) == flat(open_recording(plain).inputs())
    assert not open_recording(recording).damage
    assert originals(plain) == []


def test_a_pair_of_the_same_name_is_two_files(tmp_path: Path) -> None:
    feet = []
    for foot in "LR":
        (tmp_path / foot).mkdir()
        feet.append(tmp_path / foot / "walk.asf")
        feet[-1].write_text(made.fscan(foot=foot), encoding="utf-8")
    path = tmp_path / "walk.mcap"
    assert main(["import", *map(str, feet), "-o", str(path), "--keep-original"]) == 0
    assert main(["export", str(path), "-o", str(tmp_path), "--original"]) == 0
    assert (tmp_path / "walk.asf").read_bytes() == feet[0].read_bytes()
    assert (tmp_path / "2-walk.asf").read_bytes() == feet[1].read_bytes()


def test_repair_keeps_it(vendor_file: Path, recording: Path, tmp_path: Path) -> None:
    data = recording.read_bytes()
    recording.write_bytes(data[:-500])
    repair(recording, tmp_path / "whole.mcap")
    (kept,) = originals(tmp_path / "whole.mcap")
    with (tmp_path / "again.csv").open("wb") as out:
        extract(tmp_path / "whole.mcap", kept, out)
    assert (tmp_path / "again.csv").read_bytes() == vendor_file.read_bytes()


def test_a_name_stays_in_its_folder(tmp_path: Path) -> None:
    """A file from elsewhere may say anything of where its attachment belongs."""
    path = tmp_path / "run.mcap"
    (tmp_path / "aa_bb_evil.csv").write_bytes(b"x")
    with Recorder(path, header(), originals=[tmp_path / "aa_bb_evil.csv"]) as record:
        for inputs in session(0.5):
            record(inputs)
    for name in (b"../../evil.csv", b"..\\..\\evil.csv"):
        path.write_bytes(path.read_bytes().replace(b"aa_bb_evil.csv", name))
        assert [original.name for original in originals(path)] == ["evil.csv"]
        path.write_bytes(path.read_bytes().replace(name, b"aa_bb_evil.csv"))


def test_damage_is_said(recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = recording.read_bytes()
    (kept,) = originals(recording)
    rng = random.Random(1)
    out = tmp_path / "out"
    out.mkdir()
    for at in rng.sample(range(kept.begin, kept.end), 20):
        broken = bytearray(data)
        broken[at] ^= 0x41
        recording.write_bytes(broken)
        assert main(["export", str(recording), "-o", str(out), "--original"]) == 1
        assert list(out.iterdir()) == []
    assert "damaged" in capsys.readouterr().err
    for cut in (3, kept.begin + 5, kept.end - 9):
        recording.write_bytes(data[:cut])
        with pytest.raises(RecordingError):
            originals(recording)


def test_none_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "run.mcap"
    with Recorder(path, header()) as record:
        for inputs in session(0.5):
            record(inputs)
    assert main(["export", str(path), "-o", str(tmp_path), "--original"]) == 1
    assert "--keep-original" in capsys.readouterr().err
    assert main(["export", str(path), "-o", str(tmp_path / "nowhere"), "--original"]) == 1
    assert "no folder" in capsys.readouterr().err


def test_the_vendors_file_is_never_the_target(vendor_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = vendor_file.read_bytes()
    assert main(["import", str(vendor_file), "-o", str(vendor_file), "--force"]) == 1
    assert "is the vendor's file itself" in capsys.readouterr().err
    assert vendor_file.read_bytes() == before
