"""The same few numbers as one would write them without this project: pandas, whole-array scipy, Python by frame (A3).

All take raw rows in memory and give, of each contact, time on the ground (s), peak force (N), impulse (N s) and peak
pressure (kPa), by the same threshold, zero and smoothing; the instants lie on the line between two samples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.ndimage import find_objects, label
from scipy.signal import savgol_filter

from benchmarks.measure import Line, in_turns
from benchmarks.offline import batches_of
from benchmarks.workload import Workload
from insole.blocks import BoolArray, CountArray, FloatArray, Side
from insole.device import Device
from insole.pipeline.metrics import CONTACT_METRICS, Contacts, Rates
from insole.pipeline.metrics.metric import Scale, measured

NAMES = ("contact_time_ms", "peak_force_n", "impulse_bw_s", "peak_pressure_kpa")
METRICS = tuple(metric for metric in CONTACT_METRICS if metric.name in NAMES)
MIN_CONTACT_S, MAX_CONTACT_S = 0.1, 0.5
TAPS, ORDER = 5, 2  # of the smoothing at 200 Hz
TOLERANCE = 0.03  # between a spline and a line, and between a zero that follows and one that stands
AREA_TO_M2 = 1e-3  # kPa mm2 to N


def peers(load: Workload, by_frame: Workload, rounds: int) -> Iterator[Line]:
    """A3; Python by frame gets a shorter piece, and is compared by time a frame."""
    counts, device = load.counts(), load.header.feet[Side.LEFT]
    event_n = 0.05 * load.body_weight_n
    zero_kpa = np.median(device.to_kpa(counts[_unloaded(device, counts)][:600]), axis=0)
    scipy_numbers = whole_arrays(counts, device, zero_kpa, event_n)
    ours = own(load)
    _check(ours, scipy_numbers)
    jobs: dict[str, tuple[Callable[[], object], float]] = {
        "whole-array scipy": (lambda: whole_arrays(counts, device, zero_kpa, event_n), 20.0)
    }
    if find_spec("pandas") is not None:
        _check(ours, with_pandas(counts, device, zero_kpa, event_n))
        jobs["pandas"] = (lambda: with_pandas(counts, device, zero_kpa, event_n), 12.0)
    own_s, *others = in_turns(lambda: own(load), *(job for job, _ in jobs.values()), rounds=rounds)
    for (name, (_, limit)), seconds in zip(jobs.items(), others, strict=True):
        yield Line("A3", f"{name} against this, four numbers a contact", seconds / own_s, limit, at_least=True)
    few = by_frame.counts()
    _check(own(by_frame), frame_by_frame(few, device, zero_kpa, event_n))
    (frame_s,) = in_turns(lambda: frame_by_frame(few, device, zero_kpa, event_n), rounds=1)
    ratio = frame_s / len(few) / (own_s / len(counts))
    yield Line("A3", "Python frame by frame against this", ratio, 100.0, at_least=True)


def own(load: Workload) -> FloatArray:
    """This project's chain with these four metrics alone, (k, 4)."""
    device, weight_n = load.header.feet[Side.LEFT], load.body_weight_n
    found = []
    for _, batch in batches_of(device, load.received[Side.LEFT], weight_n):
        if batch is None:
            continue
        rates = Rates.none().of(batch.contact_id)  # none is asked for
        contacts = Contacts(batch, rates, device, weight_n)
        found.append(measured(METRICS, contacts, Scale.FULL).value.T * [1e-3, 1.0, weight_n, 1.0])
    table = np.concatenate(found)
    return table[(table[:, 0] > MIN_CONTACT_S) & (table[:, 0] < MAX_CONTACT_S)]


def whole_arrays(counts: CountArray, device: Device, zero_kpa: FloatArray, event_n: float) -> FloatArray:
    """Straightforward numpy and scipy over the whole recording, (k, 4)."""
    kpa = device.to_kpa(counts) - zero_kpa
    force = savgol_filter((kpa * device.area_mm2).sum(axis=1) * AREA_TO_M2, TAPS, ORDER)
    spans = [part[0] for part in find_objects(label(force >= event_n)[0])]
    return np.array(
        [
            _numbers(force, kpa[span.start : span.stop].max(axis=1), span.start, span.stop, device.rate_hz, event_n)
            for span in spans
            if _long_enough(span.stop - span.start, span.start, span.stop, len(force), device.rate_hz)
        ]
    )


def with_pandas(counts: CountArray, device: Device, zero_kpa: FloatArray, event_n: float) -> FloatArray:
    """Data frames, a group for each contact, (k, 4)."""
    import pandas as pd

    kpa = (pd.DataFrame(counts) - device.offset_counts) * device.scale_kpa - zero_kpa
    newtons = (kpa * device.area_mm2).sum(axis=1) * AREA_TO_M2
    force = pd.Series(savgol_filter(newtons.to_numpy(), TAPS, ORDER))
    loaded = force >= event_n
    number = (loaded != loaded.shift()).cumsum()
    rows = []
    for _, part in force[loaded].groupby(number[loaded]):
        start, stop = int(part.index[0]), int(part.index[-1]) + 1
        if _long_enough(len(part), start, stop, len(force), device.rate_hz):
            top = kpa.iloc[start:stop].max(axis=1).to_numpy()
            rows.append(_numbers(force.to_numpy(), top, start, stop, device.rate_hz, event_n))
    return np.array(rows)


def frame_by_frame(counts: CountArray, device: Device, zero_kpa: FloatArray, event_n: float) -> FloatArray:
    """Lists and loops, no arrays until the end, (k, 4)."""
    scale, area, zero = device.scale_kpa.tolist(), device.area_mm2.tolist(), zero_kpa.tolist()
    offset = device.offset_counts
    raw, top = [], []
    for row in counts.tolist():
        kpa = [(count - offset) * gain - base for count, gain, base in zip(row, scale, zero, strict=True)]
        raw.append(sum(p * a for p, a in zip(kpa, area, strict=True)) * AREA_TO_M2)
        top.append(max(kpa))
    taps = (-3 / 35, 12 / 35, 17 / 35, 12 / 35, -3 / 35)
    force = raw[:2] + [sum(t * raw[i + j] for j, t in enumerate(taps)) for i in range(len(raw) - 4)] + raw[-2:]
    above = [value >= event_n for value in force]
    edges = [i + 1 for i, (a, b) in enumerate(pairwise(above)) if a != b]
    rows = []
    for start, stop in pairwise([0, *edges, len(force)]):
        if above[start] and _long_enough(stop - start, start, stop, len(force), device.rate_hz):
            rows.append(_numbers(np.array(force), np.array(top[start:stop]), start, stop, device.rate_hz, event_n))
    return np.array(rows)


def _numbers(
    force: npt.NDArray[np.floating], top: FloatArray, start: int, stop: int, rate_hz: float, event_n: float
) -> list[float]:
    """The four numbers of the samples [start, stop) at or above the threshold."""
    before = (force[start] - event_n) / (force[start] - force[start - 1])
    after = (force[stop - 1] - event_n) / (force[stop - 1] - force[stop])
    inside = force[start:stop]
    ends = before * (event_n + inside[0]) / 2 + after * (inside[-1] + event_n) / 2
    impulse = (np.trapezoid(inside) + ends) / rate_hz
    return [(stop - start - 1 + before + after) / rate_hz, float(inside.max()), float(impulse), float(top.max())]


def _long_enough(frames: int, start: int, stop: int, total: int, rate_hz: float) -> bool:
    return MIN_CONTACT_S < frames / rate_hz < MAX_CONTACT_S and start > 0 and stop < total


def _unloaded(device: Device, counts: CountArray) -> BoolArray:
    """Frames of the swing, by the force without any zero."""
    force = device.to_kpa(counts) @ device.area_mm2
    out: BoolArray = force < np.quantile(force, 0.2)
    return out


def _check(ours: npt.NDArray[np.float64], theirs: npt.NDArray[np.float64]) -> None:
    """As many contacts, and medians that agree; the peers' zero stands still, so single contacts differ."""
    assert abs(len(ours) - len(theirs)) <= 0.02 * len(ours) + 2, (len(ours), len(theirs))
    np.testing.assert_allclose(np.median(theirs, axis=0), np.nanmedian(ours, axis=0), rtol=TOLERANCE)
