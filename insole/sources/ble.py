"""Insoles over Bluetooth Low Energy, by bleak.

In: names or addresses, one an insole. Out: what their notifications carry, each insole a link of its own. One that is
lost, or not there yet, is looked for again while the other goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from firmware_protocol.gatt import COMMANDS_UUID, DATA_UUID, SERVICE_UUID
from insole.blocks import Input, Side
from insole.device import Device
from insole.errors import DeviceNotFound, LinkError, MissingExtra, ProtocolError
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
from insole.sources.vendor import BLE_FORMATS, Translator, ble_translator

if TYPE_CHECKING:
    from bleak import BleakClient
    from bleak.backends.client import BaseBleakClient
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData, BaseBleakScanner

FIND_S = 10.0  # insoles advertise a few times a second, but radios do not always listen
CONNECT_S = 10.0
LISTEN_S = 3.0
ATT_HEADER_BYTES = 3


@dataclass(frozen=True, slots=True)
class Radio:
    """Whose radio bleak uses: None is this computer's, a class another one."""

    client: type[BaseBleakClient] | None = None
    scanner: type[BaseBleakScanner] | None = None

    @property
    def scanning(self) -> dict[str, Any]:
        """What bleak's scanner is called with."""
        return {} if self.scanner is None else {"backend": self.scanner}


class BleSource:
    """Insoles by name or address.

    Parameters
    ----------
    names : sequence of str
        The link of an insole is its place here.
    header : Header
        With the devices of all of them.
    radio : Radio
    inbox : Inbox, optional
        Of its own clock and size.
    """

    def __init__(self, names: Sequence[str], header: Header, *, radio: Radio = Radio(), inbox: Inbox | None = None):
        self.header = header
        self._names = names
        self._radio = radio
        self._inbox = inbox or Inbox()
        self._links: list[asyncio.Task[None]] = []
        self._translators: dict[int, Translator] = {}
        # Radios make one connection at a time, and do not scan meanwhile.
        self._turn = asyncio.Lock()

    @classmethod
    def from_url(cls, target: str, options: Mapping[str, str]) -> Self:
        """``ble:NAME-OR-ADDRESS[,SECOND]?device=NAME&feet=both&mass=70&runner=CODE&shoe=NAME``.

        With `device` the first is the left one where it does not say so itself. Without it every insole is connected to
        for a moment, so that it can say what it is. That takes an event loop of its own: where one runs already, use
        `introduce` and the class itself.
        """
        refuse_unknown(options, ("device", "feet", *HEADER_OPTIONS))
        names = [name.strip() for name in target.split(",") if name.strip()]
        if not names:
            raise ValueError("which insole? 'insole scan' lists those in reach")
        bleak_errors()
        url = f"ble:{target}"
        live_header(url, {}, options)  # a wrong option is said before anything is waited for
        feet = named_feet(options) or asyncio.run(introduce(names))
        return cls(names, live_header(url, feet, options))

    async def __aenter__(self) -> Self:
        self._links = [asyncio.create_task(self._keep(link, name)) for link, name in enumerate(self._names)]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._links:
            task.cancel()
        await asyncio.gather(*self._links, return_exceptions=True)

    def __aiter__(self) -> AsyncIterator[list[Input]]:
        return self._inbox.batches()

    async def _keep(self, link: int, name: str) -> None:
        """Connect to one insole, again and again, until cancelled or refused."""
        attempt = 0
        out_of_reach: tuple[type[Exception], ...] = (DeviceNotFound, *bleak_errors())
        try:
            while True:
                try:
                    attempt += 1
                    async with AsyncExitStack() as stack:
                        async with self._turn:
                            client, gone = await stack.enter_async_context(connected(name, self._radio))
                        self._inbox.connected(link, f"{described(client)}, attempt {attempt}")
                        attempt = 0
                        pings = Pings(self._inbox.now_ns())
                        hear = self._hearing(client, link, pings)
                        try:
                            await listen(client, hear, REQUEST + START)
                            stack.push_async_callback(quietly_stop, client)
                            async with meanwhile(keep_pinging(client, pings, self._inbox.now_ns)):
                                await gone.wait()
                        finally:
                            self._inbox.lost(link, f"{name} is gone")
                except out_of_reach:
                    pass  # the next attempt may find it
                await asyncio.sleep(backoff_s(attempt))
        except Exception as error:  # noqa: BLE001 - refused, or a bug: either ends the session
            self._inbox.fail(error)

    def _hearing(self, client: BleakClient, link: int, pings: Pings) -> Callable[[bytes], None]:
        """What takes the notifications of a link: into the inbox, another maker's through their translator."""
        uuid = data_uuid(client)
        if uuid == DATA_UUID:

            def hear(data: bytes) -> None:
                self._inbox.deliver(link, data)
                pings.heard(data)

            return hear
        if link not in self._translators:
            if len(self._names) != len(self.header.feet):
                raise ProtocolError(
                    f"ble:{self._names[link]}: does not say which foot it is on: name the left insole, then the "
                    "right one, or one with feet=left or feet=right"
                )
            side, device = list(self.header.feet.items())[link]
            self._translators[link] = ble_translator(uuid)(side, device)
        feed = self._translators[link].feed
        return lambda data: self._inbox.deliver(link, feed(data))


def bleak_errors() -> tuple[type[Exception], ...]:
    """What bleak raises where a radio or an insole fails.

    Raises
    ------
    MissingExtra
        bleak is not installed.
    """
    try:
        from bleak.exc import BleakError
    except ModuleNotFoundError as error:
        raise MissingExtra("Bluetooth", "ble") from error
    return BleakError, TimeoutError, OSError, EOFError


async def introduce(names: Sequence[str], radio: Radio = Radio()) -> dict[Side, Device]:
    """Ask every insole what it is.

    Raises
    ------
    DeviceNotFound
        One is not in reach, or says nothing.
    ProtocolError
        One speaks something else, or both are of the same foot.
    LinkError
        The radio fails.
    SettingsError
        One has no profile here.
    """
    feet: dict[Side, Device] = {}
    for name in names:
        introduction = Introduction(f"ble:{name}")
        try:
            async with connected(name, radio) as (client, gone):
                said = asyncio.Event()

                def hear(data: bytes, introduction: Introduction = introduction, said: asyncio.Event = said) -> None:
                    introduction.push(data)
                    if introduction.said:
                        said.set()

                if data_uuid(client) != DATA_UUID:
                    raise ProtocolError(
                        f"ble:{name}: an insole of another maker, which does not say what it is: name its profile, "
                        "device=FILE.toml"
                    )
                await listen(client, hear, REQUEST)
                waits = [asyncio.create_task(said.wait()), asyncio.create_task(gone.wait())]
                await asyncio.wait(waits, timeout=LISTEN_S, return_when=asyncio.FIRST_COMPLETED)
                for wait in waits:
                    wait.cancel()
        except bleak_errors() as error:
            raise LinkError(f"ble:{name}", str(error) or type(error).__name__) from error
        found = introduction.feet()
        if both := set(found) & set(feet):
            raise ProtocolError(f"ble:{name}: another {min(both).label} insole: one of each foot makes a session")
        feet |= found
    return dict(sorted(feet.items()))


@asynccontextmanager
async def connected(name: str, radio: Radio) -> AsyncIterator[tuple[BleakClient, asyncio.Event]]:
    """A connection to the insole of that name or address, and the event of its loss.

    Raises
    ------
    DeviceNotFound
        It does not advertise.
    ProtocolError
        It has no insole's service.
    BleakError, TimeoutError, OSError
        The radio fails.
    """
    from bleak import BleakClient

    device = await find(name, radio)
    gone = asyncio.Event()
    # The time limit is bleak's own: a connection attempt that is abandoned from outside blocks some radios.
    client = BleakClient(device, lambda _: gone.set(), timeout=CONNECT_S, backend=radio.client)
    await client.connect()
    try:
        if not data_uuid(client):
            raise ProtocolError(f"ble:{name}: is no insole that is known here: service {SERVICE_UUID} is missing")
        yield client, gone
    finally:
        with suppress(*bleak_errors()):
            await client.disconnect()


def data_uuid(client: BleakClient) -> str:
    """The characteristic that notifies frames, in the wire format or another maker's; empty where there is none."""
    known = (uuid for uuid in (DATA_UUID, *BLE_FORMATS) if client.services.get_characteristic(uuid) is not None)
    return next(known, "")


async def find(name: str, radio: Radio) -> BLEDevice:
    """The device that advertises under that name, or has that address.

    Raises
    ------
    DeviceNotFound
        None within 10 s.
    """
    from bleak import BleakScanner

    def fits(device: BLEDevice, advertised: AdvertisementData) -> bool:
        return name.lower() in {str(own).lower() for own in (device.address, device.name, advertised.local_name)}

    device = await BleakScanner.find_device_by_filter(fits, timeout=FIND_S, **radio.scanning)
    if device is None:
        raise DeviceNotFound(f"ble:{name}", "not in reach; 'insole scan' lists those that are")
    return device


async def listen(client: BleakClient, hear: Callable[[bytes], None], commands: bytes) -> None:
    """Have the insole's notifications, then write commands if it takes any."""
    await client.start_notify(data_uuid(client), lambda _, data: hear(bytes(data)))
    if client.services.get_characteristic(COMMANDS_UUID) is not None:
        await client.write_gatt_char(COMMANDS_UUID, commands, response=True)


async def keep_pinging(client: BleakClient, pings: Pings, now_ns: Callable[[], int]) -> None:
    """Write the pings that fall due, until nobody answers any more or the link is gone."""
    if client.services.get_characteristic(COMMANDS_UUID) is None:
        return
    with suppress(*bleak_errors()):
        while (due_ns := pings.due_ns) is not None:
            await asyncio.sleep((due_ns - now_ns()) * 1e-9)
            await client.write_gatt_char(COMMANDS_UUID, pings.packet(now_ns()), response=False)


@asynccontextmanager
async def meanwhile(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Have something done beside, and no longer than this."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def quietly_stop(client: BleakClient) -> None:
    """Tell the insole to stop, if it still listens."""
    if client.is_connected and client.services.get_characteristic(COMMANDS_UUID) is not None:
        with suppress(*bleak_errors()):
            await client.write_gatt_char(COMMANDS_UUID, STOP, response=True)


def described(client: BleakClient) -> str:
    """Name, address and MTU."""
    data = client.services.get_characteristic(COMMANDS_UUID)
    # BlueZ reports its MTU as 23 whatever it is; what can be written at once is right everywhere.
    mtu = client.mtu_size if data is None else data.max_write_without_response_size + ATT_HEADER_BYTES
    return f"{client.name} ({client.address}), MTU {mtu}"


async def scanned(seconds: float, radio: Radio = Radio()) -> list[tuple[str, str, int]]:
    """Insoles in reach: name, address, signal strength in dBm; the strongest first.

    Raises
    ------
    LinkError
        There is no radio, or it is switched off.
    """
    from bleak import BleakScanner

    try:
        found = await BleakScanner.discover(seconds, return_adv=True, service_uuids=[SERVICE_UUID], **radio.scanning)
    except bleak_errors() as error:
        why = getattr(error, "strerror", None) or error
        raise LinkError("ble", f"no Bluetooth radio can be used: is it there, and switched on? ({why})") from error
    insoles = [(adv.local_name or dev.name or "", dev.address, adv.rssi) for dev, adv in found.values()]
    return sorted(insoles, key=lambda insole: -insole[2])
