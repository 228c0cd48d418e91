"""Contact tables made by hand: running contacts of both feet in turn, columns as the test wants them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from insole.blocks import ContactTable, Kind, Side

STEP_S = 0.35


def running_rows(
    k: int, columns: Mapping[str, ArrayLike], *, start_s: float = 0.0, step_s: float = STEP_S, first: Side = Side.LEFT
) -> ContactTable:
    """k running contacts, left and right in turn from `first`; a column is one value or k of them."""
    side = ((np.arange(k) + int(first)) % 2).astype(np.int8)
    strike_s = start_s + step_s * np.arange(k)
    values = {name: np.broadcast_to(np.asarray(column, np.float64), k).copy() for name, column in columns.items()}
    return ContactTable(
        np.arange(k), side, np.full(k, Kind.RUN, np.int8), strike_s, strike_s + 0.25, np.zeros(k, np.uint16), values
    )


def left_right(k: int, left: ArrayLike, right: ArrayLike) -> NDArray[np.float64]:
    """A column of `running_rows`: values of left contacts and of right ones."""
    return np.where(np.arange(k) % 2 == 0, left, right).astype(np.float64)


def pieces(table: ContactTable, cuts: Sequence[int]) -> list[ContactTable]:
    """The table cut at the given rows, in order; equal cuts give empty pieces."""
    edges = [0, *sorted(min(cut, len(table)) for cut in cuts), len(table)]
    return [table.rows(slice(a, b)) for a, b in pairwise(edges)]
