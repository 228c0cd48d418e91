"""Two stretches of one session against each other: a moment with the contacts before it, or a marked condition.

In: the contact table of a session, its markers, and two moments. Out: which contacts each stands for, how much each
metric changed with its interval, and the mean picture of each. Strides of one stretch are no repeats of it (METRICS.md
10.1): all that can be said is a difference in this run.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from insole.blocks import BoolArray, ContactShape, ContactTable, FloatArray, IntArray, Kind, Marker, Side, Status
from insole.history.markers import Markers
from insole.pipeline.bands import mean_and_spread
from insole.pipeline.rolling import step_times_ms
from insole.pipeline.statistics import MIN_CONTACTS, Estimate, Moments, change_pct, mean_interval, moments

CONTACTS = 30  # of each foot up to a moment
SETTLE_S = 60.0  # METRICS.md 10.1: the beginning of a condition does not count, where enough of it is left
COMPARED = ("valr_bw_s", "peak_force_bw", "contact_time_ms", "peak_pressure_kpa_heel")
CADENCE = "cadence_spm"
FEET = (Side.LEFT, Side.RIGHT)


@dataclass(frozen=True, slots=True)
class Condition:
    """A stretch that was marked as one condition."""

    label: str
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One side of a comparison.

    Parameters
    ----------
    t_s : float
        The moment that stands for it.
    condition : Condition or None
        Where the moment lies in one, all of it is taken; else the last contacts up to the moment.
    rows : (k,) int64
        Running contacts of both feet, places in the contact table.
    """

    t_s: float
    condition: Condition | None
    rows: IntArray


@dataclass(frozen=True, slots=True)
class Change:
    """How one metric changed from A to B; `side` None: of both feet together.

    `change`: in percent of A with its 95 % interval, NaN where it is withheld, and `reason` says why. `before` and
    `after`: the means with their intervals.
    """

    metric: str
    side: Side | None
    before: Estimate
    after: Estimate
    change: Estimate
    limited: bool
    reason: str = ""

    @property
    def beyond_noise(self) -> bool:
        """The whole interval lies on one side of no change."""
        return bool(self.change.low > 0 or self.change.high < 0)


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """What the contacts of one foot looked like on average."""

    side: Side
    n: int
    force: FloatArray  # (301,) every ms from initial contact, in body weights or newtons
    force_sd: FloatArray  # (301,)
    in_newtons: bool
    peak_kpa: FloatArray  # (c,)
    cop_mm: FloatArray  # (101, 2) from the medial edge, from the heel


def conditions_of(markers: Sequence[tuple[float, Marker]], end_s: float) -> tuple[Condition, ...]:
    """Marked conditions: from a start to the next end or start, or to the end of the session.

    Parameters
    ----------
    markers : sequence of (recording time, Marker)
        In order of time; an undo takes back the marker before it.
    end_s : float
        Of the session.
    """
    all_of_them = Markers(deque())
    for t_s, marker in markers:
        all_of_them.follow(t_s, marker)
    edges = [marker for marker in all_of_them.standing if marker.kind in {"condition_start", "condition_end"}]
    ends_s = [*(marker.t_s for marker in edges[1:]), end_s]
    return tuple(
        Condition(marker.label, marker.t_s, to_s)
        for marker, to_s in zip(edges, ends_s, strict=False)
        if marker.kind == "condition_start"
    )


def part_at(table: ContactTable, t_s: float, conditions: Sequence[Condition] = ()) -> Part:
    """The contacts that a moment stands for."""
    run = table.kind == Kind.RUN
    condition = next((c for c in conditions if c.from_s <= t_s <= c.to_s), None)
    if condition is not None:
        settled_s = condition.from_s + SETTLE_S
        from_s = settled_s if condition.to_s - settled_s >= SETTLE_S else condition.from_s
        return Part(
            t_s, condition, np.flatnonzero(run & (table.strike_s >= from_s) & (table.toe_off_s <= condition.to_s))
        )
    before = run & (table.toe_off_s <= t_s)
    feet = [np.flatnonzero(before & (table.side == side))[-CONTACTS:] for side in (*FEET, Side.BELT)]
    return Part(t_s, None, np.sort(np.concatenate(feet)))


def changes(table: ContactTable, a: Part, b: Part) -> tuple[Change, ...]:
    """From A to B: each metric of each foot, then cadence."""
    rows = [_change(table, metric, side, a, b) for metric in COMPARED for side in FEET]
    steps = np.where(table.kind == Kind.RUN, step_times_ms(table), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        cadence = 60e3 / steps
    both = np.ones(len(table), np.bool_)
    return (*rows, _compared(CADENCE, None, cadence, both, np.zeros(len(table), np.bool_), a, b))


def shared(a: Part, b: Part) -> int:
    """Contacts that belong to both: a difference between them would be held too small."""
    return len(np.intersect1d(a.rows, b.rows))


def _change(table: ContactTable, metric: str, side: Side, a: Part, b: Part) -> Change:
    values = table.columns.get(metric, np.full(len(table), np.nan))
    limited = table.status.get(metric, np.zeros(len(table), np.uint8)) == Status.LIMITED
    return _compared(metric, side, values, table.side == side, limited, a, b)


def _compared(
    metric: str, side: Side | None, values: FloatArray, of_side: BoolArray, limited: BoolArray, a: Part, b: Part
) -> Change:
    picked = [part.rows[of_side[part.rows] & np.isfinite(values[part.rows])] for part in (a, b)]
    before, after = (mean_interval(values[rows]) if len(rows) else _nothing() for rows in picked)
    n = min(len(rows) for rows in picked)
    reason = "A and B share contacts" if shared(a, b) else f"{n} of {MIN_CONTACTS}" if n < MIN_CONTACTS else ""
    change = _nothing() if reason else change_pct(*(_log_moments(values[rows]) for rows in picked))
    much_limited = bool(limited[np.concatenate(picked)].mean() > 0.5) if n else False
    return Change(metric, side, before, after, change, much_limited, reason)


def _log_moments(values: FloatArray) -> Moments:
    with np.errstate(invalid="ignore", divide="ignore"):
        return moments(np.log(np.where(values > 0, values, np.nan)))


def _nothing() -> Estimate:
    unknown = np.asarray(np.nan)
    return Estimate(unknown, unknown, unknown)


def picture(shapes: Sequence[ContactShape], side: Side) -> Picture | None:
    """The mean of some contacts of one foot; None without any."""
    if not shapes:
        return None
    force, force_sd = mean_and_spread(np.array([shape.force_bw for shape in shapes]))
    cop = [mean_and_spread(np.array([shape.cop_stance_mm[:, axis] for shape in shapes]))[0] for axis in (0, 1)]
    return Picture(
        side,
        len(shapes),
        force,
        force_sd,
        shapes[-1].in_newtons,
        np.array([shape.peak_kpa for shape in shapes]).sum(axis=0) / len(shapes),
        np.stack(cop, axis=1),
    )
