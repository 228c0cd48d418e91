"""The decoder's laws: any cut of any stream gives the same, what is undamaged comes through, and nothing is invented.

What the right answer is says a second decoder, written from the specification (`decoder_by_the_book`).
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import asdict
from itertools import pairwise
from unittest import mock

import numpy as np
import numpy.typing as npt
import pytest
from decoder_by_the_book import Result, decode_by_the_book
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import firmware_protocol.decoder
from firmware_protocol import (
    MAX_PACKET_BYTES,
    Counters,
    Decoder,
    PacketType,
    Side,
    encode_pressure,
    encode_pressure_packets,
)
from firmware_protocol.packet import packet


def decode(stream: bytes, cuts: list[int]) -> Result:
    """Decode the stream cut at these places."""
    decoder = Decoder()
    result = Result()
    bounds = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    for start, end in pairwise(bounds):
        collect(result, decoder.push(stream[start:end]))
    collect(result, decoder.flush())
    result.counters = asdict(decoder.counters)
    return result


def collect(result: Result, decoded: firmware_protocol.decoder.Decoded) -> None:
    result.messages += [
        (message.side, message.sequence, message.tick_us, message.end, type(message.body), message.body.to_payload())
        for message in decoded.messages
    ]
    for block in decoded.frames:
        assert block.counts.dtype == np.uint16
        assert block.counts.flags.c_contiguous
        assert all(a.dtype == np.int64 for a in (block.sequence, block.tick_us, block.end))
        assert len(block.counts) == len(block.sequence) == len(block.tick_us) == len(block.end) > 0
        rows = zip(
            block.sequence.tolist(), block.tick_us.tolist(), map(tuple, block.counts.tolist()), block.end.tolist(),
            strict=True,
        )  # fmt: skip
        result.frames.setdefault(block.side, []).extend(rows)


def some_counts(frames: int, cells: int, seed: int, bits: int) -> npt.NDArray[np.uint16]:
    return np.random.default_rng(seed).integers(0, 1 << bits, (frames, cells), dtype=np.uint16)


@st.composite
def pressure_packets(draw: st.DrawFn) -> list[bytes]:
    bits = draw(st.sampled_from([16, 12]))
    cells = draw(st.sampled_from([1, 2, 16, 33, 54, 99, 108, 109, 144, 145, 217, 256]) | st.integers(1, 256))
    frames = draw(st.integers(1, 30))
    return encode_pressure_packets(
        draw(st.sampled_from(list(Side))),
        draw(st.sampled_from([0, 7, 2**32 - 3])),
        draw(st.sampled_from([0, 2**32 - 9_000])),
        draw(st.sampled_from([0, 1, 5000, 65535])),
        some_counts(frames, cells, draw(st.integers(0, 9)), bits),
        bits=bits,
        frames_in_packet=draw(st.sampled_from([None, 1])),
    )


@st.composite
def odd_packets(draw: st.DrawFn) -> list[bytes]:
    """Intact packets that hold nothing usable, and bytes that are no packet."""
    payload = draw(st.binary(max_size=24) | st.binary(min_size=224, max_size=224))
    kind = draw(st.integers(0, 5) | st.integers(0, 255))
    good = packet(kind, draw(st.sampled_from(list(Side))), 1, 2, payload)
    at, value = draw(st.sampled_from([(2, 0), (2, 2), (2, 0x81), (6, 3), (6, 255), (7, 255)]))
    changed = good[:at] + bytes([value]) + good[at + 1 : -4]
    return [
        draw(
            st.sampled_from([good, changed + crc(changed)])
            | st.binary(max_size=40)
            | st.sampled_from([b"\xa5", b"\xa5\x5a", b"\xa5\xa5\x5a", b"\xa5\x5a\x01\x01\xe0\x00"])
        )
    ]


def crc(body: bytes) -> bytes:
    return (zlib.crc32(body, 0xFFFFFFFF) ^ 0xFFFFFFFF).to_bytes(4, "little")


@st.composite
def loose_fragments(draw: st.DrawFn) -> list[bytes]:
    """Packets that nearly fit each other, or nearly fit the rules."""
    pieces = []
    for _ in range(draw(st.integers(1, 6))):
        total, first, cells = draw(
            st.sampled_from(
                [(3, 0, 1), (3, 1, 1), (3, 1, 2), (3, 2, 1), (4, 1, 2), (1, 0, 1), (256, 0, 1), (257, 0, 1)]
            )
        )
        kind, frames = draw(st.sampled_from([1, 1, 2])), draw(st.sampled_from([1, 1, 1, 1, 0, 2]))
        sequence, tick_us, interval_us = (draw(st.sampled_from([5, 5, 5, 6])) for _ in range(3))
        prefix = struct.pack("<HHBBH", total, first, cells, frames, interval_us)
        counts = bytes(frames * (2 * cells if kind == 1 else (3 * cells + 1) // 2))
        payload = (prefix + counts)[: draw(st.sampled_from([224, 224, 224, 7]))]
        pieces += [packet(kind, 0, sequence, tick_us, payload)] * draw(st.sampled_from([1, 1, 1, 2]))
    return pieces


packet_lists = st.lists(pressure_packets() | odd_packets() | loose_fragments(), max_size=8)


@st.composite
def packets_in_some_order(draw: st.DrawFn) -> list[bytes]:
    """Runs of packets one after the other, or dealt together, with some missing."""
    runs = draw(packet_lists)
    if draw(st.booleans()):
        longest = max(map(len, runs), default=0)
        everything = [run[i] for i in range(longest) for run in runs if i < len(run)]
    else:
        everything = [piece for run in runs for piece in run]
    lost = draw(st.sets(st.integers(0, max(len(everything) - 1, 0)), max_size=5))
    return [piece for i, piece in enumerate(everything) if i not in lost]


damages = st.lists(
    st.tuples(st.sampled_from(["flip", "delete", "insert", "sync"]), st.integers(0, 2**31), st.integers(0, 255)),
    max_size=6,
)


def damaged(stream: bytes, damage: list[tuple[str, int, int]]) -> bytes:
    data = bytearray(stream)
    for kind, where, value in damage:
        at = where % (len(data) + 1)
        if kind == "flip" and at < len(data):
            data[at] ^= 1 << value % 8
        elif kind == "delete":
            del data[at : at + 1 + value % 30]
        elif kind == "insert":
            data[at:at] = bytes([value]) * (1 + value % 5)
        elif kind == "sync":
            data[at:at] = b"\xa5\x5a\x01\x01" + bytes([value])
    return bytes(data)


law = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@law
@given(
    packets_in_some_order(),
    damages,
    st.lists(st.integers(0, 12_000), max_size=20),
    st.sampled_from([0, 300, 4096, 10**6]),
    st.sampled_from([1, 500, 1 << 20]),
)
def test_any_cut_and_either_way_of_decoding_agree_with_the_specification(
    pieces: list[bytes], damage: list[tuple[str, int, int]], cuts: list[int], few: int, slab: int
) -> None:
    stream = damaged(b"".join(pieces), damage)
    expected = decode_by_the_book(stream)
    with (
        mock.patch.object(firmware_protocol.decoder, "_FEW_BYTES", few),
        mock.patch.object(firmware_protocol.decoder, "_SLAB_BYTES", slab),
    ):
        assert decode(stream, cuts) == expected
        assert decode(stream, []) == expected


@pytest.mark.parametrize("share", [0.0, 0.001, 0.02, 0.3])
@pytest.mark.parametrize("lengths", ["one", "two in turn", "any"])
@pytest.mark.parametrize("slab", [20_000, 1 << 21])
def test_long_streams_agree_with_the_specification(share: float, lengths: str, slab: int) -> None:
    """More packets than one CRC checks; sync words among the counts; damage that comes and goes."""
    rng = np.random.default_rng((round(1000 * share), len(lengths), slab))
    counts = rng.choice([0, 5, 4095, 0x5AA5, 0x00A5, 0xA55A], (1500, 10), p=[0.5, 0.2, 0.2, 0.04, 0.03, 0.03])
    pieces = encode_pressure_packets(0, 0, 0, 5000, counts.astype(np.uint16), frames_in_packet=1)
    if lengths != "one":
        others = encode_pressure_packets(1, 0, 0, 5000, counts[:, :7].astype(np.uint16), frames_in_packet=1)
        pieces = [piece for both in zip(pieces, others, strict=True) for piece in both]
    if lengths == "any":
        pieces = [pieces[i] for i in np.sort(rng.choice(len(pieces), 2000, replace=False))]
    for i in np.flatnonzero(rng.random(len(pieces) // 2) < share):
        piece = bytearray(pieces[i])
        at = int(rng.integers(len(piece)))
        if rng.random() < 0.5:
            piece[at] ^= 0x10
        else:
            del piece[at:]
        pieces[i] = bytes(piece)
    stream = b"".join(pieces)
    with mock.patch.object(firmware_protocol.decoder, "_SLAB_BYTES", slab):
        assert decode(stream, []) == decode_by_the_book(stream)


@law
@given(st.binary(max_size=400) | st.lists(st.sampled_from([0xA5, 0x5A, 0, 1]), max_size=600).map(bytes))
def test_noise_holds_no_frame_and_every_byte_of_it_is_counted(noise: bytes) -> None:
    for cuts in ([], list(range(len(noise)))):
        result = decode(noise, cuts)
        assert not result.frames
        assert result.counters["skipped_bytes"] == len(noise)


@law
@given(pressure_packets(), damages, st.lists(st.integers(0, 8_000), max_size=5))
def test_no_frame_is_invented(pieces: list[bytes], damage: list[tuple[str, int, int]], cuts: list[int]) -> None:
    sent = {side: {row[:3] for row in rows} for side, rows in decode(b"".join(pieces), []).frames.items()}
    received = decode(damaged(b"".join(pieces), damage), cuts).frames
    assert all(row[:3] in sent[side] for side, rows in received.items() for row in rows)


@law
@given(
    st.integers(1, 60),
    st.sampled_from([1, 16, 99]),
    st.lists(st.tuples(st.integers(0, 59), st.integers(0, MAX_PACKET_BYTES), st.sampled_from(["flip", "cut", "gone"]))),
)
def test_every_packet_that_damage_does_not_touch_is_recovered(
    frames: int, cells: int, harm: list[tuple[int, int, str]]
) -> None:
    pieces = encode_pressure_packets(0, 0, 0, 5000, some_counts(frames, cells, frames, 16))
    untouched = [number for number in range(len(pieces)) if number not in {which for which, _, _ in harm}]
    expected = [row[:3] for number in untouched for row in decode(pieces[number], []).frames[0]]
    for which, at, how in harm:
        if which < len(pieces) and pieces[which]:
            piece = bytearray(pieces[which])
            if how == "flip":
                piece[at % len(piece)] ^= 0x40
            else:
                piece = piece[: at % len(piece)] if how == "cut" else bytearray()
            pieces[which] = bytes(piece)
    received = [row[:3] for row in decode(b"".join(pieces), []).frames.get(0, [])]
    assert [row for row in received if row in expected] == expected


def test_a_damaged_length_swallows_nothing_and_waits_for_one_packet_at_most() -> None:
    pieces = encode_pressure_packets(0, 0, 0, 5000, some_counts(4, 20, 1, 16), frames_in_packet=1)
    longer = bytearray(pieces[0])
    longer[4] = 224
    decoder = Decoder()
    assert decoder.push(bytes(longer) + pieces[1] + pieces[2]).frames == []
    (block,) = decoder.push(pieces[3]).frames
    assert block.sequence.tolist() == [1, 2, 3]
    assert decoder.counters.bad_crc == 1
    assert decoder.counters.skipped_bytes == len(pieces[0])


def test_flush_finds_what_a_damaged_length_was_still_hiding() -> None:
    pieces = encode_pressure_packets(0, 0, 0, 5000, some_counts(2, 20, 1, 16), frames_in_packet=1)
    longer = bytearray(pieces[0])
    longer[4] = 224
    decoder = Decoder()
    assert decoder.push(bytes(longer) + pieces[1]).frames == []
    (block,) = decoder.flush().frames
    assert block.sequence.tolist() == [1]
    assert decoder.counters.skipped_bytes == len(pieces[0])


@pytest.mark.parametrize("few", [0, 4096])
def test_a_packet_longer_than_the_bound_is_none_even_if_its_check_is_good(few: int) -> None:
    body = b"\xa5\x5a\x01\x7f\xe1\x00" + bytes(10 + 225)
    frame = encode_pressure(0, 0, 0, 5000, some_counts(1, 16, 1, 16))
    with mock.patch.object(firmware_protocol.decoder, "_FEW_BYTES", few):
        result = decode(frame + body + crc(body) + frame, [])
    assert result.counters["frames"] == 2
    assert result.counters["skipped_bytes"] == len(body) + 4


@pytest.mark.parametrize(("at", "value", "counter"), [(2, 0x81, "unknown_version"), (6, 3, "malformed")])
@pytest.mark.parametrize("few", [0, 4096])
def test_packets_that_are_all_wrong_in_the_same_way(at: int, value: int, counter: str, few: int) -> None:
    body = bytearray(encode_pressure(0, 0, 0, 5000, some_counts(1, 16, 1, 16))[:-4])
    body[at] = value
    with mock.patch.object(firmware_protocol.decoder, "_FEW_BYTES", few):
        result = decode((bytes(body) + crc(bytes(body))) * 3, [])
    assert not result.frames
    assert result.counters[counter] == 3


def fragment(kind: int, sequence: int, tick_us: int, interval_us: int, total: int, first: int, cells: int) -> bytes:
    prefix = struct.pack("<HHBBH", total, first, cells, 1, interval_us)
    return packet(kind, 0, sequence, tick_us, prefix + bytes(2 * cells if kind == 1 else (3 * cells + 1) // 2))


@pytest.mark.parametrize("few", [0, 4096])
@pytest.mark.parametrize(
    "second", [(2, 7, 8, 9, 5), (1, 6, 8, 9, 5), (1, 7, 0, 9, 5), (1, 7, 8, 0, 5), (1, 7, 8, 9, 6)]
)
def test_fragments_that_disagree_are_not_joined(second: tuple[int, int, int, int, int], few: int) -> None:
    same = (1, 7, 8, 9, 5)
    with mock.patch.object(firmware_protocol.decoder, "_FEW_BYTES", few):
        result = decode(fragment(*same, 0, 2) + fragment(*second, 2, second[4] - 2), [])
        assert not result.frames
        assert result.counters["incomplete"] == 1 + (second[1] != 7)
        assert decode(fragment(*same, 0, 2) + fragment(*same, 2, 3), []).counters["frames"] == 1


@pytest.mark.parametrize("few", [0, 4096])
def test_pressure_packets_without_room_for_their_fields_are_malformed(few: int) -> None:
    for payload in (b"", bytes(7)):
        with mock.patch.object(firmware_protocol.decoder, "_FEW_BYTES", few):
            assert decode(packet(1, 0, 0, 0, payload) * 2, []).counters["malformed"] == 2


def test_a_lost_fragment_costs_its_frame_only_and_is_counted_once() -> None:
    pieces = encode_pressure_packets(1, 10, 0, 5000, some_counts(4, 256, 1, 16))
    assert len(pieces) == 12
    for lost in range(3, 6):
        result = decode(b"".join(piece for i, piece in enumerate(pieces) if i != lost), [])
        assert [row[0] for row in result.frames[1]] == [10, 12, 13]
        assert result.counters["incomplete"] == 1
        assert result.counters["skipped_bytes"] == 0


def test_a_frame_still_open_at_the_end_is_incomplete() -> None:
    pieces = encode_pressure_packets(1, 10, 0, 5000, some_counts(1, 256, 1, 16))
    assert decode(b"".join(pieces[:2]), []).counters["incomplete"] == 1


def test_feet_that_take_turns_come_out_as_one_block_each() -> None:
    left = encode_pressure_packets(0, 0, 0, 5000, some_counts(50, 99, 1, 16))
    right = encode_pressure_packets(1, 0, 0, 5000, some_counts(50, 99, 2, 16))
    stream = b"".join(piece for both in zip(right, left, strict=True) for piece in both)
    blocks = Decoder().push(stream).frames
    assert [(block.side, block.counts.shape) for block in blocks] == [(1, (50, 99)), (0, (50, 99))]
    np.testing.assert_array_equal(blocks[0].counts, some_counts(50, 99, 2, 16))
    np.testing.assert_array_equal(blocks[1].end, 452 * np.arange(1, 51))


def test_a_new_number_of_cells_begins_a_new_block() -> None:
    stream = b"".join(
        encode_pressure(0, i, 0, 5000, some_counts(30, cells, 1, 16)) for i, cells in enumerate([99, 16, 99])
    )
    for few in (0, 10**6):
        with mock.patch.object(firmware_protocol.decoder, "_FEW_BYTES", few):
            assert [block.counts.shape for block in Decoder().push(stream).frames] == [(30, 99), (30, 16), (30, 99)]


def test_unknown_types_and_versions_are_skipped_and_counted() -> None:
    body = packet(0x7F, 0, 0, 0, b"later work")
    newer = body[:2] + b"\x02" + body[3:-4]
    frame = encode_pressure(0, 0, 0, 5000, some_counts(1, 16, 1, 16))
    result = decode(body + frame + newer + crc(newer) + frame, [])
    assert len(result.frames[0]) == 2
    assert result.counters | {"unknown_type": 1, "unknown_version": 1, "skipped_bytes": 0} == result.counters


def test_pushes_of_nothing_change_nothing() -> None:
    decoder = Decoder()
    for data in (b"", bytearray(), memoryview(b"")):
        assert decoder.push(data) == firmware_protocol.decoder.Decoded([], [])
    assert decoder.flush() == firmware_protocol.decoder.Decoded([], [])
    assert decoder.counters == Counters(0, 0, 0, 0, 0, 0, 0)


def test_a_buffer_that_the_caller_uses_again_does_not_change_the_frames() -> None:
    data = bytearray(encode_pressure(0, 0, 0, 5000, some_counts(1, 99, 1, 16)))
    (block,) = Decoder().push(data).frames
    data[:] = bytes(len(data))
    np.testing.assert_array_equal(block.counts, some_counts(1, 99, 1, 16))


@pytest.mark.parametrize("cells", [1, 2, 3, 99, 144, 145, 256])
@pytest.mark.parametrize("kind", [PacketType.PRESSURE_16, PacketType.PRESSURE_12])
def test_long_streams_and_short_pushes_give_the_same(cells: int, kind: PacketType) -> None:
    bits = 16 if kind == PacketType.PRESSURE_16 else 12
    counts = some_counts(500, cells, cells, bits)
    stream = encode_pressure(0, 2**32 - 100, 2**32 - 10**6, 5000, counts, bits=bits)
    whole = decode(stream, [])
    assert whole == decode(stream, list(range(0, len(stream), 101)))
    assert whole.counters["frames"] == 500
    assert [row[0] for row in whole.frames[0]] == [(2**32 - 100 + i) % 2**32 for i in range(500)]
    assert [row[1] for row in whole.frames[0]] == [(2**32 - 10**6 + 5000 * i) % 2**32 for i in range(500)]
    np.testing.assert_array_equal(np.array([row[2] for row in whole.frames[0]]), counts)
