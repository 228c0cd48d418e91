"""Plays a recording from wherever it is wanted. No Qt.

In: wishes of the screen. Out: updates in an inbox, as a live session gives them. A seek is an engine of its own: it
takes a copy of the pipeline at the stop before the wanted moment, catches up from there, and plays on. Until then the
screen keeps what it shows; of several seeks in a row only the last one counts.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial

from insole.blocks import Marker, SettingChange, Update
from insole.dashboard.engine import Engine
from insole.dashboard.inbox import Inbox
from insole.dashboard.model.course import Course
from insole.dashboard.model.scene import Scene
from insole.dashboard.replay.survey import Survey
from insole.feedback.baseline import MARKER as BASELINE
from insole.settings import Settings
from insole.sources.replay import ReplaySource
from insole.sources.steered import Command, Pace

FLAGS = "flags.enabled"  # taken off the screen; what is computed goes on
CUE = ("target_valr_bw_s", "cue.")  # settings that change the cue, and nothing that is computed


class Player:
    """The session and the inbox of a replay.

    Parameters
    ----------
    survey : Survey
        Of the recording.
    speed : float
        Recording seconds a second, 0.1 to 16, or infinite.
    from_s : float
        Where to begin.

    Raises
    ------
    RecordingError, ValueError
        As `ReplaySource`.
    """

    def __init__(self, survey: Survey, *, speed: float = 1.0, from_s: float = 0.0) -> None:
        source = ReplaySource(survey.path, speed=speed, from_s=from_s)
        self.header = source.header
        self.survey = survey
        self._pace = Pace(paused=False, speed=speed)
        self._inbox = Inbox()
        self._choices: dict[str, SettingChange] = {}
        self._chosen: Settings | None = None  # with the choices in it
        self._wanted_s: float | None = None
        self._leg = Leg(self._inbox, None, -1.0)
        self._engine = Engine(source, self._leg)
        self._retired: list[Engine] = []  # told to stop, not yet at their end

    @property
    def title(self) -> str:
        """When it was recorded, where that is known, and the name of the file."""
        return "  ".join(part for part in (self.header.start_utc[:16].replace("T", " "), self.survey.name.name) if part)

    def start(self) -> None:
        """Begin to play, and to analyse the whole."""
        self._engine.start()
        self.survey.start()

    @property
    def course(self) -> Course:
        """What is known of the whole recording by now."""
        return self.survey.course

    @property
    def speed(self) -> float:
        """Recording seconds a second."""
        return self._pace.speed

    # ---- the session -----------------------------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether updates may still come of the part that is played."""
        return self._engine.running or self._wanted_s is not None

    @property
    def error(self) -> Exception | None:
        """What ended it, if it did not end by itself."""
        return self._engine.error

    @property
    def sound_trouble(self) -> str:
        """Why cues make no sound though they should; empty where all is well."""
        return self._engine.sound_trouble

    def post(self, command: Command) -> bool:
        """Change the pace, or what is shown; what would change the recording or its numbers is not taken.

        A baseline minute is: it gives a target to try out.
        """
        if isinstance(command, Marker) and command.kind != BASELINE:
            return False
        if isinstance(command, SettingChange):
            return self._choose(command)
        if isinstance(command, Pace):
            self._pace = command
        return self._engine.post(command)

    def stop(self, timeout_s: float | None = None) -> bool:
        """End it and wait; False when it did not end in time."""
        self._wanted_s = None
        surveyed = self.survey.stop(timeout_s)
        played = [engine.stop(timeout_s) for engine in (self._engine, *self._retired)]
        return surveyed and all(played)

    # ---- seeking ---------------------------------------------------------------------------------------------------

    def seek(self, t_s: float) -> float:
        """Go to the moment nearest to a time, as far as the recording is analysed; returns it."""
        moment = self.course.moment(t_s)
        self._wanted_s = moment
        return moment

    @property
    def seeking(self) -> bool:
        """Whether the screen does not show yet what is wanted."""
        return self._wanted_s is not None or not self._leg.landed

    @property
    def merged(self) -> int:
        """Updates that nobody looked at in time."""
        return self._inbox.merged

    def into(self, scene: Scene) -> None:
        """Bring a scene to where the recording is by now, and set off for what is wanted."""
        if not self._engine.running:
            self._leg.land()
        if self._wanted_s is not None and self._leg.landed:
            self._set_off(self._wanted_s)
            self._wanted_s = None
        self._inbox.into(scene)
        if scene.settings is not self._chosen:
            for change in self._choices.values():
                scene.settings = scene.settings.changed(change.key, change.value)
            self._chosen = scene.settings

    def _set_off(self, moment: float) -> None:
        stop = self.survey.stop_before(moment)
        self._leg.give_up()
        self._retired = [engine for engine in (*self._retired, self._engine) if not engine.stop(0.0)]
        source = ReplaySource(
            self.survey.path, speed=self._pace.speed, from_s=moment, start=stop.place, paused=self._pace.paused
        )
        self._leg = Leg(self._inbox, stop.past, moment)
        self._engine = Engine(source, self._leg, begin=partial(stop.begin, self.header))
        for choice in self._choices.values():
            self._steer(choice)
        self._engine.start()

    def _choose(self, change: SettingChange) -> bool:
        """Take another setting of the screen or the cue; it holds wherever the recording is."""
        if not (change.key == FLAGS or change.key.startswith(CUE)):
            return False
        # As of the start, so that it moves no clock.
        self._choices[change.key] = replace(change, t_host_ns=self.header.start_host_ns)
        self._chosen = None
        self._steer(self._choices[change.key])
        return True

    def _steer(self, change: SettingChange) -> None:
        if change.key != FLAGS:
            self._engine.post(change)


class Leg:
    """Where the updates of one engine go: kept until the wanted moment is reached, then into the inbox as they come.

    Parameters
    ----------
    inbox : Inbox
    past : Update or None
        What lies before the first of them.
    until_s : float
        The wanted moment.
    """

    def __init__(self, inbox: Inbox, past: Update | None, until_s: float) -> None:
        self._inbox = inbox
        self._until_s = until_s
        self._kept: list[Update] = [] if past is None else [past]
        self._given_up = False
        self._lock = threading.Lock()
        self.landed = until_s < 0

    def __call__(self, update: Update) -> None:
        """Take one update, on the thread of the engine."""
        with self._lock:
            if self._given_up:
                return
            if self.landed:
                self._inbox.put(update)
                return
            self._kept.append(update)
            if update.t_s < self._until_s:
                return
        self.land()

    def land(self) -> None:
        """Hand over what was kept."""
        with self._lock:
            if not self.landed:
                self._inbox.start_over(self._kept)
                self._kept = []
                self.landed = True

    def give_up(self) -> None:
        """Nothing more comes of this."""
        with self._lock:
            self._given_up = True
