"""stAPPone recordings (.csv): 12 raw channels a sole at 62.5 Hz, uncalibrated.

The file says neither unit nor calibration. The sum of the channels is scaled so that its mean above the unloaded
level is half a nominal body weight, as over whole strides it must be (zero net vertical impulse): times and shares
then hold, newtons and kilopascals mean nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np

from insole.blocks import GRAVITY_M_S2, BoolArray, FloatArray, Side
from insole.device import FORCE_CELL_AREA_MM2, Device
from insole.errors import FormatError
from insole.formats.clock import FrameNumbers, nominal_hz, typical_period_s
from insole.formats.findings import Findings
from insole.formats.reading.table import Rows, Table, split_header
from insole.formats.reading.text import TextFile, text_of
from insole.formats.vendor import Foot, Request, Samples, VendorFile
from insole.formats.vendors.force_table import NOMINAL_MASS_KG

CELLS = 12
SIDES = {1: Side.LEFT, 2: Side.RIGHT}
UNLOADED_PERCENTILE = 5.0
_MS = 1e-3


def sniff(head: bytes) -> bool:
    """Whether the first line names soles and pressures as stAPPone does."""
    names, _ = split_header(text_of(head).split("\n", 1)[0])
    return "sole_id" in names and "pressure_01" in names


def read(request: Request) -> VendorFile:
    """Open a stAPPone recording; it is read twice, once for clocks and levels, once for the frames.

    Raises
    ------
    FormatError
        Columns missing, or soles other than 1 and 2.
    """
    text = TextFile.open(request.path)
    lines = text.head().split("\n")
    names, delimiter = split_header(lines[0])
    pressures = [f"pressure_{number:02}" for number in range(1, CELLS + 1)]
    for name in ("sole_id", "timestamp", *pressures):
        if name not in names:
            raise FormatError(text.path, f"no column '{name}'", 1)
    cells = [names.index(name) for name in pressures]
    corrupt = [names.index("corrupt")] if "corrupt" in names else []
    table = Table.below(text, lines, 2, delimiter, lines[0])
    wanted = [names.index("sole_id"), names.index("timestamp"), *cells, *corrupt]

    clocks: dict[Side, FrameNumbers] = {}
    periods: dict[Side, float] = {}
    sums: dict[Side, list[FloatArray]] = {}
    zero_s = np.nan
    for rows in table.rows(wanted, Findings()):
        zero_s = float(rows.values[0, 1]) * _MS if np.isnan(zero_s) else zero_s
        for side, mask in _soles(text, rows):
            t_s = rows.values[mask, 1] * _MS - zero_s
            if side not in clocks:
                periods[side] = typical_period_s(text.path, t_s)
                clocks[side] = FrameNumbers(text.path, periods[side], Findings())
            clocks[side].number(rows.line[mask], t_s)
            sums.setdefault(side, []).append(rows.values[mask, 2 : 2 + CELLS].sum(axis=1))
    if not clocks:
        raise FormatError(text.path, "no rows of numbers below the header", 2)
    mass_kg = request.body_mass_kg or NOMINAL_MASS_KG
    feet = {
        side: Foot(_device(nominal_hz(periods[side]), np.concatenate(sums[side]), mass_kg), clock.clock())
        for side, clock in clocks.items()
    }
    findings = Findings()

    def stream() -> Iterator[Samples]:
        numbers = {side: FrameNumbers(text.path, periods[side], findings) for side in feet}
        for rows in table.rows(wanted, findings):
            for side, mask in _soles(text, rows):
                keep, number = numbers[side].number(rows.line[mask], rows.values[mask, 1] * _MS - zero_s)
                counts = rows.values[mask, 2 : 2 + CELLS][keep]
                if corrupt:
                    counts[rows.values[mask, -1][keep] != 0] = np.nan
                yield Samples(side, number, counts * feet[side].device.scale_kpa)

    sides = " and ".join(f"sole {number} as {side.label}" for number, side in SIDES.items() if side in feet)
    return VendorFile(
        feet,
        stream,
        used=("sole_id", "timestamp", *(names[i] for i in cells), *("corrupt" for _ in corrupt)),
        ignored=tuple(name for i, name in enumerate(names) if i not in wanted),
        warnings=(
            f"uncalibrated: forces are scaled to a mean of half of {mass_kg:g} kg a foot; newtons and kPa mean nothing",
            f"the file does not say which foot: {sides}",
        ),
        findings=findings,
        share=text.share,
        start_utc=datetime.fromtimestamp(zero_s, UTC).isoformat() if 0 < zero_s < 4e9 else "",
        nominal_mass_kg=None if request.body_mass_kg else NOMINAL_MASS_KG,
    )


def _soles(text: TextFile, rows: Rows) -> Iterator[tuple[Side, BoolArray]]:
    """Which rows belong to which foot."""
    soles = rows.values[:, 0]
    for sole in np.unique(soles[np.isfinite(soles)]):
        if sole not in SIDES:
            raise FormatError(text.path, f"sole_id {sole:g}: expected 1 or 2", int(rows.line[soles == sole][0]))
        yield SIDES[int(sole)], soles == sole


def _device(rate_hz: float, sums: FloatArray, mass_kg: float) -> Device:
    """Raw counts as kPa on equal areas, such that the mean force is half the body's weight."""
    sums = sums[np.isfinite(sums)]
    load = float(np.mean(sums) - np.percentile(sums, UNLOADED_PERCENTILE)) if len(sums) else 0.0
    newtons = 0.5 * mass_kg * GRAVITY_M_S2 / load if load > 0 else 1.0
    return Device.named("stappone").with_changes(
        rate_hz=rate_hz,
        x=np.full(CELLS, np.nan),
        y=np.full(CELLS, np.nan),
        area_mm2=np.full(CELLS, FORCE_CELL_AREA_MM2),
        areas_known=False,
        scale_kpa=np.full(CELLS, newtons),
    )
