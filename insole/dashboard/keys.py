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
    shift : bool or None
        With the Shift key, without it, or (None) either.
    repeats : bool
        Again and again while the key is held down.
    """

    shown: str
    meaning: str
    actions: Mapping[Qt.Key, Action]
    control: bool = False
    shift: bool | None = None
    repeats: bool = False


def action_of(event: QKeyEvent, bindings: Iterable[Binding]) -> Action | None:
    """What a pressed key does, None for a key that nobody knows."""
    held = event.modifiers() & MODIFIERS
    shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
    for binding in bindings:
        wanted = Qt.KeyboardModifier.ControlModifier if binding.control else Qt.KeyboardModifier.NoModifier
        if held == wanted and binding.shift in {None, shift}:
            action = binding.actions.get(Qt.Key(event.key()))
            if action is not None:
                return action if binding.repeats or not event.isAutoRepeat() else _nothing
    return None


def _nothing() -> None:
    """A key that is held down does its work once."""
