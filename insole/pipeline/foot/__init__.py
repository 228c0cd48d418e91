"""One foot: frames in, whole contacts out.

held frames -> trace (gaps, smoothing) -> finder (events, rises, swing zero: the one feedback loop) -> contacts. This
module passes frames on from one to the next; each is a file of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from insole.blocks import ContactBatch, FloatArray, FrameBlock, IntArray, PressureBlock, Quality, RateBatch, Side
from insole.device import Device
from insole.pipeline.foot.calibrate import Calibration
from insole.pipeline.foot.contacts import LongContact, contact_batch
from insole.pipeline.foot.events import MERGE_S, EventMachine, Thresholds
from insole.pipeline.foot.faults import CellFaults
from insole.pipeline.foot.finder import ContactFinder
from insole.pipeline.foot.held import HeldFrames
from insole.pipeline.foot.smooth import taps
from insole.pipeline.foot.start import MAX_HELD_S
from insole.pipeline.foot.stuck import MOST_CELLS
from insole.pipeline.foot.trace import Trace
from insole.pipeline.foot.zero import SwingZero, beyond_limit

BRIDGE_S = 0.30  # loaded on both sides of a gap shorter than this: the same contact; no running swing is as short
PIECE_FRAMES = 1024
VIEW_S = 0.05  # a live view gets the last frames of a push, not all of them
NO_FRAMES = (None, np.empty(0))


@dataclass(frozen=True, slots=True, eq=False)
class FootOutput:
    """What one push of frames made of one foot."""

    rises: RateBatch | None
    contacts: ContactBatch | None
    long: tuple[LongContact, ...]
    faulty: IntArray  # (k,) cells known dead or stuck at each of the contacts


class Foot:
    """The per-foot half of the pipeline.

    Parameters
    ----------
    side : Side
    device : Device
    gain : float
        Calibration gain found on the runner.
    zero_kpa : (c,) float64 or None
        Unloaded zero of each cell, where a calibration recorded it.
    """

    def __init__(self, side: Side, device: Device, gain: float, zero_kpa: FloatArray | None) -> None:
        self.side = side
        self.device = device
        self.calibration = Calibration(device, gain)
        self.sigma_n = 0.0
        self.faulty_cells: tuple[int, ...] = ()  # dead, stuck, or unloaded at more than the limit of the zero
        rate = device.rate_hz
        self._unloaded_kpa = zero_kpa
        self._zero = SwingZero(self.calibration, rate, np.zeros(device.n_cells) if zero_kpa is None else zero_kpa)
        self._held = HeldFrames(device, needs_zero=not device.zeroed and zero_kpa is None)
        self._kernel = taps(rate)
        self._trace = Trace(self._kernel)
        self._finder: ContactFinder | None = None  # until the thresholds are known
        self._faults = CellFaults(device)
        self._next_index: int | None = None  # frame number the next block should begin with
        self._last_tick_us = 0
        self._newest: tuple[FrameBlock | None, FloatArray] = NO_FRAMES  # the last block with its force
        self._view_frames = max(1, round(VIEW_S * rate))

    # ---- the start: frames are held until zero and noise are known ------------------------------------------------

    @property
    def start_tick_us(self) -> int | None:
        """Device time of the frame that completed the start window; None before."""
        return None if self._held.started is None else self._held.started.tick_us

    @property
    def started(self) -> bool:
        """Whether thresholds are set and frames flow."""
        return self._finder is not None

    @property
    def event_n(self) -> float:
        """Reporting threshold in force."""
        return self._finder_now.machine.thresholds.event_n

    @property
    def zero_n(self) -> float | None:
        """Force that the zero of the moment takes away; None while it is not known."""
        return None if self._held.needs_zero and self._held.started is None else self._zero.force_n

    def hold(self, blocks: list[FrameBlock]) -> None:
        """Keep frames until zero and noise are known: from then on `start_tick_us` and `sigma_n` are set."""
        for block in blocks:
            waited = self._held.started is None
            self._held.push(block, self.calibration, self._zero.force_n)
            self._last_tick_us = int(block.tick_us[-1])
            started = self._held.started
            if waited and started is not None:
                self.sigma_n = started.sigma_n
                if started.zero_counts is not None:
                    self._zero.begin(self.calibration.to_kpa(started.zero_counts))

    def begin(self, body_weight_n: float, sigma_n: float, reporting_n: float | None) -> None:
        """Freeze the thresholds for the recording; held frames flow with the next push."""
        self.sigma_n = sigma_n
        rate, merge_s = self.device.rate_hz, 0.0 if self.side is Side.BELT else MERGE_S
        machine = EventMachine(Thresholds.of(body_weight_n, sigma_n, reporting_n), rate, merge_s)
        self._finder = ContactFinder(self._trace, self._zero, machine, rate, body_weight_n)

    def recalibrate(self, gain: float, zero_kpa: FloatArray | None) -> None:
        """Another gain, and zero where one is given, from the next frame on; what was open must have been finished."""
        self.sigma_n *= gain / self.calibration.gain
        self.calibration = Calibration(self.device, gain)
        self._zero.recalibrate(self.calibration)
        if zero_kpa is not None:
            self._zero.begin(zero_kpa)
            self._unloaded_kpa = zero_kpa
        self._held.recalibrate(self.calibration, zero_known=zero_kpa is not None)

    # ---- frames flow ----------------------------------------------------------------------------------------------

    def follow(self, blocks: list[FrameBlock]) -> None:
        """Take frames, held ones first."""
        finder = self._finder_now
        for block in [*self._held.release(), *blocks]:
            for piece in [block] if len(block.index) <= PIECE_FRAMES else _pieces(block):
                self._append(piece, finder)
                finder.advance()

    def close(self) -> None:
        """The stream is over, or goes on with another calibration: close what is open."""
        self.follow([])
        if not self._trace.empty:
            self._finder_now.close_run()

    def _append(self, block: FrameBlock, finder: ContactFinder) -> None:
        """Frames to the trace: to the run that goes on, across a gap where it is short, or to a new one."""
        trace = self._trace
        force_n = self.calibration.force_n(block.counts)
        if block.after_gap and self._next_index is not None:
            lost = int(block.index[0]) - self._next_index
            finder.holes.append((self._last_tick_us * 1e-6, int(block.tick_us[0]) * 1e-6))
            if 0 < lost <= BRIDGE_S * self.device.rate_hz and not trace.empty:
                finder.machine.bridge(trace.rows.end, trace.rows.end + lost)
                trace.bridge(lost, block, float(force_n[0]))
            else:
                finder.close_run()
        if trace.empty:
            finder.begin_run()
        trace.append(block, force_n)
        self._newest = block, force_n
        self._next_index = int(block.index[-1]) + 1
        self._last_tick_us = int(block.tick_us[-1])

    @property
    def _finder_now(self) -> ContactFinder:
        if self._finder is None:
            raise AssertionError("frames before begin()")
        return self._finder

    # ---- what became complete -------------------------------------------------------------------------------------

    @property
    def completed(self) -> int:
        """Contacts and holes that became known since they were last taken."""
        return 0 if self._finder is None else len(self._finder.placed) + len(self._finder.holes)

    @property
    def has_output(self) -> bool:
        """Whether anything became complete since it was last taken."""
        finder = self._finder
        return finder is not None and bool(finder.placed or finder.rises.found or finder.long)

    def take(self) -> FootOutput:
        """What became complete since it was last taken."""
        finder, contacts, faulty = self._finder_now, None, np.empty(0, np.int64)
        if finder.placed:
            contacts, faulty = self._judged(
                contact_batch(
                    self.side, finder.placed, self.calibration, self._kernel, self.event_n, self._unloaded_kpa
                )
            )
        out = FootOutput(finder.rises.take(self.side), contacts, tuple(finder.long), faulty)
        finder.placed, finder.long = [], []
        return out

    def take_holes(self) -> list[tuple[float, float]]:
        """Device times between which frames are missing, new ones."""
        if self._finder is None or not self._finder.holes:
            return []
        holes, self._finder.holes = self._finder.holes, []
        return holes

    def _judged(self, contacts: ContactBatch) -> tuple[ContactBatch, IntArray]:
        """The contacts with what is known of the cells at each, and how many of them are faulty."""
        cells = self._faults.push(contacts)
        beyond = beyond_limit(contacts.zero_kpa)
        if beyond.any():
            cells |= beyond & (beyond.mean(axis=1) <= MOST_CELLS)[:, None]
        if not cells.any():
            self.faulty_cells = ()
            return contacts, np.zeros(len(cells), np.int64)
        self.faulty_cells = tuple(np.flatnonzero(cells[-1]).tolist())
        faulty: IntArray = cells.sum(axis=1)
        quality = contacts.quality | np.where(faulty > 0, np.uint16(Quality.CELL_FAULT), np.uint16(0))
        return replace(contacts, quality=quality), faulty

    @property
    def watermark_us(self) -> int:
        """Device time before which every contact's onset is known and the contact complete."""
        if self._finder is None:
            return self._last_tick_us - round(1e6 * MAX_HELD_S)
        return self._last_tick_us if self._trace.empty else self._finder.watermark_us

    def view(self, block: FrameBlock, recording_s: Callable[[int], float]) -> PressureBlock | None:
        """The last frames of a block for a live picture, in recording time; None where none of them was measured."""
        measured, counts, tick_us = block.measured, block.counts, block.tick_us
        known, force_n = self._newest
        self._newest = NO_FRAMES
        if known is not block:
            force_n = self.calibration.force_n(counts[-self._view_frames :])
        if len(tick_us) > self._view_frames:
            last = slice(-self._view_frames, None)
            measured, counts, tick_us, force_n = measured[last], counts[last], tick_us[last], force_n[last]
        if np.count_nonzero(measured) < len(measured):
            counts, tick_us, force_n = counts[measured], tick_us[measured], force_n[measured]
        if not len(tick_us):
            return None
        cells = counts[0] if len(counts) == 1 else counts  # one row is not spread over rows, which takes twice as long
        return PressureBlock(
            self.side,
            np.array([recording_s(us) for us in tick_us.tolist()]),
            (self.calibration.to_kpa(cells) - self._zero.kpa).reshape(counts.shape),
            force_n - self._zero.force_n,
        )


def _pieces(block: FrameBlock) -> Iterator[FrameBlock]:
    """A long block piece by piece: its counts are still in the cache when their contacts are over."""
    for a in range(0, len(block.index), PIECE_FRAMES):
        rows = slice(a, a + PIECE_FRAMES)
        after_gap = block.after_gap and a == 0
        yield FrameBlock(
            block.side, block.index[rows], block.tick_us[rows], block.counts[rows], block.measured[rows], after_gap
        )
