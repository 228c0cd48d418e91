"""Columns by name as rows of matrices: everything a mapping of single arrays would say."""

from __future__ import annotations

import numpy as np
import pytest

from insole.columns import Columns

A, B, C = (np.arange(4.0) + 10.0 * i for i in range(3))


def table() -> Columns:
    return Columns((("a", "b"), np.array([A, B]))).plus({"c": C})


def test_columns_come_by_name_in_the_order_in_which_they_were_added() -> None:
    assert list(table()) == ["a", "b", "c"]
    np.testing.assert_array_equal(table()["b"], B)
    np.testing.assert_array_equal(table()["c"], C)
    assert "d" not in table()
    with pytest.raises(KeyError):
        table()["d"]


@pytest.mark.parametrize("pick", [slice(1, 3), np.array([3, 0]), np.array([True, False, False, True])])
def test_picked_rows_are_those_of_every_column(pick: np.ndarray | slice) -> None:
    picked = table().rows(pick)
    for name, column in (("a", A), ("b", B), ("c", C)):
        np.testing.assert_array_equal(picked[name], column[pick])
        assert picked[name].flags.c_contiguous


def test_some_columns_as_one_matrix_with_a_row_for_what_is_missing() -> None:
    absent = np.full(4, np.nan)
    np.testing.assert_array_equal(table().matrix(("c", "d", "a", "c"), absent), [C, absent, A, C])
    np.testing.assert_array_equal(Columns().matrix(("a",), absent), [absent])


def test_tables_join_by_name_whatever_they_are_made_of() -> None:
    plain = {"c": C, "a": A, "b": B}
    for other in (table(), plain):
        joined = Columns.join([table(), other])
        assert list(joined) == ["a", "b", "c"]
        for name, column in plain.items():
            np.testing.assert_array_equal(joined[name], np.concatenate([column, column]))
    assert list(Columns.join([{}, {}])) == []


def test_columns_are_left_out_and_changed_without_touching_the_first_table() -> None:
    first = table()
    assert list(first.without("a", "c")) == ["b"]
    changed = first.with_changes({"b": B + 1})
    np.testing.assert_array_equal(changed["b"], B + 1)
    np.testing.assert_array_equal(changed["a"], A)
    np.testing.assert_array_equal(first["b"], B)
