"""Frame numbers from a vendor's time stamps: stamps in, numbers on a uniform clock out (METRICS.md 1.7).

A frame keeps its place in time: where stamps jump, numbers jump, which makes a gap; a stamp that repeats is a row
that a slower clock was padded with, and is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np

from insole.blocks import BoolArray, FloatArray, IntArray
from insole.errors import FormatError
from insole.formats.findings import Findings

LONGEST_GAP_S = 3600.0
UNEVEN_SHARE_ALLOWED = 0.1
PADDED = 2.5
"""`jump_periods` of a file padded to its nominal rate: around a repeated stamp a step of two periods is no gap."""

_REPEATED = 0.5  # of a period
_STRAY = 1.2  # of a period away from where it should be: padded files are off by one
_UNEVEN = 0.3  # of a period away from a whole number of them


@dataclass(frozen=True, slots=True)
class Clock:
    """Frame n of a foot was taken at `start_s + n * period_s` of the file's time."""

    start_s: float
    period_s: float

    @property
    def rate_hz(self) -> float:
        """Frames a second."""
        return 1.0 / self.period_s


class FrameNumbers:
    """Numbers the frames of one foot by their time stamps, carried from block to block.

    Parameters
    ----------
    path : Path
        For messages.
    period_s : float
        Time between frames, a few percent either way.
    findings : Findings
    jump_periods : float
        From how many periods on a step in time means that frames are missing.

    Attributes
    ----------
    start_s, last_s : float
        First and last stamp.
    last : int
        Number of the last frame; the first is 0; -1 before it.
    """

    def __init__(self, path: Path, period_s: float, findings: Findings, jump_periods: float = 1.5) -> None:
        self.start_s = self.last_s = np.nan
        self.last = -1
        self._path = path
        self._period_s = period_s
        self._jump_periods = jump_periods
        self._findings = findings
        self._steps = self._uneven = self._line = 0

    def number(self, line: IntArray, t_s: FloatArray) -> tuple[BoolArray, IntArray]:
        """Number the next rows.

        Parameters
        ----------
        line : (n,) int64
            Where they stand in the file, for messages.
        t_s : (n,) float64
            Their stamps.

        Returns
        -------
        keep : (n,) bool
            False for rows without a usable stamp and for repeated stamps.
        number : (m,) int64
            Of the rows kept.

        Raises
        ------
        FormatError
            Time goes back, jumps by more than an hour, or is not evenly spaced.
        """
        keep = np.isfinite(t_s) & ~_outliers(t_s, self._period_s)
        if not keep.all():
            self._findings.add(
                "rows without a usable time stamp: left out", np.count_nonzero(~keep), int(line[~keep][0])
            )
        t_s, line = t_s[keep], line[keep]
        if not len(t_s):
            return keep, np.empty(0, np.int64)
        before = t_s[0] - self._period_s if self.last < 0 else self.last_s
        step_s = np.diff(t_s, prepend=before)
        lost = np.diff(line, prepend=self._line if self.last >= 0 else line[0] - 1) > 1
        self._line = int(line[-1])
        repeated = np.abs(step_s) < _REPEATED * self._period_s
        wrong = ~repeated & ((step_s < 0) | (step_s > LONGEST_GAP_S))
        if wrong.any():
            i = int(np.argmax(wrong))
            raise FormatError(self._path, f"time jumps from {t_s[i] - step_s[i]:.3f} to {t_s[i]:.3f} s", int(line[i]))
        if repeated.any():
            self._findings.add(
                "rows that repeat a time stamp: left out", np.count_nonzero(repeated), int(line[repeated][0])
            )
        t_s, step_s, lost = t_s[~repeated], step_s[~repeated], lost[~repeated]
        keep[keep] = ~repeated
        if not len(t_s):
            return keep, np.empty(0, np.int64)
        periods = step_s / self._period_s
        # Within a padded file's leeway a step of two periods is one frame, unless the row between is known to be lost.
        one = (periods < 1 + _REPEATED) | ((periods < self._jump_periods) & ~lost)
        steps = np.where(one, 1, np.rint(periods).astype(np.int64))
        self._check_even(periods)
        number = self.last + np.cumsum(steps)
        if self.last < 0:
            self.start_s = float(t_s[0])
        self.last, self.last_s = int(number[-1]), float(t_s[-1])
        return keep, number

    def clock(self) -> Clock:
        """The uniform clock that fits all stamps so far, at the true rate."""
        return Clock(self.start_s, (self.last_s - self.start_s) / self.last if self.last > 0 else self._period_s)

    def _check_even(self, periods: FloatArray) -> None:
        self._steps += len(periods)
        self._uneven += int(np.count_nonzero(np.abs(periods - np.rint(periods)) > _UNEVEN))
        if self._uneven > UNEVEN_SHARE_ALLOWED * max(self._steps, 20):
            raise FormatError(
                self._path,
                f"time stamps are not evenly spaced: {self._uneven} of the first {self._steps} steps are not near "
                f"a multiple of {1e3 * self._period_s:g} ms",
            )


def typical_period_s(path: Path, t_s: FloatArray) -> float:
    """Time between frames, from the first stamps of a file.

    Raises
    ------
    FormatError
        Too few stamps, or stamps too coarse to tell frames apart.
    """
    steps = np.diff(t_s[np.isfinite(t_s)])
    if len(steps) < 1:
        raise FormatError(path, "too few rows to tell the sampling rate")
    period_s = float(np.median(steps))
    if not 1e-4 <= period_s <= 1.0:
        raise FormatError(path, f"time stamps {period_s:g} s apart: expected 0.0001 to 1 s between frames")
    if np.ptp(steps) > _UNEVEN * period_s:  # a few gaps or repeats: the median step; rounded stamps: the mean is truer
        return round(period_s, 12)
    return round(float(np.mean(steps)), 12)


def nominal_hz(period_s: float) -> float:
    """The rate a device calls its own: whole hertz where the measured one is within 0.5 % of that, else hundredths."""
    rate = 1.0 / period_s
    whole = float(np.rint(rate))
    return whole if whole and abs(rate - whole) < 0.005 * whole else round(rate, 2)


def survey(path: Path, blocks: Iterable[tuple[IntArray, FloatArray]], jump_periods: float = 1.5) -> tuple[Clock, float]:
    """Read all stamps once: the clock at its true rate, and the period between stamps that a padded file shows.

    Raises
    ------
    FormatError
        As `typical_period_s` and `FrameNumbers.number`.
    """
    numbers: FrameNumbers | None = None
    period_s = np.nan
    for line, t_s in blocks:
        if numbers is None:
            period_s = typical_period_s(path, t_s)
            numbers = FrameNumbers(path, period_s, Findings(), jump_periods)
        numbers.number(line, t_s)
    if numbers is None:
        raise FormatError(path, "too few rows to tell the sampling rate")
    return numbers.clock(), period_s


class Numbered(Protocol):
    """A frame that carries its own number."""

    @property
    def number(self) -> int:
        """As the file says."""


F = TypeVar("F", bound=Numbered)


def rising(frames: Iterable[F], findings: Findings) -> Iterator[F]:
    """The frames whose numbers rise; of two that do not, the one that stands out is left out."""
    held: F | None = None
    last = -1
    for frame in frames:
        if held is not None and frame.number > held.number:
            last = held.number
            yield held
        elif held is not None:
            findings.add("frames whose number does not rise: left out", 1)
            if frame.number <= last:
                continue
        held = frame
    if held is not None:
        yield held


def _outliers(t_s: FloatArray, period_s: float) -> BoolArray:
    """Stamps that do not lie between the two before and the two after, which follow each other without a gap."""
    out = np.zeros(len(t_s), np.bool_)
    steps_s = np.diff(t_s)
    even = ((steps_s >= 0) & (steps_s <= 2 * _STRAY * period_s)).all()  # no stamp can be further off its neighbours
    if len(t_s) >= 5 and not even:
        around = np.lib.stride_tricks.sliding_window_view(t_s, 5)[:, [0, 1, 3, 4]] / period_s
        gapless = (np.diff(around, axis=1) > -0.1).all(axis=1) & (around[:, 3] - around[:, 0] < 4.5)
        out[:2], out[-2:] = t_s[:2] > t_s[2], t_s[-2:] < t_s[-3]
        out[2:-2] = gapless & (np.abs(t_s[2:-2] / period_s - np.median(around, axis=1)) > _STRAY)
    return out
