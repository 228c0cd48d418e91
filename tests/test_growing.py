"""A table that grows: the same as its parts joined, and never twice in memory."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from contact_rows import pieces, running_rows

from insole.blocks import ContactTable, GrowingTable

MANY = {f"metric_{i}": float(i) for i in range(100)}


@pytest.mark.parametrize("cuts", [[], [0, 3, 3, 700], range(0, 1000, 7)])
def test_rows_added_piece_by_piece_are_the_table_joined(cuts: list[int]) -> None:
    table = running_rows(1000, {"valr_bw_s": np.linspace(40.0, 90.0, 1000), "peak_force_bw": 2.5})
    growing = GrowingTable()
    for piece in pieces(table, cuts):
        growing.add(piece)
    grown = growing.finish()
    assert list(grown.columns) == list(table.columns)
    for name in ("contact_id", "side", "kind", "strike_s", "toe_off_s", "quality"):
        np.testing.assert_array_equal(getattr(grown, name), getattr(table, name))
        assert getattr(grown, name).dtype == getattr(table, name).dtype
    for name, column in table.columns.items():
        np.testing.assert_array_equal(grown.columns[name], column)


def test_nothing_added_is_no_contacts() -> None:
    growing = GrowingTable()
    growing.add(ContactTable.empty())
    assert len(growing.finish()) == 0


def test_a_column_that_later_rows_do_not_have_is_an_error() -> None:
    growing = GrowingTable()
    growing.add(running_rows(4, {"valr_bw_s": 60.0, "peak_force_bw": 2.5}))
    with pytest.raises(KeyError, match="peak_force_bw"):
        growing.add(running_rows(4, {"valr_bw_s": 60.0}))


def test_memory_stays_near_that_of_the_table() -> None:
    part = running_rows(500, MANY)
    whole_bytes = 40 * sum(column.nbytes for column in part.columns.values())
    tracemalloc.start()
    growing = GrowingTable()
    for _ in range(40):
        growing.add(part)
    assert len(growing.finish()) == 20_000
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 1.3 * whole_bytes
