"""All of the feedback that needs no sound: a pure function of the updates of a session, however they were cut."""

from __future__ import annotations

from collections.abc import Sequence

from insole.blocks import Cue, Side, Update
from insole.delays import Delays
from insole.feedback.progress import Progress, Tracker
from insole.feedback.prompt import Prompt, Prompter
from insole.feedback.steps import Situation, Step, Steps
from insole.settings import Settings


class Feedback:
    """What screens show of target and cue.

    Parameters
    ----------
    sides : sequence of Side
        Feet of the session.
    settings : Settings
        As it starts with; changes in the stream are followed.
    start_host_ns : int
        Host time of recording time zero.

    Attributes
    ----------
    delays : Delays
        Of the cues that are in the stream: given then, where it is a recording.
    """

    def __init__(self, sides: Sequence[Side], settings: Settings, start_host_ns: int) -> None:
        self._steps = Steps(sides, settings, start_host_ns)
        self._prompter = Prompter(self._steps.sides)
        self._tracker = Tracker(self._steps.sides)
        self.delays = Delays()

    def push(self, update: Update) -> tuple[Step, ...]:
        """Take an update; its steps."""
        steps = self._steps.push(update)
        self._prompter.push(update, steps)
        self._tracker.push(update.contacts, self.situation)
        for event in update.events:
            if isinstance(event, Cue):
                self.delays.add(event)
        return steps

    @property
    def situation(self) -> Situation:
        """Target and choices that hold now, and the last baseline minute."""
        return self._steps.now

    def suggested(self, metric: str) -> float:
        """A first target of a metric."""
        return self._tracker.suggested(metric)

    @property
    def prompt(self) -> Prompt:
        """What the runner is to see now."""
        return self._prompter.prompt(self.situation)

    @property
    def progress(self) -> Progress:
        """What changed since the cue began."""
        return self._tracker.progress(self.situation)
