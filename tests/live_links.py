"""What tests of live links share: packets, virtual insoles on a port, and what came of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from firmware_protocol import Decoder, DeviceInformation, encode_pressure
from insole.blocks import ContactTable, Health, Input, LinkEvent, Packets, Side, Tick
from insole.device import Device
from insole.pipeline import Pipeline
from insole.recording import Header
from insole.sources import Source, open_source
from insole.sources.inbox import TICK_NS
from insole.sources.introduction import live_header
from insole.sources.synthetic import SyntheticOptions
from insole.sources.virtual import pty_port
from insole.sources.virtual.pty_port import serve
from insole.sources.virtual.stream import Faults, VirtualInsoles

LIMIT_S = 20.0
NO_FAULTS = Faults()


def information(model: str = "demo16", cells: int = 16, rate_hz: float = 200.0) -> DeviceInformation:
    return DeviceInformation(cells, 12, round(rate_hz * 1000), bytes(8), bytes(8), model, "1", "1")


def frames(side: Side, sequence: int, cells: int = 16) -> bytes:
    return encode_pressure(side, sequence, sequence * 5000, 5000, np.full((1, cells), 100, np.uint16))


def header(device: str = "demo16", feet: tuple[Side, ...] = (Side.LEFT, Side.RIGHT)) -> Header:
    return live_header("serial:test", dict.fromkeys(feet, Device.named(device)), {})


def events(inputs: list[Input]) -> list[str]:
    return [item.kind for item in inputs if isinstance(item, LinkEvent)]


def data_of(inputs: list[Input]) -> bytes:
    return b"".join(item.data for item in inputs if isinstance(item, Packets))


def ticks_are_of_one_clock(inputs: list[Input]) -> bool:
    """In order, and no more than five a second: a busy computer makes one late, never one too many."""
    ticks = [item.t_host_ns for item in inputs if isinstance(item, Tick)]
    return bool(np.all(np.diff(ticks) > 0)) and 2 <= len(ticks) <= 2 + (ticks[-1] - ticks[0]) // TICK_NS


def run(main: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(main, LIMIT_S))


async def until(source: Source, enough: Callable[[list[Input]], bool]) -> list[Input]:
    """All that a source gives until it is enough."""
    got: list[Input] = []
    async with source:
        async for inputs in source:
            got += inputs
            if enough(got):
                break
    return got


def in_order(wanted: list[str], kinds: list[str]) -> bool:
    """Whether these happened in this order; a busy computer may have seen other silences too."""
    left = iter(kinds)
    return all(kind in left for kind in wanted)


def never(_: list[Input]) -> bool:
    """Only its end ends the source."""
    return False


@asynccontextmanager
async def insoles(
    path: Path, faults: Faults = NO_FAULTS, speed: float = 10.0, **options: Any
) -> AsyncIterator[VirtualInsoles]:
    """Virtual insoles on a port of that name.

    They bear with a busy computer: what they drop by themselves is not what is tested here.
    """
    virtual = VirtualInsoles(SyntheticOptions(**{"cells": 16, "seconds": 12.0, **options}), faults, speed)
    there = asyncio.Event()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pty_port, "QUEUE_BYTES", 1 << 24)
        patch.setattr(pty_port, "LINGER_S", LIMIT_S / 2)
        serving = asyncio.create_task(serve(virtual, path, there.set))
        await there.wait()
        try:
            yield virtual
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
            assert not path.is_symlink()


async def opened(path: Path, query: str = "") -> Source:
    """The source of that port, after its insoles were asked who they are."""
    return await asyncio.to_thread(open_source, f"serial:{path}{query}")


def frames_in(inputs: list[Input]) -> dict[int, list[int]]:
    """Sequence numbers of the frames of each side, in order of arrival."""
    decoder = Decoder()
    found: dict[int, list[int]] = {}
    for block in decoder.push(data_of(inputs)).frames:
        found.setdefault(block.side, []).extend(block.sequence.tolist())
    assert decoder.counters.bad_crc == 0
    return found


def piped(head: Header, batches: Iterable[list[Input]]) -> tuple[ContactTable, Health]:
    """All contacts, and what was counted."""
    pipeline = Pipeline(head.feet, head.settings, head.runner, head.start_host_ns)
    contacts = [pipeline.push(inputs).contacts for inputs in batches]
    end = pipeline.finish()
    return ContactTable.join([*contacts, end.contacts]), end.health
