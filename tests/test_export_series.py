"""Force of every frame: against the contact table, against frames made by hand, and read back by other libraries."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from pyarrow import parquet
from recorded import header as small_header

import insole
from firmware_protocol import encode_pressure
from insole.analysis import Analysis
from insole.blocks import GRAVITY_M_S2, Kind, Packets, Side
from insole.cli import main
from insole.device import MASKS
from insole.recording import Recorder
from insole.report.force import find_zeros, force_series

RATE_HZ = 200
NS = 1_000_000_000


@pytest.fixture(scope="module")
def frames(limping_run: Path, tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    path = tmp_path_factory.mktemp("out") / "force.parquet"
    assert main(["export", str(limping_run), "-o", str(path), "--series"]) == 0
    return pl.read_parquet(path)


def export_error(capsys: pytest.CaptureFixture[str], *argv: object) -> str:
    assert main(["export", *map(str, argv)]) == 1
    return capsys.readouterr().err


# ---- what the numbers are ------------------------------------------------------------------------------------------


def test_force_over_a_contact_gives_its_impulse(limping_analysis: Analysis, frames: pl.DataFrame) -> None:
    """Times, gain and zero agree with the contact table, which computes impulses in its own way."""
    weight_n = (limping_analysis.header.runner.body_mass_kg or np.nan) * GRAVITY_M_S2
    for side in (Side.LEFT, Side.RIGHT):
        foot = frames.filter(pl.col("side") == side.label)
        t_s, force_n = foot["t_s"].to_numpy(), foot["force_n"].to_numpy()
        run = limping_analysis.contacts.rows(
            (limping_analysis.contacts.kind == Kind.RUN) & (limping_analysis.contacts.side == side)
        )
        whole = run.rows(np.isfinite(run.columns["impulse_bw_s"]))
        assert len(whole) > 40
        for strike_s, toe_off_s, impulse in zip(
            whole.strike_s, whole.toe_off_s, whole.columns["impulse_bw_s"], strict=True
        ):
            inside = (t_s >= strike_s) & (t_s <= toe_off_s)
            assert np.trapezoid(force_n[inside], t_s[inside]) / weight_n == pytest.approx(impulse, rel=0.03)


def test_every_frame_is_there_once(limping_analysis: Analysis, frames: pl.DataFrame) -> None:
    for side in (Side.LEFT, Side.RIGHT):
        t_s = frames.filter(pl.col("side") == side.label)["t_s"].to_numpy()
        assert len(t_s) == limping_analysis.health.feet[side].frames
        assert (np.diff(t_s) > 0).all()
        assert np.median(np.diff(t_s)) == pytest.approx(1 / RATE_HZ, rel=0.01)


def test_regions_are_parts_of_the_whole(frames: pl.DataFrame) -> None:
    total = frames.select(pl.sum_horizontal([f"{mask}_n" for mask in MASKS])).to_series().to_numpy()
    np.testing.assert_allclose(total, frames["force_n"].to_numpy(), atol=0.01)


def test_centre_of_pressure_only_under_load(limping_analysis: Analysis, frames: pl.DataFrame) -> None:
    limit_n = 0.05 * (limping_analysis.header.runner.body_mass_kg or np.nan) * GRAVITY_M_S2
    given = frames["cop_x_mm"].is_not_null().to_numpy()
    np.testing.assert_array_equal(given, frames["force_n"].to_numpy() >= limit_n)
    assert 0.2 < given.mean() < 0.8
    device = limping_analysis.header.feet[Side.LEFT]
    loaded = frames.filter(pl.col("force_n") > 10 * limit_n)
    assert loaded["cop_x_mm"].is_between(0, device.width_mm).all()
    assert loaded["cop_y_mm"].is_between(0, device.length_mm).all()


def test_known_frames_of_a_zeroed_device(tmp_path: Path) -> None:
    """One loaded cell: its force by arithmetic, and the centre of pressure where it lies. One frame never arrives."""
    path = tmp_path / "known.mcap"
    head = small_header()
    device = head.feet[Side.LEFT].with_changes(zeroed=True)
    head = replace(head, feet={Side.LEFT: device})
    lost = 150
    counts = np.zeros((2 * RATE_HZ, 4), np.uint16)
    counts[100:200, 2] = 3000
    with Recorder(path, head) as recorder:
        for n in np.delete(np.arange(len(counts)), lost).tolist():
            packet = encode_pressure(Side.LEFT, n, 5000 * n, 5000, counts[n : n + 1])
            recorder([Packets.one(0, n * NS // RATE_HZ, packet)])
    zeros = find_zeros(path, head)
    pieces = list(force_series(path, head, zeros))
    force_n = np.concatenate([piece.force_n for piece in pieces])
    t_s = np.concatenate([piece.t_s for piece in pieces])
    cop_mm = np.concatenate([piece.cop_mm for piece in pieces])
    at = np.delete(np.arange(len(counts)), lost)
    loaded = np.delete(counts[:, 2] > 0, lost)
    np.testing.assert_allclose(t_s, at / RATE_HZ, atol=1e-6)
    np.testing.assert_allclose(force_n, np.where(loaded, 3000 * 0.1 * 2000 * 1e-3, 0.0), rtol=1e-6)
    np.testing.assert_allclose(cop_mm[loaded], np.tile([0.3 * 95, 0.7 * 260], (loaded.sum(), 1)), rtol=1e-5)
    assert np.isnan(cop_mm[~loaded]).all()
    assert zeros[Side.LEFT].origin == "none: the device delivers zeroed values"


def test_force_table_comes_out_as_it_went_in(tmp_path: Path) -> None:
    t_s = np.arange(0, 20, 0.005)
    left = np.maximum(0, 1500 * np.sin(2 * np.pi * t_s / 0.7))
    right = np.maximum(0, -1400 * np.sin(2 * np.pi * t_s / 0.7))
    table = tmp_path / "plates.csv"
    pl.DataFrame({"time_s": t_s.round(3), "left_force_n": left.round(2), "right_force_n": right.round(2)}).write_csv(
        table
    )
    out = tmp_path / "series.csv"
    assert main(["export", str(table), "-o", str(out), "--series", "--body-mass", "70"]) == 0
    read = pl.read_csv(out, schema_overrides={"cop_x_mm": pl.Float64, "heel_n": pl.Float64})
    for side, force in (("left", left), ("right", right)):
        foot = read.filter(pl.col("side") == side)
        np.testing.assert_allclose(foot["force_n"].to_numpy(), force, atol=0.1)
    assert read["cop_x_mm"].null_count() == read["heel_n"].null_count() == len(read)


# ---- on disk -------------------------------------------------------------------------------------------------------


def test_pandas_reads_from_csv_what_polars_reads_from_parquet(
    limping_run: Path, frames: pl.DataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "force.csv"
    assert main(["export", str(limping_run), "-o", str(path), "--series"]) == 0
    read = pd.read_csv(path)
    assert read.columns.tolist() == frames.columns
    assert read["side"].tolist() == frames["side"].to_list()
    for name in frames.columns[1:]:
        np.testing.assert_array_equal(read[name].to_numpy(), frames[name].to_numpy())
    about = json.loads((tmp_path / "force.csv.json").read_text(encoding="utf-8"))
    assert set(about["columns"]) == set(frames.columns)
    assert about["columns"]["force_n"]["unit"] == "N"
    assert set(about["zero"]) == {"left", "right"}
    assert about["zero"]["left"].startswith("unloaded frames of the 3 s from ")


def test_parquet_carries_units_and_zero(limping_run: Path, tmp_path: Path) -> None:
    path = tmp_path / "force.parquet"
    assert main(["export", str(limping_run), "-o", str(path), "--series"]) == 0
    schema = parquet.read_schema(path)
    assert schema.field("cop_y_mm").metadata[b"unit"] == b"mm"
    assert "zero" in json.loads(schema.metadata[b"insole"])


def test_pieces_are_bounded(limping_run: Path, limping_analysis: Analysis) -> None:
    pieces = force_series(limping_run, limping_analysis.header, find_zeros(limping_run, limping_analysis.header))
    assert max(len(piece.t_s) for piece in pieces) <= 32 * RATE_HZ


# ---- said or refused ------------------------------------------------------------------------------------------------


def test_no_unloaded_moment_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    standing = tmp_path / "stand.mcap"
    assert main(["simulate", "-o", str(standing), "--seconds", "12", "--plan", "stand"]) == 0
    assert main(["export", str(standing), "-o", str(tmp_path / "force.csv"), "--series"]) == 0
    assert "left: zero: none: never seen unloaded" in capsys.readouterr().out
    about = json.loads((tmp_path / "force.csv.json").read_text(encoding="utf-8"))
    assert about["zero"] == dict.fromkeys(("left", "right"), "none: never seen unloaded")
    assert pd.read_csv(tmp_path / "force.csv")["force_n"].mean() > 200


def test_body_weights_are_not_newtons(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    t_s = np.arange(0, 10, 0.005)
    force = np.maximum(0, 2 * np.sin(2 * np.pi * t_s / 0.7)).round(4)
    table = tmp_path / "bw.csv"
    pl.DataFrame({"time_s": t_s.round(3), "left_force_bw": force}).write_csv(table)
    assert "body weights only" in export_error(capsys, table, "-o", tmp_path / "force.csv", "--series")
    assert main(["export", str(table), "-o", str(tmp_path / "force.csv"), "--series", "--body-mass", "80"]) == 0
    peak_n = pd.read_csv(tmp_path / "force.csv")["force_n"].max()
    assert peak_n == pytest.approx(2 * 80 * GRAVITY_M_S2, rel=1e-3)


def test_a_sidecar_traces_every_export(limping_run: Path, limping_analysis: Analysis, tmp_path: Path) -> None:
    digest = hashlib.sha256(limping_run.read_bytes()).hexdigest()
    for name, options in (
        ("a.csv", ()),
        ("b.parquet", ()),
        ("c.mat", ()),
        ("d.csv", ("--series",)),
        ("e.c3d", ()),
        ("f.mcap", ()),
    ):
        assert main(["export", str(limping_run), "-o", str(tmp_path / name), *options]) == 0
        about = json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8"))
        assert about["file"] == {"name": "run.mcap", "bytes": limping_run.stat().st_size, "sha256": digest}
        assert about["software"] == insole.__version__
        assert about["settings"] == limping_analysis.header.settings.to_dict()
        assert about["devices"]["left"] == {"name": "demo32", "rate_hz": 200.0, "cells": 32}
        assert all(column["definition"] for column in about["columns"].values())


def test_the_recording_itself_is_never_the_target(limping_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = limping_run.read_bytes()
    assert "is the file to export from" in export_error(capsys, limping_run, "-o", limping_run, "--force")
    assert limping_run.read_bytes() == before


def test_matlab_takes_no_series(limping_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ".csv or .parquet" in export_error(capsys, limping_run, "-o", tmp_path / "force.mat", "--series")
