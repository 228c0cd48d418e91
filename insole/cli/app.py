"""`insole app`: the dashboard's start page, what a double-click starts."""

from __future__ import annotations

import argparse

from insole.cli.screen import add_window, load_dashboard, screen_trouble
from insole.cli.verb import Verb
from insole.errors import InsoleError


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", nargs="?", default="", metavar="SOURCE", help="to begin with, instead of last time's")
    parser.add_argument("--page", choices=("source", "runner", "fit", "start"), default="source", help="to open first")
    add_window(parser)


def _run(args: argparse.Namespace) -> int:
    from insole.report.plain import free_path

    load_dashboard()
    if not args.offscreen and (trouble := screen_trouble()):
        raise InsoleError(f"{trouble}; --offscreen --screenshot PNG draws without one")
    if args.screenshot is not None:
        free_path(args.screenshot, args.force)
    from insole.dashboard.setup.app import run_setup

    return run_setup(
        source=args.source,
        page=args.page,
        offscreen=args.offscreen,
        seconds=args.seconds,
        screenshot=args.screenshot,
        size=args.size,
        theme=args.theme,
    )


APP = Verb(
    name="app",
    help="set up a session: source, runner, fit check, start",
    example="insole app",
    add_arguments=_arguments,
    run=_run,
)
