"""The golden vectors: the file is what the code says, and both directions agree with it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from firmware_protocol import MESSAGE_TYPES, Decoder, PacketType
from firmware_protocol.make_vectors import VECTORS, described, vectors
from firmware_protocol.packet import FRAME_TYPES, packet

GOLDEN: list[dict[str, Any]] = json.loads(VECTORS.read_text(encoding="utf-8"))


def test_the_file_is_up_to_date() -> None:
    """If this change is meant: python -m firmware_protocol.make_vectors, and read the difference."""
    assert VECTORS.read_text(encoding="utf-8") == described(vectors())


@pytest.mark.parametrize("vector", GOLDEN, ids=lambda vector: vector["about"])
def test_byte_by_byte_gives_what_the_vector_says(vector: dict[str, Any]) -> None:
    decoder = Decoder()
    stream = bytes.fromhex(vector["hex"])
    parts = [decoder.push(stream[i : i + 1]) for i in range(len(stream))]
    parts.append(decoder.flush())
    frames = [
        {
            "side": block.side,
            "sequence": int(sequence),
            "tick_us": int(tick_us),
            "end": int(end),
            "counts": row.tolist(),
        }
        for part in parts
        for block in part.frames
        for sequence, tick_us, end, row in zip(block.sequence, block.tick_us, block.end, block.counts, strict=True)
    ]
    whole = sorted(vector["frames"], key=lambda frame: frame["end"])  # blocks of a whole push come side by side
    assert frames == whole
    messages = [message for part in parts for message in part.messages]
    assert [(m.body.PACKET_TYPE.name, m.side, m.sequence, m.tick_us, m.end) for m in messages] == [
        (m["type"], m["side"], m["sequence"], m["tick_us"], m["end"]) for m in vector["messages"]
    ]
    counters = decoder.counters
    for name in counters.__dataclass_fields__:
        assert getattr(counters, name) == vector["counters"].get(name, 0), name


@pytest.mark.parametrize("vector", [v for v in GOLDEN if v["encodes"]], ids=lambda vector: vector["about"])
def test_messages_encode_to_the_bytes_of_the_vector(vector: dict[str, Any]) -> None:
    stream = bytes.fromhex(vector["hex"])
    for message in Decoder().push(stream).messages:
        again = packet(
            message.body.PACKET_TYPE, message.side, message.sequence, message.tick_us, message.body.to_payload()
        )
        assert stream[message.end - len(again) : message.end] == again


def test_every_packet_type_has_a_vector_and_a_meaning() -> None:
    assert set(MESSAGE_TYPES) | FRAME_TYPES == set(PacketType)
    assert all(packet_type == body.PACKET_TYPE for packet_type, body in MESSAGE_TYPES.items())
    assert {message["type"] for vector in GOLDEN for message in vector["messages"]} == {
        PacketType(packet_type).name for packet_type in MESSAGE_TYPES
    }


def test_every_counter_has_a_vector() -> None:
    assert {name for vector in GOLDEN for name in vector["counters"]} == set(Decoder().counters.__dataclass_fields__)
