"""The first page of a recording: all that an analysis needs besides the inputs.

In: devices, settings and runner of a session, or the JSON of a file. Out: a frozen `Header`, or that JSON.

``{"format": 1, "software": "0.1.0", "source": "import:opengo", "start": {"host_ns": 0, "utc": "2026-11-23T10:00:00"},
"feet": {"left": {device profile}, "right": {...}}, "settings": {..., "calibration": {...}}, "runner": {"code": "R1",
"body_mass_kg": 70.0, "height_m": null, "shoe": "", ...}, "notes": "", "warnings": []}``, with the fields of `Device`,
`Settings` and `Runner`. Unknown numbers are null or left out. Keys may be added within a format; a change that an old
reader would misread is a new format.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from insole.blocks import Side
from insole.device import Device
from insole.errors import InsoleError, RecordingError, SettingsError
from insole.plain_values import build, known_part
from insole.settings import Runner, Settings

T = TypeVar("T")

FORMAT_VERSION = 1
NS_LIMIT = 2**63  # of times in ns


@dataclass(frozen=True, slots=True)
class Header:
    """What was recorded, from whom and with what.

    Parameters
    ----------
    feet : mapping of Side to Device
        The devices, by foot; one foot is enough.
    settings : Settings
        In force at the start, calibration included; later changes are inputs.
    runner : Runner
        Code, body mass, height, shoe, treadmill.
    start_host_ns : int
        Monotonic host time that is second 0 of the recording.
    start_utc : str
        The same moment as ISO 8601, empty if unknown.
    source : str
        Where the inputs came from: a source URL, or ``import:<format>``.
    notes : str
        Free text.
    warnings : tuple of str
        What was found wrong before the first input, an import's remarks for instance.
    software : str
        Version of this package that wrote the recording; the recorder fills it in.

    Raises
    ------
    SettingsError
        A zero of the settings is not one of these insoles.
    """

    feet: Mapping[Side, Device]
    settings: Settings
    runner: Runner
    start_host_ns: int
    start_utc: str
    source: str
    notes: str = ""
    warnings: tuple[str, ...] = ()
    software: str = ""

    def __post_init__(self) -> None:
        calibration = self.settings.calibration
        for side, device in self.feet.items():
            right = side is Side.RIGHT  # a belt goes with the left one
            zero_kpa = calibration.zero_right_kpa if right else calibration.zero_left_kpa
            if zero_kpa is not None and len(zero_kpa) != device.n_cells:
                key = "calibration.zero_right_kpa" if right else "calibration.zero_left_kpa"
                raise SettingsError(f"{key}: {len(zero_kpa)} values for an insole of {device.n_cells} cells")

    def to_json(self) -> bytes:
        """The header as it stands in a recording.

        Raises
        ------
        RecordingError
            A value is infinite, which JSON cannot say.
        """
        values = {
            "format": FORMAT_VERSION,
            "software": self.software,
            "source": self.source,
            "start": {"host_ns": self.start_host_ns, "utc": self.start_utc},
            "feet": {side.label: _known(device.to_dict()) for side, device in self.feet.items()},
            "settings": self.settings.to_dict(),
            "runner": asdict(self.runner),
            "notes": self.notes,
            "warnings": list(self.warnings),
        }
        try:
            return json.dumps(_nan_as_null(values), allow_nan=False).encode()
        except ValueError as error:
            raise RecordingError(f"recording header: {error}") from error

    @classmethod
    def from_json(cls, data: bytes) -> Header:
        """Read a header; nothing in it is taken on trust.

        Raises
        ------
        RecordingError
            Written in a later format, or not a header at all; the message lacks the file's name, which the caller adds.
        """
        try:
            values = json.loads(data)
            version = _of_kind(values["format"], int)
            if version > FORMAT_VERSION:
                raise RecordingError(
                    f"format {version}, written by insole {values.get('software', '?')}; this version reads up to "
                    f"format {FORMAT_VERSION}: update insole"
                )
            start_host_ns = _of_kind(values["start"]["host_ns"], int)
            if not -NS_LIMIT <= start_host_ns < NS_LIMIT:
                raise RecordingError(f"damaged header: start at {start_host_ns} ns")
            settings, unknown = known_part(Settings, _of_kind(values["settings"], dict))
            left_out = tuple(
                f"setting {key!r} of the recording is not known to this version: left out" for key in unknown
            )
            return cls(
                feet={
                    Side[name.upper()]: Device.from_dict(_of_kind(profile, dict), f"device of the {name} foot")
                    for name, profile in _of_kind(values["feet"], dict).items()
                },
                settings=Settings.from_dict(settings, "settings in the header"),
                runner=build(Runner, _of_kind(values["runner"], dict), "runner in the header"),
                start_host_ns=start_host_ns,
                start_utc=_of_kind(values["start"]["utc"], str),
                source=_of_kind(values["source"], str),
                notes=_of_kind(values["notes"], str),
                warnings=(*(_of_kind(line, str) for line in _of_kind(values["warnings"], list)), *left_out),
                software=_of_kind(values["software"], str),
            )
        except InsoleError as error:
            raise RecordingError(str(error)) from error
        except KeyError as error:
            raise RecordingError(f"damaged header: {error} missing or unknown") from error
        except (ValueError, TypeError, OverflowError, RecursionError) as error:
            raise RecordingError(f"damaged header: {error}") from error


def _known(values: dict[str, Any]) -> dict[str, Any]:
    """Leave out numbers that are not known: what is absent takes the same NaN again on reading."""
    return {key: value for key, value in values.items() if not (isinstance(value, float) and math.isnan(value))}


def _nan_as_null(value: Any) -> Any:
    """The same values with null for every NaN, which JSON does not have."""
    if isinstance(value, dict):
        return {key: _nan_as_null(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_nan_as_null(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def _of_kind(value: Any, kind: type[T]) -> T:
    """`value` if it is of that kind; JSON's true is not a number here."""
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise TypeError(f"{value!r:.40} where {kind.__name__} was expected")
    return value
