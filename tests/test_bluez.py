"""Bluetooth on Linux: bleak's own BlueZ backend, over a real D-Bus, against an `org.bluez` that is not a radio's."""

from __future__ import annotations

import asyncio
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_virtual import wait_for

from firmware_protocol import Decoder, TimeReply, encode_pressure
from insole.analysis import analyse
from insole.blocks import Input, LinkEvent, Packets, Side
from insole.cli import main
from insole.device import Device
from insole.errors import DeviceNotFound, InsoleError, ProtocolError
from insole.recording import open_recording
from insole.sources import ble_connection
from insole.sources.ble import BleSource, introduce
from insole.sources.ble_connection import scanned
from insole.sources.introduction import live_header
from insole.sources.virtual import private_bus

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("dbus-daemon") is None, reason="no D-Bus daemon here"
)

LIMIT_S = 30.0
CELLS = 99
MODEL = f"demo{CELLS}"
NAMES = {Side.LEFT: "INS-L001", Side.RIGHT: "INS-R001"}


@asynccontextmanager
async def room(folder: Path, patch: pytest.MonkeyPatch, **more: Any) -> AsyncIterator[tuple[Any, dict[Side, Any]]]:
    """Two insoles on a bus that this process takes for the system's."""
    from insole.sources.virtual.bluez import BlueZ, BlueZInsole
    from insole.sources.virtual.firmware import Firmware

    insoles = {
        side: BlueZInsole(name, f"F0:F0:F0:F0:F0:{side + 1:02X}", Firmware(side, Device.named(MODEL)), **more)
        for side, name in NAMES.items()
    }
    bluez = BlueZ(list(insoles.values()))
    async with private_bus.private_bus(folder) as address:
        patch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        await bluez.start(address)
        try:
            yield bluez, insoles
        finally:
            await forget_the_bus()
            await bluez.stop()


async def forget_the_bus() -> None:
    """Close the connection that bleak keeps for a loop for ever."""
    from bleak.backends.bluezdbus.manager import get_global_bluez_manager

    manager = await get_global_bluez_manager()
    watcher = manager._bus_watcher_task
    assert manager._bus is not None
    assert watcher is not None
    watcher.cancel()
    manager._bus.disconnect()
    await asyncio.gather(watcher, return_exceptions=True)


def run(main: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(main, LIMIT_S))


def source_of(*sides: Side) -> BleSource:
    feet = dict.fromkeys(sides, Device.named(MODEL))
    return BleSource([NAMES[side] for side in sides], live_header("ble:test", feet, {}))


def frames(side: Side, first: int, count: int) -> list[bytes]:
    counts = np.full((1, CELLS), 100 + side, np.uint16)
    return [encode_pressure(side, n, n * 5000, 5000, counts) for n in range(first, first + count)]


async def started(insole: Any, yes: bool = True) -> None:
    while insole.firmware.started is not yes or insole.notifies is not yes:
        await asyncio.sleep(0.001)


async def collected(source: BleSource, got: list[Input], enough: Callable[[], bool]) -> None:
    stream = aiter(source)
    while not enough():
        got += await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]


def data_of(got: list[Input], link: int) -> bytes:
    return b"".join(item.data for item in got if isinstance(item, Packets) and item.link == link)


def numbers(got: list[Input], link: int) -> list[int]:
    return [n for block in Decoder().push(data_of(got, link)).frames for n in block.sequence.tolist()]


def kinds(got: list[Input], link: int) -> list[str]:
    return [item.kind for item in got if isinstance(item, LinkEvent) and item.link == link]


def test_both_insoles_are_scanned_asked_and_streamed_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    got: list[Input] = []

    async def main() -> None:
        async with room(tmp_path, monkeypatch) as (bluez, insoles):
            found = await scanned(0.3)
            assert sorted(name for name, _, _ in found) == sorted(NAMES.values())
            feet = await introduce(list(NAMES.values()))
            assert {side: device.n_cells for side, device in feet.items()} == dict.fromkeys(NAMES, CELLS)
            async with source_of(*NAMES) as source:
                for side, insole in insoles.items():
                    await started(insole)
                    await bluez.send(insole, frames(side, 0, 200))
                await collected(source, got, lambda: [len(numbers(got, link)) for link in (0, 1)] == [200, 200])
            assert not any(insole.firmware.started or insole.host for insole in insoles.values())  # stopped, let go

    run(main())
    assert [numbers(got, link) for link in (0, 1)] == [list(range(200))] * 2
    assert [item.detail for item in got if isinstance(item, LinkEvent)] == [
        f"{NAMES[side]} (F0:F0:F0:F0:F0:{side + 1:02X}), MTU 247, attempt 1" for side in NAMES
    ]
    sizes = np.concatenate([np.diff(item.ends, prepend=0) for item in got if isinstance(item, Packets)])
    assert np.count_nonzero(sizes == 226) == 400  # every notification came whole and by itself


def test_pings_are_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    got: list[Input] = []

    def replies() -> list[TimeReply]:
        return [m.body for m in Decoder().push(data_of(got, 0)).messages if isinstance(m.body, TimeReply)]

    async def main() -> None:
        async with room(tmp_path, monkeypatch), source_of(Side.LEFT) as source:
            await collected(source, got, lambda: len(replies()) >= 2)

    run(main())


def test_one_insole_lost_is_found_again_while_the_other_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    got: list[Input] = []

    async def main() -> None:
        async with room(tmp_path, monkeypatch) as (bluez, insoles), source_of(*NAMES) as source:
            left, right = insoles.values()
            await started(left)
            await started(right)
            await bluez.send(left, frames(Side.LEFT, 0, 10))
            bluez.lose(left)
            assert not await bluez.send(left, frames(Side.LEFT, 10, 10))  # nobody hears them
            await bluez.send(right, frames(Side.RIGHT, 0, 10))
            await started(left)
            await bluez.send(left, frames(Side.LEFT, 20, 10))
            await bluez.send(right, frames(Side.RIGHT, 10, 10))
            await collected(source, got, lambda: [len(numbers(got, link)) for link in (0, 1)] == [20, 20])

    run(main())
    assert numbers(got, 0) == [*range(10), *range(20, 30)]
    assert numbers(got, 1) == list(range(20))
    assert kinds(got, 0) == ["connected", "lost", "connected"]
    assert kinds(got, 1) == ["connected"]


def test_what_is_no_insole_or_not_there_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ble_connection, "FIND_S", 0.3)

    async def main() -> None:
        async with room(tmp_path, monkeypatch, service_uuid="0000180d-0000-1000-8000-00805f9b34fb"):
            with pytest.raises(ProtocolError, match="INS-L001: is no insole that is known here"):
                await introduce(["INS-L001"])
            with pytest.raises(DeviceNotFound, match="INS-L999: not in reach"):
                await introduce(["INS-L999"])

    run(main())


def test_without_a_daemon_it_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(private_bus, "DAEMON", "no-such-daemon")

    async def main() -> None:
        async with private_bus.private_bus(tmp_path):
            pass

    with pytest.raises(InsoleError, match="no-such-daemon is not installed"):
        run(main())


def test_virtual_insoles_of_another_process_are_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = tmp_path / "run.mcap"
    command = [sys.executable, "-m", "insole", "virtual", "--ble", "--cells", "16", "--plan", "run"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            source, hint = process.stdout.readline().strip(), process.stdout.readline()
            address = hint.partition("DBUS_SYSTEM_BUS_ADDRESS=")[2].split()[0]
            monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
            # In a process of its own, as bleak never closes its connection to the bus.
            record = [sys.executable, "-m", "insole", "record", source, "-o", str(recording)]
            recorder = subprocess.Popen(record)
            try:
                wait_for(lambda: recording.exists() and recording.stat().st_size > 40_000)
                recorder.send_signal(signal.SIGINT)
                assert recorder.wait(LIMIT_S) == 0
            finally:
                recorder.kill()
                recorder.wait()
        finally:
            process.terminate()
    assert process.returncode == 0
    assert open_recording(recording).complete
    health = analyse(recording).health
    assert all(foot.frames > 0 and foot.lost == 0 for foot in health.feet.values())


def test_a_port_goes_with_serial_only(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["virtual", "--ble", "--port", "x"])
    assert "--port: goes with --serial" in capsys.readouterr().err
