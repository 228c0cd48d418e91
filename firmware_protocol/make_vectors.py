"""Writes vectors.json, the examples that every implementation of the protocol has to agree on.

Run `python -m firmware_protocol.make_vectors` after a deliberate change, and read the difference before keeping it.

Each vector is one byte stream and everything that comes out of it. `encodes` marks those that an encoder reproduces
byte for byte from what comes out; the others hold damage, or bytes that an encoder never writes.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from firmware_protocol.commands import RequestInformation, SetRate, SetZero, Start, Stop, TimePing
from firmware_protocol.crc import seal
from firmware_protocol.decoder import Decoded, Decoder
from firmware_protocol.device_messages import (
    CommandReply,
    CommandResult,
    DeviceInformation,
    DeviceState,
    ErrorCode,
    ErrorReport,
    Motion,
    MotionSensor,
    TimeReply,
)
from firmware_protocol.encoder import encode_pressure, encode_pressure_packets
from firmware_protocol.messages import encode_message
from firmware_protocol.packet import PacketType, Side, packet
from firmware_protocol.payload import MessageBody

__all__ = ["VECTORS", "described", "vectors"]

VECTORS = Path(__file__).with_name("vectors.json")


def vectors() -> list[dict[str, Any]]:
    """All vectors, as they stand in the file."""
    result = []
    for about, encodes, stream in [*_good(), *_bad()]:
        decoder = Decoder()
        parts = [decoder.push(stream), decoder.flush()]
        counters = {name: value for name, value in asdict(decoder.counters).items() if value}
        frames = [frame for part in parts for frame in _frames(part)]
        messages = [message for part in parts for message in _messages(part)]
        result.append(
            {
                "about": about,
                "encodes": encodes,
                "hex": stream.hex(),
                "frames": frames,
                "messages": messages,
                "counters": counters,
            },
        )
    return result


def described(all_vectors: list[dict[str, Any]]) -> str:
    """Text of the file: one line for every member of a vector, so that differences can be read."""
    blocks = [
        "  {\n" + ",\n".join(f"    {json.dumps(key)}: {_lines(value)}" for key, value in vector.items()) + "\n  }"
        for vector in all_vectors
    ]
    return "[\n" + ",\n".join(blocks) + "\n]\n"


def _lines(value: object) -> str:
    if isinstance(value, list) and value:
        return "[\n      " + ",\n      ".join(json.dumps(item) for item in value) + "\n    ]"
    return json.dumps(value)


def _frames(decoded: Decoded) -> Iterator[dict[str, Any]]:
    for block in decoded.frames:
        for i in range(len(block.sequence)):
            yield {
                "side": block.side,
                "sequence": int(block.sequence[i]),
                "tick_us": int(block.tick_us[i]),
                "end": int(block.end[i]),
                "counts": block.counts[i].tolist(),
            }


def _messages(decoded: Decoded) -> Iterator[dict[str, Any]]:
    for message in decoded.messages:
        yield {
            "type": message.body.PACKET_TYPE.name,
            "side": message.side,
            "sequence": message.sequence,
            "tick_us": message.tick_us,
            "end": message.end,
            "body": {name: _plain(value) for name, value in asdict(message.body).items()},  # type: ignore[call-overload]
        }


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    return value.tolist() if isinstance(value, np.ndarray) else value


def _counts(frames: int, cells: int, highest: int = 4095) -> npt.NDArray[np.uint16]:
    """Counts that differ everywhere, without a random generator."""
    number = np.arange(frames * cells, dtype=np.int64).reshape(frames, cells)
    return (number * 2654435761 % (highest + 1)).astype(np.uint16)


_INFORMATION = DeviceInformation(
    cells=99,
    bits=12,
    rate_mhz=200_000,
    layout_hash=bytes.fromhex("0123456789abcdef"),
    calibration_id=bytes.fromhex("0000000000000007"),
    model="Demo insole 99",
    serial_number="L-000042",
    firmware_version="1.4.0",
)


def _good() -> Iterator[tuple[str, bool, bytes]]:
    """What a sender may send."""
    pressure = encode_pressure
    yield "one frame of 4 cells", True, pressure(Side.LEFT, 1, 5000, 5000, np.array([[0, 1, 256, 4095]], np.uint16))
    yield "one frame of 99 cells, which fills a packet", True, pressure(Side.RIGHT, 7, 100, 5000, _counts(1, 99))
    yield (
        "8 frames of 16 cells: 6 in the first packet, 2 in the second",
        True,
        pressure(0, 0, 0, 10_000, _counts(8, 16)),
    )
    yield (
        "a whole belt with one cell, interval not stated: one frame in a packet",
        True,
        pressure(Side.BOTH, 3, 4, 0, _counts(2, 1)),
    )
    yield (
        "sequence and tick pass 2^32 inside a packet",
        True,
        pressure(0, 2**32 - 2, 2**32 - 7500, 5000, _counts(4, 3)),
    )
    yield (
        "16-bit counts that contain the sync word",
        True,
        pressure(0, 0, 0, 5000, np.array([[0x5AA5, 0x01A5, 0x5A00, 0xFFFF]], np.uint16)),
    )
    yield "one frame of 256 cells in three fragments", True, pressure(0, 9, 1000, 5000, _counts(1, 256))
    yield "12-bit counts, odd number of cells, 2 frames", True, pressure(1, 0, 0, 5000, _counts(2, 3), bits=12)
    yield "12-bit counts, one frame of 99 cells", True, pressure(1, 5, 50, 5000, _counts(1, 99), bits=12)
    yield (
        "12-bit counts, one frame of 145 cells in two fragments",
        True,
        pressure(1, 5, 50, 5000, _counts(1, 145), bits=12),
    )
    left, right = (encode_pressure_packets(side, 0, 30 * side, 5000, _counts(2, 60)) for side in (0, 1))
    yield "two feet on one line", True, b"".join([right[0], left[0], right[1], left[1]])
    for body in _bodies():
        name = type(body).__name__
        from_host = body.PACKET_TYPE >= PacketType.START
        yield f"message: {name}", True, encode_message(body, Side.LEFT, 17, 0 if from_host else 123_456)
    yield (
        "a message to both feet, between frames",
        True,
        left[0] + encode_message(Start(), Side.BOTH, 2**32 - 1) + left[1],
    )
    longer = SetRate(100_000).to_payload() + b"fields of a later revision"
    yield "a message that is longer than this revision knows", False, packet(PacketType.SET_RATE, 0, 1, 0, longer)


def _bodies() -> Iterator[MessageBody]:
    yield _INFORMATION
    yield DeviceState(battery_percent=87, battery_mv=3912, charging=False, temperature_c=31.25)
    yield DeviceState(battery_percent=None, battery_mv=None, charging=True, temperature_c=None)
    yield DeviceState(battery_percent=0, battery_mv=1, charging=False, temperature_c=-10.5)
    samples = np.array([[0, -1, 32767], [-32768, 256, 100]], np.int16)
    yield Motion(MotionSensor.ACCELERATION, 1000, 5000, 0.0625, samples)
    yield Motion(MotionSensor.ANGULAR_VELOCITY, 2**32 - 1, 1000, 2.0**-10, samples[:1])
    yield ErrorReport(ErrorCode.SENSOR, fatal=False, detail=41, text="cell 41 open")
    yield ErrorReport(0x8001, fatal=True, detail=2**32 - 1, text="")
    yield CommandReply(PacketType.SET_RATE, 17, CommandResult.DONE, 199_840)
    yield TimeReply(token=2**64 - 2, received_tick_us=2**32 - 1)
    yield Start()
    yield Stop()
    yield SetRate(200_000)
    yield SetZero(2000)
    yield RequestInformation()
    yield TimePing(1_234_567_890_123_456_789)


def _bad() -> Iterator[tuple[str, bool, bytes]]:
    """What a receiver has to survive, and must count."""
    one, two, three = encode_pressure_packets(0, 0, 0, 5000, _counts(3, 16), frames_in_packet=1)
    flipped = bytearray(two)
    flipped[30] ^= 0x10
    yield "a flipped bit costs its packet only", False, one + flipped + three
    longer = bytearray(two)
    longer[4] = 224
    yield "a length damaged upwards hides nothing", False, one + longer + three
    shorter = bytearray(two)
    shorter[4] = 8
    yield "a length damaged downwards hides nothing", False, one + shorter + three
    beyond = bytearray(two)
    beyond[4] = 225
    yield "a length above the bound is no packet", False, one + beyond + three
    yield "a packet cut short", False, one + two[:25] + three
    yield "bytes inserted between packets", False, b"\x00\xa5" + one + b"\xa5\xa5\x5a\x01" + two + b"\xff\xa5"
    yield "the stream ends inside a packet", False, one + two[:-1]
    yield "the stream ends inside a packet that hides a good one", False, bytes(longer[:20]) + three
    yield "an unknown packet type is skipped", False, one + packet(0x7F, 0, 1, 0, b"later work") + two
    yield "another version is skipped", False, one + _changed(two, 2, 2) + three
    yield "flags are for later and ignored", False, _changed(one, 7, 0xFF)
    yield "side 3 does not exist", False, _changed(one, 6, 3)
    yield "no cells", False, _changed(one, 20, 0)
    yield "no frames", False, _changed(one, 21, 0)
    yield "more cells than the frame has", False, _changed(one, 16, 15)
    yield "cells beyond the end of the frame", False, _changed(_changed(one, 16, 17), 18, 2)
    yield "more than 256 cells in a frame", False, _changed(one, 17, 1)
    yield "fewer counts than announced", False, _changed(_changed(one, 16, 17), 20, 17)
    yield "several frames without an interval", False, packet(1, 0, 0, 0, bytes([1, 0, 0, 0, 1, 2, 0, 0, 1, 0, 2, 0]))
    yield "several frames of fragments", False, packet(1, 0, 0, 0, bytes([2, 0, 0, 0, 1, 2, 1, 0, 1, 0, 2, 0]))
    yield "a pressure packet without its prefix", False, packet(PacketType.PRESSURE_16, 0, 0, 0, bytes(7))
    yield "a message that is too short", False, packet(PacketType.SET_RATE, 0, 0, 0, bytes(3))
    yield "a rate of 0", False, packet(PacketType.SET_RATE, 0, 0, 0, bytes(4))
    yield "a message for side 3", False, _changed(encode_message(Stop(), 0), 6, 3)
    text = ErrorReport(1, fatal=False, detail=0, text="[31m").to_payload().replace(b"[31m", b"\x1b[3m")
    yield "control characters in a text", False, packet(PacketType.ERROR_REPORT, 0, 0, 0, text)
    yield "a text longer than its payload", False, packet(PacketType.ERROR_REPORT, 0, 0, 0, bytes(8) + b"\x05abcd")
    fragments = encode_pressure_packets(1, 20, 0, 5000, _counts(3, 256))
    for lost in range(3):
        rest = [piece for i, piece in enumerate(fragments) if i != 3 + lost]
        yield f"fragment {lost + 1} of 3 of the second frame is lost", False, b"".join(rest)
    yield "fragments 1 and 3 are lost", False, b"".join([*fragments[:3], fragments[4], *fragments[6:]])
    yield "fragments in another order", False, b"".join([fragments[0], fragments[2], fragments[1], *fragments[3:6]])
    yield "the stream ends inside a frame", False, b"".join(fragments[:2])
    yield (
        "a whole frame between the fragments of another",
        False,
        b"".join([fragments[0], encode_pressure(1, 30, 0, 5000, _counts(1, 2)), *fragments[1:3]]),
    )
    yield "nothing", False, b""
    yield "noise", False, bytes(number * 37 % 256 for number in range(300))


def _changed(good: bytes, at: int, value: int) -> bytes:
    """A packet with one byte changed and a check that fits it."""
    body = bytearray(good[:-4])
    body[at] = value
    return seal(bytes(body))


if __name__ == "__main__":
    VECTORS.write_text(described(vectors()), encoding="utf-8")
