"""What a person may do about the runner's cue: target, sound, feet, what the runner sees, baseline minute. No Qt.

In: wishes from keys and buttons. Out: inputs of the session, so that they are recorded and a replay repeats them.
"""

from __future__ import annotations

from collections.abc import Callable

from insole.blocks import Marker, SettingChange
from insole.dashboard.model.scene import Scene
from insole.dashboard.model.words import clock
from insole.feedback.baseline import CONTACTS, MARKER
from insole.settings import CUE_CHOICES, TARGET_RANGE_BW_S, TARGET_RANGE_SPM

TARGET_KEYS = {"valr_bw_s": "target_valr_bw_s", "cadence_spm": "cue.target_cadence_spm"}
STEPS = {"valr_bw_s": 0.5, "cadence_spm": 1.0}
RANGES = {"valr_bw_s": TARGET_RANGE_BW_S, "cadence_spm": TARGET_RANGE_SPM}
UNITS = {"valr_bw_s": "BW/s", "cadence_spm": "steps/min"}


class CueControls:
    """Turns wishes into inputs.

    Parameters
    ----------
    scene : Scene
    post : callable
        Hands an input to the session; False: not taken, and said.
    say : callable
        Tells the person something in a few words.
    """

    def __init__(
        self, scene: Scene, post: Callable[[Marker | SettingChange], bool], say: Callable[[str], None]
    ) -> None:
        self._scene, self._post, self._say = scene, post, say
        self._asked: tuple[float | None, float] | None = None  # target before, and what was asked for since

    @property
    def metric(self) -> str:
        """What the runner's screen shows, and the target is of."""
        return self._scene.settings.cue.metric

    @property
    def target(self) -> float | None:
        """Of that metric."""
        settings = self._scene.settings
        return settings.cue.target_cadence_spm if self.metric == "cadence_spm" else settings.target_valr_bw_s

    def step_target(self, steps: int) -> None:
        """The target up or down by so many steps; the first one is what the last contacts suggest."""
        before = self.target
        on_its_way = self._asked is not None and self._asked[0] == before
        base = self._asked[1] if self._asked is not None and on_its_way else before
        if base is None:
            wanted = self._scene.feedback.suggested(self.metric)
        else:
            low, high = RANGES[self.metric]
            wanted = min(high, max(low, base + steps * STEPS[self.metric]))
        if self._change(TARGET_KEYS[self.metric], wanted):
            self._asked = (before, wanted)

    def set_target(self, wanted: float) -> None:
        """Another target, where there can be such a one."""
        low, high = RANGES[self.metric]
        if not low <= wanted <= high:
            self._say(f"No target of {wanted:g}: expected {low:g} to {high:g} {UNITS[self.metric]}")
        elif self._change(TARGET_KEYS[self.metric], wanted):
            self._asked = (self.target, wanted)

    def next_sound(self) -> None:
        """Off, beep, pitch, and off again."""
        sounds = CUE_CHOICES["sound"]
        self.set_sound(sounds[(sounds.index(self._scene.settings.cue.sound) + 1) % len(sounds)])

    def set_sound(self, sound: str) -> None:
        """off, beep or pitch."""
        if self._change("cue.sound", sound):
            self._say(f"Sound of the cue: {sound}")

    def set_feet(self, feet: str) -> None:
        """both, left, right or worse."""
        self._change("cue.feet", feet)

    def set_metric(self, metric: str) -> None:
        """What the runner sees."""
        if self._change("cue.metric", metric):
            self._asked = None

    def take_baseline(self) -> None:
        """The next contacts, without a cue, give the target."""
        if self._post(Marker(self._scene.now_host_ns, MARKER, "start")):
            self._asked = None
            self._say(f"Baseline from {clock(self._scene.t_s)}: {CONTACTS} contacts of each foot, without a cue")

    def _change(self, key: str, value: float | str) -> bool:
        return self._post(SettingChange(self._scene.now_host_ns, key, value))
