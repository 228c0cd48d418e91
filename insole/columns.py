"""Named columns of one table, kept as the rows of a few matrices.

A table of contacts has some two hundred columns, and passes many stages with few rows at a time. So what is done to all
columns alike (pick rows, put tables one after the other) costs as much as there are matrices, not columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

Names = tuple[str, ...]


class Columns(Mapping[str, npt.NDArray[Any]]):
    """Columns by name, read only; in the order in which they were added.

    Parameters
    ----------
    blocks : (names, (m, k) matrix) pairs
        Row i of a matrix is the column of the i-th of its names. No name comes twice.
    """

    __slots__ = ("_found", "blocks")

    def __init__(self, *blocks: tuple[Names, npt.NDArray[Any]]) -> None:
        self.blocks = blocks
        self._found: dict[str, tuple[int, int]] | None = None  # when asked for: many tables only pass through

    @property
    def _places(self) -> dict[str, tuple[int, int]]:
        if self._found is None:
            self._found = _places(self.names)
        return self._found

    @classmethod
    def of(cls, columns: Mapping[str, npt.NDArray[Any]]) -> Columns:
        """Any mapping of columns of one type."""
        if isinstance(columns, Columns):
            return columns
        return cls((tuple(columns), np.array(list(columns.values())))) if columns else cls()

    @classmethod
    def join(cls, parts: Sequence[Mapping[str, npt.NDArray[Any]]]) -> Columns:
        """The same columns of several tables, one after the other."""
        tables = [cls.of(part) for part in parts]
        first = tables[0]
        if any(table.names != first.names for table in tables):
            every = tuple(first)
            return cls((every, np.array([np.concatenate([table[name] for table in tables]) for name in every])))
        matrices = (
            np.concatenate([matrix for _, matrix in same], axis=1)
            for same in zip(*(table.blocks for table in tables), strict=True)
        )
        return cls(*zip(first.names, matrices, strict=True))

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        """One column, (k,)."""
        block, row = self._places[name]
        column: npt.NDArray[Any] = self.blocks[block][1][row]
        return column

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def matrix(self, names: Names, absent: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Some columns as the rows of a new matrix, (m, k); `absent`, (k,), stands where there is no such column."""
        matrices = [matrix for _, matrix in self.blocks]
        rows: npt.NDArray[Any] = np.concatenate([*matrices, absent[None]])[_rows(self.names, names)]
        return rows

    def rows(self, pick: npt.NDArray[Any] | slice) -> Columns:
        """The rows that `pick` (mask, indices or slice) selects."""
        if isinstance(pick, slice):
            return Columns(*((names, matrix[:, pick]) for names, matrix in self.blocks))
        at = np.flatnonzero(pick) if pick.dtype == np.bool_ else pick
        return Columns(*((names, matrix.take(at, axis=1)) for names, matrix in self.blocks))

    def plus(self, more: Mapping[str, npt.NDArray[Any]]) -> Columns:
        """With these columns after the others."""
        return Columns(*self.blocks, *Columns.of(more).blocks)

    def without(self, *names: str) -> Columns:
        """Without these columns."""
        gone = frozenset(names)
        blocks = []
        for block in self.blocks:
            if gone.isdisjoint(block[0]):
                blocks.append(block)
                continue
            keep = [i for i, name in enumerate(block[0]) if name not in gone]
            if keep:
                blocks.append((tuple(block[0][i] for i in keep), block[1][keep]))
        return Columns(*blocks)

    def with_changes(self, changes: Mapping[str, npt.NDArray[Any]]) -> Columns:
        """With other values in these columns; they must be there."""
        matrices = {self._places[name][0] for name in changes}
        blocks = [(names, matrix.copy() if i in matrices else matrix) for i, (names, matrix) in enumerate(self.blocks)]
        for name, column in changes.items():
            i, row = self._places[name]
            blocks[i][1][row] = column
        return Columns(*blocks)

    @property
    def names(self) -> tuple[Names, ...]:
        """Of each matrix."""
        return tuple(names for names, _ in self.blocks)


@lru_cache(maxsize=256)
def _places(blocks: tuple[Names, ...]) -> dict[str, tuple[int, int]]:
    """Matrix and row of each column."""
    return {name: (i, row) for i, names in enumerate(blocks) for row, name in enumerate(names)}


@lru_cache(maxsize=256)
def _rows(blocks: tuple[Names, ...], wanted: Names) -> npt.NDArray[np.int64]:
    """Rows of the wanted columns in all matrices, one below the other; of one that is missing, the row after."""
    every = {name: row for row, name in enumerate(name for names in blocks for name in names)}
    return np.array([every.get(name, len(every)) for name in wanted], np.int64)
