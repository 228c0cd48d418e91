"""Small sessions for the tests of what is recorded: inputs, headers, and what must stay the same about them."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from firmware_protocol import encode_pressure
from insole.blocks import Cue, Input, Marker, Packets, Side, Tick
from insole.device import Device
from insole.recording import Header, Recorder
from insole.settings import Runner, Settings

CELLS = 4
RATE_HZ = 200
FRAME_NS = 1_000_000_000 // RATE_HZ
TICK_NS = 200_000_000
CUE = Cue(9, 4, 0, "beep", 2, 64.5, 58.0, 1, 2, 3, 5, 1_000_000)


def device() -> Device:
    """An insole of a few cells, one of its values unknown."""
    return Device(
        name="test",
        rate_hz=float(RATE_HZ),
        x=np.array([0.3, 0.7, 0.3, 0.7]),
        y=np.array([0.1, 0.2, 0.7, 0.8]),
        area_mm2=np.full(CELLS, 2000.0),
        scale_kpa=np.full(CELLS, 0.1),
    )


def header(start_host_ns: int = 0) -> Header:
    """A header with both feet."""
    return Header(
        feet={Side.LEFT: device(), Side.RIGHT: device()},
        settings=Settings(),
        runner=Runner(code="R1", body_mass_kg=70.0),
        start_host_ns=start_host_ns,
        start_utc="2026-01-02T03:04:05+00:00",
        source="test:",
        notes="left shoe worn",
        warnings=("one",),
    )


@cache
def recorded_bytes(seconds: float) -> bytes:
    """That session as a finished recording."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "session.mcap"
        with Recorder(path, header()) as recorder:
            for inputs in session(seconds):
                recorder(inputs)
        return path.read_bytes()


@cache
def expected(seconds: float) -> list[object]:
    """Every input of that session."""
    return flat(session(seconds))


def session(seconds: float, seed: int = 0, start_ns: int = 0) -> Iterator[list[Input]]:
    """Noise from two feet as two live links deliver it: packets in turn, a tick every 0.2 s, a marker every second."""
    rng = np.random.default_rng(seed)
    for n in range(int(seconds * RATE_HZ)):
        t_ns = start_ns + n * FRAME_NS
        inputs: list[Input] = []
        for side in (Side.LEFT, Side.RIGHT):
            counts = rng.integers(0, 4096, (1, CELLS)).astype(np.uint16)
            packet = encode_pressure(side, n, n * 5000, 5000, counts)
            inputs.append(Packets.one(int(side), t_ns + int(rng.integers(0, 2_000_000)), packet))
        if (n + 1) % RATE_HZ == 0:
            inputs.append(Marker(t_ns + 3_000_000, "note", f"second {n // RATE_HZ} ✓"))
        if (n + 1) % (TICK_NS // FRAME_NS) == 0:
            inputs.append(Tick(t_ns + 4_000_000))
        yield inputs


def flat(batches: Iterable[list[Input]]) -> list[object]:
    """Every input on its own, deliveries as (link, host time, bytes): what must not depend on any grouping."""
    out: list[object] = []
    for inputs in batches:
        for item in inputs:
            if isinstance(item, Packets):
                starts = [0, *item.ends.tolist()]
                for stamp, a, b in zip(item.t_host_ns.tolist(), starts[:-1], starts[1:], strict=True):
                    out.append((item.link, stamp, item.data[a:b]))
            else:
                out.append(item)
    return out


def by_link(batches: Iterable[list[Input]]) -> list[object]:
    """The same with the links' deliveries sorted by link between two other inputs: what results may depend on."""
    out: list[object] = []
    between: list[tuple[int, int, bytes]] = []
    for item in flat(batches):
        if isinstance(item, tuple):
            between.append(item)
        else:
            out += [*sorted(between, key=lambda delivery: delivery[0]), item]
            between = []
    return out + sorted(between, key=lambda delivery: delivery[0])


def interleaved(batches: Iterable[list[Input]]) -> Iterator[list[Input]]:
    """The same inputs as live links deliver them: one packet at a time, by host time between two other inputs."""
    for inputs in batches:
        between: list[Packets] = []
        for item in [*inputs, None]:
            if isinstance(item, Packets):
                starts = [0, *item.ends.tolist()]
                between += [
                    Packets.one(item.link, stamp, item.data[a:b])
                    for stamp, a, b in zip(item.t_host_ns.tolist(), starts[:-1], starts[1:], strict=True)
                ]
            else:
                yield from ([packet] for packet in sorted(between, key=lambda packet: int(packet.t_host_ns[0])))
                between = []
                if item is not None:
                    yield [item]


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
