"""The engine thread: runs one session off the screen's thread, and takes the screen's few commands. No Qt.

In: a source, a pipeline, perhaps a recorder; commands, as `insole.sources.steered` has them. Out: cues to the runner,
updates into the inbox.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import partial

from insole.blocks import Update
from insole.feedback import Coach
from insole.feedback.speaker import Output, Speaker
from insole.pipeline import Pipeline
from insole.session import Record, run
from insole.sources import Source
from insole.sources.steered import Command, Steered


class Engine:
    """One session on a thread of its own.

    Parameters
    ----------
    source : Source
        Not yet entered; its header names feet, settings and runner.
    sink : callable
        Gets every update, on the engine's thread.
    record : callable, optional
        Gets every list of inputs first.
    begin : callable, optional
        Makes the pipeline, on the engine's thread; without it a new one is made for the source.
    live : bool
        The inputs are stamped by this computer's clock as they arrive: how long a cue takes can be measured.
    speaker : callable
        Makes what cues sound on, when that is first wanted.

    Attributes
    ----------
    error : Exception or None
        What ended the session, if it did not end by itself.
    """

    def __init__(
        self,
        source: Source,
        sink: Callable[[Update], None],
        record: Record | None = None,
        begin: Callable[[], Pipeline] | None = None,
        *,
        live: bool = False,
        speaker: Callable[[], Output] = Speaker,
    ) -> None:
        header = source.header
        self.error: Exception | None = None
        self._steered = Steered(source)
        self._begin = begin or partial(Pipeline, header.feet, header.settings, header.runner, header.start_host_ns)
        self._live, self._speaker = live, speaker
        self._coach: Coach | None = None
        self._sink = sink
        self._record = record
        self._thread = threading.Thread(target=self._work, name="insole-engine", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def post(self, command: Command) -> bool:
        """Hand over a command; False when the queue is full and the command was not taken."""
        return self._steered.post(command)

    @property
    def sound_trouble(self) -> str:
        """Why cues make no sound though they should; empty where all is well."""
        return "" if self._coach is None else self._coach.trouble

    @property
    def running(self) -> bool:
        """Whether the thread is at work."""
        return self._thread.is_alive()

    def stop(self, timeout_s: float | None = None) -> bool:
        """End the session and wait for its thread; False when it did not end in time."""
        self._steered.stop()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _work(self) -> None:
        header = self._steered.header
        try:
            pipeline = self._begin()
            self._coach = coach = Coach(
                sorted(header.feet),
                pipeline.settings,
                header.start_host_ns,
                self._steered.post,
                live=self._live,
                speaker=self._speaker,
            )
            try:
                asyncio.run(run(self._steered, pipeline, [coach, self._sink], self._record))
            finally:
                notes = coach.close()
            if notes and self._record is not None:
                self._record(notes)
        except Exception as error:  # noqa: BLE001 - kept for the screen, and raised again when it closes
            self.error = error
