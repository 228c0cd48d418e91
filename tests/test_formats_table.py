"""Rows of numbers: good rows are read, damaged ones counted, and a table that is not one is refused with its line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from insole.errors import FormatError
from insole.formats.findings import Findings
from insole.formats.reading import table as table_module
from insole.formats.reading import text as text_module
from insole.formats.reading.table import Table, split_header
from insole.formats.reading.text import TextFile


def opened(path: Path, data: str, *, header: str | None = None, first_line: int = 1, delimiter: str = ";") -> Table:
    path.write_text(data, encoding="utf-8", newline="")
    text = TextFile.open(path)
    return Table.below(text, text.head().split("\n"), first_line, delimiter, header)


def read(table: Table, columns: list[int]) -> tuple[list[int], list[list[float]], tuple[str, ...]]:
    findings = Findings()
    blocks = list(table.rows(columns, findings))
    lines = [int(line) for block in blocks for line in block.line]
    return lines, [row for block in blocks for row in block.values.tolist()], findings.lines()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "table.csv"


def test_columns_are_picked_and_lines_counted(path: Path) -> None:
    table = opened(path, "a;b;c\n1;2;3\n\n4;5;6\n", first_line=2, header="a;b;c")
    assert read(table, [2, 0]) == ([2, 4], [[3, 1], [6, 4]], ())


def test_decimal_comma_and_trailing_delimiters(path: Path) -> None:
    table = opened(path, "1,5;2;;\r\n3,25;4;;\r\n")
    assert read(table, [0, 1])[1] == [[1.5, 2], [3.25, 4]]


@pytest.mark.parametrize(("block", "piece"), [(97, table_module.PIECE_BYTES), (text_module.BLOCK_BYTES, 1), (97, 30)])
def test_rows_in_many_blocks_and_pieces_are_the_same(
    path: Path, monkeypatch: pytest.MonkeyPatch, block: int, piece: int
) -> None:
    rows = [f"{i};{i * 0.25}" for i in range(500)]
    rows[40], rows[100], rows[333] = "", "x;1", "3;3;3"
    data = "a;b\n\n" + "\n".join(rows) + "\n5"
    whole = read(opened(path, data, header="a;b", first_line=3), [0, 1])
    monkeypatch.setattr(text_module.TextFile.blocks, "__defaults__", (block,))
    monkeypatch.setattr(table_module, "PIECE_BYTES", piece)
    assert read(opened(path, data, header="a;b", first_line=3), [0, 1]) == whole
    assert set(range(3, 503)) - set(whole[0]) == {43, 103, 336}
    assert whole[2] == (
        "2 rows that cannot be read: left out (first in line 103)",
        "1 unfinished last line: left out (first in line 503)",
    )


@pytest.mark.parametrize(
    ("last", "kept"),
    [("9;1.25", True), ("9;1.2", False), ("9;1.255", True), ("9", False), ("9;", False), ("9;1.x5", False)],
)
def test_an_unfinished_last_line_counts_only_if_whole(path: Path, last: str, kept: bool) -> None:
    lines, rows, found = read(opened(path, "7;1.25\n8;1.50\n" + last), [0, 1])
    assert (3 in lines) is kept
    assert bool(found) is not kept
    assert len(rows) == 2 + kept


def test_a_few_damaged_rows_are_left_out_and_counted(path: Path) -> None:
    data = [f"{i};{i}\n" for i in range(100)]
    data[10], data[20], data[30] = "10;x\n", "20\n", "30;3;3\n"
    lines, _, found = read(opened(path, "".join(data)), [0, 1])
    assert set(range(1, 101)) - set(lines) == {11, 21, 31}
    assert found == ("3 rows that cannot be read: left out (first in line 11)",)


def test_many_damaged_rows_are_refused_with_the_first_line(path: Path) -> None:
    data = [f"{i};{i}\n" if i % 3 else f"{i};1;2\n" for i in range(60)]
    with pytest.raises(FormatError, match=r"table\.csv, line 4: not a row of 2 numbers \(it has 3 cells\), and 19 of"):
        read(opened(path, "0;0\n" + "".join(data[1:])), [0, 1])


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        ("a", "1;2;3\n4;5;6\n"),
        ("a;b;c;d", "1;2;3\n4;5;6\n"),
        ("a;b;c;", "1;3;\n4;6;\n"),  # a cell lost of each row: the delimiter behind them would hide it
        ("a;b;c;", "1;2;9;3;\n4;5;9;6;\n"),
    ],
)
def test_a_header_of_another_width_is_refused(path: Path, header: str, rows: str) -> None:
    with pytest.raises(FormatError, match=r"numbers in the rows, but \d column names"):
        opened(path, rows, header=header)


@pytest.mark.parametrize(
    ("header", "rows"), [("a;b;c", "1;2;\n4;5;\n"), ("a;b;c;", "1;2;3\n4;5;\n"), ("a;b", "1;2;;\n")]
)
def test_empty_last_columns_and_trailing_delimiters_fit(path: Path, header: str, rows: str) -> None:
    assert read(opened(path, rows, header=header), [0, 1])[1][0] == [1, 2]


def test_a_damaged_first_row_is_one_row(path: Path) -> None:
    lines, _, found = read(opened(path, "1\n" + "4,5;6,5\n" * 20, header="a;b"), [0, 1])
    assert lines[0] == 2
    assert found == ("1 rows that cannot be read: left out (first in line 1)",)


def test_a_column_of_text_is_named(path: Path) -> None:
    data = "".join(f"10:21:{i:02};{i};a\n" for i in range(50))
    with pytest.raises(FormatError, match=r"line 1: not a row of 3 numbers \('10:21:00' in column 1\)"):
        read(opened(path, data), [1, 0])


def test_no_rows_is_refused(path: Path) -> None:
    with pytest.raises(FormatError, match="no rows of numbers"):
        opened(path, "a;b\n\n\n", first_line=2, header="a;b")


def test_absent_cells_are_nan(path: Path) -> None:
    _, rows, found = read(opened(path, "1;2\n;-\n3;NaN\n"), [0, 1])
    np.testing.assert_equal(rows, [[1, 2], [np.nan, np.nan], [3, np.nan]])
    assert not found


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Time;A[N]", (["time", "a[n]"], ";")),
        ('"t", "b"', (["t", "b"], ",")),
        ("a\tb \t\t", (["a", "b"], "\t")),
    ],
)
def test_header_line(line: str, expected: tuple[list[str], str]) -> None:
    assert split_header(line) == expected
