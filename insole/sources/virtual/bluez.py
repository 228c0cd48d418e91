"""Virtual insoles on a virtual BlueZ: `org.bluez` on a D-Bus of its own, as far as bleak's Linux backend uses it.

A program that is told the address of that bus (`DBUS_SYSTEM_BUS_ADDRESS`) finds one adapter and the insoles, and runs
the very code that it runs with real ones. What BlueZ would do with a radio is done here at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from firmware_protocol.gatt import COMMANDS_UUID, DATA_UUID, SERVICE_UUID
from insole.blocks import Side
from insole.sources.virtual.firmware import Firmware
from insole.sources.virtual.private_bus import private_bus
from insole.sources.virtual.stream import VirtualInsoles

ADAPTER = "/org/bluez/hci0"
MTU = 247
ADVERTISE_S = 0.1
BURST, BURST_S = 32, 0.002  # dbus-fast gives up its connection when more is sent than the socket takes at once
NAMES = {Side.LEFT: "INS-L001", Side.RIGHT: "INS-R001"}

_DEVICE, _SERVICE, _CHARACTERISTIC = "org.bluez.Device1", "org.bluez.GattService1", "org.bluez.GattCharacteristic1"
_OBJECTS, _PROPERTIES = "org.freedesktop.DBus.ObjectManager", "org.freedesktop.DBus.Properties"

Properties = dict[str, Variant]
Objects = dict[str, dict[str, Properties]]


class BlueZInsole:
    """One insole as BlueZ shows it.

    Parameters
    ----------
    name : str
    address : str
        ``F0:F0:F0:F0:F0:01``.
    firmware : Firmware
    service_uuid : str
        Another one for a device that is no insole.

    Attributes
    ----------
    host : str
        Who is connected to it, on the bus; empty where nobody is.
    in_reach : bool
        Whether it is heard at all.
    """

    def __init__(self, name: str, address: str, firmware: Firmware, service_uuid: str = SERVICE_UUID) -> None:
        self.name, self.address, self.firmware, self.service_uuid = name, address, firmware, service_uuid
        self.host = ""
        self.in_reach = True
        self.notifies = False
        self.path = f"{ADAPTER}/dev_{address.replace(':', '_')}"
        self.service = f"{self.path}/service0001"
        self.data, self.commands = f"{self.service}/char0002", f"{self.service}/char0004"

    def objects(self) -> Objects:
        """What is on the bus of it: the device, and while it is connected its service."""
        device = {
            "Adapter": Variant("o", ADAPTER),
            "Address": Variant("s", self.address),
            "AddressType": Variant("s", "random"),
            "Name": Variant("s", self.name),
            "Alias": Variant("s", self.name),
            "UUIDs": Variant("as", [self.service_uuid]),
            "RSSI": Variant("n", -50),
            "Paired": Variant("b", False),
            "Connected": Variant("b", bool(self.host)),
            "ServicesResolved": Variant("b", bool(self.host)),
        }
        return {self.path: {_DEVICE: device}, **(self.gatt() if self.host else {})}

    def gatt(self) -> Objects:
        """Service and characteristics; a device that is no insole has the service alone."""
        service: Properties = {
            "UUID": Variant("s", self.service_uuid),
            "Device": Variant("o", self.path),
            "Primary": Variant("b", True),
        }
        objects: Objects = {self.service: {_SERVICE: service}}
        if self.service_uuid == SERVICE_UUID:
            objects[self.data] = self._characteristic(DATA_UUID, "notify")
            objects[self.commands] = self._characteristic(COMMANDS_UUID, "write", "write-without-response")
        return objects

    def _characteristic(self, uuid: str, *flags: str) -> dict[str, Properties]:
        return {
            _CHARACTERISTIC: {
                "UUID": Variant("s", uuid),
                "Service": Variant("o", self.service),
                "Flags": Variant("as", list(flags)),
                "MTU": Variant("q", MTU),
                "Value": Variant("ay", b""),
            }
        }


class BlueZ:
    """The service on the bus, with one adapter.

    Parameters
    ----------
    insoles : sequence of BlueZInsole
    """

    def __init__(self, insoles: Sequence[BlueZInsole]) -> None:
        self._insoles = insoles
        self._known: set[str] = set()  # paths that were told
        self._scanning: set[str] = set()  # who scans
        self._methods: dict[str, Callable[[Message], Message | None]] = {
            "GetManagedObjects": self._managed,
            "SetDiscoveryFilter": Message.new_method_return,
            "StartDiscovery": self._start_discovery,
            "StopDiscovery": self._stop_discovery,
            "Connect": self._connect,
            "Disconnect": self._disconnect,
            "StartNotify": self._start_notify,
            "StopNotify": self._stop_notify,
            "WriteValue": self._write,
        }

    async def start(self, address: str) -> None:
        """Be there, on the bus of that address."""
        self._bus = await MessageBus(bus_address=address, bus_type=BusType.SYSTEM).connect()
        self._bus.add_message_handler(self._handle)
        await self._bus.call(
            Message(
                destination="org.freedesktop.DBus",
                path="/org/freedesktop/DBus",
                interface="org.freedesktop.DBus",
                member="AddMatch",
                signature="s",
                body=["type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged'"],
            )
        )
        await self._bus.request_name("org.bluez")
        self._advertising = asyncio.create_task(self._advertise())

    async def stop(self) -> None:
        """Be gone."""
        self._advertising.cancel()
        await asyncio.gather(self._advertising, return_exceptions=True)
        self._bus.disconnect()
        await self._bus.wait_for_disconnect()  # type: ignore[no-untyped-call]

    async def send(self, insole: BlueZInsole, packets: Sequence[bytes]) -> bool:
        """Notify whoever is subscribed, one packet a notification; whether somebody is."""
        for start in range(0, len(packets), BURST):
            if start:
                await asyncio.sleep(BURST_S)
            self._notify(insole, packets[start : start + BURST])
        return insole.notifies

    def _notify(self, insole: BlueZInsole, packets: Sequence[bytes]) -> None:
        for packet in packets if insole.notifies else ():
            self._changed(insole.data, _CHARACTERISTIC, {"Value": Variant("ay", packet)})

    def lose(self, insole: BlueZInsole) -> None:
        """Break the connection of an insole; nothing where there is none."""
        if not insole.host:
            return
        insole.host, insole.notifies, insole.firmware.started = "", False, False
        changed = {"Connected": Variant("b", False), "ServicesResolved": Variant("b", False)}
        self._changed(insole.path, _DEVICE, changed)
        for path, interfaces in reversed(insole.gatt().items()):
            self._signal("/", _OBJECTS, "InterfacesRemoved", "oas", [path, list(interfaces)])

    # ---- what is asked --------------------------------------------------------------------------------------------

    def _handle(self, message: Message) -> Message | bool | None:
        if message.message_type is MessageType.SIGNAL and message.member == "NameOwnerChanged":
            self._gone(message.body[0], message.body[2])
            return None
        if message.message_type is not MessageType.METHOD_CALL or message.member not in self._methods:
            return None
        reply = self._methods[message.member](message)
        return reply or Message.new_error(message, "org.bluez.Error.Failed", "not there")

    def _managed(self, message: Message) -> Message:
        adapter = {
            "Address": Variant("s", "00:00:00:00:00:01"),
            "Roles": Variant("as", ["central"]),
            "Powered": Variant("b", True),
            "Discovering": Variant("b", bool(self._scanning)),
        }
        objects: Objects = {ADAPTER: {"org.bluez.Adapter1": adapter}}
        for insole in self._insoles:
            if insole.path in self._known:
                objects |= insole.objects()
        return Message.new_method_return(message, "a{oa{sa{sv}}}", [objects])

    def _start_discovery(self, message: Message) -> Message:
        self._scanning.add(message.sender or "")
        return Message.new_method_return(message)

    def _stop_discovery(self, message: Message) -> Message:
        self._scanning.discard(message.sender or "")
        return Message.new_method_return(message)

    def _connect(self, message: Message) -> Message | None:
        insole = self._at(message)
        if insole is None or not insole.in_reach or insole.host:
            return None
        insole.host = message.sender or "?"
        for path, interfaces in insole.gatt().items():
            self._added(path, interfaces)
        self._changed(insole.path, _DEVICE, {"Connected": Variant("b", True)})
        self._changed(insole.path, _DEVICE, {"ServicesResolved": Variant("b", True)})
        return Message.new_method_return(message)

    def _disconnect(self, message: Message) -> Message | None:
        insole = self._at(message)
        if insole is None:
            return None
        self.lose(insole)
        return Message.new_method_return(message)

    def _start_notify(self, message: Message) -> Message | None:
        insole = self._at(message)
        if insole is None or message.path != insole.data:
            return None
        insole.notifies = True
        return Message.new_method_return(message)

    def _stop_notify(self, message: Message) -> Message | None:
        insole = self._at(message)
        if insole is None:
            return None
        insole.notifies = False
        return Message.new_method_return(message)

    def _write(self, message: Message) -> Message | None:
        insole = self._at(message)
        if insole is None or message.path != insole.commands or not insole.host:
            return None
        self._notify(insole, insole.firmware.receive(bytes(message.body[0])))
        return Message.new_method_return(message)

    def _at(self, message: Message) -> BlueZInsole | None:
        """The insole that a path belongs to."""
        path = message.path or ""
        return next((insole for insole in self._insoles if f"{path}/".startswith(f"{insole.path}/")), None)

    def _gone(self, name: str, new_owner: str) -> None:
        """A program has left the bus: its connections are let go, as BlueZ does not always do."""
        if not new_owner:
            self._scanning.discard(name)
            for insole in self._insoles:
                if insole.host == name:
                    self.lose(insole)

    # ---- what is told ---------------------------------------------------------------------------------------------

    async def _advertise(self) -> None:
        """While somebody scans, insoles that are not connected are heard ten times a second."""
        while True:
            for insole in self._insoles if self._scanning else ():
                if not insole.in_reach or insole.host:
                    continue
                if insole.path not in self._known:
                    self._known.add(insole.path)
                    self._added(insole.path, insole.objects()[insole.path])
                else:
                    self._changed(insole.path, _DEVICE, {"RSSI": Variant("n", -50)})
            await asyncio.sleep(ADVERTISE_S)

    def _added(self, path: str, interfaces: dict[str, Properties]) -> None:
        self._signal("/", _OBJECTS, "InterfacesAdded", "oa{sa{sv}}", [path, interfaces])

    def _changed(self, path: str, interface: str, properties: Properties) -> None:
        self._signal(path, _PROPERTIES, "PropertiesChanged", "sa{sv}as", [interface, properties, []])

    def _signal(self, path: str, interface: str, member: str, signature: str, body: list[Any]) -> None:
        self._bus.send(Message.new_signal(path, interface, member, signature, body))


async def serve(insoles: VirtualInsoles, folder: Path, announce: Callable[[str, list[str]], None]) -> int:
    """Be two insoles on a bus of their own until the session ends; the runner starts with the first START.

    Parameters
    ----------
    insoles : VirtualInsoles
    folder : Path
        For the bus; not readable by others.
    announce : callable
        Called with the address of the bus and the names of the insoles once they can be found.

    Returns
    -------
    int
        Packets that nobody was subscribed to.
    """
    radios = {
        side: BlueZInsole(NAMES[side], f"F0:F0:F0:F0:F0:{side + 1:02X}", firmware)
        for side, firmware in insoles.firmware.items()
    }
    bluez, missed = BlueZ(list(radios.values())), 0
    async with private_bus(folder) as address:
        await bluez.start(address)
        try:
            announce(address, [radio.name for radio in radios.values()])
            while not any(firmware.started for firmware in insoles.firmware.values()):
                await asyncio.sleep(ADVERTISE_S)
            async for step in insoles.steps():
                for side, radio in radios.items():
                    radio.in_reach = not step.unplugged
                    if step.unplugged:
                        bluez.lose(radio)
                        continue
                    packets = [packet for of, packet in step.packets if of is side]
                    missed += 0 if await bluez.send(radio, packets) else len(packets)
        finally:
            await bluez.stop()
    return missed
