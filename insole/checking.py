"""Is a recording whole, and what is missing? In: a recording. Out: a report, or a clean copy of all that can be read.

Frames, losses and damage are counted by the pipeline itself; here they are only put beside what the file and the
deliveries tell: what was cut off, where a link fell silent, whether the computer's clocks agree.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from insole.blocks import FootHealth, Health, LinkHealth, Packets, Side
from insole.errors import RecordingError
from insole.pipeline import Pipeline
from insole.pipeline.statistics import Z_95
from insole.recording import Recorder, open_recording
from insole.recording.batch import in_chunks, last_stamp_ns
from insole.recording.original import extract, originals

BEHIND_S = 0.5  # from here on it is said
SILENCE_NS = 500_000_000  # deliveries further apart than this are a gap


@dataclass(frozen=True, slots=True)
class LinkCheck:
    """What came over one link."""

    deliveries: int
    payload_bytes: int
    first_s: float
    last_s: float
    silences: int  # of more than half a second between two deliveries
    longest_silence_s: float
    health: LinkHealth


@dataclass(frozen=True, slots=True)
class ClockCheck:
    """The computer's own two clocks against each other."""

    pairs: int
    drift_ppm: float  # UTC against the monotonic clock; NaN with fewer than two readings
    largest_step_ms: float  # of UTC between two readings, beyond what the monotonic clock says


@dataclass(frozen=True, slots=True)
class Check:
    """Integrity of one recording.

    Parameters
    ----------
    path : Path
    complete : bool
        The recorder closed the file.
    damage : tuple of str
        What of the file cannot be read, one line each.
    duration_s : float
    links : dict of int to LinkCheck
    feet : dict of Side to FootHealth
        Frames, losses, duplicates and measured rate of each foot.
    clock : ClockCheck
    health : Health
        Of the whole session: the clocks of the feet, among others.
    """

    path: Path
    complete: bool
    damage: tuple[str, ...]
    duration_s: float
    links: dict[int, LinkCheck]
    feet: dict[Side, FootHealth]
    clock: ClockCheck
    health: Health

    @property
    def whole(self) -> bool:
        """Whether the file holds all that was received; frames lost on the air are not the file's fault."""
        return self.complete and not self.damage

    def lines(self) -> list[str]:
        """The report for people."""
        state = "whole" if self.whole else "damaged" if self.complete else "not whole"
        out = [f"{self.path}: {state}, {self.duration_s:.1f} s"]
        out += [f"  {line}" for line in self.damage]
        for side, foot in self.feet.items():
            rate = f", {foot.rate_hz:.1f} Hz" if math.isfinite(foot.rate_hz) else ""
            restarts = f", {foot.restarts} restarts" if foot.restarts else ""
            out.append(
                f"  {side.label}: {foot.frames} frames{rate}; {foot.lost} lost, {foot.duplicate} duplicate, "
                f"{foot.late} late{restarts}"
            )
        for number, link in self.links.items():
            out.append(
                f"  link {number}: {link.deliveries} deliveries, {link.payload_bytes} bytes, {link.first_s:.1f} to "
                f"{link.last_s:.1f} s; {_silences(link)}"
            )
            health = link.health
            out.append(
                f"  link {number}: {health.bad_crc} bad CRC, {health.skipped_bytes} bytes skipped, "
                f"{health.unknown_type} packets of unknown type, {health.incomplete} frames incomplete"
            )
        feet = self.health
        if math.isfinite(feet.clock_offset_s):
            by = "pings" if feet.pinged else "arrivals alone, which hide delays that are always the same"
            out.append(
                f"  clocks of the feet: left {feet.clock_offset_s:+.4f} s ahead, {feet.clock_drift_ppm:+.1f} ppm "
                f"faster; aligned to ± {Z_95 * feet.alignment_u_s * 1e3:.1f} ms (95 %), from {by}"
            )
        if feet.most_behind_s >= BEHIND_S:
            out.append(f"  the computer was behind what arrived, by {feet.most_behind_s:.1f} s at most")
        if self.clock.pairs > 1:
            out.append(
                f"  clock of the computer: {self.clock.pairs} readings, UTC gains {self.clock.drift_ppm:+.1f} ppm, "
                f"largest step {self.clock.largest_step_ms:.1f} ms"
            )
        return out

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON takes it: null for what is not known."""
        return {
            "file": str(self.path),
            "whole": self.whole,
            "complete": self.complete,
            "damage": list(self.damage),
            "duration_s": self.duration_s,
            "feet": {side.label: _numbers(foot) for side, foot in self.feet.items()},
            "links": {str(number): _numbers(link) for number, link in self.links.items()},
            "clock": _numbers(self.clock),
            "clocks": clocks_of_feet(self.health),
            "most_behind_s": self.health.most_behind_s,
        }


def check(path: Path | str, progress: Callable[[float], None] | None = None) -> Check:
    """Read a whole recording and say what state it is in.

    Parameters
    ----------
    path : path
    progress : callable, optional
        Called now and then with the share done, 0 to 1.

    Returns
    -------
    Check

    Raises
    ------
    RecordingError
        The file cannot be read as a recording at all.
    """
    recording = open_recording(path)
    header = recording.header
    pipeline = Pipeline(header.feet, header.settings, header.runner, header.start_host_ns)
    tallies: dict[int, _Tally] = {}
    last_ns = header.start_host_ns
    for inputs in in_chunks(recording.by_link()):
        pipeline.push(inputs)
        for item in inputs:
            last_ns = max(last_ns, last_stamp_ns(item))
            if isinstance(item, Packets):
                tallies.setdefault(item.link, _Tally()).add(item)
        if progress is not None:
            progress(recording.share)
    health = pipeline.finish().health
    return Check(
        path=recording.path,
        complete=recording.complete,
        damage=recording.damage,
        duration_s=(last_ns - header.start_host_ns) * 1e-9,
        links={
            number: tally.result(header.start_host_ns, health.links.get(number, LinkHealth()))
            for number, tally in sorted(tallies.items())
        },
        feet=dict(sorted(health.feet.items())),
        clock=_clock_check(recording.clock),
        health=health,
    )


def repair(path: Path | str, out: Path | str, force: bool = False) -> tuple[str, ...]:
    """Write a clean recording with all that can be read of a damaged one, and why it is not all in its warnings.

    Parameters
    ----------
    path, out : path
        The damaged file, which stays as it is, and the new one.
    force : bool
        Replace `out` if it is there.

    Returns
    -------
    tuple of str
        What could not be read, one line each.

    Raises
    ------
    RecordingError
        `path` cannot be read as a recording at all, or `out` cannot be written.
    """
    recording = open_recording(path)
    if Path(out).exists() and recording.path.samefile(out):
        raise RecordingError(f"{out}: is the damaged file itself; repair into another one")
    for _ in recording.by_link():
        pass  # only a whole pass knows all the damage, and the header comes first
    damage = recording.damage
    header = replace(
        recording.header, warnings=(*recording.header.warnings, *(f"before it was repaired: {line}" for line in damage))
    )
    with (
        TemporaryDirectory() as folder,
        Recorder(out, header, force, originals=_kept(recording.path, Path(folder))) as recorder,
    ):
        for inputs in recording.inputs():
            recorder(inputs)
        for host_ns, utc_ns in recording.clock:
            recorder.note_clock(host_ns, utc_ns)
    return damage


def _kept(path: Path, folder: Path) -> list[Path]:
    """The vendor's files of a recording, those that are whole, taken out into a folder."""
    kept = []
    with suppress(RecordingError):
        for original in originals(path):
            with (folder / original.name).open("wb") as file:
                extract(path, original, file)
            kept.append(folder / original.name)
    return kept


@dataclass(slots=True)
class _Tally:
    """Deliveries of one link, counted as they are read."""

    deliveries: int = 0
    payload_bytes: int = 0
    first_ns: int = 0
    last_ns: int | None = None
    silences: int = 0
    longest_ns: int = 0

    def add(self, packets: Packets) -> None:
        stamps = packets.t_host_ns
        if self.last_ns is None:
            self.first_ns = self.last_ns = int(stamps[0])
        gaps_ns = np.diff(stamps, prepend=self.last_ns)
        self.deliveries += len(stamps)
        self.payload_bytes += len(packets.data)
        self.silences += int(np.count_nonzero(gaps_ns > SILENCE_NS))
        self.longest_ns = max(self.longest_ns, int(gaps_ns.max()))
        self.last_ns = int(stamps[-1])

    def result(self, start_ns: int, health: LinkHealth) -> LinkCheck:
        return LinkCheck(
            deliveries=self.deliveries,
            payload_bytes=self.payload_bytes,
            first_s=(self.first_ns - start_ns) * 1e-9,
            last_s=((self.last_ns or 0) - start_ns) * 1e-9,
            silences=self.silences,
            longest_silence_s=self.longest_ns * 1e-9,
            health=health,
        )


def clocks_of_feet(health: Health) -> dict[str, Any]:
    """The left device's clock against the right one's at the end, and how well the feet are aligned; None: unknown."""
    values = {
        "left_ahead_s": health.clock_offset_s,
        "left_faster_ppm": health.clock_drift_ppm,
        "alignment_ci95_ms": Z_95 * health.alignment_u_s * 1e3,
    }
    by = "pings" if health.pinged else "arrivals"
    return {**{key: _or_none(value) for key, value in values.items()}, "from": by}


def _clock_check(pairs: Sequence[tuple[int, int]]) -> ClockCheck:
    if len(pairs) < 2:
        return ClockCheck(len(pairs), math.nan, math.nan)
    ahead_ns = [utc - host for host, utc in pairs]  # whole numbers: as floats, ns since 1970 are 200 ns apart
    span_ns = pairs[-1][0] - pairs[0][0]
    steps_ns = [abs(later - earlier) for earlier, later in pairwise(ahead_ns)]
    drift_ppm = (ahead_ns[-1] - ahead_ns[0]) / span_ns * 1e6 if span_ns else math.nan
    return ClockCheck(len(pairs), drift_ppm, max(steps_ns) * 1e-6)


def _silences(link: LinkCheck) -> str:
    if not link.silences:
        return f"never silent for longer than {link.longest_silence_s:.2f} s"
    return f"{link.silences} times silent for longer than 0.5 s, at most {link.longest_silence_s:.1f} s"


def _numbers(report: FootHealth | LinkCheck | ClockCheck) -> dict[str, Any]:
    """The report's values by name, NaN as null."""
    return {key: _or_none(value) for key, value in asdict(report).items()}


def _or_none(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value
