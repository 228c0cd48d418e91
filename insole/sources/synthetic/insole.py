"""One foot in its insole: contacts in, deliveries and the truth of the contacts that ended out."""

from __future__ import annotations

from typing import Any

import numpy as np

from insole.blocks import GRAVITY_M_S2, FloatArray, Side
from insole.device import Device
from insole.errors import SettingsError
from insole.sources.synthetic.foot import Foot
from insole.sources.synthetic.gait import Contacts, threshold_bw
from insole.sources.synthetic.layout import demo_insole
from insole.sources.synthetic.options import SyntheticOptions
from insole.sources.synthetic.radio import Deliveries, DeviceClock, Link
from insole.sources.synthetic.sensor import Sensor
from insole.sources.synthetic.truth import contact_truth

_12_BIT_FULL_SCALE = 4095


class SyntheticInsole:
    """One foot in its insole, and its radio link.

    Attributes
    ----------
    device : Device
    link : Link
    clock : DeviceClock
    joins_s : float
        When its first frame is sampled, at the latest one frame after it was asked to join.
    """

    def __init__(
        self, side: Side, options: SyntheticOptions, sensor_rng: np.random.Generator, link_rng: np.random.Generator
    ) -> None:
        left = side is Side.LEFT
        self.device = _device(options)
        dead, stuck = (options.dead_left, options.stuck_left) if left else (options.dead_right, options.stuck_right)
        for cell in (*dead, *stuck):
            if not 0 <= cell < self.device.n_cells:
                raise SettingsError(f"synthetic: faulty cell {cell}: cells go from 0 to {self.device.n_cells - 1}")
        tick_us = options.tick_start_left_us if left else options.tick_start_right_us
        interval_us = round(1e6 / self.device.rate_hz)
        self.clock = clock = DeviceClock(
            start_s=(options.late_left_s if left else options.late_right_s) + link_rng.uniform(0.0, 1e-6 * interval_us),
            interval_us=interval_us,
            ppm=options.clock_ppm_left if left else options.clock_ppm_right,
            tick_us=int(link_rng.integers(0, 2**31)) if tick_us is None else tick_us,
        )
        self.link = Link(
            side if not options.swapped else Side.RIGHT if left else Side.LEFT,
            link_rng,
            clock,
            self.device.n_cells,
            12 if self.device.full_scale_counts <= _12_BIT_FULL_SCALE else 16,
            loss=0.01 * options.loss_pct,
            bursts_per_s=options.bursts_per_min / 60.0,
            burst_s=options.burst_s,
            duplicate=0.01 * options.duplicate_pct,
            corrupt=0.01 * options.corrupt_pct,
        )
        self.joins_s = clock.start_s
        self._side = side
        self._newton_per_bw = options.body_mass_kg * GRAVITY_M_S2
        self._threshold_bw = threshold_bw(options.body_mass_kg)
        self._reversed = options.reversed_left if left else options.reversed_right
        self._foot = Foot(self.device, options.medial_shift(side))
        self._sensor = Sensor(
            self.device, sensor_rng, options.noise_kpa, options.offset_drift_kpa, options.preload_kpa, dead, stuck
        )
        self._active: Contacts | None = None
        self._unfinished: list[dict[str, Any]] = []  # truth of contacts not yet over
        self._frames = 0

    def advance(self, until_s: float, new: Contacts, *, last: bool) -> tuple[Deliveries, list[dict[str, Any]]]:
        """Go on to `until_s` with these contacts more: what was delivered, and the truth of the contacts that ended.

        Frames are held back until they fill a packet, except at the `last`.
        """
        active = new if self._active is None else self._active.then(new)
        frames = self.clock.frames_until(until_s)
        if not last:
            frames -= frames % self.link.frames_per_packet
        first = self._frames
        self._frames = max(frames, first)
        t_s = self.clock.sampled_s(np.arange(first, self._frames))
        deliveries, lost = self.link.send(first, self._sensor.counts(self._kpa(active, t_s), t_s))

        next_s = float(self.clock.sampled_s(np.array(self._frames)))
        self._unfinished += contact_truth(self._side, new, self._foot, self._threshold_bw)
        ended, going_on = [], []
        for row in self._unfinished:
            inside = (t_s >= row["ic_s"]) & (t_s <= row["to_s"])
            row["frames"] += int(inside.sum())
            row["frames_lost"] += int(lost[inside].sum())
            if last or row["to_s"] < next_s:
                ended.append(self._clipped(row, until_s))
            else:
                going_on.append(row)
        self._unfinished = going_on
        self._active = active.pick(active.end_s >= next_s)
        return deliveries, [row for row in ended if row["frames"] > 0]

    def _clipped(self, row: dict[str, Any], end_s: float) -> dict[str, Any]:
        """The row with times inside the recording, `end_s` being its end if the contact reaches so far."""
        row["whole"] = row["ic_s"] >= self.joins_s and row["to_s"] <= end_s
        row["ic_s"] = round(max(row["ic_s"], self.joins_s), 6)
        row["to_s"] = round(min(row["to_s"], end_s), 6)
        return row

    def _kpa(self, contacts: Contacts, t_s: FloatArray) -> FloatArray:
        """Pressure of the foot on the cells, (n, c)."""
        kpa = np.zeros((len(t_s), self.device.n_cells))
        if len(contacts) == 0:
            return kpa
        contact = np.searchsorted(contacts.start_s, t_s, side="right") - 1
        loaded = np.flatnonzero((contact >= 0) & (t_s < contacts.end_s[contact]))
        contact, t_s = contact[loaded], t_s[loaded]
        progress = (t_s - contacts.start_s[contact]) / (contacts.end_s - contacts.start_s)[contact]
        shares = self._foot.shares(progress, contacts.roll[contact], contacts.lean[contact])
        force_n = self._newton_per_bw * contacts.force_bw(self._side, contact, t_s)
        kpa[loaded] = self._foot.kpa(force_n, shares)
        if self._reversed:
            heel_first = np.argsort(self.device.y, kind="stable")
            kpa[:, heel_first] = kpa[:, heel_first[::-1]]
        return kpa


def _device(options: SyntheticOptions) -> Device:
    """The insole asked for."""
    name = options.device
    device = Device.named(name) if name is not None else demo_insole(options.cells, options.rate_hz)
    if options.full_scale_kpa is None:
        return device
    # Full scale as a count common to all cells: where the most sensitive of them reaches it.
    steps = np.arange(device.full_scale_counts + 1)[:, None]
    reached = (device.to_kpa(steps) >= options.full_scale_kpa).any(axis=1)
    return device.with_changes(full_scale_counts=int(reached.argmax()) if reached.any() else device.full_scale_counts)
