"""What was wrong with a file and what was done about it, counted while the file is read."""

from __future__ import annotations

from typing import SupportsInt


class Findings:
    """Counts by kind, each with the line it was first seen in; nothing is left out of an import uncounted."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[int, int | None]] = {}
        self._said: list[str] = []

    def add(self, what: str, count: SupportsInt, line: int | None = None) -> None:
        """Count `what` (a plural that follows the number: 'rows that repeat a time stamp: left out')."""
        if int(count):
            before, first = self._seen.get(what, (0, line))
            self._seen[what] = (before + int(count), first)

    def say(self, line: str) -> None:
        """Add a line that counts nothing."""
        self._said.append(line)

    def count(self, what: str) -> int:
        """How often so far."""
        return self._seen.get(what, (0, None))[0]

    def join(self, other: Findings) -> None:
        """Take over all counts of another file."""
        for what, (count, line) in other._seen.items():
            self.add(what, count, line)
        self._said += other._said

    def lines(self) -> tuple[str, ...]:
        """One line a kind, in the order of first sight, then what was said."""
        counted = (
            f"{count} {what}" + (f" (first in line {line})" if line is not None else "")
            for what, (count, line) in self._seen.items()
        )
        return (*counted, *self._said)
