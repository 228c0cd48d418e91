"""A recording, read back as far as it goes.

In: a path. Out: the header, the inputs in bounded pieces, and what could not be read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from insole.blocks import Input
from insole.errors import RecordingError, why_not_read
from insole.recording.batch import Columns
from insole.recording.header import NS_LIMIT, Header
from insole.recording.scan import CLOCK, HEADER, INPUTS, MAGIC, PROFILE, Scan


def is_recording(path: Path | str) -> bool:
    """Whether the content of a file begins as a recording's does; a RecordingError if there is no such file."""
    try:
        with Path(path).open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError as error:
        raise RecordingError(f"{path}: {why_not_read(Path(path), error)}") from error


def open_recording(path: Path | str) -> Recording:
    """Open a recording; one that is cut off, damaged or still being written is read as far as possible.

    Parameters
    ----------
    path : path

    Returns
    -------
    Recording

    Raises
    ------
    RecordingError
        The file is missing, empty, of another kind, written by a later version, or without a header that can be read.
    """
    path = Path(path)
    scan = Scan(path)
    for topic, _, payload in scan.messages():
        if topic == HEADER and scan.profile in (PROFILE, None):
            try:
                return Recording(path, Header.from_json(bytes(payload)), scan)
            except RecordingError as error:
                raise RecordingError(f"{path}: {error}") from error
        if scan.profile not in (PROFILE, None):
            break
    if scan.profile not in (PROFILE, None):
        raise RecordingError(
            f"{path}: is an MCAP file of another program (profile '{scan.profile}'), not a recording of insole"
        )
    raise RecordingError(
        f"{path}: has no header that can be read, nothing can be made of it ({'; '.join(scan.damage)})"
    )


class Place(NamedTuple):
    """How far a pass has come: another one can go on from there."""

    at: int  # byte where the record of the last piece begins
    pieces: int  # pieces until there, that one included
    reached_ns: int  # host time of its last input


class Recording:
    """An opened recording; each call of `inputs` or `by_link` is one pass over the file.

    Attributes
    ----------
    path : Path
    header : Header
    complete : bool
        The recorder closed the file: nothing is missing at its end.
    place : Place
        Behind the piece that the last pass gave out last.
    """

    def __init__(self, path: Path, header: Header, scan: Scan) -> None:
        self.path = path
        self.header = header
        self.complete = scan.closed
        self.place = Place(0, 0, header.start_host_ns)
        self._scan = scan  # the last pass
        self._clock: list[tuple[int, int]] = []

    @property
    def damage(self) -> tuple[str, ...]:
        """What the last pass could not read, one line each; all of it once that pass has ended."""
        return tuple(self._scan.damage)

    @property
    def share(self) -> float:
        """How much of the file the last pass has gone through, 0 to 1."""
        return self._scan.at / self._scan.size

    @property
    def clock(self) -> tuple[tuple[int, int], ...]:
        """Host monotonic ns and UTC ns as recorded together, as far as the last pass has come."""
        return tuple(self._clock)

    def inputs(self) -> Iterator[list[Input]]:
        """The inputs exactly in order of arrival, about half a second at a time."""
        return filter(None, (columns.in_order() for columns in self._columns()))

    def by_link(self, start: Place | None = None) -> Iterator[list[Input]]:
        """The same, but with one `Packets` a link between two other inputs: far fewer objects, for whole recordings.

        Each link's own order and its place between ticks, markers and other inputs are kept; results depend on nothing
        else.

        Parameters
        ----------
        start : Place, optional
            Of an earlier pass over the same file: go on behind it.
        """
        return filter(None, (columns.by_link() for columns in self._columns(start)))

    def _columns(self, start: Place | None = None) -> Iterator[Columns]:
        scan = self._scan = Scan(self.path)
        clock = self._clock = []
        self.place = start or Place(0, 0, self.header.start_host_ns)
        first, expected, reached_ns = self.place.pieces, self.place.pieces, self.place.reached_ns
        unknown = 0
        for topic, sequence, payload in scan.messages(self.place.at):
            if start is not None and sequence < first and topic in {HEADER, INPUTS}:
                continue  # in the record where the earlier pass stood
            if topic == CLOCK:
                try:
                    clock.append(_clock_pair(payload))
                except ValueError as error:
                    scan.note(f"a reading of the clocks makes no sense: {error}")
            if topic not in (HEADER, INPUTS):
                continue
            # The header, too, carries the number of input messages before it: at the end it tells of a lost last one.
            after = f"after {(reached_ns - self.header.start_host_ns) / 1e9:.1f} s"
            if sequence > expected:
                scan.note(f"{sequence - expected} pieces of about half a second are missing {after}")
            elif sequence < expected:
                scan.note(f"a piece that was there before is left out {after}")
                continue
            expected = sequence
            if topic == INPUTS:
                expected += 1
                try:
                    columns = Columns(payload)
                except (ValueError, TypeError) as error:
                    scan.note(f"a piece of about half a second makes no sense {after}: {error}")
                else:
                    reached_ns = max(reached_ns, columns.last_ns)
                    unknown += columns.unknown
                    self.place = Place(scan.at, expected, reached_ns)
                    yield columns
        if unknown:
            scan.note(f"{unknown} inputs are of a kind that this version does not know; a later one wrote them")


def _clock_pair(payload: memoryview) -> tuple[int, int]:
    try:
        values = json.loads(bytes(payload))
        host_ns, utc_ns = int(values["host_ns"]), int(values["utc_ns"])
    except (TypeError, KeyError, OverflowError, RecursionError) as error:
        raise ValueError(str(error)) from error
    if max(abs(host_ns), abs(utc_ns)) >= NS_LIMIT:
        raise ValueError("outside 64 bits")
    return host_ns, utc_ns
