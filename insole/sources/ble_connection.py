"""One connection to an insole by bleak: find it, connect, have its notifications, write commands and pings.

In: a name or address, and whose radio. Out: bleak's client while the insole is there, and what it notifies.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from firmware_protocol.gatt import COMMANDS_UUID, DATA_UUID, SERVICE_UUID
from insole.errors import DeviceNotFound, LinkError, MissingExtra, ProtocolError
from insole.sources.introduction import STOP
from insole.sources.pings import Pings
from insole.sources.vendor import BLE_FORMATS

if TYPE_CHECKING:
    from bleak import BleakClient
    from bleak.backends.client import BaseBleakClient
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData, BaseBleakScanner

FIND_S = 10.0  # insoles advertise a few times a second, but radios do not always listen
CONNECT_S = 10.0
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


THIS_COMPUTER = Radio()


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


async def scanned(seconds: float, radio: Radio = THIS_COMPUTER) -> list[tuple[str, str, int]]:
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
