"""What every reader of a vendor's format hands over: feet with devices and clocks, and their frames, block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from insole.blocks import BoolArray, FloatArray, IntArray, Side
from insole.device import Device
from insole.formats.clock import Clock
from insole.formats.findings import Findings


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Consecutive frames of one foot.

    Parameters
    ----------
    side : Side
    number : (n,) int64
        Frame numbers on the foot's clock, rising over all blocks of the foot; where they jump, frames are missing.
    values : (n, c) float64
        kPa, before any rounding; NaN anywhere in a row: the frame is absent from the file.
    """

    side: Side
    number: IntArray
    values: FloatArray

    @property
    def absent(self) -> BoolArray:
        """(n,) Frames that are absent from the file: a sum with a NaN in it is one."""
        return np.isnan(self.values @ np.ones(self.values.shape[1]))

    def rows(self, pick: slice) -> Samples:
        """Some of the frames."""
        return Samples(self.side, self.number[pick], self.values[pick])


@dataclass(frozen=True, slots=True)
class VendorEvent:
    """Something the vendor's own software found at a moment of the file's time."""

    t_s: float
    label: str


@dataclass(frozen=True, slots=True)
class EndOfFoot:
    """A foot has no more frames although the other one has: nobody waits for it."""

    side: Side


@dataclass(frozen=True, slots=True)
class Foot:
    """One foot of a file: what was in the shoe, and when its frame 0 was taken."""

    device: Device
    clock: Clock


Item = Samples | VendorEvent | EndOfFoot


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for.

    Parameters
    ----------
    paths : tuple of Path
        One file, or two where a vendor writes one file a foot.
    body_mass_kg : float or None
    """

    paths: tuple[Path, ...]
    body_mass_kg: float | None = None

    @property
    def path(self) -> Path:
        """The first file."""
        return self.paths[0]


@dataclass(frozen=True, slots=True, eq=False)
class VendorFile:
    """A file that has been recognised and whose header has been read.

    Parameters
    ----------
    feet : mapping of Side to Foot
    stream : callable
        Gives the frames of all feet in about their order in time; a foot's share of a block comes with that block.
    used, ignored : tuple of str
        What was made of its columns, for people.
    warnings : tuple of str
        What a reader of the results must know.
    findings : Findings
        Filled in while the stream is read.
    start_utc : str
        When recording began, ISO 8601 (local time where the file says no zone), empty if unknown.
    nominal_mass_kg : float or None
        Body mass that turned body weights into newtons because none was known.
    share : callable
        How much of the file has been read by the pass under way, 0 to 1; 0 where that is not known.
    """

    feet: dict[Side, Foot]
    stream: Callable[[], Iterator[Item]]
    used: tuple[str, ...]
    ignored: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    findings: Findings = field(default_factory=Findings)
    start_utc: str = ""
    nominal_mass_kg: float | None = None
    share: Callable[[], float] = float


def empty_samples(side: Side, cells: int) -> Samples:
    """No frames of a foot."""
    return Samples(side, np.empty(0, np.int64), np.empty((0, cells)))
