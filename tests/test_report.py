"""The JSON document against a schema written out by hand, the contact table read back, the terminal summary."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyarrow import parquet
from rich.console import Console

from insole.analysis import Analysis, analyse
from insole.blocks import ContactTable, Flag, FlagState, Health, Kind, LinkHealth, Quality, Side
from insole.cli import main
from insole.errors import InsoleError
from insole.pipeline import METRICS
from insole.pipeline.metrics.strike import borderline
from insole.report.console import SHOWN, render
from insole.report.doubts import doubts
from insole.report.plain import new_file, plain
from insole.report.summary import document, to_json
from insole.report.tables import ROWS_AT_ONCE, inert, table_columns, write_table

# ---- the schema, as in the README ----------------------------------------------------------------------------------

Check = Callable[[Any], bool]


def number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def number_or_null(value: Any) -> bool:
    return value is None or number(value)


def count(value: Any) -> bool:
    return type(value) is int and value >= 0


def count_or_null(value: Any) -> bool:
    return value is None or count(value)


def text(value: Any) -> bool:
    return isinstance(value, str)


def text_or_null(value: Any) -> bool:
    return value is None or text(value)


def one_of(*values: Any) -> Check:
    return lambda value: value in values


FIGURES = {
    "mean": number_or_null,
    "sd": number_or_null,
    "n": count,
    "ci95_low": number_or_null,
    "ci95_high": number_or_null,
}
FOOT = {**FIGURES, "quality": one_of("ok", "limited", "not_measured"), "reason": text_or_null}
DIFFERENCE = {
    "value": number_or_null,
    "ci95_low": number_or_null,
    "ci95_high": number_or_null,
    "calibrated": one_of(True, False),
}
METRIC = {"unit": text, "title": text, "definition": text, "left": FOOT, "right": FOOT}
HEALTH = {
    "frames": count, "lost": count, "duplicate": count, "late": count,
    "bad_crc": count_or_null, "skipped_bytes": count_or_null, "faulty_cells": list,
}  # fmt: skip
LINK = {"frames": count, "bad_crc": count, "skipped_bytes": count, "unknown_type": count, "incomplete": count}
STRIKE = {"rearfoot": number_or_null, "midfoot": number_or_null, "forefoot": number_or_null}
FLAG = {
    "rule": text, "state": one_of("off", "watch", "on"), "side": one_of("left", "right", None), "metric": text_or_null,
    "from_s": number, "to_s": number_or_null, "value": number_or_null, "ci95_low": number_or_null,
    "ci95_high": number_or_null, "limit": number_or_null, "unit": text, "evidence": text, "text": text,
}  # fmt: skip
DOCUMENT = {
    "schema": one_of(1),
    "software": text,
    "file": text,
    "device": {"name": text, "rate_hz": number, "cells": count},
    "duration_s": number,
    "body_mass_kg": number_or_null,
    "body_mass_source": one_of("recording", "option", "estimated", "nominal", None),
    "calibration": {
        "gain_left": number,
        "gain_right": number,
        "left_right_known": one_of(True, False),
        "zeroed_left": one_of(True, False),
        "zeroed_right": one_of(True, False),
    },
    "health": {"left": HEALTH, "right": HEALTH},
    "links": dict,
    "clocks": {
        "left_ahead_s": number_or_null,
        "left_faster_ppm": number_or_null,
        "alignment_ci95_ms": number_or_null,
        "from": one_of("pings", "arrivals"),
    },
    "contacts": {"left": count, "right": count, "rejected": dict},
    "cadence_spm": FIGURES,
    "metrics": dict,
    "strike": {"left": STRIKE, "right": STRIKE},
    "strike_by": {side: one_of("strike_index_pct", "first_region_pct") for side in ("left", "right")},
    "strike_borderline": {"left": number_or_null, "right": number_or_null},
    "flags": list,
    "cues": {"count": count, "withheld": count, "median_ms": number_or_null, "p99_ms": number_or_null},
    "warnings": list,
}


def must_match(value: Any, schema: Any, where: str = "document") -> None:
    """Keys exactly as written, values as checked."""
    if isinstance(schema, dict):
        assert isinstance(value, dict), where
        assert set(value) == set(schema), where
        for key, part in schema.items():
            must_match(value[key], part, f"{where}.{key}")
    elif isinstance(schema, type):
        assert isinstance(value, schema), where
    else:
        assert schema(value), f"{where} = {value!r}"


def must_be_schema_1(value: Any) -> None:
    must_match(value, DOCUMENT)
    for number_text, link in value["links"].items():
        must_match(link, LINK, f"links.{number_text}")
    assert all(map(count, value["contacts"]["rejected"].values()))
    for name, metric in value["metrics"].items():
        signed = "asymmetry" in metric
        must_match(metric, {**METRIC, "asymmetry" if signed else "asymmetry_pct": DIFFERENCE}, name)
        for side in ("left", "right"):
            foot = metric[side]
            assert (foot["mean"] is None) == (foot["n"] == 0) == (foot["quality"] == "not_measured"), name
            assert (foot["reason"] is None) == (foot["quality"] == "ok"), name
            if foot["ci95_low"] is not None:
                assert foot["ci95_low"] <= foot["mean"] <= foot["ci95_high"], name
    for flag in value["flags"]:
        must_match(flag, FLAG, "flag")
    assert all(map(text, value["warnings"]))


# ---- recordings ----------------------------------------------------------------------------------------------------

RUNS = {
    "both": ("--seconds", "40", "--limp", "0.3", "--loss", "1"),
    "left": ("--seconds", "20", "--feet", "left"),
    "standing": ("--seconds", "15", "--plan", "stand"),
    "walking": ("--seconds", "20", "--plan", "stand:3,walk"),
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Analysis]:
    folder = tmp_path_factory.mktemp("runs")
    for name, options in RUNS.items():
        assert main(["simulate", "-o", str(folder / f"{name}.mcap"), *options]) == 0
    return {name: analyse(folder / f"{name}.mcap") for name in RUNS}


@pytest.mark.parametrize("name", RUNS)
def test_document_matches_the_schema(runs: dict[str, Analysis], name: str) -> None:
    value = document(runs[name], name)
    must_be_schema_1(json.loads(to_json(value)))
    assert json.loads(to_json(value)) == value


def test_document_says_what_the_table_says(runs: dict[str, Analysis]) -> None:
    analysis = runs["both"]
    value = document(analysis, "both")
    table = analysis.contacts
    for side in (Side.LEFT, Side.RIGHT):
        mine = table.rows((table.kind == Kind.RUN) & (table.side == side))
        assert value["contacts"][side.label] == len(mine)
        rates = mine.columns["valr_bw_s"]
        rates = rates[np.isfinite(rates)]
        foot = value["metrics"]["valr_bw_s"][side.label]
        assert foot["n"] == len(rates)
        assert foot["mean"] == pytest.approx(rates.mean())
        assert foot["sd"] == pytest.approx(rates.std(ddof=1))
        assert value["health"][side.label]["lost"] == analysis.health.feet[side].lost
    assert sum(value["contacts"]["rejected"].values()) == np.count_nonzero(table.kind != Kind.RUN)
    assert sum(value["strike"]["left"].values()) == pytest.approx(1.0)
    index = table.running(Side.LEFT).columns["strike_index_pct"]
    assert value["strike_borderline"]["left"] == pytest.approx(borderline(index[np.isfinite(index)]).mean())
    asymmetry = value["metrics"]["valr_bw_s"]["asymmetry_pct"]
    assert asymmetry["ci95_low"] < asymmetry["value"] < asymmetry["ci95_high"]
    assert asymmetry["value"] > 0


def test_a_class_near_a_border_is_said_to_be_borderline(runs: dict[str, Analysis]) -> None:
    """METRICS.md 4: in the document, in the terminal and in the table."""
    table = runs["both"].contacts
    index = np.where(table.contact_id % 4 < 2, 32.0, 20.0)
    analysis = replace(
        runs["both"], contacts=replace(table, columns={**table.columns, "strike_index_pct": index}), warnings=()
    )
    value = document(analysis, "both")
    assert 0.3 < value["strike_borderline"]["left"] < 0.7
    console = Console(width=120, file=io.StringIO())
    console.print(render(value))
    share = f"{100 * value['strike_borderline']['left']:.0f}"
    assert f"Left foot strike: 100 % rearfoot ({share} % borderline)" in console.file.getvalue()  # type: ignore[attr-defined]
    columns = {column.name: column.values for column in table_columns(analysis.contacts)}
    assert set(columns["strike_class"].tolist()) == {"rearfoot"}
    np.testing.assert_array_equal(columns["strike_borderline"] == 1, index == 32.0)


def test_doubts_about_the_forces_are_said() -> None:
    """METRICS.md 1.4 and 5, from the columns alone."""

    def said(k_dyn: float, peak: float, modelled: float) -> list[str]:
        columns = {"k_dyn": k_dyn, "peak_force_bw": peak, "modelled_peak_force_bw": modelled}
        table = ContactTable(
            np.arange(3), np.zeros(3, np.int8), np.zeros(3, np.int8), np.arange(3.0), np.arange(3.0) + 0.2,
            np.zeros(3, np.uint16), {name: np.array([np.nan, value, value]) for name, value in columns.items()},
        )  # fmt: skip
        return list(doubts(table))

    assert said(1.09, 2.4, 2.3) == []
    assert said(0.92, 2.4, 2.1) == []
    low, high = said(1.25, 2.4, 2.4), said(0.8, 2.4, 2.4)
    assert len(low) == len(high) == 1
    assert "20 % too low" in low[0]
    assert "25 % too high" in high[0]
    assert "limited" in said(0.7, 2.4, 2.4)[0]
    assert ["20 % below" in text for text in said(1.0, 2.0, 2.5)] == [True]
    assert ["25 % above" in text for text in said(1.0, 2.5, 2.0)] == [True]
    assert list(doubts(ContactTable.empty())) == []


def test_no_running_is_said(runs: dict[str, Analysis]) -> None:
    value = document(runs["standing"], "standing")
    assert value["contacts"]["left"] == value["contacts"]["right"] == 0
    assert value["contacts"]["rejected"]
    assert value["cadence_spm"]["mean"] is None
    assert {metric["left"]["quality"] for metric in value["metrics"].values()} == {"not_measured"}
    assert any("running" in warning for warning in value["warnings"])


def test_one_foot(runs: dict[str, Analysis]) -> None:
    value = document(runs["left"], "left")
    assert value["contacts"]["left"] > 20
    assert value["contacts"]["right"] == value["health"]["right"]["frames"] == 0
    assert value["cadence_spm"]["mean"] == pytest.approx(165, abs=5)
    assert value["metrics"]["contact_time_ms"]["asymmetry_pct"]["value"] is None


def test_rejected_contacts_count_once_by_their_first_reason(runs: dict[str, Analysis]) -> None:
    table = runs["both"].contacts.rows(slice(0, 4))
    kinds = np.array([Kind.REJECTED, Kind.REJECTED, Kind.WALK, Kind.RUN], np.int8)
    quality = np.array([Quality.GAP | Quality.LIGHT, Quality.LIGHT, 0, 0], np.uint16)
    analysis = replace(runs["both"], contacts=replace(table, kind=kinds, quality=quality))
    assert document(analysis, "x")["contacts"]["rejected"] == {"gap": 1, "light": 1, "walk": 1}


def test_damage_on_a_shared_link_has_no_side(runs: dict[str, Analysis]) -> None:
    health = runs["both"].health
    shared = Health({0: LinkHealth(frames=9, bad_crc=2)}, health.feet, foot_links={Side.LEFT: 0, Side.RIGHT: 0})
    value = document(replace(runs["both"], health=shared), "x")
    assert value["health"]["left"]["bad_crc"] is None
    assert value["links"]["0"]["bad_crc"] == 2
    own = Health({0: LinkHealth(), 3: LinkHealth(bad_crc=2)}, health.feet, foot_links={Side.LEFT: 3, Side.RIGHT: 0})
    value = document(replace(runs["both"], health=own), "x")
    assert (value["health"]["left"]["bad_crc"], value["health"]["right"]["bad_crc"]) == (2, 0)


# ---- tables --------------------------------------------------------------------------------------------------------

IDENTITY = ["contact_id", "side", "kind", "strike_s", "toe_off_s", "quality"]


def test_csv_reads_back_exactly(runs: dict[str, Analysis], tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    write_table(path, runs["both"])
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    table = runs["both"].contacts
    assert list(rows[0])[:6] == IDENTITY
    assert [float(row["strike_s"]) for row in rows] == table.strike_s.tolist()
    assert [row["side"] for row in rows] == [Side(code).label for code in table.side]
    for name, values in table.columns.items():
        read = np.array([float(row[name] or "nan") for row in rows])
        np.testing.assert_array_equal(read, values)
    about = json.loads((tmp_path / "contacts.csv.json").read_text(encoding="utf-8"))
    assert set(about["columns"]) == set(rows[0])
    assert about["columns"]["valr_bw_s"]["unit"] == "BW/s"
    assert all(column["definition"] for column in about["columns"].values())


def test_csv_of_a_long_session_takes_no_more_memory_than_a_part_of_it(
    runs: dict[str, Analysis], tmp_path: Path
) -> None:
    table = runs["both"].contacts
    valr = {"valr_bw_s": table.columns["valr_bw_s"]}
    short = ContactTable.join(
        [replace(table, columns=valr, uncertainty={}, status={})] * (2 * ROWS_AT_ONCE // len(table))
    )
    long = ContactTable.join([short] * 10)
    peaks = []
    for name, contacts in (("short.csv", short), ("long.csv", long)):
        analysis = replace(runs["both"], contacts=contacts)
        tracemalloc.start()
        write_table(tmp_path / name, analysis)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]
    with (tmp_path / "long.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["contact_id"]) for row in rows] == long.contact_id.tolist()
    assert [float(row["strike_s"]) for row in rows] == long.strike_s.tolist()


def test_parquet_reads_back_exactly(runs: dict[str, Analysis], tmp_path: Path) -> None:
    path = tmp_path / "contacts.parquet"
    write_table(path, runs["both"])
    read = parquet.read_table(path)
    table = runs["both"].contacts
    assert read.column_names[:6] == IDENTITY
    for name, values in table.columns.items():
        np.testing.assert_array_equal(read[name].to_numpy(), values)
        assert read[name].null_count == np.count_nonzero(np.isnan(values))
    assert read.schema.field("valr_bw_s").metadata[b"unit"] == b"BW/s"
    assert "settings" in json.loads(read.schema.metadata[b"insole"])


def test_table_of_a_recording_without_contacts(runs: dict[str, Analysis], tmp_path: Path) -> None:
    empty = replace(runs["both"], contacts=runs["both"].contacts.rows(slice(0, 0)))
    write_table(tmp_path / "none.csv", empty)
    assert (tmp_path / "none.csv").read_text(encoding="utf-8").startswith(",".join(IDENTITY))


def test_table_is_not_overwritten_unasked(runs: dict[str, Analysis], tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(InsoleError, match="exists already"):
        write_table(path, runs["both"])
    assert path.read_text(encoding="utf-8") == "mine"
    write_table(path, runs["both"], force=True)
    assert path.read_text(encoding="utf-8") != "mine"
    with pytest.raises(InsoleError, match=r"\.csv or \.parquet"):
        write_table(tmp_path / "contacts.xlsx", runs["both"])


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@sum", "\t=1", "\r=1"])
def test_formulas_are_made_inert(cell: str) -> None:
    assert inert(cell) == f"'{cell}"
    assert inert(f"a{cell}") == f"a{cell}"


def test_file_appears_only_when_complete(tmp_path: Path) -> None:
    path = tmp_path / "out.bin"
    with pytest.raises(TypeError), new_file(path) as file:
        file.writelines([b"half", "not bytes"])  # type: ignore[list-item]
    assert list(tmp_path.iterdir()) == []
    with new_file(path) as file:
        file.write(b"whole")
    assert path.read_bytes() == b"whole"
    assert path.stat().st_mode & 0o077 == 0


# ---- terminal ------------------------------------------------------------------------------------------------------


def printed(value: dict[str, Any], width: int = 110, metrics: Sequence[str] = SHOWN) -> str:
    stream = io.StringIO()
    Console(file=stream, width=width, highlight=False).print(render(value, metrics))
    return stream.getvalue()


def test_every_metric_can_be_asked_for(runs: dict[str, Analysis]) -> None:
    value = document(runs["both"], "both.mcap")
    output = printed(value, width=200, metrics=list(value["metrics"]))
    assert {metric.name for metric in METRICS} == set(value["metrics"])
    known = [m for m in value["metrics"].values() if m["left"]["mean"] is not None]
    assert len(known) > 100
    assert [m["title"] for m in known if f" {m['title']}" not in output] == []


def test_summary_shows_the_figures(runs: dict[str, Analysis]) -> None:
    value = document(runs["both"], "both.mcap")
    output = printed(value)
    mean = value["metrics"]["contact_time_ms"]["left"]["mean"]
    assert re.search(rf"Contact time, ms +{mean:.0f}", output)
    assert f"left {value['contacts']['left']}, right {value['contacts']['right']}" in output
    assert "Not a medical device" in output


@pytest.mark.parametrize("name", RUNS)
def test_summary_of_any_recording_fits_a_terminal(runs: dict[str, Analysis], name: str) -> None:
    output = printed(document(runs[name], name), width=80)
    assert "nan" not in output.lower().replace("finance", "")
    assert max(map(len, output.splitlines())) <= 80


def test_summary_shows_flags_in_words(runs: dict[str, Analysis]) -> None:
    flag = Flag(
        rule="high_loading_rate", state=FlagState.ON, side=Side.LEFT, from_s=65.0, to_s=130.0, value=78.1, low=71.9,
        high=84.3, limit=70.0, unit="BW/s", evidence="C", text="Left loading rate 78.1 BW/s, above 70 for 1 min 5 s.",
    )  # fmt: skip
    value = document(replace(runs["both"], flags=(flag,)), "x")
    must_be_schema_1(value)
    output = " ".join(printed(value).split())
    assert "On Left loading rate 78.1 BW/s, above 70 for 1 min 5 s. [1:05 to 2:10; evidence C]" in output


def test_nothing_from_a_file_steers_the_terminal(runs: dict[str, Analysis]) -> None:
    evil = "\x1b[31mred\x07\x9b2J\u202e[bold]"
    value = document(replace(runs["both"], warnings=(evil,)), f"{evil}.mcap")
    output = printed(value)
    assert not set(output) & set("\x1b\x07\x9b\u202e")
    assert r"\x1b[31mred\x07\x9b2J\u202e[bold]" in output.replace("\n", "")
    assert plain("Zoë 3–4 µm") == "Zoë 3–4 µm"
