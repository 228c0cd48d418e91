"""Blocks of lines: the same text whatever the encoding, the line ends and the size of the blocks."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insole.errors import FormatError
from insole.formats.reading import text as text_module
from insole.formats.reading.text import TextFile, text_of

WORDS = "time;force\n1,5;2\n3;N/cm²\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encoding_and_line_ends_do_not_matter(tmp_path: Path, encoding: str, line_end: str) -> None:
    path = tmp_path / "table.csv"
    many = WORDS * 50
    path.write_bytes(many.replace("\n", line_end).encode(encoding))
    assert text_of(b"".join(TextFile.open(path).blocks())) == many


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(data=st.text("ab1;²\r\n", max_size=60), size=st.integers(1, 9), encoding=st.sampled_from(["utf-8", "utf-16"]))
def test_blocks_of_any_size_are_the_same_lines(tmp_path: Path, data: str, size: int, encoding: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes((data + "x").encode(encoding))
    expected = (data + "x").replace("\r\n", "\n").replace("\r", "\n").encode()
    blocks = list(TextFile.open(path).blocks(size))
    assert b"".join(blocks) == expected
    assert all(block.endswith(b"\n") for block in blocks[:-1])


def test_lines_are_numbered_as_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"a\n\nb\nc")
    assert list(TextFile.open(path).lines()) == [b"a", b"", b"b", b"c"]


def test_a_file_without_line_ends_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_module, "MAX_LINE_BYTES", 1000)
    path = tmp_path / "table.csv"
    path.write_bytes(b"7" * 5000)
    with pytest.raises(FormatError, match="not a table"):
        list(TextFile.open(path).blocks(100))


@pytest.mark.parametrize(("data", "message"), [(b"", "empty"), (b"\x7fELF\0\0\1\2" * 40, "not a text file")])
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(data)
    with pytest.raises(FormatError, match=message):
        TextFile.open(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"nowhere\.csv: cannot be opened"):
        TextFile.open(tmp_path / "nowhere.csv")
