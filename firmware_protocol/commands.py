"""What a host tells or asks a device (README.md, section 5): each class a type of packet, and how it is laid out.

The packet's sequence field numbers the commands; the reply returns it.
"""

from dataclasses import dataclass

from firmware_protocol.packet import PacketType
from firmware_protocol.payload import Layout, MessageBody, number

__all__ = ["RequestInformation", "SetRate", "SetZero", "Start", "Stop", "TimePing"]


@dataclass(frozen=True, slots=True)
class Start(MessageBody):
    """Begin to stream. Frame numbers go on from where they were, or from 0 after power-up."""

    PACKET_TYPE = PacketType.START


@dataclass(frozen=True, slots=True)
class Stop(MessageBody):
    """Stop streaming."""

    PACKET_TYPE = PacketType.STOP


@dataclass(frozen=True, slots=True)
class SetRate(MessageBody):
    """Change the frame rate. The device takes the nearest rate it can and says in the reply which.

    Attributes
    ----------
    rate_mhz : int
        Frames per second, in thousandths, 32 bits.
    """

    PACKET_TYPE = PacketType.SET_RATE
    LAYOUT = Layout(number("rate_mhz", "I", 1))

    rate_mhz: int


@dataclass(frozen=True, slots=True)
class SetZero(MessageBody):
    """Average the unloaded insole and set the device's offsets by it; counts of 0 must stay rare (README.md section 6).

    Attributes
    ----------
    duration_ms : int
        How long to average, 1 to 65535 ms; 0 goes back to the offsets of the factory.
    """

    PACKET_TYPE = PacketType.SET_ZERO
    LAYOUT = Layout(number("duration_ms", "H"))

    duration_ms: int


@dataclass(frozen=True, slots=True)
class RequestInformation(MessageBody):
    """Ask for device information and device state."""

    PACKET_TYPE = PacketType.REQUEST_INFORMATION


@dataclass(frozen=True, slots=True)
class TimePing(MessageBody):
    """Ask what time it is in the device; answered at once by `TimeReply`.

    Attributes
    ----------
    token : int
        Returned unchanged, 64 bits: the host's clock in nanoseconds, so that it need not remember.
    """

    PACKET_TYPE = PacketType.TIME_PING
    LAYOUT = Layout(number("token", "Q"))

    token: int
