"""Text and files on their way out: nothing from a file may steer a terminal, nothing is overwritten unasked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from insole.errors import InsoleError


def plain(text: str) -> str:
    """`text` with control, format and bidirectional characters spelled out, so that it is safe to print."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def free_path(path: Path, force: bool) -> Path:
    """`path`, where a new file may be written.

    Raises
    ------
    InsoleError
        The path is taken and `force` is not given, is no regular file, or its folder does not exist.
    """
    if path.exists() and not path.is_file():
        raise InsoleError(f"{path}: is not a regular file; name a file to write")
    if path.exists() and not force:
        raise InsoleError(f"{path}: exists already; choose another name, or --force to replace it")
    if not path.parent.is_dir():
        raise InsoleError(f"{path}: there is no folder {path.parent}")
    return path


@contextmanager
def finished(path: Path, force: bool = False) -> Iterator[Path]:
    """A path to write to; the file appears under its own name only when the block ends without an error.

    Raises
    ------
    InsoleError
        As `free_path`.
    """
    part = free_path(path, force).with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        yield part
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


@contextmanager
def new_file(path: Path, force: bool = False) -> Iterator[BinaryIO]:
    """An open file, readable by its owner alone, that appears under its name only when written completely.

    Raises
    ------
    InsoleError
        As `free_path`.
    """
    with finished(path, force) as part:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "wb") as file:
            yield file
