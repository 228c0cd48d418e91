"""Stretches of a recording that were measured with the same gains: values of two of them are never compared.

In: when other gains came into force. Out: finished contacts, which come later, parted there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from insole.blocks import ContactTable


class Part(NamedTuple):
    """Rows of one epoch."""

    rows: ContactTable
    calibrated: bool | None  # whether left and right are known against each other; None: no epoch begins here


class Epochs:
    """Those that have no contact yet."""

    def __init__(self) -> None:
        self._coming: list[tuple[float, bool]] = []

    def begin(self, at_s: float, *, calibrated: bool) -> None:
        """Other gains hold for contacts from this recording time on."""
        self._coming.append((at_s, calibrated))

    def parts(self, rows: ContactTable) -> Iterator[Part]:
        """Rows, in order of time, by epoch; the first part, which may be empty, is of the epoch that goes on."""
        calibrated: bool | None = None
        while len(rows) and self._coming and (rows.strike_s >= self._coming[0][0]).any():
            at_s, next_calibrated = self._coming.pop(0)
            n = int((rows.strike_s >= at_s).argmax())
            yield Part(rows.rows(slice(0, n)), calibrated)
            rows, calibrated = rows.rows(slice(n, None)), next_calibrated
        yield Part(rows, calibrated)
