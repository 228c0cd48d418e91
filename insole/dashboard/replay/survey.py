"""What is kept of the pass over a whole recording, as it comes from the process that makes it. No Qt.

In: the path of a recording. Out: its course for the seek bar, its contacts with their pictures, and stops: a copy of
the pipeline every half minute, with its place in the file.
"""

from __future__ import annotations

import multiprocessing
import pickle
import threading
from bisect import bisect_left
from collections import deque
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

import numpy as np

from insole.analysis import Analysis
from insole.blocks import (
    ContactShape,
    ContactTable,
    EarlyRate,
    Event,
    Flag,
    FloatArray,
    FootPicture,
    ForceBand,
    Load,
    MeanRise,
    RecentRates,
    RunningMedian,
    Side,
    SilentSpan,
    Update,
)
from insole.dashboard.model.course import Course, narrowed, with_reach
from insole.dashboard.replay.walk import End, Stretch, walk
from insole.delays import Delays
from insole.errors import InsoleError
from insole.pipeline import Pipeline
from insole.recording import Header, Place, open_recording

LISTEN_S = 0.1  # between two looks whether to give up
Picture = ForceBand | MeanRise | FootPicture | RecentRates | Load
T = TypeVar("T", ForceBand, MeanRise, FootPicture, RecentRates, Load)
SHAPES_BEFORE = 64  # pictures before a stop that are handed on with it
EARLY_BEFORE = 40  # loading rates before a stop, for the last ten steps of each foot


@dataclass(frozen=True, slots=True, eq=False)
class Stop:
    """A moment from which the recording can be played on.

    Parameters
    ----------
    t_s : float
    place : Place or None
        In the file; None: its start.
    pipeline : bytes or None
        As it stood there, pickled by this program; None at the start.
    past : Update or None
        Everything until there as one update; None at the start.
    contacts : int
        How many there were until there.
    """

    t_s: float
    place: Place | None = None
    pipeline: bytes | None = None
    past: Update | None = None
    contacts: int = 0

    def begin(self, header: Header) -> Pipeline:
        """A pipeline that goes on from here."""
        if self.pipeline is None:
            return Pipeline(header.feet, header.settings, header.runner, header.start_host_ns)
        pipeline: Pipeline = pickle.loads(self.pipeline)  # noqa: S301 - made by this program a moment ago
        return pipeline


class Survey:
    """The analysis of a recording as it grows.

    Parameters
    ----------
    path : path
    name : path
        The file that people know: its own, or the one it was imported from.

    Attributes
    ----------
    header : Header
        Of the recording.
    error : Exception or None
        What ended it too early.
    """

    def __init__(self, path: Path, name: Path) -> None:
        self.header = open_recording(path).header
        self.path, self.name = path, name
        self.error: Exception | None = None
        self.course = Course.nothing()
        self.shapes: list[ContactShape] = []
        self._early: deque[EarlyRate] = deque(maxlen=EARLY_BEFORE)
        self._tables: list[ContactTable] = []
        self._narrow: list[ContactTable] = []  # the same with the columns of the course alone
        self._latest: dict[tuple[type, Side], Picture] = {}
        self._medians: list[RunningMedian] = []
        self._ticks: list[FloatArray] = []
        self._ended: list[Flag] = []
        self.events: list[Event] = []
        self._silences: list[SilentSpan] = []
        self._warnings: list[str] = []
        self._analysis: Analysis | None = None
        self._stops = [Stop(0.0)]
        self._reached_ns = self.header.start_host_ns
        self._cancelled = False
        self._thread = threading.Thread(target=self._work, name="insole-survey", daemon=True)

    def start(self) -> None:
        """Begin; nothing where it has begun."""
        if self._thread.ident is None:
            self._thread.start()

    def stop(self, timeout_s: float | None = None) -> bool:
        """Give up and wait; False when it did not end in time."""
        self._cancelled = True
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until the whole recording is analysed, or cannot be; False when that was not in time."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @property
    def analysis(self) -> Analysis | None:
        """All that came of the recording, once it is complete."""
        return self._analysis

    @property
    def contacts(self) -> ContactTable:
        """All contacts so far."""
        if self._analysis is not None:
            return self._analysis.contacts
        return ContactTable.join(list(self._tables))

    def stop_before(self, t_s: float) -> Stop:
        """The last stop before a moment, with everything until there."""
        stops = list(self._stops)
        stop = stops[max(0, bisect_left(stops, t_s - 1e-9, key=lambda s: s.t_s) - 1)]
        if stop.past is None:
            return stop
        return replace(stop, past=replace(stop.past, contacts=self.contacts.rows(slice(0, stop.contacts))))

    # ---- on the thread of the survey -------------------------------------------------------------------------------

    def _work(self) -> None:
        context = multiprocessing.get_context("spawn")  # a fork would copy the threads and the display of the screen
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=walk, args=(self.path, there), name="insole-walk", daemon=True)
        process.start()
        there.close()
        try:
            self._listen(here)
        except (EOFError, OSError):
            self.error = InsoleError(f"{self.name}: the analysis ended too early")
        finally:
            here.close()
            process.join()

    def _listen(self, pipe: Connection) -> None:
        while not self._cancelled:
            if not pipe.poll(LISTEN_S):
                continue
            message = pipe.recv()
            if isinstance(message, Stretch):
                self._take(message)
            elif isinstance(message, End):
                self._end(message)
                return
            else:
                self.error = InsoleError(message.text)
                return

    def _take(self, stretch: Stretch) -> None:
        self._keep(stretch.update)
        self._ticks.append(stretch.tick_s)
        if stretch.whole:
            self._course(stretch.update, share=min(stretch.share, 0.999))
        if stretch.pipeline is not None:
            self._stops.append(self._stop(stretch, stretch.pipeline))
        self._reached_ns = stretch.place.reached_ns

    def _end(self, end: End) -> None:
        update, header = end.update, self.header
        self._keep(update)
        self._analysis = Analysis(
            file=self.name,
            header=replace(header, settings=replace(header.settings, calibration=end.calibration)),
            contacts=ContactTable.join(self._tables),
            flags=tuple(sorted([*self._ended, *update.flags], key=lambda flag: flag.from_s)),
            health=update.health,
            warnings=(*header.warnings, *self._warnings, *end.damage),
            duration_s=(self._reached_ns - header.start_host_ns) * 1e-9,
            cues=Delays.of(self.events),
        )
        self._course(update, share=1.0)
        self._tables.clear()  # the analysis has them all
        self._narrow.clear()

    def _keep(self, update: Update) -> None:
        if len(update.contacts):
            self._tables.append(update.contacts)
            self._narrow.append(narrowed(update.contacts))
        pictures: tuple[Picture, ...] = (*update.bands, *update.rises, *update.pictures, *update.rates, *update.loads)
        self._latest.update({(type(picture), picture.side): picture for picture in pictures})
        self._medians += update.medians
        self.shapes += update.shapes
        self._early.extend(update.early)
        self._ended += update.flag_spans
        self.events += update.events
        self._silences += update.silences
        self._warnings += update.warnings

    def _course(self, update: Update, share: float) -> None:
        start_ns = self.header.start_host_ns
        self.course = Course.of(
            ContactTable.join(self._narrow),
            np.concatenate(self._ticks),
            [*self._ended, *with_reach(update.flags, update.t_s)],
            [((event.t_host_ns - start_ns) * 1e-9, event) for event in self.events],
            self._silences,
            update.t_s,
            share,
        )

    def _last(self, kind: type[T]) -> tuple[T, ...]:
        """The last picture of a kind of each foot."""
        return tuple(picture for picture in self._latest.values() if isinstance(picture, kind))

    def _stop(self, stretch: Stretch, pipeline: bytes) -> Stop:
        """A stop here; its contacts are put in when it is asked for, and share their memory."""
        past = replace(
            stretch.update,
            early=tuple(self._early),
            contacts=ContactTable.empty(),
            shapes=tuple(self.shapes[-SHAPES_BEFORE:]),
            bands=self._last(ForceBand),
            rises=self._last(MeanRise),
            pictures=self._last(FootPicture),
            rates=self._last(RecentRates),
            loads=self._last(Load),
            medians=tuple(self._medians),
            flag_spans=tuple(self._ended),
            events=tuple(self.events),
            silences=tuple(self._silences),
            warnings=tuple(self._warnings),
        )
        n = sum(len(table) for table in self._tables)
        return Stop(stretch.update.t_s, stretch.place, pipeline, past, n)
