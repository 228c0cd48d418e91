"""What streaming costs: by size of push (S1), many runners on one core (S2), delay (S3), after a long time (S4)."""

from __future__ import annotations

import mmap
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Line, in_turns, percentile
from benchmarks.offline import table_of
from benchmarks.workload import Workload
from insole.blocks import Input

WAKE_FRAMES = 8  # both insoles at 200 Hz, taken every 20 ms, as the sources do
PAIRS = 50
FILLED_S = 3600.0


def push_sizes(load: Workload, rounds: int) -> Iterator[Line]:
    """S1: one frame a push and ten a push, against the offline chain on the same bytes."""
    ones, tens = list(load.deliveries(1)), list(load.deliveries(10))
    offline_s, one_s, ten_s = in_turns(
        lambda: table_of(load), lambda: _streamed(load, ones), lambda: _streamed(load, tens), rounds=rounds
    )
    yield Line("S1", "one-frame pushes, cost a frame against the offline chain", one_s / offline_s, 12.0)
    yield Line("S1", "ten-frame pushes, the same", ten_s / offline_s, 3.0)
    yield Line("S1", "one-frame push", 1e6 * one_s / len(ones), None, "us")


def many_runners(load: Workload) -> Iterator[Line]:
    """S2: the load of 50 pairs is that of one pair, 50 times, as they share nothing."""
    pushes = list(load.deliveries(WAKE_FRAMES))
    start = time.process_time()
    delays = [seconds for seconds, _ in _timed(load, pushes)]
    busy = (time.process_time() - start) / load.seconds
    yield Line("S2", f"{PAIRS} pairs, share of one core they take", 100.0 * PAIRS * busy, 100.0, "%")
    yield Line("S2", "bytes to update, p99", 1e3 * percentile(delays, 0.99), 5.0, "ms")


def delay(load: Workload) -> Iterator[Line]:
    """S3: from the last byte of a frame to the event that it completed, after the start, which waits for its zero."""
    timed = list(_timed(load, list(load.deliveries(1))))
    timed = timed[len(timed) // 3 :]
    early = [1e3 * seconds for seconds, (rates, _) in timed if rates]
    contacts = [1e3 * seconds for seconds, (_, rows) in timed if rows]
    every = [1e3 * seconds for seconds, _ in timed]
    for name, delays in (("to the early loading rate", early), ("to the row of the contact", contacts)):
        yield Line("S3", f"last byte {name}, p50", statistics.median(delays), 0.5, "ms")
        yield Line("S3", f"last byte {name}, p99", percentile(delays, 0.99), 5.0, "ms")
    yield Line("S3", "last byte to update, all pushes, p50", statistics.median(every), 0.5, "ms")
    yield Line("S3", "last byte to update, all pushes, p99", percentile(every, 0.99), 5.0, "ms")


def endurance(load: Workload) -> Iterator[Line]:
    """S4: the last minute against the first that runs, and resident memory in between."""
    part_s = min(60.0, load.seconds / 3.0)
    pushes = list(load.deliveries(10))
    pipeline = load.pipeline()
    marks = [load.seconds / 10.0 + part_s * at for at in (0.0, 1.0)] + [load.seconds - part_s, load.seconds]
    at: list[tuple[float, int, int]] = []
    for i, push in enumerate(pushes):
        if len(at) < len(marks) and i >= marks[len(at)] / load.seconds * (len(pushes) - 1):
            at.append((time.process_time(), i, resident_bytes()))
        pipeline.push(push)
    first, last = ((b[0] - a[0]) / (b[1] - a[1]) for a, b in ((at[0], at[1]), (at[2], at[3])))
    name = f"cost a frame, last {part_s:.0f} s of {load.seconds:.0f} s against the first"
    yield Line("S4", name, last / first, 1.1)
    hours = (marks[3] - marks[1]) / 3600.0
    # Windows over the last minutes fill up during the first quarter of an hour; growth before that says nothing.
    limit = 2.0 if load.seconds >= FILLED_S else None
    yield Line("S4", "resident memory, growth an hour", (at[3][2] - at[1][2]) / 1e6 / hours, limit, "MB")


def _streamed(load: Workload, pushes: list[list[Input]]) -> int:
    pipeline = load.pipeline()
    return sum(len(pipeline.push(push).contacts) for push in pushes) + len(pipeline.finish().contacts)


def _timed(load: Workload, pushes: list[list[Input]]) -> Iterator[tuple[float, tuple[int, int]]]:
    """Wall time of each push, and how many early rates and rows came of it."""
    pipeline = load.pipeline()
    for push in pushes:
        start = time.perf_counter()
        update = pipeline.push(push)
        yield time.perf_counter() - start, (len(update.early), len(update.contacts))


def resident_bytes() -> int:
    """What this process holds in memory; 0 where the system does not say so in a file."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text(encoding="ascii").split()[1]) * mmap.PAGESIZE if statm.exists() else 0
