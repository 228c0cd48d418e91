"""One pass over a whole recording, on a thread of its own, and what is kept of it. No Qt.

In: the path of a recording. Out: its course for the seek bar, its contacts with their pictures, and stops: a copy of
the pipeline every half minute, with its place in the file.
"""

from __future__ import annotations

import copy
import threading
from bisect import bisect_left
from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from insole.blocks import (
    ContactShape,
    ContactTable,
    EarlyRate,
    Event,
    Flag,
    FloatArray,
    FootPicture,
    ForceBand,
    Input,
    Load,
    MeanRise,
    RecentRates,
    RunningMedian,
    Side,
    SilentSpan,
    Tick,
    Update,
)
from insole.dashboard.model.course import Course, narrowed, with_reach
from insole.delays import Delays
from insole.pipeline import Pipeline
from insole.recording import Header, Place, open_recording
from insole.recording.batch import in_chunks, last_stamp_ns
from insole.session import Analysis

CHUNK_NS = 10_000_000_000  # one push; in so long no foot makes more contacts than a push gives pictures of
STOP_S = 30.0
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
    pipeline : Pipeline
        As it stood there. Never pushed: to go on from here, take a copy.
    past : Update or None
        Everything until there as one update; None at the start.
    contacts : int
        How many there were until there.
    """

    t_s: float
    place: Place | None
    pipeline: Pipeline
    past: Update | None = None
    contacts: int = 0


class Survey:
    """The analysis of a recording as it grows.

    Parameters
    ----------
    path : path
    name : path
        The file that people know: its own, or the one it was imported from.

    Attributes
    ----------
    error : Exception or None
        What ended it too early.
    """

    def __init__(self, path: Path, name: Path) -> None:
        self._recording = open_recording(path)
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
        self._warnings: list[str] = list(self.header.warnings)
        self._analysis: Analysis | None = None
        self._stops = [Stop(0.0, None, self._new_pipeline())]
        self._cancelled = False
        self._thread = threading.Thread(target=self._work, name="insole-survey", daemon=True)

    @property
    def header(self) -> Header:
        """Of the recording."""
        return self._recording.header

    def start(self) -> None:
        """Begin."""
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

    def _new_pipeline(self) -> Pipeline:
        header = self.header
        return Pipeline(header.feet, header.settings, header.runner, header.start_host_ns)

    def _work(self) -> None:
        try:
            self._pass()
        except Exception as error:  # noqa: BLE001 - kept for the screen
            self.error = error

    def _pass(self) -> None:
        pipeline = self._new_pipeline()
        last_ns = self.header.start_host_ns
        for inputs in in_chunks(self._recording.by_link(), CHUNK_NS):
            if self._cancelled:
                return
            update = pipeline.push(inputs)
            last_ns = max(last_ns, last_stamp_ns(inputs[-1]))
            self._keep(update, inputs)
            if isinstance(inputs[-1], Tick):
                self._course(update, share=min(self._recording.share, 0.999))
                if update.t_s - self._stops[-1].t_s >= STOP_S:
                    self._stops.append(self._stop(pipeline, update))
        update = pipeline.finish()
        self._keep(update, [])
        self._warnings += self._recording.damage
        self._analysis = Analysis(
            file=self.name,
            header=replace(self.header, settings=replace(self.header.settings, calibration=pipeline.calibration)),
            contacts=ContactTable.join(self._tables),
            flags=tuple(sorted([*self._ended, *update.flags], key=lambda flag: flag.from_s)),
            health=update.health,
            warnings=tuple(self._warnings),
            duration_s=(last_ns - self.header.start_host_ns) * 1e-9,
            cues=Delays.of(self.events),
        )
        self._course(update, share=1.0)
        self._tables.clear()  # the analysis has them all
        self._narrow.clear()

    def _keep(self, update: Update, inputs: list[Input]) -> None:
        start_ns = self.header.start_host_ns
        ticks = [last_stamp_ns(item) for item in inputs if isinstance(item, Tick)]
        self._ticks.append((np.array(ticks, np.float64) - start_ns) * 1e-9)
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

    def _stop(self, pipeline: Pipeline, update: Update) -> Stop:
        """A stop here; its contacts are put in when it is asked for, and share their memory."""
        past = replace(
            update,
            pressures=(),
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
        return Stop(update.t_s, self._recording.place, copy.deepcopy(pipeline), past, n)
