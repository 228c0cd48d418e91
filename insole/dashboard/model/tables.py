"""Tables of the views: loading rates by every definition, loads so far, strike pattern, every metric. No Qt.

In: the scene. Out: frozen texts; what may not be shown is a dash.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from insole.blocks import KeyNumber, Side, Status
from insole.dashboard.model.readings import reading, withheld
from insole.dashboard.model.scene import FEET, Link, Scene
from insole.dashboard.model.words import DASH, NumberStyle
from insole.pipeline.metrics.metric import Metric
from insole.pipeline.metrics.table import PairMetric

DEFINITION_NAMES = {
    "valr_bw_s": "VALR to POI (shown)",
    "valr_13_bw_s": "VALR to 13 % of stance",
    "valr_13_t_bw_s": "VALR by time, to 13 %",
    "valr_ip_bw_s": "VALR to impact peak",
    "valr_t2080_bw_s": "VALR by time, to peak",
    "lr_ic_ip_bw_s": "Contact to impact peak",
    "lr_3_12_bw_s": "3–12 % of stance",
    "lr_200n_90_bw_s": "200 N to 90 % of peak",
    "vilr_bw_s": "VILR, steepest point",
    "vilr_ip_bw_s": "VILR to impact peak",
}
STRIKES = (("rearfoot_pct", "Rearfoot"), ("midfoot_pct", "Midfoot"), ("forefoot_pct", "Forefoot"))


@dataclass(frozen=True, slots=True)
class PairRow:
    """A name and a value of each foot."""

    name: str
    left: str
    right: str


def definition_rows(scene: Scene, style: NumberStyle) -> tuple[PairRow, ...]:
    """Medians of the same 60 contacts by every definition."""
    numbers = {
        (n.metric, n.side): n
        for side, recent in scene.recent.items()
        if scene.link(side) is not Link.LOST
        for n in recent.medians
    }
    return tuple(
        PairRow(name, *(_median(numbers.get((metric, side)), style) for side in FEET))
        for metric, name in DEFINITION_NAMES.items()
    )


def _median(number: KeyNumber | None, style: NumberStyle) -> str:
    if number is None or withheld(number) is not None:
        return DASH
    if number.status == Status.LIMITED:
        return f"≈ {style.number(number.value, 0)}"
    return style.number(number.value, 1)


def definitions_note(scene: Scene) -> str:
    """Why some of them are missing: the reason that most have."""
    reasons = [
        withheld(number) or ""
        for side, recent in scene.recent.items()
        if scene.link(side) is not Link.LOST
        for number in recent.medians
    ]
    known = [reason for reason in reasons if reason]
    return f"{DASH} {max(known, key=known.count)}" if known else ""


def load_rows(scene: Scene, style: NumberStyle) -> tuple[PairRow, ...]:
    """Sums since the start, and the doses of the feet in relation to each other."""
    loads = [scene.loads.get(side) for side in FEET]
    doses = [load.dose for load in loads if load is not None]
    both = sum(doses) if len(doses) == len(FEET) else 0.0

    def row(name: str, attribute: str, digits: int) -> PairRow:
        values = [
            DASH if load is None or not load.measured else style.number(getattr(load, attribute), digits)
            for load in loads
        ]
        return PairRow(name, *values)

    contacts = PairRow("Contacts", *(style.number(0 if load is None else load.contacts, 0) for load in loads))
    shares = [style.number(100.0 * load.dose / both, 0) if load is not None and both > 0 else DASH for load in loads]
    return (
        contacts,
        row("Impulse, BW·s", "impulse_bw_s", 0),
        row("Peaks, BW", "peaks_bw", 0),
        PairRow("Peaks, 4th power, %", *shares),
    )


def load_note(scene: Scene) -> str:
    """Contacts that the sums leave out, and why nothing adds up without a body mass."""
    if scene.runner.body_mass_kg is None:
        return "needs the body mass"
    missing = sum(load.contacts - load.measured for load in scene.loads.values())
    return f"{missing} contacts without a value left out" if missing else ""


def strike_rows(scene: Scene, style: NumberStyle) -> tuple[PairRow, ...]:
    """Share of the last contacts that land on each part of the foot."""
    return tuple(PairRow(name, *(reading(scene, metric, s, style).value for s in FEET)) for metric, name in STRIKES)


def metric_rows(metrics: Sequence[Metric | PairMetric], scene: Scene, style: NumberStyle) -> tuple[PairRow, ...]:
    """What the last running contact of each foot has of some metrics."""
    return tuple(
        PairRow(
            f"{metric.title}, {metric.unit}" if metric.unit else metric.title,
            *(_of_last_contact(scene, side, metric, style) for side in FEET),
        )
        for metric in metrics
    )


def _of_last_contact(scene: Scene, side: Side, metric: Metric | PairMetric, style: NumberStyle) -> str:
    contact = scene.last_contacts.get(side)
    if contact is None or side not in scene.linked or metric.name not in contact.columns:
        return DASH
    value = style.number(float(contact.columns[metric.name][0]), metric.decimals)
    limited = metric.name in contact.status and contact.status[metric.name][0] == Status.LIMITED
    return f"≈ {value}" if limited and value != DASH else value
