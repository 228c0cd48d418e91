"""Contact table -> CSV, Parquet or MATLAB, every column with its unit and definition.

They stand in `<name>.json` beside the file (`about`), so that a CSV stays plain; the others carry them too. Withheld
values are empty cells, NaN in MATLAB. Identity columns come first, then each metric with its standard uncertainty
(`<metric>_u`) and status (`<metric>_status`) where it has them.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from insole.analysis import Analysis
from insole.blocks import ContactTable, FloatArray, Kind, Quality, Side, Status
from insole.errors import InsoleError, MissingExtra
from insole.pipeline import METRICS
from insole.pipeline.asymmetry import COMPARED, MEDIANS
from insole.pipeline.metrics.strike import (
    BORDER_PCT,
    FOREFOOT_ABOVE_PCT,
    REARFOOT_BELOW_PCT,
    borderline,
    strike_class,
)
from insole.report.about import Column, about, free_with_sidecar, write_sidecar
from insole.report.plain import new_file

FORMATS = (".mat", ".csv", ".parquet")
STRIKE_INDEX = "strike_index_pct"
ROWS_AT_ONCE = 512  # of a CSV, made text


def table_target(path: Path, force: bool, formats: Sequence[str] = FORMATS) -> Path:
    """`path`, if a table may be written there in one of these formats.

    Raises
    ------
    InsoleError
        The ending is unknown, the path is taken and `force` is not given, or its folder is missing.
    MissingExtra
        Parquet without pyarrow.
    """
    if path.suffix.lower() not in formats:
        raise InsoleError(f"{path}: a table is written as {', '.join(formats[:-1])} or {formats[-1]}")
    if path.suffix.lower() == ".parquet":
        pyarrow()
    return free_with_sidecar(path, force)


def write_table(path: Path, analysis: Analysis, force: bool = False) -> None:
    """Write the contact table of `analysis`, as the ending of `path` says.

    Raises
    ------
    InsoleError, MissingExtra
        As `table_target`.
    """
    table_target(path, force)
    contacts = analysis.contacts
    none = tuple(table_columns(contacts.rows(slice(0))))
    content = about(none, analysis)
    with new_file(path, force) as file:
        if path.suffix.lower() == ".mat":
            _write_matlab(file, tuple(table_columns(contacts)), content)
        elif path.suffix.lower() == ".parquet":
            _write_parquet(file, tuple(table_columns(contacts)), content)
        else:
            file.write(csv_header(none))
            file.writelines(_csv_pieces(contacts))
    write_sidecar(path, content, force)


def table_columns(table: ContactTable) -> Iterator[Column]:
    """The columns in the order of the file."""
    qualities = {code: Quality(code).label for code in np.unique(table.quality).tolist()}
    yield Column("contact_id", table.contact_id, "", "number of the contact in this recording")
    yield Column("side", np.array([Side(code).label for code in table.side.tolist()], str), "", "which foot")
    yield Column(
        "kind",
        np.array([Kind(code).label for code in table.kind.tolist()], str),
        "",
        "run, walk, stand, or rejected: only run enters statistics",
    )
    yield Column("strike_s", table.strike_s, "s", "initial contact, from the start of the recording")
    yield Column("toe_off_s", table.toe_off_s, "s", "toe-off, from the start of the recording")
    yield Column(
        "quality",
        np.array([qualities[code] for code in table.quality.tolist()], str),
        "",
        "what is known against the contact; ok: nothing",
    )
    status_names = np.array([status.name.lower() for status in Status])
    described = descriptions()
    for name, values in table.columns.items():
        unit, definition = described[name]
        yield Column(name, values, unit, definition)
        if name in table.uncertainty:
            yield Column(f"{name}_u", table.uncertainty[name], unit, f"standard uncertainty of {name}")
        if name in table.status:
            yield Column(
                f"{name}_status", status_names[table.status[name]], "", f"whether {name} may be used, or why not"
            )
        if name == STRIKE_INDEX:
            yield from _strike_columns(values)


def _strike_columns(strike_index: FloatArray) -> Iterator[Column]:
    """The class in words, and whether it is certain (METRICS.md 4)."""
    names = strike_class(strike_index)
    near = np.where(names == "", np.nan, borderline(strike_index))
    borders = f"rearfoot under {REARFOOT_BELOW_PCT:g}, forefoot over {FOREFOOT_ABOVE_PCT:g}"
    yield Column("strike_class", np.where(names == "", "withheld", names), "", f"class of {STRIKE_INDEX}: {borders}")
    unsure = f"1 where {STRIKE_INDEX} is within {BORDER_PCT:g} points of a border: the class is uncertain"
    yield Column("strike_borderline", near, "", unsure)


def descriptions() -> dict[str, tuple[str, str]]:
    """Unit and definition of every column a metric can give: its own, and the rolling ones made of it."""
    out = {metric.name: (metric.unit, metric.definition) for metric in METRICS}
    out["saturated_pct"] = ("%", "loaded cell samples at full scale")
    out["faulty_cells"] = ("cells", "cells of the insole known dead or stuck at that contact")
    out["k_dyn"] = ("", "body-weight check: body weight over mean force of the last 20 strides; 1 when calibrated")
    for row in COMPARED:
        name = f"{row.metric}_asymmetry"
        out[name] = ("%", f"left-right difference of {row.metric} over the last contacts, positive: left higher")
        out[f"{name}_low"] = ("%", f"lower 95 % bound of {name}")
        out[f"{name}_high"] = ("%", f"upper 95 % bound of {name}")
    for median in MEDIANS:
        unit = out[median.metric][0]
        out[median.value] = (unit, f"median of {median.metric} over the foot's last {median.contacts} contacts")
        out[median.low] = (unit, f"lower 95 % bound of {median.value}")
        out[median.high] = (unit, f"upper 95 % bound of {median.value}")
    return out


def _csv_pieces(table: ContactTable) -> Iterator[bytes]:
    """The rows, some at a time: as text they take ten times the memory of the table."""
    for first in range(0, len(table), ROWS_AT_ONCE):
        yield csv_rows(tuple(table_columns(table.rows(slice(first, first + ROWS_AT_ONCE)))))


def csv_header(columns: Sequence[Column]) -> bytes:
    """The first line of a CSV."""
    return (",".join(column.name for column in columns) + "\n").encode()


def csv_rows(columns: Sequence[Column]) -> bytes:
    """The rows of a CSV, without its header."""
    text = io.StringIO(newline="")
    rows = zip(*(_cells(column.values) for column in columns), strict=True)
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _cells(values: npt.NDArray[Any]) -> list[Any]:
    if values.dtype.kind == "f":
        return ["" if value != value else value for value in values.tolist()]  # noqa: PLR0124 (NaN is not itself)
    if values.dtype.kind == "U":
        return [inert(value) for value in values.tolist()]
    cells: list[Any] = values.tolist()
    return cells


def inert(text: str) -> str:
    """`text` that a spreadsheet will not run as a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _write_parquet(file: BinaryIO, columns: tuple[Column, ...], content: dict[str, Any]) -> None:
    _, parquet = pyarrow()
    parquet.write_table(arrow_table(columns, content), file)


def arrow_table(columns: Sequence[Column], content: dict[str, Any]) -> Any:
    """A pyarrow table with units and definitions at its fields and the rest in its metadata; NaN becomes null."""
    pa, _ = pyarrow()
    arrays = [pa.array(c.values, from_pandas=c.values.dtype.kind == "f") for c in columns]
    fields = [
        pa.field(c.name, a.type, metadata={"unit": c.unit, "definition": c.definition})
        for c, a in zip(columns, arrays, strict=True)
    ]
    schema = pa.schema(fields, metadata={"insole": json.dumps(content)})
    return pa.Table.from_arrays(arrays, schema=schema)


def _write_matlab(file: BinaryIO, columns: tuple[Column, ...], content: dict[str, Any]) -> None:
    """Structs `contacts` (k x 1 each, text as cells), `units` and `definitions`; `about` is text for jsondecode."""
    from scipy.io import savemat

    upright = {c.name: c.values[:, np.newaxis] for c in columns}  # no contacts are 0 x 1, not 0 x 0
    values = {
        "contacts": {name: v.astype(object) if v.dtype.kind == "U" else v for name, v in upright.items()},
        "units": {c.name: c.unit for c in columns},
        "definitions": {c.name: c.definition for c in columns},
        "about": json.dumps({key: value for key, value in content.items() if key != "columns"}),
    }
    anywhere: Any = file  # an open file will do; scipy's types leave that out
    savemat(anywhere, values, long_field_names=True, do_compression=True)


def pyarrow() -> tuple[Any, Any]:
    """The library and its module for Parquet, or `MissingExtra`."""
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtra("writing Parquet", "parquet") from error
    return pa, parquet
