"""Force and contacts -> C3D (https://www.c3d.org), which gait laboratories exchange.

Analog channels, both feet on one clock from second 0 of the recording (`grid`), in 32-bit floats; lost frames are NaN.
There are no markers: a frame of the file holds one or more analog samples and nothing else. Events of the group EVENT
are named as gait software expects them: 'Foot Strike' and 'Foot Off', context 'Left' or 'Right', in seconds. As the
group has room for a few thousand of them, the channels `left_contact` and `right_contact` hold all contacts. The
package that writes the file takes all of it at once: it is put together in memory, unlike the other exports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from insole import __version__
from insole.analysis import Analysis
from insole.blocks import ContactTable, Side
from insole.errors import InsoleError, MissingExtra
from insole.report.about import Column, about, free_with_sidecar, write_sidecar
from insole.report.force import Zero, force_series, require_newtons
from insole.report.grid import Grid
from insole.report.ground import contact_columns, whole_contacts
from insole.report.plain import finished
from insole.report.series import series_columns, zeros_used

MOST_FRAMES = 65_535
"""A frame's number is a 16-bit one: longer files hold several samples a frame."""

SAMPLES_A_FRAME = (1, 2, 5, 10, 20, 50, 100, 200, 500)
EVENTS_A_PARAMETER = 255
MOST_EVENTS = 3_825
"""15 parameters of 255: what fits beside the channels into the 130 kB that all parameters have."""

Event = tuple[float, str, str]
"""Seconds, label and context."""


@dataclass(frozen=True, slots=True)
class Written:
    """How much went into a C3D file, and how many events found no room."""

    samples: int
    events: int
    events_left_out: int


def write_c3d(path: Path, analysis: Analysis, zeros: Mapping[Side, Zero], force: bool = False) -> Written:
    """Write force, centre of pressure, regions and contacts of the analysed file.

    Parameters
    ----------
    path, analysis, zeros, force
        As `insole.report.series.write_series`.

    Returns
    -------
    Written

    Raises
    ------
    InsoleError
        The file knows no newtons, is too long for a C3D file, or as `c3d_target`.
    """
    c3d_target(path, force)
    require_newtons(analysis)
    content = _library().c3d()
    rate_hz = max(device.rate_hz for device in analysis.header.feet.values())
    columns = _channels(analysis, zeros, rate_hz)
    samples = len(columns[0].values)
    per_frame = next((n for n in SAMPLES_A_FRAME if samples <= n * MOST_FRAMES), 0)
    if not per_frame:
        raise InsoleError(f"{path}: {samples} samples are too many for a C3D file")
    events = _events(analysis.contacts)
    _put_channels(content, columns, rate_hz, per_frame)
    _put_events(content, events[:MOST_EVENTS])
    _put_origin(content, analysis)
    with finished(path, force) as part:
        _save(content, part)
    written = Written(samples, min(len(events), MOST_EVENTS), max(len(events) - MOST_EVENTS, 0))
    rest = {"rate_hz": rate_hz, "events": written.events, "events_left_out": written.events_left_out}
    write_sidecar(path, about(columns, analysis) | zeros_used(zeros) | rest, force)
    return written


def c3d_target(path: Path, force: bool) -> Path:
    """`path`, if a C3D file may be written there.

    Raises
    ------
    InsoleError
        As `insole.report.plain.free_path`.
    MissingExtra
        ezc3d is not installed.
    """
    _library()
    return free_with_sidecar(path, force)


def _channels(analysis: Analysis, zeros: Mapping[Side, Zero], rate_hz: float) -> list[Column]:
    """All analog channels, of equal length."""
    feet = analysis.header.feet
    samples = int(np.floor(analysis.duration_s * rate_hz)) + 1
    grids: dict[Side, Grid] = {}
    named: Sequence[Column] = ()
    for piece in force_series(analysis.file, analysis.header, zeros):
        named = series_columns(piece)[2:]  # without side and time
        grid = grids.setdefault(piece.side, Grid(samples, len(named), rate_hz, 1.0 / feet[piece.side].rate_hz))
        grid.add(piece.t_s, np.column_stack([column.values for column in named]))
    columns = []
    for side, grid in sorted(grids.items()):
        for i, column in enumerate(named):
            values = grid.values[:, i]
            if i == 0 or not np.isnan(values).all():
                columns.append(Column(f"{side.label}_{column.name}", values, column.unit, column.definition))
    t_s = np.arange(samples) / rate_hz
    return columns + [column for side in sorted(feet) for column in contact_columns(t_s, analysis.contacts, side)]


def _events(contacts: ContactTable) -> list[Event]:
    """Every event, in order of time."""
    whole = whole_contacts(contacts)
    sides = [Side(side).label.capitalize() for side in whole.side.tolist()]
    times = {"Foot Strike": whole.strike_s, "Foot Off": whole.toe_off_s}
    return sorted(
        (t, label, side) for label, at_s in times.items() for t, side in zip(at_s.tolist(), sides, strict=True)
    )


def _put_channels(content: Any, columns: Sequence[Column], rate_hz: float, per_frame: int) -> None:
    samples = len(columns[0].values)
    frames = -(-samples // per_frame)
    analog = np.full((1, len(columns), frames * per_frame), np.nan)
    for i, column in enumerate(columns):
        analog[0, i, :samples] = column.values
    content["parameters"]["POINT"]["RATE"]["value"] = [rate_hz / per_frame]
    group = content["parameters"]["ANALOG"]
    group["RATE"]["value"] = [rate_hz]
    group["LABELS"]["value"] = [column.name for column in columns]
    group["DESCRIPTIONS"]["value"] = [column.definition for column in columns]
    group["UNITS"]["value"] = [column.unit for column in columns]
    content["data"]["points"] = np.zeros((4, 0, frames))
    content["data"]["analogs"] = analog


def _put_events(content: Any, events: Sequence[Event]) -> None:
    """The group EVENT; what one parameter cannot hold goes on in LABELS2, TIMES2 and so on."""
    content.add_parameter("EVENT", "USED", len(events))  # as a list it would become a float
    for first in range(0, len(events), EVENTS_A_PARAMETER):
        times_s, labels, contexts = zip(*events[first : first + EVENTS_A_PARAMETER], strict=True)
        number = str(first // EVENTS_A_PARAMETER + 1) if first else ""
        content.add_parameter("EVENT", f"CONTEXTS{number}", list(contexts))
        content.add_parameter("EVENT", f"LABELS{number}", list(labels))
        content.add_parameter("EVENT", f"TIMES{number}", np.array([np.zeros(len(times_s)), times_s]))  # min, s


def _put_origin(content: Any, analysis: Analysis) -> None:
    content.add_parameter("MANUFACTURER", "SOFTWARE", ["insole"])
    content.add_parameter("MANUFACTURER", "VERSION_LABEL", [__version__])
    if analysis.header.runner.body_mass_kg is not None:
        content.add_parameter("PROCESSING", "BODYMASS", [float(analysis.header.runner.body_mass_kg)])


def _save(content: Any, path: Path) -> None:
    """Write the file; ezc3d adds the ending to any other name, and says nothing of a disk that is full."""
    named = path.with_name(f"{path.name}.c3d")
    try:
        named.touch(0o600)
        content.write(str(named))
        if named.stat().st_size < 4 * content["data"]["analogs"].size:
            raise InsoleError(f"{path.stem}: could not be written in full")
        named.replace(path)
    finally:
        named.unlink(missing_ok=True)


def _library() -> Any:
    try:
        import ezc3d
    except ImportError as error:
        raise MissingExtra("writing C3D", "formats") from error
    return ezc3d
