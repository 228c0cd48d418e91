"""Starts the dashboard on a source: engine thread, inbox, window. What the command line calls.

In: a source that is not yet entered. Out: a window until it is closed, or a picture without a display.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSettings, QTimer

from insole.dashboard.application import application, interruptible, prompt_turns
from insole.dashboard.engine import Command, Engine, Played
from insole.dashboard.inbox import Inbox
from insole.dashboard.memory import Memory
from insole.dashboard.model.playing import Playing
from insole.dashboard.model.scene import Scene
from insole.dashboard.paint.theme import ThemeName
from insole.dashboard.views import views_for
from insole.dashboard.window import JOIN_S, Window
from insole.errors import InsoleError
from insole.session import Record
from insole.sources import Source


def run_dashboard(
    source: Source,
    *,
    live: bool = False,
    record: Record | None = None,
    offscreen: bool = False,
    seconds: float | None = None,
    screenshot: Path | None = None,
    size: tuple[int, int] = (1440, 900),
    theme: ThemeName = "system",
    title: str = "Insole",
    view: str | None = None,
    opening: Sequence[Command] = (),
) -> int:
    """Show a session until its window is closed.

    Parameters
    ----------
    source : Source
        Not yet entered.
    live : bool
        A session that is measured now, where not recording deserves a word; otherwise a replay.
    record : callable, optional
        Gets every list of inputs first, a `Recorder` for instance; the caller closes it.
    offscreen : bool
        Draw without a display. The window then closes by itself at the end of the source.
    seconds : float, optional
        Close after so long.
    screenshot : path, optional
        Picture of the window, written just before it closes.
    size : (width, height)
        Of the window, in pixels.
    theme : 'system', 'dark' or 'light'
    title : str
        Of the window.
    view : str, optional
        Name of the view to begin with, in place of the one that was open last.
    opening : sequence of commands
        What the session begins with: its target, for instance.

    Returns
    -------
    int
        Exit code: 0.

    Raises
    ------
    InsoleError
        What ended the session too early, once the window is closed; a picture that cannot be written; a view that
        this session does not have.
    """
    app = application(offscreen)
    header = source.header
    scene = Scene(header.feet, header.settings, header.runner, header.start_host_ns)
    scene.warnings.extend(header.warnings)
    inbox = Inbox()
    engine = Engine(source, inbox.put, record, live=live)
    for command in opening:
        engine.post(command)
    speed = source.speed if isinstance(source, Played) else None
    playing = Playing(live=live, recording=record is not None, speed=speed)
    _check_view(view, playing)
    memory = Memory(None if offscreen else QSettings("insole", "dashboard"))
    window = Window(scene, inbox, engine, playing, memory=memory, theme=theme, title=title, view=view)
    failed: list[Path] = []

    def last_look() -> None:
        window.draw_frame()
        window.draw_numbers()
        if screenshot is not None and not window.grab().save(str(screenshot)):
            failed.append(screenshot)

    window.closing.connect(last_look)
    if offscreen:
        window.session_ended.connect(window.close)
    if seconds is not None:
        QTimer.singleShot(max(0, round(seconds * 1000)), window, window.close)
    with interruptible(window), prompt_turns():
        window.resize(*size)
        window.show()
        engine.start()
        try:
            app.exec()
        finally:
            ended = engine.stop(JOIN_S)
            window.deleteLater()
    if not ended:
        raise InsoleError(f"the source did not end within {JOIN_S:.0f} s; what was recorded until then is kept")
    if engine.error is not None:
        raise engine.error
    if failed:
        raise InsoleError(f"{failed[0]}: the picture could not be written")
    return 0


def _check_view(name: str | None, playing: Playing) -> None:
    """That a session played like this has the wanted view."""
    names = [entry.name for entry in views_for(playing)]
    if name is not None and name not in names:
        raise InsoleError(f"--view {name}: this session has {', '.join(names)}")
