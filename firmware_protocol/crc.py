"""The check of a packet: CRC-32, started at 0 and left as it is.

Bytes flow in, the answer "intact" or the four bytes that make a packet intact flow out.

The polynomial is zlib's, but the register starts at 0 and is not complemented at the end. Appended little endian, it
then brings the register back to exactly 0, and 0 is where the next packet starts: whole packets laid end to end are
checked by one call. `crc32` complements on entry and on exit, hence the constant below.
"""

try:
    from zlib_ng.zlib_ng import crc32  # the numbers of zlib with instructions made for them: ten times as fast
except ImportError:
    from zlib import crc32

__all__ = ["CRC_BYTES", "ZERO_REGISTER", "crc32", "is_intact", "register", "seal"]

CRC_BYTES = 4
ZERO_REGISTER = 0xFFFFFFFF


def register(data: bytes | memoryview) -> int:
    """CRC register after `data`, 0 for whole intact packets."""
    return crc32(data, ZERO_REGISTER) ^ ZERO_REGISTER


def is_intact(packets: bytes | memoryview) -> bool:
    """Whether these are whole intact packets, provided that the packets begin and end where their headers say."""
    return crc32(packets, ZERO_REGISTER) == ZERO_REGISTER


def seal(body: bytes) -> bytes:
    """Append the check to header and payload, which makes them a packet."""
    return body + register(body).to_bytes(CRC_BYTES, "little")
