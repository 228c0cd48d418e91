"""`insole demo`: the newcomer's first look, on a recording that travels with the package."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from insole.cli.analyze import analyse_file
from insole.cli.screen import add_screen, require_dashboard, screen_trouble, show_replay
from insole.cli.verb import Verb
from insole.errors import InsoleError

RECORDING = "hard_left_heel"
LEAD_S = 20.0  # from the start of the show to the first flag


def _run(args: argparse.Namespace) -> int:
    """On the dashboard where there is one; else what it would have shown, as text and as a picture."""
    from insole.report.console import show
    from insole.report.summary import document
    from replay_data import recording

    path = recording(RECORDING)
    analysis = analyse_file(path)
    try:
        require_dashboard()
        trouble = None if args.offscreen else screen_trouble()
    except InsoleError as error:
        show(document(analysis, path.name))
        print(f"\nNo dashboard: {error}", file=sys.stderr)
        return 0
    if trouble is None:
        first_flag_s = min((flag.from_s for flag in analysis.flags), default=0.0)
        show_replay(args, path, from_s=max(0.0, first_flag_s - LEAD_S))
        return 0
    show(document(analysis, path.name))
    args.offscreen = True
    if args.screenshot is None:
        args.screenshot = Path(tempfile.mkdtemp(prefix="insole-demo-")) / "dashboard.png"
    show_replay(args, path, speed=float("inf"))
    print(f"\nNo window: {trouble}. Picture of the dashboard at the end of this recording: {args.screenshot}")
    return 0


DEMO = Verb(
    name="demo",
    help="a first look: a shipped recording of a hard left heel striker",
    example="insole demo",
    add_arguments=add_screen,
    run=_run,
)
