"""What view 6 shows: A and B, and the change between them, as texts and pictures. No Qt.

In: a survey of the recording, and the moments A and B. Out: frozen texts and pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from insole.blocks import ContactShape, ContactTable, FloatArray, Marker, Side
from insole.dashboard.model.readings import NEEDED_CONTACTS
from insole.dashboard.model.scene import FEET
from insole.dashboard.model.words import DASH, NumberStyle, clock, digits_of, metric_name, plural
from insole.history.comparison import CADENCE, Change, Part, Picture, changes, conditions_of, part_at, picture
from insole.pipeline import METRIC_BY_NAME

VALUES = (
    ("peak_pressure_kpa_heel", "Peak pressure heel, kPa"),
    ("valr_bw_s", "Loading rate, BW/s"),
    ("contact_time_ms", "Contact time, ms"),
)
NAMES = {"peak_pressure_kpa_heel": "Peak pressure heel", CADENCE: "Cadence"}


@dataclass(frozen=True, slots=True, eq=False)
class PartView:
    """One side of the comparison: its moment, what it is made of, pictures and values of both feet."""

    letter: str
    head: str
    note: str
    pictures: dict[Side, Picture | None]
    values: tuple[tuple[str, dict[Side, str]], ...]


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One line: 'Loading rate, left', '+4.7', '± 5.0 %', and whether that is more than noise."""

    name: str
    side: Side | None
    value: str
    spread: str
    verdict: str
    beyond: bool


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """All of view 6 at one moment; `b` alone as long as there is no A."""

    a: PartView | None
    b: PartView
    rows: tuple[ChangeRow, ...]


def compare(
    table: ContactTable,
    shapes: Sequence[ContactShape],
    markers: Sequence[tuple[float, Marker]],
    end_s: float,
    a_s: float | None,
    b_s: float,
    at_cursor: bool,
    style: NumberStyle,
) -> Comparison:
    """Everything about A and B.

    Parameters
    ----------
    table : ContactTable
        Of the whole recording.
    shapes : sequence of ContactShape
        Pictures of its contacts.
    markers : sequence of (recording time, Marker)
    end_s : float
    a_s, b_s : float or None
        The two moments.
    at_cursor : bool
        B was not set, and is where the screen is.
    style : NumberStyle
    """
    conditions = conditions_of(markers, end_s)
    by_id = {shape.contact_id: shape for shape in shapes}
    b = part_at(table, b_s, conditions)
    a = None if a_s is None else part_at(table, a_s, conditions)
    found = changes(table, b if a is None else a, b)
    note = ", at the cursor" if at_cursor else ""
    b_view = _part_view("B", table, by_id, b, found, "after", note, style)
    if a is None:
        return Comparison(None, b_view, ())
    a_view = _part_view("A", table, by_id, a, found, "before", "", style)
    known = {None, *(side for side in FEET if (table.side == side).any())}  # a foot that is not there has no rows
    return Comparison(a_view, b_view, tuple(change_row(change, style) for change in found if change.side in known))


def _part_view(
    letter: str,
    table: ContactTable,
    by_id: dict[int, ContactShape],
    part: Part,
    found: Sequence[Change],
    which: str,
    note: str,
    style: NumberStyle,
) -> PartView:
    ids = table.contact_id[part.rows]
    sides = table.side[part.rows]
    pictures: dict[Side, Picture | None] = {}
    for side in FEET:
        shapes = [by_id[i] for i in ids[sides == side].tolist() if i in by_id]
        pictures[side] = picture(shapes, side)
    n = {side: int((sides == side).sum()) for side in Side}
    counts = sorted({count for count in n.values() if count})
    contacts = f"{counts[0]} to {counts[-1]} contacts" if len(counts) > 1 else plural(sum(counts), "contact")
    condition = part.condition
    head = clock(part.t_s)
    made_of = f"mean of {contacts}{note}" if counts else "no running contacts until then"
    if condition is not None:
        head = condition.label or "condition"
        made_of = f"{clock(condition.from_s)} to {clock(condition.to_s)}, {contacts} a foot"
    by_metric = {(change.metric, change.side): getattr(change, which) for change in found}
    values = tuple(
        (
            name,
            {
                side: _mean(metric, float(by_metric[metric, side].value), style) if n[side] >= NEEDED_CONTACTS else DASH
                for side in FEET
            },
        )
        for metric, name in VALUES
    )
    return PartView(letter, head, made_of, pictures, values)


def _mean(metric: str, value: float, style: NumberStyle) -> str:
    return style.number(value, digits_of(METRIC_BY_NAME[metric].unit)) if np.isfinite(value) else DASH


def change_row(change: Change, style: NumberStyle) -> ChangeRow:
    """One change in words."""
    name = NAMES.get(change.metric) or metric_name(change.metric)
    if change.side is not None:
        name += f", {change.side.label}"
    value, low, high = (float(part) for part in change.change)
    if change.reason or not np.isfinite(value):
        return ChangeRow(name, change.side, DASH, "", change.reason or "not measured", beyond=False)
    about = "≈ " if change.limited else ""
    verdict = "beyond step noise" if change.beyond_noise else "not beyond step noise"
    return ChangeRow(
        name,
        change.side,
        about + style.signed(value, 1),
        f"{style.half_width(low, high, 1)} %",
        verdict,
        change.beyond_noise,
    )


def mean_trail(mean: Picture, width_mm: float, length_mm: float) -> FloatArray:
    """The mean centre of pressure in the coordinates of a foot, (m, 2)."""
    known = np.isfinite(mean.cop_mm).all(axis=1)
    out: FloatArray = mean.cop_mm[known] / [width_mm, length_mm]
    return out
