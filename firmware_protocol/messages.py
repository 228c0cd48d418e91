"""Packets that carry no frames: payload bytes in, small frozen dataclasses out, and back.

Every class has `to_payload` and `from_payload`; `MESSAGE_TYPES` at the end says which class belongs to which packet
type. Fields may be added behind the existing ones later, so a payload longer than expected is read as far as it is
known. A payload that is too short, or says what cannot be, raises ValueError, which the decoder counts as malformed.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, ClassVar, Protocol, Self

import numpy as np
import numpy.typing as npt

from firmware_protocol.packet import MAX_PAYLOAD_BYTES, PacketType, packet

__all__ = [
    "MAX_TEXT_BYTES",
    "MESSAGE_TYPES",
    "CommandReply",
    "CommandResult",
    "DeviceInformation",
    "DeviceState",
    "ErrorCode",
    "ErrorReport",
    "Message",
    "MessageBody",
    "Motion",
    "MotionSensor",
    "RequestInformation",
    "SetRate",
    "SetZero",
    "Start",
    "Stop",
    "TimePing",
    "TimeReply",
    "encode_message",
]

MAX_TEXT_BYTES = 48
"""Longest text in a message, in bytes; printable ASCII only."""

_LEAST_SCALE, _GREATEST_SCALE = 2.0**-100, 2.0**100


class MessageBody(Protocol):
    """What every message class offers."""

    PACKET_TYPE: ClassVar[PacketType]

    def to_payload(self) -> bytes:
        """Payload of the packet; ValueError if a field is out of range."""
        ...

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Read a payload; ValueError if it is too short or says what cannot be."""
        ...


@dataclass(frozen=True, slots=True)
class Message:
    """One packet that carries no frames.

    Attributes
    ----------
    side : int
        One of `Side`.
    sequence : int
        From a device: number of its next frame. From a host: number of the command.
    tick_us : int
        Device tick, 0 to 2**32 - 1; 0 from a host.
    end : int
        Position in the byte stream just behind the packet.
    body : MessageBody
        What it says.
    """

    side: int
    sequence: int
    tick_us: int
    end: int
    body: MessageBody


def encode_message(body: MessageBody, side: int, sequence: int = 0, tick_us: int = 0) -> bytes:
    """Encode one message as a packet.

    Parameters
    ----------
    body : MessageBody
        What it says.
    side : int
        One of `Side`.
    sequence : int
        From a device: number of its next frame. From a host: number of the command.
    tick_us : int
        Device tick; 0 from a host.

    Returns
    -------
    bytes
        One whole packet.

    Raises
    ------
    ValueError
        A field that does not fit the packet.
    """
    return packet(body.PACKET_TYPE, side, sequence, tick_us, body.to_payload())


# Device to host.


class MotionSensor(IntEnum):
    """What a motion packet measures, and the unit one `scale` counts in."""

    ACCELERATION = 1
    """m/s2"""
    ANGULAR_VELOCITY = 2
    """rad/s"""
    MAGNETIC_FIELD = 3
    """uT"""


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """Samples of one motion sensor. Compares by identity, as arrays have no single truth value.

    Attributes
    ----------
    sensor : int
        One of `MotionSensor`; others may come later and are passed on.
    first_sample : int
        Number of the first sample, counted for each sensor by itself, modulo 2**32: shows what was lost.
    interval_us : int
        Time between samples in microseconds, 1 to 65535. The packet's tick is that of the first sample.
    scale : float
        Unit of the sensor (see `MotionSensor`) per count, 2**-100 to 2**100; sent as float32.
    samples : (n, axes) int16
        Counts, 1 to 4 axes.
    """

    PACKET_TYPE: ClassVar[PacketType] = PacketType.MOTION
    _FIELDS: ClassVar[struct.Struct] = struct.Struct("<BBBBIfHH")

    sensor: int
    first_sample: int
    interval_us: int
    scale: float
    samples: npt.NDArray[np.int16]

    @property
    def values(self) -> npt.NDArray[np.float64]:
        """Samples in the unit of the sensor, (n, axes)."""
        return self.samples * np.float64(self.scale)

    def to_payload(self) -> bytes:
        """Payload of the packet."""
        samples, axes = self.samples.shape
        _require(self.samples.dtype == np.int16, f"samples are {self.samples.dtype}, not int16")
        _require(samples >= 1 and 1 <= axes <= 4, f"samples of shape {self.samples.shape}")
        _require(1 <= self.interval_us <= 0xFFFF, f"interval of {self.interval_us} us")
        _require(_LEAST_SCALE <= self.scale <= _GREATEST_SCALE, f"scale of {self.scale}")
        counts = self.samples.astype("<i2", copy=False).tobytes()
        _require(self._FIELDS.size + len(counts) <= MAX_PAYLOAD_BYTES, f"{samples} samples of {axes} axes in a packet")
        first_sample = self.first_sample & 0xFFFFFFFF
        head = _packed(self._FIELDS, self.sensor, axes, samples, 0, first_sample, self.scale, self.interval_us, 0)
        return head + counts

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Read a payload."""
        sensor, axes, samples, _, first_sample, scale, interval_us, _ = _unpacked(cls._FIELDS, payload)
        _require(samples >= 1 and 1 <= axes <= 4 and interval_us > 0, "no samples")
        _require(_LEAST_SCALE <= scale <= _GREATEST_SCALE, f"scale of {scale}")
        counts = payload[cls._FIELDS.size : cls._FIELDS.size + 2 * samples * axes]
        _require(len(counts) == 2 * samples * axes, "fewer samples than announced")
        values = np.frombuffer(counts, "<i2").astype(np.int16, copy=False).reshape(samples, axes)
        return cls(sensor, first_sample, interval_us, scale, values)


@dataclass(frozen=True, slots=True)
class DeviceInformation:
    """Who is there. Sent after connecting, on request, and before the first frame after a change.

    Attributes
    ----------
    cells : int
        Cells of a frame, 1 to 256.
    bits : int
        Significant bits of a count, 1 to 16: the full scale is 2**bits - 1.
    rate_mhz : int
        Frames per second, in thousandths.
    layout_hash : bytes, 8
        Names the geometry the cells have; all zeros if unknown.
    calibration_id : bytes, 8
        Names the calibration of this very insole; all zeros if there is none.
    model, serial_number, firmware_version : str
        Printable ASCII, at most 48 characters each.
    """

    PACKET_TYPE: ClassVar[PacketType] = PacketType.DEVICE_INFORMATION
    _FIELDS: ClassVar[struct.Struct] = struct.Struct("<HBBI8s8s")

    cells: int
    bits: int
    rate_mhz: int
    layout_hash: bytes
    calibration_id: bytes
    model: str
    serial_number: str
    firmware_version: str

    def to_payload(self) -> bytes:
        """Payload of the packet."""
        self._check()
        head = _packed(self._FIELDS, self.cells, self.bits, 0, self.rate_mhz, self.layout_hash, self.calibration_id)
        return head + b"".join(_packed_text(text) for text in (self.model, self.serial_number, self.firmware_version))

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Read a payload."""
        cells, bits, _, rate_mhz, layout_hash, calibration_id = _unpacked(cls._FIELDS, payload)
        model, at = _unpacked_text(payload, cls._FIELDS.size)
        serial_number, at = _unpacked_text(payload, at)
        firmware_version, _ = _unpacked_text(payload, at)
        information = cls(cells, bits, rate_mhz, layout_hash, calibration_id, model, serial_number, firmware_version)
        information._check()
        return information

    def _check(self) -> None:
        _require(1 <= self.cells <= 256, f"{self.cells} cells")
        _require(1 <= self.bits <= 16, f"counts of {self.bits} bits")
        _require(self.rate_mhz > 0, f"rate of {self.rate_mhz} mHz")
        _require(len(self.layout_hash) == len(self.calibration_id) == 8, "layout hash and calibration id have 8 bytes")


@dataclass(frozen=True, slots=True)
class DeviceState:
    """Battery and temperature. Sent at least once a minute while streaming.

    Attributes
    ----------
    battery_percent : int or None
        0 to 100, None if not measured.
    battery_mv : int or None
        Battery voltage in millivolts, 1 to 65535, None if not measured.
    charging : bool
        Whether the charger is connected.
    temperature_c : float or None
        Temperature at the sensor in degrees Celsius, a multiple of 0.01 from -327.67 to 327.67, None if not measured.
    """

    PACKET_TYPE: ClassVar[PacketType] = PacketType.DEVICE_STATE
    _FIELDS: ClassVar[struct.Struct] = struct.Struct("<BBHhH")
    _NO_PERCENT: ClassVar[int] = 0xFF
    _NO_TEMPERATURE: ClassVar[int] = -0x8000

    battery_percent: int | None
    battery_mv: int | None
    charging: bool
    temperature_c: float | None

    def to_payload(self) -> bytes:
        """Payload of the packet."""
        _require(self.battery_percent is None or 0 <= self.battery_percent <= 100, f"{self.battery_percent} percent")
        _require(self.battery_mv is None or self.battery_mv >= 1, f"{self.battery_mv} mV")
        hundredths = self._NO_TEMPERATURE
        if self.temperature_c is not None:
            _require(-327.67 <= self.temperature_c <= 327.67, f"{self.temperature_c} degrees")
            hundredths = round(self.temperature_c * 100)
        percent = self._NO_PERCENT if self.battery_percent is None else self.battery_percent
        return _packed(self._FIELDS, percent, self.charging, self.battery_mv or 0, hundredths, 0)

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Read a payload."""
        percent, flags, battery_mv, hundredths, _ = _unpacked(cls._FIELDS, payload)
        _require(percent <= 100 or percent == cls._NO_PERCENT, f"{percent} percent")
        return cls(
            None if percent == cls._NO_PERCENT else percent,
            battery_mv or None,
            bool(flags & 1),
            None if hundredths == cls._NO_TEMPERATURE else hundredths / 100,
        )


class ErrorCode(IntEnum):
    """What went wrong in the device."""

    SENSOR = 1
    """A cell or its amplifier; detail: number of the first cell concerned."""
    FRAMES_LOST = 2
    """The device could not send fast enough; detail: frames dropped since the last report."""
    LOW_BATTERY = 3
    """Will switch off soon; detail: seconds left, 0 if unknown."""
    STORAGE = 4
    """Calibration or settings unreadable; detail: the device's own code."""
    INTERNAL = 5
    """Anything else; detail: the device's own code."""


@dataclass(frozen=True, slots=True)
class ErrorReport:
    """Something went wrong in the device.

    Attributes
    ----------
    code : int
        One of `ErrorCode`; 0x8000 and above are the manufacturer's own.
    fatal : bool
        Whether streaming has stopped.
    detail : int
        A number whose meaning depends on the code, 32 bits.
    text : str
        For the log; printable ASCII, at most 48 characters.
    """

    PACKET_TYPE: ClassVar[PacketType] = PacketType.ERROR_REPORT
    _FIELDS: ClassVar[struct.Struct] = struct.Struct("<HBBI")

    code: int
    fatal: bool
    detail: int
    text: str

    def to_payload(self) -> bytes:
        """Payload of the packet."""
        return _packed(self._FIELDS, self.code, self.fatal, 0, self.detail) + _packed_text(self.text)

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Read a payload."""
        code, flags, _, detail = _unpacked(cls._FIELDS, payload)
        text, _ = _unpacked_text(payload, cls._FIELDS.size)
        return cls(code, bool(flags & 1), detail, text)


class CommandResult(IntEnum):
    """What became of a command."""

    DONE = 0
    UNKNOWN = 1
    """This device does not know the command."""
    BAD_VALUE = 2
    """The value is out of this device's range."""
    NOT_NOW = 3
    """Not possible in the present state; ask again later."""
    FAILED = 4
    """Tried, and did not work; an error report may say why."""


@dataclass(frozen=True, slots=True)
class CommandReply:
    """Answer to every command but the time ping, sent when it has been carried out.

    Attributes
    ----------
    command : int
        Packet type of the command.
    number : int
        Sequence field of the command.
    result : int
        One of `CommandResult`; others may come later and mean that it was not done.
    value : int
        What is now in force: the rate in mHz after `SetRate`, else 0.
    """

    PACKET_TYPE: ClassVar[PacketType] = PacketType.COMMAND_REPLY
    _FIELDS: ClassVar[struct.Struct] = struct.Struct("<BBHII")

    command: int
    number: int
    result: int
    value: int = 0

    def to_payload(self) -> bytes:
        """Payload of the packet."""
        return _packed(self._FIELDS, self.command, self.result, 0, self.number, self.value)

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Read a payload."""
        command, result, _, number, value = _unpacked(cls._FIELDS, payload)
        return cls(command, number, result, value)


@dataclass(frozen=True, slots=True)
class TimeReply:
    """Answer to a time ping. The packet's own tick is the moment of sending.

    Attributes
    ----------
    token : int
        Copied from the ping, 64 bits.
    received_tick_us : int
        Device tick when the ping arrived, 32 bits.
    """

    PACKET_TYPE: ClassVar[PacketType] = PacketType.TIME_REPLY
    _FIELDS: ClassVar[struct.Struct] = struct.Struct("<QI")

    token: int
    received_tick_us: int

    def to_payload(self) -> bytes:
        """Payload of the packet."""
        return _packed(self._FIELDS, self.token, self.received_tick_us)

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Read a payload."""
        return cls(*_unpacked(cls._FIELDS, payload))


# Host to device. The packet's sequence field numbers the commands; the reply returns it.


@dataclass(frozen=True, slots=True)
class Start:
    """Begin to stream. Frame numbers go on from where they were, or from 0 after power-up."""

    PACKET_TYPE: ClassVar[PacketType] = PacketType.START

    def to_payload(self) -> bytes:
        """Payload of the packet: none."""
        return b""

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:  # noqa: ARG003
        """Read a payload."""
        return cls()


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop streaming."""

    PACKET_TYPE: ClassVar[PacketType] = PacketType.STOP

    def to_payload(self) -> bytes:
        """Payload of the packet: none."""
        return b""

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:  # noqa: ARG003
        """Read a payload."""
        return cls()


@dataclass(frozen=True, slots=True)
class SetRate:
    """Change the frame rate. The device takes the nearest rate it can and says in the reply which.

    Attributes
    ----------
    rate_mhz : int
        Frames per second, in thousandths, 32 bits.
    """

    PACKET_TYPE: ClassVar[PacketType] = PacketType.SET_RATE
    _FIELDS: ClassVar[struct.Struct] = struct.Struct("<I")

    rate_mhz: int

    def to_payload(self) -> bytes:
        """Payload of the packet."""
        _require(self.rate_mhz > 0, f"rate of {self.rate_mhz} mHz")
        return _packed(self._FIELDS, self.rate_mhz)

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Read a payload."""
        (rate_mhz,) = _unpacked(cls._FIELDS, payload)
        _require(rate_mhz > 0, "rate of 0")
        return cls(rate_mhz)


@dataclass(frozen=True, slots=True)
class SetZero:
    """Average the unloaded insole and set the device's offsets by it; counts of 0 must stay rare (README.md section 6).

    Attributes
    ----------
    duration_ms : int
        How long to average, 1 to 65535 ms; 0 goes back to the offsets of the factory.
    """

    PACKET_TYPE: ClassVar[PacketType] = PacketType.SET_ZERO
    _FIELDS: ClassVar[struct.Struct] = struct.Struct("<H")

    duration_ms: int

    def to_payload(self) -> bytes:
        """Payload of the packet."""
        return _packed(self._FIELDS, self.duration_ms)

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Read a payload."""
        return cls(*_unpacked(cls._FIELDS, payload))


@dataclass(frozen=True, slots=True)
class RequestInformation:
    """Ask for device information and device state."""

    PACKET_TYPE: ClassVar[PacketType] = PacketType.REQUEST_INFORMATION

    def to_payload(self) -> bytes:
        """Payload of the packet: none."""
        return b""

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:  # noqa: ARG003
        """Read a payload."""
        return cls()


@dataclass(frozen=True, slots=True)
class TimePing:
    """Ask what time it is in the device; answered at once by `TimeReply`.

    Attributes
    ----------
    token : int
        Returned unchanged, 64 bits: the host's clock in nanoseconds, so that it need not remember.
    """

    PACKET_TYPE: ClassVar[PacketType] = PacketType.TIME_PING
    _FIELDS: ClassVar[struct.Struct] = struct.Struct("<Q")

    token: int

    def to_payload(self) -> bytes:
        """Payload of the packet."""
        return _packed(self._FIELDS, self.token)

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Read a payload."""
        return cls(*_unpacked(cls._FIELDS, payload))


MESSAGE_TYPES: dict[int, type[MessageBody]] = {
    PacketType.MOTION: Motion,
    PacketType.DEVICE_INFORMATION: DeviceInformation,
    PacketType.DEVICE_STATE: DeviceState,
    PacketType.ERROR_REPORT: ErrorReport,
    PacketType.COMMAND_REPLY: CommandReply,
    PacketType.TIME_REPLY: TimeReply,
    PacketType.START: Start,
    PacketType.STOP: Stop,
    PacketType.SET_RATE: SetRate,
    PacketType.SET_ZERO: SetZero,
    PacketType.REQUEST_INFORMATION: RequestInformation,
    PacketType.TIME_PING: TimePing,
}
"""Packet type -> what its payload says."""


def _require(condition: bool, what: str) -> None:
    if not condition:
        msg = f"cannot be: {what}"
        raise ValueError(msg)


def _packed(layout: struct.Struct, *values: float | bytes) -> bytes:
    try:
        return layout.pack(*values)
    except struct.error as error:
        msg = f"a field is out of range: {error}"
        raise ValueError(msg) from error


def _unpacked(layout: struct.Struct, payload: bytes) -> tuple[Any, ...]:
    _require(len(payload) >= layout.size, f"payload of {len(payload)} bytes, at least {layout.size} expected")
    return layout.unpack_from(payload)


def _packed_text(text: str) -> bytes:
    """One byte of length, then the text."""
    _require(
        _is_printable(text.encode("utf-8")), f"text {text!r}: printable ASCII only, at most {MAX_TEXT_BYTES} bytes"
    )
    return bytes([len(text)]) + text.encode("ascii")


def _unpacked_text(payload: bytes, at: int) -> tuple[str, int]:
    """Text at this place, and where it ends."""
    _require(at < len(payload), "text missing")
    end = at + 1 + payload[at]
    text = payload[at + 1 : end]
    _require(end <= len(payload) and _is_printable(text), "text cut off, too long or not printable")
    return text.decode("ascii"), end


def _is_printable(text: bytes) -> bool:
    return len(text) <= MAX_TEXT_BYTES and all(0x20 <= byte <= 0x7E for byte in text)
