"""What the encoder writes decodes to what went in, and what cannot be written is refused."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_protocol import (
    MAX_CELLS,
    MAX_PACKET_BYTES,
    Decoder,
    Frames,
    Side,
    encode_pressure,
    encode_pressure_packets,
)
from firmware_protocol.crc import register
from firmware_protocol.packet import packet

law = settings(deadline=None, max_examples=150)


def only_block(stream: bytes) -> Frames:
    decoder = Decoder()
    (block,) = decoder.push(stream).frames
    assert decoder.counters.frames == len(block.sequence)
    assert decoder.counters.skipped_bytes == decoder.counters.malformed == decoder.counters.incomplete == 0
    return block


@law
@given(
    st.sampled_from(list(Side)),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**32 - 1),
    st.integers(0, 0xFFFF),
    st.integers(1, 40),
    st.integers(1, MAX_CELLS),
    st.sampled_from([12, 16]),
    st.integers(0, 2**32),
)
def test_round_trip(
    side: Side, sequence: int, tick_us: int, interval_us: int, frames: int, cells: int, bits: int, seed: int
) -> None:
    counts = np.random.default_rng(seed).integers(0, 1 << bits, (frames, cells), dtype=np.uint16)
    packets = encode_pressure_packets(side, sequence, tick_us, interval_us, counts, bits=bits)
    assert max(map(len, packets)) <= MAX_PACKET_BYTES
    assert all(register(piece) == 0 for piece in packets)
    stream = encode_pressure(side, sequence, tick_us, interval_us, counts, bits=bits)
    assert b"".join(packets) == stream
    block = only_block(stream)
    assert block.side == side
    np.testing.assert_array_equal(block.counts, counts)
    np.testing.assert_array_equal(block.sequence, (sequence + np.arange(frames)) % 2**32)
    np.testing.assert_array_equal(block.tick_us, (tick_us + interval_us * np.arange(frames)) % 2**32)
    assert block.end[-1] == len(stream)


@law
@given(
    st.lists(st.tuples(st.sampled_from([1, 1, 1, 2, 90]), st.integers(4_990, 5_010)), min_size=1, max_size=80),
    st.sampled_from([1, 16, 99, 120]),
)
def test_frames_with_their_own_numbers_and_ticks(steps: list[tuple[int, int]], cells: int) -> None:
    sequence = 2**32 - 50 + np.cumsum([step for step, _ in steps])
    tick_us = 2**32 - 10**5 + np.cumsum([step for _, step in steps])
    counts = np.arange(len(steps) * cells, dtype=np.uint16).reshape(-1, cells)
    block = only_block(encode_pressure(0, sequence % 2**32, tick_us, 5000, counts))
    np.testing.assert_array_equal(block.sequence, sequence % 2**32)
    np.testing.assert_array_equal(block.counts, counts)
    assert np.abs((block.tick_us - tick_us + 2**31) % 2**32 - 2**31).max() <= 1


def test_packets_of_a_run_have_one_length_and_the_last_holds_the_rest() -> None:
    packets = encode_pressure_packets(0, 0, 0, 5000, np.zeros((20, 16), np.uint16))
    assert [len(piece) for piece in packets] == [28 + 6 * 32] * 3 + [28 + 2 * 32]
    assert {len(piece) for piece in encode_pressure_packets(0, 0, 0, 5000, np.zeros((20, 99), np.uint16))} == {226}


def test_frames_in_a_packet_can_be_limited() -> None:
    counts = np.arange(80, dtype=np.uint16).reshape(5, 16)
    packets = encode_pressure_packets(0, 0, 0, 5000, counts, frames_in_packet=2)
    assert [(len(piece) - 28) // 32 for piece in packets] == [2, 2, 1]
    np.testing.assert_array_equal(only_block(b"".join(packets)).counts, counts)


def test_no_frames_are_no_bytes() -> None:
    assert encode_pressure(0, 0, 0, 5000, np.zeros((0, 99), np.uint16)) == b""
    assert encode_pressure_packets(0, 0, 0, 5000, np.zeros((0, 200), np.uint16)) == []


def test_whole_packets_end_to_end_are_checked_by_one_crc() -> None:
    stream = encode_pressure(0, 0, 0, 5000, np.arange(990, dtype=np.uint16).reshape(10, 99))
    assert zlib.crc32(stream, 0xFFFFFFFF) == 0xFFFFFFFF


COUNTS: npt.NDArray[np.uint16] = np.zeros((3, 16), np.uint16)


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ((3, 0, 0, 5000, COUNTS), {}),
        ((0, 0, 0, 65536, COUNTS), {}),
        ((0, 0, 0, -1, COUNTS), {}),
        ((0, 0, 0, 5000, COUNTS[0]), {}),
        ((0, 0, 0, 5000, np.zeros((1, 257), np.uint16)), {}),
        ((0, 0, 0, 5000, np.zeros((1, 0), np.uint16)), {}),
        ((0, 0, 0, 5000, COUNTS.astype(float)), {}),
        ((0, 0, 0, 5000, COUNTS.astype(np.int64) - 1), {}),
        ((0, 0, 0, 5000, COUNTS.astype(np.int64) + 65536), {}),
        ((0, 0, 0, 5000, COUNTS + 4096), {"bits": 12}),
        ((0, 0, 0, 5000, COUNTS), {"bits": 14}),
        ((0, 0, 0, 5000, COUNTS), {"frames_in_packet": 7}),
        ((0, 0, 0, 5000, COUNTS), {"frames_in_packet": 0}),
        ((0, 0, 0, 5000, np.zeros((1, 200), np.uint16)), {"frames_in_packet": 2}),
        ((0, np.arange(2), 0, 5000, COUNTS), {}),
        ((0, 0, np.arange(4), 5000, COUNTS), {}),
        ((0, 0, np.arange(3.0), 5000, COUNTS), {}),
        ((0, 0.5, 0, 5000, COUNTS), {}),
    ],
)
def test_wrong_arguments_are_refused(arguments: tuple[Any, ...], options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        encode_pressure(*arguments, **options)


@pytest.mark.parametrize("arguments", [(256, 0, b""), (-1, 0, b""), (1, 3, b""), (1, 0, bytes(225))])
def test_wrong_packets_are_refused(arguments: tuple[int, int, bytes]) -> None:
    packet_type, side, payload = arguments
    with pytest.raises(ValueError, match=r"."):
        packet(packet_type, side, 0, 0, payload)
