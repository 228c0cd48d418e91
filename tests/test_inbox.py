"""The inbox of live links: stamps, order, ticks, silence, bounds; in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from live_links import (
    data_of,
    events,
)
from virtual_time import run_in_virtual_time

from insole.blocks import Input, LinkEvent, Packets
from insole.sources.inbox import Inbox


class Scripted:
    """An inbox in virtual time, and calls on it at given seconds."""

    def __init__(self, limit_bytes: int = 1 << 20) -> None:
        self.inbox = Inbox(lambda: round(asyncio.get_running_loop().time() * 1e9), limit_bytes)
        self.calls: list[tuple[float, Callable[[], None]]] = []

    def at(self, t_s: float, call: Callable[..., None], *arguments: Any) -> None:
        self.calls.append((t_s, lambda: call(*arguments)))

    def played(self, until_s: float) -> list[Input]:
        async def play() -> list[Input]:
            loop = asyncio.get_running_loop()
            for t_s, call in self.calls:
                loop.call_at(t_s, call)
            got: list[Input] = []
            async for inputs in self.inbox.batches():
                got += inputs
                if loop.time() >= until_s:
                    return got
            return got

        return run_in_virtual_time(play())


def test_ticks_come_five_times_a_second_without_any_delivery() -> None:
    stamps = [item.t_host_ns for item in Scripted().played(3.0)]
    np.testing.assert_allclose(np.diff(stamps), 0.2e9, atol=1e6)


def test_deliveries_keep_their_stamps_and_their_order() -> None:
    script = Scripted()
    for i in range(100):
        script.at(0.004 * i, script.inbox.deliver, i % 2, bytes([i]))
    got = script.played(1.0)
    for link in (0, 1):
        mine = [item for item in got if isinstance(item, Packets) and item.link == link]
        stamps = np.concatenate([item.t_host_ns for item in mine])
        np.testing.assert_allclose(stamps, 1e9 * 0.004 * np.arange(link, 100, 2), atol=10)
        assert b"".join(item.data for item in mine) == bytes(range(link, 100, 2))
    assert len([item for item in got if isinstance(item, Packets)]) > 60  # of two links in turn: none is reordered


def test_what_comes_together_is_handed_over_together() -> None:
    script = Scripted()
    for i in range(10):
        script.at(0.5 + 0.0005 * i, script.inbox.deliver, 0, b"ab")
    (packets,) = [item for item in script.played(1.0) if isinstance(item, Packets)]
    assert packets.ends.tolist() == list(range(2, 22, 2))


def test_silence_is_said_within_a_second_and_its_end_at_once() -> None:
    script = Scripted()
    script.at(0.0, script.inbox.connected, 3, "port")
    for t_s in (0.1, 0.3, 2.5, 2.6):
        script.at(t_s, script.inbox.deliver, 3, b"x")
    told = [item for item in script.played(3.0) if isinstance(item, LinkEvent)]
    assert [item.kind for item in told] == ["connected", "silent", "resumed"]
    assert 0.7 <= told[1].t_host_ns * 1e-9 - 0.3 < 1.0
    assert told[2].t_host_ns == pytest.approx(2.5e9, abs=10)
    assert told[2].detail == "after 2.2 s"


def test_a_lost_link_is_not_silent_too() -> None:
    script = Scripted()
    script.at(0.0, script.inbox.connected, 0, "port")
    script.at(0.5, script.inbox.lost, 0, "pulled out")
    assert events(script.played(3.0)) == ["connected", "lost"]


def test_what_nobody_fetches_is_bounded_and_counted() -> None:
    script = Scripted(limit_bytes=1000)
    for _ in range(15):
        script.at(0.1, script.inbox.deliver, 0, bytes(100))
    script.at(0.5, script.inbox.deliver, 0, bytes(100))
    got = script.played(1.0)
    assert len(data_of(got)) == 1100
    (dropped,) = [item for item in got if isinstance(item, LinkEvent)]
    assert dropped.kind == "dropped"
    assert dropped.detail.startswith("5 deliveries")


def test_a_failure_comes_behind_what_arrived_before() -> None:
    script = Scripted()
    script.at(0.1, script.inbox.deliver, 0, b"last")
    script.at(0.1, script.inbox.fail, OSError("broken"))
    got: list[Input] = []

    async def play() -> None:
        for t_s, call in script.calls:
            asyncio.get_running_loop().call_at(t_s, call)
        async for inputs in script.inbox.batches():
            got.extend(inputs)

    with pytest.raises(OSError, match="broken"):
        run_in_virtual_time(play())
    assert data_of(got) == b"last"
