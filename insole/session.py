"""The one loop: live, replayed and synthetic sessions run through it alike.

In: a source, a pipeline, perhaps a recorder. Out: every `Update` to every sink.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from insole.blocks import Input, Update
from insole.pipeline import Pipeline
from insole.sources import Source

Record = Callable[[list[Input]], Sequence[Input]]  # keeps inputs; returns what was kept, and goes on


async def run(
    source: Source,
    pipeline: Pipeline,
    sinks: Sequence[Callable[[Update], None]],
    record: Record | None = None,
) -> None:
    """Drive inputs from a source through the pipeline until the source ends; live, replay and batch alike.

    Parameters
    ----------
    source : Source
        Not yet entered.
    pipeline : Pipeline
        Made for the feet of the source's header.
    sinks : sequence of callables
        Each gets every `Update`, in order, the one of the end included.
    record : callable, optional
        Gets every list of inputs first, a `Recorder` for instance; returns what it recorded, which goes on.

    Raises
    ------
    InsoleError
        What the source or the recorder cannot go on with. What was recorded until then is kept.
    """
    async with source:
        async for arrived in source:
            inputs = arrived if record is None else record(arrived)  # first: a bug further down cannot lose data
            update = pipeline.push(inputs)
            for sink in sinks:
                sink(update)
    update = pipeline.finish()
    for sink in sinks:
        sink(update)
