"""`insole replay`: any moment of a recording on the dashboard; of a vendor's file, too."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path

from insole.cli.cue import add_cue, cue_inputs
from insole.cli.screen import add_screen, show_replay
from insole.cli.terminal import progress_bar
from insole.cli.verb import Verb, add_body_mass, positive
from insole.errors import InsoleError


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="recording, or a file that import reads")
    parser.add_argument(
        "--speed", type=_speed, default=1.0, metavar="X", help="0.1 to 16 times as fast (1), or inf: as fast as it goes"
    )
    add_body_mass(parser)
    add_cue(parser)
    add_screen(parser)


def _speed(text: str) -> float:
    return inf if text == "inf" else positive(text)


def _run(args: argparse.Namespace) -> int:
    from insole.blocks import SettingChange
    from insole.recording import open_recording

    with recording_of(args.file, args.body_mass) as path:
        wishes = cue_inputs(args, open_recording(path).header.start_host_ns)
        opening = [wish for wish in wishes if isinstance(wish, SettingChange)]
        if len(opening) < len(wishes):
            raise InsoleError("--target auto measures a baseline minute while it records; give a recording a number")
        try:
            show_replay(args, path, name=args.file, speed=args.speed, opening=opening)
        except ValueError as error:
            raise InsoleError(f"--{error}") from error
    return 0


@contextmanager
def recording_of(path: Path, body_mass_kg: float | None) -> Iterator[Path]:
    """The recording itself; of a vendor's file, or for another body mass, one that is there as long as it is needed.

    Raises
    ------
    InsoleError
        The file cannot be read.
    """
    from insole.formats import import_file
    from insole.recording import Recorder, is_recording

    if is_recording(path):
        if body_mass_kg is not None:
            raise InsoleError("--body-mass is for files of other programs: a recording has its own")
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="insole-replay-") as folder:
        imported = import_file(path, body_mass_kg=body_mass_kg)
        target = Path(folder) / f"{path.stem}.mcap"
        with progress_bar(f"importing {path.name}") as progress, Recorder(target, imported.header) as record:
            for inputs in imported.inputs:
                record(inputs)
                progress(imported.share())
        yield target


REPLAY = Verb(
    name="replay",
    help="any moment of a recording on the dashboard",
    example="insole replay run.mcap --speed 4",
    add_arguments=_arguments,
    run=_run,
)
