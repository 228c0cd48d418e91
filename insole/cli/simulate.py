"""`insole simulate`: a recording of a synthetic runner, with its ground truth beside it."""

from __future__ import annotations

import argparse
import json
import math

from insole.cli.terminal import progress_bar
from insole.cli.verb import Verb, add_output

USUAL_SECONDS = "60"
_ALIASES = {"mass": ("--body-mass",)}  # as the other verbs call it


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.usage = "insole simulate -o FILE [--force] [--OPTION X ...]"
    add_output(parser, "FILE")
    add_runner(parser)


def add_runner(parser: argparse.ArgumentParser) -> None:
    """Every option of the synthetic runner."""
    from insole.sources.synthetic import option_table

    runner = parser.add_argument_group("the runner and the insoles")
    for name, default, text in option_table():
        runner.add_argument(
            f"--{name.replace('_', '-')}",
            *_ALIASES.get(name, ()),
            dest=f"synthetic_{name}",
            metavar="X",
            help=f"{text.replace('%', '%%')}" + (f" ({default})" if default else ""),
        )


def given_options(args: argparse.Namespace) -> dict[str, str]:
    """Those of `add_runner` that were given: name to text, as `SyntheticOptions.from_mapping` takes them."""
    from insole.sources.synthetic import option_table

    return {name: text for name, *_ in option_table() if (text := getattr(args, f"synthetic_{name}")) is not None}


def _run(args: argparse.Namespace) -> int:
    from insole.recording import Recorder
    from insole.recording.batch import last_stamp_ns
    from insole.report.plain import finished, free_path, new_file
    from insole.sources.synthetic import SyntheticOptions, simulate

    given = given_options(args)
    options = SyntheticOptions.from_mapping(given)
    if not math.isfinite(options.duration_s):
        options = SyntheticOptions.from_mapping({**given, "seconds": USUAL_SECONDS})
    truth_path = free_path(args.output.with_name(f"{args.output.name}.truth.json"), args.force)
    simulation = simulate(options)
    with (
        progress_bar("simulating") as progress,
        finished(args.output, args.force) as part,
        Recorder(part, simulation.header) as record,
    ):
        for inputs in simulation.inputs:
            record(inputs)
            done_s = (last_stamp_ns(inputs[-1]) - simulation.header.start_host_ns) * 1e-9
            progress(done_s / options.duration_s)
    with new_file(truth_path, args.force) as file:
        file.write(json.dumps(simulation.truth, indent=1, allow_nan=False).encode())
    print(f"{args.output}: {options.duration_s:g} s, truth in {truth_path.name}")
    return 0


SIMULATE = Verb(
    name="simulate",
    help="make a recording of a synthetic runner, with its ground truth",
    example="insole simulate -o run.mcap --seconds 120 --limp 0.2 --loss 3",
    add_arguments=_arguments,
    run=_run,
)
