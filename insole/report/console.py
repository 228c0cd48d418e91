"""The JSON document of an analysis -> a summary for people at a terminal."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from insole.pipeline import METRIC_BY_NAME
from insole.report.plain import plain
from insole.report.summary import FIRST_REGION

FEET = ("left", "right")
SHOWN = (
    "contact_time_ms",
    "flight_time_ms",
    "duty_factor",
    "peak_force_bw",
    "peak_force_n",
    "impulse_bw_s",
    "valr_bw_s",
    "vilr_bw_s",
    "strike_index_pct",
    "peak_pressure_kpa",
)
DASH = "–"
PIPE_WIDTH = 100  # where no terminal says how wide it is
INTENDED_USE = (
    "For training, research and documentation of technique. Not a medical device: it observes, it does not diagnose."
)


def show(document: dict[str, Any], metrics: Sequence[str] = SHOWN) -> None:
    """Print the summary on standard output, in colour where that is a terminal."""
    Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH).print(render(document, metrics))


def render(document: dict[str, Any], metrics: Sequence[str] = SHOWN) -> RenderableType:
    """The summary of one document of `insole.report.summary.document` with some of its metrics, for a rich console."""
    return Group(
        _head(document),
        Text(),
        _numbers(document, metrics),
        *_withheld(document, metrics),
        *_strike(document),
        Text(),
        *_flags(document),
        *(Text(f"! {plain(warning)}") for warning in document["warnings"]),
        Text(INTENDED_USE, style="dim"),
    )


def _head(document: dict[str, Any]) -> Text:
    device, contacts = document["device"], document["contacts"]
    insole = (
        f"{plain(device['name'])}, {device['cells']} cell{'s' * (device['cells'] != 1)} at {device['rate_hz']:g} Hz"
    )
    others = "".join(f"; {count} {plain(reason.replace('_', ' '))}" for reason, count in contacts["rejected"].items())
    lines = [
        f"{plain(document['file'])}: {_duration(document['duration_s'])}, {insole}",
        _body_mass(document),
        f"Running contacts: left {contacts['left']}, right {contacts['right']}{others}",
    ]
    for side in FEET:
        health = document["health"][side]
        counts = [f"{health[key]} {key.replace('_', ' ')}" for key in list(health)[1:] if health[key]]
        found = f"{health['frames']} frames, {', '.join(counts) or 'none lost'}" if health["frames"] else "none"
        lines.append(f"{side.capitalize()} signal: {found}")
    head = Text("\n".join(lines))
    head.stylize("bold", 0, len(lines[0]))
    return head


def _body_mass(document: dict[str, Any]) -> str:
    if document["body_mass_kg"] is None:
        return "Body mass: unknown, so no body weights (--body-mass KG)"
    source = {
        "estimated": "estimated from the mean force",
        "nominal": "nominal, the true one is unknown",
        "option": "as given",
        "recording": "from the recording",
    }
    kind = document["body_mass_source"]
    return f"Body mass: {document['body_mass_kg']:.1f} kg, {source.get(kind, plain(kind))}"


def _numbers(document: dict[str, Any], names: Sequence[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, caption_justify="left")
    table.add_column("mean (95 % interval)")
    table.add_column("left", justify="right")
    table.add_column("right", justify="right")
    table.add_column("left - right", justify="right")
    cadence = document["cadence_spm"]
    table.add_row("Cadence, steps/min", Text(_interval(cadence, "mean", 1)), "", "")
    for name in names:
        metric = document["metrics"][name]
        if all(metric[side]["mean"] is None for side in FEET):
            continue
        decimals = METRIC_BY_NAME[name].decimals
        unit = f", {metric['unit']}" if metric["unit"] else ""
        table.add_row(
            f"{metric['title']}{unit}",
            *(_figure(metric[side], decimals) for side in FEET),
            _difference(metric, decimals),
        )
    return table


def _figure(foot: dict[str, Any], decimals: int) -> Text:
    if foot["mean"] is None:
        return Text(DASH, style="dim")
    approximate = "~" if foot["quality"] == "limited" else ""
    return Text(f"{approximate}{_interval(foot, 'mean', decimals)}")


def _interval(figures: dict[str, Any], key: str, decimals: int) -> str:
    """`262 ± 2`: at most two decimals more than usual, as many as the interval needs, which is rounded up."""
    value, low, high = figures[key], figures["ci95_low"], figures["ci95_high"]
    if value is None:
        return DASH
    if low is None or high is None:
        return f"{value:z.{decimals}f}"
    half = (high - low) / 2
    if half > 0:
        decimals = max(decimals, min(decimals + 2, -math.floor(math.log10(half))))
    scale = 10.0**decimals
    return f"{value:z.{decimals}f} ± {math.ceil(half * scale - 1e-9) / scale:.{decimals}f}"


def _difference(metric: dict[str, Any], decimals: int) -> Text:
    signed = "asymmetry" in metric
    figures = metric["asymmetry" if signed else "asymmetry_pct"]
    if figures["value"] is None:
        return Text(DASH, style="dim")
    interval = _interval(figures, "value", decimals if signed else 1)
    plus = "+" if float(interval.split()[0]) > 0 else ""
    return Text(f"{plus}{interval}{'' if signed else ' %'}{'' if figures['calibrated'] else ' *'}")


def _withheld(document: dict[str, Any], names: Sequence[str]) -> list[Text]:
    """Why numbers are missing or approximate, a line a reason."""
    reasons: dict[str, list[str]] = {}
    metrics = document["metrics"]
    for name in names:
        for side in FEET:
            foot = metrics[name][side]
            if foot["quality"] != "ok" and document["contacts"][side]:
                titles = reasons.setdefault(foot["reason"], [])
                if metrics[name]["title"] not in titles:
                    titles.append(metrics[name]["title"])
    out = [f"{DASH} or ~  {', '.join(titles)}: {reason}" for reason, titles in reasons.items()]
    uncalibrated = any(
        not metrics[name][kind]["calibrated"] and metrics[name][kind]["value"] is not None
        for name in names
        for kind in ("asymmetry", "asymmetry_pct")
        if kind in metrics[name]
    )
    if uncalibrated:
        out.append("*  the insoles' gains are not calibrated against each other: no flag comes of these differences")
    return [Text(line, style="dim") for line in out]


def _strike(document: dict[str, Any]) -> list[Text]:
    out = []
    for side in FEET:
        shares, unsure = document["strike"][side], document["strike_borderline"][side]
        if shares["rearfoot"] is not None:
            text = ", ".join(f"{100 * share:.0f} % {name}" for name, share in shares.items() if share >= 0.005)
            near = f" ({100 * unsure:.0f} % borderline)" if unsure is not None and unsure >= 0.005 else ""
            if document["strike_by"][side] == FIRST_REGION:
                near = " (by the region that first carries body weight)"
            out.append(Text(f"{side.capitalize()} foot strike: {text}{near}"))
    return out


def _flags(document: dict[str, Any]) -> list[Text]:
    flags = [flag for flag in document["flags"] if flag["state"] != "off"]
    if not flags:
        return [Text("No flags.")]
    marks = {"on": ("◆ On     ", "bold red"), "watch": ("△ Watch  ", "yellow")}
    out = []
    for flag in flags:
        mark, style = marks[flag["state"]]
        when = f"{_clock(flag['from_s'])} to {_clock(flag['to_s'])}"
        known = flag["evidence"] and "evidence" not in flag["text"].lower()
        evidence = f"; evidence {flag['evidence']}" if known else ""
        text = Text(mark, style=style)
        text.append(f"{plain(flag['text'])} [{when}{evidence}]", style="not bold default")
        out.append(text)
    return out


def _clock(seconds: float | None) -> str:
    return DASH if seconds is None else f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 120 else f"{int(seconds) // 60} min {int(seconds) % 60} s"
