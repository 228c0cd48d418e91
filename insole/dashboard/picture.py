"""A picture of any window in the user's pictures (F12). In: a widget. Out: a file, and a sentence about it."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QWidget


def save_picture(widget: QWidget) -> str:
    """Save what a widget looks like; returns what to tell the person."""
    folder = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation) or ".")
    path = folder / time.strftime("insole-%Y%m%d-%H%M%S.png")
    folder.mkdir(parents=True, exist_ok=True)
    return f"Saved {path}" if widget.grab().save(str(path)) else f"Could not write {path}"
