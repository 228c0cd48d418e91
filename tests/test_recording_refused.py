"""Files that are no recording, of a later version, or hostile: refused in one line, or read as far as known."""

from __future__ import annotations

import json
import struct
import tracemalloc
import zlib
from pathlib import Path

import pytest
import zstandard
from any_inputs import INPUTS
from hypothesis import given, settings
from hypothesis import strategies as st
from mcap.records import Chunk, RecordBuilder
from mcap.writer import Writer
from recorded import CUE, by_link, chunk_starts, expected, flat, header

from insole.blocks import Packets, Tick
from insole.errors import RecordingError
from insole.recording import Recorder, batch, is_recording, open_recording
from insole.recording.batch import Columns, encode

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
