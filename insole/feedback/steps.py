"""Each contact against the target, before toe-off: the five-step mean, the level of the cue, or why there is none.

In: updates. Out: `Step` after `Step`. Which target and which choices a contact is held against is decided by when it
struck, so that the result does not depend on how inputs were cut into pushes; of flags it is those that are up when the
loading rate comes out.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from insole.blocks import EarlyRate, Flag, FlagState, Marker, SettingChange, Side, Status, Update
from insole.errors import SettingsError
from insole.feedback.baseline import MARKER, BaselineMinute
from insole.settings import Settings

MEAN_STEPS = 5  # METRICS.md 9, after Van den Berghe 2021, Sci Rep 11:4062
LEVEL_WIDTH = 0.08  # about 1 to 1.5 standard errors of such a mean at a variation of 12 % from step to step
LEVELS = 5
BREAK_S = 2.0  # after a longer pause of the foot its mean begins anew
SIGNAL_RULE = "signal_quality"
BASELINE_REASON = "baseline minute"


@dataclass(frozen=True, slots=True)
class Step:
    """One contact as the cue sees it.

    Parameters
    ----------
    contact_id, side
    t_s : float
        Recording time of initial contact.
    rate_bw_s : float
        NaN: withheld.
    mean_bw_s : float
        Of the last five contacts of the foot with a rate, this one included; NaN before there are five.
    target_bw_s : float
        NaN without one.
    sound : str
        off, beep or pitch.
    cued : bool
        This foot is one that gets cues.
    withheld : str
        Why this contact may not have a cue; empty where it may.
    """

    contact_id: int
    side: Side
    t_s: float
    rate_bw_s: float
    mean_bw_s: float
    target_bw_s: float
    sound: str
    cued: bool
    withheld: str = ""

    @property
    def excess(self) -> float:
        """Mean over target, minus 1; NaN without either."""
        return self.mean_bw_s / self.target_bw_s - 1.0

    @property
    def level(self) -> int:
        """0: silence; 1 to 5: one for every 8 % above the target."""
        return level_of(self.excess) if self.cued and not self.withheld else 0


def level_of(excess: float) -> int:
    """Level of a cue for a mean so far above the target; 0 at or below it, and for NaN."""
    if not excess > 0:
        return 0
    # What binary fractions make of a whole number of steps is that number, not the next one.
    return min(LEVELS, max(1, math.ceil(excess / LEVEL_WIDTH - 1e-9)))


@dataclass(frozen=True, slots=True)
class Situation:
    """What held for the contacts that struck after `from_s`: settings, and the last baseline minute."""

    from_s: float
    settings: Settings
    baseline: BaselineMinute | None = None

    @property
    def measuring(self) -> bool:
        """The baseline is being taken."""
        return self.baseline is not None and self.from_s < self.baseline.to_s

    @property
    def sound(self) -> str:
        """Of the cue; off while the runner is to look at the cadence: one metric at a time."""
        cue = self.settings.cue
        return cue.sound if cue.metric == "valr_bw_s" else "off"

    def cues(self, side: Side) -> bool:
        """Whether this foot is one that gets cues."""
        feet = self.settings.cue.feet
        worse = None if self.baseline is None else self.baseline.worse
        if feet == "both" or side is Side.BELT or (feet == "worse" and worse is None):
            return True
        return side.label == feet or (feet == "worse" and side is worse)


class Steps:
    """The stage.

    Parameters
    ----------
    sides : sequence of Side
        Feet of the session.
    settings : Settings
        As it starts with; changes in the stream are followed.
    start_host_ns : int
        Host time of recording time zero.
    """

    def __init__(self, sides: Sequence[Side], settings: Settings, start_host_ns: int) -> None:
        self.sides = tuple(sides)
        self._start_ns = start_host_ns
        self._situations = [Situation(-math.inf, settings)]
        self._rates: dict[Side, deque[float]] = {side: deque(maxlen=MEAN_STEPS) for side in self.sides}
        self._last_s = dict.fromkeys(self.sides, -math.inf)

    def push(self, update: Update) -> tuple[Step, ...]:
        """Take an update; the contacts whose loading rate came out, in order of strike."""
        for event in update.events:
            if isinstance(event, SettingChange):
                self._change(event)
            elif isinstance(event, Marker) and event.kind == MARKER:
                self._measure((event.t_host_ns - self._start_ns) * 1e-9)
        for baseline in {s.baseline for s in self._situations if s.baseline is not None}:
            baseline.push(update.contacts)
        flagged = {side: _signal_flag(update.flags, side) for side in self.sides}
        steps = [self._step(rate, flagged[rate.side]) for rate in sorted(update.early, key=lambda rate: rate.t_s)]
        self._forget()
        return tuple(steps)

    @property
    def now(self) -> Situation:
        """What holds for the next contact."""
        return self._situations[-1]

    def _situation_at(self, t_s: float) -> Situation:
        held = (s for s in reversed(self._situations) if s.from_s <= t_s)
        return next(held, self._situations[0])  # a clock that was set anew may step back a little

    def _change(self, change: SettingChange) -> None:
        try:
            settings = self.now.settings.changed(change.key, change.value)
        except SettingsError:  # the pipeline has said so
            return
        from_s = max((change.t_host_ns - self._start_ns) * 1e-9, self.now.from_s)
        baseline = self.now.baseline
        if change.key == "target_valr_bw_s" and baseline is not None:
            baseline.to_s = min(baseline.to_s, from_s)
        self._situations.append(Situation(from_s, settings, baseline))

    def _measure(self, from_s: float) -> None:
        from_s = max(from_s, self.now.from_s)
        if self.now.baseline is not None:
            self.now.baseline.to_s = min(self.now.baseline.to_s, from_s)
        self._situations.append(Situation(from_s, self.now.settings, BaselineMinute(from_s, self.sides)))

    def _forget(self) -> None:
        """Situations that no contact to come can have struck in: contacts of the feet come in order."""
        reached_s = min(self._last_s.values())
        while len(self._situations) > 1 and self._situations[1].from_s <= reached_s:
            self._situations.pop(0)

    def _step(self, rate: EarlyRate, flagged: bool) -> Step:
        situation = self._situation_at(rate.t_s)
        rates = self._rates[rate.side]
        if rate.t_s - self._last_s[rate.side] > BREAK_S:
            rates.clear()
        self._last_s[rate.side] = max(self._last_s[rate.side], rate.t_s)
        known = rate.status <= Status.LIMITED and math.isfinite(rate.valr_bw_s)
        if known:
            rates.append(rate.valr_bw_s)
        target = situation.settings.target_valr_bw_s
        return Step(
            contact_id=rate.contact_id,
            side=rate.side,
            t_s=rate.t_s,
            rate_bw_s=rate.valr_bw_s if known else math.nan,
            mean_bw_s=math.fsum(rates) / MEAN_STEPS if len(rates) == MEAN_STEPS else math.nan,
            target_bw_s=math.nan if target is None else target,
            sound=situation.sound,
            cued=situation.cues(rate.side),
            withheld=_withheld(situation, rate.status, flagged=flagged, known=known),
        )


def _withheld(situation: Situation, status: Status, *, flagged: bool, known: bool) -> str:
    if situation.measuring:
        return BASELINE_REASON
    if not known:
        return f"loading rate withheld: {status.text or Status.NOT_COMPUTED.text}"
    return "signal quality" if flagged else ""


def _signal_flag(flags: Sequence[Flag], side: Side) -> bool:
    """Whether a flag of signal quality is up that concerns this foot."""
    up = (f for f in flags if f.rule == SIGNAL_RULE and f.state > FlagState.OFF)
    return any(f.side in (None, side) for f in up)
