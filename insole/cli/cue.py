"""Options of the runner's cue, for every verb that runs a session: what it sounds like, and against which target."""

from __future__ import annotations

import argparse
from contextlib import contextmanager
from typing import TYPE_CHECKING

from insole.cli.terminal import complain
from insole.settings import CUE_CHOICES, TARGET_RANGE_BW_S

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from insole.blocks import Input, Marker, SettingChange
    from insole.session import Record
    from insole.sources import Source

AUTO = "auto"


def add_cue(parser: argparse.ArgumentParser) -> None:
    """Sound, target, feet."""
    parser.add_argument("--cue", choices=CUE_CHOICES["sound"], help="sound when the loading rate is above the target")
    parser.add_argument(
        "--target",
        type=_target,
        metavar="BW/s",
        help="of the loading rate; auto: 0.80 of the first 60 running contacts of each foot, which get no cue",
    )
    parser.add_argument("--cue-feet", choices=CUE_CHOICES["feet"], help="feet that get cues (both)")


def _target(text: str) -> float | str:
    """A loading rate or `auto`; argparse turns the error into a usage line."""
    low, high = TARGET_RANGE_BW_S
    try:
        target = AUTO if text == AUTO else float(text)
    except ValueError:
        target = -1.0
    if isinstance(target, float) and not low <= target <= high:
        raise argparse.ArgumentTypeError(f"'{text}': expected auto, or {low:g} to {high:g} BW/s")
    return target


def cue_inputs(args: argparse.Namespace, start_host_ns: int) -> list[SettingChange | Marker]:
    """What the options ask for, as the first inputs of the session: recorded, so that a replay repeats it."""
    from insole.blocks import Marker, SettingChange
    from insole.feedback.baseline import MARKER

    changes = {"cue.sound": args.cue, "cue.feet": args.cue_feet}
    inputs: list[SettingChange | Marker] = [
        SettingChange(start_host_ns, key, value) for key, value in changes.items() if value is not None
    ]
    if args.target == AUTO:
        inputs.append(Marker(start_host_ns, MARKER, "start"))
    elif args.target is not None:
        inputs.append(SettingChange(start_host_ns, "target_valr_bw_s", args.target))
    return inputs


@contextmanager
def cued(
    source: Source, record: Record, opening: Sequence[SettingChange | Marker], *, live: bool
) -> Iterator[tuple[Source, Record]]:
    """The source and the recorder of a session without a screen; with cues, if it opens with any wish for them."""
    if not opening:
        yield source, record
        return
    from insole.feedback import Coach
    from insole.pipeline import Pipeline
    from insole.sources.steered import Steered

    header, steered = source.header, Steered(source)
    for command in opening:
        steered.post(command)
    pipeline = Pipeline(header.feet, header.settings, header.runner, header.start_host_ns)
    coach = Coach(sorted(header.feet), header.settings, header.start_host_ns, steered.post, live=live)
    said: set[str] = set()

    def say() -> None:
        if coach.trouble and coach.trouble not in said:
            said.add(coach.trouble)
            complain(coach.trouble)

    def keep(inputs: list[Input]) -> Sequence[Input]:
        kept = record(inputs)
        coach(pipeline.push(kept))
        say()
        return kept

    try:
        yield steered, keep
    finally:
        notes = coach.close()
        say()
    if notes:
        record(notes)
