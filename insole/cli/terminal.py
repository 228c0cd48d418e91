"""What the command says beside its result: error lines and a progress bar, on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from insole.report.plain import plain


def complain(message: object) -> None:
    """One line on standard error, whatever the message holds."""
    print(f"insole: {plain(' '.join(str(message).split()))}", file=sys.stderr)


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[float], None]]:
    """A function to call with the share done (0 to 1); draws a bar when standard error is a terminal."""
    if not sys.stderr.isatty():
        yield _unseen
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(escape(plain(what)), total=1.0)
        yield lambda share: bar.update(task, completed=share)


def _unseen(share: float) -> None:
    """Progress that nobody watches."""
