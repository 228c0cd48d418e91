"""`insole export`: contacts or frames in the format that the ending of the file to write says, or the vendor's file."""

from __future__ import annotations

import argparse
from pathlib import Path

from insole.cli.analyze import analyse_file
from insole.cli.verb import Verb, add_body_mass, add_output
from insole.errors import InsoleError

EVERY_FRAME = (".c3d", ".mcap")
"""Formats that always hold every frame, and the contacts as events."""


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="recording, or a file that import reads")
    add_output(parser, "OUT")
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--series", action="store_true", help="force and centre of pressure of every frame instead: .csv or .parquet"
    )
    what.add_argument(
        "--original",
        action="store_true",
        help="the vendor's files that `import --keep-original` kept, into the folder OUT",
    )
    add_body_mass(parser)


def _run(args: argparse.Namespace) -> int:
    if args.output.exists() and args.output.samefile(args.file):
        raise InsoleError(f"{args.output}: is the file to export from; choose another name")
    if args.original:
        return _original(args)
    if args.series or args.output.suffix.lower() in EVERY_FRAME:
        return _frames(args)
    from insole.report.tables import FORMATS, table_target, write_table

    table_target(args.output, args.force, (*FORMATS, *EVERY_FRAME))
    analysis = analyse_file(args.file, args.body_mass)
    write_table(args.output, analysis, args.force)
    print(f"{args.output}: {len(analysis.contacts)} contacts")
    return 0


def _frames(args: argparse.Namespace) -> int:
    from insole.report.c3d import c3d_target, write_c3d
    from insole.report.force import find_zeros
    from insole.report.plot import write_plot
    from insole.report.series import SERIES_FORMATS, write_series
    from insole.report.tables import table_target

    ending = args.output.suffix.lower()
    if ending == ".c3d":
        c3d_target(args.output, args.force)
    else:
        table_target(args.output, args.force, SERIES_FORMATS if args.series else EVERY_FRAME)
    analysis = analyse_file(args.file, args.body_mass)
    zeros = find_zeros(args.file, analysis.header)
    for side, zero in zeros.items():
        print(f"{side.label}: zero: {zero.origin}")
    if ending == ".c3d":
        written = write_c3d(args.output, analysis, zeros, args.force)
        if written.events_left_out:
            print(
                f"{args.output}: no room for {written.events_left_out} of the later events; "
                "the channels left_contact and right_contact hold all"
            )
        print(f"{args.output}: {written.samples} samples, {written.events} events")
        return 0
    write = write_series if args.series else write_plot
    print(f"{args.output}: {write(args.output, analysis, zeros, args.force)} frames")
    return 0


def _original(args: argparse.Namespace) -> int:
    from insole.recording.original import extract, originals
    from insole.report.plain import new_file, plain

    if not args.output.is_dir():
        raise InsoleError(f"{args.output}: is no folder; name one for the vendor's files")
    kept = originals(args.file)
    if not kept:
        raise InsoleError(f"{args.file}: holds no vendor's file; `insole import --keep-original` keeps it")
    for original in kept:
        target = args.output / original.name
        with new_file(target, args.force) as out:
            extract(args.file, original, out)
        print(f"{plain(str(target))}: written")
    return 0


EXPORT = Verb(
    name="export",
    help="write .csv, .parquet, .mat, .c3d or .mcap",
    example="insole export run.mcap -o contacts.parquet",
    add_arguments=_arguments,
    run=_run,
)
