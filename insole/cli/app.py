"""`insole app`: the dashboard's start page, what a double-click starts."""

from __future__ import annotations

import argparse

from insole.cli.screen import add_window, showing_of
from insole.cli.verb import Verb


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", nargs="?", default="", metavar="SOURCE", help="to begin with, instead of last time's")
    parser.add_argument("--page", choices=("source", "runner", "fit", "start"), default="source", help="to open first")
    add_window(parser)


def _run(args: argparse.Namespace) -> int:
    showing = showing_of(args)
    from insole.dashboard.setup.app import run_setup

    run_setup(showing, source=args.source, page=args.page)
    return 0


APP = Verb(
    name="app",
    help="set up a session: source, runner, fit check, start",
    example="insole app",
    add_arguments=_arguments,
    run=_run,
)
