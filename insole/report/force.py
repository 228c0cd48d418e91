"""Force of every frame of an analysed file: total force, centre of pressure and regional forces of each foot.

In: the file, read a second time, half a minute at a time, so that memory does not grow with its length; and the header
that its analysis has left. Out: pieces of one foot. Unfiltered, and with ONE zero for the whole file, so that a drift
stays visible: the recorded unloaded zero where there is one, none where the device delivers zeroed values, otherwise
the zero that the analysis starts from (METRICS.md 1.3, start), which is none as well for a foot never seen unloaded.
The contact table goes on from there and follows the swings, so its forces differ by as much as the zero has drifted
since.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from insole.analysis import Analysis
from insole.blocks import GRAVITY_M_S2, CountArray, FloatArray, Packets, Received, RoundTrip, Side
from insole.device import MASKS, REGIONS, Device
from insole.errors import InsoleError
from insole.formats import import_file
from insole.pipeline import NOMINAL_MASS_KG
from insole.pipeline.calibration import gain_of, zero_of
from insole.pipeline.clock import FootClock
from insole.pipeline.decode import Heard, LinkDecoder
from insole.pipeline.foot.calibrate import FORCE, MOMENT_X, MOMENT_Y, N_COLUMNS, Calibration
from insole.pipeline.foot.start import find_start
from insole.pipeline.metrics.contacts import COP_MIN_BW
from insole.pipeline.regularise import Regulariser
from insole.recording import Header, is_recording, open_recording
from insole.recording.batch import in_chunks

PIECE_NS = 30_000_000_000
MASK_COLUMNS = [N_COLUMNS - len(REGIONS) + REGIONS.index(mask) for mask in MASKS]  # of what a calibration gives


@dataclass(frozen=True, slots=True, eq=False)
class FootSeries:
    """Consecutive frames of one foot as they were measured; lost frames are absent."""

    side: Side
    t_s: FloatArray  # (n,) recording time, as of the contact table
    force_n: FloatArray  # (n,)
    cop_mm: FloatArray  # (n, 2) from the medial edge and from the heel; NaN below 5 % of body weight
    region_force_n: FloatArray  # (n, m) in the order of device.MASKS: parts of the whole; NaN where there is none


@dataclass(frozen=True, slots=True, eq=False)
class Zero:
    """What is taken away from every frame of a foot."""

    kpa: FloatArray  # (c,)
    origin: str


def force_series(path: Path | str, header: Header, zeros: Mapping[Side, Zero]) -> Iterator[FootSeries]:
    """Force of every frame of a file, piece by piece, in order of time within each foot.

    Parameters
    ----------
    path : path
        A recording, or a file that `insole.formats.import_file` reads.
    header : Header
        Of the analysis of that file: its calibration and body mass hold for all frames.
    zeros : mapping of Side to Zero
        One a foot, as `find_zeros` gives them.

    Yields
    ------
    FootSeries
        About 30 s of one foot; the feet in turn.

    Raises
    ------
    InsoleError
        The file cannot be read.
    """
    mass_kg = header.runner.body_mass_kg or NOMINAL_MASS_KG
    feet = {side: _Sums(side, header, zero, COP_MIN_BW * mass_kg * GRAVITY_M_S2) for side, zero in zeros.items()}
    for side, t_s, counts in _frames(Path(path), header):
        yield feet[side].of(t_s, counts)


def stream_force(analysis: Analysis) -> Iterator[FootSeries]:
    """Force, centre of pressure and regions of every frame of an analysed file, in bounded memory.

    Parameters
    ----------
    analysis : Analysis
        Of a file that is still there: it is read again, piece by piece.

    Yields
    ------
    FootSeries
        About 30 s of one foot; the feet in turn.

    Raises
    ------
    InsoleError
        The file cannot be read, or knows no newtons.
    """
    require_newtons(analysis)
    yield from force_series(analysis.file, analysis.header, find_zeros(analysis.file, analysis.header))


def find_zeros(path: Path | str, header: Header) -> dict[Side, Zero]:
    """The zero of each foot, and where it comes from.

    Parameters
    ----------
    path : path
        A recording, or a file that `insole.formats.import_file` reads; read only as far as needed.
    header : Header
        Of the analysis of that file.

    Returns
    -------
    dict of Side to Zero

    Raises
    ------
    InsoleError
        The file cannot be read.
    """
    zeros: dict[Side, Zero] = {}
    searches: dict[Side, _Search] = {}
    for side, device in header.feet.items():
        recorded = zero_of(header.settings.calibration, side)
        if recorded is not None:
            zeros[side] = Zero(np.array(recorded), "unloaded zero of the recording")
        elif device.zeroed:
            zeros[side] = Zero(np.zeros(device.n_cells), "none: the device delivers zeroed values")
        else:
            searches[side] = _Search(Calibration(device, gain_of(header.settings.calibration, side)))
    if searches:
        for side, t_s, counts in _frames(Path(path), header):
            if side in searches and (zero := searches[side].push(t_s, counts)) is not None:
                zeros[side] = zero
                del searches[side]
                if not searches:
                    break
    unseen = {side: Zero(np.zeros(header.feet[side].n_cells), "none: never seen unloaded") for side in searches}
    return dict(sorted({**zeros, **unseen}.items()))


def require_newtons(analysis: Analysis) -> None:
    """Refuse a file whose forces are of a nominal body mass.

    Raises
    ------
    InsoleError
    """
    if analysis.header.runner.body_mass_source == "nominal":
        raise InsoleError(f"{analysis.file}: knows forces in body weights only; give the body mass for newtons")


class _Sums:
    """Counts of one foot to forces and centre of pressure."""

    def __init__(self, side: Side, header: Header, zero: Zero, cop_min_n: float) -> None:
        self._side = side
        device = header.feet[side]
        self._calibration = Calibration(device, gain_of(header.settings.calibration, side))
        self._zero = self._calibration.zero_columns(zero.kpa[None])[0]
        has_region = dict(zip(REGIONS, np.atleast_1d(self._calibration.has_region).tolist(), strict=True))
        self._has_mask = np.array([has_region[mask] for mask in MASKS])
        self._cop_min_n = cop_min_n
        self._placed = np.array([np.isfinite(device.x).all(), np.isfinite(device.y).all()])

    def of(self, t_s: FloatArray, counts: CountArray) -> FootSeries:
        """One piece."""
        sums = self._calibration.columns(counts) - self._zero
        force_n = sums[:, FORCE]
        given = (force_n >= self._cop_min_n)[:, np.newaxis] & self._placed
        cop_mm = np.full((len(t_s), 2), np.nan)
        np.divide(sums[:, [MOMENT_X, MOMENT_Y]], force_n[:, np.newaxis], out=cop_mm, where=given)
        regions = np.where(self._has_mask, sums[:, MASK_COLUMNS], np.nan)
        return FootSeries(self._side, t_s, force_n, cop_mm, regions)


class _Search:
    """Looks for the first unloaded moments of one foot, as the analysis does."""

    def __init__(self, calibration: Calibration) -> None:
        self._calibration = calibration
        self._counts = np.empty((0, calibration.device.n_cells), np.uint16)
        self._t_s = np.empty(0)

    def push(self, t_s: FloatArray, counts: CountArray) -> Zero | None:
        """The zero, once it is known."""
        self._counts = np.concatenate([self._counts, counts])
        self._t_s = np.concatenate([self._t_s, t_s])
        force_n = self._calibration.force_n(self._counts)
        start, first = find_start(force_n, self._calibration.device.rate_hz, needs_zero=True)
        if start is None:
            self._counts, self._t_s = self._counts[first:], self._t_s[first:]
            return None
        unloaded = self._counts[first : first + len(start.unloaded)][start.unloaded]
        kpa = self._calibration.to_kpa(np.median(unloaded, axis=0))
        return Zero(kpa, f"unloaded frames of the 3 s from {self._t_s[first]:.2f} s on")


class _Line:
    """Frames of one foot as decoded to measured frames in recording time."""

    def __init__(self, side: Side, device: Device, start_ns: int) -> None:
        self._regulariser = Regulariser(side, device.rate_hz)
        self._clock = FootClock(start_ns, 1e6 / device.rate_hz)
        self.n_cells = device.n_cells

    def hear(self, trip: RoundTrip) -> None:
        """The answer to a ping."""
        self._clock.hear(trip)

    def push(self, received: Received) -> Iterator[tuple[FloatArray, CountArray]]:
        """Times (n,) and counts (n, c)."""
        regular = self._regulariser.push(received)
        for arrivals in regular.arrivals:
            if arrivals.restarted:
                self._clock.restart(int(arrivals.tick_us[0]), int(arrivals.t_ns[0]))
            self._clock.add(arrivals.tick_us, arrivals.t_ns, arrivals.wire_us)
        for block in regular.blocks:
            times_s, _ = self._clock.times_s(block.tick_us[block.measured], final=True)
            yield times_s, block.counts[block.measured]


def _frames(path: Path, header: Header) -> Iterator[tuple[Side, FloatArray, CountArray]]:
    """Measured frames of all feet, with their recording time: about 30 s of one foot, or a run between gaps."""
    lines = {side: _Line(side, device, header.start_host_ns) for side, device in sorted(header.feet.items())}
    links: dict[int, LinkDecoder] = {}
    if is_recording(path):
        inputs = open_recording(path).by_link()
    else:
        given = header.runner.body_mass_kg if header.runner.body_mass_source == "option" else None
        inputs = import_file(path, body_mass_kg=given).inputs
    for chunk in in_chunks(inputs, PIECE_NS):
        for item in chunk:
            if isinstance(item, Packets):
                if item.link not in links:
                    links[item.link] = LinkDecoder(swap_feet=header.settings.swap_feet)
                links[item.link].deliver(item)
        for decoder in links.values():
            if decoder.waiting:
                yield from _of_session(lines, decoder.decode())
    for decoder in links.values():
        yield from _of_session(lines, decoder.flush())


def _of_session(lines: Mapping[Side, _Line], heard: Heard) -> Iterator[tuple[Side, FloatArray, CountArray]]:
    """The frames, if they are those of a foot of the session."""
    by_number = {int(side): (side, line) for side, line in lines.items()}
    for trip in heard.trips:
        if trip.side in by_number:
            by_number[trip.side][1].hear(trip)
    for received in heard.frames:
        side, line = by_number.get(received.side, (Side.LEFT, None))
        if line is not None and received.counts.shape[1] == line.n_cells:
            for t_s, counts in line.push(received):
                yield side, t_s, counts
