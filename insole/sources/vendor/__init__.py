"""Live formats of other makers, translated into packets of the wire format where the link delivers them.

A translator gets what its link received and returns packets with the same counts, the device's own clock and a
sequence in which loss shows. What it cannot read it returns as it came, so that it is recorded and counted as skipped
bytes. Nothing behind it knows that there are other formats.

A new one is one module and one row in a table here.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Protocol

from insole.blocks import Side
from insole.device import Device

__all__ = ["BLE_FORMATS", "BleTranslator", "Translator", "ble_translator"]

BLE_FORMATS: dict[str, tuple[str, str]] = {
    # characteristic that notifies: module, class
    "f3f9c7ce-46ee-4205-89ac-abe64e626c0f": ("insole.sources.vendor.orphe", "OrpheTranslator"),
}


class Translator(Protocol):
    """Bytes of a link in, bytes of the wire format out; keeps what is unfinished."""

    def feed(self, data: bytes) -> bytes:
        """Translate what has just arrived."""
        ...


BleTranslator = Callable[[Side, Device], Translator]


def ble_translator(characteristic_uuid: str) -> BleTranslator:
    """The translator of what that characteristic notifies, still to be told the foot and the device."""
    module, name = BLE_FORMATS[characteristic_uuid]
    made: BleTranslator = getattr(import_module(module), name)
    return made
