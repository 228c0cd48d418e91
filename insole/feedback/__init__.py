"""One clear cue for the runner: loading rate against a target, as a sound and as one number (METRICS.md 9). No Qt.

In: every `Update` of a session. Out: sounds on the loudspeaker, what the runner's screen shows, and how long each cue
took, as `Cue` inputs of the session.

baseline -> steps (five-step mean against the target: which cue, or why none) -> coach (tone -> speaker, `Cue` inputs)
                                                                             -> prompt, progress (for screens)

`Feedback` joins what needs no sound: a pure function of updates, for the engine and for any screen.
"""

from insole.feedback.coach import Coach
from insole.feedback.feedback import Feedback

__all__ = ["Coach", "Feedback"]
