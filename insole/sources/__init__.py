r"""Where inputs come from: a radio, a port, a file, a generator, each named by a URL.

In: ``scheme:target?option=value&...``, cut at the first colon only, so that ``replay:C:\runs\a.mcap`` and
``serial:COM5`` mean what they look like. Out: a `Source`, which the one loop of `insole.session.run` drives.

A new kind of source is one module and one row in `SCHEMES`; its module is imported when the scheme is used.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from importlib import import_module
from types import TracebackType
from typing import Protocol, Self

from insole.blocks import Input
from insole.errors import LinkError
from insole.recording import Header

__all__ = ["SCHEMES", "Source", "SourceClass", "open_source"]

SCHEMES: dict[str, tuple[str, str]] = {
    # scheme: module, class
    "ble": ("insole.sources.ble", "BleSource"),
    "replay": ("insole.sources.replay", "ReplaySource"),
    "serial": ("insole.sources.serial_port", "SerialSource"),
    "synthetic": ("insole.sources.synthetic", "SyntheticSource"),
}


class Source(Protocol):
    """Inputs as they arrive: enter it, then iterate; each list holds all since the one before, at least one input.

    A source stamps what it delivers with the host's monotonic clock (or a simulated one), emits a `Tick` every 0.2 s of
    it, and ends when nothing more will come. `header` is known before the source is entered.
    """

    @property
    def header(self) -> Header:
        """Devices, settings and runner, as a recording of this source begins."""
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def __aiter__(self) -> AsyncIterator[list[Input]]: ...


class SourceClass(Protocol):
    """What stands in the table: a class that makes a source from the parts of a URL."""

    def from_url(self, target: str, options: Mapping[str, str]) -> Source:
        """Make the source; an unknown option or a value out of range is a ValueError that names it."""
        ...


def open_source(url: str) -> Source:
    """The source that a URL names, not yet entered.

    Parameters
    ----------
    url : str
        ``scheme:target?option=value&option=value``; the target may be empty. Values are taken as they stand.

    Returns
    -------
    Source

    Raises
    ------
    LinkError
        No such scheme, or an option that the source does not know or take.
    InsoleError
        What the source itself finds at once: a missing file, a missing extra.
    """
    scheme, colon, rest = url.partition(":")
    if not colon or scheme not in SCHEMES:
        known = ", ".join(f"{name}:" for name in sorted(SCHEMES))
        raise LinkError(url, f"no source '{scheme}'; known are {known}")
    target, _, query = rest.partition("?")
    options: dict[str, str] = {}
    for part in query.split("&") if query else ():
        name, equals, value = part.partition("=")
        if not equals or not name or name in options:
            raise LinkError(url, f"'{part}' is not one option=value")
        options[name] = value
    module, name = SCHEMES[scheme]
    source_class: SourceClass = getattr(import_module(module), name)
    try:
        return source_class.from_url(target, options)
    except ValueError as error:
        raise LinkError(url, str(error)) from error
