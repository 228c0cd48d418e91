"""Starts set-up, what a double-click opens. In: what the command line says. Out: windows until the last one closes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSettings, QStandardPaths, QTimer
from PySide6.QtWidgets import QWidget

from insole.dashboard.application import application, fit_to_screen, interruptible, prompt_turns
from insole.dashboard.memory import Memory
from insole.dashboard.model.playing import Playing
from insole.dashboard.paint.theme import ThemeName
from insole.dashboard.setup.choices import Choices
from insole.dashboard.setup.remembered import Remembered
from insole.dashboard.setup.session import SetupSession
from insole.dashboard.setup.step import Step
from insole.dashboard.setup.window import SetupWindow
from insole.dashboard.window import Window
from insole.errors import InsoleError

PAGES = tuple(step.name.lower() for step in Step)
FILE = "setup.json"


def run_setup(
    *,
    source: str = "",
    page: str = "source",
    offscreen: bool = False,
    seconds: float | None = None,
    screenshot: Path | None = None,
    size: tuple[int, int] = (1440, 900),
    theme: ThemeName = "system",
) -> int:
    """Show set-up, and the sessions that come of it, until the last window is closed.

    Parameters
    ----------
    source : str
        SOURCE to begin with, in place of the remembered one.
    page : str
        One of `PAGES`, opened first.
    offscreen : bool
        Draw without a display; nothing is remembered then.
    seconds : float, optional
        Close after so long.
    screenshot : path, optional
        Picture of the window, written just before it closes.
    size : (width, height)
        Of the window, in pixels.
    theme : 'system', 'dark' or 'light'

    Returns
    -------
    int
        Exit code: 0.

    Raises
    ------
    InsoleError
        A picture that cannot be written.
    """
    app = application(offscreen)
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppConfigLocation)
    remembered = Remembered(None if offscreen else Path(folder) / FILE)
    if source:
        remembered.choices = replace(remembered.choices, source=source)

    def open_window(session: SetupSession, choices: Choices) -> QWidget:
        playing = Playing(live=choices.live, recording=session.recorded is not None, speed=session.speed)
        memory = Memory(None if offscreen else QSettings("insole", "dashboard"))
        shown = Window(session.scene, session.inbox, session, playing, memory=memory, theme=theme)
        shown.closing.connect(window.come_back)
        return shown

    window = SetupWindow(remembered, open_window, theme=theme)
    failed: list[Path] = []

    def last_look() -> None:
        window.renew()
        if screenshot is not None and not window.grab().save(str(screenshot)):
            failed.append(screenshot)
        window.close()
        app.quit()

    if seconds is not None or offscreen:
        QTimer.singleShot(round(1000 * (seconds or 0.0)), window, last_look)
    with interruptible(window), prompt_turns():
        if offscreen:
            window.resize(*size)
        else:
            fit_to_screen(window, size)
        window.show()
        window.go_when_open(Step[page.upper()])
        app.exec()
        window.deleteLater()
    if failed:
        raise InsoleError(f"{failed[0]}: the picture could not be written")
    return 0
