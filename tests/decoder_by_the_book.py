"""A second decoder of the wire format, written from its specification one packet and one frame at a time.

In: a stream. Out: everything it held, in a form that can be compared.
"""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from dataclasses import dataclass, field

from firmware_protocol import (
    Counters,
)
from firmware_protocol.messages import MESSAGE_TYPES

Frame = tuple[int, int, tuple[int, ...], int]


@dataclass
class Result:
    """Everything a stream held, in a form that can be compared."""

    frames: dict[int, list[Frame]] = field(default_factory=dict)
    messages: list[object] = field(default_factory=list)
    counters: dict[str, int] = field(default_factory=dict)


def decode_by_the_book(stream: bytes) -> Result:
    """The same from the specification, one packet at a time."""
    result = Result()
    count: Counter[str] = Counter()
    open_frames: dict[int, tuple[tuple[int, ...], list[int]]] = {}
    given_up: dict[int, int] = {}
    at = 0
    while at < len(stream):
        if stream[at : at + 2] != b"\xa5\x5a":
            count["skipped_bytes"] += 1
            at += 1
            continue
        length = struct.unpack_from("<H", stream, at + 4)[0] if at + 6 <= len(stream) else 10_000
        end = at + 16 + length + 4
        if length > 224 or end > len(stream):
            count["skipped_bytes"] += 2
            at += 2
            continue
        if zlib.crc32(stream[at : end - 4], 0xFFFFFFFF) ^ 0xFFFFFFFF != struct.unpack_from("<I", stream, end - 4)[0]:
            count["bad_crc"] += 1
            count["skipped_bytes"] += 2
            at += 2
            continue
        version, kind, _, side, _, sequence, tick_us = struct.unpack_from("<BBHBBII", stream, at + 2)
        payload = stream[at + 16 : end - 4]
        at = end
        if version != 1:
            count["unknown_version"] += 1
        elif kind in {1, 2}:
            take_pressure(result, count, open_frames, given_up, kind, side, sequence, tick_us, payload, end)
        elif kind not in MESSAGE_TYPES:
            count["unknown_type"] += 1
        elif side > 2:
            count["malformed"] += 1
        else:
            try:
                body = MESSAGE_TYPES[kind].from_payload(payload)
            except ValueError:
                count["malformed"] += 1
            else:
                result.messages.append((side, sequence, tick_us, end, MESSAGE_TYPES[kind], body.to_payload()))
    count["incomplete"] += len(open_frames)
    result.counters = {name: count[name] for name in Counters.__dataclass_fields__}
    return result


def take_pressure(
    result: Result,
    count: Counter[str],
    open_frames: dict[int, tuple[tuple[int, ...], list[int]]],
    given_up: dict[int, int],
    kind: int,
    side: int,
    sequence: int,
    tick_us: int,
    payload: bytes,
    end: int,
) -> None:
    if side > 2 or len(payload) < 8:
        count["malformed"] += 1
        return
    total, first, cells, frames, interval_us = struct.unpack_from("<HHBBH", payload)
    frame_bytes = 2 * cells if kind == 1 else (3 * cells + 1) // 2
    if (
        cells == 0
        or frames == 0
        or first + cells > total
        or total > 256
        or len(payload) != 8 + frames * frame_bytes
        or (frames > 1 and (cells < total or interval_us == 0))
    ):
        count["malformed"] += 1
        return
    rows = [counts_of(payload[8 + i * frame_bytes :][:frame_bytes], kind, cells) for i in range(frames)]
    identity = (kind, sequence, tick_us, interval_us, total)
    if side in open_frames:
        known, have = open_frames[side]
        if known == identity and len(have) == first:
            have += rows[0]
            if len(have) == total:
                del open_frames[side]
                result.frames.setdefault(side, []).append((sequence, tick_us, tuple(have), end))
                count["frames"] += 1
            return
        del open_frames[side]
        count["incomplete"] += 1
        given_up[side] = known[1]
    if first > 0:
        if given_up.get(side) != sequence:
            count["incomplete"] += 1
            given_up[side] = sequence
        return
    if cells < total:
        open_frames[side] = (identity, rows[0])
        return
    for i, row in enumerate(rows):
        frame = ((sequence + i) % 2**32, (tick_us + i * interval_us) % 2**32, tuple(row), end)
        result.frames.setdefault(side, []).append(frame)
        count["frames"] += 1


def counts_of(wire: bytes, kind: int, cells: int) -> list[int]:
    if kind == 1:
        return [wire[2 * i] + 256 * wire[2 * i + 1] for i in range(cells)]
    number = int.from_bytes(wire, "little")  # 12-bit counts are one long little-endian number
    return [number >> 12 * i & 0xFFF for i in range(cells)]
