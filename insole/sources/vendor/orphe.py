"""ORPHE INSOLE: six pressures a foot, over its own BLE notifications.

Every notification has 104 bytes, big endian: header u8, serial number u16, time of day as hours u8, minutes u8, seconds
u8 and milliseconds u16, then samples, the latest first, zeros behind them. A sample ends in six u16 pressures.

======  =======  ============  ======  =================================================
header  samples  bytes each    rate    a sample
======  =======  ============  ======  =================================================
55      4        24            200 Hz  gyroscope 3 x i16, acceleration 3 x i16, pressures
56      2        32            100 Hz  quaternion 4 x i16, then as above
======  =======  ============  ======  =================================================

Service db1b7aca-cda5-4453-a49b-33a53d3f0833. The order of bytes follows the maker's own ORPHE-INSOLE.js.
Motion is not used. The insole is not told which mode to stream in: it is read in the one that is set.
"""

from __future__ import annotations

import struct

import numpy as np

from firmware_protocol import encode_pressure
from insole.blocks import Side
from insole.device import Device
from insole.errors import SettingsError

CELLS = 6
NOTIFICATION_BYTES = 104
DAY_MS = 86_400_000
DOUBT_MS = 1000  # serial number and clock that disagree by more were started anew
_HEAD = struct.Struct(">BHBBBH")
_FORMS = {55: (4, 24, 5000), 56: (2, 32, 10000)}  # header: samples, bytes each, us between them


class OrpheTranslator:
    """One insole.

    Parameters
    ----------
    side : Side
    device : Device
        Of six cells, in the order of the maker's numbers: toe medial, ball medial, toe lateral, ball centre, midfoot
        lateral, heel.

    Raises
    ------
    SettingsError
        The device has another number of cells.
    """

    def __init__(self, side: Side, device: Device) -> None:
        if device.n_cells != CELLS:
            raise SettingsError(f"device {device.name}: {device.n_cells} cells, an ORPHE insole has {CELLS}")
        self._side = side
        self._sequence = 0
        self._tick_us = 0
        self._last: tuple[int, int, int] | None = None  # header, serial number, time of day in ms

    def feed(self, data: bytes) -> bytes:
        """One notification as one packet."""
        head = _HEAD.unpack_from(data) if len(data) == NOTIFICATION_BYTES else None
        if head is None or head[0] not in _FORMS:
            return data
        header, serial, hours, minutes, seconds, ms = head
        samples, size, interval_us = _FORMS[header]
        self._advance(header, serial, ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms)
        rows = np.frombuffer(data, np.uint8, samples * size, _HEAD.size).reshape(samples, size)
        counts = np.ascontiguousarray(rows[::-1, size - 2 * CELLS :]).view(">u2").astype(np.uint16)
        return encode_pressure(self._side, self._sequence, self._tick_us, interval_us, counts)

    def _advance(self, header: int, serial: int, day_ms: int) -> None:
        """Go on from the notification before: by the serial number's gap, or anew where the clock says otherwise."""
        samples, _, interval_us = _FORMS[header]
        if self._last is not None:
            last_header, last_serial, last_ms = self._last
            gap = (serial - last_serial) % 2**16
            passed_ms = (day_ms - last_ms) % DAY_MS
            if header == last_header and abs(passed_ms - gap * samples * interval_us / 1000) <= DOUBT_MS:
                self._sequence = (self._sequence + gap * samples) % 2**32
                self._tick_us = (self._tick_us + passed_ms * 1000) % 2**32
                self._last = header, serial, day_ms
                return
        self._sequence, self._tick_us = 0, day_ms * 1000 % 2**32
        self._last = header, serial, day_ms
