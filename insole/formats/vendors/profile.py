"""'My CSV looks like this': a table of any kind, described by a TOML file that is given as `--format my_insole.toml`.

::

    name = "my insole"
    delimiter = ";"        # one character, or "tab"
    decimal = ","          # "." if left out
    header_lines = 0       # lines before the first row; the last of them may hold column names
    rate_hz = 100.0        # only without [time]: rows then follow each other without loss

    [time]
    column = 1             # number from 1, or a name
    unit = "s"             # s, ms or us

    [left]                 # and [right]; or [belt] for one force under both feet;
    columns = "2-117"      # or [one_foot] where each file holds one foot: first file left, second right
    unit = "kPa"           # kPa, N/cm2, mmHg, psi (pressures of cells); N, BW (newtons, body weights)
    area_mm2 = 120.0       # of a cell, one number or one each; with pressures
    x = [0.5, ...]         # middles of the cells from the medial edge and from the heel, 0 to 1; may be left out
    y = [0.1, ...]
    device = "my.toml"     # instead of area_mm2, x and y: a device profile (shipped name or file)
    side = "right"         # of [one_foot] with a single file; left if left out

Columns are a range, a list of numbers and ranges as text ("2-17, 20"), or a list of names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from insole.blocks import GRAVITY_M_S2, FloatArray, Side
from insole.device import FORCE_CELL_AREA_MM2, MAX_CELLS, Device, force_device
from insole.errors import FormatError, SettingsError
from insole.formats.findings import Findings
from insole.formats.pairing import pair
from insole.formats.reading.table import Table
from insole.formats.reading.text import TextFile, shown
from insole.formats.signals import Signal, Timing, open_signals
from insole.formats.vendor import Request, VendorFile
from insole.formats.vendors.force_table import NOMINAL_MASS_KG, NOMINAL_WARNING
from insole.plain_values import read_toml

MAX_HEADER_LINES = 1000
_KPA_PER_UNIT = {"kPa": 1.0, "N/cm2": 10.0, "mmHg": 0.1333223684, "psi": 6.894757}
_SECONDS_PER_UNIT = {"s": 1.0, "ms": 1e-3, "us": 1e-6}
_FEET = {"left": Side.LEFT, "right": Side.RIGHT, "belt": Side.BELT}
_RANGES = re.compile(r"\s*\d+\s*(-\s*\d+\s*)?(,\s*\d+\s*(-\s*\d+\s*)?)*$")


@dataclass(frozen=True, slots=True)
class Foot:
    """A section that describes one foot's columns."""

    columns: Any
    unit: str
    device: Device | None  # None: one that fits the columns
    area_mm2: FloatArray
    x: FloatArray
    y: FloatArray


@dataclass(frozen=True, slots=True)
class Profile:
    """How a user's table is laid out, as the module says; `feet` has the key None for `[one_foot]`."""

    name: str
    delimiter: str
    decimal_comma: bool
    header_lines: int
    rate_hz: float | None
    time_column: Any
    seconds_per_unit: float
    feet: dict[Side | None, Foot]
    single_side: Side


def read(profile: Profile, request: Request) -> VendorFile:
    """Open one table, or those of both feet.

    Raises
    ------
    FormatError
        The table is not as the profile says.
    """
    if None not in profile.feet:
        return _read_one(
            profile, {side: foot for side, foot in profile.feet.items() if side is not None}, request, request.path
        )
    sides = (Side.LEFT, Side.RIGHT) if len(request.paths) > 1 else (profile.single_side,)
    files = tuple(
        _read_one(profile, {side: profile.feet[None]}, request, path)
        for side, path in zip(sides, request.paths, strict=False)
    )
    return pair(files, tuple(path.name for path in request.paths))


def _read_one(profile: Profile, feet: dict[Side, Foot], request: Request, path: Path) -> VendorFile:
    text = TextFile.open(path)
    lines = text.head().split("\n")
    if profile.header_lines >= len(lines):
        raise FormatError(path, f"{profile.header_lines} header lines expected, and rows below them", len(lines))
    table = Table.below(text, lines, profile.header_lines + 1, profile.delimiter, None)
    table = replace(table, decimal_comma=profile.decimal_comma)
    names = (
        [name.strip().strip('"') for name in lines[profile.header_lines - 1].split(profile.delimiter)]
        if profile.header_lines
        else []
    )
    timing = Timing(rate_hz=profile.rate_hz)
    if profile.time_column is not None:
        timing = Timing(_columns(path, profile.time_column, names, table.cells)[0], profile.seconds_per_unit)
    in_bw = any(foot.unit == "BW" for foot in feet.values())
    nominal = in_bw and request.body_mass_kg is None
    signals = {}
    for side, foot in feet.items():
        columns = _columns(path, foot.columns, names, table.cells)
        factor = _KPA_PER_UNIT.get(foot.unit, 1.0)
        if foot.unit == "BW":
            factor = (request.body_mass_kg or NOMINAL_MASS_KG) * GRAVITY_M_S2
        signals[side] = Signal(columns, factor, _device(profile, foot, len(columns)))
    findings = Findings()
    opened, frames = open_signals(table, timing, signals, findings)
    taken = {c for signal in signals.values() for c in signal.columns} | (
        {timing.column} if timing.column is not None else set()
    )
    return VendorFile(
        opened,
        lambda: frames,
        used=tuple(f"{len(signal.columns)} columns as {side.label}" for side, signal in signals.items()),
        ignored=tuple(f"column {c + 1}" for c in range(table.cells) if c not in taken),
        warnings=(NOMINAL_WARNING,) if nominal else (),
        findings=findings,
        share=text.share,
        nominal_mass_kg=NOMINAL_MASS_KG if nominal else None,
    )


def _device(profile: Profile, foot: Foot, cells: int) -> Device:
    if foot.device is not None:
        if foot.device.n_cells != cells:
            raise SettingsError(
                f"{profile.name}: {cells} columns for device {foot.device.name} of {foot.device.n_cells} cells"
            )
        return foot.device
    if cells == 1 and foot.unit in {"N", "BW"}:
        return force_device(profile.name, 100.0, 1.0)

    def each(values: FloatArray, key: str) -> FloatArray:
        if len(values) not in {1, cells}:
            raise SettingsError(f"{profile.name}: {key} has {len(values)} values for {cells} columns")
        return np.broadcast_to(values, cells).copy()

    return Device(
        name=profile.name,
        rate_hz=100.0,
        x=each(foot.x, "x"),
        y=each(foot.y, "y"),
        area_mm2=each(foot.area_mm2, "area_mm2"),
        scale_kpa=np.ones(cells),
    )


def _columns(path: Path, given: Any, names: list[str], cells: int) -> tuple[int, ...]:
    """Positions from 0 of what a profile calls columns."""
    positions: list[int] = []
    for item in given if isinstance(given, list) else [given]:
        if isinstance(item, str) and item in names:
            positions.append(names.index(item))
        elif isinstance(item, str) and _RANGES.match(item):
            for part in item.split(","):
                first, _, last = part.partition("-")
                positions += range(int(first) - 1, min(int(last or first), cells + 1))
        elif isinstance(item, int) and not isinstance(item, bool):
            positions.append(item - 1)
        else:
            raise FormatError(
                path,
                f"no column '{item}'" + (f" among {shown(', '.join(names))}" if names else "; the file has no names"),
            )
    outside = next((p for p in positions if not 0 <= p < cells), None)
    if outside is not None or not 1 <= len(positions) <= MAX_CELLS:
        raise FormatError(path, f"columns {given}: the rows have {cells} cells")
    return tuple(positions)


def read_profile(path: Path) -> Profile:
    """Read a profile.

    Raises
    ------
    SettingsError
        Names the file, the key, and what was expected.
    """
    values = read_toml(path)
    section = _Section(str(path), "", values)
    delimiter = {"tab": "\t"}.get(given := section.take("delimiter", str, ","), given)
    if len(delimiter) != 1 or delimiter in "\n\r.-+0123456789 " or not delimiter.isascii():
        raise SettingsError(f"{path}: delimiter = '{given}', expected one character or 'tab'")
    decimal = section.choice("decimal", {".": False, ",": True}, ".")
    if decimal and delimiter == ",":
        raise SettingsError(f"{path}: delimiter and decimal are both ','")
    time = section.section("time")
    feet: dict[Side | None, Foot] = {}
    single_side = Side.LEFT
    for key in (*_FEET, "one_foot"):
        if (part := section.section(key)) is None:
            continue
        if key == "one_foot":
            single_side = part.choice("side", {"left": Side.LEFT, "right": Side.RIGHT}, "left")
        feet[_FEET.get(key)] = _foot(part, path.parent)
    if not feet or ((None in feet or Side.BELT in feet) and len(feet) > 1):
        raise SettingsError(f"{path}: expected [left] and [right], or one of them, or [belt], or [one_foot]")
    profile = Profile(
        name=section.take("name", str, path.stem),
        delimiter=delimiter,
        decimal_comma=decimal,
        header_lines=section.take("header_lines", int, 0),
        rate_hz=section.take("rate_hz", float, None),
        time_column=time.take("column", object, None) if time else None,
        seconds_per_unit=time.choice("unit", _SECONDS_PER_UNIT, "s") if time else 1.0,
        feet=feet,
        single_side=single_side,
    )
    for part in (section, time):
        if part is not None:
            part.finish()
    if not 0 <= profile.header_lines <= MAX_HEADER_LINES:
        raise SettingsError(f"{path}: header_lines = {profile.header_lines}, expected 0 to {MAX_HEADER_LINES}")
    if (profile.time_column is None) == (profile.rate_hz is None):
        raise SettingsError(f"{path}: expected either [time] with a column, or rate_hz")
    if profile.rate_hz is not None and not 1.0 <= profile.rate_hz <= 5000.0:
        raise SettingsError(f"{path}: rate_hz = {profile.rate_hz:g}, expected 1 to 5000")
    return profile


def _foot(part: _Section, folder: Path) -> Foot:
    unit = part.choice("unit", {unit: unit for unit in (*_KPA_PER_UNIT, "N", "BW")}, None)
    columns = part.take("columns", object, None)
    if columns is None:
        raise SettingsError(f"{part.origin}: '{part.name}.columns' is missing")
    device_name = part.take("device", str, "")
    device = None
    if device_name:
        beside = folder / device_name
        device = Device.named(str(beside) if beside.suffix == ".toml" and beside.is_file() else device_name)
    default = [FORCE_CELL_AREA_MM2] if unit in {"N", "BW"} else None
    areas = part.numbers("area_mm2", default)
    if areas is None and device is None:
        raise SettingsError(f"{part.origin}: '{part.name}.area_mm2' or a device is needed for pressures")
    x, y = part.numbers("x", [np.nan]), part.numbers("y", [np.nan])
    part.finish()
    nothing = np.full(1, np.nan)
    return Foot(
        columns,
        unit,
        device,
        nothing if areas is None else areas,
        nothing if x is None else x,
        nothing if y is None else y,
    )


class _Section:
    """One table of a TOML file, of which every key must be taken."""

    def __init__(self, origin: str, name: str, values: dict[str, Any]) -> None:
        self.origin, self.name = origin, name
        self._values = dict(values)

    def take(self, key: str, kind: type, default: Any) -> Any:
        """A value of a kind; whole numbers are numbers too."""
        value = self._values.pop(key, default)
        whole = kind is float and isinstance(value, int)
        if value is default or ((isinstance(value, kind) or whole) and (kind is object or not isinstance(value, bool))):
            return value
        raise SettingsError(f"{self.origin}: '{self._path(key)}' = {value!r}, expected {kind.__name__}")

    def choice(self, key: str, choices: dict[str, Any], default: str | None) -> Any:
        """What one of a few words stands for."""
        value = self._values.pop(key, default)
        if not isinstance(value, str) or value not in choices:
            raise SettingsError(f"{self.origin}: '{self._path(key)}' = {value!r}, expected one of {', '.join(choices)}")
        return choices[value]

    def numbers(self, key: str, default: list[float] | None) -> FloatArray | None:
        """One number or a list of them."""
        value = self._values.pop(key, default)
        listed = value if isinstance(value, list) else [value]
        if value is None:
            return None
        if not all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in listed):
            raise SettingsError(f"{self.origin}: '{self._path(key)}' = {value!r}, expected numbers")
        return np.array(listed, np.float64)

    def section(self, key: str) -> _Section | None:
        """A table inside this one."""
        value = self._values.pop(key, None)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise SettingsError(f"{self.origin}: '{self._path(key)}' must be a table")
        return _Section(self.origin, self._path(key), value)

    def finish(self) -> None:
        """Refuse what nobody took.

        Raises
        ------
        SettingsError
            Names the first unknown key.
        """
        for key in self._values:
            raise SettingsError(f"{self.origin}: unknown key '{self._path(key)}'")

    def _path(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key
