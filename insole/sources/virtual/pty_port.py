"""Virtual insoles on a pseudo terminal: a serial port that any program can open. Linux and macOS only.

The port has a name of its own (a symbolic link), because a pseudo terminal that is pulled out comes back under another
one, as a USB adapter may.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from insole.errors import InsoleError
from insole.sources.virtual.stream import VirtualInsoles

LINGER_S = 1.0
QUEUE_BYTES = 1 << 17  # about a second of two insoles; then the oldest packets go, as the wire format asks


class VirtualPort:
    """The device's end of a pseudo terminal.

    Parameters
    ----------
    path : Path
        Name of the other end.
    receive : callable
        Gets what the host writes.

    Attributes
    ----------
    dropped : int
        Packets that nobody fetched in time.
    """

    def __init__(self, path: Path, receive: Callable[[bytes], None]) -> None:
        self.dropped = 0
        self._path = path
        self._receive = receive
        self._ends: tuple[int, int] | None = None
        self._queue: deque[bytes] = deque()
        self._queued = 0
        self._rest = b""

    @property
    def plugged(self) -> bool:
        """Whether the port is there."""
        return self._ends is not None

    def plug(self) -> None:
        """Put the port there.

        Raises
        ------
        InsoleError
            There is a file of that name.
        """
        import tty

        if self._path.is_symlink() and not self._path.exists():
            self._path.unlink()  # left behind by one that was killed
        # The other end stays open here too: a program that closes it is no unplugging.
        device_end, other_end = os.openpty()
        self._ends = device_end, other_end
        tty.setraw(other_end)
        os.set_blocking(device_end, False)
        try:
            self._path.symlink_to(os.ttyname(other_end))
        except FileExistsError as error:
            self._close()
            raise InsoleError(f"{self._path}: exists already; choose another name") from error
        except OSError as error:
            self._close()
            raise InsoleError(f"{self._path}: cannot be created: {error.strerror or error}") from error
        asyncio.get_running_loop().add_reader(device_end, self._read)

    def unplug(self) -> None:
        """Take it away; nothing where it is away."""
        if self._ends is not None:
            self._path.unlink(missing_ok=True)
            self._close()

    def send(self, packet: bytes) -> None:
        """Queue a packet for the host; lost where the port is away."""
        if self._ends is None:
            return
        self._queue.append(packet)
        self._queued += len(packet)
        while self._queued > QUEUE_BYTES:
            self._queued -= len(self._queue.popleft())
            self.dropped += 1
        self._write()

    async def drained(self) -> None:
        """Wait until the host has fetched everything, `LINGER_S` at most: closing throws away what it has not."""
        import fcntl
        import termios

        until_s, empty = time.monotonic() + LINGER_S, 0
        while self._ends is not None and empty < 3 and time.monotonic() < until_s:
            await asyncio.sleep(0.01)  # on their way through the kernel bytes are counted nowhere for a moment
            waiting = fcntl.ioctl(self._ends[1], termios.FIONREAD, bytes(4))
            left = self._rest or self._queue or int.from_bytes(waiting, sys.byteorder)
            empty = 0 if left else empty + 1

    def _write(self) -> None:
        if self._ends is None:
            return
        loop, device_end = asyncio.get_running_loop(), self._ends[0]
        try:
            while self._rest or self._queue:
                if not self._rest:
                    self._rest = self._queue.popleft()
                    self._queued -= len(self._rest)
                self._rest = self._rest[os.write(device_end, self._rest) :]
        except BlockingIOError:
            loop.add_writer(device_end, self._write)
        else:
            loop.remove_writer(device_end)

    def _read(self) -> None:
        if self._ends is not None:
            with suppress(BlockingIOError):
                self._receive(os.read(self._ends[0], 4096))

    def _close(self) -> None:
        assert self._ends is not None
        device_end, other_end = self._ends
        self._ends = None
        loop = asyncio.get_running_loop()
        loop.remove_reader(device_end)
        loop.remove_writer(device_end)
        os.close(device_end)
        os.close(other_end)
        self._queue.clear()
        self._queued, self._rest = 0, b""


async def serve(insoles: VirtualInsoles, path: Path, announce: Callable[[], None]) -> int:
    """Be two insoles on one port until the session ends; the runner starts with the first START.

    Parameters
    ----------
    insoles : VirtualInsoles
    path : Path
        Name of the port.
    announce : callable
        Called once the port is there.

    Returns
    -------
    int
        Packets that nobody fetched in time.
    """
    started = asyncio.Event()

    def receive(data: bytes) -> None:
        for firmware in insoles.firmware.values():
            for reply in firmware.receive(data):
                port.send(reply)
            if firmware.started:
                started.set()

    port = VirtualPort(path, receive)
    port.plug()
    try:
        announce()
        await started.wait()
        async for step in insoles.steps():
            if step.unplugged:
                if port.plugged:
                    await port.drained()  # pulled out between two packets: what was sent has arrived
                port.unplug()
                for firmware in insoles.firmware.values():
                    firmware.started = False  # the port was their power
            elif not port.plugged:
                port.plug()
            for _, packet in step.packets:
                port.send(packet)
        await port.drained()
    finally:
        port.unplug()
    return port.dropped
