"""Starts set-up, what a double-click opens. In: what the command line says. Out: windows until the last one closes."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths, QTimer
from PySide6.QtWidgets import QApplication

from insole.dashboard.app import screen_memory
from insole.dashboard.application import application
from insole.dashboard.setup.remembered import Remembered
from insole.dashboard.setup.step import Step
from insole.dashboard.setup.window import SetupWindow
from insole.dashboard.showing import Showing

FILE = "setup.json"


def run_setup(showing: Showing, *, source: str = "", page: str = "source") -> None:
    """Show set-up, and the sessions that come of it, until the last window is closed.

    Parameters
    ----------
    showing : Showing
        Without a display nothing is remembered, and the window closes at once where no time is given.
    source : str
        SOURCE to begin with, in place of the remembered one.
    page : str
        Opened first: source, runner, fit or start.

    Raises
    ------
    InsoleError
        A picture that cannot be written.
    """
    application(showing.offscreen)
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppConfigLocation)
    remembered = Remembered(None if showing.offscreen else Path(folder) / FILE)
    if source:
        remembered.choices = remembered.choices.with_source(source)
    window = SetupWindow(remembered, screen_memory(showing.offscreen), theme=showing.theme)
    window.closing.connect(window.renew)
    if showing.offscreen and showing.seconds is None:
        QTimer.singleShot(0, window, window.close)
    with showing.shown(window, window.closing):
        window.go_when_open(Step[page.upper()])
        QApplication.exec()
