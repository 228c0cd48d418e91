"""The commands around live insoles, as processes: virtual, record, scan."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from firmware_protocol import (
    CommandReply,
    CommandResult,
    Decoder,
    DeviceInformation,
    MessageBody,
    RequestInformation,
    SetRate,
    SetZero,
    Start,
    Stop,
    TimePing,
    TimeReply,
    encode_message,
    encode_pressure,
)
from firmware_protocol import Side as WireSide
from insole.analysis import analyse
from insole.blocks import LinkEvent, Packets, Side
from insole.checking import check
from insole.cli import main
from insole.device import Device
from insole.errors import SettingsError
from insole.recording import open_recording
from insole.sources.virtual.firmware import Firmware
from insole.sources.virtual.stream import Span

WAIT_S = 30.0


@contextmanager
def virtual(*options: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`insole virtual --serial` as a process of its own: the source that it says it is."""
    command = [sys.executable, "-m", "insole", "virtual", "--serial", "--cells", "16", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip(), process
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(WAIT_S)


def test_a_virtual_insole_is_recorded_and_analysed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    recording = tmp_path / "run.mcap"
    with virtual("--plan", "run", "--seconds", "60") as (source, _):
        assert main(["record", f"{source}?mass=70", "-o", str(recording), "--seconds", "5"]) == 0
    assert "written" in capfd.readouterr().out
    opened = open_recording(recording)
    assert opened.complete
    assert opened.header.source == source
    assert set(opened.header.feet) == {Side.LEFT, Side.RIGHT}
    result = analyse(recording)
    assert result.header.runner.body_mass_kg == 70.0
    assert 4 <= len(result.contacts.running()) <= 16
    assert result.health.links[0].bad_crc == 0
    assert sum(foot.lost for foot in result.health.feet.values()) == 0
    assert result.health.pinged  # the answers are in the recording


def test_faults_on_request_are_recorded_and_said(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    recording, port = tmp_path / "run.mcap", tmp_path / "port"
    options = ("--port", str(port), "--silent", "0.3:1.2", "--unplug", "2:0.3", "--seconds", "60")
    with virtual(*options) as (source, _):
        assert source == f"serial:{port}"
        assert main(["record", source, "-o", str(recording), "--seconds", "4"]) == 0
    inputs = [item for batch in open_recording(recording).inputs() for item in batch]
    told = [item for item in inputs if isinstance(item, LinkEvent)]
    left = iter([item.kind for item in told])  # a busy computer may have seen other silences too
    assert all(kind in left for kind in ("connected", "silent", "resumed", "lost", "connected"))
    start_ns = open_recording(recording).header.start_host_ns
    assert all(0 <= item.t_host_ns - start_ns < 6e9 for item in told)
    assert sum(len(item.data) for item in inputs if isinstance(item, Packets)) > 5_000
    assert not port.is_symlink()
    said = [line for line in capfd.readouterr().err.splitlines() if line.startswith("insole: ")]
    assert [line.split(": ")[2] for line in said] == [f"link 0 {item.kind}" for item in told[1:]]


def test_a_virtual_insole_says_at_its_end_what_it_sent_and_cleans_up(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    port = tmp_path / "port"
    with virtual("--port", str(port)) as (_, process):
        assert port.is_symlink()
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT_S) == 0
        assert not port.is_symlink()
    nothing = "0 frames sent whole, 0 between them not; packets: 0 damaged, 0 twice, 0 out of order"
    assert capfd.readouterr().err.splitlines() == [f"left: {nothing}", f"right: {nothing}"]


def test_one_that_is_killed_and_started_again_is_a_device_that_restarted(tmp_path: Path) -> None:
    port, recording = tmp_path / "port", tmp_path / "run.mcap"
    options = ("--port", str(port), "--plan", "run", "--clock-ppm-left", "300")
    with virtual(*options) as (source, first):
        command = [sys.executable, "-m", "insole", "record", source, "-o", str(recording)]
        record = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:
            wait_for(lambda: recording.exists() and recording.stat().st_size > 40_000)
            first.kill()
            first.wait(WAIT_S)
            size = recording.stat().st_size
            with virtual(*options):
                wait_for(lambda: recording.stat().st_size > size + 40_000)
                record.send_signal(signal.SIGINT)
                _, said = record.communicate(timeout=WAIT_S)
        finally:
            record.kill()
            record.communicate()
    assert record.returncode == 0
    kinds = [line.split(": ")[2] for line in said.splitlines()]
    assert kinds == ["link 0 lost", "link 0 connected"]
    report = check(recording)
    assert report.whole
    for foot in report.feet.values():
        assert foot.restarts == 1
        assert (foot.duplicate, foot.late) == (0, 0)
    assert sum(foot.frames for foot in report.feet.values()) == report.links[0].health.frames
    assert report.health.pinged  # also after the restart


def wait_for(happened: Callable[[], bool]) -> None:
    """What another process does, some time."""
    until_s = time.monotonic() + WAIT_S
    while not happened():
        assert time.monotonic() < until_s
        time.sleep(0.05)


def test_a_taken_name_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    taken = tmp_path / "port"
    taken.touch()
    assert main(["virtual", "--serial", "--port", str(taken)]) == 1
    assert f"{taken}: exists already" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["5", "5:", "x:1", "5:-1", "-1:2", "1:inf", "nan:1", ""])
def test_a_span_is_two_numbers(text: str) -> None:
    with pytest.raises(SettingsError, match="expected AT:FOR"):
        Span.parsed(text)


def test_several_sources_are_one_recording(tmp_path: Path) -> None:
    recording = tmp_path / "run.mcap"
    sources = [f"synthetic:?feet={foot}&seconds=12&speed=inf&cells=16" for foot in ("left", "right")]
    assert main(["record", *sources, "-o", str(recording)]) == 0
    contacts = analyse(recording).contacts
    assert min(len(contacts.running(side)) for side in (Side.LEFT, Side.RIGHT)) > 5


def test_scan_lists_ports_as_sources(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    usb, plain = ListPortInfo("/dev/ttyACM0"), ListPortInfo("/dev/ttyS0")
    usb.vid, usb.pid, usb.product, usb.manufacturer = 0x303A, 0x1001, "USB JTAG/serial", "Espressif"
    monkeypatch.setattr(list_ports, "comports", lambda: [plain, usb])
    assert main(["scan", "--seconds", "0.1"]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert [line for line in lines if line.startswith("serial:")] == [
        "serial:/dev/ttyACM0 Espressif USB JTAG/serial USB 303a:1001",
        "serial:/dev/ttyS0 serial port",
    ]


# ---- the firmware ---------------------------------------------------------------------------------------------------


def answers(firmware: Firmware, *commands: MessageBody, side: WireSide = WireSide.LEFT) -> list[MessageBody]:
    sent = b"".join(encode_message(command, side, sequence=7 + i) for i, command in enumerate(commands))
    replies = firmware.receive(sent)
    return [message.body for reply in replies for message in Decoder().push(reply).messages]


def test_every_command_is_answered_as_the_wire_format_says() -> None:
    firmware = Firmware(Side.LEFT, Device.named("demo32"))
    replies = answers(firmware, Start(), Stop(), SetRate(100_000), SetZero(500), TimePing(1))
    assert isinstance(replies[0], DeviceInformation)
    assert (replies[0].model, replies[0].cells, replies[0].rate_mhz) == ("demo32", 32, 200_000)
    told = [reply for reply in replies if isinstance(reply, CommandReply)]
    assert [(reply.number, reply.result) for reply in told] == [
        (7, CommandResult.DONE),
        (8, CommandResult.DONE),
        (9, CommandResult.DONE),
        (10, CommandResult.UNKNOWN),
    ]
    assert told[2].value == 200_000
    assert isinstance(replies[-1], TimeReply)
    assert replies[-1].token == 1
    assert answers(firmware, RequestInformation(), side=WireSide.RIGHT) == []
    assert len(answers(firmware, RequestInformation(), side=WireSide.BOTH)) == 3


def test_a_time_ping_is_answered_with_the_clock_at_both_moments() -> None:
    clock = iter([2**32 + 70, 2**32 + 90])
    firmware = Firmware(Side.LEFT, Device.named("demo16"), lambda: next(clock))
    (reply,) = firmware.receive(encode_message(TimePing(5), WireSide.BOTH))
    (message,) = Decoder().push(reply).messages
    assert (message.body, message.tick_us) == (TimeReply(5, 70), 90)


def test_frames_are_sent_between_start_and_stop_only() -> None:
    firmware = Firmware(Side.LEFT, Device.named("demo16"))
    packet = encode_pressure(WireSide.LEFT, 41, 1000, 5000, np.zeros((3, 16), np.uint16))
    assert firmware.frames(packet) == []
    (information,) = [
        message
        for reply in firmware.receive(encode_message(Start(), WireSide.BOTH))
        for message in Decoder().push(reply).messages
        if isinstance(message.body, DeviceInformation)
    ]
    assert information.sequence == 44  # of the next frame
    assert firmware.frames(packet)[-1] == packet
    firmware.receive(encode_message(Stop(), WireSide.BOTH))
    assert firmware.frames(packet) == []
