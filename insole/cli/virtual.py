"""`insole virtual`: insoles that are not there, on a real port."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from insole.cli.simulate import add_runner, given_options
from insole.cli.verb import Verb
from insole.errors import InsoleError

if TYPE_CHECKING:
    from insole.sources.virtual.stream import VirtualInsoles


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.usage = "insole virtual --serial [--port PATH] [--silent AT:FOR] [--unplug AT:FOR] [--OPTION X ...]"
    parser.add_argument("--serial", action="store_true", required=True, help="on a pseudo terminal (Linux, macOS)")
    parser.add_argument("--port", type=Path, metavar="PATH", help="name of the port; without it a new one")
    faults = parser.add_argument_group("faults, in seconds from the first START; loss and damage are further below")
    faults.add_argument("--silent", action="append", default=[], metavar="AT:FOR", help="say nothing; may be repeated")
    faults.add_argument(
        "--unplug", action="append", default=[], metavar="AT:FOR", help="take the port away; any number"
    )
    add_runner(parser)


def _run(args: argparse.Namespace) -> int:
    from insole.sources.synthetic import SyntheticOptions
    from insole.sources.virtual.stream import Faults, Span, VirtualInsoles

    if not hasattr(os, "openpty"):
        raise InsoleError("this system has no pseudo terminals: virtual insoles need Linux or macOS")
    faults = Faults([Span.parsed(text) for text in args.silent], [Span.parsed(text) for text in args.unplug])
    insoles = VirtualInsoles(SyntheticOptions.from_mapping(given_options(args)), faults)
    with tempfile.TemporaryDirectory(prefix="insole-") as folder:
        path = args.port or Path(folder) / "port"
        with suppress(asyncio.CancelledError):  # the usual way to stop
            dropped = asyncio.run(_serve(insoles, path))
            if dropped:
                print(f"{dropped} packets were not fetched in time", file=sys.stderr)
    return 0


async def _serve(insoles: VirtualInsoles, path: Path) -> int:
    from insole.sources.virtual.pty_port import serve

    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    return await serve(insoles, path, lambda: print(f"serial:{path}", flush=True))


VIRTUAL = Verb(
    name="virtual",
    help="two insoles on a serial port, without any hardware",
    example="insole virtual --serial --port /tmp/insoles --limp 0.2 --unplug 30:5",
    add_arguments=_arguments,
    run=_run,
)
