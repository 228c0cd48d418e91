"""The vendor's own files inside a recording, as attachments of MCAP: files in, the same files out.

They stand before the first chunk, so that a recording with them is read like any other.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO

from mcap.opcode import Opcode

from insole.errors import RecordingError
from insole.recording.scan import MAGIC

MEDIA_TYPE = "application/octet-stream"
BLOCK_BYTES = 1 << 20
MAX_NAME_BYTES = 255
_OPENING = struct.Struct("<BQ")  # opcode, length of the body
_TIMES = struct.Struct("<QQ")
_LENGTH = struct.Struct("<I")
_SIZE = struct.Struct("<Q")
_CRC = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class Original:
    """An attachment as it stands in a recording: its name, and the bytes of the recording that it takes.

    `begin` is where its body begins, `data` and `end` where the file in it does; a CRC of the body follows.
    """

    name: str
    begin: int
    data: int
    end: int


def attachment(path: Path) -> Iterator[bytes]:
    """The record of one file, piece by piece.

    Raises
    ------
    OSError
        The file cannot be read, or changes meanwhile.
    """
    size = path.stat().st_size
    head = _TIMES.pack(0, 0) + _text(path.name) + _text(MEDIA_TYPE) + _SIZE.pack(size)
    yield _OPENING.pack(Opcode.ATTACHMENT, len(head) + size + _CRC.size) + head
    crc = zlib.crc32(head)
    with path.open("rb") as file:
        while size:
            data = file.read(min(size, BLOCK_BYTES))
            if not data:
                raise OSError(0, "changed while it was read", str(path))
            size -= len(data)
            crc = zlib.crc32(data, crc)
            yield data
    yield _CRC.pack(crc)


def originals(path: Path) -> list[Original]:
    """What `import --keep-original` kept in a recording.

    Raises
    ------
    RecordingError
        The file is no recording, or is damaged there.
    """
    found: dict[str, Original] = {}
    try:
        with path.open("rb") as file:
            for original in _originals(path, file):
                name = original.name if original.name not in found else f"{len(found) + 1}-{original.name}"
                found[name] = replace(original, name=name)
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read: {error.strerror or error}") from error
    return list(found.values())


def extract(path: Path, original: Original, out: BinaryIO) -> None:
    """Write one of them out as it was.

    Raises
    ------
    RecordingError
        It is damaged: its CRC does not fit. Some of it has been written then.
    """
    with path.open("rb") as file:
        file.seek(original.begin)
        crc = zlib.crc32(file.read(original.data - original.begin))
        left = original.end - original.data
        while left:
            data = file.read(min(left, BLOCK_BYTES))
            if not data:
                break
            left -= len(data)
            crc = zlib.crc32(data, crc)
            out.write(data)
        if left or file.read(_CRC.size) != _CRC.pack(crc):
            raise RecordingError(f"{path}: the original '{original.name}' in it is damaged")


def _originals(path: Path, file: BinaryIO) -> Iterator[Original]:
    """Walk over the records before the first chunk."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if file.read(len(MAGIC)) != MAGIC:
        raise RecordingError(f"{path}: is not a recording of insole")
    at = len(MAGIC)
    with suppress(struct.error):  # cut off: nothing stands there
        while True:
            file.seek(at)
            opcode, length = _OPENING.unpack(file.read(_OPENING.size))
            begin = at + _OPENING.size
            at = begin + length
            if opcode not in (Opcode.HEADER, Opcode.ATTACHMENT):
                return
            if at > size:
                raise RecordingError(f"{path}: the original in it is cut off")
            if opcode == Opcode.ATTACHMENT:
                yield _original(path, file, begin, at)


def _original(path: Path, file: BinaryIO, begin: int, end: int) -> Original:
    head = file.read(_TIMES.size + 2 * (_LENGTH.size + MAX_NAME_BYTES) + _SIZE.size)
    try:
        name, at = _text_at(head, _TIMES.size)
        _, at = _text_at(head, at)
        (size,) = _SIZE.unpack_from(head, at)
    except (struct.error, UnicodeDecodeError, ValueError) as error:
        raise RecordingError(f"{path}: the original in it is damaged") from error
    data = begin + at + _SIZE.size
    if data + size + _CRC.size != end:
        raise RecordingError(f"{path}: the original in it is damaged")
    return Original(_safe(name), begin, data, data + size)


def _safe(name: str) -> str:
    """The last part of a name, whatever it says of folders."""
    last = PurePosixPath(PureWindowsPath(name).name).name
    return last if last.isprintable() and last not in {"", ".", ".."} else "original"


def _text(text: str) -> bytes:
    data = text.encode("utf-8", "replace")[:MAX_NAME_BYTES]
    return _LENGTH.pack(len(data)) + data


def _text_at(data: bytes, at: int) -> tuple[str, int]:
    (length,) = _LENGTH.unpack_from(data, at)
    begin = at + _LENGTH.size
    if length > MAX_NAME_BYTES or begin + length > len(data):
        raise ValueError(f"{length} bytes of text")
    return data[begin : begin + length].decode(), begin + length
