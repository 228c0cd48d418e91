"""What the screen remembers from one session to the next: texts by name.

In and out: texts. With a store they outlive the process; without one (tests, pictures without a display) they are
forgotten with the window.
"""

from __future__ import annotations

from PySide6.QtCore import QSettings


class Memory:
    """Texts by name.

    Parameters
    ----------
    store : QSettings, optional
        Where they are kept.
    """

    def __init__(self, store: QSettings | None = None) -> None:
        self._store = store
        self._held: dict[str, str] = {}

    def read(self, name: str, default: str = "") -> str:
        """The text of this name."""
        if self._store is None:
            return self._held.get(name, default)
        value = self._store.value(name, default)
        return value if isinstance(value, str) else default

    def write(self, name: str, text: str) -> None:
        """Keep a text; an empty one is the same as none."""
        if self._store is None:
            self._held[name] = text
        elif text:
            self._store.setValue(name, text)
        else:
            self._store.remove(name)
