"""How a window is shown: with a display or without, at which size, for how long, and the picture that is left of it.

In: a window. Out: the window while its session runs, and a file of what it looked like when it closed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QTimer, SignalInstance
from PySide6.QtWidgets import QWidget

from insole.dashboard.application import fit_to_screen, interruptible, prompt_turns
from insole.dashboard.paint.theme import ThemeName
from insole.dashboard.picture import write_picture
from insole.errors import InsoleError


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """What can be chosen of any window.

    Parameters
    ----------
    offscreen : bool
        Draw without a display.
    seconds : float, optional
        Close after so long.
    screenshot : path, optional
        Picture of the window, written just before it closes.
    size : (width, height)
        Of the window, in pixels.
    theme : 'system', 'dark' or 'light'
    """

    offscreen: bool = False
    seconds: float | None = None
    screenshot: Path | None = None
    size: tuple[int, int] = (1440, 900)
    theme: ThemeName = "system"

    @contextmanager
    def shown(self, window: QWidget, closing: SignalInstance) -> Iterator[None]:
        """A window on the screen, and at the end gone; Ctrl+C closes it in order.

        Parameters
        ----------
        window : QWidget
        closing : signal
            What the window emits when it is about to close and shows all that it will.

        Raises
        ------
        InsoleError
            The picture cannot be written; raised at the end, and only where nothing else went wrong.
        """
        failed: list[InsoleError] = []

        def keep_picture() -> None:
            if self.screenshot is not None:
                try:
                    write_picture(window, self.screenshot)
                except InsoleError as error:  # an exception in a slot goes nowhere
                    failed.append(error)

        closing.connect(keep_picture)
        if self.seconds is not None:
            QTimer.singleShot(max(0, round(self.seconds * 1000)), window, window.close)
        with interruptible(window), prompt_turns():
            if self.offscreen:
                window.resize(*self.size)
            else:
                fit_to_screen(window, self.size)
            window.show()
            try:
                yield
            finally:
                window.deleteLater()
        if failed:
            raise failed[0]
