"""When pings are due, and when a device is no longer asked."""

from __future__ import annotations

import numpy as np
import pytest

from firmware_protocol import Decoder, TimePing, TimeReply, encode_message
from insole.blocks import Side
from insole.sources.pings import EVERY_NS, PATIENCE, Pings, only_answers


def sent(pings: Pings, count: int) -> list[int]:
    """Host times of the next pings, each written when it is due and answered."""
    times = []
    for _ in range(count):
        assert pings.due_ns is not None
        times.append(pings.due_ns)
        pings.packet(pings.due_ns)
        pings.heard(encode_message(TimeReply(0, 0), Side.LEFT))
    return times


def test_a_ping_carries_the_host_time() -> None:
    (message,) = Decoder().push(Pings(5).packet(7)).messages
    assert message.body == TimePing(7)


@pytest.mark.parametrize("interval_ms", [7.5, 11.25, 15.0, 20.0, 30.0])
def test_pings_meet_every_phase_of_a_radio(interval_ms: float) -> None:
    phases = np.sort(np.array(sent(Pings(3), 80)) * 1e-6 % interval_ms)
    gaps_ms = np.diff(phases, append=phases[0] + interval_ms)
    assert gaps_ms.max() < 2.5


def test_a_device_that_does_not_answer_is_not_asked_for_ever() -> None:
    pings = Pings(0)
    for _ in range(PATIENCE):
        assert pings.due_ns is not None
        pings.packet(pings.due_ns)
    assert pings.due_ns is None


def test_pings_that_were_missed_are_not_made_up_for() -> None:
    pings = Pings(0)
    pings.packet(10 * EVERY_NS + 1)
    assert pings.due_ns is not None
    assert pings.due_ns >= 11 * EVERY_NS


def test_answers_alone_are_no_sign_of_life() -> None:
    answer, frame = encode_message(TimeReply(0, 0), Side.LEFT), encode_message(TimePing(0), Side.LEFT)
    assert only_answers(answer + answer)
    assert not only_answers(answer + frame)
    assert not only_answers(answer[:-1])
