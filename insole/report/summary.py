"""Analysis -> the JSON document of `insole analyze --json`: plain values, NaN as null, keys that stay.

Everything else that reports an analysis (the terminal summary) reads this document, so that all say the same.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

import insole
from insole.analysis import Analysis
from insole.blocks import ContactTable, Flag, FloatArray, FootHealth, Health, Kind, LinkHealth, Quality, Side, Status
from insole.checking import clocks_of_feet
from insole.pipeline import METRICS
from insole.pipeline.bouts import reason
from insole.pipeline.metrics.metric import Metric
from insole.pipeline.metrics.strike import borderline, strike_class
from insole.pipeline.statistics import (
    Summary,
    cadence_summary,
    session_asymmetry_pct,
    session_difference,
    stride_pairs,
    summary,
)
from insole.report.doubts import doubts
from insole.settings import Calibration

SCHEMA = 1
NO_RUNNING = "no running contacts were found: the running metrics are empty"
FEET = (Side.LEFT, Side.RIGHT)
STRIKE_INDEX = "strike_index_pct"
FIRST_REGION = "first_region_pct"  # tells the strike where there are too few cells for an index
STRIKE_CLASSES = ("rearfoot", "midfoot", "forefoot")
SKEWED_SHARE = 0.2
METRICS_AT_ONCE = 8  # of the bootstrap: however long the session is, memory stays small beside the table


def document(analysis: Analysis, file: str) -> dict[str, Any]:
    """What was found in one file.

    Parameters
    ----------
    analysis : Analysis
    file : str
        The name it goes by.

    Returns
    -------
    dict
        The document of schema 1: plain values only, NaN as None. Statistics are over valid running contacts, 95 %
        intervals of means by t with the effective number of contacts (METRICS.md 7.2), of differences between the feet
        by the moving-block bootstrap of the session.
    """
    header, running = analysis.header, analysis.contacts.running()
    device = next(iter(header.feet.values()))
    values = {
        "schema": SCHEMA,
        "software": insole.__version__,
        "file": file,
        "device": {"name": device.name, "rate_hz": device.rate_hz, "cells": device.n_cells},
        "duration_s": analysis.duration_s,
        "body_mass_kg": header.runner.body_mass_kg,
        "body_mass_source": header.runner.body_mass_source if header.runner.body_mass_kg is not None else None,
        "calibration": _calibration(header.settings.calibration),
        "health": _health(analysis.health),
        "links": {str(number): asdict(link) for number, link in sorted(analysis.health.links.items())},
        "clocks": clocks_of_feet(analysis.health),
        "contacts": _contacts(analysis.contacts),
        "cadence_spm": _figures(_cadence(running)),
        "metrics": dict(_metrics(analysis, running)),
        "strike": {side.label: _strike(running, side) for side in FEET},
        "strike_by": {side.label: _strike_by(running, side) for side in FEET},
        "strike_borderline": {side.label: _borderline(running, side) for side in FEET},
        "flags": [_flag(flag) for flag in analysis.flags],
        "cues": {
            "count": analysis.cues.given,
            "withheld": analysis.cues.withheld,
            "median_ms": analysis.cues.median_ms,
            "p99_ms": analysis.cues.p99_ms,
        },
        "warnings": [*analysis.warnings, *doubts(running), *(() if len(running) else (NO_RUNNING,))],
    }
    plain_values: dict[str, Any] = _without_nan(values)
    return plain_values


def to_json(documents: dict[str, Any] | list[dict[str, Any]]) -> str:
    """One document, or an array of them, as text that every JSON reader takes."""
    return json.dumps(documents, indent=1, allow_nan=False)


def _calibration(calibration: Calibration) -> dict[str, Any]:
    """Gains in force at the end of the recording, 1 where none was found."""
    return {
        "gain_left": calibration.gain_left,
        "gain_right": calibration.gain_right,
        "left_right_known": calibration.lr_known,
        "zeroed_left": calibration.zero_left_kpa is not None,
        "zeroed_right": calibration.zero_right_kpa is not None,
    }


def _health(health: Health) -> dict[str, Any]:
    """Counts by foot. What was damaged on a link that both feet share has no side: null here, counted in `links`."""
    out: dict[str, Any] = {}
    for side in FEET:
        foot = health.feet.get(side, FootHealth())
        number = health.foot_links.get(side)
        shared = number is not None and list(health.foot_links.values()).count(number) > 1
        link = health.links[number] if number is not None else LinkHealth()
        out[side.label] = {
            "frames": foot.frames,
            "lost": foot.lost,
            "duplicate": foot.duplicate,
            "late": foot.late,
            "faulty_cells": list(foot.faulty_cells),
            "bad_crc": None if shared else link.bad_crc,
            "skipped_bytes": None if shared else link.skipped_bytes,
        }
    return out


def _contacts(table: ContactTable) -> dict[str, Any]:
    running = {side.label: len(table.running(side)) for side in FEET}
    others = table.rows(table.kind != Kind.RUN)
    reasons = Counter(
        reason(Kind(k), Quality(q)) for k, q in zip(others.kind.tolist(), others.quality.tolist(), strict=True)
    )
    return {**running, "rejected": dict(reasons.most_common())}


def _cadence(running: ContactTable) -> Summary:
    """Over the steps of both feet; over half strides where one foot was measured."""
    if len(np.unique(running.side)) == 1:
        return cadence_summary(running.columns["stride_time_ms"] / 2)
    return cadence_summary(running.columns.get("step_time_ms", np.empty(0)))


def _figures(of: Summary) -> dict[str, Any]:
    return {"mean": of.mean, "sd": of.sd, "n": of.n, "ci95_low": of.low, "ci95_high": of.high}


def _metrics(analysis: Analysis, running: ContactTable) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each metric of the table with both feet and their difference."""
    header = analysis.header
    gaps = dict(_differences(running))
    gains_known = header.settings.calibration.lr_known or all(foot.lr_calibrated for foot in header.feet.values())
    for metric in METRICS:
        row: dict[str, Any] = {"unit": metric.unit, "title": metric.title, "definition": metric.definition}
        for side in FEET:
            row[side.label] = _one_foot(running, side, metric.name)
        value, low, high = gaps[metric.name]
        row["asymmetry" if metric.signed else "asymmetry_pct"] = {
            "value": value,
            "ci95_low": low,
            "ci95_high": high,
            "calibrated": gains_known or not _hangs_on_gain(metric),
        }
        yield metric.name, row


def _differences(running: ContactTable) -> Iterator[tuple[str, FloatArray]]:
    """Each metric's left-right difference: value, low and high."""
    for difference, signed in ((session_difference, True), (session_asymmetry_pct, False)):
        names = [metric.name for metric in METRICS if metric.signed is signed]
        for first in range(0, len(names), METRICS_AT_ONCE):
            some = names[first : first + METRICS_AT_ONCE]
            yield from zip(some, np.array(difference(*stride_pairs(running, some))).T, strict=True)


def _hangs_on_gain(metric: object) -> bool:
    """Whether an unknown gain of one insole against the other shifts the difference (METRICS.md 1.4)."""
    return isinstance(metric, Metric) and any(unit in metric.unit for unit in ("BW", "N", "kPa"))


def _one_foot(running: ContactTable, side: Side, name: str) -> dict[str, Any]:
    """Figures of one metric on one foot, and whether they may be used.

    'limited' when most values are, or when the metric could be measured on fewer than half of the contacts. Where the
    steepest contacts are withheld for too few samples in the rise, the mean of the others would be too low: it is not
    given once that happens to more than a fifth of them.
    """
    values, status = _of_foot(running, side, name)
    figures = summary(values)
    absent = Counter(status[~np.isfinite(values)].tolist())
    absent.pop(int(Status.OK), None)
    why_absent = Status(absent.most_common(1)[0][0]).text if absent else Status.NOT_COMPUTED.text
    if not len(values):
        quality, why = "not_measured", "no running contacts"
    elif not figures.n:
        quality, why = "not_measured", why_absent
    elif absent[Status.FEW_SAMPLES_IN_RISE] > SKEWED_SHARE * len(values):
        few = absent[Status.FEW_SAMPLES_IN_RISE]
        quality, why = "not_measured", f"too few samples in the rise of {few} of {len(values)} contacts"
        figures = summary(np.empty(0))
    elif 2 * figures.n < len(values):
        quality, why = "limited", f"{why_absent} in {len(values) - figures.n} of {len(values)} contacts"
    elif 2 * np.count_nonzero(status[np.isfinite(values)] == Status.LIMITED) > figures.n:
        quality, why = "limited", Status.LIMITED.text
    else:
        quality, why = "ok", None
    return {**_figures(figures), "quality": quality, "reason": why}


def _of_foot(running: ContactTable, side: Side, name: str) -> tuple[FloatArray, npt.NDArray[np.uint8]]:
    """Values and statuses of one metric; none where the table has no such column."""
    if name not in running.columns:
        return np.empty(0), np.empty(0, np.uint8)
    own = running.side == side
    return running.columns[name][own], running.status[name][own]


def _strike(running: ContactTable, side: Side) -> dict[str, float]:
    """Share of each class among the contacts that have one."""
    classes = strike_class(_of_foot(running, side, _strike_by(running, side))[0])
    known = np.count_nonzero(classes != "")
    return {name: np.count_nonzero(classes == name) / known if known else math.nan for name in STRIKE_CLASSES}


def _strike_by(running: ContactTable, side: Side) -> str:
    """The metric that tells the strike of these contacts."""
    _, status = _of_foot(running, side, STRIKE_INDEX)
    return FIRST_REGION if (status == Status.TOO_FEW_CELLS).any() else STRIKE_INDEX


def _borderline(running: ContactTable, side: Side) -> float:
    """Share of the contacts with a class that are too close to a border to be sure of it."""
    index, _ = _of_foot(running, side, STRIKE_INDEX)
    index = index[np.isfinite(index)]
    return float(borderline(index).mean()) if len(index) else math.nan


def _flag(flag: Flag) -> dict[str, Any]:
    return {
        "rule": flag.rule,
        "state": flag.state.name.lower(),
        "side": None if flag.side is None else flag.side.label,
        "metric": flag.metric or None,
        "from_s": flag.from_s,
        "to_s": flag.to_s,
        "value": flag.value,
        "ci95_low": flag.low,
        "ci95_high": flag.high,
        "limit": flag.limit,
        "unit": flag.unit,
        "evidence": flag.evidence,
        "text": flag.text,
    }


def _without_nan(value: Any) -> Any:
    """Plain values with None for what is not a number."""
    if isinstance(value, dict):
        return {str(key): _without_nan(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(item) for item in value]
    if isinstance(value, float):  # numpy's float64 is one, too
        return float(value) if math.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value
