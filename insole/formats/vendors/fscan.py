"""Tekscan F-Scan ASCII movies (.asf): a matrix of sensels a frame, one foot a file; two files make one recording.

`KEY value` lines, then `Frame n` and the rows from toe to heel, seen from above; `B` where the sheet has no sensel.
The foot is taken from the last letter of the recorded file name (...L.fsx), or from this file's own name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from insole.blocks import FloatArray, Side
from insole.device import Device
from insole.errors import FormatError
from insole.formats.clock import Clock, rising
from insole.formats.findings import Findings
from insole.formats.pairing import pair
from insole.formats.reading.grids import Cells, JoinedPeak, parse_grid
from insole.formats.reading.text import TextFile, shown, text_of
from insole.formats.vendor import Foot, Request, Samples, VendorFile

STEP_KPA = 0.05
OFFSET_COUNTS = 1000.0
FRAMES_A_BLOCK = 16
_KPA_PER_UNIT = {"kpa": 1.0, "mmhg": 0.133322, "psi": 6.894757, "n/cm2": 10.0, "kg/cm2": 98.0665, "g/cm2": 0.0980665}
_TITLE = re.compile(rb"Frame\s+(\d{1,9})\s*$")
_PERSONAL = ("FILENAME", "COMMENTS", "CALIBRATION_INFO")


def sniff(head: bytes) -> bool:
    """Whether Tekscan's keys stand at the beginning."""
    text = text_of(head)
    return text.startswith("DATA_TYPE") and "SECONDS_PER_FRAME" in text and "ASCII_DATA" in text


def read(request: Request) -> VendorFile:
    """Open one movie, or those of both feet.

    Raises
    ------
    FormatError
        A key missing or out of range, a unit unknown, or the same foot twice.
    """
    files = tuple(_read_one(path) for path in request.paths[:2])
    return pair(files, tuple(path.name for path in request.paths))


@dataclass(frozen=True, slots=True, eq=False)
class _Frame:
    """One frame: its number, from any, and the matrix, NaN where there is no sensel."""

    number: int
    matrix: FloatArray


def _read_one(path: Path) -> VendorFile:
    text = TextFile.open(path)
    lines = text.head().split("\n")
    end = next((i for i, line in enumerate(lines) if line.startswith("ASCII_DATA")), None)
    if end is None:
        raise FormatError(path, "no line 'ASCII_DATA'")
    keys = {key: value.strip() for key, _, value in (line.partition(" ") for line in lines[:end])}
    shape = round(_number(path, keys, "ROWS", 1, 256)), round(_number(path, keys, "COLS", 1, 256))
    unit = keys.get("UNITS", "").lower()
    if unit not in _KPA_PER_UNIT:
        raise FormatError(path, f"pressure in '{shown(unit)}': expected {', '.join(_KPA_PER_UNIT)}")
    period_s = _number(path, keys, "SECONDS_PER_FRAME", 2e-4, 1.0)
    side, guess = _side(path, keys)
    first = next(_frames(text, end + 2, shape, Findings()), None)
    if first is None:
        raise FormatError(path, f"no whole frame of {shape[0]} rows x {shape[1]} columns", end + 2)
    cells = Cells.of(~np.isnan(first.matrix))
    if not len(cells):
        raise FormatError(path, "the first frame has no sensel", end + 2)
    foot = Foot(_device(path, keys, cells, side, 1.0 / period_s), Clock(0.0, period_s))
    findings = Findings()

    def stream() -> Iterator[Samples]:
        frames = rising(_frames(text, end + 2, shape, findings), findings)
        origin: int | None = None
        peak = JoinedPeak(cells)
        while block := list(islice(frames, FRAMES_A_BLOCK)):
            origin = block[0].number if origin is None else origin
            values = np.array([cells.kpa(frame.matrix) for frame in block])
            for frame, joined in zip(block, values, strict=True):
                peak.see(frame.matrix, joined)
            yield Samples(side, np.array([frame.number - origin for frame in block]), values * _KPA_PER_UNIT[unit])
        peak.say(side.label, _KPA_PER_UNIT[unit], findings)

    return VendorFile(
        {side: foot},
        stream,
        used=(f"{cells.cell.size} of {shape[0]} x {shape[1]} sensels", "frame numbers"),
        ignored=tuple(f"header '{key}'" for key in _PERSONAL if key in keys),
        warnings=(*guess, *cells.remarks(side.label)),
        findings=findings,
        share=text.share,
    )


def _frames(text: TextFile, first_line: int, shape: tuple[int, int], findings: Findings) -> Iterator[_Frame]:
    """Every whole frame."""
    title: re.Match[bytes] | None = None
    title_line = 0
    lines: list[bytes] = []

    def whole() -> Iterator[_Frame]:
        matrix = parse_grid(lines, *shape) if title else None
        if title and matrix is not None:
            yield _Frame(int(title[1]), matrix)
        elif title_line:
            findings.add("frames that cannot be read: left out", 1, title_line)

    for at_line, line in enumerate(text.lines(), 1):
        if at_line < first_line or not line.strip():
            continue
        if line.startswith((b"Frame", b"@@")):
            yield from whole()
            title, lines = _TITLE.match(line), []
            title_line = at_line if line.startswith(b"Frame") else 0
        elif len(lines) <= shape[0]:
            lines.append(line.replace(b"B", b""))
    yield from whole()


def _number(path: Path, keys: dict[str, str], key: str, low: float, high: float) -> float:
    try:
        value = float(keys[key].split()[0])
    except (KeyError, IndexError, ValueError):
        raise FormatError(path, f"no number for {key} in the header") from None
    if not low <= value <= high:
        raise FormatError(path, f"{key} {value:g}: expected {low:g} to {high:g}")
    return value


def _side(path: Path, keys: dict[str, str]) -> tuple[Side, tuple[str, ...]]:
    recorded = re.search(r"([LR])\.fsx", keys.get("FILENAME", ""), re.IGNORECASE)
    named = re.search(r"(?:^|[^a-z])(left|right)(?:[^a-z]|$)|[^a-z](l|r)$|\d(l|r)$", path.stem.lower())
    if recorded:
        return (Side.LEFT if recorded[1].upper() == "L" else Side.RIGHT), ()
    if named:
        return (Side.LEFT if next(filter(None, named.groups()))[0] == "l" else Side.RIGHT), ()
    return Side.LEFT, (f"{path.name}: no foot is named; taken as the left one (name the file ..._left or ..._right)",)


def _device(path: Path, keys: dict[str, str], cells: Cells, side: Side, rate_hz: float) -> Device:
    """The sheet: rows from toe to heel, columns from the left; medial is right on the left foot."""
    rows, columns = cells.mask.shape
    across = cells.column / columns
    area_mm2 = _number(path, keys, "SENSEL_AREA", 0.1, 1000.0)
    full_scale = re.match(r"(\d+(?:\.\d+)?)\s*kpa", keys.get("SATURATION_PRESSURE", ""), re.IGNORECASE)
    counts = 65535 if full_scale is None else min(65535, int(float(full_scale[1]) / STEP_KPA + OFFSET_COUNTS))
    return Device(
        name="F-Scan",
        rate_hz=rate_hz,
        x=1.0 - across if side is Side.LEFT else across,
        y=1.0 - cells.row / rows,
        area_mm2=area_mm2 * cells.sensels.astype(np.float64),
        scale_kpa=np.full(len(cells), STEP_KPA),
        offset_counts=OFFSET_COUNTS,
        full_scale_counts=counts,
        length_mm=rows * _number(path, keys, "ROW_SPACING", 0.1, 100.0),
        width_mm=columns * _number(path, keys, "COL_SPACING", 0.1, 100.0),
    )
