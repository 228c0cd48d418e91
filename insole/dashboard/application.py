"""The one Qt application of a process, and how it behaves while a window is open.

In: whether there is a display. Out: an application in the house style; numbers as the system writes them; Ctrl+C and
the interpreter's turns arranged.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import pyqtgraph as pg
from PySide6.QtCore import QLocale, QSize
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QApplication, QWidget

from insole.dashboard.model.words import NumberStyle

FRAME = QSize(0, 40)  # what the desktop puts around a window
TURN_S = 0.0005  # the interpreter's own 5 ms make a frame of many small calls wait as often


def application(offscreen: bool) -> QApplication:
    """The one application of this process."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    app = QApplication([sys.argv[0], *(("-platform", "offscreen") if offscreen else ())])
    app.setApplicationName("Insole")
    app.setStyle("Fusion")
    pg.setConfigOptions(antialias=True)
    if not QFontDatabase.families():
        print("no font found: text will be missing; install one, for instance fonts-inter", file=sys.stderr)
    return app


def fit_to_screen(window: QWidget, size: tuple[int, int]) -> None:
    """Give a window its size, or what a smaller screen has room for: its foot is never below the edge."""
    window.resize(QSize(*size).boundedTo(window.screen().availableSize() - FRAME))


def system_numbers() -> NumberStyle:
    """Numbers as the system's locale writes them."""
    locale = QLocale.system()
    if locale.language() == QLocale.Language.C:
        return NumberStyle()
    return NumberStyle(decimal=locale.decimalPoint(), group=locale.groupSeparator())


@contextmanager
def prompt_turns() -> Iterator[None]:
    """Engine and screen share one interpreter: shorter turns, so that neither waits long for the other in mid-frame."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(TURN_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


@contextmanager
def interruptible(window: QWidget) -> Iterator[None]:
    """Ctrl+C closes the window in order instead of tearing it down."""

    def close(_number: int, _frame: FrameType | None) -> None:
        window.close()

    before = signal.signal(signal.SIGINT, close)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
