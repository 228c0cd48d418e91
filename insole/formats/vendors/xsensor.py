"""XSENSOR insole exports (.csv): per frame a matrix of sensels for each foot, in mmHg.

Rows go from toe to heel, columns from left to right, seen from above. The sheets' cells
lie in a rectangle of which the insole covers a part: cells that are never loaded in the file are left out. The area
of a cell follows from the file's own load.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from insole.blocks import BoolArray, FloatArray, Side
from insole.device import Device
from insole.errors import FormatError
from insole.formats.clock import Clock, nominal_hz, rising
from insole.formats.findings import Findings
from insole.formats.own_total import WILD
from insole.formats.quantise import fitted_range
from insole.formats.reading.grids import Cells, JoinedPeak
from insole.formats.reading.text import TextFile, shown, text_of
from insole.formats.vendor import Foot, Request, Samples, VendorFile
from insole.formats.vendors.xsensor_frames import Frame, Sheet, frames_of

AREA_TOLERANCE = 0.02
LOAD_TOLERANCE_N = 1.0
LOAD_TOLERANCE = 0.005
FRAMES_A_BLOCK = 16
_KPA_PER_UNIT = {"mmhg": 0.1333223684, "kpa": 1.0, "n/cm2": 10.0, "psi": 6.894757}
_DAY_S = 86400.0
_DATE = re.compile(r"\nDate,\s*(\d{4}) (\w{3})\w* (\d{1,2})")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def sniff(head: bytes) -> bool:
    """Whether frames with sensors and sensels follow."""
    text = text_of(head)
    return "FRAME," in text and "SENSOR," in text and "Sensel Width (cm)" in text


@dataclass(slots=True, eq=False)
class _Survey:
    """What one pass over the file tells of a foot."""

    sheet: Sheet  # the first one
    loaded: BoolArray
    highest_kpa: float = 0.0
    load_n: float = 0.0
    kpa_sum: float = 0.0

    def add(self, sheet: Sheet) -> None:
        self.loaded |= sheet.kpa > 0
        self.highest_kpa = max(self.highest_kpa, float(sheet.kpa.max(initial=0.0)))
        if np.isfinite(sheet.load_n):
            self.load_n += sheet.load_n
            self.kpa_sum += float(sheet.kpa.sum())

    def own_n(self) -> float:
        """What the sheets add up to that have a load of their own."""
        return self.kpa_sum * self.sheet.sensel_mm2 * 1e-3

    def area_mm2(self) -> float:
        """Area of a cell: load over pressure, where that is near width x height."""
        area = 1e3 * self.load_n / self.kpa_sum if self.kpa_sum > 0 else np.nan
        near = abs(area / self.sheet.sensel_mm2 - 1) < AREA_TOLERANCE
        return round(area, 3) if near else self.sheet.sensel_mm2


def read(request: Request) -> VendorFile:
    """Open an XSENSOR export; it is read twice, once for cells, area and clock, once for the frames.

    Raises
    ------
    FormatError
        No frames, an unknown unit, sheets that change their size, or no usable time.
    """
    text = TextFile.open(request.path)
    head = text.head()
    unit = re.search(r"Units:,\s*\"?([^,\"\n]+)", head)
    if unit is None or unit[1].strip().lower() not in _KPA_PER_UNIT:
        raise FormatError(
            text.path, f"pressure in '{shown(unit[1]) if unit else ''}': expected {', '.join(_KPA_PER_UNIT)}"
        )
    kpa_per_unit = _KPA_PER_UNIT[unit[1].strip().lower()]
    surveys, first_s, period_s = _surveyed(text, kpa_per_unit)
    for side, survey in surveys.items():
        if abs(survey.own_n() - survey.load_n) > WILD * survey.load_n:
            raise FormatError(
                text.path,
                f"the {side.label} cells add up to {survey.own_n() / survey.load_n:.2g} times the file's own load: "
                f"they are not in {shown(unit[1])}, or of another size",
            )
    cells = {
        side: Cells.of(mask) for side, mask in _covered({s: survey.loaded for s, survey in surveys.items()}).items()
    }
    feet = {
        side: Foot(_device(survey, cells[side], side, period_s), Clock(0.0, period_s))
        for side, survey in sorted(surveys.items())
    }
    findings = Findings()
    outside = {side: int(np.count_nonzero(~cells[side].mask)) for side in feet}
    return VendorFile(
        feet,
        lambda: _stream(text, kpa_per_unit, feet, cells, findings),
        used=tuple(f"{part.cell.size} of {part.mask.size} sensels, {side.label}" for side, part in cells.items()),
        ignored=("GROUP blocks", "stance and stride figures", "header 'File'"),
        warnings=(
            *(
                f"{side.label}: {sensels} sensels are never loaded and taken to lie outside the insole"
                for side, sensels in outside.items()
                if sensels
            ),
            *(remark for side, part in cells.items() for remark in part.remarks(side.label)),
        ),
        findings=findings,
        share=text.share,
        start_utc=_start(head, first_s),
    )


def _surveyed(text: TextFile, kpa_per_unit: float) -> tuple[dict[Side, _Survey], float, float]:
    """What one pass tells of the feet, the time of day of the first frame, and the time between frames."""
    surveys: dict[Side, _Survey] = {}
    first_s = np.nan
    before: Frame | None = None
    steps_s: list[float] = []
    for frame in rising(frames_of(text, kpa_per_unit, Findings()), Findings()):
        first_s = frame.t_s if before is None else first_s
        if before is not None and frame.number == before.number + 1:
            steps_s.append((frame.t_s - before.t_s) % _DAY_S)
        before = frame
        for side, sheet in frame.sheets.items():
            survey = surveys.setdefault(side, _Survey(sheet, np.zeros(sheet.kpa.shape, np.bool_)))
            if survey.loaded.shape != sheet.kpa.shape:
                raise FormatError(text.path, f"frame {frame.number}: the {side.label} sheet changes its size")
            survey.add(sheet)
    if not steps_s:
        raise FormatError(text.path, "no two whole frames in sequence")
    steps = np.array(steps_s)
    period_s = float(
        np.mean(steps[np.abs(steps - np.median(steps)) <= 0.5 * np.median(steps)])
    )  # times are rounded to ms
    if not 2e-4 <= period_s <= 1.0:
        raise FormatError(text.path, f"frames {period_s:g} s apart: no usable time")
    return surveys, first_s, period_s


def _stream(
    text: TextFile, kpa_per_unit: float, feet: dict[Side, Foot], cells: dict[Side, Cells], findings: Findings
) -> Iterator[Samples]:
    blocks: dict[Side, list[FloatArray]] = {side: [] for side in feet}
    peaks = {side: JoinedPeak(cells[side]) for side in feet}
    numbers: list[int] = []
    origin: int | None = None
    for frame in rising(frames_of(text, kpa_per_unit, findings), findings):
        origin = frame.number if origin is None else origin
        numbers.append(frame.number - origin)
        for side, block in blocks.items():
            sheet, device = frame.sheets.get(side), feet[side].device
            block.append(np.full(device.n_cells, np.nan) if sheet is None else cells[side].kpa(sheet.kpa))
            if sheet is None:
                continue
            peaks[side].see(sheet.kpa, block[-1])
            own_n = float(block[-1] @ device.area_mm2) * 1e-3
            off = abs(own_n - sheet.load_n) > LOAD_TOLERANCE_N + LOAD_TOLERANCE * sheet.load_n
            findings.add("sheets whose cells do not add up to the file's own load", off)
        if len(numbers) == FRAMES_A_BLOCK:
            yield from (Samples(side, np.array(numbers), np.array(block)) for side, block in blocks.items())
            blocks, numbers = {side: [] for side in feet}, []
    if numbers:
        yield from (Samples(side, np.array(numbers), np.array(block)) for side, block in blocks.items())
    for side, peak in peaks.items():
        peak.say(side.label, 1.0, findings)


def _covered(loaded: dict[Side, BoolArray]) -> dict[Side, BoolArray]:
    """Cells of the insole: those ever loaded, here or at the mirrored place of the other foot; all if none is."""
    mirrored = {side: mask[:, ::-1] for side, mask in loaded.items()}
    if len({mask.shape for mask in loaded.values()}) == 1 and len(loaded) == 2:
        loaded = {
            Side.LEFT: loaded[Side.LEFT] | mirrored[Side.RIGHT],
            Side.RIGHT: loaded[Side.RIGHT] | mirrored[Side.LEFT],
        }
    return {side: mask if mask.any() else ~mask for side, mask in loaded.items()}


def _device(survey: _Survey, cells: Cells, side: Side, period_s: float) -> Device:
    """The loaded cells of the sheet: rows from toe to heel, columns from the left; medial is right on the left foot."""
    rows, columns = cells.mask.shape
    across = cells.column / columns
    step, offset = fitted_range(0.0, survey.highest_kpa)
    return Device(
        name="XSENSOR",
        rate_hz=nominal_hz(period_s),
        x=1.0 - across if side is Side.LEFT else across,
        y=1.0 - cells.row / rows,
        area_mm2=survey.area_mm2() * cells.sensels.astype(np.float64),
        scale_kpa=np.full(len(cells), step),
        offset_counts=offset,
        length_mm=survey.sheet.size_mm[0],
        width_mm=survey.sheet.size_mm[1],
    )


def _start(head: str, t_s: float) -> str:
    """Local date and time of the first frame as ISO 8601."""
    match = _DATE.search(head)
    month = match[2].title() if match else ""
    if match is None or month not in _MONTHS:
        return ""
    minutes, seconds = divmod(t_s, 60.0)
    date = f"{int(match[1])}-{_MONTHS.index(month) + 1:02}-{int(match[3]):02}"
    return f"{date}T{int(minutes // 60):02}:{int(minutes % 60):02}:{seconds:06.3f}"
