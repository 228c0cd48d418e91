"""`insole analyze`: files in, results on standard output as text or JSON, the contact table into a file."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from insole.cli.terminal import complain, progress_bar
from insole.cli.verb import Verb, add_body_mass, add_force
from insole.errors import InsoleError

if TYPE_CHECKING:
    from insole.analysis import Analysis
    from insole.pipeline.calibration import PhaseSpan
    from insole.settings import Settings


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="recording, or a file that import reads")
    parser.add_argument("--all", action="store_true", help="print every metric, not the ten that most runs are read by")
    parser.add_argument("--json", action="store_true", help="print one JSON document; an array for several files")
    parser.add_argument(
        "--table", type=Path, metavar="OUT", help="write the contact table of one FILE: .parquet or .csv"
    )
    add_body_mass(parser)
    parser.add_argument("--settings", type=Path, metavar="TOML", help="limits and baseline instead of the recording's")
    parser.add_argument(
        "--calibrate",
        type=_phase,
        action="append",
        default=[],
        metavar="[PHASE:]FROM..TO",
        help="find gains where the runner stood still from second FROM to TO; PHASE: stance (both feet, the default), "
        "left, right or unloaded; repeat for several phases",
    )
    add_force(parser)


def _phase(text: str) -> PhaseSpan:
    """A phase of standing; argparse turns the error into a usage line."""
    from insole.pipeline.calibration import PhaseSpan

    try:
        return PhaseSpan.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _run(args: argparse.Namespace) -> int:
    from insole.report.summary import document, to_json
    from insole.report.tables import table_target, write_table
    from insole.settings import Settings

    if args.table is not None:
        if len(args.files) > 1:
            args.parser.error("--table takes one FILE")
        table_target(args.table, args.force)
    settings = Settings.read(args.settings) if args.settings is not None else None
    documents = []
    for path in args.files:
        try:
            analysis = analyse_file(path, args.body_mass, settings, args.calibrate)
        except (InsoleError, OSError) as error:
            complain(error)
            continue
        documents.append(document(analysis, str(path)))
        if args.table is not None:
            write_table(args.table, analysis, args.force)
        if not args.json:
            from insole.report.console import SHOWN, show

            show(documents[-1], list(documents[-1]["metrics"]) if args.all else SHOWN)
    if args.json and documents:
        print(to_json(documents if len(args.files) > 1 else documents[0]))
    return 0 if len(documents) == len(args.files) else 1


def analyse_file(
    path: Path,
    body_mass_kg: float | None = None,
    settings: Settings | None = None,
    calibrate: Sequence[PhaseSpan] = (),
) -> Analysis:
    """Analyse one file with a progress bar."""
    from insole.analysis import analyse

    with progress_bar(f"analysing {path.name}") as progress:
        return analyse(path, body_mass_kg=body_mass_kg, settings=settings, calibrate=calibrate, progress=progress)


ANALYZE = Verb(
    name="analyze",
    help="analyse recordings or vendors' files",
    example="insole analyze run.mcap --table contacts.csv",
    add_arguments=_arguments,
    run=_run,
)
