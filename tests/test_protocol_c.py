"""The C reference says the same as the Python codec: on the golden vectors, and on streams damaged at random."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import firmware_protocol
from firmware_protocol import (
    Decoded,
    Decoder,
    DeviceState,
    ErrorReport,
    MessageBody,
    Motion,
    SetRate,
    Side,
    TimePing,
    encode_message,
    encode_pressure_packets,
)
from firmware_protocol.make_vectors import VECTORS
from firmware_protocol.packet import packet

SOURCES = Path(firmware_protocol.__file__).parent / "c"
STRICT = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-Wconversion", "-Wshadow"]
SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]


@pytest.fixture(scope="module")
def check(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program of check.c, with sanitizers where the compiler has them."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    folder = tmp_path_factory.mktemp("c")
    (folder / "empty.c").write_text("int main(void) { return 0; }\n", encoding="utf-8")
    sources = [str(SOURCES / "insole_protocol.c"), str(SOURCES / "check.c")]
    subprocess.run([compiler, *STRICT, "-O2", *sources, "-o", str(folder / "plain")], check=True)
    probe = [compiler, *SANITIZERS, str(folder / "empty.c"), "-o", str(folder / "empty")]
    if subprocess.run(probe, check=False, capture_output=True).returncode != 0:
        return folder / "plain"
    subprocess.run([compiler, *STRICT, "-O1", "-g", *SANITIZERS, *sources, "-o", str(folder / "check")], check=True)
    return folder / "check"


def said_by_c(program: Path, streams: list[bytes], pushes: list[int]) -> list[list[str]]:
    """Lines of the program for each stream."""
    data = b"".join(
        struct.pack("<II", len(stream), push) + stream for stream, push in zip(streams, pushes, strict=True)
    )
    output = subprocess.run([program], input=data, capture_output=True, check=True).stdout.decode()
    parts = output.split("end\n")
    assert parts.pop() == ""
    return [part.splitlines() for part in parts]


def said_by_python(stream: bytes) -> list[str]:
    """The same lines from the Python codec, frames and messages in the order of their ends."""
    decoder = Decoder()
    lines: list[tuple[int, str]] = []
    for decoded in (decoder.push(stream), decoder.flush()):
        lines += lines_of(decoded)
    c = decoder.counters
    lines.sort(key=lambda line: line[0])
    counted = [c.frames, c.bad_crc, c.skipped_bytes, c.unknown_type, c.unknown_version, c.incomplete, c.malformed]
    return [*(text for _, text in lines), "counters " + " ".join(map(str, counted))]


def lines_of(decoded: Decoded) -> list[tuple[int, str]]:
    lines = []
    for block in decoded.frames:
        for sequence, tick_us, end, row in zip(block.sequence, block.tick_us, block.end, block.counts, strict=True):
            numbers = " ".join(map(str, row.tolist()))
            lines.append((int(end), f"frame {block.side} {sequence} {tick_us} {end} {numbers}"))
    for message in decoded.messages:
        head = f"message {int(message.body.PACKET_TYPE)} {int(message.side)} {message.sequence} {message.tick_us}"
        lines.append((message.end, f"{head} {message.end} {message.body.to_payload().hex()}"))
    return lines


def test_the_vectors_decode_the_same_and_encode_to_the_same_bytes(check: Path) -> None:
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))
    streams = [bytes.fromhex(vector["hex"]) for vector in vectors]
    for push in (1, 7, 244, 100_000):
        for vector, stream, lines in zip(
            vectors, streams, said_by_c(check, streams, [push] * len(streams)), strict=True
        ):
            assert [line for line in lines if not line.startswith("packet ")] == said_by_python(stream)
            if vector["encodes"]:
                again = "".join(line.removeprefix("packet ") for line in lines if line.startswith("packet "))
                assert again == vector["hex"], vector["about"]


def random_stream(rng: np.random.Generator) -> tuple[bytes, set[tuple[int, int, int, bytes]]]:
    """Return a damaged stream, and side, number, tick and counts of every frame in it before the damage."""
    runs = []
    sent = set()
    for _ in range(int(rng.integers(1, 4))):
        side = int(rng.integers(3))
        bits = int(rng.choice([12, 16]))
        cells = int(rng.choice([1, 2, 16, 99, 108, 109, 145, 256, rng.integers(1, 257)]))
        frames = int(rng.integers(1, 12))
        counts = rng.integers(0, 1 << bits, (frames, cells), dtype=np.uint16)
        if rng.random() < 0.2:
            counts[:] = 0x5AA5 & (1 << bits) - 1
        sequence, tick_us = (int(number) for number in rng.integers(0, 2**32, 2))
        runs.append(encode_pressure_packets(side, sequence, tick_us, 5000, counts, bits=bits))
        for i in range(frames):
            sent.add((side, (sequence + i) % 2**32, (tick_us + 5000 * i) % 2**32, counts[i].tobytes()))
    runs.append([encode_message(random_body(rng), int(rng.integers(3)), int(rng.integers(2**32)))])
    runs.append([packet(int(rng.integers(256)), int(rng.choice(Side)), 0, 0, rng.bytes(int(rng.integers(9, 40))))])
    pieces = [piece for run in runs for piece in run]
    if rng.random() < 0.5:
        pieces = [run[i] for i in range(max(map(len, runs))) for run in runs if i < len(run)]
    stream = bytearray(b"".join(piece for piece in pieces if rng.random() > 0.03))
    for _ in range(int(rng.poisson(2))):
        at = int(rng.integers(len(stream) + 1))
        match int(rng.integers(4)):
            case 0 if at < len(stream):
                stream[at] ^= 1 << int(rng.integers(8))
            case 1:
                del stream[at : at + int(rng.integers(1, 40))]
            case 2:
                stream[at:at] = rng.bytes(int(rng.integers(1, 8)))
            case 3:
                stream[at:at] = b"\xa5\x5a\x01\x01" + rng.bytes(2)
    return bytes(stream), sent


def random_body(rng: np.random.Generator) -> MessageBody:
    bodies: list[MessageBody] = [
        SetRate(int(rng.integers(1, 2**32))),
        TimePing(int(rng.integers(2**63))),
        ErrorReport(int(rng.integers(2**16)), fatal=bool(rng.integers(2)), detail=0, text="x" * int(rng.integers(49))),
        DeviceState(int(rng.integers(101)), None, charging=True, temperature_c=int(rng.integers(-9999, 9999)) / 100),
        Motion(1, 0, 5000, 0.5, rng.integers(-(2**15), 2**15, (int(rng.integers(1, 30)), 3)).astype(np.int16)),
    ]
    return bodies[int(rng.integers(len(bodies)))]


def compare_on_random_streams(program: Path, seed: int, count: int) -> None:
    """C and Python agree on everything, any cut gives the same, and no frame comes out that did not go in."""
    rng = np.random.default_rng(seed)
    streams, sent = zip(*(random_stream(rng) for _ in range(count)), strict=True)
    pushes = rng.integers(1, 400, count).tolist()
    for stream, frames, push, said in zip(
        streams, sent, pushes, said_by_c(program, list(streams), pushes), strict=True
    ):
        expected = said_by_python(stream)
        assert [line for line in said if not line.startswith("packet ")] == expected
        decoder = Decoder()
        parts = [
            decoder.push(stream[start:end]) for start, end in pairwise([*range(0, len(stream), push), len(stream)])
        ]
        parts.append(decoder.flush())
        lines = sorted((line for part in parts for line in lines_of(part)), key=lambda line: line[0])
        assert [text for _, text in lines] == expected[:-1]
        for part in parts:
            for block in part.frames:
                for i, row in enumerate(block.counts):
                    assert (block.side, int(block.sequence[i]), int(block.tick_us[i]), row.tobytes()) in frames


def test_random_streams(check: Path) -> None:
    compare_on_random_streams(check, seed=1, count=300)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 42))
def test_many_random_streams(check: Path, seed: int) -> None:
    compare_on_random_streams(check, seed, count=2500)


def noise(kind: str, size: int, rng: np.random.Generator) -> bytes:
    """Bytes in which no packet was ever put."""
    if kind == "white":
        return rng.bytes(size)
    # The beginning of a packet of possible length every 12 bytes: as many checks as can be had to fail.
    rows = rng.integers(0, 256, (size // 12, 12), dtype=np.uint8)
    rows[:, :4] = (0xA5, 0x5A, 1, 1)
    rows[:, 4] %= 225
    rows[:, 5] = 0
    return rows.tobytes()


def assert_empty(program: Path, kind: str, size: int) -> None:
    """Neither finds a frame or a message in noise, and both count every byte and every failed check alike."""
    streams = [noise(kind, 1_000_000, np.random.default_rng((size, i))) for i in range(-(-size // 1_000_000))]
    for stream, said in zip(streams, said_by_c(program, streams, [4096] * len(streams)), strict=True):
        (counters,) = said
        assert [counters] == said_by_python(stream)
        frames, bad_crc, skipped, *rest = map(int, counters.split()[1:])
        assert (frames, skipped, rest) == (0, len(stream), [0, 0, 0, 0])
        assert kind == "white" or bad_crc > len(stream) // 13


@pytest.mark.parametrize("kind", ["white", "beginnings of packets"])
def test_noise_gives_nothing(check: Path, kind: str) -> None:
    assert_empty(check, kind, 1_000_000)


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["white", "beginnings of packets"])
def test_ten_million_bytes_of_noise_give_nothing(check: Path, kind: str) -> None:
    assert_empty(check, kind, 10_000_000)
