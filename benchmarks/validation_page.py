"""Outcomes of the validation -> one HTML page: what is bad first, then a row of figures and two tables a study."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

BAD = {"%": 5.0, "ms": 10.0, "points": 5.0, "mm": 5.0, "1": 0.05}  # median or spread from here on
MOSTLY = 0.5  # withheld from here on
FIGURES = {  # what is drawn, and how far the axis reaches each way
    "valr_bw_s, %": 6.0,
    "contact_time_ms, ms": 6.0,
    "peak_force_bw, %": 1.0,
    "strike_index_pct, points": 3.0,
}
STYLE = (
    "body{font:14px/1.4 system-ui,sans-serif;max-width:90em;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse;margin:.5em 0;font-variant-numeric:tabular-nums}"
    "td,th{border-bottom:1px solid #ddd;padding:3px 8px;text-align:right;vertical-align:top}"
    "th:first-child,td:first-child{text-align:left}.bad{color:#b3261e}.figures{display:flex;flex-wrap:wrap;gap:1em}"
    "small{color:#666}"
)


class Error(Protocol):
    """Median, robust standard deviation and withheld share of the errors of single contacts."""

    @property
    def median(self) -> float: ...
    @property
    def spread(self) -> float: ...
    @property
    def withheld(self) -> float: ...


class Outcome(Protocol):
    """What came of one run."""

    @property
    def true_contacts(self) -> int: ...
    @property
    def valid(self) -> int: ...
    @property
    def missing(self) -> int: ...
    @property
    def truth(self) -> Mapping[str, Error]: ...
    @property
    def ideal(self) -> Mapping[str, Error]: ...


Study = tuple[str, str, Sequence[tuple[str, Outcome]]]


def page(studies: Sequence[Study], seconds: float) -> str:
    """The whole page; figures are inline SVG."""
    body = [
        "<h1>insole: error against truth</h1>",
        (
            f"<p>Synthetic runs of {seconds:g} s. Each cell: median error ± robust standard deviation of single "
            "contacts, and in small the share of the valid contacts with no value given. A dash: nothing given. Red: a "
            "median or a spread of 5 %, 5 points, 5 mm, 10 ms or 0.05 and more. An ideal insole has the same cells at "
            "500 Hz, without noise, drift, lacing and loss. The curves of the model are smooth, so these errors are a "
            "lower bound for real feet and shoes.</p>"
        ),
        "<h2>Where it is bad</h2><ul>",
        *(f"<li>{html.escape(line)}</li>" for line in _bad(studies)),
        "</ul>",
    ]
    for title, unit, rows in studies:
        figures = "".join(_figure(name, reach, unit, rows) for name, reach in FIGURES.items())
        body.append(
            f"<h2>{html.escape(title)}</h2><div class='figures'>{figures}</div>"
            f"<h3>Against the truth</h3>{_table(unit, [(v, o, o.truth) for v, o in rows])}"
            f"<h3>Against the same contacts on an ideal insole</h3>{_table(unit, [(v, o, o.ideal) for v, o in rows])}"
        )
    return (
        f"<!doctype html><meta charset='utf-8'><title>insole: validation</title><style>{STYLE}</style>{''.join(body)}"
    )


def _bad(studies: Sequence[Study]) -> Iterator[str]:
    """One line a study and metric: at which values it is off or mostly withheld, or contacts are mostly lost."""
    for title, unit, rows in studies:
        lost = [value for value, o in rows if o.valid < MOSTLY * o.true_contacts]
        if lost:
            yield f"{title}: hardly a valid contact at {', '.join(lost)} {unit}"
        for name in [*rows[0][1].truth, *rows[0][1].ideal]:
            errors = [(value, {**o.truth, **o.ideal}[name]) for value, o in rows]
            off = [f"{value} {unit} ({_figures(e)})" for value, e in errors if _is_bad(name, e)]
            absent = [value for value, e in errors if e.withheld > MOSTLY]
            if off:
                yield f"{title}: {name} off at {', '.join(off)}"
            if absent:
                yield f"{title}: {name} mostly withheld at {', '.join(absent)} {unit}"


def _is_bad(name: str, error: Error) -> bool:
    limit = BAD[name.rsplit(", ", 1)[1]]
    return max(abs(error.median), error.spread) >= limit  # False for NaN


def _figures(error: Error) -> str:
    digits = 3 if max(abs(error.median), error.spread) < 0.1 else 2
    return f"{error.median:+.{digits}f} ± {error.spread:.{digits}f}"


def _table(unit: str, rows: Sequence[tuple[str, Outcome, Mapping[str, Error]]]) -> str:
    head = "".join(f"<th>{html.escape(name)}</th>" for name in rows[0][2])
    lines = [f"<tr><th>{unit}</th><th>true</th><th>valid</th><th>not found</th>{head}</tr>"]
    for value, result, errors in rows:
        cells = "".join(_cell(name, error) for name, error in errors.items())
        lines.append(
            f"<tr><td>{value}</td><td>{result.true_contacts}</td><td>{result.valid}</td><td>{result.missing}</td>{cells}</tr>"
        )
    return f"<table>{''.join(lines)}</table>"


def _cell(name: str, error: Error) -> str:
    if math.isnan(error.median):
        return "<td>–</td>"
    share = f" <small>{100 * error.withheld:.0f} %</small>" if error.withheld >= 0.005 else ""
    mark = " class='bad'" if _is_bad(name, error) else ""
    return f"<td{mark}>{_figures(error)}{share}</td>"


def _figure(name: str, reach: float, unit: str, rows: Sequence[tuple[str, Outcome]]) -> str:
    """A bar of one robust SD each way around the median of each run; arrows where it leaves the axis."""
    width, height, left = 56 * len(rows) + 70, 190, 52

    def y(value: float) -> float:
        return 100.0 - max(-reach, min(reach, value)) * 72.0 / reach

    parts = [f"<text x='{left}' y='16' font-size='12' font-weight='600'>{html.escape(name)}</text>"]
    parts += [
        f"<line x1='{left}' x2='{width}' y1='{y(tick)}' y2='{y(tick)}' stroke='{'#ddd' if tick else '#888'}'/>"
        f"<text x='{left - 6}' y='{y(tick) + 4}' text-anchor='end' font-size='11'>{tick:+g}</text>"
        for tick in (-reach, -reach / 2, 0.0, reach / 2, reach)
    ]
    for n, (value, result) in enumerate(rows):
        error, x = result.truth[name], left + 34 + 56 * n
        parts.append(f"<text x='{x}' y='{height - 4}' text-anchor='middle' font-size='11'>{html.escape(value)}</text>")
        if math.isnan(error.median):
            parts.append(f"<text x='{x}' y='{y(0) - 5}' text-anchor='middle' font-size='11' fill='#666'>none</text>")
            continue
        parts.append(
            f"<line x1='{x}' x2='{x}' y1='{y(error.median - error.spread)}' y2='{y(error.median + error.spread)}' "
            f"stroke='#1F56C9' stroke-width='6'/><circle cx='{x}' cy='{y(error.median)}' r='4' fill='#14181D'/>"
        )
        if abs(error.median) + error.spread > reach:
            beyond = math.copysign(reach, error.median)
            mark = "▲" if beyond > 0 else "▼"
            parts.append(f"<text x='{x + 8}' y='{y(beyond) + 4}' font-size='11' fill='#b3261e'>{mark}</text>")
    label = html.escape(f"{name} by {unit}")
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}' role='img' aria-label='{label}'>"
        f"{''.join(parts)}</svg>"
    )
