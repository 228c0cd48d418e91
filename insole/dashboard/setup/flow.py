"""What set-up knows and does, without pages: scan, open, begin a session, start it.

In: choices. Out: a signal when more is known.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from insole.dashboard.errand import Errand
from insole.dashboard.replay.player import Player
from insole.dashboard.replay.survey import Survey
from insole.dashboard.setup.choices import Choices
from insole.dashboard.setup.force_trace import ForceTrace
from insole.dashboard.setup.opening import Found, Opened, live_source, open_chosen, scan
from insole.dashboard.setup.session import SetupSession
from insole.dashboard.window import JOIN_S
from insole.errors import InsoleError
from insole.fitting.check import FitState
from insole.settings import Calibration, Runner
from insole.sources import Source
from insole.sources.replay import ReplaySource

T = TypeVar("T")


class Flow(QObject):
    """The state of one set-up.

    Attributes
    ----------
    changed : Signal
        More is known, or less.
    choices : Choices
    found : Found or None
        What the last scan brought; None while it goes on.
    opened : Opened or None
        The source of these choices.
    trouble : str
        Why there is none, or why its session ended; empty where all is well.
    session : SetupSession or None
        Runs from the fit check on.
    trace : ForceTrace
        Of that session.
    """

    changed = Signal()

    def __init__(self, choices: Choices) -> None:
        super().__init__()
        self.choices = choices
        self.found: Found | None = None
        self.opened: Opened | None = None
        self.trouble = ""
        self.session: SetupSession | None = None
        self.trace = ForceTrace()
        self._workspace = tempfile.TemporaryDirectory(prefix="insole-", ignore_cleanup_errors=True)
        self._radio = threading.Lock()
        self._scanning: Errand | None = None
        self._opening: Errand | None = None
        self._beginning: Errand | None = None
        self._begun_with: Choices | None = None
        self._kept: tuple[Choices, Calibration] | None = None  # of the session before, and whose it was
        self._fresh = True  # the opened source has not been entered

    # ---- looking and opening -------------------------------------------------------------------------------------

    def rescan(self) -> None:
        """Look for insoles, unless a scan goes on."""
        if self._scanning is None:
            self.found = None
            self._scanning = Errand(lambda: self._in_turn(scan), self._scanned)
            self.changed.emit()

    def _in_turn(self, work: Callable[[], T]) -> T:
        """A radio looks for insoles or asks one, not both at once."""
        with self._radio:
            return work()

    def _scanned(self, found: Found | Exception) -> None:
        self._scanning = None
        self.found = Found((), (str(found),)) if isinstance(found, Exception) else found
        self.changed.emit()

    def choose(self, choices: Choices) -> None:
        """Take choices; another source is opened."""
        again = _opens(choices) != _opens(self.choices) or (self.opened is None and not self.opening)
        self.choices = choices
        if again:
            self.open()
        self.changed.emit()

    @property
    def opening(self) -> bool:
        """Whether the source is being opened, or its session begins."""
        return self._opening is not None or self._beginning is not None

    def open(self) -> None:
        """Open the source anew, and end the session on the one before."""
        self.end_session()
        if self._opening is not None:
            self._opening.give_up()
        self.opened, self.trouble, self._fresh, self._opening = None, "", True, None
        choices, workspace = self.choices, Path(self._workspace.name)
        if choices.source:
            work = partial(open_chosen, choices, workspace)
            if choices.scheme == "ble":
                work = partial(self._in_turn, work)
            self._opening = Errand(work, self._did_open)
        self.changed.emit()

    def _did_open(self, opened: Opened | Exception) -> None:
        self._opening = None
        if isinstance(opened, Exception):
            self.trouble = _said(opened)
        else:
            self.opened = opened
        self.changed.emit()

    # ---- the session ---------------------------------------------------------------------------------------------

    def want_session(self) -> None:
        """Have a session of these choices run, where the source is live; one that runs already goes on."""
        if not self.choices.live or self.opened is None or self.opening:
            return
        if self.session is not None and self._begun_with == _measured(self.choices):
            return
        self.end_session()
        self.trouble = ""
        opened, choices, fresh, kept = self.opened, self.choices, self._fresh, self.kept
        self._fresh = False
        self._begun_with = _measured(choices)
        self._beginning = Errand(lambda: live_source(opened, choices, kept, fresh=fresh), self._begin)
        self.changed.emit()

    def _begin(self, source: Source | Exception) -> None:
        self._beginning = None
        if isinstance(source, Exception):
            self.trouble = _said(source)
        else:
            self.trace = ForceTrace()
            self.session = SetupSession(source)
            self.session.start()
        self.changed.emit()

    @property
    def fit_state(self) -> FitState | None:
        """How the fit check stands; None without a live session."""
        return None if self.session is None else self.session.fit_state

    @property
    def recorded(self) -> Runner | None:
        """The runner that a recording brings; a vendor's file, which becomes one here, and what is live have none."""
        if self.opened is None or not isinstance(self.opened.source, ReplaySource):
            return None
        return self.opened.header.runner if self.opened.source.path == self._file else None

    @property
    def _file(self) -> Path:
        return Path(self.choices.target).expanduser()

    @property
    def can_begin(self) -> bool:
        """Whether there is something to open a session window on."""
        if not self.choices.live:
            return self.opened is not None
        return self.session is not None and not self.session.scene.ended

    @property
    def kept(self) -> Calibration | None:
        """Zeros and gains that still hold: of the session before, on the same insoles, runner and shoe."""
        if self._kept is None or _worn(self._kept[0]) != _worn(self.choices):
            return None
        return self._kept[1]

    def begin_anew(self) -> None:
        """The same session from its beginning; nothing is kept of the one before."""
        self.end_session()
        self._kept = None
        self.want_session()

    def end_recorded(self) -> SetupSession | None:
        """The session window has closed: end its session, and keep the calibration that it had."""
        session = self.session
        self.end_session()
        if session is not None and session.calibration != Calibration():
            self._kept = self.choices, session.calibration
        return session

    def look(self) -> None:
        """Take what the session has brought, and notice its end."""
        session = self.session
        if session is None:
            return
        was_running = session.running
        for update in session.inbox.take():
            session.scene.absorb(update)
            self.trace.add(update.pressures)
        if not was_running and not session.scene.ended:
            session.scene.ended = True
            self.trouble = _said(session.error) if session.error else "the source has ended"
            self.changed.emit()

    def end_session(self) -> None:
        """Stop it; what is recorded is finished."""
        if self._beginning is not None:
            self._beginning.give_up()
            self._beginning = None
        session, self.session, self._begun_with = self.session, None, None
        if session is not None:
            session.stop(JOIN_S)

    def hand_over(self, record_to: Path | None) -> SetupSession:
        """The live session, which a session window goes on with.

        Raises
        ------
        InsoleError, OSError
            There is none, or it cannot be recorded.
        """
        if self.session is None:
            raise InsoleError(self.trouble or "the source is not there yet")
        self.session.skip_the_rest()
        if record_to is None:
            self.session.drop()
        else:
            self.session.record(record_to)
        return self.session

    def player(self) -> Player:
        """Of the chosen file, under the name that people know.

        Raises
        ------
        InsoleError
            It is not open, or not there any more.
        """
        if self.opened is None or not isinstance(self.opened.source, ReplaySource):
            raise InsoleError(self.trouble or "the file is not open yet")
        source = self.opened.source
        return Player(Survey(source.path, self._file), speed=source.speed, from_s=source.from_s)

    def close(self) -> None:
        """Nothing more is wanted."""
        for errand in (self._scanning, self._opening):
            if errand is not None:
                errand.give_up()
        self.end_session()
        self._workspace.cleanup()


def _opens(choices: Choices) -> tuple[object, ...]:
    """The choices that decide what is opened."""
    if choices.scheme == "synthetic":
        return (choices.source,)
    runner = None if choices.live else choices.runner  # a vendor's file becomes a recording of that runner
    return choices.source, choices.device, choices.feet, runner


def _measured(choices: Choices) -> Choices:
    """The choices that a session is measured with: the place of the recording changes nothing."""
    return replace(choices, record=True, folder="")


def _worn(choices: Choices) -> tuple[object, ...]:
    """The choices that a calibration belongs to."""
    who = (choices.code, choices.body_mass_kg, choices.shoe)
    return (choices.source, choices.device, choices.feet, choices.swap_feet, *who)


def _said(error: Exception) -> str:
    """One line of what failed; a bug says its kind, too."""
    if isinstance(error, (InsoleError, OSError)):
        return str(error)
    return f"{type(error).__name__}: {error}"
