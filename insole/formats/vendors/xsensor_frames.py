"""The frames of an XSENSOR export: text in, one matrix a foot and frame out.

Per frame `FRAME,n`, date and time of day, two `SENSOR` blocks (figures, then `SENSELS` and the matrix), and `GROUP`
blocks that repeat the same words for regions and are skipped. Lines are padded with commas, and blank ones stand
between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from insole.blocks import FloatArray, Side
from insole.errors import FormatError
from insole.formats.findings import Findings
from insole.formats.reading.grids import parse_grid
from insole.formats.reading.text import MAX_LINE_BYTES, TextFile

MAX_FRAME_BYTES = 4 * MAX_LINE_BYTES
_FRAME = re.compile(rb"FRAME,\s*(\d{1,12})\b")
_TIME = re.compile(rb"\nTime,\s*(\d{1,2}):(\d\d):(\d\d(?:\.\d{1,9})?)")
_SENSOR = re.compile(rb"[^,\n]*-(L|R)F?\b[^,\n]*")


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """One foot in one frame."""

    kpa: FloatArray  # (rows, columns)
    load_n: float  # the file's own, NaN without
    sensel_mm2: float  # width x height
    size_mm: tuple[float, float]  # of the whole matrix: length, width


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of the file."""

    number: int
    t_s: float  # time of day
    sheets: dict[Side, Sheet]


def frames_of(text: TextFile, kpa_per_unit: float, findings: Findings) -> Iterator[Frame]:
    """Every frame that can be read."""
    rest = b""
    for block in text.blocks():
        rest += block
        *whole, rest = re.split(rb"\n(?=FRAME,)", rest)
        if len(rest) > MAX_FRAME_BYTES:
            raise FormatError(text.path, f"a frame of more than {MAX_FRAME_BYTES} bytes")
        for chunk in whole:
            yield from _frame(chunk, kpa_per_unit, findings)
    yield from _frame(rest, kpa_per_unit, findings)


def _frame(chunk: bytes, kpa_per_unit: float, findings: Findings) -> Iterator[Frame]:
    head, *sensors = chunk.split(b"\nGROUP,", 1)[0].split(b"\nSENSOR,")
    match, time = _FRAME.match(head), _TIME.search(head)
    if match is None and not sensors:
        return  # the lines before the first frame
    sheets: dict[Side, Sheet] = {}
    for sensor in sensors:
        name = _SENSOR.match(sensor)
        sheet = _sheet(sensor, kpa_per_unit)
        if name is not None and sheet is not None:
            sheets[Side.LEFT if name[1] == b"L" else Side.RIGHT] = sheet
    if match is None or time is None or len(sheets) < len(sensors) or not sheets:
        findings.add("frames that cannot be read in full", 1)
    if match is not None and time is not None and sheets:
        yield Frame(int(match[1]), 3600.0 * int(time[1]) + 60.0 * int(time[2]) + float(time[3]), sheets)


def _sheet(sensor: bytes, kpa_per_unit: float) -> Sheet | None:
    """The matrix of one sensor block, None where it is damaged."""
    figures, _, matrix = sensor.partition(b"\nSENSELS")
    rows, columns = _figure(figures, b"Rows"), _figure(figures, b"Columns")
    width, height = _figure(figures, rb"Sensel Width \(cm\)"), _figure(figures, rb"Sensel Height \(cm\)")
    if not (1 <= rows <= 256 and 1 <= columns <= 256 and 0.05 < width < 10 and 0.05 < height < 10):
        return None
    lines = [line for line in matrix.split(b"\n")[1:] if line.strip(b", ")]
    values = parse_grid(lines, int(rows), int(columns))
    if values is None or not np.isfinite(values).all():
        return None
    size_mm = (10 * rows * height, 10 * columns * width)
    return Sheet(values * kpa_per_unit, _figure(figures, rb"Est\. Load \(N\)"), 100 * width * height, size_mm)


def _figure(figures: bytes, name: bytes) -> float:
    match = re.search(rb"\n" + name + rb",\s*([\d.]+)", figures)
    try:
        return float(match[1]) if match else np.nan
    except ValueError:
        return np.nan
