"""Where the panels of a view stand: columns of rows, in pixels. No Qt.

In: columns as a view declares them, and which panels are away. Out: a rectangle for every panel that is there. What a
panel leaves free goes to its row, then to its column, then to the other columns.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

COLUMNS = 12


@dataclass(frozen=True, slots=True)
class Row:
    """Panels side by side.

    Parameters
    ----------
    panels : mapping of name to share
        From left to right, with their shares of the width.
    height : float
        Share of what rows of a fixed height leave.
    fixed : str
        Name of a fixed height in place of a share.
    least : str
        Name of a height that the share does not go below.
    """

    panels: Mapping[str, float]
    height: float = 1.0
    fixed: str = ""
    least: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """Rows from top to bottom, `span` of twelve wide."""

    span: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in whole pixels; right and bottom are the first ones outside."""

    left: int
    top: int
    right: int
    bottom: int


def boxes(
    columns: Sequence[Column],
    size: tuple[int, int],
    gap: int,
    fixed: Mapping[str, int],
    away: Collection[str] = (),
) -> dict[str, Box]:
    """A box for every panel that is not away.

    Parameters
    ----------
    columns : sequence of Column
    size : (width, height)
        Of the whole view, in pixels.
    gap : int
        Between panels.
    fixed : mapping of name to pixels
        Heights of the rows that have a fixed or a least one.
    away : collection of str
        Panels that are not there.
    """
    present = [(column.span, rows) for column in columns if (rows := _present(column.rows, away))]
    total = sum(span for span, _ in present)
    unit = (size[0] - (total - 1) * gap) / max(1, total)
    out: dict[str, Box] = {}
    at = 0
    for span, rows in present:
        left, right = round(at * (unit + gap)), round((at + span) * (unit + gap) - gap)
        at += span
        heights = _heights(rows, size[1], gap, fixed)
        for row, (top, bottom) in zip(rows, heights, strict=True):
            widths = _shares(list(row.panels.values()), [None] * len(row.panels), right - left, gap)
            for name, (start, end) in zip(row.panels, widths, strict=True):
                out[name] = Box(left + start, top, max(left + start + 1, left + end), max(top + 1, bottom))
    return out


def _present(rows: tuple[Row, ...], away: Collection[str]) -> list[Row]:
    kept = [replace(row, panels={n: s for n, s in row.panels.items() if n not in away}) for row in rows]
    return [row for row in kept if row.panels]


def _heights(rows: Sequence[Row], length: int, gap: int, fixed: Mapping[str, int]) -> list[tuple[int, int]]:
    """Tops and bottoms; a row whose share is too little has its least height, the others what is left."""
    shares = [row.height for row in rows]
    pixels = [fixed.get(row.fixed) for row in rows]
    found = _shares(shares, pixels, length, gap)
    for i, (row, (top, bottom)) in enumerate(zip(rows, found, strict=True)):
        least = fixed.get(row.least)
        if least is not None and bottom - top < least:
            pixels[i] = least
    return _shares(shares, pixels, length, gap)


def _shares(shares: list[float], fixed: list[int | None], length: int, gap: int) -> list[tuple[int, int]]:
    """Starts and ends along a length, with gaps between them."""
    room = length - gap * (len(shares) - 1) - sum(pixels or 0 for pixels in fixed)
    total = sum(share for share, pixels in zip(shares, fixed, strict=True) if pixels is None)
    out, at = [], 0.0
    for share, pixels in zip(shares, fixed, strict=True):
        extent = float(pixels) if pixels is not None else room * share / total
        out.append((round(at), round(at + extent)))
        at += extent + gap
    return out
