"""What must be said of a session in words, each once."""

from __future__ import annotations


class Remarks:
    """Warnings, in order, that have not been handed over."""

    def __init__(self) -> None:
        self._said: set[str] = set()
        self._waiting: list[str] = []

    def add(self, text: str) -> None:
        """Say it, if it has not been said before."""
        if text not in self._said:
            self._said.add(text)
            self._waiting.append(text)

    def take(self) -> tuple[str, ...]:
        """New ones."""
        waiting, self._waiting = tuple(self._waiting), []
        return waiting
