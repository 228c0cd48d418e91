"""Starts the dashboard on a source, or on a recording: engine thread, inbox, window. What the command line calls.

In: a source that is not yet entered, or a path. Out: a window until it is closed, or a picture without a display.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from insole.blocks import SettingChange
from insole.dashboard.application import application
from insole.dashboard.engine import Engine
from insole.dashboard.inbox import Inbox
from insole.dashboard.memory import Memory
from insole.dashboard.model.playing import Playing
from insole.dashboard.model.scene import Scene
from insole.dashboard.paint.theme import ThemeName
from insole.dashboard.replay.player import Player
from insole.dashboard.replay.survey import Survey
from insole.dashboard.showing import Showing
from insole.dashboard.views import views_for
from insole.dashboard.window import JOIN_S, Window
from insole.errors import InsoleError
from insole.session import Record
from insole.sources import Source
from insole.sources.steered import Command, Played


def run_dashboard(
    source: Source,
    showing: Showing,
    *,
    live: bool = False,
    record: Record | None = None,
    view: str | None = None,
    opening: Sequence[Command] = (),
) -> None:
    """Show a session until its window is closed.

    Parameters
    ----------
    source : Source
        Not yet entered.
    showing : Showing
        Without a display the window closes by itself at the end of the source.
    live : bool
        A session that is measured now, where not recording deserves a word; otherwise a replay.
    record : callable, optional
        Gets every list of inputs first, a `Recorder` for instance; the caller closes it.
    view : str, optional
        Name of the view to begin with, in place of the one that was open last.
    opening : sequence of commands
        What the session begins with: its target, for instance.

    Raises
    ------
    InsoleError
        What ended the session too early, once the window is closed; a picture that cannot be written; a view that
        this session does not have.
    """
    application(showing.offscreen)
    inbox = Inbox()
    engine = Engine(source, inbox.put, record, live=live)
    for command in opening:
        engine.post(command)
    speed = source.speed if isinstance(source, Played) else None
    playing = Playing(live=live, recording=record is not None, speed=speed)
    _check_view(view, playing)
    memory = screen_memory(showing.offscreen)
    window = Window(Scene.of(source.header), inbox, engine, playing, memory=memory, theme=showing.theme, view=view)
    _show(window, engine, showing)


def run_replay(
    path: Path,
    showing: Showing,
    *,
    speed: float = 1.0,
    from_s: float = 0.0,
    view: str | None = None,
    name: Path | None = None,
    opening: Sequence[SettingChange] = (),
) -> None:
    """Show a recording, any moment of it, until the window is closed.

    Parameters
    ----------
    path : path
        A recording.
    showing : Showing
        Without a display the window closes by itself at the end of the recording.
    speed : float
        Recording seconds a second, 0.1 to 16, or infinite.
    from_s : float
        Where to begin.
    view : str, optional
        Name of the view to begin with, in place of the one that was open last.
    name : path, optional
        The file that people know, where that is another one: it was imported.
    opening : sequence of SettingChange
        What the screen begins with: a target, for instance.

    Raises
    ------
    InsoleError
        The recording cannot be read, a picture cannot be written, a view is not there.
    ValueError
        Speed or start out of range.
    """
    application(showing.offscreen)
    player = Player(Survey(path, name or path), speed=speed, from_s=from_s)
    for change in opening:
        player.post(change)
    window = replay_window(player, memory=screen_memory(showing.offscreen), theme=showing.theme, view=view)
    if showing.offscreen:
        window.closing.connect(lambda: player.survey.wait(JOIN_S))  # no half-drawn seek bar
    _show(window, player, showing)


def replay_window(
    player: Player, *, memory: Memory | None = None, theme: ThemeName = "system", view: str | None = None
) -> Window:
    """A window on a recording, with the dock that seeks in it; starting the player is left to the caller.

    Raises
    ------
    InsoleError
        A replay has no such view.
    """
    scene = Scene.of(player.header)
    playing = Playing(live=False, recording=False, speed=player.speed, seekable=True)
    _check_view(view, playing)
    title = f"{player.title} - Insole"
    return Window(scene, player, player, playing, memory=memory, theme=theme, title=title, view=view, player=player)


def screen_memory(offscreen: bool) -> Memory:
    """What windows remember of the last session; without a display nothing."""
    return Memory(None if offscreen else QSettings("insole", "dashboard"))


def _show(window: Window, session: Engine | Player, showing: Showing) -> None:
    """Start a session, show it until its window is closed, end it in order."""
    window.closing.connect(window.draw_frame)
    window.closing.connect(window.draw_numbers)
    if showing.offscreen:
        window.session_ended.connect(window.close)
    with showing.shown(window, window.closing):
        session.start()
        try:
            QApplication.exec()
        finally:
            ended = session.stop(JOIN_S)
        if not ended:
            raise InsoleError(f"the source did not end within {JOIN_S:.0f} s; what was recorded until then is kept")
        if session.error is not None:
            raise session.error


def _check_view(name: str | None, playing: Playing) -> None:
    """That a session played like this has the wanted view."""
    names = [entry.name for entry in views_for(playing)]
    if name is not None and name not in names:
        raise InsoleError(f"--view {name}: this session has {', '.join(names)}")
