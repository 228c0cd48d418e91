"""Work that takes its time, off the screen's thread: looking for insoles, opening a source, writing a table.

In: a function, which runs on a thread of its own. Out: what it returns or raises, on the screen's thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal


class Errand(QObject):
    """One piece of work; its answer comes at most once, and not at all after `give_up`.

    Parameters
    ----------
    work : callable
        Returns the answer, or raises it.
    answer : callable
        Called on the thread that made this object with what was returned, or with the exception.
    """

    _done = Signal(object)

    def __init__(self, work: Callable[[], Any], answer: Callable[[Any], None]) -> None:
        super().__init__()
        self._work = work
        self._answer = answer
        self._wanted = True
        self._done.connect(self._deliver)
        threading.Thread(target=self._run, name="insole-errand", daemon=True).start()

    def give_up(self) -> None:
        """Nobody wants the answer any more."""
        self._wanted = False

    def _run(self) -> None:
        try:
            result = self._work()
        except Exception as error:  # noqa: BLE001 - answered for by whoever asked
            result = error
        if self._wanted:
            self._done.emit(result)

    def _deliver(self, result: Any) -> None:
        if self._wanted:
            self._wanted = False
            self._answer(result)
