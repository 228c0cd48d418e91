"""Windows and macOS are meant to work as Linux does: nothing of POSIX alone outside the virtual insoles."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
POSIX_MODULES = {
    "_posixsubprocess", "crypt", "curses", "fcntl", "grp", "nis", "ossaudiodev", "posix", "pty", "pwd", "readline",
    "resource", "spwd", "syslog", "termios", "tty",
}  # fmt: skip
POSIX_NAMES = {
    "os": {
        "chown", "chroot", "fchmod", "fchown", "fork", "forkpty", "getegid", "geteuid", "getgid", "getloadavg",
        "getpgid", "getuid", "killpg", "lchown", "mkfifo", "mknod", "nice", "openpty", "posix_fadvise",
        "posix_fallocate", "posix_spawn", "pread", "pwrite", "readv", "sched_getaffinity", "sched_setaffinity",
        "sendfile", "setpgid", "setsid", "setuid", "statvfs", "sync", "sysconf", "ttyname", "uname", "wait", "writev",
        "O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK", "O_SYNC",
    },
    "signal": {
        "SIGALRM", "SIGCHLD", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGQUIT", "SIGSTOP", "SIGUSR1", "SIGUSR2", "alarm",
    },
    # monotonic_ns goes in steps of 15 ms on Windows before Python 3.13; perf_counter_ns is the same clock elsewhere.
    "time": {"clock_gettime", "clock_settime", "CLOCK_MONOTONIC", "CLOCK_REALTIME", "monotonic_ns"},
}  # fmt: skip
POSIX_METHODS = {"add_reader", "add_writer", "add_signal_handler"}  # of event loops: not on Windows
# Where they are what it is about, behind a check that says on which systems it works.
EXEMPT = ("insole/sources/virtual/", "insole/cli/virtual.py")


def posix_only(source: str) -> Iterator[str]:
    """What of a module's source only POSIX has, line by line."""
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names if alias.name.partition(".")[0] in POSIX_MODULES]
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            top = node.module.partition(".")[0]
            wanted = POSIX_NAMES.get(top, set())
            names = [f"{top}.{alias.name}" for alias in node.names if top in POSIX_MODULES or alias.name in wanted]
        elif isinstance(node, ast.Attribute):
            of = node.value.id if isinstance(node.value, ast.Name) else ""
            if node.attr in POSIX_NAMES.get(of, set()) | POSIX_METHODS:
                names = [f"{of}.{node.attr}"]
        yield from (f"{node.lineno}: {name}" for name in names)


def test_nothing_of_posix_alone_is_used() -> None:
    found = []
    for room in ("insole", "firmware_protocol", "replay_data"):
        for path in sorted((ROOT / room).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith(EXEMPT):
                found += [f"{name}:{line}" for line in posix_only(path.read_text(encoding="utf-8"))]
    assert not found


@pytest.mark.parametrize(
    "source",
    [
        "import fcntl",
        "def f():\n    import tty",
        "from os import openpty",
        "import os\nos.fork()",
        "loop.add_reader(1)",
    ],
)
def test_what_is_posix_only_is_seen(source: str) -> None:
    assert list(posix_only(source))


def test_every_file_that_is_read_or_written_as_text_says_its_encoding() -> None:
    """Windows has another one unless told."""
    found = []
    for path in sorted((ROOT / "insole").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                named = {keyword.arg for keyword in node.keywords}
                if node.func.attr in {"read_text", "write_text"} and not named & {"encoding", None}:
                    found.append(f"{path.relative_to(ROOT).as_posix()}:{node.lineno}")
    assert not found
