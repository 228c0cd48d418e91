"""`make validate`: error against truth, by sampling rate, noise, loss and runner, including where it is bad.

In: synthetic runs with known truth (METRICS.md 11.4), analysed by the same pipeline as everything else. Out: one page,
build/validation.html, of tables and figures.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from insole.blocks import ContactTable, Kind, Side
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


@dataclass(frozen=True, slots=True)
class Compared:
    """A metric, what the truth calls it, and whether its error is given in percent of the truth."""

    metric: str
    truth: str
    relative: bool


COMPARED = (
    Compared("valr_bw_s", "valr_bw_s", relative=True),
    Compared("peak_force_bw", "peak_force_bw", relative=True),
    Compared("strike_index_pct", "strike_index_pct", relative=False),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Errors of one run: medians and robust standard deviations by metric, and how many contacts came through."""

    true_contacts: int
    valid: int
    missing: int
    errors: dict[str, tuple[float, float, float]]  # metric: median, robust SD, withheld share of the valid contacts


def outcome(seconds: float = SECONDS, **options: object) -> Outcome:
    """Simulate, analyse, and hold every true running contact against the table."""
    simulation = simulate(SyntheticOptions(seconds=seconds, seed=7, **options))  # type: ignore[arg-type]
    header = simulation.header
    pipeline = Pipeline(header.feet, header.settings, header.runner, header.start_host_ns)
    updates = [pipeline.push(inputs) for inputs in simulation.inputs]
    table = ContactTable.join([u.contacts for u in (*updates, pipeline.finish())])
    truth = [c for c in simulation.truth["contacts"] if c["kind"] == "run"]
    found = [_match(table, contact) for contact in truth]
    pairs = [(c, i) for c, i in zip(truth, found, strict=True) if i is not None and table.kind[i] == Kind.RUN]
    errors: dict[str, list[float]] = {"initial contact, ms": [], "contact time, ms": []}
    errors |= {f"{row.metric}, {'%' if row.relative else 'points'}": [] for row in COMPARED}
    for contact, i in pairs:
        errors["initial contact, ms"].append(1e3 * (table.strike_s[i] - contact["ic_s"]))
        errors["contact time, ms"].append(
            table.columns["contact_time_ms"][i] - 1e3 * (contact["to_s"] - contact["ic_s"])
        )
        for row in COMPARED:
            difference = table.columns[row.metric][i] - contact[row.truth]
            name = f"{row.metric}, {'%' if row.relative else 'points'}"
            errors[name].append(100 * difference / contact[row.truth] if row.relative else difference)
    return Outcome(
        len(truth),
        len(pairs),
        sum(i is None for i in found),
        {name: _spread(np.array(values)) for name, values in errors.items()},
    )


def _match(table: ContactTable, contact: dict[str, object]) -> int | None:
    """The row that overlaps a true contact."""
    side = Side.LEFT if contact["side"] == "left" else Side.RIGHT
    rows = (table.side == side) & (table.strike_s < contact["to_s"]) & (table.toe_off_s > contact["ic_s"])
    hits = np.flatnonzero(rows)
    return int(hits[0]) if len(hits) else None


def _spread(values: np.ndarray) -> tuple[float, float, float]:
    known = values[np.isfinite(values)]
    withheld = 1 - len(known) / len(values) if len(values) else 1.0
    if not len(known):
        return float("nan"), float("nan"), withheld
    median = float(np.median(known))
    return median, 1.4826 * float(np.median(np.abs(known - median))), withheld


def studies() -> Iterator[tuple[str, str, list[tuple[str, Outcome]]]]:
    """Title, what varies, and the outcomes."""
    for name, runner in RUNNERS.items():
        yield f"Sampling rate: {name}", "Hz", [(f"{hz:g}", outcome(rate_hz=hz, **runner)) for hz in RATES_HZ]
    yield "Noise of a cell, 200 Hz", "kPa", [(f"{n:g}", outcome(noise_kpa=n)) for n in NOISE_KPA]
    yield "Packets lost one by one, 200 Hz", "%", [(f"{p:g}", outcome(loss_pct=p)) for p in LOSS_PCT]
    yield "Cells of each insole, 200 Hz", "cells", [(f"{c}", outcome(cells=c)) for c in CELLS]


def page(sections: Sequence[tuple[str, str, list[tuple[str, Outcome]]]]) -> str:
    """One HTML page; figures are inline SVG."""
    body = [
        "<h1>insole: error against truth</h1>",
        (
            f"<p>Synthetic runs of {SECONDS:g} s with known truth. Median error ± robust standard deviation of single "
            "contacts; <i>withheld</i>: share of the valid contacts with no value given. A dash: nothing given. "
            "The curves of the model are smooth, so these errors are a lower bound for real feet and shoes.</p>"
        ),
    ]
    for title, unit, rows in sections:
        body.append(f"<h2>{html.escape(title)}</h2>{_figure(rows)}{_table(unit, rows)}")
    style = (
        "body{font:14px/1.4 system-ui,sans-serif;max-width:72em;margin:2em auto;padding:0 1em}"
        "table{border-collapse:collapse}td,th{border-bottom:1px solid #ddd;padding:3px 10px;text-align:right}"
        "th:first-child,td:first-child{text-align:left}svg{display:block;margin:.5em 0}"
    )
    return (
        f"<!doctype html><meta charset='utf-8'><title>insole: validation</title><style>{style}</style>{''.join(body)}"
    )


def _table(unit: str, rows: list[tuple[str, Outcome]]) -> str:
    names = list(rows[0][1].errors)
    head = "".join(f"<th>{html.escape(name)}</th><th>withheld</th>" for name in names)
    lines = [f"<tr><th>{unit}</th><th>true</th><th>valid</th><th>not found</th>{head}</tr>"]
    for value, result in rows:
        cells = "".join(
            f"<td>{'–' if np.isnan(m) else f'{m:+.2f} ± {s:.2f}'}</td><td>{100 * w:.0f} %</td>"
            for m, s, w in result.errors.values()
        )
        lines.append(
            f"<tr><td>{value}</td><td>{result.true_contacts}</td><td>{result.valid}</td><td>{result.missing}</td>{cells}</tr>"
        )
    return f"<table>{''.join(lines)}</table>"


def _figure(rows: list[tuple[str, Outcome]]) -> str:
    """Loading-rate error of single contacts: a bar of one robust SD each way around the median, in percent."""
    width, height, limit = 90 * len(rows) + 60, 180, 20.0

    def y(value: float) -> float:
        return height / 2 - max(-limit, min(limit, value)) * (height / 2 - 20) / limit

    parts = [
        f"<line x1='50' x2='{width}' y1='{y(v)}' y2='{y(v)}' stroke='#ccc'/><text x='44' y='{y(v) + 4}' "
        f"text-anchor='end' font-size='11'>{v:+g} %</text>"
        for v in (-20, -10, 0, 10, 20)
    ]
    for n, (value, result) in enumerate(rows):
        median, spread, _ = result.errors["valr_bw_s, %"]
        x = 95 + 90 * n
        parts.append(f"<text x='{x}' y='{height - 2}' text-anchor='middle' font-size='11'>{value}</text>")
        if not np.isnan(median):
            parts.append(
                f"<line x1='{x}' x2='{x}' y1='{y(median - spread)}' y2='{y(median + spread)}' stroke='#1F56C9' "
                f"stroke-width='6'/><circle cx='{x}' cy='{y(median)}' r='5' fill='#14181D'/>"
            )
    label = "error of the loading rate"
    return f"<svg width='{width}' height='{height}' role='img' aria-label='{label}'>{''.join(parts)}</svg>"


if __name__ == "__main__":
    target = Path("build") / "validation.html"
    target.parent.mkdir(exist_ok=True)
    target.write_text(page(list(studies())), encoding="utf-8")
    print(f"written: {target}")
