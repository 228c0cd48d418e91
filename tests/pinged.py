"""Answers to pings, put into the stream of a simulated session as a radio would deliver them."""

from __future__ import annotations

import numpy as np

from firmware_protocol import TimeReply, encode_message
from insole.blocks import Input, Packets
from insole.recording.batch import last_stamp_ns
from insole.sources.pings import Pings
from insole.sources.synthetic import Simulation
from insole.sources.synthetic.radio import CONNECTION_INTERVAL_S

EVENT_NS = round(1e9 * CONNECTION_INTERVAL_S)


def pinged(simulation: Simulation, inputs: list[Input]) -> list[Input]:
    """The inputs, one delivery each, with the answers of both insoles among them in order of time."""
    start_ns, end_ns = simulation.header.start_host_ns, last_stamp_ns(inputs[-1])
    answers: list[Input] = []
    for side in simulation.header.feet:
        clock = simulation._runner.feet[side].clock
        rng = np.random.default_rng(side)
        pings = Pings(start_ns)
        while (due_ns := pings.due_ns) is not None and due_ns < end_ns:
            pings.packet(due_ns)
            heard_ns, answered_ns = _event(due_ns), _event(_event(due_ns) + 100_000)
            received_us, sent_us = (
                clock.tick_at((ns - start_ns) * 1e-9) % 2**32 for ns in (heard_ns, heard_ns + 200_000)
            )
            reply = encode_message(TimeReply(due_ns, received_us), side, tick_us=sent_us)
            pings.heard(reply)
            answers.append(Packets.one(int(side), answered_ns + int(rng.integers(100_000)), reply))
    return sorted([*inputs, *answers], key=last_stamp_ns)


def _event(after_ns: int) -> int:
    """The next moment at which host and insole meet."""
    return -(-after_ns // EVENT_NS) * EVENT_NS
