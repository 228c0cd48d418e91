"""The analysis of a whole file: a recording, or what any vendor's software wrote.

In: a path, and what is known better than in the file: body mass, settings, phases of standing. Out: an `Analysis`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from insole.blocks import (
    ContactTable,
    Cue,
    Flag,
    GrowingTable,
    Health,
    Input,
    Kind,
    LinkEvent,
    Marker,
    Packets,
    Side,
    Update,
)
from insole.delays import Delays
from insole.errors import SettingsError
from insole.formats import import_file
from insole.pipeline import NOMINAL_MASS_KG, Pipeline
from insole.pipeline.calibration import MARKER, PhaseSpan
from insole.recording import Header, is_recording, open_recording
from insole.recording.batch import in_chunks, last_stamp_ns, split
from insole.settings import MASS_RANGE_KG, Calibration, Settings, with_body_mass

MIN_STRIDES = 3  # for an estimate of body mass


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """All that came of one file.

    Parameters
    ----------
    file : Path
    header : Header
        With the body mass and settings in force, which may come from an option or an estimate
        (`header.runner.body_mass_source`).
    contacts : ContactTable
        All contacts of both feet, rejected ones included.
    flags : tuple of Flag
        In order of their beginning; those that were still up at the end are among them.
    health : Health
        What was lost, damaged or late.
    warnings : tuple of str
        What a reader of the numbers must know: of the import, the analysis, and the file itself.
    duration_s : float
        From the start of the recording to its last input.
    cues : Delays
        Cues that the runner was given, and how long they took.
    """

    file: Path
    header: Header
    contacts: ContactTable
    flags: tuple[Flag, ...]
    health: Health
    warnings: tuple[str, ...]
    duration_s: float
    cues: Delays = field(default_factory=Delays)


def analyse(
    path: Path | str,
    *,
    body_mass_kg: float | None = None,
    settings: Settings | None = None,
    calibrate: Sequence[PhaseSpan] = (),
    progress: Callable[[float], None] | None = None,
) -> Analysis:
    """Analyse a recording or a vendor's file.

    Without a body mass from the option or the file it is estimated from the mean force over whole strides of running
    (METRICS.md 1.4), which takes two passes; where that cannot be done (one foot, no running), only newtons and times
    are given.

    Parameters
    ----------
    path : path
        A recording, finished or not, or any file that `insole.formats.import_file` reads; decided by its content.
    body_mass_kg : float, optional
        Takes precedence over the file's.
    settings : Settings, optional
        Instead of the recording's own. A calibration belongs to the recording: it stays unless these bring one.
    calibrate : sequence of PhaseSpan, optional
        Phases of standing in the file, instead of those that it marks itself. What is found there holds for the whole
        file; a phase that cannot be used is named in the warnings and changes nothing.
    progress : callable, optional
        Called now and then with the share done, 0 to 1.

    Returns
    -------
    Analysis

    Raises
    ------
    InsoleError
        The file cannot be read, or an option is out of range; says which and why.
    """
    path, show = Path(path), progress or _unseen
    file = _open(path, body_mass_kg)
    header = replace(_with_mass(file.header, body_mass_kg), settings=_settings_for(file.header, settings))
    if calibrate:
        header, notes = _calibrated(file, header, calibrate)
        file = _open(path, body_mass_kg, marked=False)
        header = replace(header, warnings=(*header.warnings, *notes))
    if header.runner.body_mass_kg is not None:
        return _analysed(file, header, show)

    assumed = replace(header, runner=with_body_mass(header.runner, NOMINAL_MASS_KG, "estimated"))
    mass_kg = mass_over_whole_strides(_analysed(file, assumed, lambda share: show(share / 2)).contacts, NOMINAL_MASS_KG)
    if mass_kg is not None:
        header = replace(header, runner=with_body_mass(header.runner, mass_kg, "estimated"))
    second = _analysed(_open(path, None, marked=not calibrate), header, lambda share: show((1 + share) / 2))
    if mass_kg is not None:
        return second
    unknown = "body mass unknown, and no running of both feet to estimate it from: only newtons and times are given"
    return replace(second, warnings=(*second.warnings, unknown))


def mass_over_whole_strides(contacts: ContactTable, assumed_mass_kg: float) -> float | None:
    """Body mass from the mean force over whole strides of running, where vertical impulse balances body weight.

    Parameters
    ----------
    contacts : ContactTable
        Both feet, computed with the assumed mass.
    assumed_mass_kg : float
        The mass that `impulse_bw_s` is divided by.

    Returns
    -------
    float or None
        kg; None where fewer than 3 whole strides of both feet were seen, or where the result is no person's mass.

    References
    ----------
    METRICS.md 1.4; used for calibration in Proceedings 2018, 2:274, doi:10.3390/proceedings2060274.
    """
    impulse_bw_s = contacts.columns.get("impulse_bw_s", np.full(len(contacts), np.nan))
    run = contacts.kind == Kind.RUN
    whole = np.isfinite(impulse_bw_s) & run
    # A stride: a left contact, the right one after it, and the strike of the next left one.
    stride = whole[:-2] & whole[1:-1] & run[2:]
    for place, side in enumerate((Side.LEFT, Side.RIGHT, Side.LEFT)):
        stride &= contacts.side[place : len(contacts) - 2 + place] == side
    first = np.flatnonzero(stride)
    duration_s = contacts.strike_s[first + 2] - contacts.strike_s[first]
    if len(first):
        one = duration_s < 1.5 * np.median(duration_s)  # longer: a pause, or contacts that nobody saw
        first, duration_s = first[one], duration_s[one]
    if len(first) < MIN_STRIDES:
        return None
    mass_kg = assumed_mass_kg * float((impulse_bw_s[first] + impulse_bw_s[first + 1]).sum() / duration_s.sum())
    low, high = MASS_RANGE_KG
    return mass_kg if low <= mass_kg <= high else None


def _unseen(share: float) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True, eq=False)
class _File:
    """One pass over a recording or a vendor's file."""

    path: Path
    header: Header
    inputs: Iterator[list[Input]]
    remarks: Callable[[], tuple[str, ...]]  # on the file, known when the inputs have been read
    share: Callable[[], float]  # read so far, 0 to 1

    def with_markers(self, markers: Sequence[Marker]) -> _File:
        """The same with these calibration markers instead of its own."""
        return replace(self, inputs=_with_markers(self.inputs, markers))


def _open(path: Path, body_mass_kg: float | None, *, marked: bool = True) -> _File:
    if is_recording(path):
        recording = open_recording(path)
        file = _File(path, recording.header, recording.by_link(), lambda: recording.damage, lambda: recording.share)
    else:
        imported = import_file(path, body_mass_kg=body_mass_kg)
        file = _File(path, imported.header, imported.inputs, tuple, imported.share)
    return file if marked else file.with_markers(())


def _calibrated(file: _File, header: Header, spans: Sequence[PhaseSpan]) -> tuple[Header, tuple[str, ...]]:
    """The header with the calibration that phases of the file give, and what was found or refused there."""
    pipeline = Pipeline(header.feet, header.settings, header.runner, header.start_host_ns)
    ordered = sorted(spans, key=lambda span: (span.to_s, span.from_s))
    for one, next_one in pairwise(ordered):
        if next_one.from_s < one.to_s:
            raise SettingsError(
                f"calibration phases {one.kind} and {next_one.kind} overlap at {next_one.from_s:g} s: "
                "give one after the other"
            )
    markers = [marker for span in ordered for marker in span.markers(header.start_host_ns)]
    notes: list[str] = []
    for inputs in in_chunks(file.with_markers(markers).inputs):
        notes += _notes(pipeline.push(inputs))
        if not pipeline.calibrating and last_stamp_ns(inputs[-1]) > markers[-1].t_host_ns:
            break
    notes += _notes(pipeline.finish())
    return replace(header, settings=replace(header.settings, calibration=pipeline.calibration)), tuple(notes)


def _notes(update: Update) -> list[str]:
    """What it says of calibration; the rest is said by the pass that counts."""
    return [warning for warning in update.warnings if warning.startswith(MARKER)]


def _with_markers(inputs: Iterator[list[Input]], markers: Sequence[Marker]) -> Iterator[list[Input]]:
    """The inputs with these markers, in order of time, instead of their own of calibration."""
    waiting = list(markers)
    for batch in inputs:
        later = [item for item in batch if not (isinstance(item, Marker) and item.kind == MARKER)]
        reached_ns = max((last_stamp_ns(item) for item in later), default=0)
        while waiting and waiting[0].t_host_ns <= reached_ns:
            marker = waiting.pop(0)
            earlier, later = _parted(later, marker.t_host_ns)
            yield [*earlier, marker]
        if later:
            yield later
    if waiting:
        yield list(waiting)


def _parted(items: list[Input], at_ns: int) -> tuple[list[Input], list[Input]]:
    """What arrived up to a host time, and what arrived after it."""
    earlier: list[Input] = []
    later: list[Input] = []
    for item in items:
        if isinstance(item, Packets):
            n = int(np.searchsorted(item.t_host_ns, at_ns, side="right"))
            for piece in split(item, np.array([n])):
                (earlier if last_stamp_ns(piece) <= at_ns else later).append(piece)
        else:
            (earlier if item.t_host_ns <= at_ns else later).append(item)
    return earlier, later


def _with_mass(header: Header, body_mass_kg: float | None) -> Header:
    """The header with the option's body mass; the forces of a table in body weights go along with it."""
    if body_mass_kg is None:
        return header
    feet, before = header.feet, header.runner
    if before.body_mass_source == "nominal" and before.body_mass_kg:
        ratio = body_mass_kg / before.body_mass_kg
        feet = {side: device.with_changes(scale_kpa=device.scale_kpa * ratio) for side, device in feet.items()}
    return replace(header, feet=feet, runner=with_body_mass(before, body_mass_kg, "option"))


def _settings_for(header: Header, settings: Settings | None) -> Settings:
    if settings is None:
        return header.settings
    if settings.calibration == Calibration():
        return replace(settings, calibration=header.settings.calibration)
    return settings


def _analysed(file: _File, header: Header, progress: Callable[[float], None]) -> Analysis:
    """One pass of a file through a pipeline of its own."""
    pipeline = Pipeline(header.feet, header.settings, header.runner, header.start_host_ns)
    contacts = GrowingTable()
    flags: list[Flag] = []
    warnings = list(header.warnings)
    cues = Delays()
    last_ns = header.start_host_ns

    def take(update: Update) -> None:
        contacts.add(update.contacts)
        flags.extend(update.flag_spans)
        warnings.extend(update.warnings)
        # What an import left out is known only at its end, and comes as an input.
        reports = [event for event in update.events if isinstance(event, LinkEvent) and event.kind == "import"]
        warnings.extend(report.detail for report in reports)
        for event in update.events:
            if isinstance(event, Cue):
                cues.add(event)

    for inputs in in_chunks(file.inputs):
        take(pipeline.push(inputs))
        last_ns = max(last_ns, last_stamp_ns(inputs[-1]))
        progress(file.share())
    update = pipeline.finish()
    take(update)
    flags.extend(update.flags)
    progress(1.0)
    return Analysis(
        file=file.path,
        header=replace(header, settings=replace(header.settings, calibration=pipeline.calibration)),
        contacts=contacts.finish(),
        flags=tuple(sorted(flags, key=lambda flag: flag.from_s)),
        health=update.health,
        warnings=(*warnings, *file.remarks()),
        duration_s=(last_ns - header.start_host_ns) * 1e-9,
        cues=cues,
    )
