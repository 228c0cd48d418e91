"""Whole contacts made from closed-form pressures, as the foot stage lays them out: no smoothing, no noise, no zero.

A small real foot: every force, moment and regional sum follows from the pressures of the cells and the device's areas.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from insole.blocks import GRAVITY_M_S2, BoolArray, ContactBatch, FloatArray, RateBatch, Side
from insole.device import Device
from insole.pipeline.metrics.contacts import Contacts
from insole.pipeline.metrics.rates import Rates, measure_rates

MASS_KG = 70.0
BODY_WEIGHT_N = MASS_KG * GRAVITY_M_S2
EVENT_N = 0.05 * BODY_WEIGHT_N
FINE_HZ = 10_000.0
PAD_S = 0.060

Pressures = Callable[[FloatArray], FloatArray]  # seconds (n,) -> kPa (n, c)


def plate(rate_hz: float = FINE_HZ) -> Device:
    """One cell on which 1 kPa is 1 N."""
    return Device(
        "plate", rate_hz, np.array([np.nan]), np.array([np.nan]), np.array([1000.0]), np.ones(1), tau_ms=0.0, u_cal=0.0
    )


def insole(x: Sequence[float], y: Sequence[float], area_mm2: float = 100.0, **changes: object) -> Device:
    """A few cells of equal area at 10 kHz."""
    n = len(x)
    device = Device(
        "few cells", FINE_HZ, np.array(x), np.array(y), np.full(n, area_mm2), np.ones(n), tau_ms=0.0, u_cal=0.0
    )
    return device.with_changes(**changes)


def force_only(force_n: Callable[[FloatArray], FloatArray]) -> Pressures:
    """A force in newtons as the pressure of the plate's one cell."""
    return lambda t: force_n(t)[:, None]


def stances(
    device: Device,
    pressures: Sequence[Pressures],
    *,
    lasts_s: float | Sequence[float] = 0.25,
    body_weight_n: float = BODY_WEIGHT_N,
    event_n: float = EVENT_N,
    phase: float = 0.0,
    lost: Callable[[FloatArray], BoolArray] | None = None,
    long_gap: bool = False,
    side: Side = Side.LEFT,
) -> Contacts:
    """Contacts of one foot, each sampled from 60 ms before time 0 to 60 ms after `lasts_s`.

    `phase` shifts the samples by a share of their spacing. Frames for which `lost` of their time is true have no
    pressure; their sums are exact (a perfect interpolation), marked filled, or missing with `long_gap`.
    """
    ends = np.broadcast_to(lasts_s, len(pressures))
    times = [np.arange(-round(PAD_S * device.rate_hz), round((end + PAD_S) * device.rate_hz) + 1) for end in ends]
    seconds = [(index + phase) / device.rate_hz for index in times]
    kpa = [p(t) for p, t in zip(pressures, seconds, strict=True)]
    starts = np.cumsum([0, *map(len, seconds)])
    cells = np.concatenate(kpa)
    newton = cells * device.area_mm2 * 1e-3
    t_s = np.concatenate([t + 10.0 * i for i, t in enumerate(seconds)])
    place_mm = np.column_stack([np.nan_to_num(device.x) * device.width_mm, np.nan_to_num(device.y) * device.length_mm])
    force = newton.sum(axis=1)
    gone = np.concatenate([lost(t) if lost else np.zeros(len(t), bool) for t in seconds])
    onset, release = [], []
    for a, b in pairwise(starts):
        loaded = np.flatnonzero(force[a:b] >= event_n)
        onset.append(loaded[0])
        release.append(loaded[-1] + 1)
    k = len(pressures)
    batch = ContactBatch(
        side=side,
        contact_id=np.arange(k),
        starts=starts,
        t_s=t_s,
        force_n=force,
        moment_nmm=newton @ place_mm,
        region_force_n=newton @ device.region_weights(),
        counts=cells / device.scale_kpa + device.offset_counts,  # not whole numbers here
        gain=1.0,
        zero_kpa=np.zeros((k, device.n_cells)),
        filled=gone & (not long_gap),
        missing=gone & long_gap,
        onset=np.array(onset),
        release=np.array(release),
        event_n=event_n,
        saturated=np.zeros((k, device.n_cells), bool),
        saturated_share=np.zeros(k),
        quality=np.zeros(k, np.uint16),
    )
    return Contacts(batch, rates_of(batch, device, body_weight_n), device, body_weight_n)


def rates_of(batch: ContactBatch, device: Device, body_weight_n: float) -> Rates:
    """Loading rates of the same windows."""
    k = len(batch.contact_id)
    none = np.zeros(k, bool)
    rises = RateBatch(
        batch.side, batch.contact_id, batch.starts, batch.t_s, batch.force_n, batch.filled | batch.missing, batch.onset,
        none, none,
    )  # fmt: skip
    return measure_rates(rises, device, body_weight_n, batch.event_n, 0.0, 1.0)


def alone(contacts: Contacts, i: int) -> Contacts:
    """Contact i of a batch as a batch of its own: the same samples at the same device times."""
    batch = contacts.batch
    rows, one = slice(int(batch.starts[i]), int(batch.starts[i + 1])), slice(i, i + 1)
    by_row = ("t_s", "force_n", "moment_nmm", "region_force_n", "counts", "filled", "missing")
    by_contact = ("contact_id", "zero_kpa", "onset", "release", "saturated", "saturated_share", "quality")
    single = replace(
        batch,
        starts=np.array([0, rows.stop - rows.start]),
        **{name: getattr(batch, name)[rows] for name in by_row},
        **{name: getattr(batch, name)[one] for name in by_contact},
    )
    return Contacts(single, contacts.rates.of(batch.contact_id[one]), contacts.device, contacts.body_weight_n)
