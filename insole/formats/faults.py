"""Runs of rows that a broken radio link left in an export: zeros or a held row in the middle of a step.

In: frames of one foot. Out: the same frames, those of a fault as NaN, so that they become a gap. A true swing is left
alone (METRICS.md 1.7: a fault lies between samples above 40 N and lasts less than 0.2 s).
"""

from __future__ import annotations

import numpy as np

from insole.blocks import BoolArray, FloatArray
from insole.device import Device
from insole.formats.findings import Findings
from insole.formats.vendor import Samples, empty_samples

LOADED_N = 40.0
LONGEST_S = 0.2
TORN_N = 400.0
"""Before zeros that end a file, where nothing follows to decide: no foot leaves such a load within a sample."""

HELD_ROWS = 4
"""Identical rows from which on they may be a held value: three happen by rounding alone."""

MOVING_N = 10.0
CATCH_UP = 2.0
"""A held value lies in a rise or fall, and what follows it makes up for it: by more than twice the step before it."""


class TransportFaults:
    """Marks the faults of one foot; holds back the last 0.2 s, which what follows may show to be one.

    Parameters
    ----------
    device : Device
    period_s : float
    findings : Findings
    """

    def __init__(self, device: Device, period_s: float, findings: Findings) -> None:
        self._area_m2 = device.area_mm2 * 1e-3  # kPa x mm2 = 1e-3 N
        self._longest = int(np.ceil(LONGEST_S / period_s)) + 1
        self._findings = findings
        self._buffer: Samples | None = None
        self._released = 0  # rows of the buffer that have been given out: what came before the ones in question

    def push(self, samples: Samples) -> Samples:
        """Take frames, give those that are settled."""
        return self._release(samples, self._longest)

    def finish(self) -> Samples | None:
        """The frames held back, None if there never were any."""
        return None if self._buffer is None else self._release(empty_samples(self._buffer.side, len(self._area_m2)), 0)

    def _release(self, samples: Samples, hold: int) -> Samples:
        held = self._buffer or empty_samples(samples.side, len(self._area_m2))
        number = np.concatenate([held.number, samples.number])
        values = np.concatenate([held.values, samples.values])
        settled = max(len(number) - hold, self._released)
        fresh = slice(self._released, settled)
        out = values[fresh].copy()
        for fault, what in zip(self._faults(values), ("zero", "held"), strict=True):
            here = fault[fresh]
            out[here] = np.nan
            self._findings.add(
                f"frames of {what} runs under load (lost in transmission): left out", np.count_nonzero(here)
            )
        context = max(settled - self._longest, 0)
        self._buffer = Samples(samples.side, number[context:], values[context:])
        self._released = settled - context
        return Samples(samples.side, number[fresh], out)

    def _faults(self, values: FloatArray) -> tuple[BoolArray, BoolArray]:
        """Rows of zero runs and of held runs."""
        zero, held = np.zeros(len(values), np.bool_), np.zeros(len(values), np.bool_)
        force_n = values @ self._area_m2
        present = np.flatnonzero(~np.isnan(force_n))
        if len(present) < 3:
            return zero, held
        rows, force_n = values[present], force_n[present]
        same = (rows[1:] == rows[:-1]).all(axis=1)
        starts = np.concatenate([[0], np.flatnonzero(~same) + 1])
        ends = np.concatenate([starts[1:], [len(rows)]])
        short = ends - starts < self._longest
        for a, b in zip(starts[short & (force_n[starts] == 0)], ends[short & (force_n[starts] == 0)], strict=True):
            inside = a > 0 and b < len(rows) and min(force_n[a - 1], force_n[b]) > LOADED_N
            torn = a > 0 and b == len(rows) and force_n[a - 1] > TORN_N
            if (inside or torn) and not rows[a].any():
                zero[present[a:b]] = True
        long_enough = short & (ends - starts >= HELD_ROWS) & (force_n[starts] > LOADED_N)
        for a, b in zip(starts[long_enough], ends[long_enough], strict=True):
            if a == 0 or b == len(rows):
                continue
            before_n, after_n = force_n[a] - force_n[a - 1], force_n[b] - force_n[a]
            moving = abs(before_n) > MOVING_N and before_n * after_n > 0
            if moving and abs(after_n) > max(LOADED_N, CATCH_UP * abs(before_n)):
                held[present[a + 1 : b]] = True
        return zero, held
