"""Metrics that need the neighbours of a contact.

In: rows in order of time, kinds known. Out: the rows with the pair metrics of the table and `k_dyn`, the body-weight
check (METRICS.md 1.4).

Carry: the last row of each foot, and strikes and impulses of the last 20 strides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from insole.blocks import K_DYN_STOP, BoolArray, ContactTable, FloatArray, IntArray, Kind, Quality, Side, Status
from insole.columns import Columns
from insole.device import Device
from insole.pipeline.metrics.gait import Pairs
from insole.pipeline.metrics.table import CONTACT_METRICS, PAIR_METRICS, PairMetric
from insole.settings import Runner

CHECK_CONTACTS = 40  # 20 strides of both feet
CHECK_MIN_FINITE = 30
CHECK_MAX_STEP_S = 0.8
CARRIED = 32

# Columns that only this stage reads: times on the foot's own clock, and how well that clock is known.
DEVICE_STRIKE, DEVICE_TOE_OFF, CLOCK_U = "device_strike_s", "device_toe_off_s", "clock_u_s"
SYNCHRONISED_U_S = 0.005 / 1.96  # METRICS.md 1.7: the offset between the feet must be known to 5 ms

IN_BODY_WEIGHTS = tuple(metric.name for metric in CONTACT_METRICS if metric.of_body_weight)

_IGNORED = Quality.TOO_SHORT | Quality.LIGHT | Quality.SHORT_SWING


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """What a neighbour needs to know of a contact."""

    side: npt.NDArray[np.int8]
    strike_s: FloatArray
    toe_off_s: FloatArray
    device_strike_s: FloatArray
    device_toe_off_s: FloatArray
    clock_u_s: FloatArray
    contact_s: FloatArray  # NaN where lost frames took one of its ends
    onset_seen: BoolArray
    end_seen: BoolArray
    real: BoolArray  # not a blip: counts as a neighbour

    @classmethod
    def of(cls, table: ContactTable) -> _Rows:
        quality = table.quality
        return cls(
            table.side,
            table.strike_s,
            table.toe_off_s,
            table.columns[DEVICE_STRIKE],
            table.columns[DEVICE_TOE_OFF],
            table.columns[CLOCK_U],
            np.where(
                table.status["contact_time_ms"] == Status.GAP,
                np.nan,
                table.columns[DEVICE_TOE_OFF] - table.columns[DEVICE_STRIKE],
            ),
            quality & np.uint16(Quality.ONSET_UNSEEN) == 0,
            quality & np.uint16(Quality.END_UNSEEN) == 0,
            quality & np.uint16(_IGNORED) == 0,
        )

    def rows(self, pick: IntArray) -> _Rows:
        return _Rows(*(getattr(self, name)[pick] for name in self.__dataclass_fields__))

    @classmethod
    def join(cls, first: _Rows, second: _Rows) -> _Rows:
        return cls(*(np.concatenate([getattr(first, n), getattr(second, n)]) for n in cls.__dataclass_fields__))


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
        self._carry: _Rows | None = None
        self._strikes = np.empty(0)
        self._impulses = np.empty(0)

    def push(self, table: ContactTable) -> ContactTable:
        """The rows with `step_time_ms`, `stride_time_ms`, ... and `k_dyn`."""
        if not len(table):
            return table
        new = _Rows.of(table)
        known = new if self._carry is None else _Rows.join(self._carry, new)
        self._carry = known.rows(_last_of_each(known))
        pairs = self._pairs(known, table)
        columns: dict[str, FloatArray] = {}
        status: dict[str, npt.NDArray[np.uint8]] = {}
        for metric in PAIR_METRICS:
            value, code = self._measured(metric, pairs, new.real, table.quality)
            columns[metric.name], status[metric.name] = value, code
        columns["k_dyn"] = self._body_weight_check(table)
        far = np.abs(columns["k_dyn"] - 1.0) > K_DYN_STOP
        statuses = Columns.of(table.status).plus(status)
        if far.any():
            before = {name: statuses[name] for name in IN_BODY_WEIGHTS}
            statuses = statuses.with_changes(
                {n: np.where(far & (code == Status.OK), np.uint8(Status.LIMITED), code) for n, code in before.items()}
            )
        return ContactTable(
            table.contact_id,
            table.side,
            table.kind,
            table.strike_s,
            table.toe_off_s,
            table.quality,
            Columns.of(table.columns).without(DEVICE_STRIKE, DEVICE_TOE_OFF, CLOCK_U).plus(columns),
            table.uncertainty,
            statuses,
        )

    def _measured(
        self, metric: PairMetric, pairs: Pairs, real: BoolArray, quality: npt.NDArray[np.uint16]
    ) -> tuple[FloatArray, npt.NDArray[np.uint8]]:
        """One pair metric and its status, (k,) each: what mass, feet, rate and clocks allow (METRICS.md 1.7, 12)."""
        lacking = self._lacking(metric)
        value = metric.measure(pairs)
        given = np.isfinite(value) & real & (lacking is None)
        limited = np.full(len(real), self._rate_hz < metric.ok_hz) | (quality & np.uint16(Quality.RATE_OFF) != 0)
        if metric.both_feet:
            limited |= pairs.clocks_u_s > SYNCHRONISED_U_S
        status = np.where(limited, np.uint8(Status.LIMITED), np.uint8(Status.OK))
        reason = metric.absent if lacking is None else lacking
        return np.where(given, value, np.nan), np.where(given, status, np.uint8(reason))

    def _lacking(self, metric: PairMetric) -> Status | None:
        """Why this recording can have no such metric at all."""
        if self._rate_hz < metric.limited_hz:
            return Status.RATE_TOO_LOW
        if metric.needs_mass and not _mass_known(self._runner):
            return Status.NO_BODY_MASS
        return Status.NO_PREVIOUS_CONTACT if metric.both_feet and self._one_foot else None

    def _pairs(self, known: _Rows, table: ContactTable) -> Pairs:
        n = len(known.side)
        new = slice(n - len(table), n)
        own, other = np.full(n, -1), np.full(n, -1)
        between = np.zeros(n, np.int64)
        at = np.arange(n)
        for side in (Side.LEFT, Side.RIGHT):
            mine = known.side == side
            previous = _previous(np.where(mine & known.real, at, -1))
            opposite = _previous(np.where(~mine & known.real, at, -1))
            count = np.concatenate([[0], np.cumsum(~mine & known.real)])
            own = np.where(mine, previous, own)
            other = np.where(mine, opposite, other)
            between = np.where(mine, count[at] - np.where(previous >= 0, count[previous + 1], 0), between)
        runner = self._runner
        # One belt has one clock: there even the other foot's contacts are placed by it.
        clock = "device_" if self._belt else ""

        def neighbour(field: str, index: IntArray) -> FloatArray:
            values: FloatArray = getattr(known, field)
            return np.where(index >= 0, values[index], np.nan)[new]

        def since(field: str, index: IntArray, strike: str) -> FloatArray:
            out: FloatArray = getattr(known, strike)[new] - neighbour(field, index)
            return out

        def seen(values: BoolArray, index: IntArray) -> BoolArray:
            out: BoolArray = (index >= 0)[new] & values[index][new]
            return out

        nan = float("nan")
        return Pairs(
            kind=table.kind,
            contact_s=known.contact_s[new],
            own_contact_s=neighbour("contact_s", own),
            since_own_strike_s=since("device_strike_s", own, "device_strike_s"),
            since_own_toe_off_s=since("device_toe_off_s", own, "device_strike_s"),
            since_other_strike_s=since(f"{clock}strike_s", other, f"{clock}strike_s"),
            since_other_toe_off_s=since(f"{clock}toe_off_s", other, f"{clock}strike_s"),
            clocks_u_s=np.zeros(len(table))
            if self._belt
            else np.hypot(known.clock_u_s[new], neighbour("clock_u_s", other)),
            others_between=between[new],
            onset_seen=known.onset_seen[new],
            own_onset_seen=seen(known.onset_seen, own),
            own_end_seen=seen(known.end_seen, own),
            other_onset_seen=seen(known.onset_seen, other),
            other_end_seen=seen(known.end_seen, other),
            body_mass_kg=runner.body_mass_kg if runner.body_mass_kg is not None else nan,
            height_m=runner.height_m if runner.height_m is not None else nan,
            speed_m_s=runner.speed_m_s if runner.speed_m_s is not None else nan,
            level=not runner.incline_pct,
        )

    def _body_weight_check(self, table: ContactTable) -> FloatArray:
        """BW over mean force of both feet, over the last 20 strides; NaN unless they are without a break."""
        out = np.full(len(table), np.nan)
        run = np.flatnonzero((table.kind == Kind.RUN) | (table.quality & np.uint16(Quality.GAP) != 0))
        mass = self._runner.body_mass_kg
        # A mass that was found by this very check would always pass it.
        if self._one_foot or mass is None or self._runner.body_mass_source == "estimated" or not len(run):
            return out
        strikes = np.concatenate([self._strikes, table.strike_s[run]])
        impulses = np.concatenate([self._impulses, table.columns["impulse_bw_s"][run]])
        width = CHECK_CONTACTS + 1
        pad = max(0, width - 1 + len(run) - len(strikes))
        strikes, impulses = (np.concatenate([np.full(pad, np.nan), a]) for a in (strikes, impulses))
        times = np.lib.stride_tricks.sliding_window_view(strikes, width)
        loads = np.lib.stride_tricks.sliding_window_view(impulses, width)[:, :-1]
        finite = np.isfinite(loads)
        n = finite.sum(axis=1)
        total = np.where(finite, loads, 0.0).sum(axis=1) * CHECK_CONTACTS / np.maximum(n, 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            unbroken = np.nan_to_num(np.diff(times, axis=1), nan=np.inf).max(axis=1) <= CHECK_MAX_STEP_S
            k = (times[:, -1] - times[:, 0]) / total
        out[run] = np.where(unbroken & (n >= CHECK_MIN_FINITE), k, np.nan)
        self._strikes, self._impulses = strikes[-(width - 1) :], impulses[-(width - 1) :]
        return out


def _mass_known(runner: Runner) -> bool:
    """Whether the body mass is the runner's, not one that only gives a table in body weights its scale."""
    return runner.body_mass_kg is not None and runner.body_mass_source != "nominal"


def _previous(marked: IntArray) -> IntArray:
    """For each place, the last marked index before it; -1 if none."""
    return np.concatenate([[-1], np.maximum.accumulate(marked)[:-1]])


def _last_of_each(known: _Rows) -> IntArray:
    """The last real row of each foot and what came after the earlier one; none further back than a stride can be."""
    last = [np.flatnonzero((known.side == side) & known.real) for side in (Side.LEFT, Side.RIGHT)]
    n = len(known.side)
    first = min((int(rows[-1]) for rows in last if len(rows)), default=n)
    return np.arange(max(first, n - CARRIED), n)
