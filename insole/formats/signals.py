"""Columns of a table as signals of feet: what the generic force table, OpenSim files and user profiles have in common.

The table is read twice, once for the clock and the range of values, once for the frames.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from insole.blocks import FloatArray, IntArray, Side
from insole.device import Device
from insole.errors import FormatError
from insole.formats.clock import Clock, FrameNumbers, nominal_hz, survey
from insole.formats.findings import Findings
from insole.formats.quantise import fitted_range
from insole.formats.reading.table import Rows, Table
from insole.formats.vendor import Foot, Samples

MAX_KPA = 20_000.0
"""Nothing a foot does reaches this, in kPa or, as the one cell of a force signal, in newtons."""

_UPSIDE_DOWN = (-200.0, 50.0)


@dataclass(frozen=True, slots=True)
class Signal:
    """One foot's columns.

    Parameters
    ----------
    columns : tuple of int
        Positions from 0, one a cell.
    kpa_per_unit : float
        kPa (newtons for a force device) of a 1 in the file.
    device : Device
        The insole or plate; rate, scale and offset are fitted to the file.
    """

    columns: tuple[int, ...]
    kpa_per_unit: float
    device: Device


@dataclass(frozen=True, slots=True)
class Timing:
    """How a table tells time: a column in some unit, or a rate and no lost rows."""

    column: int | None = None
    seconds_per_unit: float = 1.0
    rate_hz: float | None = None


def open_signals(
    table: Table, timing: Timing, signals: Mapping[Side, Signal], findings: Findings
) -> tuple[dict[Side, Foot], Iterator[Samples]]:
    """Feet and their frames.

    Parameters
    ----------
    table : Table
    timing : Timing
        With a column, or a rate.
    signals : mapping of Side to Signal
    findings : Findings

    Returns
    -------
    feet : dict of Side to Foot
    frames : iterator of Samples

    Raises
    ------
    FormatError
        Time stamps that make no clock, or a force that is negative under load.
    """
    path = table.text.path
    time = [] if timing.column is None else [timing.column]
    columns = [*time, *(c for signal in signals.values() for c in signal.columns)]
    widths = [len(signal.columns) for signal in signals.values()]
    edges = np.cumsum([len(time), *widths])
    parts = {side: slice(a, b) for side, a, b in zip(signals, edges[:-1], edges[1:], strict=True)}
    low = dict.fromkeys(signals, 0.0)
    high = dict.fromkeys(signals, 0.0)

    def values_of(rows: Rows, side: Side) -> FloatArray:
        kpa = rows.values[:, parts[side]] * signals[side].kpa_per_unit
        kpa[np.abs(kpa) > MAX_KPA] = np.nan
        return kpa

    def stamps() -> Iterator[tuple[IntArray, FloatArray]]:
        for rows in table.rows(columns, Findings()):
            for side in signals:
                kpa = values_of(rows, side)
                low[side] = min(low[side], float(np.nanmin(kpa, initial=0.0)))
                high[side] = max(high[side], float(np.nanmax(kpa, initial=0.0)))
            yield rows.line, rows.values[:, 0] * timing.seconds_per_unit

    if timing.column is not None:
        clock, period_s = survey(path, stamps())
    else:
        period_s = 1.0 / (timing.rate_hz or 1.0)
        clock = Clock(0.0, period_s)
        if not sum(1 for _ in stamps()):
            raise FormatError(path, "no rows of numbers", table.first_line)
    feet = {}
    for side, signal in signals.items():
        if signal.device.n_cells == 1 and low[side] < _UPSIDE_DOWN[0] and high[side] < _UPSIDE_DOWN[1]:
            column = signal.columns[0] + 1
            raise FormatError(path, f"column {column} is negative under load: give forces with upward positive")
        step, offset = fitted_range(low[side], high[side])
        scale = np.full(signal.device.n_cells, step)
        device = signal.device.with_changes(rate_hz=nominal_hz(period_s), scale_kpa=scale, offset_counts=offset)
        feet[side] = Foot(device, clock)

    def frames() -> Iterator[Samples]:
        numbers = FrameNumbers(path, period_s, findings)
        for rows in table.rows(columns, findings):
            if timing.column is None:
                keep, number = np.ones(len(rows.line), np.bool_), rows.line - table.first_line
            else:
                keep, number = numbers.number(rows.line, rows.values[:, 0] * timing.seconds_per_unit)
            for side in signals:
                kpa = values_of(rows, side)[keep]
                wild = np.isnan(kpa) & ~np.isnan(rows.values[keep, parts[side]])
                findings.add(f"values beyond {MAX_KPA:g}: left out", np.count_nonzero(wild))
                yield Samples(side, number, kpa)

    return feet, frames()
