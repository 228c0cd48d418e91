"""A live source under another header: what set-up knows of the runner, and a session that begins now."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

from insole.blocks import Input
from insole.recording import Header
from insole.sources import Source


class Described:
    """The inputs of a source, unchanged.

    Parameters
    ----------
    source : Source
        Not yet entered.
    header : Header
        In place of the source's own.
    """

    def __init__(self, source: Source, header: Header) -> None:
        self.header = header
        self._source = source

    async def __aenter__(self) -> Self:
        await self._source.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._source.__aexit__(kind, error, trace)

    def __aiter__(self) -> AsyncIterator[list[Input]]:
        return aiter(self._source)
