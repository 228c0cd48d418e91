"""Sessions of closed-form contacts: pressures as functions of time -> counts -> packets -> the whole pipeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from stances import MASS_KG, Pressures

from firmware_protocol import encode_pressure_packets
from insole.blocks import ContactTable, CountArray, FloatArray, Health, Input, IntArray, Packets, Side
from insole.device import Device, force_device
from insole.pipeline import Pipeline
from insole.settings import Runner, Settings

NEWTON_PER_COUNT = 0.05
OFFSET_COUNTS = 4000.0
STRIDE_S, FIRST_STRIKE_S, AFTER_S = 0.70, 0.80, 0.60
ARRIVAL_NS = 5_000_000  # from frame to host


def plate(rate_hz: float) -> Device:
    """A force plate of 0.05 N a count."""
    return force_device("plate", rate_hz, NEWTON_PER_COUNT, OFFSET_COUNTS)


@dataclass(frozen=True)
class Step:
    """A contact: when time 0 of its pressures is, and for how long they last."""

    at_s: float
    pressures: Pressures
    lasts_s: float = 0.25


def every_stride(
    pressures: Pressures, n: int, rate_hz: float, *, lasts_s: float = 0.25, later_s: float = 0.0
) -> list[Step]:
    """n contacts of one foot, each sampled at another phase: 0, 1/n, 2/n ... of a sample later than whole strides."""
    return [
        Step(FIRST_STRIKE_S + later_s + i * STRIDE_S + i / n / rate_hz, pressures, lasts_s) for i in range(n)
    ]  # fmt: skip


def counts_of(device: Device, steps: Sequence[Step], rest_kpa: FloatArray | float = 0.0) -> CountArray:
    """Frames from 0 to 0.6 s after the last contact."""
    n = round((steps[-1].at_s + steps[-1].lasts_s + AFTER_S) * device.rate_hz)
    kpa = np.zeros((n, device.n_cells)) + rest_kpa
    for step in steps:
        rows = np.arange(int(step.at_s * device.rate_hz), int((step.at_s + step.lasts_s) * device.rate_hz) + 2)
        kpa[rows] += step.pressures(rows / device.rate_hz - step.at_s)
    return np.clip(np.rint(kpa / device.scale_kpa + device.offset_counts), 0, 65535).astype(np.uint16)


def packets_of(
    side: Side,
    counts: CountArray,
    rate_hz: float,
    *,
    numbers: IntArray | None = None,
    start_ns: int = 0,
    tick_start_us: int = 0,
    first: int = 0,
) -> Packets:
    """A foot's frames, one a packet, each delivered 5 ms after it was taken.

    `numbers`: the frames in the order of their delivery, where some are lost, late or come twice; a late one arrives
    with those around it. `start_ns`: host time of the first frame; `tick_start_us` and `first`: its device time and
    number.
    """
    sent = np.arange(len(counts)) if numbers is None else numbers
    after_us = np.round(sent * 1e6 / rate_hz).astype(np.int64)
    payloads = encode_pressure_packets(side, first + sent, tick_start_us + after_us, 0, counts[sent])
    ends = np.cumsum([len(payload) for payload in payloads])
    at_ns = start_ns + ARRIVAL_NS + np.maximum.accumulate(after_us) * 1000
    return Packets(int(side), at_ns, ends, b"".join(payloads))


def analysed(
    feet: Mapping[Side, Device],
    inputs: Sequence[Input],
    *,
    mass_kg: float | None = MASS_KG,
    settings: Settings | None = None,
    start_ns: int = 0,
) -> ContactTable:
    """The contact table of these inputs."""
    return session(feet, inputs, mass_kg=mass_kg, settings=settings, start_ns=start_ns)[0]


def session(
    feet: Mapping[Side, Device],
    inputs: Sequence[Input],
    *,
    mass_kg: float | None = MASS_KG,
    settings: Settings | None = None,
    start_ns: int = 0,
) -> tuple[ContactTable, Health]:
    """The contact table of these inputs, and what of them was lost."""
    runner = Runner(body_mass_kg=mass_kg, height_m=1.8, speed_m_s=3.0)
    pipeline = Pipeline(feet, settings or Settings(), runner, start_ns)
    updates = [pipeline.push(inputs), pipeline.finish()]
    return ContactTable.join([update.contacts for update in updates]), updates[-1].health


def one_foot(device: Device, steps: Sequence[Step], side: Side = Side.LEFT) -> ContactTable:
    """Contacts of one foot through the whole pipeline."""
    return analysed({side: device}, [packets_of(side, counts_of(device, steps), device.rate_hz)])
