"""`insole import` and `check`: a recording of a vendor's file, and whether a recording is whole."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from insole.cli.terminal import complain, progress_bar
from insole.cli.verb import Verb, add_body_mass, add_force
from insole.errors import InsoleError


def _import_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="VENDORFILE", help="one file, or one a foot")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="recording to write")
    parser.add_argument(
        "--format", metavar="NAME", help="a format, or a TOML profile of a table of your own; else it is recognised"
    )
    add_body_mass(parser)
    parser.add_argument(
        "--keep-original",
        action="store_true",
        help="keep the file in the recording as it is, names in it included; `export --original` gives it back",
    )
    parser.add_argument("--explain", action="store_true", help="say what is recognised and ignored, write nothing")
    add_force(parser)


def _import(args: argparse.Namespace) -> int:
    from insole.formats import explain, import_file
    from insole.recording import Recorder
    from insole.report.plain import finished, plain

    if args.explain:
        for line in explain(args.files, format=args.format):
            print(plain(line))
        return 0
    if args.output is None:
        args.parser.error("-o FILE is needed, or --explain")
    if args.output.exists() and any(file.exists() and file.samefile(args.output) for file in args.files):
        raise InsoleError(f"{args.output}: is the vendor's file itself; choose another name")
    imported = import_file(args.files, format=args.format, body_mass_kg=args.body_mass)
    with (
        progress_bar(f"importing {args.files[0].name}") as progress,
        finished(args.output, args.force) as part,
        Recorder(part, imported.header, originals=args.files if args.keep_original else ()) as record,
    ):
        for inputs in imported.inputs:
            record(inputs)
            progress(imported.share())
    for line in (*imported.header.warnings, *imported.remarks()):
        print(plain(line))
    print(f"{args.output}: written")
    return 0


IMPORT = Verb(
    name="import",
    help="make a recording of a vendor's file",
    example="insole import jogging.csv -o jogging.mcap --body-mass 70",
    add_arguments=_import_arguments,
    run=_import,
)


def _check_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="recording")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--repair", type=Path, metavar="OUT", help="write all that can be read as a clean recording")
    add_force(parser)


def _check(args: argparse.Namespace) -> int:
    from insole.checking import check, repair
    from insole.report.plain import plain

    with progress_bar(f"checking {args.file.name}") as progress:
        report = check(args.file, progress)
    if args.repair is not None:
        repair(args.file, args.repair, args.force)
    if args.json:
        print(json.dumps(report.to_dict(), indent=1, allow_nan=False))
    else:
        for line in report.lines():
            print(plain(line))
        if args.repair is not None:
            print(f"{args.repair}: written")
    if report.whole or args.repair is not None:
        return 0
    complain(f"{args.file}: is not whole; --repair OUT writes all that can be read as a clean recording")
    return 1


CHECK = Verb(
    name="check",
    help="say whether a recording is whole, and what is missing",
    example="insole check run.mcap --repair whole.mcap",
    add_arguments=_check_arguments,
    run=_check,
)
