"""Metrics that need the neighbours of a contact.

In: rows in order of time, kinds known. Out: the rows with the pair metrics of the table and `k_dyn`, the body-weight
check (METRICS.md 1.4).

Carry: the last row of each foot, and strikes and impulses of the last 20 strides.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from insole.blocks import K_DYN_STOP, BoolArray, ContactTable, FloatArray, Kind, Quality, Side, Status
from insole.columns import Columns
from insole.device import Device
from insole.pipeline.metrics.gait import Pairs
from insole.pipeline.metrics.table import CONTACT_METRICS, PAIR_METRICS, PairMetric
from insole.pipeline.rolling import FEET
from insole.settings import Runner

CHECK_CONTACTS = 40  # 20 strides of both feet
CHECK_MIN_FINITE = 30
CHECK_MAX_STEP_S = 0.8
CARRIED = 32

# Columns that only this stage reads: times on the foot's own clock, and how well that clock is known.
DEVICE_STRIKE, DEVICE_TOE_OFF, CLOCK_U = "device_strike_s", "device_toe_off_s", "clock_u_s"
SYNCHRONISED_U_S = 0.005 / 1.96  # METRICS.md 1.7: the offset between the feet must be known to 5 ms

IN_BODY_WEIGHTS = tuple(metric.name for metric in CONTACT_METRICS if metric.of_body_weight)

_ADDED = tuple(metric.name for metric in PAIR_METRICS)
_OF_BOTH_FEET = np.array([metric.both_feet for metric in PAIR_METRICS])[:, None]
_OK, _LIMITED = np.uint8(Status.OK), np.uint8(Status.LIMITED)
_GAP, _RATE_OFF = np.uint16(Quality.GAP), np.uint16(Quality.RATE_OFF)
_ONSET_UNSEEN, _END_UNSEEN = np.uint16(Quality.ONSET_UNSEEN), np.uint16(Quality.END_UNSEEN)
_IGNORED = np.uint16(Quality.TOO_SHORT | Quality.LIGHT | Quality.SHORT_SWING)


_FEET = np.array(FEET, np.float64)[:, None]
_NONE, _ZERO = np.full((len(FEET), 1), -1), np.zeros((len(FEET), 1), np.int64)


class _Row:
    """What a neighbour needs to know of a contact: the rows of a matrix with a contact in each column."""

    SIDE, REAL, ONSET_SEEN, END_SEEN = range(4)  # real: no blip, counts as a neighbour
    STRIKE_S, TOE_OFF_S, DEVICE_STRIKE_S, DEVICE_TOE_OFF_S = range(4, 8)
    CLOCK_U_S = 8
    CONTACT_S = 9  # NaN where lost frames took one of its ends
    COUNT = 10


_AGAINST = np.array([[_IGNORED], [_ONSET_UNSEEN], [_END_UNSEEN]])  # bits against being real, and seen at both ends


def _rows(table: ContactTable) -> FloatArray:
    """The matrix of these contacts, (rows, k)."""
    strike_s, toe_off_s = table.columns[DEVICE_STRIKE], table.columns[DEVICE_TOE_OFF]
    contact_s = np.where(table.status["contact_time_ms"] == Status.GAP, np.nan, toe_off_s - strike_s)
    times = (table.strike_s, table.toe_off_s, strike_s, toe_off_s, table.columns[CLOCK_U], contact_s)
    return np.concatenate([table.side[None], table.quality & _AGAINST == 0, times])


class Pairing:
    """Adds pair metrics to rows.

    Parameters
    ----------
    runner : Runner
        Body mass, height, speed and incline, where known.
    feet : mapping of Side to Device
        Feet of this recording.
    """

    def __init__(self, runner: Runner, feet: Mapping[Side, Device]) -> None:
        self._runner = runner
        self._rate_hz = min(device.rate_hz for device in feet.values())
        sides = list(feet)
        self._belt = sides == [Side.BELT]
        self._one_foot = len(sides) == 1 and sides[0] is not Side.BELT
        # A mass that was found by this very check would always pass it.
        known_mass = runner.body_mass_kg is not None and runner.body_mass_source != "estimated"
        self._checks_weight = known_mass and not self._one_foot
        lacking = [self._lacking(metric) for metric in PAIR_METRICS]
        reasons = [m.absent if lack is None else lack for m, lack in zip(PAIR_METRICS, lacking, strict=True)]
        self._possible = np.array([lack is None for lack in lacking])[:, None]
        self._reason = np.array(reasons, np.uint8)[:, None]
        self._slow = np.array([self._rate_hz < metric.ok_hz for metric in PAIR_METRICS])[:, None]
        self._carry = np.empty((_Row.COUNT, 0))
        self._checked = np.full((2, CHECK_CONTACTS), np.nan)  # strikes and impulses

    def push(self, table: ContactTable) -> ContactTable:
        """The rows with `step_time_ms`, `stride_time_ms`, ... and `k_dyn`."""
        if not len(table):
            return table
        pairs, real = self._pairs(table)
        values = np.array([metric.measure(pairs) for metric in PAIR_METRICS])
        # What mass, feet, rate and clocks allow (METRICS.md 1.7, 12).
        given = np.isfinite(values) & (real & self._possible)
        limited = self._slow | (table.quality & _RATE_OFF != 0)
        limited = limited | (_OF_BOTH_FEET & (pairs.clocks_u_s > SYNCHRONISED_U_S))
        status = np.where(given, np.where(limited, _LIMITED, _OK), self._reason)
        k_dyn = self._body_weight_check(table)
        columns = (*_ADDED, "k_dyn"), np.concatenate([np.where(given, values, np.nan), k_dyn[None]])
        statuses = Columns.of(table.status).plus(Columns((_ADDED, status)))
        far = np.abs(k_dyn - 1.0) > K_DYN_STOP
        if far.any():
            before = {name: statuses[name] for name in IN_BODY_WEIGHTS}
            statuses = statuses.with_changes(
                {n: np.where(far & (code == Status.OK), _LIMITED, code) for n, code in before.items()}
            )
        return ContactTable(
            table.contact_id,
            table.side,
            table.kind,
            table.strike_s,
            table.toe_off_s,
            table.quality,
            Columns.of(table.columns).without(DEVICE_STRIKE, DEVICE_TOE_OFF, CLOCK_U).plus(Columns(columns)),
            table.uncertainty,
            statuses,
        )

    def _lacking(self, metric: PairMetric) -> Status | None:
        """Why this recording can have no such metric at all."""
        if self._rate_hz < metric.limited_hz:
            return Status.RATE_TOO_LOW
        if metric.needs_mass and not _mass_known(self._runner):
            return Status.NO_BODY_MASS
        return Status.NO_PREVIOUS_CONTACT if metric.both_feet and self._one_foot else None

    def _pairs(self, table: ContactTable) -> tuple[Pairs, BoolArray]:
        """The rows with their neighbours, and whether each is a real contact, (k,)."""
        now = _rows(table)
        known = np.concatenate([self._carry, now], axis=1)
        n = known.shape[1]
        real = (known[_Row.SIDE] == _FEET) & (known[_Row.REAL] == 1.0)
        last = np.maximum.accumulate(np.where(real, np.arange(n), -1), axis=1)  # of each foot, up to each contact
        before = np.concatenate([_NONE, last], axis=1)
        count = np.concatenate([_ZERO, real.cumsum(axis=1)], axis=1)
        self._carry = known[:, _first_needed(last[:, -1].tolist(), n) :].copy()

        at, foot = np.arange(n - len(table), n), now[_Row.SIDE].astype(np.int64)
        own, other = before[foot, at], before[1 - foot, at]
        others_between = count[1 - foot, at] - count[1 - foot, own + 1]
        known = np.concatenate([known, np.full((_Row.COUNT, 1), np.nan)], axis=1)  # place -1: there is none
        mine, others = known[:, own], known[:, other]
        ends = [_Row.ONSET_SEEN, _Row.END_SEEN]
        (own_onset, own_end), (other_onset, other_end) = mine[ends] == 1.0, others[ends] == 1.0
        # One belt has one clock: there even the other foot's contacts are placed by it.
        strike_s, toe_off_s = _Row.STRIKE_S, _Row.TOE_OFF_S
        if self._belt:
            strike_s, toe_off_s = _Row.DEVICE_STRIKE_S, _Row.DEVICE_TOE_OFF_S
        runner, nan = self._runner, float("nan")
        pairs = Pairs(
            kind=table.kind,
            contact_s=now[_Row.CONTACT_S],
            own_contact_s=mine[_Row.CONTACT_S],
            since_own_strike_s=now[_Row.DEVICE_STRIKE_S] - mine[_Row.DEVICE_STRIKE_S],
            since_own_toe_off_s=now[_Row.DEVICE_STRIKE_S] - mine[_Row.DEVICE_TOE_OFF_S],
            since_other_strike_s=now[strike_s] - others[strike_s],
            since_other_toe_off_s=now[strike_s] - others[toe_off_s],
            clocks_u_s=np.zeros(len(table)) if self._belt else np.hypot(now[_Row.CLOCK_U_S], others[_Row.CLOCK_U_S]),
            others_between=others_between,
            onset_seen=now[_Row.ONSET_SEEN] == 1.0,
            own_onset_seen=own_onset,
            own_end_seen=own_end,
            other_onset_seen=other_onset,
            other_end_seen=other_end,
            body_mass_kg=runner.body_mass_kg if runner.body_mass_kg is not None else nan,
            height_m=runner.height_m if runner.height_m is not None else nan,
            speed_m_s=runner.speed_m_s if runner.speed_m_s is not None else nan,
            level=not runner.incline_pct,
        )
        return pairs, now[_Row.REAL] == 1.0

    def _body_weight_check(self, table: ContactTable) -> FloatArray:
        """BW over mean force of both feet, over the last 20 strides; NaN unless they are without a break."""
        out = np.full(len(table), np.nan)
        (run,) = ((table.kind == Kind.RUN) | (table.quality & _GAP != 0)).nonzero()
        if not self._checks_weight or not len(run):
            return out
        new = np.array([table.strike_s[run], table.columns["impulse_bw_s"][run]])
        line = np.concatenate([self._checked, new], axis=1)
        self._checked = line[:, -CHECK_CONTACTS:]
        times, loads = line[:, np.arange(len(run))[:, None] + np.arange(CHECK_CONTACTS + 1)]
        loads = loads[:, :-1]
        finite = np.isfinite(loads)
        n = finite.sum(axis=1)
        total = np.where(finite, loads, 0.0).sum(axis=1) * CHECK_CONTACTS / np.maximum(n, 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            unbroken = (np.diff(times, axis=1) <= CHECK_MAX_STEP_S).all(axis=1)  # nor is it with NaN
            k = (times[:, -1] - times[:, 0]) / total
        out[run] = np.where(unbroken & (n >= CHECK_MIN_FINITE), k, np.nan)
        return out


def _mass_known(runner: Runner) -> bool:
    """Whether the body mass is the runner's, not one that only gives a table in body weights its scale."""
    return runner.body_mass_kg is not None and runner.body_mass_source != "nominal"


def _first_needed(last: list[int], n: int) -> int:
    """Place of the earlier foot's last real contact (-1: it had none), but none further back than a stride can be."""
    return max(min((place for place in last if place >= 0), default=n), n - CARRIED)
