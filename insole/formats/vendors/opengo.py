"""Moticon OpenGo text exports, native (tab, '#' header) or re-exported by users (';' or ',', one header line).

In: 16 pressures a foot in N/cm2, and the vendor's total force. Out: the pressures in kPa, on the vendor's 100 Hz
grid, and the vendor's step events. A foot that joined late, and samples that were lost, are empty cells; where
someone filled them in when exporting again, the values lie between the insole's steps and are left out. Acceleration,
angular rate and the vendor's centre of pressure are not carried.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from insole.blocks import FloatArray, Side
from insole.errors import FormatError
from insole.formats.clock import Clock, FrameNumbers, nominal_hz, typical_period_s
from insole.formats.findings import Findings
from insole.formats.own_total import OwnTotal
from insole.formats.reading.table import Rows, Table, split_header
from insole.formats.reading.text import TextFile, text_of
from insole.formats.vendor import Foot, Item, Request, Samples, VendorEvent, VendorFile
from insole.formats.vendors.opengo_areas import CELLS, KPA_PER_N_CM2, fitted

STEP_N_CM2 = 0.25
FORCE_TOLERANCE_N = 2.0
FORCE_TOLERANCE = 0.01
_PRESSURE = re.compile(r"(left|right) pressure (\d+)\[n/cm")
_EVENTS = re.compile(r"(left|right) (steps|events)\[\]$")
_START = re.compile(r"(\d\d)\.(\d\d)\.(\d{4}) (\d\d:\d\d:\d\d(?:\.\d+)?)$")
_PERSONAL = ("Name", "Notes", "Tag")


def sniff(head: bytes) -> bool:
    """Whether a line names pressures the way OpenGo does."""
    return "pressure 1[n/cm" in text_of(head).lower()


@dataclass(frozen=True, slots=True)
class _Columns:
    """Positions of one foot's columns."""

    cells: tuple[int, ...]
    force: int | None

    @property
    def all(self) -> tuple[int, ...]:
        return self.cells if self.force is None else (*self.cells, self.force)


def read(request: Request) -> VendorFile:
    """Open an OpenGo export.

    Raises
    ------
    FormatError
        No column header, cells missing, or no rows.
    """
    text = TextFile.open(request.path)
    lines = text.head().split("\n")
    at = next((i for i, line in enumerate(lines) if "pressure 1[n/cm" in line.lower()), None)
    if at is None:
        raise FormatError(text.path, "no line with OpenGo's column names")
    names, delimiter = split_header(lines[at].lstrip("# "))
    time = next((i for i, name in enumerate(names) if name.lstrip("# ") == "time"), None)
    if time is None:
        raise FormatError(text.path, "no column 'time'", at + 1)
    keys = dict(line.lstrip("# ").split(": ", 1) for line in lines[:at] if line.startswith("#") and ": " in line)
    feet = {side: columns for side in (Side.LEFT, Side.RIGHT) if (columns := _foot_columns(text, names, side, at + 1))}
    events = {i: name.removesuffix("[]") for i, name in enumerate(names) if _EVENTS.match(name)}
    table = Table.below(text, lines, at + 2, delimiter, lines[at])

    wanted = [time, *(column for columns in feet.values() for column in columns.all), *events]
    blocks = (rows.values for rows in table.rows(wanted, Findings()))
    first = next(blocks, np.empty((0, len(wanted))))
    stamps = first[np.isfinite(first[:, 0]), 0]
    period_s = typical_period_s(text.path, stamps)
    with_force = [part for side, part in _parts(feet).items() if feet[side].force is not None]
    frames = (np.concatenate([block[:, part] for part in with_force]) for block in chain([first], blocks))
    base, warnings = fitted(frames if with_force else (), keys.get("Size", "").strip())
    foot = Foot(base.with_changes(rate_hz=nominal_hz(period_s)), Clock(float(stamps[0]), period_s))
    findings = Findings()
    return VendorFile(
        dict.fromkeys(feet, foot),
        lambda: _stream(table.rows(wanted, findings), text.path, feet, list(events.values()), foot, findings),
        used=tuple(names[i] for i in sorted(wanted)),
        ignored=(
            *(name for i, name in enumerate(names) if i not in wanted and name),
            *(f"header '{key}'" for key in _PERSONAL if key in keys),
        ),
        warnings=warnings,
        findings=findings,
        share=text.share,
        start_utc=_start(keys.get("Start time", "").strip()),
    )


def _foot_columns(text: TextFile, names: Sequence[str], side: Side, line: int) -> _Columns | None:
    """Where one foot's columns are; None if the file has none of it."""
    found = {int(m[2]): i for i, name in enumerate(names) if (m := _PRESSURE.match(name)) and m[1] == side.label}
    if not found:
        return None
    wanted = range(1, CELLS + 1)
    if sorted(found) != list(wanted):
        odd = min(set(wanted) ^ set(found))
        raise FormatError(text.path, f"{side.label} pressures 1 to {CELLS} expected; number {odd} is wrong", line)
    force = f"{side.label} total force[n]"
    return _Columns(tuple(found[n] for n in wanted), names.index(force) if force in names else None)


def _stream(
    blocks: Iterable[Rows],
    path: Path,
    feet: Mapping[Side, _Columns],
    events: Sequence[str],
    foot: Foot,
    findings: Findings,
) -> Iterator[Item]:
    """Frames and events of rows that hold the time, the columns of each foot, and the events."""
    numbers = FrameNumbers(path, foot.clock.period_s, findings)
    what = "frames whose cells do not add up to the file's own total force within 1 %"
    totals = {side: OwnTotal(path, what, FORCE_TOLERANCE_N, FORCE_TOLERANCE, findings) for side in feet}
    for rows in blocks:
        keep, number = numbers.number(rows.line, rows.values[:, 0])
        values = rows.values if keep.all() else rows.values[keep]
        if events:
            yield from _events(values, events)
        for side, part in _parts(feet).items():
            own = values[:, part]
            kpa = own[:, :CELLS] * KPA_PER_N_CM2
            if feet[side].force is not None:
                totals[side].check(rows.line[keep], kpa @ foot.device.area_mm2 * 1e-3, own[:, CELLS])
            _drop_filled(kpa, own, findings)
            yield Samples(side, number, kpa)


def _parts(feet: Mapping[Side, _Columns]) -> dict[Side, slice]:
    """Where each foot's columns stand in a row that begins with the time."""
    edges = np.cumsum([1, *(len(columns.all) for columns in feet.values())]).tolist()
    return {side: slice(a, b) for side, a, b in zip(feet, edges[:-1], edges[1:], strict=True)}


def _drop_filled(kpa: FloatArray, own: FloatArray, findings: Findings) -> None:
    """Make frames NaN that lie between the insole's steps: lost samples that an export filled in by interpolation.

    Cells come in steps of 0.25 N/cm2 and total force in newtons; a file in which most frames do not has other steps.
    """
    steps = own * np.array([1 / STEP_N_CM2] * CELLS + [1.0] * (own.shape[1] - CELLS))
    steps -= np.rint(steps)
    between = np.abs(steps) > 1e-6
    if not between.any():
        return
    filled = between.any(axis=1)
    if np.count_nonzero(filled) < 0.5 * len(filled):
        kpa[filled] = np.nan
        findings.add(
            "frames filled in by interpolation when the file was exported again: left out", np.count_nonzero(filled)
        )


def _events(values: FloatArray, names: Sequence[str]) -> Iterator[VendorEvent]:
    """The vendor's step events, in order of time."""
    marks = values[:, values.shape[1] - len(names) :]
    for i, j in np.argwhere(np.isfinite(marks)).tolist():
        yield VendorEvent(float(values[i, 0]), f"{names[j]} {marks[i, j]:g}")


def _start(given: str) -> str:
    """Local time of the start as ISO 8601."""
    match = _START.match(given)
    return f"{match[3]}-{match[2]}-{match[1]}T{match[4]}" if match else ""
