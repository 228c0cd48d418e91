"""Integrity: what is missing from a recording, and a clean copy of what is there."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from recorded import expected, flat, header, recorded_bytes, session

from insole.blocks import LinkHealth, Packets, Side, Tick
from insole.checking import check, repair
from insole.errors import RecordingError
from insole.recording import Recorder, open_recording
from insole.sources.synthetic import SyntheticOptions, simulate

SECONDS = 5.0
RATE_HZ = 200


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "run.mcap"
    path.write_bytes(recorded_bytes(SECONDS))
    return path


def test_a_whole_recording(recording: Path) -> None:
    shares: list[float] = []
    report = check(recording, shares.append)
    assert report.whole
    assert report.complete
    assert report.damage == ()
    assert report.duration_s == pytest.approx(SECONDS, abs=0.01)
    assert shares[-1] == 1.0
    frames = int(SECONDS * RATE_HZ)
    assert {side: foot.frames for side, foot in report.feet.items()} == {Side.LEFT: frames, Side.RIGHT: frames}
    deliveries = [item for item in expected(SECONDS) if isinstance(item, tuple)]
    for number, link in report.links.items():
        assert link.deliveries == frames
        assert link.payload_bytes == sum(len(data) for of, _, data in deliveries if of == number)
        assert link.health == LinkHealth(frames=frames)
        assert link.silences == 0
        assert 0.005 < link.longest_silence_s < 0.008
        assert link.first_s < 0.003
        assert link.last_s == pytest.approx(SECONDS, abs=0.01)
    assert report.lines()[0] == f"{recording}: whole, 5.0 s"


def test_what_the_radio_lost_and_damaged_is_counted_and_is_not_the_files_fault(tmp_path: Path) -> None:
    simulation = simulate(SyntheticOptions(seconds=30.0, seed=8, loss_pct=3.0, corrupt_pct=1.0, duplicate_pct=1.0))
    path = tmp_path / "run.mcap"
    with Recorder(path, simulation.header) as recorder:
        for inputs in simulation.inputs:
            recorder(inputs)
    report = check(path)
    assert report.whole
    for side, foot in report.feet.items():
        sent = simulation.truth["links"][side.label]
        assert foot.lost == pytest.approx(sent["frames_lost"], abs=3)
        assert foot.duplicate > 0
        assert report.links[foot.link].health.bad_crc == pytest.approx(sent["packets_corrupted"], abs=3)
    text = "\n".join(report.lines())
    assert f"left: {report.feet[Side.LEFT].frames} frames" in text
    assert "bad CRC" in text


def test_silence_of_a_link_is_found(tmp_path: Path) -> None:
    path = tmp_path / "gap.mcap"
    with Recorder(path, header()) as recorder:
        for n, inputs in enumerate(session(SECONDS)):
            silent = 100 <= n < 600 or 700 <= n < 900
            recorder([item for item in inputs if not (silent and isinstance(item, Packets) and item.link == 1)])
    report = check(path)
    assert report.whole
    assert report.links[0].silences == 0
    assert report.links[1].silences == 2
    assert report.links[1].longest_silence_s == pytest.approx(2.5, abs=0.02)
    assert any("link 1" in line and "2 times silent" in line for line in report.lines())


def test_a_damaged_recording_is_repaired_into_a_whole_one(recording: Path, tmp_path: Path) -> None:
    damaged = bytearray(recorded_bytes(SECONDS))
    damaged[len(damaged) // 2] ^= 1
    recording.write_bytes(damaged[:-10_000])
    report = check(recording)
    assert not report.whole
    assert not report.complete
    assert report.lines()[0].startswith(f"{recording}: not whole")
    assert [line.strip() for line in report.lines()[1 : 1 + len(report.damage)]] == list(report.damage)

    out = tmp_path / "repaired.mcap"
    assert repair(recording, out) == report.damage
    again = check(out)
    assert again.whole
    assert flat(open_recording(out).inputs()) == flat(open_recording(recording).inputs())
    assert {side: foot.frames for side, foot in again.feet.items()} == {
        side: foot.frames for side, foot in report.feet.items()
    }
    warnings = open_recording(out).header.warnings
    assert warnings[0] == "one"
    assert warnings[1:] == tuple(f"before it was repaired: {line}" for line in report.damage)
    assert recording.read_bytes() == damaged[:-10_000]


def test_damage_in_a_closed_file_is_told(recording: Path) -> None:
    damaged = bytearray(recorded_bytes(SECONDS))
    damaged[len(damaged) // 2] ^= 1
    recording.write_bytes(damaged)
    report = check(recording)
    assert report.complete
    assert not report.whole
    assert report.lines()[0].startswith(f"{recording}: damaged")


def test_the_clock_of_the_computer(tmp_path: Path) -> None:
    # UTC gains 50 ppm on the monotonic clock, and is set forward by 2 s once.
    readings = iter(
        [(n * 10_000_000_000, 10**18 + n * 10_000_500_000 + (2_000_000_000 if n > 2 else 0)) for n in range(10)]
    )
    path = tmp_path / "clock.mcap"
    with Recorder(path, header(), clock=lambda: next(readings)) as recorder:
        for t_s in range(60):
            recorder([Tick(t_s * 1_000_000_000)])
    clock = check(path).clock
    assert clock.pairs == 6
    assert clock.largest_step_ms == pytest.approx(2000.5)
    assert clock.drift_ppm == pytest.approx((5 * 0.0005 + 2.0) / 50 * 1e6)
    out = tmp_path / "copy.mcap"
    repair(path, out)
    assert check(out).clock == clock


def test_the_report_as_json(recording: Path) -> None:
    report = json.loads(json.dumps(check(recording).to_dict(), allow_nan=False))
    assert report["whole"] is True
    assert report["feet"]["left"]["frames"] == SECONDS * RATE_HZ
    assert report["links"]["1"]["health"]["bad_crc"] == 0
    assert report["clock"] == {"pairs": 0, "drift_ppm": None, "largest_step_ms": None}


def test_a_repair_never_writes_over_anything(recording: Path, tmp_path: Path) -> None:
    for out in (recording, tmp_path / "." / "run.mcap"):
        with pytest.raises(RecordingError, match="the damaged file itself"):
            repair(recording, out, force=True)
    other = tmp_path / "other.mcap"
    other.write_bytes(b"precious")
    with pytest.raises(RecordingError, match="exists already"):
        repair(recording, other)
    assert other.read_bytes() == b"precious"
    repair(recording, other, force=True)
    assert check(other).whole


def test_a_recording_of_a_foot_it_does_not_name(tmp_path: Path) -> None:
    path = tmp_path / "one.mcap"
    head = header()
    with Recorder(path, replace(head, feet={Side.LEFT: head.feet[Side.LEFT]})) as recorder:
        for inputs in session(2.0):
            recorder(inputs)
    report = check(path)
    assert list(report.feet) == [Side.LEFT]
    assert report.links[1].health.frames == 2 * RATE_HZ


@pytest.mark.parametrize("content", [b"", b"time_s,left_force_n\n"])
def test_what_is_no_recording_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.csv"
    path.write_bytes(content)
    with pytest.raises(RecordingError):
        check(path)
    with pytest.raises(RecordingError):
        repair(path, tmp_path / "out.mcap")
    assert not (tmp_path / "out.mcap").exists()
