"""`insole virtual`: insoles that are not there, on a real port or a Bluetooth service of their own."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from insole.cli.simulate import add_runner, given_options
from insole.cli.verb import Verb
from insole.errors import InsoleError, MissingExtra

if TYPE_CHECKING:
    from insole.sources.virtual.stream import VirtualInsoles


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.usage = "insole virtual --serial|--ble [--port PATH] [--silent AT:FOR] [--unplug AT:FOR] [--OPTION X ...]"
    link = parser.add_mutually_exclusive_group(required=True)
    link.add_argument("--serial", action="store_true", help="on a pseudo terminal (Linux, macOS)")
    link.add_argument("--ble", action="store_true", help="in a Bluetooth service of their own (Linux, dbus-daemon)")
    parser.add_argument("--port", type=Path, metavar="PATH", help="--serial: name of the port; without it a new one")
    faults = parser.add_argument_group("faults, in seconds from the first START; loss and damage are further below")
    faults.add_argument("--silent", action="append", default=[], metavar="AT:FOR", help="say nothing; may be repeated")
    faults.add_argument(
        "--unplug", action="append", default=[], metavar="AT:FOR", help="take the port away; any number"
    )
    for name, what in (("--cut", "packets of which only the beginning arrives"), ("--reorder", "packets overtaken")):
        faults.add_argument(name, type=_percent, default=0.0, metavar="PCT", help=f"{what}, %%")
    add_runner(parser)


def _run(args: argparse.Namespace) -> int:
    from insole.sources.synthetic import SyntheticOptions
    from insole.sources.virtual.stream import Faults, Span, VirtualInsoles

    if args.ble and args.port is not None:
        args.parser.error("argument --port: goes with --serial")
    silent, unplugged = ([Span.parsed(text) for text in texts] for texts in (args.silent, args.unplug))
    faults = Faults(silent, unplugged, cut_pct=args.cut, reorder_pct=args.reorder)
    insoles = VirtualInsoles(SyntheticOptions.from_mapping(given_options(args)), faults)
    with (
        tempfile.TemporaryDirectory(prefix="insole-") as name,
        suppress(asyncio.CancelledError),
    ):  # the usual way to stop
        folder = Path(name)
        serving = _on_a_bus(insoles, folder) if args.ble else _on_a_port(insoles, args.port or folder / "port")
        dropped = asyncio.run(_until_told(serving))
        if dropped:
            print(f"{dropped} packets were not fetched in time", file=sys.stderr)
    for side, tally in insoles.tallies.items():
        print(f"{side.label}: {tally}", file=sys.stderr)
    return 0


def _percent(text: str) -> float:
    """A share; argparse turns the error into a usage line."""
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0.0 <= share <= 50.0:
        raise argparse.ArgumentTypeError(f"'{text}': expected 0 to 50 %")
    return share


def _on_a_port(insoles: VirtualInsoles, path: Path) -> Coroutine[Any, Any, int]:
    from insole.sources.virtual.pty_port import serve

    if not hasattr(os, "openpty"):
        raise InsoleError("this system has no pseudo terminals: virtual insoles need Linux or macOS")
    return serve(insoles, path, lambda: print(f"serial:{path}", flush=True))


def _on_a_bus(insoles: VirtualInsoles, folder: Path) -> Coroutine[Any, Any, int]:
    if sys.platform != "linux":
        raise InsoleError("virtual Bluetooth insoles stand in for BlueZ, which only Linux has: use --serial")
    try:
        from insole.sources.virtual.bluez import serve
    except ModuleNotFoundError as error:
        raise MissingExtra("Bluetooth", "ble") from error

    def announce(address: str, names: list[str]) -> None:
        print(f"ble:{','.join(names)}")
        print(f"in another terminal: DBUS_SYSTEM_BUS_ADDRESS={address} insole live ble:{','.join(names)}", flush=True)

    return serve(insoles, folder, announce)


async def _until_told(serving: Coroutine[Any, Any, int]) -> int:
    """Until the session ends, or somebody ends it."""
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    return await serving


VIRTUAL = Verb(
    name="virtual",
    help="two insoles on a serial port or by Bluetooth, without any hardware",
    example="insole virtual --serial --port /tmp/insoles --limp 0.2 --unplug 30:5",
    add_arguments=_arguments,
    run=_run,
)
