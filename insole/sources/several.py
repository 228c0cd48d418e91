"""Several sources as one: two ports, a port and a radio. One pipeline, the links numbered through.

In: sources that are live at the same time. Out: one source with all their feet.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from types import TracebackType
from typing import Self

from insole.blocks import Input, LinkEvent, Packets, Tick
from insole.errors import LinkError
from insole.recording import Header
from insole.sources import Source, open_source
from insole.sources.inbox import TICK_NS

TOGETHER_NS = 60_000_000_000  # sources opened within this of each other are of one session


class SeveralSources:
    """Merges sources.

    Parameters
    ----------
    sources : sequence of Source
        Not yet entered.

    Raises
    ------
    LinkError
        Two of them have the same foot, or they are not of the same time (a recording beside a live link).
    """

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources
        self.header = _joined([source.header for source in sources])
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        try:
            for source in self._sources:
                await self._open.enter_async_context(source)
        except BaseException:
            await self._open.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    async def __aiter__(self) -> AsyncIterator[list[Input]]:
        # One list a source: what comes while nobody asks waits in the source, which bounds it, and not here.
        queue: asyncio.Queue[tuple[int, list[Input]] | Exception | None] = asyncio.Queue(len(self._sources))
        readers = [asyncio.create_task(_read(i, source, queue)) for i, source in enumerate(self._sources)]
        links: dict[tuple[int, int], int] = {}
        last_tick_ns = self.header.start_host_ns - TICK_NS
        going = len(readers)
        try:
            while going:
                came = await queue.get()
                if came is None:
                    going -= 1
                elif isinstance(came, Exception):
                    raise came
                else:
                    number, inputs = came
                    merged: list[Input] = []
                    for item in inputs:
                        if isinstance(item, Tick):
                            # Each source ticks; one tick a fifth of a second is enough.
                            if item.t_host_ns - last_tick_ns < TICK_NS * 3 // 4:
                                continue
                            last_tick_ns = item.t_host_ns
                        merged.append(_renumbered(item, number, links))
                    if merged:
                        yield merged
        finally:
            for reader in readers:
                reader.cancel()
            await asyncio.gather(*readers, return_exceptions=True)


async def _read(number: int, source: Source, queue: asyncio.Queue[tuple[int, list[Input]] | Exception | None]) -> None:
    try:
        async for inputs in source:
            await queue.put((number, inputs))
    except Exception as error:  # noqa: BLE001 - raised again where the merged inputs are read
        await queue.put(error)
    else:
        await queue.put(None)


def _renumbered(item: Input, source: int, links: dict[tuple[int, int], int]) -> Input:
    if isinstance(item, (Packets, LinkEvent)):
        return replace(item, link=links.setdefault((source, item.link), len(links)))
    return item


def _joined(headers: Sequence[Header]) -> Header:
    """One header of all: every foot once, the runner of the first that knows one."""
    first = headers[0]
    feet = dict(first.feet)
    for header in headers[1:]:
        for side, device in header.feet.items():
            if side in feet:
                raise LinkError(header.source, f"the {side.label} foot comes from another source already")
            feet[side] = device
        if abs(header.start_host_ns - first.start_host_ns) > TOGETHER_NS:
            raise LinkError(header.source, f"is not of the same time as {first.source}")
    earliest = min(headers, key=lambda header: header.start_host_ns)
    known = [header.runner for header in headers if header.runner.body_mass_kg is not None]
    return replace(
        first,
        feet=dict(sorted(feet.items())),
        runner=known[0] if known else first.runner,
        start_host_ns=earliest.start_host_ns,
        start_utc=earliest.start_utc,
        source=" ".join(header.source for header in headers),
        warnings=tuple(line for header in headers for line in header.warnings),
    )


def open_sources(urls: Sequence[str]) -> Source:
    """The source that one URL names, or several as one; not yet entered.

    Raises
    ------
    LinkError
        As `open_source`; or the sources do not go together.
    InsoleError
        As `open_source`.
    """
    sources = [open_source(url) for url in urls]
    return sources[0] if len(sources) == 1 else SeveralSources(sources)
