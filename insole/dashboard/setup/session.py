"""A session from set-up on: engine, inbox and scene of one source, recorded from its beginning if wanted. No Qt.

In: a source. Out: a running session that a session window can take over.
"""

from __future__ import annotations

from pathlib import Path

from insole.blocks import Update
from insole.dashboard.engine import Command, Engine, Played
from insole.dashboard.inbox import Inbox
from insole.dashboard.model.scene import Scene
from insole.errors import InsoleError
from insole.recording import Held, LiveRecorder
from insole.sources import Source


class SetupSession:
    """Stands where the session window wants an engine; closes the recording when it stops.

    Parameters
    ----------
    source : Source
        Not yet entered.

    Attributes
    ----------
    scene : Scene
    inbox : Inbox
    recorded : Path or None
        The recording, once there is one.
    speed : float or None
        Session seconds a second, of a file; None for what is measured now.
    unwritten : str
        Why the recording could not be finished; empty where it was.
    """

    def __init__(self, source: Source) -> None:
        header = source.header
        self.scene = Scene(header.feet, header.settings, header.runner, header.start_host_ns)
        self.scene.warnings.extend(header.warnings)
        self.inbox = Inbox()
        self.recorded: Path | None = None
        self.unwritten = ""
        self.speed = source.speed if isinstance(source, Played) else None
        self._header = header
        self._held = Held()
        self._engine = Engine(source, self._take, self._held, live=self.speed is None)

    def _take(self, update: Update) -> None:
        self.inbox.put(update)

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
