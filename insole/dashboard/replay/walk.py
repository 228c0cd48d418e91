"""The pass over a whole recording, in a process of its own: it would take the interpreter from the screen.

In: the path of a recording. Out, through a pipe: what every ten seconds of it made, now and then with a copy of the
pipeline, and what is known at the end. Both ends are this program; nothing of it is kept.
"""

from __future__ import annotations

import pickle
import signal
from collections.abc import Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from insole.blocks import FloatArray, Tick, Update
from insole.errors import InsoleError
from insole.pipeline import Pipeline
from insole.recording import Place, open_recording
from insole.recording.batch import in_chunks, last_stamp_ns
from insole.settings import Calibration

CHUNK_NS = 10_000_000_000  # one push; in so long no foot makes more contacts than a push gives pictures of
STOP_S = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """What some ten seconds made.

    Parameters
    ----------
    update : Update
        Without pressures.
    tick_s : (n,) float64
        Recording times of the ticks in it.
    whole : bool
        It ends with a tick.
    share : float
        Of the recording gone through, 0 to 1.
    place : Place
        Behind it.
    pipeline : bytes or None
        A copy as it stands behind it, pickled, every half minute.
    """

    update: Update
    tick_s: FloatArray
    whole: bool
    share: float
    place: Place
    pipeline: bytes | None


@dataclass(frozen=True, slots=True, eq=False)
class End:
    """What is known at the end of the recording."""

    update: Update
    calibration: Calibration
    damage: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the pass ended too early."""

    text: str


def walk(path: Path, to: Connection) -> None:
    """Send every stretch of a recording, then its end; what the process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the window, which then ends this
    try:
        for message in stretches(path):
            to.send(message)
    except (BrokenPipeError, ConnectionResetError):
        return  # nobody listens any more
    except InsoleError as error:
        to.send(Failure(str(error)))
    finally:
        to.close()


def stretches(path: Path) -> Iterator[Stretch | End]:
    """One pass over a recording."""
    recording = open_recording(path)
    header = recording.header
    start_ns = header.start_host_ns
    pipeline = Pipeline(header.feet, header.settings, header.runner, start_ns)
    stopped_s = 0.0
    for inputs in in_chunks(recording.by_link(), CHUNK_NS):
        update = pipeline.push(inputs)
        ticks = [last_stamp_ns(item) for item in inputs if isinstance(item, Tick)]
        whole = isinstance(inputs[-1], Tick)
        copied = None
        if whole and update.t_s - stopped_s >= STOP_S:
            stopped_s = update.t_s
            copied = pickle.dumps(pipeline, pickle.HIGHEST_PROTOCOL)
        tick_s = (np.array(ticks, np.float64) - start_ns) * 1e-9
        yield Stretch(replace(update, pressures=()), tick_s, whole, recording.share, recording.place, copied)
    update = replace(pipeline.finish(), pressures=())
    yield End(update, pipeline.calibration, recording.damage)
