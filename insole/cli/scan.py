"""`insole scan`: what could be opened here, as the SOURCE that the other verbs take."""

from __future__ import annotations

import argparse
import sys

from insole.cli.verb import Verb, positive
from insole.errors import InsoleError


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seconds", type=positive, default=5.0, metavar="S", help="listen for radios so long (5)")


def _run(args: argparse.Namespace) -> int:
    from insole.report.plain import plain
    from insole.sources.found import FINDERS

    found = 0
    for find in FINDERS:
        try:
            for url, what in find(args.seconds):
                print(plain(f"{url:<40} {what}"))
                found += 1
        except InsoleError as error:  # not installed, or no radio: the others are looked for all the same
            print(plain(f"insole: {error}"), file=sys.stderr)
    if not found:
        print("nothing found: is the insole switched on, and near?", file=sys.stderr)
    return 0


SCAN = Verb(
    name="scan",
    help="list serial ports and BLE insoles",
    example="insole scan",
    add_arguments=_arguments,
    run=_run,
)
