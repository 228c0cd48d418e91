"""A picture of any window: where it is wanted, or in the user's pictures (F12). In: a widget. Out: a file."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QStandardPaths
from PySide6.QtWidgets import QWidget

from insole.errors import InsoleError
from insole.report.plain import new_file


def write_picture(widget: QWidget, path: Path) -> None:
    """Write what a widget looks like, for its owner alone, in place of what was there.

    Raises
    ------
    InsoleError
        It cannot be written there, or not as what the name says.
    """
    kind = path.suffix.removeprefix(".") or "png"
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not widget.grab().save(buffer, kind):
        raise InsoleError(f"{path}: there are no pictures of the kind .{kind}; name it .png")
    try:
        with new_file(path, force=True) as file:
            file.write(buffer.data().data())
    except OSError as error:
        raise InsoleError(f"{path}: the picture could not be written: {error.strerror or error}") from error


def save_picture(widget: QWidget) -> str:
    """Save what a widget looks like in the user's pictures; returns what to tell the person."""
    folder = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation) or ".")
    path = folder / time.strftime("insole-%Y%m%d-%H%M%S.png")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_picture(widget, path)
    except OSError as error:
        return f"Could not write {path}: {error.strerror or error}"
    except InsoleError as error:
        return f"Could not write {error}"
    return f"Saved {path}"
