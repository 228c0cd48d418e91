"""The feet against each other, over the real bleak, ATT and GATT on a radio that delivers every 15 ms only."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from bumble.link import LocalLink
from test_ble import Insole, collected
from virtual_time import run_in_virtual_time

from insole.blocks import Input, LinkEvent, Packets, Side
from insole.device import Device
from insole.pipeline import Pipeline
from insole.sources.ble import BleSource
from insole.sources.inbox import Inbox
from insole.sources.introduction import live_header
from insole.sources.virtual.bumble_radio import Air, radio_of
from insole.sources.virtual.firmware import Firmware

EVENT_S = 0.015
STEP_S = 0.005
SECONDS = 13.0
MODEL = "demo16"
NAMES = {Side.LEFT: "INS-L001", Side.RIGHT: "INS-R001"}
DRIFT = {Side.LEFT: 50e-6, Side.RIGHT: -0.02}
OFFSET_S = {Side.LEFT: 4000.0, Side.RIGHT: 17.0}


class SlowLink(LocalLink):
    """Carries data at the connection events of the two radios concerned, all that waits at once."""

    def __init__(self) -> None:
        super().__init__()
        self.phase_s: dict[str, float] = {}  # by the address of an insole
        self._waiting: dict[tuple[Any, ...], list[Callable[[], None]]] = {}

    def send_acl_data(self, sender_controller: Any, destination_address: Any, transport: Any, data: bytes) -> None:
        loop, send = asyncio.get_running_loop(), super().send_acl_data
        ends = str(sender_controller.random_address), str(destination_address)
        queue = self._waiting.setdefault(ends, [])
        queue.append(partial(send, sender_controller, destination_address, transport, data))
        if len(queue) == 1:
            phase_s = next((self.phase_s[end] for end in ends if end in self.phase_s), 0.0)
            loop.call_at(math.floor((loop.time() - phase_s) / EVENT_S + 1.0) * EVENT_S + phase_s, self._carry, queue)

    @staticmethod
    def _carry(queue: list[Callable[[], None]]) -> None:
        waiting = list(queue)
        queue.clear()
        for send in waiting:
            send()


def device_us(side: Side, true_s: float) -> int:
    return math.floor((true_s * (1.0 + DRIFT[side]) + OFFSET_S[side]) * 1e6)


async def sampled(insole: Insole, side: Side) -> None:
    """Sample every 5 ms of the loop's time, in step with the radio."""
    loop = asyncio.get_running_loop()
    while not insole.firmware.started:
        await asyncio.sleep(0.001)
    first = math.ceil(loop.time() / STEP_S)
    for number in range(first, round(SECONDS / STEP_S)):
        await asyncio.sleep(number * STEP_S - loop.time())
        insole.tick_us = device_us(side, number * STEP_S)
        await insole.sample(1)


class TimedInsole(Insole):
    """Stamps its frames and its answers with a clock of its own."""

    def __init__(self, air: Air, side: Side) -> None:
        super().__init__(air, side, model=MODEL)
        loop = asyncio.get_running_loop()
        self.firmware = self._firmware = Firmware(side, Device.named(MODEL), lambda: device_us(side, loop.time()))


async def session(phase_s: dict[Side, float]) -> list[Input]:
    link = SlowLink()
    air = Air(link)
    insoles = {side: TimedInsole(air, side) for side in NAMES}
    for side, insole in insoles.items():
        await insole.power_on()
        link.phase_s[insole.address] = phase_s[side]
    central, _ = await air.device("computer")
    loop = asyncio.get_running_loop()
    header = live_header("ble:test", dict.fromkeys(NAMES, Device.named(MODEL)), {})
    inbox = Inbox(lambda: round(loop.time() * 1e9))
    got: list[Input] = []
    async with BleSource(list(NAMES.values()), header, radio=radio_of(central), inbox=inbox) as source:
        work = asyncio.gather(*(sampled(insole, side) for side, insole in insoles.items()))
        await collected(source, got, work.done)
    return got


@pytest.mark.parametrize("phases", [(0.0001, 0.0149), (0.0051, 0.0098)])
def test_the_feet_are_aligned_within_3_ms_and_within_the_stated_bar(phases: tuple[float, float]) -> None:
    inputs = run_in_virtual_time(session(dict(zip(NAMES, phases, strict=True))))
    assert [event.kind for event in inputs if isinstance(event, LinkEvent)] == ["connected", "connected"]
    gaps_ns = np.diff(
        np.concatenate([item.t_host_ns for item in inputs if isinstance(item, Packets) and item.link == 0])
    )
    assert np.median(gaps_ns[gaps_ns > 1_000_000]) == pytest.approx(1e9 * EVENT_S, rel=0.01)  # bursts indeed
    header = replace(live_header("ble:test", dict.fromkeys(NAMES, Device.named(MODEL)), {}), start_host_ns=0)
    pipeline = Pipeline(header.feet, header.settings, header.runner, 0)
    health = pipeline.push(inputs).health
    assert health.pinged
    assert all(foot.lost == 0 for foot in health.feet.values())
    clocks = [pipeline._lines[side].clock for side in NAMES]
    errors = [
        np.array([clock.recording_s(device_us(side, t_s)) - t_s for t_s in np.arange(10.0, SECONDS - 1.0, 0.1)])
        for side, clock in zip(NAMES, clocks, strict=True)
    ]
    apart_s = np.abs(errors[0] - errors[1])
    assert apart_s.max() < 0.003
    assert apart_s.max() < 1.96 * health.alignment_u_s
    assert health.clock_drift_ppm == pytest.approx(20_050.0, abs=200.0)
