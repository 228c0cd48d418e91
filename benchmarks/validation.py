"""`make validate`: error against truth, by sampling rate, noise, loss, cells and runner, including where it is bad.

In: synthetic runs (METRICS.md 11.4), analysed by the same pipeline as everything else. Out: `Outcome`s, of which
validation_page makes one page, build/validation.html. Times, peaks, loading rate and strike index are held against the
truth of the simulation; what that does not know, against the same contacts as an ideal insole sees them: 500 Hz, no
noise, drift, lacing or loss, the same cells.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.validation_page import page
from insole.blocks import ContactTable, FloatArray, IntArray, Kind, Side
from insole.pipeline import Pipeline
from insole.sources.synthetic import SyntheticOptions, simulate

SECONDS = 60.0
RUNNERS = {
    "even rearfoot, 58 BW/s": {"strike": "rearfoot", "valr_bw_s": 58.0},
    "hard rearfoot, 85 BW/s": {"strike": "rearfoot", "valr_bw_s": 85.0},
    "midfoot, 45 BW/s": {"strike": "midfoot", "valr_bw_s": 45.0},
    "forefoot, 36 BW/s": {"strike": "forefoot", "valr_bw_s": 36.0},
}
RATES_HZ = (50.0, 75.0, 100.0, 150.0, 200.0, 300.0, 500.0)
NOISE_KPA = (0.2, 0.8, 2.0, 5.0)
LOSS_PCT = (0.0, 1.0, 3.0, 10.0)
CELLS = (1, 4, 16, 32, 99, 256)
POOR = {"rate_hz": 100.0, "noise_kpa": 2.0, "loss_pct": 5.0, "cells": 16}
IDEAL = {"rate_hz": 500.0, "noise_kpa": 0.0, "offset_drift_kpa": 0.0, "preload_kpa": 0.0}
SAME_CONTACT_S = 0.08


@dataclass(frozen=True, slots=True)
class Compared:
    """A column, and whether its error is given in percent of the reference or in its own unit."""

    column: str
    unit: str


AGAINST_TRUTH = (
    Compared("contact_time_ms", "ms"),
    Compared("step_time_ms", "ms"),
    Compared("flight_time_ms", "ms"),
    Compared("peak_force_bw", "%"),
    Compared("valr_bw_s", "%"),
    Compared("strike_index_pct", "points"),
)
AGAINST_IDEAL = (
    Compared("impulse_bw_s", "%"),
    Compared("vilr_bw_s", "%"),
    Compared("impact_peak_bw", "%"),
    Compared("vertical_stiffness_kn_m", "%"),
    Compared("peak_pressure_kpa", "%"),
    Compared("peak_pressure_kpa_heel", "%"),
    Compared("pti_peak_kpa_s", "%"),
    Compared("fti_rel_pct_heel", "points"),
    Compared("heel_load_rate_bw_s", "%"),
    Compared("cop_path_mm", "%"),
    Compared("cop_ml_range_mm", "mm"),
    Compared("cpei_pct", "points"),
    Compared("mlr_contact", "1"),
    Compared("arch_index", "1"),
)


@dataclass(frozen=True, slots=True)
class Error:
    """Of single contacts: median, robust standard deviation, and the share of the valid contacts with no value."""

    median: float
    spread: float
    withheld: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many contacts came through, and the errors of those that did, by 'column, unit'."""

    true_contacts: int
    valid: int
    missing: int
    truth: dict[str, Error]
    ideal: dict[str, Error]


def outcome(seconds: float = SECONDS, **options: Any) -> Outcome:
    """Simulate, analyse, and hold every true running contact against the table."""
    table, truth = _run(seconds, **options)
    running = [contact for contact in truth if contact["kind"] == "run"]
    found = np.array([_match(table, contact) for contact in running])
    valid = (found >= 0) & (table.kind[found] == Kind.RUN)
    rows = found[valid]
    columns = _true_columns(running)
    ideal = _ideal(
        seconds, tuple(sorted((k, v) for k, v in options.items() if k not in {*POOR, *IDEAL})), options.get("cells", 32)
    )
    ideal_rows = _same(ideal, table, rows)
    return Outcome(
        len(running),
        len(rows),
        int(np.count_nonzero(found < 0)),
        {
            "initial contact, ms": _error(1e3 * (table.strike_s[rows] - columns["ic_s"][valid])),
            **{
                _name(c): _difference(c, table.columns[c.column][rows], columns[c.column][valid]) for c in AGAINST_TRUTH
            },
        },
        {
            _name(c): _difference(c, table.columns[c.column][rows], _taken(ideal.columns[c.column], ideal_rows))
            for c in AGAINST_IDEAL
        },
    )


def _run(seconds: float, **options: Any) -> tuple[ContactTable, list[dict[str, Any]]]:
    simulation = simulate(SyntheticOptions(seconds=seconds, seed=7, **options))
    header = simulation.header
    pipeline = Pipeline(header.feet, header.settings, header.runner, header.start_host_ns)
    updates = [pipeline.push(inputs) for inputs in simulation.inputs]
    return ContactTable.join([u.contacts for u in (*updates, pipeline.finish())]), simulation.truth["contacts"]


@cache
def _ideal(seconds: float, runner: tuple[tuple[str, Any], ...], cells: int) -> ContactTable:
    """The same runner on an ideal insole with as many cells."""
    return _run(seconds, **{**dict(runner), **IDEAL, "cells": cells})[0]


def _match(table: ContactTable, contact: dict[str, Any]) -> int:
    """The row that overlaps a true contact; -1 where there is none."""
    side = Side.LEFT if contact["side"] == "left" else Side.RIGHT
    rows = (table.side == side) & (table.strike_s < contact["to_s"]) & (table.toe_off_s > contact["ic_s"])
    hits = np.flatnonzero(rows)
    return int(hits[0]) if len(hits) else -1


def _same(ideal: ContactTable, table: ContactTable, rows: IntArray) -> IntArray:
    """The rows of the ideal table that are the same contacts; -1 where it has none."""
    apart = np.abs(ideal.strike_s - table.strike_s[rows, None])
    apart[ideal.side != table.side[rows, None]] = np.inf
    nearest = apart.argmin(axis=1)
    return np.where(apart[np.arange(len(rows)), nearest] < SAME_CONTACT_S, nearest, -1)


def _true_columns(contacts: list[dict[str, Any]]) -> dict[str, FloatArray]:
    """Columns of the table that follow from the truth, in its order of time."""
    order = np.argsort([contact["ic_s"] for contact in contacts])
    ic, to, valr, peak, index = (
        np.array([contacts[i][key] for i in order], np.float64)
        for key in ("ic_s", "to_s", "valr_bw_s", "peak_force_bw", "strike_index_pct")
    )
    left = np.array([contacts[i]["side"] == "left" for i in order])
    alternate = np.concatenate([[False], left[1:] != left[:-1]])
    step = np.where(alternate, np.diff(ic, prepend=np.nan), np.nan)
    flight = np.where(alternate, ic - np.concatenate([[np.nan], to[:-1]]), np.nan)
    columns = {
        "ic_s": ic,
        "contact_time_ms": 1e3 * (to - ic),
        "step_time_ms": 1e3 * step,
        "flight_time_ms": 1e3 * flight,
        "peak_force_bw": peak,
        "valr_bw_s": valr,
        "strike_index_pct": index,
    }
    back = np.argsort(order)
    return {name: values[back] for name, values in columns.items()}


def _name(compared: Compared) -> str:
    return f"{compared.column}, {compared.unit}"


def _taken(values: FloatArray, rows: IntArray) -> FloatArray:
    return np.where(rows >= 0, values[rows], np.nan)


def _difference(compared: Compared, values: FloatArray, reference: FloatArray) -> Error:
    """Contacts for which the reference has no value say nothing."""
    known = np.isfinite(reference)
    off = values[known] - reference[known]
    return _error(100.0 * off / np.abs(reference[known]) if compared.unit == "%" else off)


def _error(off: FloatArray) -> Error:
    given = off[np.isfinite(off)]
    withheld = 1.0 - len(given) / len(off) if len(off) else float("nan")
    if not len(given):
        return Error(float("nan"), float("nan"), withheld)
    median = float(np.median(given))
    return Error(median, 1.4826 * float(np.median(np.abs(given - median))), withheld)


def studies() -> Iterator[tuple[str, str, list[tuple[str, Outcome]]]]:
    """Title, what varies, and the outcomes."""
    for name, runner in RUNNERS.items():
        yield f"Sampling rate: {name}", "Hz", [(f"{hz:g}", outcome(rate_hz=hz, **runner)) for hz in RATES_HZ]
    yield "Noise of a cell, 200 Hz", "kPa", [(f"{n:g}", outcome(noise_kpa=n)) for n in NOISE_KPA]
    yield "Packets lost one by one, 200 Hz", "%", [(f"{p:g}", outcome(loss_pct=p)) for p in LOSS_PCT]
    yield "Cells of each insole, 200 Hz", "cells", [(f"{c}", outcome(cells=c)) for c in CELLS]
    yield (
        "All at once: 100 Hz, 16 cells, 2 kPa of noise, 5 % lost", "runner",
        [(str(runner["strike"]), outcome(**POOR, **runner)) for runner in list(RUNNERS.values())[1:]],
    )  # fmt: skip


if __name__ == "__main__":
    target = Path("build") / "validation.html"
    target.parent.mkdir(exist_ok=True)
    target.write_text(page(list(studies()), SECONDS), encoding="utf-8")
    print(f"written: {target}")
