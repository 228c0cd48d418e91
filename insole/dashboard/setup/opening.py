"""From choices to something that can be started. No Qt; may take seconds.

In: choices. Out: rows for a list; an `Opened` source whose header says which insoles are there; a source to enter.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp

from insole.blocks import Side
from insole.dashboard.setup.choices import Choices
from insole.device import Device
from insole.errors import InsoleError
from insole.formats import import_file
from insole.recording import Header, Recorder, is_recording
from insole.settings import Calibration, Runner
from insole.sources import Source, open_source
from insole.sources.described import Described
from insole.sources.found import FINDERS
from insole.sources.replay import ReplaySource
from insole.sources.several import open_sources

SCAN_S = 4.0


@dataclass(frozen=True, slots=True)
class Found:
    """What a scan found: (SOURCE, what it is), and a line on each kind of link that could not be looked at."""

    rows: tuple[tuple[str, str], ...]
    troubles: tuple[str, ...]


def scan() -> Found:
    """Look for insoles as `insole scan` does."""
    rows: list[tuple[str, str]] = []
    troubles: list[str] = []
    for find in FINDERS:
        try:
            rows += find(SCAN_S)
        except InsoleError as error:
            troubles.append(str(error))
    return Found(tuple(rows), tuple(troubles))


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A source that answers, not yet entered."""

    choices: Choices
    source: Source

    @property
    def header(self) -> Header:
        """What the source says of itself."""
        return self.source.header

    @property
    def feet(self) -> dict[Side, Device]:
        """The insoles that are there."""
        return dict(self.source.header.feet)


def open_chosen(choices: Choices, workspace: Path) -> Opened:
    """Open the chosen source; a vendor's file becomes a recording in the workspace first.

    Raises
    ------
    InsoleError
        It cannot be opened: what, where and what to do, in one line.
    """
    if choices.live:
        return Opened(choices, open_sources(choices.urls))
    return Opened(choices, _file(choices, workspace))


def live_source(opened: Opened, choices: Choices, calibration: Calibration | None, *, fresh: bool) -> Source:
    """The source of a session that begins now, with the chosen runner in its header.

    A source can be entered once, and a synthetic runner sets out when it is opened: those are opened again.

    Parameters
    ----------
    opened : Opened
    choices : Choices
    calibration : Calibration or None
        Zeros and gains of the session before, where they are kept.
    fresh : bool
        The opened source has not been entered yet.

    Raises
    ------
    InsoleError
        It is not there any more.
    """
    again = not fresh or choices.scheme == "synthetic"
    source = open_sources(choices.urls) if again else opened.source
    header = source.header
    if not again:
        header = replace(
            header, start_host_ns=time.perf_counter_ns(), start_utc=datetime.now(UTC).isoformat(timespec="seconds")
        )
    header = replace(header, runner=choices.runner, notes=choices.notes or header.notes)
    if calibration is not None:
        header = replace(header, settings=replace(header.settings, calibration=calibration))
    return Described(source, with_swapped_feet(header) if choices.swap_feet else header)


def with_swapped_feet(header: Header) -> Header:
    """The header of a session in which each insole is on the foot that it does not say."""
    worn = {Side.LEFT: Side.RIGHT, Side.RIGHT: Side.LEFT}
    feet = {worn.get(side, side): device for side, device in header.feet.items()}
    return replace(header, feet=dict(sorted(feet.items())), settings=replace(header.settings, swap_feet=True))


def _file(choices: Choices, workspace: Path) -> ReplaySource:
    """A recording as it is, or a vendor's file as one."""
    if not choices.source:
        raise InsoleError("no source is chosen: take one from the list, a file, or the synthetic runner")
    path = Path(choices.target).expanduser()
    if is_recording(path):
        source = open_source(choices.source) if choices.scheme else ReplaySource(path)
        assert isinstance(source, ReplaySource)  # files have no other scheme
        return source
    imported = import_file(path, body_mass_kg=choices.body_mass_kg)
    # A folder of its own: an opening that nobody waits for any more still writes, with the runner of then.
    target = Path(mkdtemp(dir=workspace)) / f"{path.stem}.mcap"
    with Recorder(target, replace(imported.header, runner=_runner_of(imported.header, choices))) as record:
        for inputs in imported.inputs:
            record(inputs)
    return ReplaySource(target)


def _runner_of(header: Header, choices: Choices) -> Runner:
    """Who ran, from a file that seldom says it and the form."""
    known = header.runner
    return replace(choices.runner, body_mass_kg=known.body_mass_kg, body_mass_source=known.body_mass_source)


def seconds_that_fit(folder: Path, feet: dict[Side, Device]) -> float | None:
    """How long a recording of these insoles fits on the disk of a folder; None where that cannot be told."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return None
    a_second = sum(device.rate_hz * (2 * device.n_cells + 16) for device in feet.values())
    return free / a_second if a_second else None
