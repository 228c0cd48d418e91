"""Every key of the house: one row does something and says so in the list of keys (F1).

In: keys as they are pressed. Out: the action of the first row that knows them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

Action = Callable[[], None]
MODIFIERS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


@dataclass(frozen=True, slots=True)
class Binding:
    """One row of the list of keys.

    Parameters
    ----------
    shown, meaning : str
        The keys as the list writes them, and what they do, in their order.
    actions : mapping of Qt.Key to callable
    control : bool
        With the Control key, not without.
    """

    shown: str
    meaning: str
    actions: Mapping[Qt.Key, Action]
    control: bool = False


def action_of(event: QKeyEvent, bindings: Iterable[Binding]) -> Action | None:
    """What a pressed key does, None for a key that nobody knows."""
    held = event.modifiers() & MODIFIERS
    for binding in bindings:
        if held == (Qt.KeyboardModifier.ControlModifier if binding.control else Qt.KeyboardModifier.NoModifier):
            action = binding.actions.get(Qt.Key(event.key()))
            if action is not None:
                return action
    return None
