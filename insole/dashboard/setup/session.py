"""A session from set-up on: engine, inbox and scene of one live source, recorded from its beginning if wanted. No Qt.

In: a source. Out: a running session that a session window can take over.
"""

from __future__ import annotations

from pathlib import Path

from insole.blocks import Update
from insole.dashboard.engine import Engine
from insole.dashboard.inbox import Inbox
from insole.dashboard.model.scene import Scene
from insole.errors import InsoleError
from insole.fitting.check import FitCheck, FitState
from insole.fitting.mark import Mark
from insole.fitting.steps import BEGIN, SKIPPED, Step
from insole.fitting.steps import marker as step_marker
from insole.pipeline import Pipeline
from insole.recording import Held, LiveRecorder
from insole.settings import Calibration
from insole.sources import Source
from insole.sources.steered import Command


class SetupSession:
    """Stands where the session window wants an engine; closes the recording when it stops.

    Parameters
    ----------
    source : Source
        Live, not yet entered.

    Attributes
    ----------
    scene : Scene
    inbox : Inbox
    fit : FitCheck
        Follows the session on the engine's thread.
    recorded : Path or None
        The recording, once there is one.
    unwritten : str
        Why the recording could not be finished; empty where it was.
    """

    def __init__(self, source: Source) -> None:
        header = source.header
        self.scene = Scene.of(header)
        self.inbox = Inbox()
        self.fit = FitCheck(header)
        self._fit_begun = False
        self.recorded: Path | None = None
        self.unwritten = ""
        self._header = header
        self._held = Held()
        self._pipeline: Pipeline | None = None
        self._engine = Engine(source, self._take, self._held, self._begin, live=True)

    def _begin(self) -> Pipeline:
        """On the engine's thread."""
        header = self._header
        self._pipeline = Pipeline(header.feet, header.settings, header.runner, header.start_host_ns)
        return self._pipeline

    @property
    def calibration(self) -> Calibration:
        """Zeros and gains in force at the end; read it when the session has stopped."""
        return self._header.settings.calibration if self._pipeline is None else self._pipeline.calibration

    def _take(self, update: Update) -> None:
        """On the engine's thread: the fit check sees every update, the screen what it has time for."""
        self.inbox.put(update)
        for marker in self.fit.take(update):
            self._engine.post(marker)

    @property
    def fit_state(self) -> FitState:
        """How the fit check stands."""
        return self.fit.state

    def begin_fit(self) -> None:
        """Begin the fit check, once, as soon as data come."""
        state = self.fit_state
        there = any(foot.frames for foot in self.scene.health.feet.values())
        if state.first_waiting is not None and not self._fit_begun and there:
            self._fit_begun = True
            self.wish(state.first_waiting, BEGIN)

    def wish(self, step: Step, what: str) -> None:
        """Have the fit check begin a step, or skip it, from this moment on."""
        self._engine.post(step_marker(step, what, self.scene.now_host_ns))

    def skip_the_rest(self) -> None:
        """What the fit check has not looked at is skipped, and that is recorded."""
        for one in self.fit_state.steps:
            if one.mark is Mark.WAITING:
                self.wish(one.step, SKIPPED)

    def start(self) -> None:
        """Begin."""
        self._engine.start()

    def record(self, path: Path) -> None:
        """Record the session from its beginning.

        Raises
        ------
        RecordingError
            The file is there already, or cannot be written.
        OSError
            The folder cannot be made.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        self._held.record(lambda: LiveRecorder(path, self._header))
        self.recorded = path

    def drop(self) -> None:
        """The session will not be recorded."""
        self._held.drop()

    # ---- what a session window needs -----------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether updates may still come."""
        return self._engine.running

    @property
    def error(self) -> Exception | None:
        """What ended it, if it did not end by itself."""
        return self._engine.error

    @property
    def sound_trouble(self) -> str:
        """Why cues make no sound though they should; empty where all is well."""
        return self._engine.sound_trouble

    def post(self, command: Command) -> bool:
        """Hand over a command; False: not taken."""
        return self._engine.post(command)

    def stop(self, timeout_s: float | None = None) -> bool:
        """End it, wait, and finish the recording; what of it could not be written is in `unwritten`."""
        ended = self._engine.stop(timeout_s)
        try:
            self._held.close()
        except InsoleError as error:
            self.unwritten = str(error)
        return ended
