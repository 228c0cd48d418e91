"""Contacts as they come, to one table: for sessions whose table is most of the memory there is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from insole.blocks.contacts import ContactTable
from insole.columns import Columns

SINGLE = ("contact_id", "side", "kind", "strike_s", "toe_off_s", "quality")
GROUPS = ("columns", "uncertainty", "status")

Key = tuple[str, str]  # field of the table, and name in it


class GrowingTable:
    """A contact table that rows are added to.

    Every column grows by itself, an eighth at a time: never are two copies of the table there, as they are when its
    parts are kept and joined in the end.
    """

    def __init__(self) -> None:
        self._length = 0
        self._columns: dict[Key, npt.NDArray[Any]] = {}

    def add(self, rows: ContactTable) -> None:
        """Rows behind those that are there, with the same columns."""
        if not len(rows):
            return
        begin, self._length = self._length, self._length + len(rows)
        values = dict(_columns(rows))
        if not self._columns:
            self._columns = {key: np.empty(0, column.dtype) for key, column in values.items()}
        for key, column in self._columns.items():
            if len(column) < self._length:
                column.resize(self._length + self._length // 8, refcheck=False)
            column[begin : self._length] = values[key]

    def finish(self) -> ContactTable:
        """The table; nothing can be added to it any more."""
        columns, self._columns = self._columns, {}
        if not columns:
            return ContactTable.empty()
        for column in columns.values():
            column.resize(self._length, refcheck=False)
        return ContactTable(
            contact_id=columns["contact_id", ""],
            side=columns["side", ""],
            kind=columns["kind", ""],
            strike_s=columns["strike_s", ""],
            toe_off_s=columns["toe_off_s", ""],
            quality=columns["quality", ""],
            columns=Columns(*_named(columns, "columns")),
            uncertainty=Columns(*_named(columns, "uncertainty")),
            status=Columns(*_named(columns, "status")),
        )


def _named(columns: dict[Key, npt.NDArray[Any]], group: str) -> Iterator[tuple[tuple[str], npt.NDArray[Any]]]:
    return (((name,), column[None]) for (field, name), column in columns.items() if field == group)


def _columns(table: ContactTable) -> Iterator[tuple[Key, npt.NDArray[Any]]]:
    for field in SINGLE:
        yield (field, ""), getattr(table, field)
    for group in GROUPS:
        for name, values in getattr(table, group).items():
            yield (group, name), values
