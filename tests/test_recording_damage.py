"""Recordings: damage costs what it touches, and is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recorded import chunk_starts, expected, flat, recorded_bytes

from insole.errors import RecordingError
from insole.recording import open_recording

# ---- damage ----------------------------------------------------------------------------------------------------------


def in_order_of(part: list[object], whole: list[object]) -> bool:
    """Whether `part` is `whole` with some left out."""
    rest = iter(whole)
    return all(any(item == other for other in rest) for item in part)


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
