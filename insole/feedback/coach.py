"""Gives the cues of a session and notes how long each took. A sink: runs on the engine's thread and never waits.

In: updates. Out: tones to the output; `Cue` inputs, and the target that a baseline minute gave, through `post`.

The stamps of a `Cue`: contact (device time on the host's clock), arrived (newest stamp of the push that completed the
rate), known (this sink got the update), handed (the sound system took the first sample). All are of one clock, the
host's, on a source that is live. On a replay the first two are as recorded and the others are not: sounds are given
there, but nothing is noted.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from insole.blocks import Cue, Input, SettingChange, Side, Update
from insole.feedback.speaker import RATE_HZ, Output, Speaker
from insole.feedback.steps import BASELINE_REASON, Step, Steps
from insole.feedback.tone import cue_tone
from insole.settings import Settings

LATE_S = 0.65  # the next contact of the same foot is near: the cue would seem to be about that one (METRICS.md 9)
NOT_TAKEN_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class _Given:
    """A cue on its way: the step it is about, and when its rate had arrived and was known.

    `ahead_ns`: how far the stamps were ahead of the clock; a simulation that runs faster than time is.
    """

    step: Step
    arrived_ns: int
    known_ns: int
    ahead_ns: int


class Coach:
    """One session's cues.

    Parameters
    ----------
    sides : sequence of Side
        Feet of the session.
    settings : Settings
        As it starts with.
    start_host_ns : int
        Host time of recording time zero.
    post : callable
        Turns a cue or setting change into an input of the session; False: not now.
    live : bool
        The stamps of the inputs are of this computer's clock, now.
    speaker : callable
        Makes the output, when sound is first asked for.
    clock_ns : callable
        The host's monotonic clock.
    """

    def __init__(
        self,
        sides: Sequence[Side],
        settings: Settings,
        start_host_ns: int,
        post: Callable[[Cue | SettingChange], bool],
        *,
        live: bool,
        speaker: Callable[[], Output] = Speaker,
        clock_ns: Callable[[], int] = time.perf_counter_ns,
    ) -> None:
        self._steps = Steps(sides, settings, start_host_ns)
        self._start_ns = start_host_ns
        self._post, self._live, self._clock_ns = post, live, clock_ns
        self._make, self._output = speaker, None if settings.cue.sound == "off" else speaker()
        self._number = 0
        self._given: dict[int, _Given] = {}
        self._outgoing: deque[Cue | SettingChange] = deque()
        self._asked: object = None  # the baseline minute whose target was posted

    @property
    def trouble(self) -> str:
        """Why there is no sound though there should be; empty where all is well."""
        return "" if self._output is None or self._steps.now.sound == "off" else self._output.trouble

    def __call__(self, update: Update) -> None:
        """Take an update; give the cues it calls for."""
        now_ns = self._clock_ns()
        arrived_ns = self._start_ns + round(update.t_s * 1e9)
        ahead_ns = max(0, arrived_ns - now_ns)
        for step in self._steps.push(update):
            if step.sound == "off" or not step.cued or not step.target_bw_s > 0:
                continue
            given = _Given(step, arrived_ns, now_ns + ahead_ns, ahead_ns)
            if step.withheld and step.withheld != BASELINE_REASON:
                self._note(given, step.withheld)
            elif step.level:
                reached_ns = given.known_ns if self._live else arrived_ns
                self._give(given, late=reached_ns - self._start_ns > (step.t_s + LATE_S) * 1e9)
        if self._output is None and self._steps.now.sound != "off":
            self._output = self._make()
        self._note_taken()
        self._ask_for_target(arrived_ns)
        while self._outgoing and self._post(self._outgoing[0]):
            self._outgoing.popleft()

    def close(self) -> list[Input]:
        """No sound any more; what is still to be noted down of the cues given until now."""
        self._note_taken()
        for given in self._given.values():
            self._note(given, "the session ended")
        self._given.clear()
        if self._output is not None:
            self._output.close()
        notes: list[Input] = [item for item in self._outgoing if isinstance(item, Cue)]
        self._outgoing.clear()
        return notes

    def _give(self, given: _Given, *, late: bool) -> None:
        step = given.step
        if late:
            self._note(given, "too late")
        elif self._output is None or self._output.trouble or not self._output.ready:
            self._note(given, "no sound")
        else:
            self._number += 1
            self._given[self._number] = given
            self._output.play(
                self._number, step.side, cue_tone(step.sound, step.side, step.level, step.excess, RATE_HZ)
            )

    def _note_taken(self) -> None:
        """Note down the cues that have sounded, and those that never did."""
        if self._output is None:
            return
        for taken in self._output.taken():
            given = self._given.pop(taken.number, None)
            if given is not None:
                self._note(given, "", taken.at_ns, taken.output_ns)
        now_ns = self._clock_ns()
        for number, given in list(self._given.items()):
            if now_ns + given.ahead_ns - given.known_ns > NOT_TAKEN_NS:
                del self._given[number]
                self._note(given, "the sound system stood still")

    def _note(self, given: _Given, withheld: str, handed_ns: int | None = None, output_ns: int | None = None) -> None:
        if not self._live:
            return
        step = given.step
        self._outgoing.append(
            Cue(
                t_host_ns=self._clock_ns() + given.ahead_ns,
                contact_id=step.contact_id,
                side=int(step.side),
                sound=step.sound,
                level=0 if withheld else step.level,
                mean_bw_s=_known(step.mean_bw_s),
                target_bw_s=_known(step.target_bw_s),
                contact_ns=self._start_ns + round(step.t_s * 1e9),
                arrived_ns=given.arrived_ns,
                known_ns=given.known_ns,
                handed_ns=None if handed_ns is None else handed_ns + given.ahead_ns,
                output_ns=output_ns,
                withheld=withheld,
            )
        )

    def _ask_for_target(self, arrived_ns: int) -> None:
        """The baseline minute is over: its target becomes the session's, as an input like any other."""
        now = self._steps.now
        if now.measuring and now.baseline is not None and now.baseline.done and self._asked is not now.baseline:
            self._asked = now.baseline
            self._outgoing.append(SettingChange(arrived_ns, "target_valr_bw_s", now.baseline.target_bw_s))


def _known(value: float) -> float | None:
    return value if value == value else None  # noqa: PLR0124 - NaN is not itself
