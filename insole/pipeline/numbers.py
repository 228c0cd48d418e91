"""The figures of the moment: key numbers of each foot, cadence, and left-right gauges, with their right to be shown.

In: rows of the contact table with their rolling columns. Out, when asked: `KeyNumber`s and `Gauge`s over the last 30
contacts. Carry: the last values of each foot, and why the last contacts had none.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from insole.blocks import (
    BoolArray,
    ContactTable,
    FloatArray,
    Gauge,
    Health,
    IntArray,
    KeyNumber,
    Side,
    Status,
)
from insole.device import MASKS, Device
from insole.pipeline.rolling import (
    FEET,
    STATUS_OF,
    codes_of,
    of_feet,
    running,
    statuses,
    step_times_ms,
    values_of,
    window_statuses,
)
from insole.pipeline.statistics import (
    MIN_CONTACTS,
    ROLLING_CONTACTS,
    Z_95,
    Estimate,
    mean_interval,
    median_interval,
    shares_of_few,
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
_COLUMNS = tuple(figure.column for figure in FIGURES)
_CADENCE = Figure("cadence_spm", "step_time_ms", "steps/min", "cadence")
_SERIES: tuple[tuple[Figure, Side | None], ...] = (
    *((figure, side) for figure in FIGURES for side in FEET),
    (_CADENCE, None),
)
_COUNT = len(_SERIES)
_IS_MEAN, _IS_MEDIAN, _IS_SHARE, _IS_CADENCE = (
    np.array([figure.statistic == statistic for figure, _ in _SERIES])
    for statistic in ("mean", "median", "share", "cadence")
)
_HAS_GAIN, _HAS_TOE_OFF = (np.array([getattr(figure, name) for figure, _ in _SERIES]) for name in ("gain", "toe_off"))
_FROM, _UNDER = (np.array([getattr(figure, name) for figure, _ in _SERIES]) for name in ("low", "high"))
_DIFFERENCES = tuple(f"{metric}_asymmetry" for metric in GAUGES)
_DIFFERENCE_COLUMNS = tuple(f"{name}{end}" for name in _DIFFERENCES for end in ("", "_low", "_high"))
_OK = float(Status.OK)
_UNKNOWN = [math.nan] * 3


class Numbers:
    """Figures over the last contacts.

    A contact is one foot's: the figures of the other foot, and all until the next contact, are handed out as they were.

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
        # The last values of each series and their statuses; statuses of the last contacts, with or without a value.
        self._values, self._codes, self._verdicts = (np.full((_COUNT, ROLLING_CONTACTS), np.nan) for _ in range(3))
        self._counts = np.zeros(_COUNT, np.int64)
        self._statuses = np.full(_COUNT, int(Status.FEW_CONTACTS))
        self._differences = dict.fromkeys(GAUGES, (_UNKNOWN, int(Status.FEW_CONTACTS)))
        u_cal = [self._devices[side].u_cal if side in self._devices else math.nan for side in FEET]
        self._u_cal = np.array([*u_cal * len(FIGURES), math.nan])
        self._silent: dict[Side, bool] = {}
        self._stale = np.ones(_COUNT, np.bool_)  # series with other values than their numbers were made of
        self._numbers: list[KeyNumber | None] = [None] * _COUNT
        self._shown: tuple[KeyNumber, ...] = ()
        self._gauges: tuple[Gauge, ...] = ()

    def change(self, settings: Settings, calibrated: bool) -> None:
        """Other note lines or knowledge of the gains from now on."""
        self._gauges = ()
        self._limits, self._calibrated = settings.flags.limits, calibrated

    def push(self, table: ContactTable) -> None:
        """Take rows."""
        if not len(table):
            return
        every = values_of(table, (*_COLUMNS, *_DIFFERENCE_COLUMNS))
        columns, differences = every[: len(_COLUMNS)], every[len(_COLUMNS) :, -1]
        steps = np.where(running(table), step_times_ms(table), np.nan)[None]
        both = of_feet(table, np.concatenate([columns, statuses(table, _COLUMNS, columns)]))
        values, verdicts = both[: _COUNT - 1], both[_COUNT - 1 :]
        step_verdicts = np.where(np.isfinite(steps), _OK, np.nan)
        self._take(np.concatenate([values, steps]), np.concatenate([verdicts, step_verdicts]))
        codes = codes_of(table, _DIFFERENCES, int(Status.FEW_CONTACTS))[:, -1]
        found = zip(differences.reshape(-1, 3).tolist(), codes.tolist(), strict=True)
        self._differences = dict(zip(GAUGES, found, strict=True))
        self._gauges = ()

    def _take(self, values: FloatArray, verdicts: FloatArray) -> None:
        """Values and statuses of the rows, (S, k) each; NaN where a row is not of the series."""
        there = np.isfinite(verdicts)
        series = np.flatnonzero(there.any(axis=1))
        values, verdicts, there = values[series], verdicts[series], there[series]
        known = np.isfinite(values)
        values = _newest(self._values[series], values, known)
        codes = _newest(self._codes[series], verdicts, known)
        verdicts = _newest(self._verdicts[series], verdicts, there)
        self._values[series], self._codes[series], self._verdicts[series] = values, codes, verdicts
        self._counts[series] = counts = np.isfinite(values).sum(axis=1)
        self._statuses[series] = window_statuses(verdicts, codes, counts)
        self._stale[series] = True

    def state(self, health: Health | None = None) -> tuple[tuple[KeyNumber, ...], tuple[Gauge, ...]]:
        """Key numbers and gauges of the moment; those of a foot that is silent in `health` are withheld."""
        health = health if health is not None else Health()
        silent = {side: _silent_s(health, side) > SILENT_S for side in self._devices}
        if silent != self._silent:
            self._silent, self._gauges = silent, ()
            self._stale[:] = True
        stale = np.flatnonzero(self._stale)
        if len(stale):
            self._renew(stale)
            self._stale[:] = False
            self._shown = tuple(filter(None, self._numbers))
        if not self._gauges:
            any_silent = True in silent.values()
            self._gauges = tuple(self._gauge(metric, any_silent) for metric in GAUGES)
        return self._shown, self._gauges

    def _renew(self, series: IntArray) -> None:
        """Make the numbers of some series anew; without the right to be shown they have no value."""
        codes = self._statuses[series]
        fit = codes <= int(Status.LIMITED)
        estimates, settling = np.full((3, len(series)), np.nan), np.zeros(len(series), np.bool_)
        estimates[:, fit], settling[fit] = self._estimates(series[fit])
        parts = (column.tolist() for column in (series, estimates.T, codes, settling, self._counts[series]))
        for i, *rest in zip(*parts, strict=True):
            self._numbers[i] = self._number(i, *rest)

    def _number(self, series: int, estimate: list[float], code: int, settling: bool, n: int) -> KeyNumber | None:
        """The number of a series; None where it is not given at all."""
        figure, side = _SERIES[series]
        status, reason = STATUS_OF[code], ""
        if side is None:
            silent = bool(self._silent) and all(self._silent.values())
        elif side not in self._devices or not (figure.always or n):
            return None
        else:
            silent = self._silent[side]
            if code:
                reason = _reason(status, figure, self._devices[side])
            elif settling:
                status, reason = Status.LIMITED, "settling"
        if silent:
            status, reason, estimate = Status.GAP, "no data", _UNKNOWN
        value, low, high = estimate
        return KeyNumber(figure.metric, side, value, low, high, n, MIN_CONTACTS, figure.unit, status, reason)

    def _estimates(self, series: IntArray) -> tuple[FloatArray, BoolArray]:
        """Value and interval of some series, (3, S), and whether a mean still moves, (S,)."""
        values, u_cal = self._values[series], self._u_cal[series]
        means = np.array(mean_interval(values))
        found = means.copy()
        medians, shares, cadence = _IS_MEDIAN[series], _IS_SHARE[series], _IS_CADENCE[series]
        found[:, medians] = median_interval(values[medians])
        found[:, shares] = _shares_pct(values[shares], _FROM[series][shares], _UNDER[series][shares])
        # A mean that still moves has few effective contacts and an interval wider than anybody would believe.
        settling = _IS_MEAN[series] & (found[2] - found[0] > SETTLED_SHARE * np.abs(found[0]))
        gain_half = Z_95 * u_cal * np.abs(found[0])
        toe_off_half = np.where(u_cal > 0, TOE_OFF_MS, PLATE_TOE_OFF_MS)
        has_gain, has_toe_off = _HAS_GAIN[series], _HAS_TOE_OFF[series]
        half = np.hypot(np.where(has_gain, gain_half, 0.0), np.where(has_toe_off, toe_off_half, 0.0))
        found = np.where(has_gain | has_toe_off, with_systematic(Estimate(*found), half), found)
        # Cadence is 60 / mean step time; the bounds change places as the step time is turned over.
        found[:, cadence] = 60e3 / means[:, cadence][[0, 2, 1]]
        return found, settling

    def _gauge(self, metric: str, silent: bool) -> Gauge:
        line, magnitude = GAUGES[metric]
        first = len(FEET) * _FIGURE_OF[metric]
        n_left, n_right = self._counts[first : first + len(FEET)].tolist()
        (value, low, high), code = self._differences[metric]
        status = STATUS_OF[code]
        if math.isnan(value):
            status = STATUS_OF[self._statuses[first : first + len(FEET)].max()]
            status = status if status > Status.LIMITED else Status.NOT_COMPUTED  # one foot has not come for a while
        if silent:
            value = low = high = math.nan
            status = Status.GAP
        note_line_pct: float = getattr(self._limits, line) if line else math.nan
        return Gauge(
            metric, value, low, high, n_left, n_right, note_line_pct, self._calibrated or not magnitude, status
        )


def _newest(carried: FloatArray, new: FloatArray, known: BoolArray) -> FloatArray:
    """The last entries of the carried, (S, width), and of the new, (S, k), where those are known: (S, width)."""
    width = carried.shape[1]
    joined = np.concatenate([carried, new], axis=1)
    if new.shape[1] == 1:  # as in a live stream
        return np.where(known, joined[:, 1:], carried)
    keep = np.concatenate([np.ones(carried.shape, np.bool_), known], axis=1)
    ends = keep.sum(axis=1).cumsum()
    newest: FloatArray = joined[keep][ends[:, None] + np.arange(-width, 0)]
    return newest


def _shares_pct(values: FloatArray, from_: FloatArray, under: FloatArray) -> FloatArray:
    """Shares of values between two bounds with their intervals, in percent: (3, S)."""
    within = ((values >= from_[:, None]) & (values < under[:, None])).sum(axis=1)
    return 100.0 * shares_of_few(within, np.isfinite(values).sum(axis=1), ROLLING_CONTACTS)


def _reason(status: Status, figure: Figure, device: Device) -> str:
    """Why it is withheld or limited, in three words."""
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
    foot = health.feet.get(side) or health.feet.get(Side.BELT)
    return 0.0 if foot is None else foot.silent_s
