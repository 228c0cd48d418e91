"""What a device says beside its frames (README.md, section 5): each class a type of packet, and how it is laid out."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Self

import numpy as np
import numpy.typing as npt

from firmware_protocol.packet import MAX_PAYLOAD_BYTES, U32, PacketType
from firmware_protocol.payload import (
    Layout,
    MessageBody,
    eight_bytes,
    flag,
    hundredths,
    number,
    require,
    reserved,
    text,
)

__all__ = [
    "CommandReply",
    "CommandResult",
    "DeviceInformation",
    "DeviceState",
    "ErrorCode",
    "ErrorReport",
    "Motion",
    "MotionSensor",
    "TimeReply",
]


class MotionSensor(IntEnum):
    """What a motion packet measures, and the unit one `scale` counts in."""

    ACCELERATION = 1
    """m/s2"""
    ANGULAR_VELOCITY = 2
    """rad/s"""
    MAGNETIC_FIELD = 3
    """uT"""


@dataclass(frozen=True, slots=True, eq=False)
class Motion(MessageBody):
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

    PACKET_TYPE = PacketType.MOTION
    LAYOUT = Layout(
        number("sensor", "B"),
        number("axes", "B", 1, 4),
        number("count", "B", 1),
        reserved("B"),
        number("first_sample", "I"),
        number("scale", "f", 2.0**-100, 2.0**100),
        number("interval_us", "H", 1),
        reserved("H"),
    )

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
        """Payload of the packet; ValueError if a field is out of range."""
        count, axes = self.samples.shape
        require(self.samples.dtype == np.int16, f"samples of {self.samples.dtype} instead of int16")
        values = {
            "sensor": self.sensor,
            "axes": axes,
            "count": count,
            "first_sample": self.first_sample & U32,
            "scale": self.scale,
            "interval_us": self.interval_us,
        }
        payload = self.LAYOUT.pack(values) + self.samples.astype("<i2", copy=False).tobytes()
        require(len(payload) <= MAX_PAYLOAD_BYTES, f"{count} samples of {axes} axes in a packet")
        return payload

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Read a payload; ValueError if it is too short or says what cannot be."""
        values = cls.LAYOUT.unpack(payload)
        shape = values.pop("count"), values.pop("axes")
        begin = cls.LAYOUT.bytes
        counts = payload[begin : begin + 2 * shape[0] * shape[1]]
        require(len(counts) == 2 * shape[0] * shape[1], "fewer samples than announced")
        return cls(**values, samples=np.frombuffer(counts, "<i2").astype(np.int16, copy=False).reshape(shape))


@dataclass(frozen=True, slots=True)
class DeviceInformation(MessageBody):
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

    PACKET_TYPE = PacketType.DEVICE_INFORMATION
    LAYOUT = Layout(
        number("cells", "H", 1, 256),
        number("bits", "B", 1, 16),
        reserved("B"),
        number("rate_mhz", "I", 1),
        eight_bytes("layout_hash"),
        eight_bytes("calibration_id"),
        text("model"),
        text("serial_number"),
        text("firmware_version"),
    )

    cells: int
    bits: int
    rate_mhz: int
    layout_hash: bytes
    calibration_id: bytes
    model: str
    serial_number: str
    firmware_version: str


@dataclass(frozen=True, slots=True)
class DeviceState(MessageBody):
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

    PACKET_TYPE = PacketType.DEVICE_STATE
    LAYOUT = Layout(
        number("battery_percent", "B", 0, 100, missing=0xFF),
        flag("charging"),
        number("battery_mv", "H", 1, missing=0),
        hundredths("temperature_c", "h", 327.67, missing=-0x8000),
        reserved("H"),
    )

    battery_percent: int | None
    battery_mv: int | None
    charging: bool
    temperature_c: float | None


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
class ErrorReport(MessageBody):
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

    PACKET_TYPE = PacketType.ERROR_REPORT
    LAYOUT = Layout(number("code", "H"), flag("fatal"), reserved("B"), number("detail", "I"), text("text"))

    code: int
    fatal: bool
    detail: int
    text: str


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
class CommandReply(MessageBody):
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

    PACKET_TYPE = PacketType.COMMAND_REPLY
    LAYOUT = Layout(
        number("command", "B"), number("result", "B"), reserved("H"), number("number", "I"), number("value", "I")
    )

    command: int
    number: int
    result: int
    value: int = 0


@dataclass(frozen=True, slots=True)
class TimeReply(MessageBody):
    """Answer to a time ping. The packet's own tick is the moment of sending.

    Attributes
    ----------
    token : int
        Copied from the ping, 64 bits.
    received_tick_us : int
        Device tick when the ping arrived, 32 bits.
    """

    PACKET_TYPE = PacketType.TIME_REPLY
    LAYOUT = Layout(number("token", "Q"), number("received_tick_us", "I"))

    token: int
    received_tick_us: int
