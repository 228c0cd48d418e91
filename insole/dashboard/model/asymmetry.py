"""What the asymmetry view says: a row a metric with the value of each foot, the course of one of them, how to read it.

In: the scene. Out: frozen texts and plot history. Natural differences are those of METRICS.md 7.4. No Qt.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from insole.blocks import Side
from insole.dashboard.model.readings import GaugeRow, Reading, gauge_row, reading
from insole.dashboard.model.scene import COMPARED, Scene
from insole.dashboard.model.session_window import Trend, trend
from insole.dashboard.model.words import DASH, NumberStyle, metric_name

EXCURSION = "cpei_pct"  # shown, and compared with the runner's own values only
METRICS = (*COMPARED, EXCURSION)
UNITS = {
    "valr_bw_s": "BW/s",
    "peak_force_bw": "BW",
    "impulse_bw_s": "BW·s",
    "vertical_stiffness_kn_m": "kN/m",
    "fti_rel_pct_heel": "% of impulse",
    EXCURSION: "CPEI, %",
}
NATURAL_PCT = {  # symmetry index of healthy runners (Girard 2019)
    "valr_bw_s": 16.7,
    "peak_force_bw": 10.1,
    "contact_time_ms": 1.9,
    "flight_time_ms": 5.3,
    "step_time_ms": 2.2,
    "vertical_stiffness_kn_m": 27.8,
}
LONGEST_GAP_S = 6.0


@dataclass(frozen=True, slots=True)
class AsymmetryRow:
    """One metric: unit, both values, gauge. Not `comparable`: the gauge is withheld for a reason of its own."""

    metric: str
    title: str
    unit: str
    left: Reading
    right: Reading
    gauge: GaugeRow
    comparable: bool = True


def asymmetry_rows(scene: Scene, style: NumberStyle) -> tuple[AsymmetryRow, ...]:
    """All metrics that the feet are compared by, and those shown beside them."""
    return tuple(_row(scene, metric, style) for metric in METRICS if metric != EXCURSION or _excursion_known(scene))


def _excursion_known(scene: Scene) -> bool:
    return any((EXCURSION, side) in scene.numbers for side in Side)


def _row(scene: Scene, metric: str, style: NumberStyle) -> AsymmetryRow:
    left, right = (reading(scene, metric, side, style) for side in (Side.LEFT, Side.RIGHT))
    unit = UNITS.get(metric, "ms")
    if metric == EXCURSION:
        gauge = GaugeRow(metric, metric_name(metric), None, DASH, "", "withheld: no own baseline")
        return AsymmetryRow(metric, gauge.title, unit, left, right, gauge, comparable=False)
    return AsymmetryRow(metric, metric_name(metric), unit, left, right, gauge_row(scene, metric, style))


def difference_trend(scene: Scene, metric: str, pixel_s: float) -> Trend:
    """The course of a difference over the session, positive: left higher."""
    rows = scene.differences.since(-math.inf)
    name = f"{metric}_asymmetry"
    columns = (rows[name], rows[f"{name}_low"], rows[f"{name}_high"])
    return trend(rows["t_s"], *columns, pixel_s, LONGEST_GAP_S)


def how_to_read(scene: Scene, metric: str, style: NumberStyle) -> tuple[tuple[str, str], ...]:
    """Facts about the chosen metric: name and value."""
    natural = NATURAL_PCT.get(metric)
    gauge = scene.gauges.get(metric) if scene.both_feet else None
    smallest = DASH
    if gauge is not None and math.isfinite(gauge.high_pct) and math.isfinite(gauge.low_pct):
        smallest = f"{style.number((gauge.high_pct - gauge.low_pct) / 2, 1)} %"
    gains = "known" if scene.gains_known else "not known"
    return (
        ("Natural difference in healthy runners", DASH if natural is None else f"about {style.number(natural, 0)} %"),
        ("Smallest difference this run can show", smallest),
        ("Left and right gain", gains if scene.both_feet else DASH),
    )


READING = (
    "In 836 runners, asymmetry was not linked to more injuries.",
    "A note means: larger than usual, and not chance.",
    "It does not say which side is the better one.",
)
