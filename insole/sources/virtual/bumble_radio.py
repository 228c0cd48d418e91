"""Virtual insoles on a virtual radio: bumble's controllers and host in memory, and bleak's interface on top of them.

Everything above the antenna is real: advertisements, connections, ATT and GATT, MTU, notifications. `radio_of` gives
the `Radio` with which `insole.sources.ble` (and any program on bleak) reaches the peripherals of an `Air`.
"""

from __future__ import annotations

import asyncio
from typing import Any

from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakError
from bumble.controller import Controller
from bumble.core import UUID, AdvertisingData, BaseBumbleError
from bumble.device import Advertisement, Connection, Device, Peer
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.hci import Address, HCI_Disconnection_Complete_Event
from bumble.host import Host
from bumble.link import LocalLink
from bumble.transport.common import AsyncPipeSink

from firmware_protocol.gatt import COMMANDS_UUID, DATA_UUID, SERVICE_UUID
from insole.sources.ble_connection import Radio
from insole.sources.virtual.firmware import Firmware

MTU = 247
ACL_BYTES = 251  # the controller's default of 27 would cut every notification into ten
SUPERVISION_TIMEOUT = 0x08


class Air:
    """The room that all radios share.

    Parameters
    ----------
    link : LocalLink, optional
        One that is slower than the usual.
    """

    def __init__(self, link: LocalLink | None = None) -> None:
        self._link = link or LocalLink()  # type: ignore[no-untyped-call]
        self._devices = 0

    async def device(self, name: str) -> tuple[Device, Controller]:
        """One more radio, switched on."""
        self._devices += 1
        address = f"F0:F0:F0:F0:F0:{self._devices:02X}"
        controller = Controller(name, link=self._link, public_address=address)
        controller.le_acl_data_packet_length = ACL_BYTES
        device = Device(name=name, address=Address(address), host=Host(controller, AsyncPipeSink(controller)))
        await device.power_on()
        return device, controller

    def lose(self, controller: Controller) -> None:
        """Break the connections of a radio as distance does: both ends run into their supervision timeout."""
        for end in self._link.controllers:
            for connection in list(end.le_connections.values()):
                if end is controller or connection.peer_address == controller.random_address:
                    del end.le_connections[connection.peer_address]
                    end.send_hci_packet(
                        HCI_Disconnection_Complete_Event(
                            status=0, connection_handle=connection.handle, reason=SUPERVISION_TIMEOUT
                        )
                    )


class VirtualInsole:
    """One insole as a BLE peripheral.

    Parameters
    ----------
    air : Air
    name : str
        At most 8 characters, so that it fits the advertisement beside the service.
    firmware : Firmware
    service_uuid : str
        Another one for a device that is no insole.

    Attributes
    ----------
    address : str
    """

    def __init__(self, air: Air, name: str, firmware: Firmware, service_uuid: str = SERVICE_UUID) -> None:
        self._air = air
        self._name = name
        self._firmware = firmware
        self._service_uuid = service_uuid
        self._work: set[asyncio.Task[None]] = set()
        self._on = True
        self.address = ""

    async def power_on(self) -> None:
        """Switch it on: it advertises from now on, whenever it is not connected."""
        self._device, self._controller = await self._air.device(self._name)
        properties = Characteristic.Properties
        data = Characteristic(DATA_UUID, properties.NOTIFY, Characteristic.Permissions(0), b"")
        commands = Characteristic(
            COMMANDS_UUID,
            properties.WRITE | properties.WRITE_WITHOUT_RESPONSE,
            Characteristic.WRITEABLE,
            CharacteristicValue(write=lambda _, value: self._receive(bytes(value))),
        )
        service = Service(self._service_uuid, [data, commands] if self._service_uuid == SERVICE_UUID else [])
        self._data = data
        self._device.add_services([service])
        self.address = str(self._device.random_address)
        self._device.on(Device.EVENT_CONNECTION, self._connected)
        await self._advertise()

    async def send(self, packets: list[bytes]) -> None:
        """Notify whoever is subscribed, one packet a notification."""
        for packet in packets:
            await self._device.notify_subscribers(self._data, packet)

    def lose(self) -> None:
        """Carry it out of reach for a moment."""
        self._air.lose(self._controller)

    async def power_off(self) -> None:
        """Switch it off."""
        self._on = False
        self.lose()
        await asyncio.gather(*self._work)
        if self._device.is_advertising:
            await self._device.stop_advertising()

    def _connected(self, connection: Connection) -> None:
        connection.on(Connection.EVENT_DISCONNECTION, lambda _: self._again())

    def _again(self) -> None:
        self._firmware.started = False
        if self._on:
            self._soon(self._advertise())

    async def _advertise(self) -> None:
        types = AdvertisingData.Type
        fields = [
            (types.FLAGS, bytes([6])),
            (types.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, bytes(UUID(self._service_uuid))),
            (types.COMPLETE_LOCAL_NAME, self._name.encode("ascii")),
        ]
        await self._device.start_advertising(
            advertising_data=bytes(AdvertisingData(fields)),
            advertising_interval_min=20.0,
            advertising_interval_max=20.0,
        )

    def _receive(self, data: bytes) -> None:
        self._soon(self.send(self._firmware.receive(data)))

    def _soon(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)


def radio_of(central: Device) -> Radio:
    """Bleak's two interfaces on a bumble device, as the radio of a computer."""
    client = type("BumbleClient", (_Client,), {"central": central})
    scanner = type("BumbleScanner", (_Scanner,), {"central": central})
    return Radio(client, scanner)


class _Scanner(BaseBleakScanner):
    central: Device

    def __init__(self, detection_callback: Any, service_uuids: list[str] | None, *_: Any, **__: Any) -> None:
        super().__init__(detection_callback, service_uuids)

    async def start(self) -> None:
        self.seen_devices = {}
        self.central.on(Device.EVENT_ADVERTISEMENT, self._seen)
        await self.central.start_scanning(filter_duplicates=False)

    async def stop(self) -> None:
        self.central.remove_listener(Device.EVENT_ADVERTISEMENT, self._seen)
        await self.central.stop_scanning()

    def _seen(self, advertisement: Advertisement) -> None:
        types = AdvertisingData.Type
        lists = advertisement.data.get_all(types.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS)
        uuids = [str(uuid).lower() for found in lists for uuid in found]
        name = advertisement.data.get(types.COMPLETE_LOCAL_NAME)
        text = name if isinstance(name, str) else None
        data = AdvertisementData(text, {}, {}, uuids, None, advertisement.rssi, ())
        if self.is_allowed_uuid(uuids):
            address = str(advertisement.address)
            device = self.create_or_update_device(address, address, text, advertisement.address, data)
            self.call_detection_callbacks(device, data)


class _Client(BaseBleakClient):
    central: Device

    def __init__(self, address_or_ble_device: BLEDevice | str, *, timeout: float, **options: Any) -> None:
        callback = options.get("disconnected_callback")
        super().__init__(address_or_ble_device, disconnected_callback=callback, timeout=timeout)
        name = address_or_ble_device.name if isinstance(address_or_ble_device, BLEDevice) else None
        self._name = name or self.address
        self._connection: Connection | None = None
        self._peer: Peer | None = None

    @property
    def name(self) -> str:
        return self._name

    @property
    def mtu_size(self) -> int:
        return self._peer.gatt_client.mtu if self._peer is not None else 23

    @property
    def is_connected(self) -> bool:
        return self._connection is not None

    async def connect(self, pair: bool, **_: Any) -> None:  # noqa: ARG002 - nothing here asks for pairing
        try:
            connection = await self.central.connect(Address(self.address), timeout=self._timeout)
            self._connection = connection
            connection.on(Connection.EVENT_DISCONNECTION, lambda _: self._gone())
            self._peer = peer = Peer(connection)
            await peer.request_mtu(MTU)
            await peer.discover_all()  # type: ignore[no-untyped-call]
        except BaseBumbleError as error:
            self._connection = None
            raise BleakError(f"cannot connect: {error}") from error
        self.services = BleakGATTServiceCollection()
        for service in peer.services:
            own = BleakGATTService(service, service.handle, str(service.uuid).lower())
            self.services.add_service(own)
            for item in service.characteristics:
                names: Any = [str(flag.name).lower().replace("_", "-") for flag in item.properties]
                self.services.add_characteristic(
                    BleakGATTCharacteristic(
                        item, item.handle, str(item.uuid).lower(), names, lambda: self.mtu_size - 3, own
                    )
                )

    def _gone(self) -> None:
        self._connection = None
        if self._disconnected_callback is not None:
            self._disconnected_callback()

    async def disconnect(self) -> None:
        if self._connection is not None:
            await self._connection.disconnect()

    async def start_notify(self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **_: Any) -> None:
        await self._reached(characteristic.obj.subscribe(lambda value: callback(bytearray(value))))

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        await self._reached(characteristic.obj.unsubscribe())

    async def write_gatt_char(self, characteristic: BleakGATTCharacteristic, data: Any, response: bool) -> None:
        await self._reached(characteristic.obj.write_value(bytes(data), with_response=response))

    async def read_gatt_char(self, characteristic: BleakGATTCharacteristic, **_: Any) -> bytearray:
        return bytearray(await self._reached(characteristic.obj.read_value()))

    async def read_gatt_descriptor(self, *_: Any, **__: Any) -> bytearray:
        raise NotImplementedError

    async def write_gatt_descriptor(self, *_: Any) -> None:
        raise NotImplementedError

    async def pair(self, *_: Any, **__: Any) -> None:
        raise NotImplementedError

    async def unpair(self) -> None:
        raise NotImplementedError

    async def _reached(self, work: Any) -> Any:
        """The result of a request to the peer; its failure as bleak's own error."""
        try:
            return await work
        except BaseBumbleError as error:
            raise BleakError(str(error)) from error
