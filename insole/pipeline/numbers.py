"""The figures of the moment: key numbers of each foot, cadence, and left-right gauges, with their right to be shown.

In: rows of the contact table with their rolling columns. Out, when asked: `KeyNumber`s and `Gauge`s over the last 30
contacts. Carry: the last values of each foot, and why the last contacts had none.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from insole.blocks import ContactTable, FloatArray, FootHealth, Gauge, Health, KeyNumber, Side, Status
from insole.device import MASKS, Device
from insole.pipeline.rolling import FEET, by_foot, running, statuses, step_times_ms
from insole.pipeline.statistics import (
    MIN_CONTACTS,
    ROLLING_CONTACTS,
    Estimate,
    mean_interval,
    median_interval,
    share_interval,
    with_calibration,
    with_systematic,
)
from insole.settings import Settings

SETTLED_SHARE = 0.2  # half-width of a mean over its value
SILENT_S = 2.0  # DESIGN.md 3: older is stale, and a number never outlives its link
REARFOOT_PCT, FOREFOOT_PCT = 33.3, 66.7  # METRICS.md 4
OK_LAG_MS = 2.0  # METRICS.md 1.5: a slower sensor limits the loading rate
# What hysteresis at toe-off adds to times, as 95 % half-width: the worst condition of Blades 2023 (Sensors 23:2736) is
# off by 5.2 ms on average. Plates have none.
TOE_OFF_MS, PLATE_TOE_OFF_MS = 5.0, 1.5


@dataclass(frozen=True, slots=True)
class Figure:
    """One key number of each foot.

    Parameters
    ----------
    metric, column, unit : str
        Its name, the column it is made of, its unit.
    statistic : str
        'mean', 'median', or 'share' (of values from `low` to under `high`, in percent).
    gain : bool
        Hangs on the insole's calibration, which then widens the interval.
    toe_off : bool
        Hangs on toe-off, whose hysteresis then widens the interval.
    ok_hz, least_hz : float
        METRICS.md 12: sampling rates from which it is given plainly, and at all.
    """

    metric: str
    column: str
    unit: str
    statistic: str = "mean"
    gain: bool = False
    toe_off: bool = False
    ok_hz: float = 100.0
    least_hz: float = 50.0
    always: bool = True  # given even when it was never measured, with the reason
    low: float = -math.inf
    high: float = math.inf


FIGURES = (
    Figure("valr_bw_s", "valr_bw_s", "BW/s", "median", gain=True, ok_hz=200.0, least_hz=100.0),
    Figure("contact_time_ms", "contact_time_ms", "ms", toe_off=True, ok_hz=200.0, least_hz=100.0),
    Figure("peak_force_bw", "peak_force_bw", "BW", gain=True),
    Figure("peak_force_n", "peak_force_n", "N", gain=True),
    Figure("impulse_bw_s", "impulse_bw_s", "BW s", gain=True),
    Figure("peak_pressure_kpa", "peak_pressure_kpa", "kPa", gain=True),
    Figure("flight_time_ms", "flight_time_ms", "ms", toe_off=True, ok_hz=200.0, least_hz=100.0),
    Figure("stride_time_ms", "stride_time_ms", "ms", ok_hz=50.0, least_hz=25.0),
    Figure("step_time_ms", "step_time_ms", "ms", ok_hz=50.0, least_hz=25.0),
    Figure("vertical_stiffness_kn_m", "vertical_stiffness_kn_m", "kN/m"),
    *(
        Figure(name, "strike_index_pct", "%", "share", ok_hz=200.0, least_hz=100.0, low=low, high=high)
        for name, low, high in (
            ("rearfoot_pct", -math.inf, REARFOOT_PCT),
            ("midfoot_pct", REARFOOT_PCT, FOREFOOT_PCT),
            ("forefoot_pct", FOREFOOT_PCT, math.inf),
        )
    ),
    Figure("cpei_pct", "cpei_pct", "%", always=False),
    *(
        Figure(f"{metric}_{mask}", f"{metric}_{mask}", unit, gain=gain, always=False)
        for metric, unit, gain in (
            ("fti_rel_pct", "%", False),
            ("peak_pressure_kpa", "kPa", True),
            ("pti_peak_kpa_s", "kPa s", True),
            ("t_on_pct", "% of stance", False),
            ("t_off_pct", "% of stance", False),
        )
        for mask in MASKS
    ),
)
GAUGES = {  # metric: its note line in settings.flags.limits ('' for none), and whether it hangs on each insole's gain
    "valr_bw_s": ("asymmetry_valr_pct", True),
    "peak_force_bw": ("asymmetry_peak_force_pct", True),
    "impulse_bw_s": ("asymmetry_impulse_pct", True),
    "contact_time_ms": ("asymmetry_contact_time_pct", False),
    "stride_time_ms": ("asymmetry_stride_time_pct", False),
    "step_time_ms": ("", False),
    "flight_time_ms": ("", False),
    "vertical_stiffness_kn_m": ("", False),
    "fti_rel_pct_heel": ("", False),
}
_FIGURE_OF = {figure.metric: i for i, figure in enumerate(FIGURES)}
_REASONS = {  # in three words
    Status.NO_POI: "no clear rise",
    Status.FEW_SAMPLES_IN_RISE: "too few samples",
    Status.NO_GEOMETRY: "no cell geometry",
    Status.NO_AREAS: "no cell areas",
    Status.NO_PREVIOUS_CONTACT: "needs both feet",
    Status.SLOW_RISE: "load rose slowly",
}
_SERIES = tuple((figure, side) for figure in FIGURES for side in FEET)
_CADENCE = len(_SERIES)  # the last series: steps of both feet
_STATISTIC = np.array([*(figure.statistic for figure, _ in _SERIES), ""])
_IS_MEAN, _IS_MEDIAN, _IS_SHARE = (statistic == _STATISTIC for statistic in ("mean", "median", "share"))
_HAS_GAIN, _HAS_TOE_OFF = (
    np.array([*(getattr(figure, name) for figure, _ in _SERIES), False]) for name in ("gain", "toe_off")
)
_FROM, _UNDER = (np.array([*(getattr(figure, name) for figure, _ in _SERIES), math.nan]) for name in ("low", "high"))
_OK, _LIMITED = float(Status.OK), float(Status.LIMITED)


class Numbers:
    """Figures over the last contacts.

    Parameters
    ----------
    settings : Settings
        Note lines of the gauges.
    feet : mapping of Side to Device
    calibrated : bool
        Left and right gain are known against each other.
    """

    def __init__(self, settings: Settings, feet: Mapping[Side, Device], calibrated: bool) -> None:
        self._limits, self._calibrated = settings.flags.limits, calibrated
        self._devices = {side: feet[key] for side in FEET for key in (side, Side.BELT) if key in feet}
        self._values = np.full((_CADENCE + 1, ROLLING_CONTACTS), np.nan)
        self._codes = np.full_like(self._values, np.nan)  # statuses of the same values
        self._verdicts = np.full_like(self._values, np.nan)  # statuses of the last contacts, with or without a value
        self._gauges = dict.fromkeys(GAUGES, (math.nan, math.nan, math.nan, Status.FEW_CONTACTS))
        u_cal = [self._devices[side].u_cal if side in self._devices else math.nan for side in FEET]
        self._u_cal = np.array([*u_cal * len(FIGURES), math.nan])
        self._counts = np.count_nonzero(np.isfinite(self._values), axis=1)
        self._statuses = self._find_statuses()
        self._state: tuple[dict[Side, bool], tuple[KeyNumber, ...], tuple[Gauge, ...]] | None = None

    def change(self, settings: Settings, calibrated: bool) -> None:
        """Other note lines or knowledge of the gains from now on."""
        self._state = None
        self._limits, self._calibrated = settings.flags.limits, calibrated

    def push(self, table: ContactTable) -> None:
        """Take rows."""
        if not len(table):
            return
        self._state = None
        absent = np.full(len(table), np.nan)
        columns = [table.columns.get(figure.column, absent) for figure in FIGURES]
        codes = [statuses(table, figure.column) for figure in FIGURES]
        steps = np.where(running(table), step_times_ms(table), np.nan)[None]
        values = np.concatenate([by_foot(table, columns), steps])
        verdicts = np.concatenate([by_foot(table, codes), np.where(np.isfinite(steps), _OK, np.nan)])
        self._values, self._codes = _newest(
            (self._values, values), (self._codes, np.where(np.isfinite(values), verdicts, np.nan))
        )
        (self._verdicts,) = _newest((self._verdicts, verdicts))
        self._counts = np.count_nonzero(np.isfinite(self._values), axis=1)
        self._statuses = self._find_statuses()
        for metric in GAUGES:
            name = f"{metric}_asymmetry"
            if name in table.columns:
                value, low, high = (float(table.columns[f"{name}{end}"][-1]) for end in ("", "_low", "_high"))
                self._gauges[metric] = (value, low, high, Status(int(table.status[name][-1])))

    def state(self, health: Health | None = None) -> tuple[tuple[KeyNumber, ...], tuple[Gauge, ...]]:
        """Key numbers and gauges of the moment; those of a foot that is silent in `health` are withheld."""
        health = health if health is not None else Health()
        silent = {side: _silent_s(health, side) > SILENT_S for side in self._devices}
        if self._state is not None and self._state[0] == silent:
            return self._state[1:]
        gauges = tuple(self._gauge(metric, any(silent.values())) for metric in GAUGES)
        self._state = silent, self._numbers(silent), gauges
        return self._state[1:]

    def _numbers(self, silent: Mapping[Side, bool]) -> tuple[KeyNumber, ...]:
        n, statuses_now = self._counts.tolist(), self._statuses
        estimates, settling = self._estimates()
        numbers = []
        for series, (figure, side) in enumerate(_SERIES):
            if side not in self._devices or not (figure.always or n[series]):
                continue
            status = Status.GAP if silent[side] else statuses_now[series]
            reason = "no data" if silent[side] else _reason(status, figure, self._devices[side])
            if settling[series] and status == Status.OK:
                status, reason = Status.LIMITED, "settling"
            numbers.append(_number(figure.metric, side, estimates[series], n[series], figure.unit, status, reason))
        gone = bool(silent) and all(silent.values())
        status = Status.GAP if gone else statuses_now[_CADENCE]
        reason = "no data" if gone else ""
        numbers.append(_number("cadence_spm", None, estimates[_CADENCE], n[_CADENCE], "steps/min", status, reason))
        return tuple(numbers)

    def _estimates(self) -> tuple[list[list[float]], list[bool]]:
        """Value and interval of every series, and whether a mean still moves."""
        means, medians = np.array(mean_interval(self._values)), np.array(median_interval(self._values))
        within = np.count_nonzero((self._values >= _FROM[:, None]) & (self._values < _UNDER[:, None]), axis=1)
        shares = 100.0 * np.array(share_interval(within, self._counts))
        found = Estimate(*np.where(_IS_SHARE, shares, np.where(_IS_MEDIAN, medians, means)))
        # A mean that still moves has few effective contacts and an interval wider than anybody would believe.
        settling = _IS_MEAN & (found.high - found.value > SETTLED_SHARE * np.abs(found.value))
        found = Estimate(*np.where(_HAS_GAIN, with_calibration(found, self._u_cal), found))
        toe_off_ms = np.where(self._u_cal > 0, TOE_OFF_MS, PLATE_TOE_OFF_MS)
        value, low, high = np.where(_HAS_TOE_OFF, with_systematic(found, toe_off_ms), found)
        # Cadence is 60 / mean step time; the bounds change places as the step time is turned over.
        value[_CADENCE], low[_CADENCE], high[_CADENCE] = 60e3 / means[[0, 2, 1], _CADENCE]
        return np.array([value, low, high]).T.tolist(), settling.tolist()

    def _find_statuses(self) -> list[Status]:
        """Of every series: withheld when most of the last contacts had no value, for the reason most of those had."""
        withheld = self._verdicts > _LIMITED
        mostly = 2 * np.count_nonzero(withheld, axis=1) > np.count_nonzero(np.isfinite(self._verdicts), axis=1)
        limited = 2 * np.count_nonzero(self._codes == _LIMITED, axis=1) > self._counts
        codes = np.where(limited, Status.LIMITED, Status.OK)
        codes[self._counts < MIN_CONTACTS] = Status.FEW_CONTACTS
        for series in np.flatnonzero(mostly).tolist():
            reasons = Counter(self._verdicts[series][withheld[series]].tolist())
            codes[series] = reasons.most_common(1)[0][0]
        return [Status(code) for code in codes.tolist()]

    def _gauge(self, metric: str, silent: bool) -> Gauge:
        line, magnitude = GAUGES[metric]
        first = len(FEET) * _FIGURE_OF[metric]
        n_left, n_right = self._counts[first : first + len(FEET)].tolist()
        value, low, high, status = self._gauges[metric]
        if math.isnan(value):
            status = max(self._statuses[first : first + len(FEET)])
            status = status if status > Status.LIMITED else Status.NOT_COMPUTED  # one foot has not come for a while
        if silent:
            value = low = high = math.nan
            status = Status.GAP
        note_line_pct: float = getattr(self._limits, line) if line else math.nan
        return Gauge(
            metric, value, low, high, n_left, n_right, note_line_pct, self._calibrated or not magnitude, status
        )


def _newest(*pairs: tuple[FloatArray, FloatArray]) -> list[FloatArray]:
    """The last known entries of carried and new values, (S, width) and (S, k) -> (S, width), NaN on the left.

    What is known of the first pair decides; the others go with it.
    """
    joined = [np.concatenate(pair, axis=1) for pair in pairs]
    width = pairs[0][0].shape[1]
    order = np.argsort(np.isfinite(joined[0]), axis=1, kind="stable")[:, -width:]
    return [np.take_along_axis(columns, order, axis=1) for columns in joined]


def _number(
    metric: str, side: Side | None, estimate: list[float], n: int, unit: str, status: Status, reason: str
) -> KeyNumber:
    """Without the right to be shown there is no value."""
    value, low, high = estimate if status <= Status.LIMITED else (math.nan,) * 3
    return KeyNumber(metric, side, value, low, high, n, MIN_CONTACTS, unit, status, reason)


def _reason(status: Status, figure: Figure, device: Device) -> str:
    """Why it is withheld or limited, in three words; empty for a plain value."""
    if status == Status.RATE_TOO_LOW:
        return f"needs {figure.least_hz:g} Hz"
    if status != Status.LIMITED:
        return _REASONS.get(status, status.text)
    if device.rate_hz < figure.ok_hz:
        return f"{device.rate_hz:g} Hz"
    if figure.statistic == "median" and not device.tau_ms <= OK_LAG_MS:
        return "sensor lag unknown" if math.isnan(device.tau_ms) else f"sensor lag {device.tau_ms:g} ms"
    return status.text


def _silent_s(health: Health, side: Side) -> float:
    return health.feet.get(side, health.feet.get(Side.BELT, FootHealth())).silent_s
