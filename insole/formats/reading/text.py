r"""Text files as blocks of whole lines, with `\n` as line end, whatever encoding and line ends the file has.

One byte of a block is one character wherever numbers stand: UTF-16 is converted, UTF-8 and Latin-1 differ only in the
names of columns.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from insole.errors import FormatError, why_not_read

BLOCK_BYTES = 1 << 20
HEAD_BYTES = 1 << 16
MAX_LINE_BYTES = 1 << 20
SHOWN_CHARACTERS = 40
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class TextFile:
    """A text file whose encoding is known.

    Parameters
    ----------
    path : Path
    encoding : str
        How its characters are stored.
    skip : int
        Bytes of a byte-order mark at its start.
    """

    def __init__(self, path: Path, encoding: str, skip: int) -> None:
        self.path = path
        self._encoding = encoding
        self._skip = skip
        self._bytes = max(path.stat().st_size, 1)
        self._read = 0

    def share(self) -> float:
        """How much of the file the pass under way has read, 0 to 1."""
        return min(self._read / self._bytes, 1.0)

    @classmethod
    def open(cls, path: Path) -> TextFile:
        """Find the encoding from the first bytes.

        Raises
        ------
        FormatError
            The file cannot be read, or is no text.
        """
        head = read_head(path)
        for mark, encoding in _BOMS:
            if head.startswith(mark):
                return cls(path, encoding, len(mark))
        if b"\0" in head:
            pairs = head[: len(head) // 2 * 2]
            for encoding, high in (("utf-16-le", pairs[1::2]), ("utf-16-be", pairs[0::2])):
                if high.count(0) > 0.9 * len(high):
                    return cls(path, encoding, 0)
            raise FormatError(path, "not a text file")
        return cls(path, "utf-8", 0)

    def blocks(self, size: int = BLOCK_BYTES) -> Iterator[bytes]:
        r"""Blocks of whole lines, each line with its `\n`; the last one may lack it, as in the file.

        Raises
        ------
        FormatError
            A line longer than `MAX_LINE_BYTES`.
        """
        rest = b""
        for block in self._decoded(size):
            data = rest + block
            cut = data.rfind(b"\n") + 1
            rest = data[cut:]
            if len(rest) > MAX_LINE_BYTES:
                raise FormatError(self.path, f"a line of more than {MAX_LINE_BYTES} characters: not a table")
            if cut:
                yield data[:cut]
        if rest:
            yield rest

    def lines(self) -> Iterator[bytes]:
        """Every line, without its end."""
        for block in self.blocks():
            yield from block.removesuffix(b"\n").split(b"\n")

    def head(self) -> str:
        """The first `HEAD_BYTES` as text, for recognition and headers."""
        return text_of(next(self.blocks(HEAD_BYTES), b""))

    def _decoded(self, size: int) -> Iterator[bytes]:
        r"""Blocks in a one-byte-a-character encoding, with `\n` line ends, cut anywhere but inside a line end."""
        decoder = codecs.getincrementaldecoder(self._encoding)("replace") if self._encoding != "utf-8" else None
        held = b""
        try:
            with self.path.open("rb") as file:
                file.seek(self._skip)
                self._read = 0
                while raw := file.read(size):
                    self._read += len(raw)
                    data = held + (raw if decoder is None else decoder.decode(raw).encode())
                    held = b""
                    if b"\r" in data:
                        if data.endswith(b"\r"):
                            data, held = data[:-1], b"\r"
                        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
                    yield data
        except OSError as error:
            raise FormatError(self.path, f"cannot be read ({error.strerror})") from error
        if held:
            yield b"\n"


def read_head(path: Path) -> bytes:
    """The first bytes of any file.

    Raises
    ------
    FormatError
        The file cannot be read, or is empty.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise FormatError(path, why_not_read(path, error)) from error
    if not head:
        raise FormatError(path, "the file is empty")
    return head


def text_of(data: bytes) -> str:
    """Bytes as text: UTF-8 where they are that, otherwise Latin-1, of which every byte is a character."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def shown(words: str) -> str:
    """Words out of a file as a message may show them: short, and nothing that a terminal would obey."""
    printable = "".join(c if c.isprintable() else "?" for c in words.strip())
    return printable if len(printable) <= SHOWN_CHARACTERS else printable[:SHOWN_CHARACTERS] + "..."
