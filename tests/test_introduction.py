"""Who is on a live link: what insoles say of themselves, and what is refused in one line."""

from __future__ import annotations

from zlib import crc32

import pytest
from live_links import (
    frames,
    information,
    run,
    until,
)

from firmware_protocol import encode_message
from insole.blocks import Side
from insole.errors import DeviceNotFound, InsoleError, MissingExtra, ProtocolError, SettingsError
from insole.sources import open_source
from insole.sources.introduction import Introduction, backoff_s


def test_backoff_grows_and_ends() -> None:
    waits = [backoff_s(attempt) for attempt in range(50)]
    assert waits == sorted(waits)
    assert waits[0] == pytest.approx(0.1)
    assert waits[-1] == pytest.approx(2.0)


def introduced(*pieces: bytes) -> Introduction:
    introduction = Introduction("serial:test")
    for piece in pieces:
        introduction.push(piece)
    return introduction


def test_devices_take_rate_and_range_from_what_the_insole_says() -> None:
    left = encode_message(information(rate_hz=100.0), Side.LEFT)
    right = encode_message(information(), Side.RIGHT)
    introduction = introduced(b"half a packet", left, right)
    assert introduction.complete
    feet = introduction.feet()
    assert (feet[Side.LEFT].rate_hz, feet[Side.RIGHT].rate_hz) == (100.0, 200.0)
    assert feet[Side.LEFT].full_scale_counts == 4095
    assert feet[Side.LEFT].has_geometry


_INFORMATION = encode_message(information(), Side.LEFT)
ODD_SIDE = _INFORMATION[:6] + b"\x07" + _INFORMATION[7:-4]
OTHER_VERSION = bytes.fromhex("a55a02011000000001000000881300000400000004018813000000010001ff0f")


def with_crc(data: bytes) -> bytes:
    return data + (~crc32(data, 0xFFFFFFFF) & 0xFFFFFFFF).to_bytes(4, "little")


@pytest.mark.parametrize(
    ("heard", "error", "line"),
    [
        (b"", DeviceNotFound, "nothing comes"),
        (b"$GPGGA,123519,4807.038,N\r\n" * 20, ProtocolError, "520 bytes came, none of them a packet"),
        (with_crc(OTHER_VERSION), ProtocolError, "version of the wire format that is not known"),
        (frames(Side.LEFT, 1), ProtocolError, "the left insole sends frames of 16 cells, but does not say"),
        (encode_message(information("Brand X"), Side.LEFT), SettingsError, "no profile of the model 'Brand X'"),
        (encode_message(information(cells=20), Side.LEFT), SettingsError, "has 20 cells, its profile 'demo16' has 16"),
        (with_crc(ODD_SIDE), ProtocolError, "none of them"),
    ],
)
def test_who_does_not_fit_is_refused_in_one_line(heard: bytes, error: type[InsoleError], line: str) -> None:
    with pytest.raises(error, match=line) as refused:
        introduced(heard).feet()
    assert "\n" not in str(refused.value)
    assert "serial:test" in str(refused.value)


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("serial:", "which port"),
        ("serial:x?speed=2", "unknown option 'speed'"),
        ("serial:x?baud=fast", "baud = 'fast'"),
        ("serial:x?feet=left", "feet= goes with device="),
        ("serial:x?device=demo16&feet=three", "feet = 'three'"),
        ("serial:x?mass=heavy", "mass = 'heavy'"),
        ("serial:x?mass=7", "body mass 7"),
        ("serial:x?device=nothing", "no device 'nothing'"),
        ("serial:/dev/no-such-port", "no such port"),
        ("serial:nonsense://x", "invalid URL"),
    ],
)
def test_wrong_urls_are_refused_in_one_line(url: str, line: str) -> None:
    with pytest.raises(InsoleError, match=line):
        open_source(url)


def test_a_port_that_is_not_there_at_the_start_ends_the_session() -> None:
    source = open_source("serial:/dev/no-such-port?device=demo16")
    with pytest.raises(DeviceNotFound, match="no such port"):
        run(until(source, bool))


def test_without_pyserial_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "serial", None)
    with pytest.raises(MissingExtra, match=r"insole\[serial\]"):
        open_source("serial:/dev/ttyUSB0")
