"""Packets that carry no frames: which class says what is in one, and how it becomes a packet."""

from dataclasses import dataclass

from firmware_protocol.commands import RequestInformation, SetRate, SetZero, Start, Stop, TimePing
from firmware_protocol.device_messages import (
    CommandReply,
    DeviceInformation,
    DeviceState,
    ErrorReport,
    Motion,
    TimeReply,
)
from firmware_protocol.packet import packet
from firmware_protocol.payload import MessageBody

__all__ = ["MESSAGE_TYPES", "Message", "encode_message"]

MESSAGE_TYPES: dict[int, type[MessageBody]] = {
    body.PACKET_TYPE: body
    for body in (
        *(Motion, DeviceInformation, DeviceState, ErrorReport, CommandReply, TimeReply),
        *(Start, Stop, SetRate, SetZero, RequestInformation, TimePing),
    )
}
"""Packet type -> what its payload says."""


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
