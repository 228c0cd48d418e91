"""What an import delivers, decoded again as the pipeline would, and held to the laws of inputs on the way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmware_protocol import Decoder
from insole.blocks import FloatArray, Input, IntArray, LinkEvent, Marker, Packets, Side, Tick
from insole.device import Device
from insole.formats import Imported
from insole.formats.framing import LINK_OF, TICK_NS


@dataclass(frozen=True, slots=True)
class FootFrames:
    """Every frame of one foot that was delivered."""

    device: Device
    number: IntArray
    t_s: FloatArray
    kpa: FloatArray

    @property
    def force_n(self) -> FloatArray:
        return self.kpa @ self.device.area_mm2 * 1e-3


@dataclass(frozen=True, slots=True)
class Delivered:
    """All that came of a file."""

    feet: dict[Side, FootFrames]
    markers: list[Marker]
    remarks: list[str]


def delivered(imported: Imported) -> Delivered:
    """Read an import to its end."""
    inputs = [item for chunk in imported.inputs for item in chunk]
    _check_order(inputs)
    feet = {}
    for side, device in imported.header.feet.items():
        numbers, ticks, counts = [], [], []
        decoder = Decoder()
        for item in inputs:
            if not isinstance(item, Packets) or item.link != LINK_OF[side]:
                continue
            for start, end, stamp in zip([0, *item.ends[:-1]], item.ends, item.t_host_ns, strict=True):
                for frames in decoder.push(item.data[start:end]).frames:
                    assert frames.side == side
                    numbers.append(frames.sequence)
                    ticks.append(frames.tick_us)
                    counts.append(frames.counts)
                    assert frames.tick_us[-1] * 1000 == stamp, "host stamp is not the time of the last frame"
        assert decoder.counters.skipped_bytes == decoder.counters.bad_crc == 0
        cells = device.n_cells
        feet[side] = FootFrames(
            device,
            np.concatenate([np.empty(0, np.int64), *numbers]),
            np.concatenate([np.empty(0), *ticks]) * 1e-6,
            device.to_kpa(np.concatenate([np.empty((0, cells), np.uint16), *counts])),
        )
        assert (np.diff(feet[side].number) > 0).all()
        assert (np.diff(feet[side].t_s) > 0).all()
    return Delivered(
        feet,
        [item for item in inputs if isinstance(item, Marker)],
        [item.detail for item in inputs if isinstance(item, LinkEvent)],
    )


def _check_order(inputs: list[Input]) -> None:
    """Between two ticks lie the deliveries of that time, link by link; ticks are 0.2 s apart."""
    ticks = [item.t_host_ns for item in inputs if isinstance(item, Tick)]
    assert ticks[:-1] == [TICK_NS * (n + 1) for n in range(len(ticks) - 1)]
    after = -1
    for item in inputs:
        if isinstance(item, Tick):
            after = item.t_host_ns
        elif isinstance(item, Packets):
            assert (np.diff(item.t_host_ns) >= 0).all()
            assert after < item.t_host_ns[0] or after <= 0
            assert item.t_host_ns[-1] <= after + TICK_NS or after < 0
