"""`insole live` and `record`: sources to the dashboard or to a file."""

from __future__ import annotations

import argparse
import asyncio
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from insole.cli.cue import add_cue, cue_inputs, cued
from insole.cli.screen import add_screen, recorder_of, show_dashboard
from insole.cli.terminal import complain, progress_bar
from insole.cli.verb import Verb, add_output, positive

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from insole.blocks import Input
    from insole.session import Record
    from insole.sources import Source

_SOURCE = (
    "where from: serial:PORT, ble:NAME[,NAME], replay:FILE[?speed=2], synthetic:[?limp=0.2&seed=1]; "
    "several make one session, as one port a foot"
)


def _live_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sources", nargs="+", metavar="SOURCE", help=_SOURCE)
    parser.add_argument("--record", type=Path, metavar="FILE", help="keep all that arrives as a recording")
    add_cue(parser)
    add_screen(parser)


def _live(args: argparse.Namespace) -> int:
    from insole.sources.several import open_sources

    source = open_sources(args.sources)
    opening = cue_inputs(args, source.header.start_host_ns)
    show_dashboard(args, source, live=_measured_now(args.sources), record=args.record, opening=opening)
    return 0


def _measured_now(urls: Sequence[str]) -> bool:
    """Whether it is no recording that is played."""
    return not any(url.startswith("replay:") for url in urls)


LIVE = Verb(
    name="live",
    help="watch insoles on the dashboard, and record them",
    example="insole live serial:/dev/ttyACM0 --record run.mcap",
    add_arguments=_live_arguments,
    run=_live,
)


def _record_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sources", nargs="+", metavar="SOURCE", help=_SOURCE)
    add_output(parser, "FILE")
    parser.add_argument("--seconds", type=positive, metavar="S", help="stop after S seconds; without it, with Ctrl+C")
    add_cue(parser)


def _record(args: argparse.Namespace) -> int:
    from insole.sources.several import open_sources

    source = open_sources(args.sources)
    opening = cue_inputs(args, source.header.start_host_ns)
    with (
        progress_bar("recording") as progress,
        recorder_of(source, args.output, args.force) as recorder,
        cued(source, recorder, opening, live=_measured_now(args.sources)) as (source, keep),
        suppress(KeyboardInterrupt),  # the usual way to stop
    ):
        asyncio.run(_keep(source, keep, args.seconds, progress))
    print(f"{args.output}: written")
    return 0


async def _keep(source: Source, keep: Record, seconds: float | None, progress: Callable[[float], None]) -> None:
    """Keep what arrives until the source ends or so many seconds of its host clock are there."""
    from insole.recording.batch import last_stamp_ns

    met: set[int] = set()  # links that have been there
    async with source:
        async for inputs in source:
            _say(keep(inputs), source.header.start_host_ns, met)
            reached_s = (last_stamp_ns(inputs[-1]) - source.header.start_host_ns) * 1e-9
            if seconds is not None:
                progress(reached_s / seconds)
                if reached_s >= seconds:
                    return


def _say(inputs: Sequence[Input], start_ns: int, met: set[int]) -> None:
    """Links lost, silent or back, and the disk, on standard error; a link that is there at first is no news."""
    from insole.blocks import DiskEvent, LinkEvent

    for event in inputs:
        if isinstance(event, DiskEvent):
            complain(f"{(event.t_host_ns - start_ns) * 1e-9:.1f} s: disk {event.kind}: {event.detail}")
        if not isinstance(event, LinkEvent):
            continue
        if event.kind != "connected" or event.link in met:
            t_s = (event.t_host_ns - start_ns) * 1e-9
            complain(f"{t_s:.1f} s: link {event.link} {event.kind}: {event.detail}")
        met.add(event.link)


RECORD = Verb(
    name="record",
    help="record insoles without a screen",
    example="insole record serial:/dev/ttyACM0 -o run.mcap --seconds 600",
    add_arguments=_record_arguments,
    run=_record,
)
