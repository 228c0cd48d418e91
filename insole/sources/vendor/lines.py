"""Text lines of a hobby board: ``t_ms,p1,...,pn`` a frame, described by a TOML profile.

::

    baud = 115200       # of the serial port
    separator = ","

    [left]              # and, or, [right]
    device = "demo16"   # a shipped profile, or a TOML file beside this one
    columns = [2, 17]   # first and last column of its pressures, as counts; column 1 is the time in ms

A line that does not fit (a header, a number missing), and the one in whose middle the port was opened, is passed on as
it is and counted as skipped bytes.
There is no number of the frame in such a line, so a frame lost is seen from the time alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from firmware_protocol import encode_pressure
from insole.blocks import Side
from insole.device import Device
from insole.errors import SettingsError
from insole.plain_values import build, read_toml

LONGEST_LINE = 4096
MAX_COUNT = 65535
MAX_INTERVAL_US = 65535


@dataclass(frozen=True, slots=True)
class _File:
    """Top level of the profile."""

    baud: float = 115200.0
    separator: str = ","


@dataclass(frozen=True, slots=True)
class _FootTable:
    """One foot in the profile."""

    device: str
    columns: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class LineProfile:
    """What stands in a line, and how the port is set.

    Parameters
    ----------
    baud : int
    separator : str
    feet : mapping of Side to Device
    columns : mapping of Side to slice
        Its pressures among the fields of a line.
    """

    baud: int
    separator: str
    feet: Mapping[Side, Device]
    columns: Mapping[Side, slice]

    @classmethod
    def read(cls, path: Path) -> LineProfile:
        """Read a TOML file.

        Raises
        ------
        SettingsError
            Names the file, the key and what was expected.
        """
        values = read_toml(path)
        tables = {side: values.pop(side.label) for side in (Side.LEFT, Side.RIGHT) if side.label in values}
        top = build(_File, values, str(path))
        if not tables or top.baud < 1 or not top.separator.strip(" ") == top.separator != "":
            raise SettingsError(f"{path}: expected [left] or [right], baud above 0 and a separator that is no space")
        feet: dict[Side, Device] = {}
        columns: dict[Side, slice] = {}
        for side, table in tables.items():
            if not isinstance(table, dict):
                raise SettingsError(f"{path}: '{side.label}' must be a table")
            foot = build(_FootTable, table, str(path), f"{side.label}.")
            beside = path.parent / foot.device
            device = Device.named(str(beside) if beside.suffix == ".toml" and beside.is_file() else foot.device)
            if len(foot.columns) != 2 or not 2 <= foot.columns[0] <= foot.columns[1]:
                raise SettingsError(f"{path}: {side.label}.columns: expected first and last, from 2 on")
            chosen = slice(int(foot.columns[0]) - 1, int(foot.columns[1]))
            if chosen.stop - chosen.start != device.n_cells:
                raise SettingsError(
                    f"{path}: {side.label}.columns are {chosen.stop - chosen.start}, device {device.name} has "
                    f"{device.n_cells} cells"
                )
            feet[side], columns[side] = device, chosen
        return cls(int(top.baud), top.separator, feet, columns)


class LineTranslator:
    """Lines in, packets out.

    Parameters
    ----------
    profile : LineProfile
    """

    def __init__(self, profile: LineProfile) -> None:
        self._profile = profile
        self._width = max(columns.stop for columns in profile.columns.values())
        self._rate_hz = next(iter(profile.feet.values())).rate_hz
        self._unfinished = b""
        self._joining = True  # the beginning of the line that comes first is not known
        self._sequence = 0
        self._last_ms: float | None = None

    def feed(self, data: bytes) -> bytes:
        """Every line that is complete now."""
        *lines, rest = (self._unfinished + data).split(b"\n")
        out = [self._line(line) for line in lines]
        if len(rest) > LONGEST_LINE:  # no text at all
            out.append(rest)
            rest = b""
        self._unfinished = rest
        return b"".join(out)

    def cut(self) -> bytes:
        """The port is opened anew: what is unfinished will not be finished, and comes back as it is."""
        left, self._unfinished = self._unfinished, b""
        self._joining = True
        return left

    def _line(self, line: bytes) -> bytes:
        if self._joining:
            self._joining = False
            return line + b"\n"
        try:
            fields = line.decode("ascii").strip().split(self._profile.separator)
            t_ms = float(fields[0])
            counts = np.array([int(field) for field in fields[1:]], np.int64)
        except ValueError:
            return line + b"\n"
        in_range = np.isfinite(t_ms) and t_ms >= 0 and np.all((counts >= 0) & (counts <= MAX_COUNT))
        if len(fields) < self._width or not in_range:
            return line + b"\n"
        if self._last_ms is not None:
            # A clock that stands still or goes back was started anew: one frame on, and its tick tells the rest.
            self._sequence += max(1, round((t_ms - self._last_ms) * 1e-3 * self._rate_hz))
        self._last_ms = t_ms
        tick_us = round(t_ms * 1000) % 2**32
        interval_us = min(round(1e6 / self._rate_hz), MAX_INTERVAL_US)
        return b"".join(
            encode_pressure(
                side,
                self._sequence % 2**32,
                tick_us,
                interval_us,
                counts[columns.start - 1 : columns.stop - 1].astype(np.uint16)[None],
            )
            for side, columns in self._profile.columns.items()
        )
