"""novel loadsol text exports: force of each foot, whole or in three zones, tab or comma separated, one foot or two.

Four header lines (file, comment, names, units); each foot has its own time column. The file is padded to 200 (or 100)
Hz by repeating rows of a slower true clock (193 to 198 Hz): repeats are dropped, and the frames spaced at the true
rate. Lost radio packets are rows of -1.000 in the zones, or runs of exact zeros where there is only a total. Zone
order is mirrored on the right foot; names decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from insole.blocks import FloatArray, Side
from insole.device import Device
from insole.errors import FormatError
from insole.formats.clock import PADDED, FrameNumbers, nominal_hz, typical_period_s
from insole.formats.findings import Findings
from insole.formats.own_total import OwnTotal
from insole.formats.quantise import fitted_range
from insole.formats.reading.table import Table
from insole.formats.reading.text import TextFile, shown, text_of
from insole.formats.vendor import Foot, Request, Samples, VendorFile

HEADER_LINES = 4
ZONES = ("heel", "medial", "lateral")
LOST = -1.0
MAX_FORCE_N = 10_000.0
SUM_TOLERANCE_N = 1.0
_CHANNEL = re.compile(r"\s*(?P<device>[^:]*)-(?P<side>[LR])(?:::(?P<part>\w+))?\s*$")


def sniff(head: bytes) -> bool:
    """Whether names like P1V477-L stand above units like Force[N]."""
    lines = text_of(head).split("\n")[:HEADER_LINES]
    return (
        len(lines) == HEADER_LINES
        and "Time[" in lines[3]
        and "Force[" in lines[3]
        and bool(re.search(r"-[LR]\b", lines[2]))
    )


@dataclass(frozen=True, slots=True)
class _Columns:
    """Positions of one foot's columns: its time, and either three zones or the total."""

    time: int
    forces: tuple[int, ...]
    total: int
    alone: tuple[str, ...]  # zones that the file has although it lacks others


def read(request: Request) -> VendorFile:
    """Open a loadsol export; it is read twice, once for the clocks and the range, once for the frames.

    Raises
    ------
    FormatError
        Columns missing, an unknown unit, or time stamps that make no clock.
    """
    text = TextFile.open(request.path)
    lines = text.head().split("\n")
    if len(lines) <= HEADER_LINES:
        raise FormatError(text.path, "only a header", len(lines))
    delimiter = "\t" if "\t" in lines[2] else ","
    names, units = lines[2].split(delimiter), lines[3].split(delimiter)
    names += [""] * (len(units) - len(names))
    units += [""] * (len(names) - len(units))
    feet = {side: columns for side in (Side.LEFT, Side.RIGHT) if (columns := _foot_columns(text, names, units, side))}
    if not feet:
        raise FormatError(text.path, "no column with the total force of a foot (a name that ends in -L or -R)", 3)
    table = Table.below(text, lines, HEADER_LINES + 1, delimiter, lines[HEADER_LINES - 1])
    wanted = [c for foot in feet.values() for c in (foot.time, foot.total, *foot.forces)]
    parts = dict(zip(feet, _parts(feet), strict=True))

    clocks: dict[Side, FrameNumbers] = {}
    periods: dict[Side, float] = {}
    highest = 0.0
    for rows in table.rows(wanted, Findings()):
        for side, part in parts.items():
            own = rows.values[:, part]
            if side not in clocks:
                periods[side] = typical_period_s(text.path, own[:, 0])
                clocks[side] = FrameNumbers(text.path, periods[side], Findings(), PADDED)
            clocks[side].number(rows.line, own[:, 0])
            highest = max(highest, float(np.nanmax(own[:, 1:], initial=0.0, where=own[:, 1:] < MAX_FORCE_N)))
    if not clocks:
        raise FormatError(text.path, "no rows of numbers below the header", HEADER_LINES + 1)
    feet_out = {
        side: Foot(_device(len(foot.forces), nominal_hz(periods[side]), highest), clocks[side].clock())
        for side, foot in feet.items()
    }
    findings = Findings()

    def stream() -> Iterator[Samples]:
        numbers = {side: FrameNumbers(text.path, periods[side], findings, PADDED) for side in feet}
        what = "rows whose zones do not add up to the file's own total"
        totals = {side: OwnTotal(text.path, what, SUM_TOLERANCE_N, 0.0, findings) for side in feet}
        for rows in table.rows(wanted, findings):
            for side, part in parts.items():
                own = rows.values[:, part]
                keep, number = numbers[side].number(rows.line, own[:, 0])
                forces_n = _forces(own[keep], findings)
                totals[side].check(rows.line[keep], forces_n.sum(axis=1), own[keep, 1])
                yield Samples(side, number, forces_n)

    taken = set(wanted)
    return VendorFile(
        feet_out,
        stream,
        used=tuple(names[c].strip() or "time" for c in wanted),
        ignored=(
            *(name.strip() for i, name in enumerate(names) if i not in taken and name.strip()),
            "header 'comment'",
        ),
        warnings=tuple(_warnings(feet, feet_out)),
        findings=findings,
        share=text.share,
    )


def _warnings(columns: dict[Side, _Columns], feet: dict[Side, Foot]) -> Iterator[str]:
    """What a reader of the results must know."""
    for side, foot in feet.items():
        name, alone = f"{side.label} foot", columns[side].alone
        if alone:
            yield f"{name}: zones without the others ({', '.join(alone)}): only its total is used"
        true_hz, padded_hz = foot.clock.rate_hz, foot.device.rate_hz
        if abs(true_hz / padded_hz - 1) > 0.002:
            yield f"{name} measured at {true_hz:.1f} Hz, padded by the app to {padded_hz:g}"


def _parts(feet: dict[Side, _Columns]) -> Iterator[slice]:
    """Where each foot's columns are among the wanted ones."""
    at = 0
    for foot in feet.values():
        width = 2 + len(foot.forces)
        yield slice(at, at + width)
        at += width


def _foot_columns(text: TextFile, names: list[str], units: list[str], side: Side) -> _Columns | None:
    """One foot's columns; None if the file has none of it."""
    found: dict[str, int] = {}
    for i, name in enumerate(names):
        match = _CHANNEL.match(name)
        if match and match["side"] == side.name[0]:
            found.setdefault(match["part"] or "total", i)
    if "total" not in found:
        return None
    total = found["total"]
    zones = tuple(found[zone] for zone in ZONES) if all(zone in found for zone in ZONES) else ()
    for column in (total, *zones):
        if units[column].strip() != "Force[N]":
            raise FormatError(
                text.path, f"column {column + 1} is in '{shown(units[column])}': expected Force[N]", HEADER_LINES
            )
    times = [i for i in range(total) if units[i].strip().startswith("Time[sec")]
    if not times:
        raise FormatError(text.path, f"no time column before the force of the {side.label} foot", HEADER_LINES)
    alone = () if zones else tuple(zone for zone in ZONES if zone in found)
    return _Columns(times[-1], zones or (total,), total, alone)


def _forces(own: FloatArray, findings: Findings) -> FloatArray:
    """Forces of a foot's zones, or its total; NaN where the app marks lost packets."""
    forces = own[:, 2:].copy()
    wild = (np.abs(forces) > MAX_FORCE_N).any(axis=1)
    findings.add(f"rows with a force beyond {MAX_FORCE_N:g} N: left out", np.count_nonzero(wild))
    forces[wild] = np.nan
    if forces.shape[1] > 1:
        forces[(forces == LOST).all(axis=1)] = np.nan
    return forces


def _device(zones: int, rate_hz: float, highest_n: float) -> Device:
    device = Device.named("loadsol_3zone" if zones > 1 else "loadsol_1zone")
    step_n, offset = fitted_range(0.0, highest_n)
    return device.with_changes(rate_hz=rate_hz, scale_kpa=np.full(zones, step_n), offset_counts=offset)
