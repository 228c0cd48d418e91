"""Figures of the moment, fit to be shown: means, medians, pictures, sums, differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from insole.blocks.arrays import BoolArray, FloatArray, IntArray
from insole.blocks.codes import Side, Status


@dataclass(frozen=True, slots=True, eq=False)
class ForceBand:
    """Mean and standard deviation of the last running contacts' vertical force, every ms from initial contact."""

    side: Side
    mean: FloatArray  # (301,)
    sd: FloatArray  # (301,)
    n: int
    unit: str  # "BW" or "N"


@dataclass(frozen=True, slots=True)
class MeanRise:
    """Where the loading rate of the last running contacts is taken: the 20 and 80 % points, on average.

    `samples` is how many frames of the device fall between them; NaN where no contact has a loading rate.
    """

    side: Side
    from_ms: float  # after initial contact
    from_bw: float
    to_ms: float
    to_bw: float
    samples: float
    n: int


@dataclass(frozen=True, slots=True, eq=False)
class FootPicture:
    """The last running contacts of one foot over each other."""

    side: Side
    n: int
    peak_kpa: FloatArray  # (c,) mean over the contacts of each cell's highest pressure
    highest_kpa: FloatArray  # (c,) highest of each cell since the session began
    saturated: BoolArray  # (c,) cells that reached full scale in one of the contacts
    cop: FloatArray  # (101, 2) mean centre of pressure at 0..100 % of stance, as (x from medial, y from heel) in 0..1
    cop_x_mm: FloatArray  # (101,) mean distance from the medial edge
    cop_x_sd_mm: FloatArray  # (101,)


@dataclass(frozen=True, slots=True, eq=False)
class RunningMedian:
    """Median loading rate of the last 60 contacts of one foot at each of its new contacts, NaN before there are enough.

    The 95 % interval includes the calibration, as for comparison with a fixed line.
    """

    side: Side
    t_s: FloatArray  # (k,) recording time of initial contact
    value: FloatArray  # (k,) BW/s
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class RecentRates:
    """Loading rates of the last 60 running contacts of one foot: by every definition, and how they are spread."""

    side: Side
    medians: tuple[KeyNumber, ...]  # one a definition, the primary one first
    first_bw_s: float  # lower edge of the first bin
    bin_bw_s: float
    counts: IntArray  # (b,) contacts by the primary definition
    n: int
    under_target_pct: float  # NaN without a target


@dataclass(frozen=True, slots=True)
class Load:
    """What one foot has carried since the session began, running contacts only (METRICS.md 8.3).

    `dose` is the sum of the fourth powers of the peaks, to be shown as a relative number only. Contacts whose value was
    withheld are not in the sums: `measured` says how many are.
    """

    side: Side
    contacts: int
    measured: int
    impulse_bw_s: float
    peaks_bw: float
    dose: float


class KeyNumber(NamedTuple):
    """One number fit to be shown large: the median or mean of the last contacts, with its 95 % interval."""

    metric: str
    side: Side | None  # None: both feet together
    value: float
    low: float
    high: float
    n: int
    needed: int  # contacts needed before a value is given
    unit: str
    status: Status
    reason: str = ""  # in three words when withheld or limited


@dataclass(frozen=True, slots=True)
class Gauge:
    """A left-right difference of the last contacts, in percent (positive: left higher), with its 95 % interval."""

    metric: str
    value_pct: float
    low_pct: float
    high_pct: float
    n_left: int
    n_right: int
    note_line_pct: float  # NaN: the metric has none, the difference is only shown
    calibrated: bool  # False: left/right gain unknown, no flag can come of it
    status: Status


@dataclass(frozen=True, slots=True, eq=False)
class PhaseResult:
    """What a calibration phase gave for one foot, or why it could not be used."""

    kind: str  # unloaded, stance, left or right
    side: Side
    from_s: float
    to_s: float
    refused: str  # why, and what to do; empty where it was used
    force_n: float  # mean force, zeroed, with the gain that was in force before; NaN where the zero is not known
    variation_pct: float  # standard deviation over mean of the force of all feet stood on; NaN where nobody stood
    gain: float  # in force after it
    zero_kpa: FloatArray | None  # (c,) the zero that was set
