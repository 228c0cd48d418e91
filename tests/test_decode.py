"""Bytes of one link to frames with the stamp of the delivery that completed them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from firmware_protocol import DeviceState, TimeReply, encode_message, encode_pressure_packets
from insole.blocks import Packets, RoundTrip, Side, Tick
from insole.device import Device
from insole.pipeline import Pipeline
from insole.pipeline.decode import Heard, LinkDecoder
from insole.settings import Runner, Settings


def packets(frames: int, cells: int = 4) -> list[bytes]:
    counts = np.arange(frames * cells, dtype=np.uint16).reshape(frames, cells)
    return encode_pressure_packets(0, 0, 0, 5000, counts, frames_in_packet=1)


def heard(decoder: LinkDecoder, *deliveries: Packets) -> Heard:
    for delivery in deliveries:
        decoder.deliver(delivery)
    return decoder.decode()


def test_every_frame_takes_the_stamp_of_the_delivery_that_completed_it() -> None:
    data = b"".join(packets(6))
    size = len(data) // 6
    decoder, cuts = LinkDecoder(), [0, size // 2, 2 * size, 2 * size + 3, 5 * size, 6 * size]
    received = []
    for n, (a, b) in enumerate(itertools.pairwise(cuts)):
        received += heard(decoder, Packets.one(0, 1000 * n, data[a:b])).frames
    assert np.concatenate([r.t_ns for r in received]).tolist() == [1000, 1000, 3000, 3000, 3000, 4000]
    assert np.concatenate([r.sequence for r in received]).tolist() == list(range(6))


def test_stamps_go_back_neither_within_a_link_nor_behind_what_came_between() -> None:
    data = packets(6)
    decoder = LinkDecoder()
    ends = np.array([len(data[0]), 2 * len(data[0]), 3 * len(data[0])])
    assert decoder.deliver(Packets(0, np.array([50, 40, 60]), ends, b"".join(data[:3])), 45) == 60
    assert decoder.deliver(Packets(0, np.array([55, 80, 70]), ends, b"".join(data[3:])), 65) == 80
    assert decoder.deliver(Packets(0, np.empty(0, np.int64), np.empty(0, np.int64), b"")) == 80
    (received,) = decoder.decode().frames
    assert received.t_ns.tolist() == [50, 50, 60, 65, 80, 80]


def test_damage_is_counted_and_what_is_whole_comes_through() -> None:
    parts = packets(5)
    parts[2] = parts[2][:-1] + bytes([parts[2][-1] ^ 0xFF])
    decoder = LinkDecoder()
    received = heard(decoder, Packets.one(0, 0, b"".join(parts))).frames + decoder.flush().frames
    assert np.concatenate([r.sequence for r in received]).tolist() == [0, 1, 3, 4]
    assert decoder.health.bad_crc == 1


def test_the_answer_to_a_ping_takes_the_stamp_of_its_own_delivery() -> None:
    answer = encode_message(TimeReply(token=77, received_tick_us=5), Side.RIGHT, sequence=6, tick_us=9)
    data = b"".join(packets(3)) + answer
    decoder, cut = LinkDecoder(), len(data) - 1
    assert heard(decoder, Packets.one(0, 10, data[:cut])).trips == []
    late = Packets.one(0, 20, data[cut:] + packets(1)[0])
    assert heard(decoder, late).trips == [RoundTrip(Side.RIGHT, 77, 5, 9, 20)]


def test_the_battery_a_device_tells_of_stands_in_the_health_of_its_foot() -> None:
    device = Device.named("demo16")
    pipeline = Pipeline({Side.LEFT: device, Side.RIGHT: device}, Settings(), Runner(body_mass_kg=70.0), 0)
    state = encode_message(DeviceState(81, 3900, charging=False, temperature_c=None), Side.LEFT)
    health = pipeline.push([Packets.one(0, 0, state), Tick(1)]).health
    assert health.feet[Side.LEFT].battery_pct == 81.0
    assert np.isnan(health.feet[Side.RIGHT].battery_pct)


@pytest.mark.parametrize("cells", [3, 17])
def test_frames_of_another_insole_are_refused_and_said(cells: int) -> None:
    pipeline = Pipeline({Side.LEFT: Device.named("demo16")}, Settings(), Runner(body_mass_kg=70.0), 0)
    update = pipeline.push([Packets.one(0, 0, b"".join(packets(3, cells)))])
    assert any(f"{cells} cells" in line for line in update.warnings)
    assert update.health.feet[Side.LEFT].frames == 0
