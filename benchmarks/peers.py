"""The same numbers as one would write them without this project: pandas, whole-array scipy, Python by frame (A3).

All take raw rows in memory and give, of each contact, time on the ground (ms), peak force (N), impulse (BW s), peak
pressure (kPa), loading rate and steepest loading rate (BW/s), strike index (%) and centre of pressure at mid-stance
(mm), by the same definitions, threshold, zero and smoothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.interpolate import CubicSpline
from scipy.ndimage import find_objects, label
from scipy.signal import savgol_filter

from benchmarks.measure import Line, in_turns
from benchmarks.offline import SIGMA_N, batches_of
from benchmarks.workload import Workload
from insole.blocks import BoolArray, CountArray, FloatArray, Side
from insole.device import Device
from insole.pipeline.foot.smooth import noise_gain, taps
from insole.pipeline.metrics import CONTACT_METRICS, Contacts, Rates, measure_rates
from insole.pipeline.metrics.measurement import measured
from insole.pipeline.metrics.metric import Scale

NAMES = (
    "contact_time_ms",
    "peak_force_n",
    "impulse_bw_s",
    "valr_bw_s",
    "vilr_bw_s",
    "strike_index_pct",
    "peak_pressure_kpa",
    "cop_x_50_mm",
)
METRICS = tuple(metric for metric in CONTACT_METRICS if metric.name in NAMES)
MIN_CONTACT_S, MAX_CONTACT_S = 0.1, 0.5
TAPS, ORDER = 5, 2  # of the smoothing at 200 Hz
BEFORE = 12  # samples of the window before a contact and after it
# Between a zero that follows and one that stands: it tells most where little is carried, at the strike.
TOLERANCE = np.array([0.08 if metric.name == "strike_index_pct" else 0.03 for metric in METRICS])
KPA_MM2_TO_N = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """What every peer is told."""

    device: Device
    zero_kpa: FloatArray  # (c,)
    event_n: float
    weight_n: float


class Signals(NamedTuple):
    """What a peer makes of its rows, (n,) each."""

    force_n: FloatArray
    moment_x: FloatArray  # N times the place over the width, or the length, of the insole, smoothed as the force is
    moment_y: FloatArray
    top_kpa: FloatArray


def peers(load: Workload, by_frame: Workload, rounds: int) -> Iterator[Line]:
    """A3; Python by frame gets a shorter piece, and is compared by time a frame."""
    counts, device = load.counts(), load.header.feet[Side.LEFT]
    zero_kpa = np.median(device.to_kpa(counts[_unloaded(device, counts)][:600]), axis=0)
    given = Given(device, zero_kpa, 0.05 * load.body_weight_n, load.body_weight_n)
    ours = own(load)
    _check(ours, whole_arrays(counts, given))
    jobs: dict[str, tuple[Callable[[], object], float]] = {
        "whole-array scipy": (lambda: whole_arrays(counts, given), 20.0)
    }
    if find_spec("pandas") is not None:
        _check(ours, with_pandas(counts, given))
        jobs["pandas"] = (lambda: with_pandas(counts, given), 12.0)
    own_s, *others = in_turns(lambda: own(load), *(job for job, _ in jobs.values()), rounds=rounds)
    for (name, (_, limit)), seconds in zip(jobs.items(), others, strict=True):
        yield Line("A3", f"{name} against this, eight numbers a contact", seconds / own_s, limit, at_least=True)
    few = by_frame.counts()
    _check(own(by_frame), frame_by_frame(few, given))
    (frame_s,) = in_turns(lambda: frame_by_frame(few, given), rounds=1)
    ratio = frame_s / len(few) / (own_s / len(counts))
    yield Line("A3", "Python frame by frame against this", ratio, 100.0, at_least=True)


def own(load: Workload) -> FloatArray:
    """This project's chain with these metrics alone, (k, 8)."""
    device, weight_n = load.header.feet[Side.LEFT], load.body_weight_n
    gain, rates, found = noise_gain(taps(device.rate_hz)), Rates.none(), []
    for rises, batch in batches_of(device, load.received[Side.LEFT], weight_n):
        if rises is not None:
            rates = rates.then(measure_rates(rises, device, weight_n, 0.05 * weight_n, SIGMA_N, gain))
        if batch is not None:
            contacts = Contacts(batch, rates.of(batch.contact_id), device, weight_n)
            found.append(measured(METRICS, contacts, Scale.FULL).value.T)
    table = np.concatenate(found)
    return table[(table[:, 0] > 1e3 * MIN_CONTACT_S) & (table[:, 0] < 1e3 * MAX_CONTACT_S)]


def whole_arrays(counts: CountArray, given: Given) -> FloatArray:
    """Straightforward numpy and scipy over the whole recording, (k, 8)."""
    device = given.device
    kpa = device.to_kpa(counts) - given.zero_kpa
    newtons = kpa * device.area_mm2 * KPA_MM2_TO_N
    sums = (newtons.sum(axis=1), (newtons * device.x).sum(axis=1), (newtons * device.y).sum(axis=1))
    force, x, y = (savgol_filter(one, TAPS, ORDER) for one in sums)
    signals = Signals(force, x, y, kpa.max(axis=1))
    spans = [part[0] for part in find_objects(label(signals.force_n >= given.event_n)[0])]
    return _table(signals, [(span.start, span.stop) for span in spans], given)


def with_pandas(counts: CountArray, given: Given) -> FloatArray:
    """Data frames, a group for each contact, (k, 8)."""
    import pandas as pd

    device = given.device
    kpa = (pd.DataFrame(counts) - device.offset_counts) * device.scale_kpa - given.zero_kpa
    newtons = kpa * device.area_mm2 * KPA_MM2_TO_N
    sums = (newtons.sum(axis=1), (newtons * device.x).sum(axis=1), (newtons * device.y).sum(axis=1))
    signals = pd.DataFrame({name: savgol_filter(one, TAPS, ORDER) for name, one in zip("fxy", sums, strict=True)})
    signals["top"] = kpa.max(axis=1)
    loaded = signals.f >= given.event_n
    number = (loaded != loaded.shift()).cumsum()
    spans = [(int(part.index[0]), int(part.index[-1]) + 1) for _, part in signals[loaded].groupby(number[loaded])]
    return _table(Signals(*(signals[name].to_numpy() for name in signals)), spans, given)


def frame_by_frame(counts: CountArray, given: Given) -> FloatArray:
    """Lists and loops, no arrays before the contacts, (k, 8)."""
    device = given.device
    offset, scale, zero = device.offset_counts, device.scale_kpa.tolist(), given.zero_kpa.tolist()
    area, xs, ys = (device.area_mm2 * KPA_MM2_TO_N).tolist(), device.x.tolist(), device.y.tolist()
    sums: tuple[list[float], ...] = ([], [], [])
    top = []
    for row in counts.tolist():
        kpa = [(count - offset) * gain - base for count, gain, base in zip(row, scale, zero, strict=True)]
        newtons = [p * a for p, a in zip(kpa, area, strict=True)]
        sums[0].append(sum(newtons))
        sums[1].append(sum(n * x for n, x in zip(newtons, xs, strict=True)))
        sums[2].append(sum(n * y for n, y in zip(newtons, ys, strict=True)))
        top.append(max(kpa))
    smooth = [_smoothed(one) for one in sums]
    above = [value >= given.event_n for value in smooth[0]]
    edges = [i + 1 for i, (a, b) in enumerate(pairwise(above)) if a != b]
    spans = [(a, b) for a, b in pairwise([0, *edges, len(above)]) if above[a]]
    return _table(Signals(*(np.array(one) for one in (*smooth, top))), spans, given)


def _smoothed(values: list[float]) -> list[float]:
    """Savitzky-Golay of 5 points and order 2, one value after the other."""
    weights = (-3 / 35, 12 / 35, 17 / 35, 12 / 35, -3 / 35)
    inner = [sum(w * values[i + j] for j, w in enumerate(weights)) for i in range(len(values) - 4)]
    return values[:2] + inner + values[-2:]


def _table(signals: Signals, spans: list[tuple[int, int]], given: Given) -> FloatArray:
    """The numbers of every span that is a contact, one after the other."""
    rate_hz, last = given.device.rate_hz, len(signals.force_n) - 1 - BEFORE
    return np.array(
        [
            _numbers(signals, start, stop, given)
            for start, stop in spans
            if MIN_CONTACT_S < (stop - start) / rate_hz < MAX_CONTACT_S and start > BEFORE and stop < last
        ]
    )


def _numbers(signals: Signals, start: int, stop: int, given: Given) -> list[float]:
    """The eight numbers of the samples [start, stop) at or above the threshold."""
    device, first = given.device, start - BEFORE
    force = CubicSpline(np.arange(first, stop + BEFORE), signals.force_n[first : stop + BEFORE])
    ms = np.arange(first, stop + BEFORE - 1, device.rate_hz * 1e-3)  # a millisecond apart, in samples
    f = force(ms)
    strike = _last_rise(f, given.event_n, int(np.searchsorted(ms, start)))
    loaded = int(np.searchsorted(ms, stop - 1, side="right")) - 1
    toe_off = len(f) - 1 - _last_rise(f[::-1], given.event_n, len(f) - 1 - loaded)
    stance = f[int(np.ceil(strike)) : int(toe_off) + 1]
    bw = f / given.weight_n
    slope = np.diff(bw) * 1e3
    flat = (bw[:-1] >= 0.75) & (slope < 15.0) & (np.arange(len(slope)) > strike)
    poi = int(np.argmax(flat))
    low, high = (_last_rise(bw, share * bw[poi], poi) for share in (0.2, 0.8))
    rise = slice(int(low), int(np.ceil(high)))
    strong = start + int(np.argmax(signals.force_n[start:stop] >= 0.3 * given.weight_n))
    within_20_ms = int(ms[0] + (strike + 20.0) * (ms[1] - ms[0])) + 1
    early = slice(start, max(start + 2, min(strong, within_20_ms)))
    middle = round(ms[0] + (strike + toe_off) / 2 * (ms[1] - ms[0]))
    return [
        toe_off - strike,
        float(stance.max()),
        float(np.trapezoid(stance)) * 1e-3 / given.weight_n,
        0.6 * bw[poi] / ((high - low) * 1e-3) if flat.any() else np.nan,
        float(slope[rise].max()) if flat.any() else np.nan,
        100.0 * float(signals.moment_y[early].sum() / signals.force_n[early].sum()),
        float(signals.top_kpa[start:stop].max()),
        float(signals.moment_x[middle] / signals.force_n[middle]) * device.width_mm,
    ]


def _last_rise(values: FloatArray, level: float, before: int) -> float:
    """Place of the last upward crossing of a level up to a place, on the line between two values."""
    at = int(np.flatnonzero((values[:before] < level) & (values[1 : before + 1] >= level))[-1])
    return at + float((level - values[at]) / (values[at + 1] - values[at]))


def _unloaded(device: Device, counts: CountArray) -> BoolArray:
    """Frames of the swing, by the force without any zero."""
    force = device.to_kpa(counts) @ device.area_mm2
    out: BoolArray = force < np.quantile(force, 0.2)
    return out


def _check(ours: npt.NDArray[np.float64], theirs: npt.NDArray[np.float64]) -> None:
    """As many contacts, and medians that agree; the peers' zero stands still, so single contacts differ."""
    assert abs(len(ours) - len(theirs)) <= 0.02 * len(ours) + 2, (len(ours), len(theirs))
    difference = np.nanmedian(theirs, axis=0) / np.nanmedian(ours, axis=0) - 1.0
    assert (np.abs(difference) < TOLERANCE).all(), difference
