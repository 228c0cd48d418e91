"""What changed since the cue began: share under the target, cadence, how the foot lands, and the guard on both.

In: rows of contacts. Out: `Progress`. What is compared: the last 60 running contacts of each foot before there was a
target, or the baseline minute, against the last 60 now.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from insole.blocks import ContactTable, FloatArray, Side
from insole.feedback.baseline import CONTACTS, TARGET_SHARE, running_of
from insole.feedback.steps import Situation
from insole.pipeline.metrics.strike import strike_class
from insole.pipeline.statistics import MIN_CONTACTS, cadence_summary, difference, moments, share_interval

GUARD_FOREFOOT_POINTS = 30.0  # METRICS.md 9
GUARD_PTI_SHARE = 0.20
CADENCE_SHARE = 1.05  # of the runner's own
USUAL_BW_S, USUAL_SPM = 60.0, 170.0
_PTI = ("pti_mean_kpa_s_mth1", "pti_mean_kpa_s_mth2", "pti_mean_kpa_s_mth3_5")
_COLUMNS = ("valr_bw_s", "step_time_ms", "strike_index_pct", *_PTI)
_RATE, _STEP_TIME, _STRIKE = range(3)


@dataclass(frozen=True, slots=True)
class Change:
    """A figure now minus the same before the cue, with its 95 % interval; NaN where either is not known."""

    value: float
    low: float
    high: float


UNKNOWN = Change(math.nan, math.nan, math.nan)


@dataclass(frozen=True, slots=True)
class Progress:
    """Figures for the therapist.

    Parameters
    ----------
    under_target : float
        Share of the last contacts of the cued feet under the target, 0 to 1; NaN without a target or contact.
    of : int
        So many contacts.
    cadence_spm, forefoot_points : Change
        Steps a minute; share of forefoot contacts of the cued feet, in percentage points.
    guard : str
        Load may have moved forward: a sentence; empty as long as it has not.
    """

    under_target: float = math.nan
    of: int = 0
    cadence_spm: Change = UNKNOWN
    forefoot_points: Change = UNKNOWN
    guard: str = ""


class Tracker:
    """Collects the contacts that the figures are of.

    Parameters
    ----------
    sides : sequence of Side
    """

    def __init__(self, sides: Sequence[Side]) -> None:
        self._now = {side: np.full((len(_COLUMNS), 0), np.nan) for side in sides}
        self._before = dict(self._now)
        self._begun = False

    def push(self, rows: ContactTable, situation: Situation) -> None:
        """Take the rows of an update, and what holds at its end."""
        active = situation.settings.target_valr_bw_s is not None and not situation.measuring
        if active and not self._begun:
            self._before = dict(self._now)
        self._begun = active
        if not len(rows):
            return
        for side, kept in self._now.items():
            new = running_of(rows, side)
            absent = np.full(len(new), np.nan)
            columns = np.array([new.columns.get(name, absent) for name in _COLUMNS])
            self._now[side] = np.concatenate([kept, columns], axis=1)[:, -CONTACTS:]

    def suggested(self, metric: str) -> float:
        """A first target of a metric, from the last contacts; something usual where there are too few."""
        if metric == "cadence_spm":
            times = _series(self._now, list(self._now), _STEP_TIME)
            few = len(times) < MIN_CONTACTS
            return USUAL_SPM if few else round(CADENCE_SHARE * cadence_summary(times).mean)
        rates = [_series(self._now, [side], _RATE) for side in self._now]
        medians = [float(np.median(values)) for values in rates if len(values) >= MIN_CONTACTS]
        return round(2.0 * TARGET_SHARE * max(medians)) / 2.0 if medians else USUAL_BW_S

    def progress(self, situation: Situation) -> Progress:
        """The figures of the moment."""
        target = situation.settings.target_valr_bw_s
        if target is None or situation.measuring:
            return Progress()
        now, before = self._now, self._before
        feet, cued = list(now), [side for side in now if situation.cues(side)]
        rates = _series(now, cued, _RATE)
        forefoot = _share_change(_series(now, cued, _STRIKE), _series(before, cued, _STRIKE))
        fell = _fell(rates, _series(before, cued, _RATE))
        more_load = _forefoot_load(now, cued) / _forefoot_load(before, cued) - 1.0
        return Progress(
            under_target=float(np.mean(rates < target)) if len(rates) else math.nan,
            of=len(rates),
            cadence_spm=_cadence_change(_series(now, feet, _STEP_TIME), _series(before, feet, _STEP_TIME)),
            forefoot_points=forefoot,
            guard=_guard(forefoot.value, more_load) if fell else "",
        )


def _series(of: dict[Side, FloatArray], sides: Sequence[Side], column: int) -> FloatArray:
    """The known values of a column, foot after foot."""
    values = np.concatenate([of[side][column] for side in sides]) if sides else np.empty(0)
    return values[np.isfinite(values)]


def _cadence_change(now_ms: FloatArray, before_ms: FloatArray) -> Change:
    if min(len(now_ms), len(before_ms)) < MIN_CONTACTS:
        return UNKNOWN
    now, before = cadence_summary(now_ms), cadence_summary(before_ms)
    value = now.mean - before.mean
    low = value - math.hypot(now.mean - now.low, before.high - before.mean)
    return Change(value, low, value + math.hypot(now.high - now.mean, before.mean - before.low))


def _share_change(now: FloatArray, before: FloatArray) -> Change:
    """Change of the share of forefoot contacts; interval after Newcombe 1998, Stat Med 17:873, method 10."""
    if min(len(now), len(before)) < MIN_CONTACTS:
        return UNKNOWN
    counts = [np.asarray(float(np.count_nonzero(strike_class(values) == "forefoot"))) for values in (now, before)]
    (p1, l1, u1), (p2, l2, u2) = (
        tuple(100.0 * float(part) for part in share_interval(count, np.asarray(len(values))))
        for count, values in zip(counts, (now, before), strict=True)
    )
    return Change(p1 - p2, p1 - p2 - math.hypot(p1 - l1, u2 - p2), p1 - p2 + math.hypot(u1 - p1, p2 - l2))


def _forefoot_load(of: dict[Side, FloatArray], sides: Sequence[Side]) -> float:
    """Mean pressure-time integral under the metatarsal heads; NaN where it was not measured."""
    means = [float(np.mean(v)) for v in (_series(of, sides, _COLUMNS.index(name)) for name in _PTI) if len(v)]
    return math.fsum(means) / len(means) if means else math.nan


def _fell(now: FloatArray, before: FloatArray) -> bool:
    """Whether the mean is lower than before, beyond step noise."""
    enough = min(len(now), len(before)) >= MIN_CONTACTS
    return enough and float(difference(moments(now), moments(before)).high) < 0.0


def _guard(forefoot_points: float, more_load: float) -> str:
    """What is said, with a lower loading rate, when the load went to the forefoot (DESIGN.md 6.8)."""
    if forefoot_points >= GUARD_FOREFOOT_POINTS:
        found = f"{forefoot_points:.0f} points more contacts land on the forefoot"
    elif more_load >= GUARD_PTI_SHARE:
        found = f"pressure-time under the forefoot is {100 * more_load:.0f} % higher"
    else:
        return ""
    return f"Loading rate is lower, and {found}: load may have moved to the calf."
