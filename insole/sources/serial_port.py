"""Insoles on a serial port, USB or over the network, by pyserial.

In: a port name or one of pyserial's URLs (``socket://host:port``, ``rfc2217://host:port``). Out: what it delivers, as
one link; both feet may share it, for the side is in every packet. A port that is pulled out is waited for.
"""

from __future__ import annotations

import asyncio
import errno
import threading
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Self

from insole.blocks import Input
from insole.errors import DeviceNotFound, MissingExtra
from insole.recording import Header
from insole.sources.inbox import Inbox
from insole.sources.introduction import (
    HEADER_OPTIONS,
    REQUEST,
    START,
    STOP,
    Introduction,
    backoff_s,
    live_header,
    named_feet,
    refuse_unknown,
)
from insole.sources.pings import Pings
from insole.sources.vendor.lines import LineProfile, LineTranslator

BAUD = 921_600
READ_TIMEOUT_S = 0.1  # how long stopping may take
LISTEN_S = 3.0  # for a device to say what it is
SECOND_FOOT_S = 0.5  # for the second one, once the first has
LINK = 0


class SerialSource:
    """One serial port.

    Parameters
    ----------
    port : str
    header : Header
        With the devices on this port.
    baud : int
    lines : LineTranslator, optional
        For a board that sends lines of text and takes no commands.
    inbox : Inbox, optional
        Of its own clock and size.
    """

    def __init__(
        self,
        port: str,
        header: Header,
        *,
        baud: int = BAUD,
        lines: LineTranslator | None = None,
        inbox: Inbox | None = None,
    ) -> None:
        self.header = header
        self._lines = lines
        self._name = port
        self._baud = baud
        self._inbox = inbox or Inbox()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @classmethod
    def from_url(cls, target: str, options: Mapping[str, str]) -> Self:
        """``serial:PORT?baud=921600&device=NAME&feet=both&mass=70&runner=CODE&shoe=NAME``.

        Without `device` the port is listened to for at most 3 s, so that the insoles can say what they are.
        ``serial:PORT?lines=PROFILE.toml`` reads text lines instead (`insole.sources.vendor.lines`).
        """
        refuse_unknown(options, ("baud", "device", "feet", "lines", *HEADER_OPTIONS))
        if not target:
            raise ValueError("which port? 'insole scan' lists those of this computer")
        text = options.get("baud", str(BAUD))
        if not text.isdecimal() or int(text) == 0:
            raise ValueError(f"baud = '{text}': expected bits a second")
        url, baud = f"serial:{target}", int(text)
        live_header(url, {}, options)  # a wrong option is said before anything is waited for
        if "lines" in options:
            if options.keys() & {"device", "feet"}:
                raise ValueError("lines= names the devices and feet itself")
            pyserial()
            profile = LineProfile.read(Path(options["lines"]))
            baud = baud if "baud" in options else profile.baud
            return cls(target, live_header(url, profile.feet, options), baud=baud, lines=LineTranslator(profile))
        feet = named_feet(options) or listen(target, baud).feet()
        return cls(target, live_header(url, feet, options), baud=baud)

    async def __aenter__(self) -> Self:
        """Open the port.

        Raises
        ------
        DeviceNotFound
            It cannot be opened now; once it could be, its loss is waited out.
        """
        port = await asyncio.to_thread(open_port, self._name, self._baud)
        self._thread = threading.Thread(target=self._work, args=(port,), name=f"insole-{self._name}", daemon=True)
        self._thread.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)

    def __aiter__(self) -> AsyncIterator[list[Input]]:
        return self._inbox.batches()

    # ---- the reader's thread --------------------------------------------------------------------------------------

    def _work(self, port: Any) -> None:
        serial = pyserial()
        detail = self._name
        try:
            while True:
                try:
                    self._inbox.connected(LINK, detail)
                    self._read(port)
                except (OSError, serial.SerialException):  # unplugged; what pyserial says of it differs by system
                    self._inbox.lost(LINK, f"{self._name} is gone")
                finally:
                    with suppress(OSError, serial.SerialException):
                        port.close()
                if self._stop.is_set():
                    return
                found = self._found_again()
                if found is None:
                    return
                port, detail = found
        except Exception as error:  # noqa: BLE001 - a bug in this thread must end the session, not its data alone
            self._inbox.fail(error)

    def _read(self, port: Any) -> None:
        if self._lines is not None:
            self._deliver(self._lines.cut())
            while not self._stop.is_set():
                self._deliver(self._lines.feed(read_some(port)))
            return
        port.write(REQUEST + START)
        pings = Pings(self._inbox.now_ns())
        while not self._stop.is_set():
            data = read_some(port)
            self._deliver(data)
            pings.heard(data)
            due_ns, now_ns = pings.due_ns, self._inbox.now_ns()
            if due_ns is not None and now_ns >= due_ns:
                port.write(pings.packet(now_ns))
        port.write(STOP)

    def _deliver(self, data: bytes) -> None:
        if data:
            self._inbox.deliver(LINK, data)

    def _found_again(self) -> tuple[Any, str] | None:
        """The port once it is there again, with what to say of it; None when told to stop."""
        attempt, lost_s = 0, time.monotonic()
        while not self._stop.wait(backoff_s(attempt)):
            attempt += 1
            with suppress(DeviceNotFound):
                port = open_port(self._name, self._baud)
                away_s = time.monotonic() - lost_s
                return port, f"{self._name} again after {away_s:.1f} s, attempt {attempt}"
        return None


def pyserial() -> ModuleType:
    """The package.

    Raises
    ------
    MissingExtra
        It is not installed.
    """
    try:
        import serial
    except ModuleNotFoundError as error:
        raise MissingExtra("a serial port", "serial") from error
    return serial  # type: ignore[no-any-return]


def open_port(name: str, baud: int) -> Any:
    """Open a port or URL.

    Raises
    ------
    DeviceNotFound
        Says why not.
    """
    serial = pyserial()
    try:
        # exclusive: two readers would each get a part of the bytes
        return serial.serial_for_url(name, baudrate=baud, timeout=READ_TIMEOUT_S, write_timeout=1.0, exclusive=True)
    except (OSError, ValueError, serial.SerialException) as error:
        detail, number = str(error), getattr(error, "errno", None)
        if number in (errno.EAGAIN, errno.EBUSY) or "PermissionError" in detail:  # Windows says no number, but this
            detail = "another program has it open"
        elif number == errno.EACCES:
            detail = "no permission to open it (on Linux: join its group, usually dialout, and log in again)"
        elif number == errno.ENOENT or "FileNotFoundError" in detail:
            detail = "no such port; 'insole scan' lists those of this computer"
        elif number == errno.ENOTTY or "Inappropriate ioctl" in detail:
            detail = "is no serial port; 'insole scan' lists those of this computer"
        raise DeviceNotFound(f"serial:{name}", detail) from error


def read_some(port: Any) -> bytes:
    """Wait for a byte, then take all that is there with it; nothing after `READ_TIMEOUT_S` without one."""
    data: bytes = port.read(1)
    if not data:
        return data
    waiting = port.in_waiting
    if waiting > 1 or not port.portstr.startswith("socket://"):
        return data + port.read(waiting)  # type: ignore[no-any-return]
    port.timeout = 0  # a socket says only that there is something
    data += port.read(4096)
    port.timeout = READ_TIMEOUT_S
    return data


def listen(name: str, baud: int, listen_s: float = LISTEN_S) -> Introduction:
    """Ask a port who is there, and hear what it says until all have spoken or the time is over.

    Raises
    ------
    DeviceNotFound
        The port cannot be opened, or went away meanwhile.
    """
    serial = pyserial()
    introduction = Introduction(f"serial:{name}")
    port = open_port(name, baud)
    try:
        port.write(REQUEST)
        until_s, heard_first = time.monotonic() + listen_s, False
        while not introduction.complete and time.monotonic() < until_s:
            introduction.push(read_some(port))
            if introduction.said and not heard_first:
                heard_first = True
                until_s = min(until_s, time.monotonic() + SECOND_FOOT_S)
    except (OSError, serial.SerialException) as error:
        raise DeviceNotFound(f"serial:{name}", f"went away: {error}") from error
    finally:
        with suppress(OSError, serial.SerialException):
            port.close()
    return introduction
