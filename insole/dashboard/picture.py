"""A picture of any window in the user's pictures (F12). In: a widget. Out: a file, and a sentence about it."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QWidget


def save_picture(widget: QWidget) -> str:
    """Save what a widget looks like, for its owner alone; returns what to tell the person."""
    folder = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation) or ".")
    path = folder / time.strftime("insole-%Y%m%d-%H%M%S.png")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.touch(0o600)
    except OSError as error:
        return f"Could not write {path}: {error.strerror or error}"
    return f"Saved {path}" if widget.grab().save(str(path)) else f"Could not write {path}"
