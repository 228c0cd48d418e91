"""Exceptions: every one says what, where and what to do, in one line.

InsoleError
├── SettingsError     a settings or device file: file, key, value, allowed range
├── LinkError         a radio or port, named by its source URL
│   └── DeviceNotFound
├── ProtocolError     a device or recording speaks a version this software does not: refused, never guessed
├── RecordingError    a recording cannot be opened, written or finished
├── FormatError       a vendor's file: file, line, what was expected
└── MissingExtra      an optional part of the installation is needed: says which

Damaged bytes, lost frames and silence are not errors: they are counted (`LinkHealth`) and marked (`Quality`).
"""

from pathlib import Path


def why_not_read(path: Path, error: OSError) -> str:
    """Why a file could not be opened, and what to do, in a few words."""
    if path.is_dir():
        return "is a folder; name the files in it"
    return f"cannot be opened: {error.strerror or error}"


class InsoleError(Exception):
    """Root of everything this package raises on purpose; the command line prints it as one line and exits with 1."""


class SettingsError(InsoleError):
    """A settings or device file holds an unknown key or a value outside its range."""


class LinkError(InsoleError):
    """A source could not be opened or has failed."""

    def __init__(self, url: str, message: str) -> None:
        super().__init__(f"{url}: {message}")
        self.url = url


class DeviceNotFound(LinkError):
    """No device answers under that name."""


class ProtocolError(InsoleError):
    """A device or file speaks a version of the wire format that this software does not know."""


class RecordingError(InsoleError):
    """A recording cannot be opened, written or finished."""


class FormatError(InsoleError):
    """A vendor's file is not what it should be."""

    def __init__(self, path: object, message: str, line: int | None = None) -> None:
        where = f"{path}, line {line}" if line is not None else f"{path}"
        super().__init__(f"{where}: {message}")
        self.line = line


class MissingExtra(InsoleError):
    """A verb needs a part of the installation that is not there."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs the '{extra}' extra: pip install 'insole[{extra}]'")
        self.extra = extra
