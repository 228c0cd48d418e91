"""README.md, the C header and the Python code say the same."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import firmware_protocol
from firmware_protocol import CommandResult, ErrorCode, MotionSensor, PacketType, Side, gatt
from firmware_protocol.crc import register
from firmware_protocol.make_vectors import vectors
from firmware_protocol.packet import HEADER_BYTES, MAX_PACKET_BYTES, MAX_PAYLOAD_BYTES, VERSION
from firmware_protocol.payload import MAX_TEXT_BYTES
from firmware_protocol.pressure import MAX_CELLS, PREFIX_BYTES

FOLDER = Path(firmware_protocol.__file__).parent
README = (FOLDER / "README.md").read_text(encoding="utf-8")
C_HEADER = (FOLDER / "c" / "insole_protocol.h").read_text(encoding="utf-8")


def test_the_c_header_has_the_same_numbers() -> None:
    in_c = {name: int(value, 0) for name, value in re.findall(r"\bINSOLE_(\w+) ?=? (0x[0-9A-F]+|\d+)\b", C_HEADER)}
    expected = {
        **PacketType.__members__,
        **Side.__members__,
        **MotionSensor.__members__,
        **{f"ERROR_{name}": value for name, value in ErrorCode.__members__.items()},
        **{name: value for name, value in CommandResult.__members__.items() if name != "UNKNOWN"},
        "UNKNOWN_COMMAND": CommandResult.UNKNOWN,
        "VERSION": VERSION,
        "MAX_PACKET_BYTES": MAX_PACKET_BYTES,
        "HEADER_BYTES": HEADER_BYTES,
        "PREFIX_BYTES": PREFIX_BYTES,
        "MAX_CELLS": MAX_CELLS,
        "MAX_TEXT": MAX_TEXT_BYTES,
    }
    assert {name: in_c.get(name) for name in expected} == expected


def test_the_readme_has_the_same_numbers() -> None:
    for packet_type in PacketType:
        assert f"0x{packet_type:02X}" in README, packet_type.name
    assert f"0 to {MAX_PAYLOAD_BYTES}" in README
    assert f"at most {MAX_PACKET_BYTES} bytes" in README
    assert f"0x{register(b'123456789'):08X}" in README


def test_the_ble_names_are_the_same_everywhere() -> None:
    for uuid in (gatt.SERVICE_UUID, gatt.DATA_UUID, gatt.COMMANDS_UUID):
        assert uuid in README
        assert uuid in C_HEADER


def test_the_example_of_the_readme_is_the_first_vector() -> None:
    example = re.search(r"```\n(a55a.*?)```", README, re.DOTALL)
    assert example is not None
    written = "".join(re.sub(r"   .*", "", line).replace(" ", "") for line in example[1].splitlines())
    assert written == vectors()[0]["hex"]


def test_the_c_of_the_readme_compiles(tmp_path: Path) -> None:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    sending, receiving, fragments = re.findall(r"```c\n(.*?)```", README, re.DOTALL)
    program = f"""
        #include "insole_protocol.h"
        void send(const uint8_t *data, size_t length);
        uint32_t now_us(void);
        static bool streaming;
        static uint32_t tick_at_reception;
        void on_frame(const uint16_t counts[99], uint32_t tick_us);
        void on_write(const uint8_t *data, size_t length);
        void on_long_frame(const uint16_t *counts, uint8_t side, uint32_t tick_us);
        bool is_streaming(void);
        {sending}
        {receiving}
        void on_long_frame(const uint16_t *counts, uint8_t side, uint32_t tick_us) {{ {fragments} }}
        bool is_streaming(void) {{ tick_at_reception = now_us(); return streaming; }}
    """
    source = tmp_path / "readme.c"
    source.write_text(program, encoding="utf-8")
    strict = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-O2", "-I", str(FOLDER / "c")]
    subprocess.run([compiler, *strict, "-c", str(source), "-o", str(tmp_path / "readme.o")], check=True)
