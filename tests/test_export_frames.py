"""The contact table in the hands of other libraries: polars, pandas and MATLAB's file format."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.io import loadmat

import insole
from insole.analysis import Analysis
from insole.blocks import Side
from insole.cli import main
from insole.errors import MissingExtra
from insole.report.tables import table_columns, write_table


def some_withheld(analysis: Analysis) -> None:
    values = analysis.contacts.columns.values()
    assert any(np.isnan(column).any() and np.isfinite(column).any() for column in values)


# ---- frames --------------------------------------------------------------------------------------------------------


def test_polars_has_what_parquet_has(limping_analysis: Analysis, tmp_path: Path) -> None:
    some_withheld(limping_analysis)
    write_table(tmp_path / "contacts.parquet", limping_analysis)
    frame = insole.to_polars(limping_analysis.contacts)
    assert frame.equals(pl.read_parquet(tmp_path / "contacts.parquet"), null_equal=True)
    assert frame.schema["side"] == pl.String
    assert frame["valr_bw_s"].dtype == pl.Float64


def test_pandas_has_what_csv_has(limping_analysis: Analysis, tmp_path: Path) -> None:
    write_table(tmp_path / "contacts.csv", limping_analysis)
    frame = insole.to_pandas(limping_analysis.contacts)
    read = pd.read_csv(tmp_path / "contacts.csv")
    whole_numbers = ["contact_id"]
    numbers = [name for name in frame if frame[name].dtype == np.float64]
    pd.testing.assert_frame_equal(
        frame[whole_numbers + numbers], read[whole_numbers + numbers], rtol=1e-14, atol=0, check_dtype=False
    )
    assert frame["side"].tolist() == read["side"].tolist()
    assert frame["quality"].tolist() == read["quality"].tolist()


def test_frames_of_no_contacts(limping_analysis: Analysis) -> None:
    none = limping_analysis.contacts.rows(slice(0, 0))
    for frame in (insole.to_polars(none), insole.to_pandas(none)):
        assert frame.shape == (0, len(list(table_columns(none))))


def test_frames_for_papers_as_in_the_readme(limping_run: Path) -> None:
    analysis = insole.analyse(limping_run, body_mass_kg=70)
    frame = insole.to_polars(analysis.contacts)
    by_side = frame.filter(pl.col("kind") == "run").group_by("side").agg(pl.col("valr_bw_s").mean()).sort("side")
    for side, mean in by_side.iter_rows():
        own = analysis.contacts.running(Side[side.upper()]).columns["valr_bw_s"]
        assert mean == pytest.approx(np.nanmean(own))
    assert by_side["side"].to_list() == ["left", "right"]


@pytest.mark.parametrize("name", ["polars", "pandas"])
def test_missing_library_is_named(limping_analysis: Analysis, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtra, match=rf"{name} frame needs .* pip install 'insole\[frames\]'"):
        getattr(insole, f"to_{name}")(limping_analysis.contacts)


def test_naming_the_functions_loads_no_library() -> None:
    code = "import insole, sys; insole.to_polars, insole.to_pandas; print({'polars', 'pandas'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


# ---- MATLAB --------------------------------------------------------------------------------------------------------


def test_mat_reads_back_exactly(limping_run: Path, limping_analysis: Analysis, tmp_path: Path) -> None:
    path = tmp_path / "contacts.mat"
    assert main(["export", str(limping_run), "-o", str(path)]) == 0
    read = loadmat(path, simplify_cells=True)
    columns = {column.name: column for column in table_columns(limping_analysis.contacts)}
    assert list(read["contacts"]) == list(columns)
    for name, column in columns.items():
        assert re.fullmatch("[a-zA-Z][a-zA-Z0-9_]{0,62}", name), "no name of a field in MATLAB"
        np.testing.assert_array_equal(read["contacts"][name], column.values)
        assert read["definitions"][name] == column.definition
        assert (read["units"][name] if column.unit else "") == column.unit
    about = json.loads(read["about"])
    assert about["settings"] == limping_analysis.header.settings.to_dict()
    assert about["body_mass_kg"] == limping_analysis.header.runner.body_mass_kg


def test_mat_columns_stand_upright(limping_analysis: Analysis, tmp_path: Path) -> None:
    """One contact is 1 x 1 and none is 0 x 1, so that `contacts.strike_s(end)` and `vertcat` work on any table."""
    for k in (0, 1, 3):
        path = tmp_path / f"{k}.mat"
        write_table(path, replace(limping_analysis, contacts=limping_analysis.contacts.rows(slice(0, k))))
        contacts = loadmat(path)["contacts"][0, 0]
        assert {contacts[name].shape for name in contacts.dtype.names} == {(k, 1)}


def test_mat_is_not_overwritten_unasked(limping_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.mat"
    path.write_bytes(b"mine")
    assert main(["export", str(limping_run), "-o", str(path)]) == 1
    assert "--force" in capsys.readouterr().err
    assert path.read_bytes() == b"mine"
    assert main(["export", str(limping_run), "-o", str(path), "--force"]) == 0
    assert "contacts" in loadmat(path)
