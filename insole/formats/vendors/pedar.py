"""novel pedar ASCII exports (.asc): 99 cells a foot in kPa, tab separated and padded with blanks.

The first columns are the left insole, the next 99 the right one; a header line each lists the cells in use. Areas and
layout follow from the letter that the sensor type begins with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from insole.blocks import Side
from insole.device import Device, device_names
from insole.errors import FormatError
from insole.formats.clock import Clock, FrameNumbers, nominal_hz
from insole.formats.findings import Findings
from insole.formats.reading.table import Table, split_header
from insole.formats.reading.text import TextFile, shown, text_of
from insole.formats.vendor import Foot, Request, Samples, VendorFile

CELLS = 99
_KPA_PER_UNIT = {"kpa": 1.0, "n/cm2": 10.0, "n/cm^2": 10.0}
_START = re.compile(r"date/time\s+(\d\d)\.(\d\d)\.(\d\d)\s+(\d\d?)[.:](\d\d)")


def sniff(head: bytes) -> bool:
    """Whether the header has pedar's keys and column names."""
    text = text_of(head)
    return "scanning rate [Hz]:" in text and "pressure values in" in text and "time[secs]" in text


def read(request: Request) -> VendorFile:
    """Open a pedar export.

    Raises
    ------
    FormatError
        Unknown insole or unit, cells missing, no rate, or no rows.
    """
    text = TextFile.open(request.path)
    lines = text.head().split("\n")
    at = next((i for i, line in enumerate(lines) if line.startswith("time[secs]")), None)
    if at is None:
        raise FormatError(text.path, "no line that begins with time[secs]")
    header = "\n".join(lines[:at])
    device = _device(text, header)
    unit = _value(text, header, "pressure values in").lower()
    if unit not in _KPA_PER_UNIT:
        raise FormatError(text.path, f"pressure in '{shown(unit)}': expected {', '.join(_KPA_PER_UNIT)}")
    period_s = 1.0 / _positive(text, _value(text, header, "scanning rate [Hz]:"))
    names, delimiter = split_header(lines[at])
    feet = _feet(text, header, names, at + 1)
    table = Table.below(text, lines, at + 2, delimiter, lines[at])
    first = next(table.rows([0], Findings())).values[:, 0]
    start_s = float(first[np.isfinite(first)][0]) if np.isfinite(first).any() else 0.0
    findings = Findings()
    kpa_per_unit = _KPA_PER_UNIT[unit]
    columns = [0, *(c for first_cell in feet.values() for c in range(first_cell, first_cell + CELLS))]

    def stream() -> Iterator[Samples]:
        numbers = FrameNumbers(text.path, period_s, findings)
        for rows in table.rows(columns, findings):
            keep, number = numbers.number(rows.line, rows.values[:, 0])
            values = rows.values if keep.all() else rows.values[keep]
            for i, side in enumerate(feet):
                kpa = values[:, 1 + i * CELLS : 1 + (i + 1) * CELLS]
                yield Samples(side, number, kpa if kpa_per_unit == 1.0 else kpa * kpa_per_unit)

    clock = Clock(start_s, period_s)
    start = _START.search(header)
    return VendorFile(
        {side: Foot(device.with_changes(rate_hz=nominal_hz(period_s)), clock) for side in feet},
        stream,
        used=("time[secs]", *(f"{side.label} cells 1 to {CELLS}" for side in feet)),
        ignored=("header 'file name'",),
        findings=findings,
        share=text.share,
        start_utc=f"20{start[3]}-{start[2]}-{start[1]}T{int(start[4]):02}:{start[5]}:00" if start else "",
    )


def _value(text: TextFile, header: str, key: str) -> str:
    match = re.search(re.escape(key) + r"\s*(\S+)", header)
    if match is None:
        raise FormatError(text.path, f"no '{key}' in the header")
    return match[1]


def _positive(text: TextFile, number: str) -> float:
    try:
        rate_hz = float(number.replace(",", "."))
    except ValueError:
        rate_hz = 0.0
    if not 1.0 <= rate_hz <= 5000.0:
        raise FormatError(text.path, f"scanning rate '{shown(number)}': expected 1 to 5000 Hz")
    return rate_hz


def _device(text: TextFile, header: str) -> Device:
    sensor = _value(text, header, "sensor type:")
    size = sensor.partition("-")[0].lower()
    if f"pedar_{size}" not in device_names():
        known = ", ".join(name.removeprefix("pedar_") for name in device_names() if name.startswith("pedar_"))
        raise FormatError(text.path, f"insole '{shown(sensor)}' is of no size whose areas are known ({known})")
    return Device.named(f"pedar_{size}")


def _feet(text: TextFile, header: str, names: list[str], line: int) -> dict[Side, int]:
    """First column of each foot, in the order of the columns; the header lists the cells of each insole in use."""
    listed = [side for side in (Side.LEFT, Side.RIGHT) if re.search(rf"{side.label} insole:[ \t]*\d", header)]
    cells = len(names) - 1
    if cells != 2 * CELLS and (cells != CELLS or len(listed) != 1):
        raise FormatError(text.path, f"{cells} cells for {len(listed)} insoles: expected {CELLS} each", line)
    for column, name in enumerate(names[1:], 1):
        in_order = {column, (column - 1) % CELLS + 1}
        if name.strip().isdecimal() and int(name) not in in_order:
            raise FormatError(text.path, f"column {column + 1} is cell {shown(name)}: expected {min(in_order)}", line)
    if cells == CELLS:
        return {listed[0]: 1}
    if len(listed) == 1:
        return {listed[0]: 1 + CELLS * (listed[0] is Side.RIGHT)}
    return {Side.LEFT: 1, Side.RIGHT: 1 + CELLS}
