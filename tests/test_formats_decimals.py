"""Numbers out of text: the same doubles as `float`, and nothing else taken for a number."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from insole.formats.reading.decimals import MISSING, Characters, parse_decimals, parse_one

NUMBERS = st.one_of(
    st.integers(-(10**15), 10**15).map(str),
    st.decimals(-(10**6), 10**6, allow_nan=False, places=4).map(lambda number: f"{number:f}"),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.tuples(st.integers(0, 18), st.decimals(-1000, 1000, allow_nan=False, places=2)).map(
        lambda p: " " * p[0] + f"{p[1]:f}"
    ),
)
CELLS = st.lists(st.one_of(NUMBERS, st.text("0123456789.-+ eE,x!/_n\0", max_size=20)), min_size=1, max_size=40)


def parsed(cells: list[bytes]) -> tuple[list[float], list[bool]]:
    characters = Characters(b";".join(cells))
    end = characters.first - 1 + np.cumsum([len(cell) + 1 for cell in cells])
    start = end - [len(cell) for cell in cells]
    values, unreadable = parse_decimals(characters, start, end)
    return values.tolist(), unreadable.tolist()


@given(CELLS)
@example(["-", ".", "-.", "", " ", "5.", ".5", "-.5", "- 5", "1 2", "--5", "5-", "1.2.3"])
@example(["!5", " !8", "0x10", "1_000", "1/2", "-0", "-0.0", "00012", "9999999999999999", "     0.01000"])
@example(["\0", "\0\0", "\0" + "5"])
@example([" " * 12 + "12.5", " " * 20 + "-3.25", " " * 30 + "1", "12345678.12345678", "1234567.1234567"])
def test_fast_way_and_slow_way_agree(cells: list[str]) -> None:
    agree(cells)


@given(CELLS, st.integers(4, 10))
@example(["\0" + "0"], 4)
def test_they_agree_in_a_table_padded_with_blanks(cells: list[str], width: int) -> None:
    agree([cell.rjust(width) for cell in cells])


@given(st.lists(st.decimals(0, 99, places=2).map(str), min_size=1, max_size=40), CELLS)
def test_they_agree_where_the_dot_stands_in_one_place(alike: list[str], others: list[str]) -> None:
    agree(alike)
    agree([*alike, *others])


def agree(cells: list[str]) -> None:
    values, unreadable = parsed([cell.encode() for cell in cells])
    for cell, value, bad in zip(cells, values, unreadable, strict=True):
        expected, expected_bad = parse_one(cell.encode())
        assert bad == expected_bad, cell
        assert value == expected or (math.isnan(value) and math.isnan(expected)), cell


@given(st.lists(NUMBERS, min_size=1, max_size=40))
def test_a_number_is_the_double_that_float_gives(cells: list[str]) -> None:
    values, unreadable = parsed([cell.encode() for cell in cells])
    assert values == [float(cell) for cell in cells]
    assert not any(unreadable)


@pytest.mark.parametrize("cell", sorted(MISSING | {b"NaN", b"Infinity", b"1e999", b'"-"'}))
def test_a_missing_sample_is_absent_and_no_damage(cell: bytes) -> None:
    [value], [unreadable] = parsed([cell])
    assert math.isnan(value)
    assert not unreadable


@pytest.mark.parametrize("cell", [b"abc", b"1,5", b"12;", b"1 2", b"0x1F", b"1_0", b"\xff3.5", b"3.5\xb2"])
def test_text_is_no_number(cell: bytes) -> None:
    value, unreadable = parse_one(cell)
    assert math.isnan(value)
    assert unreadable


def test_shape_is_kept() -> None:
    characters = Characters(b"1,2,3,4,5,6")
    start = characters.first + np.arange(6).reshape(2, 3) * 2
    values, unreadable = parse_decimals(characters, start, start + 1)
    assert values.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert unreadable.shape == (2, 3)
