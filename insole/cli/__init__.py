"""The `insole` command: finds the verb, runs it, and turns errors into one line and an exit code.

0: done. 1: the data or the device is at fault. 2: wrong usage. 130: interrupted.
A verb imports what it needs when it runs, so that `insole --help` and a short analysis stay fast and need no extra.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence

import insole
from insole.cli import analyze, app, demo, export, files, live, replay, scan, simulate, virtual
from insole.cli.terminal import complain
from insole.errors import InsoleError

VERBS = (
    demo.DEMO,
    app.APP,
    scan.SCAN,
    live.LIVE,
    live.RECORD,
    replay.REPLAY,
    analyze.ANALYZE,
    files.IMPORT,
    export.EXPORT,
    files.CHECK,
    simulate.SIMULATE,
    virtual.VIRTUAL,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with `argv` (the process's own by default) and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a character is no reason to fail
    argv = sys.argv[1:] if argv is None else argv
    args = build_parser(argv).parse_args(argv)
    try:
        code: int = args.run(args)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader (`| head`) has seen enough; the interpreter must not flush into the closed pipe on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except InsoleError as error:
        complain(error)
        return 1
    except OSError as error:
        complain(f"{error.filename}: {error.strerror}" if error.filename else error)
        return 1
    return code


def build_parser(argv: Sequence[str]) -> argparse.ArgumentParser:
    """The parser of the whole command, one sub-parser a verb; only those that `argv` may mean get their arguments."""
    parser = argparse.ArgumentParser(
        prog="insole",
        description="Plantar pressure in running, from insoles and files.",
        epilog="'insole VERB --help' shows the options and an example. Not a medical device.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"insole {insole.__version__}")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    for verb in VERBS:
        child = verbs.add_parser(
            verb.name,
            help=verb.help,
            description=f"{verb.help[0].upper()}{verb.help[1:]}.",
            epilog=f"example:\n  {verb.example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        if verb.name in argv:
            verb.add_arguments(child)
        child.set_defaults(run=verb.run, parser=child)
    return parser
