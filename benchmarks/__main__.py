"""`python -m benchmarks [--full]`: every goal, what was measured, pass or SHORT; exit status 1 where one is missed."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from textwrap import fill

import numpy as np

from benchmarks import cue, live, offline, peers, port, reading, screen, whole
from benchmarks.measure import Line
from benchmarks.reasons import REASONS
from benchmarks.workload import Workload


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured on; seconds of two insoles at 200 Hz x 99 cells unless said otherwise."""

    offline_s: float
    short_s: float  # what the length of the offline workload is compared with
    cells: tuple[int, int]
    live_s: float
    by_frame_s: float
    endurance_s: float
    memory_s: float  # and ten times that
    memory_cells: int
    text_s: float  # of vendors' text
    cues: int  # given by the clock, twice
    screen_s: float
    screen_part_s: float  # of it, in which frames are counted
    rounds: int


QUICK = Sizes(240.0, 60.0, (64, 256), 30.0, 10.0, 300.0, 120.0, 32, 180.0, 60, 180.0, 6.0, 5)
FULL = Sizes(3600.0, 60.0, (64, 256), 120.0, 20.0, 3600.0, 3600.0, 32, 1800.0, 600, 3600.0, 20.0, 5)


def lines(sizes: Sizes, folder: Path) -> Iterator[Line]:
    """All of them, in the order of the goals."""
    load = Workload.made(sizes.offline_s)
    yield from offline.decode(load, sizes.rounds)
    yield from offline.analyse_rows(load, sizes.rounds)
    short, few, many = (Workload.made(sizes.short_s, cells=cells) for cells in (99, *sizes.cells))
    yield from offline.linear(short, load, few, many, sizes.rounds)
    yield from peers.peers(load, Workload.made(sizes.by_frame_s), sizes.rounds)
    yield from offline.session(load, sizes.rounds)
    stream = Workload.made(sizes.live_s)
    yield from live.push_sizes(stream, max(2, sizes.rounds // 2))
    yield from live.many_runners(stream)
    yield from live.delay(stream)
    endurance = Workload.made(sizes.endurance_s)
    yield from live.endurance(endurance)
    yield from port.port(stream, endurance, folder)
    yield from whole.memory(folder, sizes.memory_s, sizes.memory_cells)
    yield from whole.imports(folder)
    yield from reading.reading(folder, sizes.text_s, sizes.rounds)
    yield from cue.cue(sizes.cues)
    if find_spec("PySide6") is not None:
        yield from screen.screen(folder, sizes.screen_s, sizes.screen_part_s)


def blas() -> str:
    """Which BLAS kernel runs, as far as it can be known without changing it."""
    if find_spec("threadpoolctl") is not None:
        pools = import_module("threadpoolctl").threadpool_info()
        return ", ".join(f"{pool.get('internal_api')} {pool.get('architecture')}" for pool in pools)
    names = ("OPENBLAS_CORETYPE", "OPENBLAS_NUM_THREADS")
    return "threadpoolctl not installed; " + ", ".join(f"{name}={os.environ.get(name, 'not set')}" for name in names)


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--full", action="store_true", help="an hour instead of minutes")
    sizes = FULL if parser.parse_args().full else QUICK
    started = time.monotonic()
    print(f"numpy {np.__version__}, Python {platform.python_version()}, {os.cpu_count()} processors; BLAS: {blas()}")
    print(
        f"two insoles x 200 Hz x 99 cells, offline {sizes.offline_s:.0f} s, live {sizes.live_s:.0f} s; processor time,"
    )
    print("medians of jobs run in turns; delays by the clock. np.sum: over an hour of float32, scaled to the workload.")
    short: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for line in lines(sizes, Path(folder)):
            print(line.text(), flush=True)
            if not line.passed:
                short.append(line.goal)
    print(f"{len(short)} short of their goals; {time.monotonic() - started:.0f} s")
    for goal in dict.fromkeys(short):
        if goal in REASONS:
            print(fill(f"{goal}: {REASONS[goal]}", 120, subsequent_indent="    "))
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
