"""Recordings: what went in comes out, whatever happens to the file."""

from __future__ import annotations

import io
import json
import os
import struct
import subprocess
import sys
import tracemalloc
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from mcap.reader import make_reader
from mcap.records import Chunk, RecordBuilder
from mcap.writer import Writer
from recorded import by_link, device, expected, flat, header, recorded_bytes, session

from insole.blocks import Cue, Input, LinkEvent, Marker, Packets, SettingChange, Side, Tick
from insole.errors import RecordingError
from insole.recording import Recorder, batch, is_recording, open_recording
from insole.recording.batch import Columns, encode
from insole.recording.header import Header
from insole.settings import Calibration, Runner, Settings

STAMPS = st.integers(-(2**62), 2**62)
TEXT = st.text(max_size=20)
OTHERS = st.one_of(
    st.builds(Tick, STAMPS),
    st.builds(Marker, STAMPS, TEXT, TEXT),
    st.builds(LinkEvent, STAMPS, st.integers(0, 9), TEXT, TEXT),
    st.builds(SettingChange, STAMPS, TEXT, st.one_of(st.booleans(), st.floats(allow_nan=False), TEXT)),
)


@st.composite
def packets(draw: st.DrawFn) -> Packets:
    """Deliveries of one link, none and empty ones included."""
    deliveries = draw(st.lists(st.binary(max_size=6), max_size=4))
    stamps = draw(st.lists(STAMPS, min_size=len(deliveries), max_size=len(deliveries)))
    ends = np.cumsum([len(d) for d in deliveries], dtype=np.int64)
    return Packets(draw(st.integers(0, 3)), np.array(stamps, np.int64), ends, b"".join(deliveries))


INPUTS = st.lists(st.lists(st.one_of(packets(), packets(), OTHERS), max_size=8), max_size=5)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Three seconds of two links, closed properly."""
    path = tmp_path / "run.mcap"
    path.write_bytes(recorded_bytes(3.0))
    return path


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


# ---- damage ----------------------------------------------------------------------------------------------------------


def in_order_of(part: list[object], whole: list[object]) -> bool:
    """Whether `part` is `whole` with some left out."""
    rest = iter(whole)
    return all(any(item == other for other in rest) for item in part)


def chunk_starts(whole: bytes) -> list[int]:
    """Where the chunks of a good file begin."""
    starts = []
    at = 8
    while at + 9 < len(whole):
        opcode, length = struct.unpack_from("<BQ", whole, at)
        if opcode == 0x06:
            starts.append(at)
        at += 9 + length
    return starts


def test_cut_off_anywhere_reads_up_to_the_cut(recording: Path, tmp_path: Path) -> None:
    whole = recording.read_bytes()
    cut_path = tmp_path / "cut.mcap"
    lengths = []
    for size in range(0, len(whole), 97):
        cut_path.write_bytes(whole[:size])
        try:
            opened = open_recording(cut_path)
        except RecordingError as error:
            assert size < 3000, error  # noqa: PT017 - only a cut within the header may fail
            continue
        read = flat(opened.inputs())
        lengths.append(len(read))
        assert read == expected(3.0)[: len(read)]
        assert not opened.complete
        assert any("no end" in line for line in opened.damage)
    assert lengths == sorted(lengths)
    assert lengths[-1] == len(expected(3.0))


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_damage_anywhere_costs_what_it_touches_and_is_told(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    damaged = bytearray(recorded_bytes(2.0))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        new = data.draw(st.binary(max_size=20))
        damaged[at : at + data.draw(st.integers(0, 20))] = new
    path = tmp_path_factory.mktemp("damage") / "damaged.mcap"
    path.write_bytes(damaged)
    try:
        opened = open_recording(path)
        read = flat(opened.inputs())
    except RecordingError as error:
        assert "\n" not in str(error)  # noqa: PT017
        return
    assert in_order_of(read, expected(2.0))
    if read != expected(2.0):
        assert opened.damage


def test_a_flipped_bit_costs_one_piece(recording: Path) -> None:
    whole = bytearray(recording.read_bytes())
    whole[len(whole) // 2] ^= 0x10
    recording.write_bytes(whole)
    opened = open_recording(recording)
    read = flat(opened.inputs())
    assert in_order_of(read, expected(3.0))
    assert 0.1 < 1 - len(read) / len(expected(3.0)) < 0.15  # 0.4 s of 3 s
    assert len(opened.damage) == 2
    assert "bytes from byte" in opened.damage[0]
    assert "1 pieces of about half a second are missing after" in opened.damage[1]
    assert opened.complete


def test_a_header_lost_at_the_start_is_found_at_the_end(recording: Path) -> None:
    whole = bytearray(recording.read_bytes())
    whole[200:260] = bytes(60)
    recording.write_bytes(whole)
    opened = open_recording(recording)
    assert opened.header.runner.code == "R1"
    assert flat(opened.inputs()) == expected(3.0)
    assert len(opened.damage) == 1


def test_the_last_piece_missing_from_a_closed_file_is_told(recording: Path) -> None:
    whole = recording.read_bytes()
    *_, last, header_again = chunk_starts(whole)
    recording.write_bytes(whole[:last] + whole[header_again:])
    opened = open_recording(recording)
    read = flat(opened.inputs())
    assert read == expected(3.0)[: len(read)]
    assert opened.complete
    assert any("1 pieces" in line for line in opened.damage)


# ---- files of another kind, and hostile ones -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"time_s,left_force_n\n0,1\n", "is not a recording"),
        (bytes(range(256)) * 40, "is not a recording"),
        (b"\x89MCAP0\r\n", "no header that can be read"),
    ],
)
def test_other_files_are_refused_in_one_line(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "other.bin"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=says) as caught:
        open_recording(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert is_recording(path) == content.startswith(b"\x89MCAP0")


@pytest.mark.parametrize("name", ["missing.mcap", "."])
def test_a_path_without_a_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(RecordingError, match=r"cannot be opened|is a folder"):
        open_recording(tmp_path / name)
    with pytest.raises(RecordingError, match=r"cannot be opened|is a folder"):
        is_recording(tmp_path / name)


def mcap_file(path: Path, profile: str, topic: str, payloads: list[bytes], chunked: bool = True) -> Path:
    """An MCAP file as any other program writes one."""
    with path.open("wb") as file:
        writer = Writer(file, use_chunking=chunked)
        writer.start(profile, "another program")
        channel = writer.register_channel(topic, "json", 0)
        for n, payload in enumerate(payloads):
            writer.add_message(channel, n, payload, n)
        writer.finish()  # type: ignore[no-untyped-call]
    return path


def test_mcap_files_of_other_programs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="another program"):
        open_recording(mcap_file(tmp_path / "a.mcap", "ros2", "/scan", [b"{}"]))
    with pytest.raises(RecordingError, match="no header"):
        open_recording(mcap_file(tmp_path / "b.mcap", "insole", "/scan", [b"{}"]))


def test_a_later_format_is_refused_and_says_what_to_do(tmp_path: Path) -> None:
    later = json.loads(header().to_json()) | {"format": 2, "software": "9.0"}
    path = mcap_file(tmp_path / "later.mcap", "insole", "/header", [json.dumps(later).encode()])
    with pytest.raises(RecordingError, match=r"later\.mcap: format 2, written by insole 9\.0.*update insole"):
        open_recording(path)


@pytest.mark.parametrize("chunked", [True, False])
def test_a_header_that_is_none_is_refused(tmp_path: Path, chunked: bool) -> None:
    good = json.loads(header().to_json())
    bad: list[object] = [
        [],
        7,
        {},
        good | {"format": True},
        good | {"feet": {"middle": {}}},
        good | {"feet": {"left": {"area_mm2": []}}},
        good | {"feet": {"left": good["feet"]["left"] | {"area_mm2": [1.0] * 5000}}},
        good | {"settings": {"flags": 1}},
        good | {"settings": {"calibration": {"zero_left_kpa": ["x"]}}},
        good | {"runner": {"body_mass_kg": 7000}},
        good | {"start": {"host_ns": 10**30, "utc": ""}},
        good | {"warnings": "abc"},
    ]
    texts = [json.dumps(values).encode() for values in bad] + [b"{", b"\xff", b"[" * 100_000]
    for n, text in enumerate(texts):
        path = mcap_file(tmp_path / f"{n}.mcap", "insole", "/header", [text], chunked)
        with pytest.raises(RecordingError) as caught:
            open_recording(path)
        assert "\n" not in str(caught.value)


def test_a_setting_of_another_version_is_left_out_and_said(tmp_path: Path) -> None:
    values = json.loads(header().to_json())
    values["settings"]["of_tomorrow"] = 1
    path = mcap_file(tmp_path / "other.mcap", "insole", "/header", [json.dumps(values).encode()])
    read = open_recording(path).header
    assert read.settings == header().settings
    assert any("of_tomorrow" in line for line in read.warnings)


def test_a_chunk_that_swells_takes_no_memory(tmp_path: Path, recording: Path) -> None:
    bomb = zstandard.compress(bytes(1 << 28))
    for stated in (100, 1 << 28, 1 << 60):
        builder = RecordBuilder()
        Chunk("zstd", bomb, 0, 0, zlib.crc32(b""), stated).write(builder)
        whole = recording.read_bytes()
        at = chunk_starts(whole)[-1]
        path = tmp_path / f"{stated}.mcap"
        path.write_bytes(whole[:at] + builder.end() + whole[at:])
        tracemalloc.start()
        opened = open_recording(path)
        read = flat(opened.inputs())
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert read == expected(3.0)
        assert len(opened.damage) == 1
        assert peak < 40 << 20


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_a_message_that_contradicts_itself_is_refused(data: st.DataObject) -> None:
    inputs = [item for batch in data.draw(INPUTS) for item in batch if not isinstance(item, Packets) or len(item.ends)]
    payload = bytearray(encode(inputs))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(payload)))
        payload[at : at + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    try:
        columns = Columns(bytes(payload))
    except (ValueError, TypeError):
        return
    deliveries = [item for item in flat([columns.in_order()]) if isinstance(item, tuple)]
    assert sum(len(payload) for _, _, payload in deliveries) <= len(payload)
    assert by_link([columns.by_link()]) == by_link([columns.in_order()])


@pytest.mark.parametrize(
    "text",
    [
        b"{}",
        b'[{"type": "tick"}]',
        b'[{"type": "tick", "t_host_ns": 1.5}]',
        b'[{"type": "tick", "t_host_ns": true}]',
        b'[{"type": "tick", "t_host_ns": 99999999999999999999}]',
        b'[{"t_host_ns": 1}]',
        b'[{"type": ["tick"], "t_host_ns": 1}]',
        b'[{"type": "marker", "t_host_ns": 1, "kind": null, "label": ""}]',
        b'[{"type": "setting", "t_host_ns": 1, "key": "a", "value": []}]',
        b"[1]",
        b"[" * 100_000,
    ],
)
def test_other_inputs_are_taken_only_as_documented(text: bytes) -> None:
    payload = struct.pack("<4I2I", 0, 1, 0, len(text), 0xFFFFFFFF, 1) + text
    with pytest.raises((ValueError, TypeError)):
        Columns(payload)


CUE = Cue(9, 4, 0, "beep", 2, 64.5, 58.0, 1, 2, 3, 5, 1_000_000)
NO_CUE = Cue(9, 5, 1, "pitch", 0, None, None, 1, 2, 3, withheld="no sound")


def test_cues_are_kept_to_the_nanosecond(tmp_path: Path) -> None:
    path = tmp_path / "cues.mcap"
    with Recorder(path, header()) as recorder:
        recorder([Tick(1), CUE, NO_CUE, Tick(10)])
    assert flat(open_recording(path).inputs()) == [Tick(1), CUE, NO_CUE, Tick(10)]
    assert CUE.delay_ms == pytest.approx(1.000004)
    assert np.isnan(NO_CUE.delay_ms)


def test_inputs_of_a_later_version_are_counted_and_the_rest_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "later.mcap"
    with Recorder(path, header()) as recorder:
        recorder([Tick(1), CUE, Tick(2), CUE])
        recorder([Tick(700_000_000)])
        recorder([CUE])
    monkeypatch.delitem(batch._OTHER_INPUTS, "cue")  # what a version before cues knew
    recording = open_recording(path)
    assert flat(recording.by_link()) == [Tick(1), Tick(2), Tick(700_000_000)]
    assert recording.damage == ("3 inputs are of a kind that this version does not know; a later one wrote them",)
