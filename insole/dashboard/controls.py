"""What a person may do to a running session: mark, pause, hurry, stop, switch flags. No Qt.

In: wishes from keys and buttons. Out: commands to the engine, and a word on each that was not possible.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from insole.blocks import Marker, SettingChange
from insole.dashboard.cue_controls import CueControls
from insole.dashboard.model.limits import Limit, moved
from insole.dashboard.model.playing import Playing, next_speed
from insole.dashboard.model.scene import Scene
from insole.dashboard.model.words import clock
from insole.errors import SettingsError
from insole.history.markers import UNDO
from insole.sources.steered import Command, Pace, Stop

if TYPE_CHECKING:
    from insole.dashboard.replay.review import Review


class Session(Protocol):
    """What the screen needs of the engine."""

    @property
    def running(self) -> bool:
        """Whether updates may still come."""
        ...

    @property
    def error(self) -> Exception | None:
        """What ended it, if it did not end by itself."""
        ...

    @property
    def sound_trouble(self) -> str:
        """Why cues make no sound though they should; empty where all is well."""
        ...

    def post(self, command: Command) -> bool:
        """Hand over a command; False: not taken."""
        ...

    def stop(self, timeout_s: float | None = None) -> bool:
        """End it and wait."""
        ...


class Controls:
    """Turns wishes into commands.

    Parameters
    ----------
    scene : Scene
    session : Session
    playing : Playing
        How the session starts.
    say : callable
        Tells the person something in a few words.
    """

    def __init__(self, scene: Scene, session: Session, playing: Playing, say: Callable[[str], None]) -> None:
        self._scene, self._session, self.say = scene, session, say
        self.playing = playing
        self.cue = CueControls(scene, self._post, say)
        self.review: Review | None = None  # of a replay

    @property
    def sound_trouble(self) -> str:
        """Why cues make no sound though they should; empty where all is well."""
        return self._session.sound_trouble

    def open(self) -> bool:
        """Whether the session still takes commands; says so if not."""
        over = self._scene.ended and not self.playing.seekable
        if over:
            self.say("The session is over")
        return not over

    def _post(self, command: Command) -> bool:
        if not self.open():
            return False
        taken = self._session.post(command)
        if not taken:
            self.say("Too many commands at once: this one was not taken")
        return taken

    def mark(self, t_host_ns: int, kind: str, text: str) -> None:
        """Set a marker at a moment."""
        if self._post(Marker(t_host_ns, kind, text)):
            at = clock((t_host_ns - self._scene.start_host_ns) / 1e9)
            self.say(f"Marker {self._scene.markers.given + 1} at {at}")

    def undo_marker(self) -> None:
        """Take the last marker back, by another one that says so."""
        if not self.markable():
            return
        if not self._scene.markers.standing:
            self.say("There is no marker to take back")
        elif self._post(Marker(self._scene.now_host_ns, UNDO)):
            self.say(f"Marker {self._scene.markers.standing[-1].number} taken back")

    def move_limit(self, limit: Limit, steps: int) -> None:
        """A line of the flags some steps up or down, from now on."""
        try:
            value = moved(self._scene.settings, limit, steps)
        except SettingsError as error:
            self.say(str(error))
            return
        self._post(SettingChange(self._scene.now_host_ns, limit.key, value))

    def set_pace(self, *, paused: bool, step: int = 0) -> None:
        """Hold or go on, `step` rungs faster or slower, where the source is no hardware."""
        if self.playing.speed is None:
            self.say("Live insoles can be neither paused nor hurried")
            return
        speed = next_speed(self.playing.speed, step) if step else self.playing.speed
        if self._post(Pace(paused, speed)):
            self.playing = replace(self.playing, speed=speed, paused=paused)

    def set_speed(self, speed: float) -> None:
        """Go on at this speed."""
        if self._post(Pace(self.playing.paused, speed)):
            self.playing = replace(self.playing, speed=speed)

    def stop(self) -> None:
        """End the session."""
        self._post(Stop())

    def toggle_flags(self) -> None:
        """No-flags mode on or off, as an input of the session; hidden flags are shown again."""
        wanted = not self._scene.settings.flags.enabled
        if self._post(SettingChange(self._scene.now_host_ns, "flags.enabled", wanted)):
            self._scene.hidden.clear()
            self.say("Flags on" if wanted else "Flags off")

    def changeable(self) -> bool:
        """Whether settings can be changed now; says so if not."""
        if self.playing.seekable:
            self.say("Limits are changed while recording: looking at a recording does not change it")
            return False
        return self.open()

    def markable(self) -> bool:
        """Whether the session takes markers; says so if not."""
        if self.playing.seekable:
            self.say("Markers are set while recording: looking at a recording does not change it")
            return False
        return self.open()

    def hold(self) -> None:
        """The end of a recording is reached: what is played on from another moment waits there."""
        self._session.post(Pace(paused=True, speed=self.playing.speed or 1.0))
        self.playing = replace(self.playing, paused=True)

    def end(self) -> None:
        """The session is over."""
        self._scene.ended = True
        self._scene.error = self._session.error
        self.playing = replace(self.playing, paused=False, ended=True)
