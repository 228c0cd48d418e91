"""Rows of numbers under a header: text in, blocks of float64 rows out, wanted columns only.

A row that does not hold what the table promises (cut off, a cell too many, text for a number) is left out and
counted; where more than a few are, the file is refused, because a shifted column reads as a wrong number.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from insole.blocks import BoolArray, FloatArray, IntArray
from insole.errors import FormatError
from insole.formats.findings import Findings
from insole.formats.reading.decimals import Characters, parse_decimals, parse_one
from insole.formats.reading.text import TextFile, shown, text_of

MAX_CELLS_A_ROW = 4096
PIECE_BYTES = 1 << 18
"""Read at once: the positions of its cells stay in the cache."""

BAD_ROWS_ALLOWED = 5
BAD_SHARE_ALLOWED = 0.01
_NEWLINE = ord("\n")
_DECIMAL_COMMA = re.compile(r"\s*[-+]?\d+,\d+\s*$")


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows of a table that could be read.

    Parameters
    ----------
    line : (n,) int64
        Where each stands in the file, from 1.
    values : (n, k) float64
        The wanted columns; NaN where the file holds no sample.
    """

    line: IntArray
    values: FloatArray


@dataclass(frozen=True, slots=True)
class Table:
    """Where the rows of a text file are and how they are written.

    Parameters
    ----------
    text : TextFile
    delimiter : str
        One character.
    decimal_comma : bool
    first_line : int
        Line of the first row, from 1.
    cells : int
        Cells of every row, empty ones behind a trailing delimiter included.
    """

    text: TextFile
    delimiter: str
    decimal_comma: bool
    first_line: int
    cells: int

    @classmethod
    def below(cls, text: TextFile, lines: Sequence[str], first_line: int, delimiter: str, header: str | None) -> Table:
        """The table whose first row is `lines[first_line - 1]`, under a `header` that names its columns (None: none).

        A cell lost or added in every row would put numbers under the name of their neighbour: names and rows must
        reach equally far. Where the last columns are empty in all rows of `lines`, their delimiters must be there.

        Raises
        ------
        FormatError
            No row at all, one above the header, or rows that do not fit the header.
        """
        rows = [line.split(delimiter) for line in lines[first_line - 1 :] if line.strip(delimiter + " ")]
        if not rows:
            raise FormatError(text.path, "no rows of numbers below the header", first_line)
        cells = Counter(map(len, rows)).most_common(1)[0][0]
        if cells > MAX_CELLS_A_ROW:
            raise FormatError(text.path, f"{cells} columns; at most {MAX_CELLS_A_ROW} are read", first_line)
        for number, line in enumerate(lines[: first_line - 1], 1):
            above = line.split(delimiter)
            if len(above) == cells > 1 and not any(parse_one(cell.encode())[1] for cell in above) and _filled(above):
                raise FormatError(text.path, "a row of numbers above the header of the table", number)
        if header is not None:
            above = header.split(delimiter)
            named = _filled(above)
            filled = max(_filled(row) for row in rows if len(row) == cells)
            if not (filled == named or (filled < named and cells >= len(above))):
                raise FormatError(
                    text.path, f"{filled} numbers in the rows, but {named} column names: shifted or lost", first_line
                )
        perhaps = (cell for line in lines[first_line - 1 :] if "," in line for cell in line.split(delimiter))
        comma = delimiter != "," and any(map(_DECIMAL_COMMA.match, perhaps))
        return cls(text, delimiter, comma, first_line, cells)

    def rows(self, columns: Sequence[int], findings: Findings) -> Iterator[Rows]:
        """Blocks of rows, `columns` (positions from 0) of each.

        Raises
        ------
        FormatError
            More rows are damaged than a few; names the first such line.
        """
        wanted = np.asarray(columns, np.int64)
        line, read, bad, first_bad = 1, 0, 0, 0
        previous = b""
        for block in self.text.blocks():
            data = block
            if line < self.first_line:
                *header, data = data.split(b"\n", self.first_line - line)
                line += len(header)
                if not data:
                    continue
            if not data.endswith(b"\n"):
                above, _, last = data.rpartition(b"\n")
                if self._finished(last, previous := above.rpartition(b"\n")[2] or previous):
                    data += b"\n"
                else:
                    findings.add("unfinished last line: left out", 1, line + data.count(b"\n"))
                    data = above + b"\n" * bool(above)
            if self.decimal_comma:
                data = data.replace(b",", b".")
            first, good, values, damaged = line, [], [], []
            for piece in _pieces(data):
                lines, rows, numbers, odd = self._numbers(piece, wanted)
                good.append(line + rows)
                values.append(numbers)
                damaged += (line + odd).tolist()
                line += lines
            if damaged:
                first_bad = first_bad or damaged[0]
                bad += len(damaged)
                findings.add("rows that cannot be read: left out", len(damaged), first_bad)
            read += sum(map(len, good))
            if bad > max(BAD_ROWS_ALLOWED, BAD_SHARE_ALLOWED * (read + bad)):
                example = self._fault(data, first_bad - first, columns)
                raise FormatError(
                    self.text.path,
                    f"not a row of {self.cells} numbers{example}, and {bad} of the first {read + bad} rows are not",
                    first_bad,
                )
            if any(map(len, good)):
                yield Rows(np.concatenate(good), np.concatenate(values))
            line_end = data.rfind(b"\n")
            previous = data[data.rfind(b"\n", 0, line_end) + 1 : line_end]

    def _fault(self, data: bytes, row: int, columns: Sequence[int]) -> str:
        """What is wrong with a row, counted from 0, in words to put behind it; nothing for a row before `data`."""
        if row < 0:
            return ""
        cells = data.split(b"\n", row + 1)[row].split(self.delimiter.encode())
        if len(cells) != self.cells:
            return f" (it has {len(cells)} cells)"
        odd = next((column for column in sorted(columns) if parse_one(cells[column])[1]), None)
        return "" if odd is None else f" ('{shown(text_of(cells[odd]))}' in column {odd + 1})"

    def _numbers(self, text: bytes, wanted: IntArray) -> tuple[int, IntArray, FloatArray, IntArray]:
        """How many lines; which of them, from 0, are rows that can be read, and their numbers; which are damaged."""
        characters = Characters(text)
        ends_row = characters.bytes == _NEWLINE
        start, end, rows, damaged = self._cells(characters, ends_row, wanted)
        values, unreadable = parse_decimals(characters, start, end)
        if unreadable.any():
            good = ~unreadable.any(axis=1)
            damaged = np.union1d(damaged, rows[~good])
            rows, values = rows[good], values[good]
        return int(np.count_nonzero(ends_row)), rows, values, damaged

    def _cells(
        self, characters: Characters, ends_row: BoolArray, wanted: IntArray
    ) -> tuple[IntArray, IntArray, IntArray, IntArray]:
        """Begin and end of the wanted cells of whole rows, (n, k); which rows these are; which are damaged."""
        is_edge = characters.bytes == ord(self.delimiter)
        is_edge |= ends_row
        is_edge[characters.first - 1] = True
        edges = np.flatnonzero(is_edge)
        rows, rest = divmod(len(edges) - 1, self.cells)
        regular = not rest and np.count_nonzero(ends_row) == rows and ends_row[edges[self.cells :: self.cells]].all()
        if regular:  # row i ends at edge (i + 1) x cells: no need to look for the rows
            begin, end = (edge.reshape(rows, self.cells).take(wanted, axis=1) for edge in (edges[:-1], edges[1:]))
            begin += 1
            return begin, end, np.arange(rows), np.empty(0, np.int64)
        row_ends = np.flatnonzero(ends_row[edges[1:]])
        row_starts = np.concatenate([[0], row_ends[:-1] + 1])
        cells = row_ends + 1 - row_starts
        whole = np.flatnonzero(cells == self.cells)
        at = row_starts[whole, None] + wanted
        odd = np.flatnonzero(cells != self.cells)
        blank = b" \t" + self.delimiter.encode()
        lines = (characters.text[edges[row_starts[r]] + 1 : edges[row_ends[r] + 1]] for r in odd)
        return edges[at] + 1, edges[at + 1], whole, odd[[bool(line.strip(blank)) for line in lines]]

    def _finished(self, last: bytes, previous: bytes) -> bool:
        """Whether a last line without a line end is whole: as many cells, and decimals, as the one before."""
        cells, before = last.split(self.delimiter.encode()), previous.split(self.delimiter.encode())
        decimals, decimals_before = (
            len(row[-1].strip().replace(b",", b".").partition(b".")[2]) for row in (cells, before)
        )
        return len(cells) == len(before) == self.cells and decimals >= decimals_before


def _pieces(data: bytes) -> Iterator[bytes]:
    """Whole lines of about `PIECE_BYTES`."""
    at = 0
    while at < len(data):
        stop = data.find(b"\n", at + PIECE_BYTES) + 1 or len(data)
        yield data[at:stop]
        at = stop


def _filled(cells: Sequence[str]) -> int:
    """Up to the last one that is not blank."""
    return next((i for i in range(len(cells), 0, -1) if cells[i - 1].strip()), 0)


def split_header(line: str) -> tuple[list[str], str]:
    """Column names (lower case, without quotes and trailing empty ones) and the delimiter between them."""
    delimiter = max("\t;,", key=line.count)
    names = [name.strip().strip('"').strip().lower() for name in line.split(delimiter)]
    while names and not names[-1]:
        names.pop()
    return names, delimiter
