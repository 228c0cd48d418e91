"""The wire format of pressure insoles: encode and decode packets.

The bytes are specified in README.md beside this file. Imports numpy and the standard library, and zlib-ng where
it is installed; reads no clock and opens nothing.
"""

from firmware_protocol.commands import RequestInformation, SetRate, SetZero, Start, Stop, TimePing
from firmware_protocol.decoder import Counters, Decoded, Decoder
from firmware_protocol.device_messages import (
    CommandReply,
    CommandResult,
    DeviceInformation,
    DeviceState,
    ErrorCode,
    ErrorReport,
    Motion,
    MotionSensor,
    TimeReply,
)
from firmware_protocol.encoder import encode_pressure, encode_pressure_packets
from firmware_protocol.frames import Frames
from firmware_protocol.messages import MESSAGE_TYPES, Message, encode_message
from firmware_protocol.packet import MAX_PACKET_BYTES, VERSION, PacketType, Side
from firmware_protocol.payload import MessageBody
from firmware_protocol.pressure import MAX_CELLS

__all__ = [
    "MAX_CELLS",
    "MAX_PACKET_BYTES",
    "MESSAGE_TYPES",
    "VERSION",
    "CommandReply",
    "CommandResult",
    "Counters",
    "Decoded",
    "Decoder",
    "DeviceInformation",
    "DeviceState",
    "ErrorCode",
    "ErrorReport",
    "Frames",
    "Message",
    "MessageBody",
    "Motion",
    "MotionSensor",
    "PacketType",
    "RequestInformation",
    "SetRate",
    "SetZero",
    "Side",
    "Start",
    "Stop",
    "TimePing",
    "TimeReply",
    "encode_message",
    "encode_pressure",
    "encode_pressure_packets",
]
