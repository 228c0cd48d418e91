"""Timelines of loading rates and what flags come of them, for the tests of flags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from contact_rows import left_right, running_rows
from numpy.typing import ArrayLike

from insole.blocks import ContactTable, Flag, FlagState, Side, Status
from insole.device import Device, force_device
from insole.pipeline.asymmetry import Asymmetry
from insole.pipeline.flags import Flags, SignalState
from insole.settings import Settings

PLATE = force_device("plate", 1000.0, 1.0)
PLATES = {Side.LEFT: PLATE, Side.RIGHT: PLATE}
WATCH, ON = FlagState.WATCH, FlagState.ON

Outcome = tuple[tuple[Flag, ...], tuple[Flag, ...]]  # ended, still up


def judged(
    table: ContactTable,
    signals: Sequence[SignalState] = (),
    *,
    settings: Settings | None = None,
    feet: dict[Side, Device] = PLATES,
    calibrated: bool = True,
) -> Outcome:
    flags = Flags(settings or Settings(), feet, calibrated)
    ended = flags.push(table, signals) + flags.finish()
    return ended, flags.active


def rates(*levels: tuple[int, float], start_s: float = 0.0) -> ContactTable:
    """Lower bounds of the left loading rate, each for some seconds, judged once a second; 5 below the median."""
    low = np.repeat([level for _, level in levels], [seconds for seconds, _ in levels])
    return medians(low + 5.0, low, low + 11.0, start_s=start_s)


def medians(value: ArrayLike, low: ArrayLike, high: ArrayLike, *, start_s: float = 0.0) -> ContactTable:
    """Left contacts once a second whose rolling median is given; right contacts in between, with 40 ± 1 BW/s."""
    value = np.asarray(value)
    k = 2 * len(value)
    columns = {
        f"valr_bw_s_median60{end}": left_right(k, np.repeat(left, 2), right)
        for end, left, right in (("", value, 40.0), ("_low", low, 39.0), ("_high", high, 41.0))
    }
    table = running_rows(k, columns, start_s=start_s, step_s=0.5)
    return replace(table, status={"valr_bw_s_median60": np.full(k, Status.OK, np.uint8)})


def spans(flags: Sequence[Flag]) -> list[tuple[str, FlagState, float, float]]:
    return [(flag.rule, flag.state, flag.from_s, flag.to_s) for flag in flags]


def with_rolling(k: int, **columns: ArrayLike) -> ContactTable:
    """k running contacts, every column with a little noise, with their rolling columns."""
    random = np.random.default_rng(1)
    noisy = {name: np.asarray(c) * (1 + 0.01 * random.standard_normal(k)) for name, c in columns.items()}
    return Asymmetry(calibrated=True).push(running_rows(k, noisy))


def eventful(seed: int) -> tuple[ContactTable, list[SignalState]]:
    """Nine minutes in which flags of several rules come and go, with pauses of the runner and faults of the signal."""
    random = np.random.default_rng(seed)
    k = 1500
    level = np.repeat(random.choice([60.0, 68.0, 74.0, 90.0], 15), 100)
    columns = {
        "valr_bw_s": level * left_right(k, 1.0, random.choice([0.6, 1.0])) * np.exp(0.05 * random.standard_normal(k)),
        "contact_time_ms": left_right(k, 250.0, 270.0) + 3 * random.standard_normal(k),
        "peak_pressure_kpa_heel": np.linspace(250, 350, k) + 5 * random.standard_normal(k),
        "step_time_ms": np.full(k, 350.0),
        "k_dyn": np.where(random.random(k) < 0.002, 1.2, 1.0),
    }
    table = running_rows(k, columns)
    stops = np.repeat(random.choice([0.0, 0.0, 0.0, 20.0, 50.0], 15), 100)
    pause = np.cumsum(np.where(np.arange(k) % 100 == 0, stops, 0.0))
    table = Asymmetry(calibrated=True).push(replace(table, strike_s=table.strike_s + pause))
    loss = np.repeat(random.choice([0.1, 0.1, 0.1, 1.9, 4.0], 200), 10)
    heard = np.repeat(random.random(40) < 0.7, 100)  # of 50 s each: longer than a fault is kept
    signals = [
        SignalState(0.5 * i, side, loss_pct=float(loss[i]))
        for i in range(int(2 * table.strike_s[-1]) + 1)
        for side in (Side.LEFT, Side.RIGHT)
        if heard[i]
    ]
    return table, signals
