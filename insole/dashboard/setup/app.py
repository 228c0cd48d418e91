"""Starts set-up, what a double-click opens. In: what the command line says. Out: windows until the last one closes."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths, QTimer

from insole.dashboard.app import screen_memory
from insole.dashboard.application import application, fit_to_screen, interruptible, prompt_turns
from insole.dashboard.paint.theme import ThemeName
from insole.dashboard.picture import write_picture
from insole.dashboard.setup.remembered import Remembered
from insole.dashboard.setup.step import Step
from insole.dashboard.setup.window import SetupWindow
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
        remembered.choices = remembered.choices.with_source(source)

    window = SetupWindow(remembered, screen_memory(offscreen), theme=theme)
    failed: list[InsoleError] = []

    def last_look() -> None:
        window.renew()
        if screenshot is not None:
            try:
                write_picture(window, screenshot)
            except InsoleError as error:
                failed.append(error)
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
        raise failed[0]
    return 0
