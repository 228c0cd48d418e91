"""What is measured on: a synthetic hour, or part of it, as rows of counts, as bytes, and as inputs of a session."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from firmware_protocol import Decoder, encode_pressure
from insole.blocks import GRAVITY_M_S2, Input, Packets, Received, Side, Tick
from insole.pipeline import Pipeline
from insole.recording import Header
from insole.recording.batch import in_chunks
from insole.sources.synthetic import SyntheticOptions, simulate

SUM_VALUES = 3600 * 200 * 99  # the array of an hour: too large for any cache, whatever part of the hour is analysed


@dataclass(frozen=True, eq=False)
class Workload:
    """Two insoles on a runner: header, and the inputs of a session, a fifth of a second at a time."""

    header: Header
    inputs: list[list[Input]]
    seconds: float
    cells: int
    rate_hz: float

    @classmethod
    def made(cls, seconds: float, *, cells: int = 99, rate_hz: float = 200.0) -> Workload:
        """The same options give the same bytes."""
        options = SyntheticOptions(seconds=seconds, cells=cells, rate_hz=rate_hz, plan="stand:3,run", seed=7)
        simulation = simulate(options)
        return cls(simulation.header, [list(batch) for batch in simulation.inputs], seconds, cells, rate_hz)

    @property
    def frames(self) -> int:
        """Of both feet."""
        return sum(len(block.sequence) for blocks in self.received.values() for block in blocks)

    @property
    def body_weight_n(self) -> float:
        """Of the runner."""
        mass = self.header.runner.body_mass_kg
        assert mass is not None
        return mass * GRAVITY_M_S2

    def pipeline(self) -> Pipeline:
        """A new pipeline for these inputs."""
        return Pipeline(self.header.feet, self.header.settings, self.header.runner, self.header.start_host_ns)

    @cached_property
    def received(self) -> dict[Side, list[Received]]:
        """Frames as decoded, in the chunks of an offline analysis."""
        out: dict[Side, list[Received]] = {side: [] for side in self.header.feet}
        for chunk in in_chunks(iter(self.inputs)):
            for side, blocks in out.items():
                items = [item for item in chunk if isinstance(item, Packets) and item.link == side]
                for frames in Decoder().push(b"".join(item.data for item in items)).frames:
                    stamps = np.linspace(items[0].t_host_ns[0], items[-1].t_host_ns[-1], len(frames.end))
                    stamps_ns = stamps.astype(np.int64)
                    blocks.append(Received(side, frames.sequence, frames.tick_us, frames.counts, stamps_ns))
        return out

    def counts(self) -> npt.NDArray[np.uint16]:
        """All rows of the left insole, (n, c)."""
        return self._counts

    @cached_property
    def _counts(self) -> npt.NDArray[np.uint16]:
        return np.concatenate([block.counts for block in self.received[Side.LEFT]])

    def stream(self, *, bits: int = 16) -> bytes:
        """All rows of the left insole, a frame a packet, all of one length."""
        interval_us = round(1e6 / self.rate_hz)
        return encode_pressure(Side.LEFT, 0, 0, interval_us, self.counts(), bits=bits, frames_in_packet=1)

    def deliveries(self, frames: int) -> Iterator[list[Input]]:
        """A push for every `frames` packets in order of arrival, ticks between them, as a live link delivers them."""
        waiting: list[Input] = []
        for batch in self.inputs:
            single: list[Input] = []
            for item in batch:
                if not isinstance(item, Packets):
                    single.append(item)
                    continue
                start = 0
                for stamp, end in zip(item.t_host_ns.tolist(), item.ends.tolist(), strict=True):
                    single.append(Packets.one(item.link, stamp, item.data[start:end]))
                    start = end
            single.sort(key=_stamp)
            for item in single:
                waiting.append(item)
                if len(waiting) >= frames or isinstance(item, Tick):
                    yield waiting
                    waiting = []
        if waiting:
            yield waiting

    def sum_job(self) -> SumPass:
        """The pass that analyses are measured against."""
        return SumPass(self.cells * self.frames)


def _stamp(item: Input) -> int:
    return int(item.t_host_ns[0]) if isinstance(item, Packets) else item.t_host_ns


class SumPass:
    """One `np.sum` over an hour of one insole as float32; `share` turns its time into that of `values` values."""

    _array = np.zeros(0, np.float32)

    def __init__(self, values: int) -> None:
        if not len(SumPass._array):
            SumPass._array = np.ones(SUM_VALUES, np.float32)
        self.share = values / SUM_VALUES

    def __call__(self) -> float:
        """The sum."""
        return float(np.sum(SumPass._array))
