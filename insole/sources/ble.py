"""Insoles over Bluetooth Low Energy, by bleak.

In: names or addresses, one an insole. Out: what their notifications carry, each insole a link of its own. One that is
lost, or not there yet, is looked for again while the other goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from firmware_protocol.gatt import DATA_UUID
from insole.blocks import Input, Side
from insole.device import Device
from insole.errors import DeviceNotFound, LinkError, ProtocolError
from insole.recording import Header
from insole.sources.ble_connection import (
    THIS_COMPUTER,
    Radio,
    bleak_errors,
    connected,
    data_uuid,
    described,
    keep_pinging,
    listen,
    quietly_stop,
)
from insole.sources.inbox import Inbox
from insole.sources.introduction import (
    HEADER_OPTIONS,
    REQUEST,
    START,
    Introduction,
    backoff_s,
    live_header,
    named_feet,
    refuse_unknown,
)
from insole.sources.pings import Pings
from insole.sources.vendor import Translator, ble_translator

if TYPE_CHECKING:
    from bleak import BleakClient

LISTEN_S = 3.0


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

    def __init__(
        self, names: Sequence[str], header: Header, *, radio: Radio = THIS_COMPUTER, inbox: Inbox | None = None
    ):
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
                            async with _meanwhile(keep_pinging(client, pings, self._inbox.now_ns)):
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


async def introduce(names: Sequence[str], radio: Radio = THIS_COMPUTER) -> dict[Side, Device]:
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
async def _meanwhile(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Have something done beside, and no longer than this."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
