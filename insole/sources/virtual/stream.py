"""The synthetic runner in both virtual insoles, with the faults that were asked for: packets out, as they fall due."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from insole.blocks import Packets, Side
from insole.errors import SettingsError
from insole.sources.synthetic import SyntheticOptions, SyntheticSource
from insole.sources.virtual.firmware import Firmware
from insole.sources.virtual.tally import Tally


@dataclass(frozen=True, slots=True)
class Span:
    """A while of the session, in seconds from its start."""

    from_s: float
    for_s: float

    @classmethod
    def parsed(cls, text: str) -> Span:
        """``AT:FOR``, both in seconds.

        Raises
        ------
        SettingsError
            Anything else.
        """
        at, _, length = text.partition(":")
        try:
            span = cls(float(at), float(length))
        except ValueError:
            span = cls(-1.0, 0.0)
        if not (span.from_s >= 0.0 and 0.0 < span.for_s < float("inf")):
            raise SettingsError(f"'{text}': expected AT:FOR in seconds, like 10:2")
        return span

    def covers(self, t_s: float) -> bool:
        """Whether that moment of the session lies within."""
        return self.from_s <= t_s < self.from_s + self.for_s


@dataclass(frozen=True, slots=True)
class Faults:
    """When the insoles say nothing, when their link is gone, and what it does to packets (%)."""

    silent: Sequence[Span] = ()
    unplugged: Sequence[Span] = ()
    cut_pct: float = 0.0  # only the beginning of a packet arrives
    reorder_pct: float = 0.0  # a packet arrives after the next one


class Step(NamedTuple):
    """A few hundredths of a second: whether the link is there, and what each insole sends."""

    unplugged: bool
    packets: list[tuple[Side, bytes]]


class VirtualInsoles:
    """Both insoles of a synthetic runner, who starts with the first call of `steps`.

    Parameters
    ----------
    options : SyntheticOptions
    faults : Faults
    speed : float
        Seconds of session a second.

    Attributes
    ----------
    firmware : dict of Side to Firmware
    tallies : dict of Side to Tally
        What each has sent.
    """

    def __init__(self, options: SyntheticOptions, faults: Faults = Faults(), speed: float = 1.0) -> None:
        self._options, self._faults, self._speed = options, faults, speed
        self._source = SyntheticSource(options, speed)
        self.firmware = {
            side: Firmware(side, device, partial(self._clock_us, side))
            for side, device in self._source.header.feet.items()
        }
        self.tallies = {side: Tally() for side in self.firmware}
        self._rng = np.random.default_rng(options.seed)
        self._held: dict[Side, bytes] = {}  # packets that the next one overtakes

    def _clock_us(self, side: Side) -> int:
        return self._source.device_us(side)

    async def steps(self) -> AsyncIterator[Step]:
        """What falls due, step by step, until the session ends."""
        self._source = source = SyntheticSource(self._options, self._speed)  # its first second is now
        async with source:
            async for inputs in source:
                deliveries = [item for item in inputs if isinstance(item, Packets)]
                stamps = [int(item.t_host_ns[-1]) for item in deliveries]
                t_s = (max(stamps) - source.header.start_host_ns) * 1e-9 if stamps else 0.0
                silent = any(span.covers(t_s) for span in self._faults.silent)
                for firmware in self.firmware.values():
                    firmware.silent = silent
                unplugged = any(span.covers(t_s) for span in self._faults.unplugged)
                packets = [
                    (side, sent)
                    for item in deliveries
                    for side, packet in _packets(item)
                    for due in self.firmware[side].frames(packet)
                    for sent in self._on_a_bad_line(side, due)
                ]
                for side, packet in () if unplugged else packets:
                    self.tallies[side].sent(packet)
                yield Step(unplugged, packets)

    def _on_a_bad_line(self, side: Side, packet: bytes) -> list[bytes]:
        """What is sent instead of a packet: it, a part of it, or nothing until the next one."""
        if self._rng.random() < 0.01 * self._faults.cut_pct:
            packet = packet[: int(self._rng.integers(1, len(packet)))]
        overtaken = self._held.pop(side, None)
        if overtaken is not None:
            return [packet, overtaken]
        if self._rng.random() < 0.01 * self._faults.reorder_pct:
            self._held[side] = packet
            return []
        return [packet]


def _packets(item: Packets) -> list[tuple[Side, bytes]]:
    starts = [0, *item.ends.tolist()[:-1]]
    side = Side(item.link)  # the links of the synthetic runner are the feet
    return [(side, item.data[a:b]) for a, b in zip(starts, item.ends.tolist(), strict=True)]
