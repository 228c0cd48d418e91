"""The keys of the window and what they do, in the order of the list of keys. Views add their own."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from insole.dashboard.keys import Binding

if TYPE_CHECKING:
    from insole.dashboard.window import Window


def bindings(window: Window) -> list[Binding]:
    """Every key that works now, those of the open view included."""
    key = Qt.Key
    views = {key(key.Key_0 + v.number): partial(window.choose_view, name) for name, v in window.deck.entries.items()}
    numbers = [v.number for v in window.deck.entries.values()]
    return [
        Binding("  ".join(map(str, numbers)), "Views", views),
        *(_session_keys(window) if window.dock is None else window.dock.bindings()),
        Binding(
            "[  ]",
            "Slower, faster" + (" (not with live insoles)" if window.dock is None else ""),
            {key.Key_BracketLeft: lambda: window.hurry(-1), key.Key_BracketRight: lambda: window.hurry(1)},
        ),
        *(
            []
            if window.dock is None
            else [Binding("E", "Contacts as a table beside the recording", {key.Key_E: window.export})]
        ),
        Binding("F", "Why the flag is up", {key.Key_F: window.toggle_why}),
        Binding("N", "Flags off or on; on shows hidden ones again", {key.Key_N: window.controls.toggle_flags}),
        *window.deck.current.bindings(),
        Binding("T", "Target of the cue; then type it, or up and down, Enter", {key.Key_T: window.edit_target}),
        Binding("U", "Sound of the cue: off, beep, pitch", {key.Key_U: window.controls.cue.next_sound}),
        Binding("F11", "The runner's screen; there again: all of the display", {key.Key_F11: window.toggle_runner}),
        Binding("Ctrl+L", "Menu: panels, their order, large numbers", {key.Key_L: window.open_menu}, control=True),
        Binding("Ctrl+F", "Limits of the flags", {key.Key_F: window.overlays.toggle_limits}, control=True),
        Binding("Ctrl+T", "Dark or light", {key.Key_T: window.toggle_theme}, control=True),
        Binding("F12", "Save a picture of the window", {key.Key_F12: window.save_picture}),
        Binding("Tab", "To the next button", {}),
        Binding("F1", "This list", {key.Key_F1: window.toggle_help}),
        Binding("Esc", "Close the top layer; never stops a session", {key.Key_Escape: window.close_top_layer}),
    ]


def _session_keys(window: Window) -> list[Binding]:
    """Keys of a session that runs once and cannot be sought in."""
    key = Qt.Key
    return [
        Binding("M", "Mark this moment; Enter without text is fine", {key.Key_M: window.overlays.ask_marker}),
        Binding("Ctrl+Z", "Take the last marker back", {key.Key_Z: window.controls.undo_marker}, control=True),
        Binding(
            "P, Space",
            "Pause or go on (not with live insoles)",
            {key.Key_P: window.toggle_pause, key.Key_Space: window.toggle_pause},
        ),
        Binding("S", "Stop the session; asks once", {key.Key_S: window.ask_stop}),
    ]
