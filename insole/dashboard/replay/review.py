"""What a person does with a recording: play, seek, step, set A and B, loop. No Qt.

In: wishes from keys, buttons and the mouse. Out: seeks of the player, and a word on each that was not possible.
"""

from __future__ import annotations

from dataclasses import replace

from insole.dashboard.controls import Controls
from insole.dashboard.model.course import Course
from insole.dashboard.model.scene import Scene
from insole.dashboard.model.words import clock
from insole.dashboard.replay.player import Player

SHORTEST_LOOP_S = 1.0


class Review:
    """Turns wishes into seeks.

    Parameters
    ----------
    player : Player
    scene : Scene
        What the screen shows of it.
    controls : Controls
        Keeps the pace.

    Attributes
    ----------
    a_s, b_s : float or None
        Moments to compare, and the ends of the loop.
    looping : bool
    """

    def __init__(self, player: Player, scene: Scene, controls: Controls) -> None:
        self.player = player
        self.controls = controls
        self._scene = scene
        self._sought_s: float | None = None
        self.a_s: float | None = None
        self.b_s: float | None = None
        self.looping = False

    @property
    def course(self) -> Course:
        """What is known of the whole recording by now."""
        return self.player.course

    @property
    def position_s(self) -> float:
        """The moment on the screen, or the one that was just wished for."""
        return self._scene.t_s if self._sought_s is None else self._sought_s

    def follow(self) -> None:
        """Every frame: a wish that came true is none any more; a loop begins again; the end holds."""
        if not self.player.seeking:
            self._sought_s = None
        loop = self.loop()
        if self.looping and loop is not None and self._sought_s is None and not self.controls.playing.paused:
            past = self._scene.ended or not loop[0] - 1e-6 <= self._scene.t_s < loop[1]
            if past:
                self._go(loop[0])
                return
        if self._scene.ended and not self.controls.playing.paused:
            self.controls.hold()

    def loop(self) -> tuple[float, float] | None:
        """From where to where it goes; None without both ends."""
        if self.a_s is None or self.b_s is None or abs(self.b_s - self.a_s) < SHORTEST_LOOP_S:
            return None
        return min(self.a_s, self.b_s), max(self.a_s, self.b_s)

    # ---- wishes ----------------------------------------------------------------------------------------------------

    def toggle(self) -> None:
        """Play, or hold; at the end, from the beginning."""
        if self._scene.ended and self._sought_s is None:
            self._go(0.0)
            self.controls.set_pace(paused=False)
        else:
            self.controls.set_pace(paused=not self.controls.playing.paused)

    def seek(self, t_s: float) -> None:
        """To a moment, as far as the recording is analysed."""
        course = self.course
        if not len(course.tick_s):
            self.controls.say("The recording is not analysed yet")
            return
        if not course.complete and t_s > course.reached_s:
            self.controls.say(f"Analysed up to {clock(course.reached_s)} so far")
        self._go(t_s)

    def seek_by(self, seconds: float) -> None:
        """Forward or back."""
        self.seek(self.position_s + seconds)

    def step(self, steps: int) -> None:
        """To the next contact, or the one before; holds there."""
        moment = self.course.step(self.position_s, steps)
        if moment is None:
            self.controls.say("No contact after this one" if steps > 0 else "No contact before this one")
            return
        self._go(moment)
        self.controls.set_pace(paused=True)

    def home(self) -> None:
        """To the beginning."""
        self._go(0.0)

    def end(self) -> None:
        """To the end, as far as the recording is analysed."""
        self._go(self.course.reached_s)

    def set_a(self) -> None:
        """A is this moment."""
        self.a_s = self.position_s
        self.controls.say(f"A at {clock(self.a_s)}")

    def set_b(self) -> None:
        """B is this moment."""
        self.b_s = self.position_s
        self.controls.say(f"B at {clock(self.b_s)}")

    def toggle_loop(self) -> None:
        """From A to B, over and over."""
        if not self.looping and self.loop() is None:
            self.controls.say("Set A and B first, at least a second apart")
            return
        self.looping = not self.looping
        self.controls.say("From A to B, over and over" if self.looping else "No loop")

    def _go(self, t_s: float) -> None:
        if self._scene.ended:
            self._scene.ended = False
            self.controls.playing = replace(self.controls.playing, ended=False)
        self._sought_s = self.player.seek(t_s)
