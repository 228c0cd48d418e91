"""The one table of metrics: JSON, exports, report and dashboard read names, units and definitions from here.

To add a metric: write one function in the module it belongs to, and one row here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from insole.blocks import FloatArray, Status
from insole.pipeline.metrics import balance, cop, force, gait, halves, heel, plantar, strike, variants
from insole.pipeline.metrics.metric import Gap, Metric, Needs

_MODEL = "Morin 2005, J Appl Biomech 21:167"

CONTACT_METRICS: tuple[Metric, ...] = (
    Metric(
        "contact_time_ms", "Contact time", "ms",
        "toe-off minus initial contact, both where the splined force crosses the reporting threshold",
        "METRICS.md 2.1 and 5", force.contact_time_ms, ok_hz=200.0, limited_hz=100.0, gap=Gap.EVENTS,
        uncertainty=force.contact_time_u_ms, decimals=0,
    ),
    Metric(
        "peak_force_bw", "Peak force", "BW", "highest vertical force between initial contact and toe-off",
        "METRICS.md 5", force.peak_force_bw, of_body_weight=True, uncertainty=force.calibration_u_bw, decimals=2,
    ),
    Metric(
        "peak_force_n", "Peak force", "N", "highest vertical force between initial contact and toe-off",
        "METRICS.md 5", force.peak_force_n, decimals=0,
    ),
    Metric(
        "impulse_bw_s", "Impulse", "BW s", "vertical force integrated from initial contact to toe-off",
        "METRICS.md 5", force.impulse_bw_s, of_body_weight=True, gap=Gap.LOAD, decimals=3,
    ),
    Metric(
        "valr_bw_s", "Loading rate", "BW/s",
        "mean slope between 20 and 80 % of the force at the point of interest: the first instant with at least 0.75 BW "
        "and a slope under 15 BW/s (POI15)",
        f"POI15: Futrell 2018, MSSE 50:1837 [M]; Johnson 2020, AJSM 48:3072. Force-based 20-80 %: {variants.SCHMIDA}",
        force.valr_bw_s, ok_hz=200.0, limited_hz=100.0, gap=Gap.HARMLESS, of_body_weight=True, absent=Status.NO_POI,
        status=force.valr_status, uncertainty=force.valr_u_bw_s,
    ),
    Metric(
        "vilr_bw_s", "Instantaneous loading rate", "BW/s",
        "steepest slope (1 ms) within the 20-80 % region of the loading rate", "METRICS.md 3.3",
        force.vilr_bw_s, ok_hz=200.0, limited_hz=200.0, gap=Gap.HARMLESS, of_body_weight=True, absent=Status.NO_POI,
        status=force.vilr_status,
    ),
    Metric(
        "poi_pct", "Point of interest", "% of stance",
        "place in stance of the point of interest of the loading rate; above 20 % there is no early transient: such "
        "steps are comparable only with each other", "METRICS.md 3.3", force.poi_pct, ok_hz=200.0, limited_hz=100.0,
        gap=Gap.EVENTS, absent=Status.NO_POI, status=force.valr_status,
    ),
    *variants.ROWS,
    Metric(
        "impact_peak_bw", "Impact peak", "BW",
        "first local maximum within min(75 ms, 35 % of stance) that a dip of at least 0.02 BW follows",
        "METRICS.md 3.3", force.impact_peak_bw, ok_hz=200.0, limited_hz=200.0, of_body_weight=True,
        absent=Status.NO_TRANSIENT, status=variants.rise_status, decimals=2,
    ),
    Metric(
        "time_to_impact_peak_ms", "Time to impact peak", "ms", "initial contact to the impact peak", "METRICS.md 3.3",
        force.time_to_impact_peak_ms, ok_hz=200.0, limited_hz=200.0, absent=Status.NO_TRANSIENT,
        status=variants.rise_status,
    ),
    Metric(
        "active_peak_bw", "Active peak", "BW",
        "highest force after the later of the point of interest and a quarter of stance", "METRICS.md 3.3",
        force.active_peak, part=0, of_body_weight=True, decimals=2,
    ),
    Metric(
        "active_peak_pct", "Active peak, place", "% of stance", "place in stance of the active peak", "METRICS.md 3.3",
        force.active_peak, part=1,
    ),
    Metric(
        "strike_index_pct", "Strike index", "%",
        "force-weighted centre of pressure of the first 20 ms (ending early at 0.30 BW, at least two frames), in "
        "percent of insole length from the heel: rearfoot under 33.3, forefoot over 66.7",
        "Cavanagh & Lafortune 1980, J Biomech 13:397", strike.strike_index_pct, ok_hz=200.0, limited_hz=100.0,
        gap=Gap.HARMLESS, needs=Needs.ALONG, status=strike.strike_status, decimals=0,
    ),
    Metric(
        "first_region_pct", "First region to carry body weight", "%",
        "region that first carries one body weight in the first half of stance: 0 for the heel, 50 for the midfoot, "
        "100 for the forefoot; tells the strike of insoles with too few cells for a strike index",
        "Hata 2025, Sensors 25:4417", strike.first_region_pct, ok_hz=200.0, limited_hz=100.0, needs=Needs.CELLS,
        region="heel", of_body_weight=True, absent=Status.UNDER_BODY_WEIGHT, decimals=0,
    ),
    Metric(
        "onset_difference_ms", "Onset, heel minus forefoot", "ms",
        "time at which the heel first carries 0.03 body weights minus that of the forefoot; negative: heel first",
        "Cheung 2017, PLoS ONE 12:e0175724", strike.onset_difference_ms, ok_hz=250.0, limited_hz=200.0,
        needs=Needs.CELLS, region="heel", signed=True, decimals=0,
    ),
    *plantar.ROWS,
    *halves.ROWS,
    *heel.ROWS,
    *cop.ROWS,
    *balance.ROWS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PairMetric:
    """A metric between contacts: one row, as `Metric`, measured from a contact and the ones before it.

    `both_feet`: needs the feet's clocks against each other; `needs_mass`: the runner's body mass.
    """

    name: str
    title: str
    unit: str
    definition: str
    source: str
    measure: Callable[[gait.Pairs], FloatArray]
    ok_hz: float
    limited_hz: float
    both_feet: bool = False
    needs_mass: bool = False
    absent: Status = Status.NO_PREVIOUS_CONTACT
    signed: bool = False
    decimals: int = 0


PAIR_METRICS: tuple[PairMetric, ...] = (
    PairMetric(
        "step_time_ms", "Step time", "ms", "initial contact minus the previous one of the other foot", "METRICS.md 5",
        gait.step_time_ms, ok_hz=50.0, limited_hz=25.0, both_feet=True,
    ),
    PairMetric(
        "stride_time_ms", "Stride time", "ms", "initial contact minus the previous one of the same foot",
        "METRICS.md 5", gait.stride_time_ms, ok_hz=50.0, limited_hz=25.0,
    ),
    PairMetric(
        "flight_time_ms", "Flight time", "ms", "initial contact minus the previous toe-off of the other foot",
        "METRICS.md 5", gait.flight_time_ms, ok_hz=200.0, limited_hz=100.0, both_feet=True,
    ),
    PairMetric(
        "swing_time_ms", "Swing time", "ms", "initial contact minus the previous toe-off of the same foot",
        "METRICS.md 5", gait.swing_time_ms, ok_hz=200.0, limited_hz=100.0,
    ),
    PairMetric(
        "duty_factor", "Duty factor", "", "contact time of the contact that opened the stride, over stride time",
        "METRICS.md 5", gait.duty_factor, ok_hz=200.0, limited_hz=100.0, decimals=3,
    ),
    PairMetric(
        "modelled_peak_force_bw", "Peak force of the model", "BW",
        "half-sine model: (pi / 2) (flight time / contact time + 1); far from the measured peak force, body mass, "
        "calibration or events are off", _MODEL, gait.modelled_peak_force_bw, ok_hz=100.0, limited_hz=50.0,
        both_feet=True, decimals=2,
    ),
    PairMetric(
        "vertical_stiffness_kn_m", "Vertical stiffness", "kN/m",
        "half-sine model: modelled peak force over the drop of the centre of mass in contact", _MODEL,
        gait.vertical_stiffness_kn_m, ok_hz=100.0, limited_hz=50.0, both_feet=True, needs_mass=True, decimals=1,
    ),
    PairMetric(
        "leg_stiffness_kn_m", "Leg stiffness", "kN/m",
        "half-sine model: modelled peak force over the shortening of a leg of 0.53 body height; level ground only",
        f"{_MODEL}; leg length share from public code", gait.leg_stiffness_kn_m, ok_hz=100.0,
        limited_hz=50.0, both_feet=True, needs_mass=True,
        absent=Status.NO_SPEED_OR_HEIGHT, decimals=1,
    ),
    PairMetric(
        "vertical_oscillation_mm", "Vertical oscillation", "mm",
        "half-sine model: drop of the centre of mass in contact plus rise in flight", _MODEL,
        gait.vertical_oscillation_mm, ok_hz=100.0, limited_hz=50.0, both_feet=True, needs_mass=True,
    ),
)  # fmt: skip

METRICS: tuple[Metric | PairMetric, ...] = (*CONTACT_METRICS, *PAIR_METRICS)
METRIC_BY_NAME = {metric.name: metric for metric in METRICS}
