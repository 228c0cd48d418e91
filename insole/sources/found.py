"""What could be opened on this computer: (source URL, what it is) of every serial port."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from insole.sources.serial_port import pyserial


def serial_ports(seconds: float) -> Iterator[tuple[str, str]]:  # noqa: ARG001 - the operating system knows them all
    """The serial ports, those of USB devices first.

    Raises
    ------
    MissingExtra
        pyserial is not installed.
    """
    pyserial()
    from serial.tools.list_ports import comports

    for port in sorted(comports(), key=lambda port: (port.vid is None, port.device)):
        usb = f"USB {port.vid:04x}:{port.pid:04x}" if port.vid is not None else ""
        what = " ".join(part for part in (port.manufacturer, port.product or port.description, usb) if part)
        yield f"serial:{port.device}", what if what != "n/a" else "serial port"


FINDERS: tuple[Callable[[float], Iterator[tuple[str, str]]], ...] = (serial_ports,)
"""One row a kind of link."""
