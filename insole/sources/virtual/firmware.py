"""What an insole's firmware does: commands in, replies out; frames of the synthetic runner while it is started.

Follows firmware_protocol/README.md, section 6. The zero cannot be set, and the rate is what it is.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Callable
from hashlib import sha256

from firmware_protocol import (
    CommandReply,
    CommandResult,
    Decoder,
    DeviceInformation,
    DeviceState,
    Message,
    MessageBody,
    RequestInformation,
    SetRate,
    Start,
    Stop,
    TimePing,
    TimeReply,
    encode_message,
)
from firmware_protocol import Side as WireSide
from insole.blocks import Side
from insole.device import Device

STATE_EVERY_US = 30_000_000
_SEQUENCE_TICK = struct.Struct("<II")


def monotonic_us() -> int:
    """The clock of an insole that has no other one."""
    return time.perf_counter_ns() // 1000


_SEQUENCE_AT, _FRAMES_AT = 8, 21


class Firmware:
    """One insole.

    Parameters
    ----------
    side : Side
    device : Device
        Its name is the model that the insole says it is.
    now_us : callable
        Its clock, the one that is in the frames too.

    Attributes
    ----------
    started : bool
        Between START and STOP.
    silent : bool
        It hears and obeys, but says nothing.
    """

    def __init__(self, side: Side, device: Device, now_us: Callable[[], int] = monotonic_us) -> None:
        self.started = self.silent = False
        self._side = side
        self._device = device
        self._now_us = now_us
        self._decoder = Decoder()
        self._sequence = 0
        self._state_us: int | None = None

    def receive(self, data: bytes) -> list[bytes]:
        """Take bytes from the host; returns the packets to answer with."""
        received_us = self._now_us()
        replies = [
            reply
            for message in self._decoder.push(data).messages
            if message.side in (self._side, WireSide.BOTH)
            for reply in self._obey(message, received_us)
        ]
        return [] if self.silent else replies

    def frames(self, packet: bytes) -> list[bytes]:
        """Packets to send for one packet of frames: none unless started, now and then with the battery's state."""
        self._sequence, tick_us = _SEQUENCE_TICK.unpack_from(packet, _SEQUENCE_AT)
        self._sequence = (self._sequence + packet[_FRAMES_AT]) % 2**32
        if not self.started or self.silent:
            return []
        if self._state_us is None or (tick_us - self._state_us) % 2**32 >= STATE_EVERY_US:
            self._state_us = tick_us
            return [self._state(), packet]
        return [packet]

    def _obey(self, message: Message, received_us: int) -> list[bytes]:
        body = message.body
        if isinstance(body, TimePing):
            return [self._packet(TimeReply(body.token, received_us % 2**32))]
        extra: list[bytes] = []
        result, value = CommandResult.DONE, 0
        if isinstance(body, Start):
            extra = [] if self.started else [self._information()]
            self.started = True
        elif isinstance(body, Stop):
            self.started = False
        elif isinstance(body, RequestInformation):
            extra = [self._information(), self._state()]
        elif isinstance(body, SetRate):
            value = round(self._device.rate_hz * 1000)
        else:
            result = CommandResult.UNKNOWN
        return [*extra, self._packet(CommandReply(body.PACKET_TYPE, message.sequence, result, value))]

    def _information(self) -> bytes:
        device = self._device
        layout = sha256(repr((device.x.tolist(), device.y.tolist(), device.area_mm2.tolist())).encode()).digest()[:8]
        bits = min(max(device.full_scale_counts.bit_length(), 1), 16)
        return self._packet(
            DeviceInformation(
                cells=device.n_cells,
                bits=bits,
                rate_mhz=round(device.rate_hz * 1000),
                layout_hash=layout,
                calibration_id=bytes(8),
                model=device.name,
                serial_number=f"VIRTUAL-{self._side.label[0].upper()}",
                firmware_version="virtual",
            )
        )

    def _state(self) -> bytes:
        return self._packet(DeviceState(battery_percent=90, battery_mv=3950, charging=False, temperature_c=31.5))

    def _packet(self, body: MessageBody) -> bytes:
        return encode_message(body, self._side, self._sequence, self._now_us() % 2**32)
