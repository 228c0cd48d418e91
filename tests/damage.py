"""Ways in which files come damaged: bytes in, other bytes out, by a seeded generator."""

from __future__ import annotations

import codecs
import random
from collections.abc import Callable

Damage = Callable[[bytes, random.Random], bytes]


def _delimiter(data: bytes) -> bytes:
    return max((b"\t", b";", b","), key=data.count)


def _lines(data: bytes) -> list[bytes]:
    return data.split(b"\n")


def cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data))]


def nothing(_: bytes, __: random.Random) -> bytes:
    return b""


def only_the_header(data: bytes, _: random.Random) -> bytes:
    """Everything above the first of the lines that make up most of the file."""
    lines = _lines(data)
    cells = [line.count(_delimiter(data)) for line in lines]
    usual = max(set(cells), key=cells.count)
    return b"\n".join(lines[: cells.index(usual) + 1]) + b"\n"


def flipped(data: bytes, rng: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(max(3, len(out) // 2000)):
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def header_changed(data: bytes, rng: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(6):
        out[rng.randrange(min(2000, len(out)))] = rng.choice(b"0123456789.,;\t\n -eELR")
    return bytes(out)


def wrong_header_count(data: bytes, rng: random.Random) -> bytes:
    """One number of the first lines is another one."""
    head, rest = data[:2000], data[2000:]
    digits = [i for i, byte in enumerate(head) if byte in b"0123456789"]
    out = bytearray(head)
    if digits:
        out[rng.choice(digits)] = rng.choice(b"0123456789")
    return bytes(out) + rest


def hole(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + data[at + rng.choice([1, 7, 900]) :]


def noise(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + rng.randbytes(rng.choice([1, 40, 900])) + data[at:]


def a_nul(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + b"\0" + data[at + 1 :]


def without_a_column(data: bytes, rng: random.Random) -> bytes:
    """As a spreadsheet drops it: from every line."""
    delimiter = _delimiter(data)
    column = rng.randrange(1 + max(line.count(delimiter) for line in _lines(data)))
    lines = [line.split(delimiter) for line in _lines(data)]
    return b"\n".join(delimiter.join(cells[:column] + cells[column + 1 :]) for cells in lines)


def a_cell_less_in_every_row(data: bytes, rng: random.Random) -> bytes:
    """From the lines of numbers alone, so that they no longer stand under their names."""
    return _in_rows(data, lambda cells, column: cells[:column] + cells[column + 1 :], rng)


def a_cell_more_in_every_row(data: bytes, rng: random.Random) -> bytes:
    return _in_rows(data, lambda cells, column: [*cells[:column], b"0.5", *cells[column:]], rng)


def trailing_delimiters(data: bytes, rng: random.Random) -> bytes:
    return _in_rows(data, lambda cells, _: [*cells, b""], rng)


def columns_swapped(data: bytes, rng: random.Random) -> bytes:
    """Two neighbours in all lines, names included."""
    delimiter = _delimiter(data)
    column = rng.randrange(1 + max(line.count(delimiter) for line in _lines(data)))
    lines = [line.split(delimiter) for line in _lines(data)]
    return b"\n".join(
        delimiter.join(cells[:column] + cells[column : column + 2][::-1] + cells[column + 2 :]) for cells in lines
    )


def cells_emptied(data: bytes, rng: random.Random) -> bytes:
    """One cell each of some rows: samples that are missing."""
    delimiter = _delimiter(data)
    lines = _lines(data)
    rows = [at for at, line in enumerate(lines) if _is_row(line, delimiter)]
    for at in rng.sample(rows, min(3, len(rows))):
        cells = lines[at].split(delimiter)
        cells[rng.randrange(len(cells))] = b""
        lines[at] = delimiter.join(cells)
    return b"\n".join(lines)


def comma_for_point(data: bytes, _: random.Random) -> bytes:
    return data.replace(b".", b",")


def comma_for_point_in_a_row(data: bytes, rng: random.Random) -> bytes:
    lines = _lines(data)
    at = rng.randrange(len(lines))
    lines[at] = lines[at].replace(b".", b",")
    return b"\n".join(lines)


def semicolons(data: bytes, _: random.Random) -> bytes:
    return data.replace(_delimiter(data), b";")


def feet_swapped(data: bytes, _: random.Random) -> bytes:
    return data.replace(b"left", b"LEFT").replace(b"right", b"left").replace(b"LEFT", b"right").replace(b"-L", b"-R")


def lines_swapped(data: bytes, rng: random.Random) -> bytes:
    lines = _lines(data)
    a, b = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]
    return b"\n".join(lines)


def lines_repeated(data: bytes, rng: random.Random) -> bytes:
    lines = _lines(data)
    at = rng.randrange(len(lines))
    return b"\n".join(lines[:at] + lines[max(at - 3, 0) : at] * 5 + lines[at:])


def lines_missing(data: bytes, rng: random.Random) -> bytes:
    lines = _lines(data)
    at = rng.randrange(len(lines))
    return b"\n".join(lines[:at] + lines[at + rng.choice([1, 3, 30]) :])


def twice_over(data: bytes, _: random.Random) -> bytes:
    return data + data


def not_a_number(data: bytes, rng: random.Random) -> bytes:
    return data.replace(rng.choice([b"1", b"0.0", b"5"]), rng.choice([b"nan", b"inf", b"-", b"1e400"]), 20)


def carriage_returns(data: bytes, _: random.Random) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def old_mac(data: bytes, _: random.Random) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r")


def utf8_mark(data: bytes, _: random.Random) -> bytes:
    return codecs.BOM_UTF8 + data.removeprefix(codecs.BOM_UTF8)


def utf16(data: bytes, rng: random.Random) -> bytes:
    mark, encoding = rng.choice(
        [(codecs.BOM_UTF16_LE, "utf-16-le"), (b"", "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")]
    )
    return mark + data.decode("utf-8-sig", "replace").encode(encoding)


def latin1(data: bytes, _: random.Random) -> bytes:
    return data.decode("utf-8-sig", "replace").encode("latin-1", "replace")


def _in_rows(data: bytes, change: Callable[[list[bytes], int], list[bytes]], rng: random.Random) -> bytes:
    """Change every line that holds numbers and nothing else."""
    delimiter = _delimiter(data)
    lines = _lines(data)
    column = rng.randrange(max(1, lines[len(lines) // 2].count(delimiter)))
    return b"\n".join(
        delimiter.join(change(line.split(delimiter), column)) if _is_row(line, delimiter) else line for line in lines
    )


def _is_row(line: bytes, delimiter: bytes) -> bool:
    return delimiter in line and set(line) <= set(b"0123456789.,-+eEB \t;\r")


SAME: tuple[Damage, ...] = (carriage_returns, old_mac, utf8_mark, utf16, latin1)
"""No damage at all: another way to store the same characters."""

LOCAL: tuple[Damage, ...] = (cut, hole, a_nul, cells_emptied, lines_missing, lines_repeated, comma_for_point_in_a_row)
"""Damage to few rows: all others must come out as they were."""

ANY: tuple[Damage, ...] = (
    nothing,
    only_the_header,
    flipped,
    header_changed,
    wrong_header_count,
    noise,
    without_a_column,
    a_cell_less_in_every_row,
    a_cell_more_in_every_row,
    trailing_delimiters,
    columns_swapped,
    comma_for_point,
    semicolons,
    feet_swapped,
    lines_swapped,
    twice_over,
    not_a_number,
)
"""Damage of every other kind."""
