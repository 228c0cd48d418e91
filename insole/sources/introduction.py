"""Who is there: the first bytes of a link in, the devices of the feet and a recording's header out.

A device says what it is in an information packet (firmware_protocol/README.md, section 5). Its model names the profile
with the geometry and the calibration; cells, bits and rate are taken from what it says itself.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime

from firmware_protocol import VERSION, Decoder, DeviceInformation, RequestInformation, Start, Stop, encode_message
from firmware_protocol import Side as WireSide
from insole.blocks import Side
from insole.device import Device
from insole.errors import DeviceNotFound, ProtocolError, SettingsError
from insole.recording import Header
from insole.settings import Runner, Settings

REQUEST = encode_message(RequestInformation(), WireSide.BOTH)
START = encode_message(Start(), WireSide.BOTH, sequence=1)
STOP = encode_message(Stop(), WireSide.BOTH, sequence=2)

FEET = {"both": (Side.LEFT, Side.RIGHT), "left": (Side.LEFT,), "right": (Side.RIGHT,), "belt": (Side.BELT,)}
HEADER_OPTIONS = ("mass", "runner", "shoe")


class Introduction:
    """Listens to the beginning of a link until every foot on it has said what it is.

    Parameters
    ----------
    url : str
        Of the source, for error messages.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._decoder = Decoder()
        self._bytes = 0
        self._cells: dict[Side, int] = {}  # of the frames that came
        self.said: dict[Side, DeviceInformation] = {}

    def push(self, data: bytes) -> None:
        """Take the next bytes of the link."""
        self._bytes += len(data)
        decoded = self._decoder.push(data)
        for frames in decoded.frames:
            self._cells[Side(frames.side)] = frames.counts.shape[1]
        for message in decoded.messages:
            if isinstance(message.body, DeviceInformation) and message.side in Side._value2member_map_:
                self.said[Side(message.side)] = message.body

    @property
    def complete(self) -> bool:
        """Nobody is left to speak: both feet, or a belt, have said what they are."""
        return {Side.LEFT, Side.RIGHT} <= set(self.said) or Side.BELT in self.said

    def feet(self) -> dict[Side, Device]:
        """The devices.

        Raises
        ------
        DeviceNotFound
            Nothing came.
        ProtocolError
            What came is not this wire format, or another version of it, or nobody said what they are.
        SettingsError
            No profile has the name of the model, or it has another number of cells.
        """
        if not self._bytes:
            raise DeviceNotFound(
                self._url, "is open, but nothing comes: is the insole switched on? (device=NAME opens it unheard)"
            )
        counters = self._decoder.counters
        if not self.said and not self._cells:
            if counters.unknown_version:
                raise ProtocolError(
                    f"{self._url}: speaks a version of the wire format that is not known here (known: {VERSION}): "
                    "update insole"
                )
            raise ProtocolError(
                f"{self._url}: {self._bytes} bytes came, none of them a packet of the wire format: another kind of "
                "device, or another speed (baud=)"
            )
        if mute := set(self._cells) - set(self.said):
            side = min(mute)
            raise ProtocolError(
                f"{self._url}: the {side.label} insole sends frames of {self._cells[side]} cells, but does not say "
                "what it is: name its profile, device=NAME"
            )
        return {side: self._device(side, said) for side, said in sorted(self.said.items())}

    def _device(self, side: Side, said: DeviceInformation) -> Device:
        try:
            device = Device.named(said.model)
        except SettingsError as error:
            raise SettingsError(
                f"{self._url}: no profile of the model '{said.model}' ({said.cells} cells, {side.label}): "
                "write one, device=FILE.toml"
            ) from error
        if device.n_cells != said.cells:
            raise SettingsError(
                f"{self._url}: the {side.label} insole has {said.cells} cells, its profile '{said.model}' has "
                f"{device.n_cells}: name the right one, device=NAME"
            )
        return device.with_changes(rate_hz=said.rate_mhz / 1000, full_scale_counts=2**said.bits - 1)


def named_feet(options: Mapping[str, str]) -> dict[Side, Device] | None:
    """The devices that `device=` and `feet=` name; None where the insoles are to say themselves what they are.

    Raises
    ------
    ValueError
        `feet` without `device`, or no such feet.
    SettingsError
        No such profile.
    """
    feet = options.get("feet", "both")
    if feet not in FEET:
        raise ValueError(f"feet = '{feet}': expected {', '.join(FEET)}")
    if "device" not in options:
        if "feet" in options:
            raise ValueError("feet= goes with device=: without it the insoles say themselves which foot they are on")
        return None
    return dict.fromkeys(FEET[feet], Device.named(options["device"]))


def live_header(url: str, feet: Mapping[Side, Device], options: Mapping[str, str]) -> Header:
    """A header that begins now; `mass` in kg, `runner` (a code) and `shoe` from the options.

    Raises
    ------
    ValueError
        The mass is no number.
    SettingsError
        Or nobody's.
    """
    mass = options.get("mass")
    try:
        mass_kg = None if mass is None else float(mass)
    except ValueError:
        raise ValueError(f"mass = '{mass}': expected kg") from None
    runner = Runner(code=options.get("runner", ""), body_mass_kg=mass_kg, shoe=options.get("shoe", ""))
    started = datetime.now(UTC).isoformat(timespec="seconds")
    return Header(feet, Settings(), runner, time.perf_counter_ns(), started, url)


def refuse_unknown(options: Mapping[str, str], known: tuple[str, ...]) -> None:
    """A ValueError that names an option which is none, and those there are."""
    unknown = set(options) - set(known)
    if unknown:
        raise ValueError(f"unknown option '{min(unknown)}'; known are {', '.join(sorted(known))}")


def backoff_s(attempt: int) -> float:
    """How long to wait before the next attempt to reach a link that is gone, from 0.1 s up to 2 s."""
    return float(min(0.1 * 2**attempt, 2.0))
