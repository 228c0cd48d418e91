"""How a person has arranged the panels of a view: which are hidden, which rows were moved. No Qt.

In: the columns as the view declares them. Out: the columns as they are shown; a text to remember it by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from insole.dashboard.model.grid import Column, Row

FIRST_MOVABLE = 1  # the left column stays as it is


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Names of hidden panels, and of rows (by their first panel) in the order that was made."""

    hidden: frozenset[str] = frozenset()
    order: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str) -> Arrangement:
        """From `text`; what it names and a view does not have does no harm."""
        hidden, _, order = text.partition("|")
        return cls(frozenset(filter(None, hidden.split(","))), tuple(filter(None, order.split(","))))

    @property
    def text(self) -> str:
        """To be remembered; empty for the view as it is declared."""
        return f"{','.join(sorted(self.hidden))}|{','.join(self.order)}" if self.hidden or self.order else ""

    def columns(self, declared: Sequence[Column]) -> tuple[Column, ...]:
        """The columns with their rows in the order that was made."""

        def rank(row: Row) -> int:
            name = row_name(row)
            return self.order.index(name) if name in self.order else len(self.order)

        kept = tuple(declared[:FIRST_MOVABLE])
        moved = (replace(column, rows=tuple(sorted(column.rows, key=rank))) for column in declared[FIRST_MOVABLE:])
        return (*kept, *moved)

    def toggled(self, panel: str) -> Arrangement:
        """With a panel hidden, or shown again."""
        return replace(self, hidden=self.hidden ^ {panel})

    def moved_up(self, declared: Sequence[Column], name: str) -> Arrangement:
        """With a row one place further up in its column."""
        columns = self.columns(declared)
        order = [row_name(row) for column in columns[FIRST_MOVABLE:] for row in column.rows]
        for column in columns[FIRST_MOVABLE:]:
            names = [row_name(row) for row in column.rows]
            if name in names[1:]:
                at = order.index(name)
                order[at - 1], order[at] = order[at], order[at - 1]
        return replace(self, order=tuple(order))


def row_name(row: Row) -> str:
    """A row is known by its first panel."""
    return next(iter(row.panels))


def movable(columns: Sequence[Column]) -> list[str]:
    """Rows that have one above them in a column that can be arranged."""
    return [row_name(row) for column in columns[FIRST_MOVABLE:] for row in column.rows[1:]]
