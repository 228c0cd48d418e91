"""Recordings: what went in comes out, readable without this package, and what is written survives."""

from __future__ import annotations

import io
import json
import os
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from any_inputs import INPUTS
from hypothesis import given, settings
from mcap.reader import make_reader
from recorded import CUE, by_link, chunk_starts, device, expected, flat, header, recorded_bytes, session

from insole.blocks import Cue, Input, Marker, Packets, Side, Tick
from insole.errors import RecordingError
from insole.recording import Recorder, open_recording
from insole.recording.header import Header
from insole.settings import Calibration, Runner, Settings

# ---- round trip ------------------------------------------------------------------------------------------------------


@given(INPUTS)
@settings(max_examples=60, deadline=None)
def test_any_inputs_come_back_in_order(tmp_path_factory: pytest.TempPathFactory, batches: list[list[Input]]) -> None:
    path = tmp_path_factory.mktemp("any") / "any.mcap"
    with Recorder(path, header()) as recorder:
        for inputs in batches:
            recorder(inputs)
    opened = open_recording(path)
    assert flat(opened.inputs()) == flat(batches)
    assert by_link(opened.by_link()) == by_link(batches)
    assert opened.complete
    assert opened.damage == ()


def test_interleaved_links_come_back_in_order_and_grouped_in_few_objects(recording: Path) -> None:
    opened = open_recording(recording)
    assert flat(opened.inputs()) == expected(3.0)
    grouped = list(opened.by_link())
    assert by_link(grouped) == by_link(session(3.0))
    # Two spells between ticks a list, a marker within one of them, two links.
    assert max(sum(isinstance(item, Packets) for item in inputs) for inputs in grouped) <= 6


def test_how_inputs_were_grouped_into_calls_leaves_no_trace(tmp_path: Path, recording: Path) -> None:
    with Recorder(tmp_path / "one.mcap", header()) as recorder:
        recorder([item for inputs in session(3.0) for item in inputs])
    assert (tmp_path / "one.mcap").read_bytes() == recorded_bytes(3.0)


def test_header_comes_back(tmp_path: Path) -> None:
    calibrated = Settings(calibration=Calibration(gain_left=1.1, lr_known=True, zero_left_kpa=(1.0, 2.0, 3.0, 4.0)))
    plate = device().with_changes(x=np.full(4, np.nan), y=np.full(4, np.nan), tau_ms=2.0)
    written = replace(header(start_host_ns=-5), settings=calibrated, feet={Side.RIGHT: plate})
    path = tmp_path / "header.mcap"
    Recorder(path, written).close()
    read = open_recording(path).header
    assert read.settings == calibrated
    assert read.runner == written.runner
    assert replace(read, feet={}, settings=Settings(), software="") == replace(written, feet={}, settings=Settings())
    assert read.software
    assert list(read.feet) == [Side.RIGHT]
    for name in device().__dataclass_fields__:
        np.testing.assert_array_equal(getattr(read.feet[Side.RIGHT], name), getattr(plate, name))
    assert np.isnan(Header.from_json(header().to_json()).feet[Side.LEFT].tau_ms)


def test_a_header_that_json_cannot_hold_is_refused(tmp_path: Path) -> None:
    endless = replace(header(), runner=Runner(speed_m_s=float("inf")))
    with pytest.raises(RecordingError, match="header"):
        Recorder(tmp_path / "x.mcap", endless)
    assert not (tmp_path / "x.mcap").exists()


def test_clock_pairs_are_recorded_every_ten_seconds(tmp_path: Path) -> None:
    readings = iter([(100, 5000), (200, 5100), (300, 5200), (400, 5300)])
    path = tmp_path / "clock.mcap"
    with Recorder(path, header(), clock=lambda: next(readings)) as recorder:
        for t_s in range(25):
            recorder([Tick(t_s * 1_000_000_000)])
    opened = open_recording(path)
    assert flat(opened.inputs()) == [Tick(t_s * 1_000_000_000) for t_s in range(25)]
    assert opened.clock == ((100, 5000), (200, 5100), (300, 5200))


def test_a_long_run_of_deliveries_is_cut_into_messages_that_a_reader_takes(tmp_path: Path) -> None:
    n, size = 9000, 1000
    big = Packets(3, np.arange(n) * 1000, size * np.arange(1, n + 1), np.arange(n * size // 4, dtype="<u4").tobytes())
    path = tmp_path / "big.mcap"
    with Recorder(path, header()) as recorder:
        recorder([big])
    opened = open_recording(path)
    assert flat(opened.inputs()) == flat([[big]])
    assert opened.damage == ()
    assert len(list(opened.inputs())) > 3


def test_a_delivery_that_no_link_makes_is_refused(tmp_path: Path) -> None:
    with Recorder(tmp_path / "x.mcap", header()) as recorder, pytest.raises(RecordingError, match="delivery"):
        recorder([Packets.one(0, 0, bytes(9 << 20))])


NO_CUE = Cue(9, 5, 1, "pitch", 0, None, None, 1, 2, 3, withheld="no sound")


def test_cues_are_kept_to_the_nanosecond(tmp_path: Path) -> None:
    path = tmp_path / "cues.mcap"
    with Recorder(path, header()) as recorder:
        recorder([Tick(1), CUE, NO_CUE, Tick(10)])
    assert flat(open_recording(path).inputs()) == [Tick(1), CUE, NO_CUE, Tick(10)]
    assert CUE.delay_ms == pytest.approx(1.000004)
    assert np.isnan(NO_CUE.delay_ms)


# ---- the file is readable without this package -----------------------------------------------------------------------


def test_layout_read_by_its_description_alone(recording: Path) -> None:
    seen: list[object] = []
    with recording.open("rb") as file:
        reader = make_reader(file, validate_crcs=True)
        for schema, channel, message in reader.iter_messages(log_time_order=False):
            if channel.topic == "/header":
                assert json.loads(message.data)["runner"]["code"] == "R1"
            if channel.topic != "/inputs":
                continue
            assert schema is not None
            assert schema.data.startswith(b"insole.Inputs, layout 1")
            seen += _by_description(message.data)
        summary = reader.get_summary()
    assert seen == expected(3.0)
    assert summary is not None
    assert [index.chunk_start_offset for index in summary.chunk_indexes] == chunk_starts(recording.read_bytes())
    assert summary.statistics is not None
    assert summary.statistics.message_count == len(summary.chunk_indexes)


def _by_description(data: bytes) -> list[object]:
    """An `/inputs` message by the text of its schema, with struct alone."""
    stream = io.BytesIO(data)

    def take(form: str) -> tuple[int, ...]:
        return struct.unpack(form, stream.read(struct.calcsize(form)))

    n_links, n_runs, n, n_json = take("<4I")
    stamps, lengths = take(f"<{n}q"), take(f"<{n}I")
    links = [take("<2I") for _ in range(n_links)]
    runs = [take("<2I") for _ in range(n_runs)]
    others = iter(json.loads(stream.read(n_json) or b"[]"))
    queues = []
    at = 0
    for link, count in links:
        queues.append(iter([(link, stamps[i], stream.read(lengths[i])) for i in range(at, at + count)]))
        at += count
    out: list[object] = []
    for position, count in runs:
        for _ in range(count):
            if position == 0xFFFFFFFF:
                values = next(others)
                kind = {"tick": Tick, "marker": Marker}[values.pop("type")]
                out.append(kind(**values))
            else:
                out.append(next(queues[position]))
    return out


# ---- creating --------------------------------------------------------------------------------------------------------


def test_a_file_is_never_overwritten_unasked_and_a_new_one_its_owners_alone(tmp_path: Path, recording: Path) -> None:
    with pytest.raises(RecordingError, match="exists already"):
        Recorder(recording, header())
    assert recording.read_bytes() == recorded_bytes(3.0)
    recording.chmod(0o644)
    Recorder(recording, header(), force=True).close()
    assert flat(open_recording(recording).inputs()) == []
    if os.name == "posix":
        assert recording.stat().st_mode & 0o777 == 0o600
    with pytest.raises(RecordingError, match="cannot be created"):
        Recorder(tmp_path / "nowhere" / "x.mcap", header())


def test_a_full_disk_is_one_clear_error_and_keeps_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "full.mcap"
    resource = pytest.importorskip("resource", reason="no limit on file size on this system")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    recorder = Recorder(path, header())
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
        with pytest.raises(RecordingError, match=r"full\.mcap: cannot be written: "):
            recorder([item for inputs in session(10.0) for item in inputs])
        recorder.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    opened = open_recording(path)
    read = flat(opened.inputs())
    assert read
    assert read == expected(10.0)[: len(read)]


def test_a_recording_is_readable_while_it_grows(tmp_path: Path) -> None:
    path = tmp_path / "growing.mcap"
    with Recorder(path, header()) as recorder:
        for inputs in session(2.0):
            recorder(inputs)
        opened = open_recording(path)
        read = flat(opened.inputs())
        assert not opened.complete
        assert any("still going on" in line for line in opened.damage)
    assert read == expected(2.0)[: len(read)]
    assert len(read) > len(expected(2.0)) * 0.6


KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from recorded import header, session
from insole.recording import Recorder
recorder = Recorder(Path({path!r}), header())
for n, inputs in enumerate(session(1e6)):
    recorder(inputs)
    print(n, flush=True)
"""


def test_a_killed_recorder_loses_less_than_a_second(tmp_path: Path) -> None:
    path = tmp_path / "killed.mcap"
    program = KILLED.format(tests=str(Path(__file__).parent), path=str(path))
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            handed_over = int(line)
            if handed_over == 777:
                process.kill()
                break
    opened = open_recording(path)
    read = flat(opened.inputs())
    assert read[: len(expected(4.0))] == expected(4.0)[: len(read)]
    ticks = [item for item in read if isinstance(item, Tick)]
    assert ticks[-1].t_host_ns >= handed_over * 5_000_000 - 1_000_000_000
    assert not opened.complete
