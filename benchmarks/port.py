"""What a live session costs without a screen: bytes of a port through source, recorder and pipeline (S5)."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
import tty
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.feeder import STEP_S
from benchmarks.live import resident_bytes
from benchmarks.measure import Line
from benchmarks.workload import Workload
from insole.blocks import Packets
from insole.pipeline import Pipeline
from insole.recording import Recorder
from insole.sources.serial_port import SerialSource

HURRIED = 30.0  # as fast as a busy computer still takes in small portions
STARTED_SHARE = 0.5  # of the bytes: start window, windows of a minute and first tables are in memory by then


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor time and growth of memory while a session came in, from its first part on."""

    cpu_s: float
    clock_s: float
    grown_bytes: int


def port(sample: Workload, whole: Workload, folder: Path) -> Iterator[Line]:
    """S5: a part of a session at the rate of life, and a long one hurried through."""
    live = _received(sample, folder / "sample.mcap", 1.0)
    share = 100 * live.cpu_s / live.clock_s
    yield Line("S5", "share of a core, port to recording and contacts, at the rate of life", share, 15.0, "%")
    hurried = _received(whole, folder / "whole.mcap", HURRIED)
    rest_s = whole.seconds * (1.0 - STARTED_SHARE)
    name = f"the same for {whole.seconds:.0f} s, {HURRIED:.0f} times as fast"
    yield Line("S5", name, 100 * hurried.cpu_s / rest_s, None, "%")
    yield Line("S5", "resident memory, growth an hour", hurried.grown_bytes / 1e6 / (rest_s / 3600.0), 50.0, "MB")


def _received(load: Workload, path: Path, speed: float) -> Cost:
    sent = path.with_suffix(".sent")
    total = _write_steps(load, sent)
    device_end, other_end = os.openpty()
    tty.setraw(other_end)
    command = [sys.executable, "-m", "benchmarks.feeder", str(device_end), str(sent), str(speed)]
    folder = Path(__file__).resolve().parents[1]
    with subprocess.Popen(command, pass_fds=[device_end], stdin=subprocess.PIPE, cwd=folder) as feeder:
        try:
            return asyncio.run(_taken(load, os.ttyname(other_end), path, total))
        finally:
            feeder.kill()
            os.close(device_end)
            os.close(other_end)


async def _taken(load: Workload, name: str, path: Path, total: int) -> Cost:
    header = replace(load.header, start_host_ns=time.perf_counter_ns())
    pipeline = Pipeline(header.feet, header.settings, header.runner, header.start_host_ns)
    got, mark = 0, (0.0, 0.0, 0)
    with Recorder(path, header) as recorder:
        async with SerialSource(name, header) as source:
            async for inputs in source:
                recorder(inputs)
                pipeline.push(inputs)
                got += sum(len(item.data) for item in inputs if isinstance(item, Packets))
                if not mark[0] and got > STARTED_SHARE * total:
                    mark = time.process_time(), time.monotonic(), resident_bytes()
                if got >= total:
                    break
    return Cost(time.process_time() - mark[0], time.monotonic() - mark[1], resident_bytes() - mark[2])


def _write_steps(load: Workload, path: Path) -> int:
    """What both insoles send, for the feeder; the number of bytes."""
    by_step: dict[int, list[bytes]] = {}
    for delivery in load.deliveries(1):
        for item in delivery:
            if isinstance(item, Packets):
                t_s = (int(item.t_host_ns[0]) - load.header.start_host_ns) * 1e-9
                by_step.setdefault(int(t_s / STEP_S), []).append(item.data)
    steps = [b"".join(by_step.get(number, [])) for number in range(max(by_step) + 1)]
    path.write_bytes(b"".join(len(step).to_bytes(4, "little") + step for step in steps))
    return sum(map(len, steps))
