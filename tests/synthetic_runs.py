"""Simulated sessions taken apart, for the tests of the synthetic runner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from firmware_protocol import Counters, Decoder
from insole.blocks import GRAVITY_M_S2, Input, IntArray, Packets, Side
from insole.device import Device
from insole.sources.synthetic import SyntheticOptions, simulate
from insole.sources.synthetic.gait import Contacts, Gait

BODY_WEIGHT_N = 70.0 * GRAVITY_M_S2
SILENT = {"noise_kpa": 0.0, "preload_kpa": 0.0, "offset_drift_kpa": 0.0}


@dataclass
class Made:
    """A simulated session, taken apart: per link the stamps and bytes, and what the decoder makes of them."""

    header: Any
    inputs: list[list[Input]]
    truth: dict[str, Any]
    stamps_ns: dict[int, IntArray]
    ends: dict[int, IntArray]
    data: dict[int, bytes]

    def contacts(self, side: str | None = None, kind: str | None = None) -> list[dict[str, Any]]:
        return [row for row in self.truth["contacts"] if side in (None, row["side"]) and kind in (None, row["kind"])]

    def frames(self, side: Side) -> tuple[IntArray, IntArray, np.ndarray, Counters]:
        """Sequence numbers, ticks and counts that the decoder of the wire format finds."""
        decoder = Decoder()
        found = [*decoder.push(self.data[side]).frames, *decoder.flush().frames]
        return (
            np.concatenate([f.sequence for f in found]),
            np.concatenate([f.tick_us for f in found]),
            np.concatenate([f.counts for f in found]),
            decoder.counters,
        )

    def force_n(self, side: Side) -> tuple[np.ndarray, np.ndarray]:
        """Time since the first frame on the device's clock, and total force, of all frames."""
        _, tick_us, counts, _ = self.frames(side)
        device: Device = self.header.feet[side]
        return (tick_us - tick_us[0]) * 1e-6, (device.to_kpa(counts) * device.area_mm2).sum(axis=1) * 1e-3


def make(**options: Any) -> Made:
    simulation = simulate(SyntheticOptions(**options))
    inputs = list(simulation.inputs)
    packets = [p for batch in inputs for p in batch if isinstance(p, Packets)]
    links = sorted({p.link for p in packets})
    mine = {link: [p for p in packets if p.link == link] for link in links}
    return Made(
        simulation.header,
        inputs,
        simulation.truth,
        {link: np.concatenate([p.t_host_ns for p in mine[link]]) for link in links},
        {link: np.concatenate([np.diff(p.ends, prepend=0) for p in mine[link]]).cumsum() for link in links},
        {link: b"".join(p.data for p in mine[link]) for link in links},
    )


def contacts_of(seconds: float, seed: int = 5, **options: Any) -> dict[Side, Contacts]:
    gait = Gait(SyntheticOptions(**options), np.random.default_rng(seed))
    return gait.contacts_until(seconds)
