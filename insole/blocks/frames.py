"""Inside the pipeline: from decoded frames to whole contacts of one foot, laid end to end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from insole.blocks.arrays import BoolArray, CountArray, FloatArray, IntArray
from insole.blocks.codes import Side


@dataclass(frozen=True, slots=True, eq=False)
class Received:
    """Frames of one side in order of arrival, as sent."""

    side: int
    sequence: IntArray  # (n,) modulo 2^32
    tick_us: IntArray  # (n,) modulo 2^32
    counts: CountArray  # (n, c)
    t_ns: IntArray  # (n,) host time of the delivery that completed the frame


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """A time ping and its answer (firmware_protocol/README.md, section 6.5)."""

    side: int
    ping_ns: int  # host time at which the ping was sent
    received_us: int  # ticks modulo 2^32 at which the device got it
    sent_us: int  # and answered
    t_ns: int  # host time of the delivery of the answer


@dataclass(frozen=True, slots=True, eq=False)
class FrameBlock:
    """Frames of one foot at a uniform index, without a long gap inside.

    `measured` is False for a frame lost in a short gap: its counts are zeros that nobody may use, its sums are
    interpolated in the foot stage. `after_gap`: frames are missing between the previous block and this one.
    """

    side: Side
    index: IntArray  # (n,) frame number, unwrapped
    tick_us: IntArray  # (n,) device clock, unwrapped
    counts: CountArray  # (n, c) raw
    measured: BoolArray  # (n,)
    after_gap: bool


@dataclass(frozen=True, slots=True, eq=False)
class PressureBlock:
    """Calibrated frames of one foot for a live view (zero of the moment applied, unfiltered)."""

    side: Side
    t_s: FloatArray  # (n,) recording time
    kpa: FloatArray  # (n, c)
    force_n: FloatArray  # (n,)


@dataclass(frozen=True, slots=True, eq=False)
class RateBatch:
    """The rise of k contacts of one foot, laid end to end: rows `starts[i]:starts[i+1]` belong to contact i.

    Each window runs from 60 ms before the detected onset to 20 ms after the point of interest was seen on the samples,
    and never changes afterwards (METRICS.md 1.6), so that a loading rate can leave before toe-off.
    """

    side: Side
    contact_id: IntArray  # (k,)
    starts: IntArray  # (k + 1,)
    t_s: FloatArray  # (N,) device time
    force_n: FloatArray  # (N,) zeroed, smoothed
    filled: BoolArray  # (N,) frame lost: the force there is interpolated
    onset: IntArray  # (k,) row, within the window, of the first frame at or above the reporting threshold
    slow: BoolArray  # (k,) arming took longer than 60 ms
    onset_unseen: BoolArray  # (k,)


@dataclass(frozen=True, slots=True, eq=False)
class ContactBatch:
    """k whole contacts of one foot, their frames laid end to end: contact i is rows `starts[i]:starts[i+1]`.

    Each contact's rows run from 60 ms before the detected onset to 60 ms after toe-off was confirmed, where frames
    exist. Times are device seconds of that foot. Force, regional force and moments are zeroed with the zero held at
    the contact's onset and smoothed where the device samples at 200 Hz or more (METRICS.md 1.5).
    """

    side: Side
    contact_id: IntArray  # (k,)
    starts: IntArray  # (k + 1,)
    t_s: FloatArray  # (N,) device time
    force_n: FloatArray  # (N,)
    moment_nmm: FloatArray  # (N, 2) force x (mm from the medial edge, mm from the heel)
    region_force_n: FloatArray  # (N, r) in the order of device.REGIONS
    counts: CountArray  # (N, c) raw; pressure is `gain` x the device's kPa of them, less `zero_kpa`
    gain: float
    zero_kpa: FloatArray  # (k, c)
    filled: BoolArray  # (N,) lost in a gap short enough to interpolate
    missing: BoolArray  # (N,) lost in a longer gap: sums are joined by a line, only to keep the index uniform
    onset: IntArray  # (k,) row, within the contact, of the first frame at or above the reporting threshold
    release: IntArray  # (k,) row, within the contact, of the first frame below it at the end
    event_n: float  # reporting threshold in force
    saturated: BoolArray  # (k, c) cells that reached full scale
    saturated_share: FloatArray  # (k,) of the loaded cell samples
    quality: npt.NDArray[np.uint16]  # (k,) Quality bits
    unloaded_kpa: FloatArray | None = None  # (c,) zero of the insole off the foot, where a calibration recorded it
