"""Force of every frame -> CSV or Parquet, and the columns that every export of frames has.

Which zero was taken away from the forces of a foot (`insole.report.force`) stands with the units.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from insole.analysis import Analysis
from insole.blocks import Side
from insole.device import MASKS
from insole.report.about import Column, about, write_sidecar
from insole.report.force import FootSeries, Zero, force_series, require_newtons
from insole.report.plain import new_file
from insole.report.tables import arrow_table, csv_header, csv_rows, pyarrow, table_target

SERIES_FORMATS = (".csv", ".parquet")


def write_series(path: Path, analysis: Analysis, zeros: Mapping[Side, Zero], force: bool = False) -> int:
    """Write the force of every frame of the analysed file, as the ending of `path` says.

    Parameters
    ----------
    path : path
        ``.csv`` or ``.parquet``; units, definitions and zeros go to `<name>.json` beside it.
    analysis : Analysis
    zeros : mapping of Side to Zero
        One a foot, as `insole.report.force.find_zeros` gives them.
    force : bool
        Whether a file that exists may be replaced.

    Returns
    -------
    int
        Rows written.

    Raises
    ------
    InsoleError
        The file knows no newtons, or as `insole.report.tables.table_target`.
    """
    table_target(path, force, SERIES_FORMATS)
    require_newtons(analysis)
    pieces = (series_columns(piece) for piece in force_series(analysis.file, analysis.header, zeros))
    none = series_columns(FootSeries(Side.LEFT, np.empty(0), np.empty(0), np.empty((0, 2)), np.empty((0, len(MASKS)))))
    content = about(none, analysis) | zeros_used(zeros)
    rows = 0
    with new_file(path, force) as out:
        if path.suffix.lower() == ".parquet":
            _, parquet = pyarrow()
            with parquet.ParquetWriter(out, arrow_table(none, content).schema) as writer:
                for columns in pieces:
                    writer.write_table(arrow_table(columns, content))
                    rows += len(columns[0].values)
        else:
            out.write(csv_header(none))
            for columns in pieces:
                out.write(csv_rows(columns))
                rows += len(columns[0].values)
    write_sidecar(path, content, force)
    return rows


def zeros_used(zeros: Mapping[Side, Zero]) -> dict[str, dict[str, str]]:
    """What a sidecar says of them."""
    return {"zero": {side.label: zero.origin for side, zero in zeros.items()}}


def series_columns(piece: FootSeries) -> tuple[Column, ...]:
    """The columns in the order of the file, rounded to what no insole resolves: 1 us, 1 mN, 1 um."""
    side = np.full(len(piece.t_s), piece.side.label)
    x_mm, y_mm = piece.cop_mm.round(3).T
    forces = piece.region_force_n.round(3).T
    limit = "NaN or empty below 5 % of body weight and without cell positions"
    return (
        Column("side", side, "", "which foot"),
        Column("t_s", piece.t_s.round(6), "s", "from the start of the recording"),
        Column("force_n", piece.force_n.round(3), "N", "vertical force, one zero for the whole file, unfiltered"),
        Column("cop_x_mm", x_mm, "mm", f"centre of pressure from the medial edge; {limit}"),
        Column("cop_y_mm", y_mm, "mm", f"centre of pressure from the heel; {limit}"),
        *(
            Column(f"{region}_n", values, "N", f"vertical force under the region {region}")
            for region, values in zip(MASKS, forces, strict=True)
        ),
    )
