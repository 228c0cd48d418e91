"""What could be opened on this computer: (source URL, what it is) of serial ports and of insoles in reach."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from insole.sources.ble_connection import bleak_errors, scanned
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


def ble_insoles(seconds: float) -> Iterator[tuple[str, str]]:
    """The insoles that advertise, the strongest first.

    Raises
    ------
    MissingExtra
        bleak is not installed.
    LinkError
        There is no radio, or it is switched off.
    """
    bleak_errors()
    for name, address, rssi_dbm in asyncio.run(scanned(seconds)):
        yield f"ble:{name or address}", f"{address}, {rssi_dbm} dBm"


FINDERS: tuple[Callable[[float], Iterator[tuple[str, str]]], ...] = (serial_ports, ble_insoles)
"""One row a kind of link."""
