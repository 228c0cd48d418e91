"""Force and contacts -> an MCAP file of JSON messages, which general viewers plot (Foxglove, PlotJuggler).

========================== ==============================================================================
topic                      message
========================== ==============================================================================
`/left` `/right` (`/belt`) one a frame: `t_s`, `force_n`, `cop_x_mm`, ..., and 1 or 0 for the contact
`/contacts`                one a contact, at its toe-off: the row of the contact table
========================== ==============================================================================

A value that is withheld or was lost is absent from its message, because viewers know no null in a schema. The time of
a message is recording time: second 0 of the recording is 0. A recording of insole's own holds raw packets instead,
which viewers cannot read; this file cannot be analysed again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from mcap.well_known import MessageEncoding, SchemaEncoding
from mcap.writer import Writer

from insole import __version__
from insole.analysis import Analysis
from insole.blocks import Side
from insole.report.about import Column, about, free_with_sidecar, write_sidecar
from insole.report.force import FootSeries, Zero, force_series, require_newtons
from insole.report.ground import contact_columns, whole_contacts
from insole.report.plain import new_file
from insole.report.series import series_columns, zeros_used
from insole.report.tables import table_columns

CONTACTS = "/contacts"
_NS = 1e9


def write_plot(path: Path, analysis: Analysis, zeros: Mapping[Side, Zero], force: bool = False) -> int:
    """Write every frame and every contact of the analysed file.

    Parameters
    ----------
    path, analysis, zeros, force
        As `insole.report.series.write_series`.

    Returns
    -------
    int
        Frames written.

    Raises
    ------
    InsoleError
        The file knows no newtons, or as `insole.report.plain.free_path`.
    """
    free_with_sidecar(path, force)
    require_newtons(analysis)
    described: dict[str, Column] = {}
    frames = 0
    with new_file(path, force) as out:
        writer = Writer(out)
        writer.start(profile="", library=f"insole {__version__}")
        channels: dict[str, int] = {}

        def add(topic: str, columns: Sequence[Column], t_s: Sequence[float]) -> None:
            if topic not in channels:
                channels[topic] = _register(writer, topic, columns)
                described.update((f"{topic}.{column.name}", column) for column in columns)
            for at_s, message in zip(t_s, _messages(columns), strict=True):
                stamp_ns = max(round(at_s * _NS), 0)
                writer.add_message(channels[topic], stamp_ns, message, stamp_ns)

        for piece in force_series(analysis.file, analysis.header, zeros):
            add(f"/{piece.side.label}", _frame_columns(piece, analysis), piece.t_s.tolist())
            frames += len(piece.t_s)
        contacts = whole_contacts(analysis.contacts)
        add(CONTACTS, list(table_columns(contacts)), contacts.toe_off_s.tolist())
        writer.finish()  # type: ignore[no-untyped-call]  # the package leaves this one method without types
    named = [Column(name, c.values, c.unit, c.definition) for name, c in described.items()]
    write_sidecar(path, about(named, analysis) | zeros_used(zeros), force)
    return frames


def _frame_columns(piece: FootSeries, analysis: Analysis) -> list[Column]:
    columns = series_columns(piece)[1:]  # without the side: the topic says it
    return [*columns, *contact_columns(piece.t_s, analysis.contacts, piece.side)]


def _register(writer: Writer, topic: str, columns: Sequence[Column]) -> int:
    """A channel with its schema."""
    kinds = {"f": "number", "i": "integer", "U": "string"}
    properties = {
        column.name: {
            "type": kinds[column.values.dtype.kind],
            "description": f"{column.definition} [{column.unit}]" if column.unit else column.definition,
        }
        for column in columns
    }
    schema = json.dumps({"type": "object", "title": f"insole{topic}", "properties": properties})
    schema_id = writer.register_schema(f"insole.{topic[1:]}", SchemaEncoding.JSONSchema, schema.encode())
    return writer.register_channel(topic, MessageEncoding.JSON, schema_id)


def _messages(columns: Sequence[Column]) -> Iterator[bytes]:
    """One a row, without what is NaN."""
    names = [column.name for column in columns]
    absent = [np.isnan(c.values) if c.values.dtype.kind == "f" else np.zeros(len(c.values), np.bool_) for c in columns]
    rows = zip(*(column.values.tolist() for column in columns), strict=True)
    for row, missing in zip(rows, np.column_stack(absent).tolist(), strict=True):
        values = {name: value for name, value, gone in zip(names, row, missing, strict=True) if not gone}
        yield json.dumps(values, allow_nan=False).encode()
