"""Payloads of messages: one row a field says where it is, how it is packed and read, and what it may be.

In: values by name. Out: the bytes of a payload, and back. A value that cannot be raises ValueError in both directions;
the decoder counts such a packet as malformed. Fields may be added behind the existing ones later: a payload longer than
expected is read as far as it is known.
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from firmware_protocol.packet import PacketType

__all__ = [
    "MAX_TEXT_BYTES",
    "Field",
    "Layout",
    "MessageBody",
    "eight_bytes",
    "flag",
    "hundredths",
    "number",
    "require",
    "reserved",
    "text",
]

MAX_TEXT_BYTES = 48
"""Longest text in a message, in bytes; printable ASCII only."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a payload.

    Attributes
    ----------
    name : str
        Of the value; empty for what is reserved.
    code : str
        As `struct` has it; empty for a text, which has a length of its own and stands behind all other fields.
    to_wire, from_wire : callable
        The value as it is sent, and back; ValueError for what cannot be.
    """

    name: str
    code: str
    to_wire: Callable[[Any], Any]
    from_wire: Callable[[Any], Any]


def number(
    name: str, code: str, least: float | None = None, most: float | None = None, *, missing: int | None = None
) -> Field:
    """A number from `least` to `most`, or None where a number `missing` stands for that."""

    def checked(value: float) -> float:
        low = least is None or least <= value
        require(low and (most is None or value <= most), f"{name} of {value}")
        return value

    if missing is None:
        return Field(name, code, checked, checked)
    return Field(
        name,
        code,
        lambda value: missing if value is None else checked(value),
        lambda sent: None if sent == missing else checked(sent),
    )


def hundredths(name: str, code: str, most: float, *, missing: int) -> Field:
    """A number from -`most` to `most` that is sent in hundredths, or None."""

    def to_wire(value: float | None) -> int:
        if value is None:
            return missing
        require(-most <= value <= most, f"{name} of {value}")
        return round(value * 100)

    return Field(name, code, to_wire, lambda sent: None if sent == missing else sent / 100)


def flag(name: str) -> Field:
    """Bit 0 of a byte of flags."""
    return Field(name, "B", bool, lambda flags: bool(flags & 1))


def eight_bytes(name: str) -> Field:
    """Eight bytes as they are."""

    def checked(value: bytes) -> bytes:
        require(len(value) == 8, f"{name} of {len(value)} bytes instead of 8")
        return value

    return Field(name, "8s", checked, checked)


def reserved(code: str) -> Field:
    """Sent as 0, ignored on receipt."""
    return Field("", code, lambda _: 0, lambda _: None)


def text(name: str) -> Field:
    """Printable ASCII, at most `MAX_TEXT_BYTES`: a byte of length, and so many bytes."""

    def to_wire(value: str) -> bytes:
        sent = value.encode("utf-8")
        require(_is_printable(sent), f"{name} of {value!r}: printable ASCII only, at most {MAX_TEXT_BYTES} bytes")
        return bytes([len(sent)]) + sent

    def from_wire(sent: bytes) -> str:
        require(_is_printable(sent), f"{name} too long or not printable")
        return sent.decode("ascii")

    return Field(name, "", to_wire, from_wire)


class Layout:
    """The fields of a payload, in order.

    Attributes
    ----------
    names : tuple of str
        Of the values.
    bytes : int
        Length without the texts.
    """

    def __init__(self, *rows: Field) -> None:
        self.names = tuple(field.name for field in rows if field.name)
        self._fixed = [field for field in rows if field.code]
        self._texts = [field for field in rows if not field.code]
        self._struct = struct.Struct("<" + "".join(field.code for field in self._fixed))
        self.bytes = self._struct.size

    def pack(self, values: Mapping[str, Any]) -> bytes:
        """Payload of these values, by name."""
        try:
            fixed = self._struct.pack(*(field.to_wire(values.get(field.name)) for field in self._fixed))
        except struct.error as error:
            msg = f"a field is out of range: {error}"
            raise ValueError(msg) from error
        return fixed + b"".join(field.to_wire(values[field.name]) for field in self._texts)

    def unpack(self, payload: bytes) -> dict[str, Any]:
        """Values of a payload, by name."""
        require(len(payload) >= self.bytes, f"payload of {len(payload)} bytes, at least {self.bytes} expected")
        sent = self._struct.unpack_from(payload)
        values = {field.name: field.from_wire(raw) for field, raw in zip(self._fixed, sent, strict=True) if field.name}
        at = self.bytes
        for field in self._texts:
            require(at < len(payload), f"{field.name} missing")
            begin, at = at + 1, at + 1 + payload[at]
            require(at <= len(payload), f"{field.name} cut off")
            values[field.name] = field.from_wire(payload[begin:at])
        return values


class MessageBody:
    """What a message says; the base of all of them."""

    __slots__ = ()
    PACKET_TYPE: ClassVar[PacketType]
    LAYOUT: ClassVar[Layout] = Layout()

    def to_payload(self) -> bytes:
        """Payload of the packet; ValueError if a field is out of range."""
        return self.LAYOUT.pack({name: getattr(self, name) for name in self.LAYOUT.names})

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Read a payload; ValueError if it is too short or says what cannot be."""
        return cls(**cls.LAYOUT.unpack(payload))


def require(condition: bool, what: str) -> None:
    """Refuse what cannot be."""
    if not condition:
        msg = f"cannot be: {what}"
        raise ValueError(msg)


def _is_printable(sent: bytes) -> bool:
    return len(sent) <= MAX_TEXT_BYTES and all(0x20 <= byte <= 0x7E for byte in sent)
