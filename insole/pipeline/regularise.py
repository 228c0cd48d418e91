"""Frames as they came to frames at a uniform index. In: `Received` of one foot. Out: `FrameBlock`s, and what was lost.

Sequence numbers and ticks are unwrapped; duplicates and late frames are dropped and counted; a gap of at most 20 ms and
two frames is marked, a longer one splits; a device that restarted begins anew, placed by host time (METRICS.md 1.7).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np

from insole.blocks import BoolArray, CountArray, FrameBlock, IntArray, Received, Side

GAP_FILL_S = 0.020
GAP_FILL_FRAMES = 2
LATE_S = 2.0  # a frame further back than this is no late frame: the device restarted
JUMP_S = 0.5  # ticks and sequence numbers that disagree by more: the device restarted
LOSS_WINDOW_S = 60
FEW_FRAMES = 32  # up to here a loop over frames costs less than array operations
ALL_MEASURED = np.ones(FEW_FRAMES, np.bool_)
ALL_MEASURED.flags.writeable = False

Steps = TypeVar("Steps", int, IntArray)


@dataclass(frozen=True, slots=True)
class SecondOfSignal:
    """Signal of one foot at the end of a second of its own device clock."""

    tick_us: int
    loss_pct: float  # over the last 60 s
    rate_hz: float  # measured on the device clock since the start


class Arrivals(NamedTuple):
    """New frames, one or more, between which the device did not restart."""

    tick_us: IntArray  # (n,) unwrapped
    t_ns: IntArray  # (n,) host time of delivery
    wire_us: int  # unwrapped ticks less those on the wire, modulo 2^32
    restarted: bool  # before the first of them


class Regular(NamedTuple):
    """What one push of one foot became."""

    blocks: list[FrameBlock]
    arrivals: list[Arrivals]
    seconds: list[SecondOfSignal]


class Regulariser:
    """Unwrapped position, recent losses and counts of one foot."""

    def __init__(self, side: Side, rate_hz: float) -> None:
        self.side = side
        self.frames = self.lost = self.duplicate = self.late = self.restarts = 0
        self.rate_hz = float("nan")
        self.loss_pct = float("nan")
        self._rate = rate_hz
        self._fill_limit = min(GAP_FILL_FRAMES, int(GAP_FILL_S * rate_hz + 1e-9))
        self._horizon = round(LATE_S * rate_hz)
        self._arrived: tuple[int, int, int, int] | None = None  # last arrival: raw sequence, raw tick, index, tick
        self._wire_us = 0  # unwrapped ticks less those on the wire, modulo 2^32
        self._newest = (0, 0, 0)  # index, tick and host time of the newest frame
        self._origin = (0, 0)  # index and tick where the count of seconds and the rate began
        self._missing: set[int] = set()
        self._second = [0, 0, 0]  # number, received, lost
        self._minute: deque[tuple[int, int, int]] = deque()  # the same of the last seconds
        self._minute_received = self._minute_lost = 0

    def push(self, received: Received) -> Regular:
        """Order and repair frames."""
        if 0 < len(received.sequence) <= FEW_FRAMES and (regular := self._following(received)) is not None:
            return regular
        blocks: list[FrameBlock] = []
        arrivals: list[Arrivals] = []
        seconds: list[SecondOfSignal] = []
        sequence_steps, tick_steps, odd = self._steps(received)
        edges = np.concatenate([[0], np.flatnonzero(odd), [len(odd)]])
        for a, b in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            if a == b:
                continue
            first = self._arrived is None
            fresh = first or bool(odd[a])
            if fresh:
                self._begin(received, a)
                sequence_steps[a] = tick_steps[a] = 0
            assert self._arrived is not None
            index = self._arrived[2] + np.cumsum(sequence_steps[a:b])
            tick_us = self._arrived[3] + np.cumsum(tick_steps[a:b])
            self._arrived = (
                int(received.sequence[b - 1]),
                int(received.tick_us[b - 1]),
                int(index[-1]),
                int(tick_us[-1]),
            )
            keep = self._keep(index, fresh)
            counts, t_ns = received.counts[a:b], received.t_ns[a:b]
            if not keep.all():
                index, tick_us, counts, t_ns = index[keep], tick_us[keep], counts[keep], t_ns[keep]
            if len(index):
                seconds += self._count(index, tick_us, fresh)
                blocks += self._split(index, tick_us, counts, fresh)
                self._newest = (int(index[-1]), int(tick_us[-1]), int(t_ns[-1]))
                arrivals.append(Arrivals(tick_us, t_ns, self._wire_us, fresh and not first))
        return Regular(blocks, arrivals, seconds)

    def _following(self, r: Received) -> Regular | None:
        """Few frames that follow the newest one without a gap, as nearly all do in a live stream; None for any others.

        The same as the general way, without a dozen array operations for every handful of frames.
        """
        if self._arrived is None or self._arrived[2] != self._newest[0]:
            return None
        sequence, raw_us, newest, tick_us = self._arrived
        interval_s, most_off_s = 1 / self._rate, JUMP_S + 0.1 / self._rate
        ticks: list[int] = []
        for next_sequence, next_us in zip(r.sequence.tolist(), r.tick_us.tolist(), strict=True):
            step_us = _signed(next_us - raw_us)
            if _signed(next_sequence - sequence) != 1 or abs(step_us * 1e-6 - interval_s) > most_off_s:
                return None
            sequence, raw_us, tick_us = next_sequence, next_us, tick_us + step_us
            ticks.append(tick_us)
        n = len(ticks)
        seconds = []
        for index, tick in enumerate(ticks, newest + 1):
            second = (tick - self._origin[1]) // 1_000_000
            if second != self._second[0]:
                seconds.append(self._end_second(index, tick))
                self._second = [second, 0, 0]
            self._second[1] += 1
        self.frames += n
        self._arrived = (sequence, raw_us, newest + n, tick_us)
        self._newest = (newest + n, tick_us, int(r.t_ns[-1]))
        tick_array = np.array(ticks)
        block = self._block(np.arange(newest + 1, newest + 1 + n), tick_array, r.counts, after_gap=False)
        return Regular([block], [Arrivals(tick_array, r.t_ns, self._wire_us, restarted=False)], seconds)

    def _steps(self, r: Received) -> tuple[IntArray, IntArray, BoolArray]:
        """From arrival to arrival: frames, microseconds, and whether the device must have restarted."""
        sequence, tick_us = (self._arrived or (int(r.sequence[0]), int(r.tick_us[0])))[:2]
        frames = _signed(np.diff(r.sequence, prepend=sequence))
        microseconds = _signed(np.diff(r.tick_us, prepend=tick_us))
        disagree = np.abs(microseconds * 1e-6 - frames / self._rate)
        odd = (frames < -self._horizon) | (disagree > JUMP_S + 0.1 * np.abs(frames) / self._rate)
        return frames, microseconds, odd

    def _begin(self, r: Received, at: int) -> None:
        """Count anew from frame `at`: the first ever, or after a restart, placed by the host time that went by."""
        index, tick_us = int(r.sequence[at]), int(r.tick_us[at])
        if self._arrived is not None:
            elapsed_us = max(0, (int(r.t_ns[at]) - self._newest[2]) // 1000)
            gap = self._fill_limit + 2
            index = self._newest[0] + max(gap, round(elapsed_us * 1e-6 * self._rate))
            tick_us = self._newest[1] + max(elapsed_us, round(gap / self._rate * 1e6))
            self.restarts += 1
            self._missing.clear()
        self._arrived = (0, 0, index, tick_us)
        self._wire_us = tick_us - int(r.tick_us[at])
        self._origin = (index, tick_us)
        self._second = [0, 0, 0]

    def _keep(self, index: IntArray, fresh: bool) -> BoolArray:
        """Frames newer than all before them; the others are late or duplicates, and counted."""
        newest = int(index[0]) - 1 if fresh else self._newest[0]
        before = np.maximum.accumulate(np.concatenate([[newest], index[:-1]]))
        keep = index > before
        steps = index - before
        for i in np.flatnonzero(~keep | (steps > 1)).tolist():
            frame = int(index[i])
            if keep[i]:
                self._missing.update(range(max(int(before[i]) + 1, frame - self._horizon), frame))
            elif frame in self._missing or frame < max(self._origin[0], before[i] - self._horizon):
                self._missing.discard(frame)
                self.late += 1
            else:
                self.duplicate += 1
        if len(self._missing) > 4 * self._horizon:
            oldest = int(index.max()) - 2 * self._horizon
            self._missing = {frame for frame in self._missing if frame > oldest}
        return keep

    def _count(self, index: IntArray, tick_us: IntArray, fresh: bool) -> list[SecondOfSignal]:
        """Loss second by second of the device clock."""
        lost = np.diff(index, prepend=int(index[0]) - 1 if fresh else self._newest[0]) - 1
        self.frames += len(index)
        self.lost += int(lost.sum())
        second = (tick_us - self._origin[1]) // 1_000_000
        starts = np.concatenate([[0], np.flatnonzero(np.diff(second)) + 1])
        received, lost = np.diff(starts, append=len(second)), np.add.reduceat(lost, starts)
        out = []
        for number, first, first_us, n_received, n_lost in zip(
            *(column.tolist() for column in (second[starts], index[starts], tick_us[starts], received, lost)),
            strict=True,
        ):
            if number != self._second[0]:
                out.append(self._end_second(first, first_us))
                self._second = [number, 0, 0]
            self._second[1] += n_received
            self._second[2] += n_lost
        return out

    def _end_second(self, index: int, tick_us: int) -> SecondOfSignal:
        number, received, lost = self._second
        self._minute.append((number, received, lost))
        self._minute_received += received
        self._minute_lost += lost
        while self._minute and self._minute[0][0] <= number - LOSS_WINDOW_S:
            _, old_received, old_lost = self._minute.popleft()
            self._minute_received -= old_received
            self._minute_lost -= old_lost
        self.loss_pct = 100.0 * self._minute_lost / max(self._minute_lost + self._minute_received, 1)
        self.rate_hz = (index - self._origin[0]) * 1e6 / max(tick_us - self._origin[1], 1)
        return SecondOfSignal(tick_us, self.loss_pct, self.rate_hz)

    def _split(self, index: IntArray, tick_us: IntArray, counts: CountArray, fresh: bool) -> list[FrameBlock]:
        """Blocks without a long gap inside; short gaps become marked rows."""
        before = (int(index[0]) - 1, int(tick_us[0])) if fresh else self._newest[:2]
        steps = np.diff(index, prepend=before[0])
        if (steps == 1).all():
            return [self._block(index, tick_us, counts, after_gap=fresh)]
        blocks = []
        edges = np.concatenate([[0], np.flatnonzero(steps > self._fill_limit + 1), [len(index)]])
        for a, b in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            if a == b:
                continue
            broken = fresh if a == 0 and steps[0] <= self._fill_limit + 1 else True
            if a > 0 or not broken:
                before = (int(index[a - 1]), int(tick_us[a - 1])) if a > 0 else before
            first = int(index[a]) if broken else before[0] + 1
            full = np.arange(first, int(index[b - 1]) + 1)
            if len(full) == b - a:
                blocks.append(self._block(index[a:b], tick_us[a:b], counts[a:b], after_gap=broken))
                continue
            at = index[a:b] - first
            measured = np.zeros(len(full), np.bool_)
            measured[at] = True
            all_counts = np.zeros((len(full), counts.shape[1]), np.uint16)
            all_counts[at] = counts[a:b]
            known = index[a:b] if broken else np.concatenate([[before[0]], index[a:b]])
            known_us = tick_us[a:b] if broken else np.concatenate([[before[1]], tick_us[a:b]])
            all_us = np.round(np.interp(full, known, known_us)).astype(np.int64)
            blocks.append(FrameBlock(self.side, full, all_us, all_counts, measured, broken))
        return blocks

    def _block(self, index: IntArray, tick_us: IntArray, counts: CountArray, *, after_gap: bool) -> FrameBlock:
        n = len(index)
        measured = ALL_MEASURED[:n] if n <= FEW_FRAMES else np.ones(n, np.bool_)
        return FrameBlock(self.side, index, tick_us, counts, measured, after_gap)


def _signed(steps: Steps) -> Steps:
    """Differences of unsigned 32 bit counters as the nearest signed step."""
    return ((steps + 0x80000000) & 0xFFFFFFFF) - 0x80000000
