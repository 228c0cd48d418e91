"""Bytes to rows (D1), rows to contacts (A1, A2), bytes to the table of a session (C1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.measure import Line, in_turns
from benchmarks.workload import SumPass, Workload
from firmware_protocol import Decoder, Frames
from insole.blocks import ContactBatch, EarlyRate, FrameBlock, RateBatch, Received, Side
from insole.device import Device
from insole.pipeline import MEASURED_AT_ONCE
from insole.pipeline.foot import Foot
from insole.pipeline.foot.smooth import noise_gain, taps
from insole.pipeline.line import FootLine
from insole.pipeline.metrics import Contacts, Scale, measure_contacts, measure_rates
from insole.pipeline.regularise import Regulariser
from insole.recording.batch import in_chunks

SIGMA_N = 5.0
DAMAGED_SHARE = 0.01


def decode(load: Workload, rounds: int) -> Iterator[Line]:
    """D1."""
    clean = load.stream()
    length = len(clean) // len(load.counts())
    damaged = _damaged(clean, length)
    mixed = _of_two_lengths(load)
    hour = bytes(int(len(clean) * 3600.0 / load.seconds))

    def copied() -> None:
        np.frombuffer(hour, np.uint8).copy()

    copy_s, clean_s, mixed_s, damaged_s = in_turns(
        copied, lambda: _decoded(clean), lambda: _decoded(mixed), lambda: _decoded(damaged), rounds=rounds
    )
    good, found = _decoded(clean), _decoded(damaged)
    kept = np.isin(good.sequence, found.sequence)
    assert len(found.sequence) > 0.98 * len(good.sequence)
    assert np.array_equal(good.counts[kept], found.counts)
    clean_x, mixed_x = (s / (copy_s * len(stream) / len(hour)) for s, stream in ((clean_s, clean), (mixed_s, mixed)))
    yield Line("D1", "decode clean equal-length packets, against a copy of the bytes", clean_x, 2.0)
    yield Line("D1", "packets of two lengths in turn, the same", mixed_x, 12.0)
    yield Line("D1", "1 % of the packets damaged or cut, against its clean time", damaged_s / clean_s, 2.0)


def _decoded(stream: bytes) -> Frames:
    return Decoder().push(stream).frames[0]


def _of_two_lengths(load: Workload) -> bytes:
    """Packets of 16-bit and of 12-bit counts in turn, so that no two neighbours are equally long."""
    n = len(load.counts()) // 2 * 2
    parts = [load.stream(bits=bits) for bits in (16, 12)]
    lengths = [len(part) // len(load.counts()) for part in parts]
    cut = [[part[i * size : (i + 1) * size] for i in range(n)] for part, size in zip(parts, lengths, strict=True)]
    return b"".join(cut[i % 2][i] for i in range(n))


def _damaged(stream: bytes, length: int) -> bytes:
    """One packet in a hundred with a wrong byte or without its end."""
    rng = np.random.default_rng(3)
    parts, last = [], 0
    for at in np.flatnonzero(rng.random(len(stream) // length) < DAMAGED_SHARE).tolist():
        start = at * length
        parts.append(stream[last:start])
        packet = bytearray(stream[start : start + length])
        if rng.random() < 0.5:
            packet[int(rng.integers(length))] ^= 0x10
        else:
            del packet[int(rng.integers(1, length)) :]
        parts.append(bytes(packet))
        last = start + length
    return b"".join([*parts, stream[last:]])


def analyse_rows(load: Workload, rounds: int) -> Iterator[Line]:
    """A1 and A2 on one insole."""
    sums = SumPass(load.counts().size)
    sum_s, chain_s = in_turns(sums, lambda: contacts_of(load), rounds=rounds)
    yield Line(
        "A1", "one insole, rows to contacts with the full table, against np.sum", _over(chain_s, sums, sum_s), 12.0
    )
    yield from _contact_cost(load, rounds)


def linear(short: Workload, long: Workload, few: Workload, many: Workload, rounds: int) -> Iterator[Line]:
    """A1: cost by length and by number of cells."""
    jobs = [short, long, few, many]
    seconds = in_turns(*((lambda load=load: contacts_of(load)) for load in jobs), rounds=rounds)
    per_frame = [s / len(load.counts()) for s, load in zip(seconds, jobs, strict=True)]
    per_value = [s / load.counts().size for s, load in zip(seconds, jobs, strict=True)]
    name = f"cost a frame, {long.seconds:.0f} s against {short.seconds:.0f} s"
    yield Line("A1", name, per_frame[1] / per_frame[0], 1.5)
    spread = max(per_value[2], per_value[3]) / min(per_value[2], per_value[3])
    yield Line("A1", f"ns a value, {few.cells} cells against {many.cells}", spread, 1.5)


def contacts_of(load: Workload, side: Side = Side.LEFT) -> int:
    """Contacts that one foot's line makes of its rows."""
    header = load.header
    line = FootLine(side, header.feet[side], header.settings, load.body_weight_n, Scale.FULL, header.start_host_ns)
    found, early = 0, list[EarlyRate]()
    blocks = load.received[side]
    for i, block in enumerate(blocks):
        line.receive(block)
        line.admit(None)
        if not line.started and line.start_ns is not None:
            line.begin(line.sigma_n)
        line.follow()
        if line.completed >= MEASURED_AT_ONCE or i == len(blocks) - 1:
            line.measure(early, [], final=i == len(blocks) - 1)
        found += len(line.take_rows())
        line.take_view()
        line.take_holes()
        line.take_signals()
    return found


def batches_of(
    device: Device, received: Sequence[Received], body_weight_n: float
) -> Iterator[tuple[RateBatch | None, ContactBatch | None]]:
    """The rises and contacts that a foot cuts out of its rows."""
    foot, regular = Foot(Side.LEFT, device, 1.0, None), Regulariser(Side.LEFT, device.rate_hz)
    for i, block in enumerate(received):
        frames: list[FrameBlock] = regular.push(block).blocks
        if not foot.started:
            foot.hold(frames)
            frames = []
            if foot.start_tick_us is None:
                continue
            foot.begin(body_weight_n, foot.sigma_n, None)
        foot.follow(frames)
        if foot.completed >= MEASURED_AT_ONCE or i == len(received) - 1:
            out = foot.take()
            yield out.rises, out.contacts


def _contact_cost(load: Workload, rounds: int) -> Iterator[Line]:
    device, weight_n = load.header.feet[Side.LEFT], load.body_weight_n
    batches = list(batches_of(device, load.received[Side.LEFT], weight_n))
    gain = noise_gain(taps(device.rate_hz))

    def measured() -> int:
        k = 0
        for rises, contacts in batches:
            if rises is not None and contacts is not None:
                rates = measure_rates(rises, device, weight_n, contacts.event_n, SIGMA_N, gain)
                k += len(
                    measure_contacts(Contacts(contacts, rates.of(contacts.contact_id), device, weight_n), Scale.FULL)
                )
        return k

    (seconds,) = in_turns(measured, rounds=rounds)
    yield Line("A2", "one contact, full table, from its rows in newtons", 1e6 * seconds / measured(), 30.0, "us")


def session(load: Workload, rounds: int) -> Iterator[Line]:
    """C1."""
    sums = load.sum_job()
    sum_s, chain_s = in_turns(sums, lambda: table_of(load), rounds=rounds)
    yield Line("C1", "the pair, bytes to the finished table, against np.sum", _over(chain_s, sums, sum_s), 35.0)
    yield Line("C1", "seconds for an hour of the pair", chain_s * 3600.0 / load.seconds, None, "s")


def table_of(load: Workload) -> int:
    """Contacts of a whole session, pushed as an offline analysis pushes them."""
    pipeline = load.pipeline()
    found = sum(len(pipeline.push(chunk).contacts) for chunk in in_chunks(iter(load.inputs)))
    return found + len(pipeline.finish().contacts)


def _over(seconds: float, sums: SumPass, sum_s: float) -> float:
    return seconds / (sum_s * sums.share)
