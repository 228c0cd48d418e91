"""The dashboard's options on the command line, and whether it can be shown here at all."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from insole.cli.verb import add_force, positive
from insole.errors import InsoleError, MissingExtra

if TYPE_CHECKING:
    from insole.blocks import Marker, SettingChange
    from insole.dashboard.showing import Showing
    from insole.recording import Recorder
    from insole.sources import Source

JUST_NOW_NS = 60_000_000_000


def add_screen(parser: argparse.ArgumentParser) -> None:
    """Options of every verb that shows a session on the dashboard."""
    add_window(parser)
    parser.add_argument(
        "--view", metavar="NAME", help="first: overview, loading, asymmetry, foot_map, compare, metrics"
    )


def add_window(parser: argparse.ArgumentParser) -> None:
    """Options of every verb that opens a window."""
    parser.add_argument("--offscreen", action="store_true", help="draw without a display, to the end of the session")
    parser.add_argument("--seconds", type=positive, metavar="S", help="close after S seconds")
    parser.add_argument("--screenshot", type=Path, metavar="PNG", help="write a picture of the window when it closes")
    parser.add_argument("--size", type=window_size, default=(1440, 900), metavar="WxH", help="of the window (1440x900)")
    parser.add_argument("--theme", choices=("system", "dark", "light"), default="system", help="colours of the window")
    add_force(parser)


def window_size(text: str) -> tuple[int, int]:
    """`1280x720` as two numbers; argparse turns the error into a usage line."""
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal() and 320 <= int(width) <= 7680 and 240 <= int(height) <= 4320):
        raise argparse.ArgumentTypeError(f"'{text}': expected WIDTHxHEIGHT, like 1280x720")
    return int(width), int(height)


def screen_trouble() -> str | None:
    """Why no window can be opened here, in a few words; None where one can.

    Qt ends the whole process when it cannot reach the display, so another process tries first.
    """
    if not sys.platform.startswith("linux"):
        return None
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return "there is no display"
    attempt = "from PySide6.QtGui import QGuiApplication; QGuiApplication([])"
    tried = subprocess.run([sys.executable, "-c", attempt], capture_output=True, check=False)
    return "the display cannot be used" if tried.returncode else None


def require_dashboard() -> None:
    """That the dashboard can be imported.

    Raises
    ------
    MissingExtra
        Qt is not installed.
    InsoleError
        Qt is installed, but a system library that it needs is not.
    """
    try:
        import_module("insole.dashboard.app")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("PySide6", "pyqtgraph"):
            raise
        raise MissingExtra("the dashboard", "gui") from error
    except ImportError as error:
        raise InsoleError(
            f"the dashboard lacks a system library ({error}); the README lists what to install"
        ) from error


def show_dashboard(
    args: argparse.Namespace,
    source: Source,
    *,
    live: bool,
    record: Path | None = None,
    opening: Sequence[SettingChange | Marker] = (),
) -> None:
    """Open the dashboard on a source, with the options of `add_screen`; the session begins with `opening`.

    Raises
    ------
    InsoleError
        No display and not asked to do without; what ended the session; a file that cannot be written.
    """
    showing = showing_of(args)
    from insole.dashboard.app import run_dashboard

    with ExitStack() as stack:
        recorder: Recorder | None = None
        if record is not None:
            recorder = stack.enter_context(recorder_of(source, record, args.force))
        run_dashboard(source, showing, live=live, record=recorder, view=args.view, opening=opening)


def show_replay(
    args: argparse.Namespace,
    path: Path,
    *,
    name: Path | None = None,
    speed: float = 1.0,
    from_s: float = 0.0,
    opening: Sequence[SettingChange] = (),
) -> None:
    """Open the dashboard on a recording, with the options of `add_screen`; `name`: the file that people know.

    Raises
    ------
    InsoleError
        As `show_dashboard`; or the recording cannot be read.
    ValueError
        Speed or start out of range.
    """
    showing = showing_of(args)
    from insole.dashboard.app import run_replay

    run_replay(path, showing, speed=speed, from_s=from_s, view=args.view, name=name, opening=opening)


def showing_of(args: argparse.Namespace) -> Showing:
    """The options of `add_window`, when there is a display or none is wanted, and the picture may be written.

    Raises
    ------
    InsoleError
        As `require_dashboard`; or there is no display, or a picture is there already.
    """
    from insole.report.plain import free_path

    require_dashboard()
    if not args.offscreen and (trouble := screen_trouble()):
        raise InsoleError(f"{trouble}; --offscreen --screenshot PNG draws without one")
    if args.screenshot is not None:
        free_path(args.screenshot, args.force)
    from insole.dashboard.showing import Showing

    return Showing(
        offscreen=args.offscreen,
        seconds=args.seconds,
        screenshot=args.screenshot,
        size=args.size,
        theme=args.theme,
    )


def recorder_of(source: Source, path: Path, force: bool) -> Recorder:
    """A new recording of a source; where its stamps are of this computer's clock, one that bears with the disk.

    Raises
    ------
    RecordingError
        The file is there already, or cannot be created.
    """
    from insole.recording import LiveRecorder, Recorder

    # A replay or an unpaced simulation brings stamps of its own, which have nothing to do with the time of day.
    stamped_now = abs(time.perf_counter_ns() - source.header.start_host_ns) < JUST_NOW_NS
    return (LiveRecorder if stamped_now else Recorder)(path, source.header, force)
