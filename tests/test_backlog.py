"""A computer that does not keep up: what waits is bounded and said, and nothing of it changes a number."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from virtual_time import run_in_virtual_time

from firmware_protocol import encode_pressure
from insole.blocks import Health, Input, LinkEvent, Side
from insole.device import Device
from insole.pipeline import Pipeline
from insole.pipeline.backlog import Backlog
from insole.settings import Runner, Settings
from insole.sources.inbox import LIMIT_BYTES, Inbox

CELLS = 16


def packet(number: int) -> bytes:
    return encode_pressure(Side.LEFT, number, number * 5000, 5000, np.full((1, CELLS), 100, np.uint16))


def fetched(stalls_s: list[float], limit_bytes: int = LIMIT_BYTES) -> list[list[Input]]:
    """4 s of frames at 200 Hz; from 1 s on nobody fetches them for these times, one after the other."""

    async def play() -> list[list[Input]]:
        loop = asyncio.get_running_loop()
        inbox = Inbox(lambda: round(loop.time() * 1e9), limit_bytes)
        inbox.connected(0, "here")
        for number in range(800):
            loop.call_at(0.005 * number, inbox.deliver, 0, packet(number))
        stalls, batches = list(stalls_s), []
        async for inputs in inbox.batches():
            batches.append(inputs)
            if loop.time() >= 1.0 and stalls:
                await asyncio.sleep(stalls.pop(0))
            if loop.time() >= 4.5:
                break
        return batches

    return run_in_virtual_time(play())


def health_of(batches: list[list[Input]]) -> list[Health]:
    """After every batch."""
    pipeline = Pipeline({Side.LEFT: Device.named(f"demo{CELLS}")}, Settings(), Runner(body_mass_kg=70.0), 0)
    return [pipeline.push(inputs).health for inputs in batches]


def test_who_keeps_up_is_not_behind() -> None:
    assert health_of(fetched([]))[-1].most_behind_s < 0.02


def test_after_a_stall_all_comes_at_once_and_the_wait_is_told() -> None:
    batches = fetched([2.0])
    health = health_of(batches)
    assert health[-1].most_behind_s == pytest.approx(1.8, abs=0.25)
    assert health[-1].behind_s < 0.02  # caught up
    assert (health[-1].feet[Side.LEFT].frames, health[-1].feet[Side.LEFT].lost) == (800, 0)
    assert len(batches) > 100  # and not one list for all of it


def test_a_steady_half_as_fast_consumer_is_never_further_behind_than_one_of_its_turns() -> None:
    health = health_of(fetched([0.5] * 6))
    assert max(one.behind_s for one in health) < 0.55
    assert health[-1].feet[Side.LEFT].lost == 0


def test_what_is_too_much_is_dropped_said_and_counted_as_lost() -> None:
    batches = fetched([2.0], limit_bytes=100 * len(packet(0)))
    dropped = [item for inputs in batches for item in inputs if isinstance(item, LinkEvent) and item.kind == "dropped"]
    assert len(dropped) == 1
    foot = health_of(batches)[-1].feet[Side.LEFT]
    assert foot.lost == int(dropped[0].detail.split()[0]) > 250
    assert foot.frames + foot.lost == 800


def test_ticks_that_come_late_tell_of_the_wait() -> None:
    backlog = Backlog()
    for t_s in (3.0, 3.2, 5.2, 5.41):  # the first one may be late for other reasons: the search for the insoles
        backlog.tick(round(t_s * 1e9))
    assert backlog.now_s == pytest.approx(0.01)
    assert backlog.most_s == pytest.approx(1.8)
