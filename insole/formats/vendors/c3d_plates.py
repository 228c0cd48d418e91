"""Force plates in C3D files (https://www.c3d.org): vertical force of all plates together, as of one belt.

Which foot is on which plate a C3D file does not say; plates are added up unless exactly two carry 'left' and 'right'
in the names of their channels. Read here without a library: the format is public and short, and a damaged file must
end in one line, not in a crash of foreign code.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from insole.blocks import FloatArray, Side
from insole.device import force_device
from insole.errors import FormatError
from insole.formats.clock import Clock
from insole.formats.findings import Findings
from insole.formats.quantise import fitted_range
from insole.formats.reading.text import shown
from insole.formats.vendor import Foot, Request, Samples, VendorFile

BLOCK = 512
MAGIC = 0x50
FRAMES_A_BLOCK = 4096
MAX_CHANNELS = 4096
MAX_FORCE_N = 20_000.0
BYTES_BEHIND = "bytes behind the last frame: some were added or lost, and what follows them is shifted"
MISSING_FRAMES = "frames that the header counts are not there: cut off, or bytes lost anywhere before"
_INTEL, _DEC, _MIPS = 84, 85, 86
_KINDS = {-1: "S1", 1: "i1", 2: "i2", 4: "f4"}
_VERTICAL = 2
"""Position of the vertical force among a plate's channels (types 1, 2, 4 and 5: Fx, Fy, Fz)."""


def sniff(head: bytes) -> bool:
    """Whether the first block is a C3D header: a parameter block number, then 0x50."""
    return len(head) >= BLOCK and head[1] == MAGIC and 2 <= head[0] <= 64


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the analog samples are and what they mean."""

    start: int  # byte
    frames: int  # of markers
    promised: int  # by the header; 0 where it cannot count that far
    behind: int  # bytes behind the last frame that no padding explains
    markers: int  # numbers before the analog ones in a frame
    channels: int
    per_frame: int  # analog samples a channel in a frame
    dtype: np.dtype[np.generic]
    dec: bool
    rate_hz: float
    scale: FloatArray
    offset: FloatArray


Parameters = dict[tuple[str, str], list[float] | list[str]]


def read(request: Request) -> VendorFile:
    """Open the force plates of a C3D file.

    Raises
    ------
    FormatError
        No plates, no analog samples, or a header that contradicts itself.
    """
    path = request.path
    try:
        with path.open("rb") as file:
            header = file.read(BLOCK)
            processor, parameters = _parameters(path, file, header)
            size = file.seek(0, 2)
    except OSError as error:
        raise FormatError(path, f"cannot be read ({error.strerror})") from error
    layout = _layout(path, header, processor, parameters, size)
    vertical, names = _vertical_channels(path, parameters, layout)
    feet_of = _feet(vertical, names)
    extremes = {side: [0.0, 0.0] for side in feet_of}
    pushes = dict.fromkeys(feet_of, 0.0)  # squares of the force with its sign: many loaded samples outweigh a spike
    for block in _blocks(path, layout):
        for side, channels in feet_of.items():
            total = _total_n(block, channels)
            low, high = extremes[side]
            extremes[side] = [
                min(low, float(np.nanmin(total, initial=0.0))),
                max(high, float(np.nanmax(total, initial=0.0))),
            ]
            pushes[side] += float(np.nansum(total * np.abs(total)))
    signs = {side: 1.0 if push >= 0 else -1.0 for side, push in pushes.items()}
    clock = Clock(0.0, 1.0 / layout.rate_hz)
    feet = {}
    for side, (low, high) in extremes.items():
        step_n, offset = fitted_range(*sorted((low * signs[side], high * signs[side])))
        feet[side] = Foot(force_device("force plates", layout.rate_hz, step_n, offset), clock)
    findings = Findings()

    def stream() -> Iterator[Samples]:
        findings.add(MISSING_FRAMES, max(layout.promised - layout.frames, 0))
        findings.add(BYTES_BEHIND, layout.behind)
        at = 0
        for block in _blocks(path, layout):
            number = np.arange(at, at + len(block))
            at += len(block)
            for side, channels in feet_of.items():
                total = _total_n(block, channels)
                wild = np.count_nonzero(np.isnan(total) & np.isfinite(block[:, channels]).all(axis=1))
                findings.add(f"forces beyond {MAX_FORCE_N:g} N: left out", wild)
                yield Samples(side, number, signs[side] * total[:, None])

    together = (
        "plates added up: which foot is on which is not said" if Side.BELT in feet_of else "feet by the channels' names"
    )
    return VendorFile(
        feet,
        stream,
        used=tuple(names),
        ignored=(f"{layout.channels - len(vertical)} other analog channels", "markers", "events"),
        warnings=(f"{len(vertical)} force {together}",),
        findings=findings,
    )


def _total_n(block: FloatArray, channels: list[int]) -> FloatArray:
    """Force of some plates together, (n,); NaN where no runner could press so hard."""
    total: FloatArray = block[:, channels].sum(axis=1)
    total[np.abs(total) > MAX_FORCE_N] = np.nan
    return total


def _blocks(path: Path, layout: _Layout) -> Iterator[FloatArray]:
    """Analog samples (n, channels) in the file's units; what is not finite is NaN."""
    numbers = layout.markers + layout.channels * layout.per_frame
    width = numbers * layout.dtype.itemsize
    with path.open("rb") as file:
        file.seek(layout.start)
        left = layout.frames
        frames_at_once = max(1, FRAMES_A_BLOCK // layout.per_frame)
        while left > 0:
            data = file.read(min(left, frames_at_once) * width)
            frames = len(data) // width
            if frames == 0:
                return
            left -= frames
            raw = np.frombuffer(data, layout.dtype, frames * numbers).reshape(frames, numbers)
            analog = raw[:, layout.markers :].reshape(frames * layout.per_frame, layout.channels)
            with np.errstate(all="ignore"):
                values = (
                    (_from_dec(analog) if layout.dec else analog.astype(np.float64)) - layout.offset
                ) * layout.scale
            yield np.where(np.abs(values) < 1e7, values, np.nan)


def _layout(path: Path, header: bytes, processor: int, parameters: Parameters, size: int) -> _Layout:
    def number(group: str, name: str, low: float, high: float) -> float:
        value = next(iter(parameters.get((group, name), [])), np.nan)
        if not isinstance(value, float) or not low <= value <= high:
            raise FormatError(path, f"parameter {group}:{name} is {shown(str(value))}: expected {low:g} to {high:g}")
        return value

    order = ">" if processor == _MIPS else "<"
    markers = int(number("POINT", "USED", 0, 10_000))
    channels = int(number("ANALOG", "USED", 1, MAX_CHANNELS))
    point_rate, rate = number("POINT", "RATE", 0.1, 1e5), number("ANALOG", "RATE", 1.0, 5000.0)
    per_frame = round(rate / point_rate)
    if not 1 <= per_frame <= 5000 or abs(per_frame * point_rate / rate - 1) > 0.001:
        raise FormatError(path, f"{rate:g} Hz analog is no multiple of {point_rate:g} Hz")
    in_floats = number("POINT", "SCALE", -1e9, 1e9) < 0
    start = BLOCK * (int(number("POINT", "DATA_START", 2, 65535)) - 1)
    unsigned = str(next(iter(parameters.get(("ANALOG", "FORMAT"), [])), "")).upper().startswith("UNSIGNED")
    dtype = np.dtype(order + ("f4" if in_floats else "u2" if unsigned else "i2"))
    first, last = struct.unpack_from(order + "HH", header, 6)
    width = dtype.itemsize * (4 * markers + channels * per_frame)
    frames = (size - start) // width
    promised = last - first + 1 if first <= last < 0xFFFF else 0  # from there on the header cannot count
    frames = min(frames, promised or frames)
    if frames < 1:
        raise FormatError(path, "no analog samples")
    behind = size - start - frames * width
    padded = size % BLOCK == 0 and behind < BLOCK
    general = number("ANALOG", "GEN_SCALE", -1e9, 1e9)
    scale = _numbers(parameters, "SCALE", channels, 1.0) * general
    offset = _numbers(parameters, "OFFSET", channels, 0.0)
    if unsigned:
        offset %= 65536.0  # stored as a signed number
    return _Layout(
        start=start,
        frames=frames,
        promised=promised,
        behind=0 if padded else behind,
        markers=4 * markers,
        channels=channels,
        per_frame=per_frame,
        dtype=dtype,
        dec=processor == _DEC and in_floats,
        rate_hz=rate,
        scale=scale,
        offset=offset,
    )


def _numbers(parameters: Parameters, name: str, channels: int, missing: float) -> FloatArray:
    """One number a channel."""
    given = [value for value in parameters.get(("ANALOG", name), []) if isinstance(value, float) and np.isfinite(value)]
    return np.array((given + [missing] * channels)[:channels])


def _vertical_channels(path: Path, parameters: Parameters, layout: _Layout) -> tuple[list[int], list[str]]:
    """Position and name of each plate's vertical force."""
    channels = [value for value in parameters.get(("FORCE_PLATFORM", "CHANNEL"), []) if isinstance(value, float)]
    types = [value for value in parameters.get(("FORCE_PLATFORM", "TYPE"), []) if isinstance(value, float)]
    plates = int(next((v for v in parameters.get(("FORCE_PLATFORM", "USED"), []) if isinstance(v, float)), 0))
    if not 1 <= plates <= 64 or len(channels) % plates or len(channels) < 3 * plates:
        raise FormatError(path, "no force plates (FORCE_PLATFORM:CHANNEL)")
    for kind in types[:plates]:
        if kind not in {1.0, 2.0, 4.0, 5.0}:
            raise FormatError(
                path, f"force plate of type {kind:g}: types 1, 2, 4 and 5, which give Fz itself, are read"
            )
    each = len(channels) // plates
    vertical = [int(channels[plate * each + _VERTICAL]) - 1 for plate in range(plates)]
    if not all(0 <= channel < layout.channels for channel in vertical):
        raise FormatError(path, "FORCE_PLATFORM:CHANNEL names channels that do not exist")
    labels = [str(label) for label in parameters.get(("ANALOG", "LABELS"), [])]
    names = [labels[channel] if channel < len(labels) else f"channel {channel + 1}" for channel in vertical]
    return vertical, names


def _feet(vertical: list[int], names: list[str]) -> dict[Side, list[int]]:
    sides = ["left" in name.lower() or None if "right" not in name.lower() else False for name in names]
    if len(vertical) == 2 and sorted(sides, key=str) == [False, True]:
        return {Side.LEFT: [vertical[sides.index(True)]], Side.RIGHT: [vertical[sides.index(False)]]}
    return {Side.BELT: vertical}


def _parameters(path: Path, file: BinaryIO, header: bytes) -> tuple[int, Parameters]:
    """Processor and all parameters, by group and name."""
    if not sniff(header):
        raise FormatError(path, "not a C3D file")
    file.seek(BLOCK * (header[0] - 1))
    blocks, processor = (*file.read(4).ljust(4, b"\0"),)[2:]
    if processor not in (_INTEL, _DEC, _MIPS):
        raise FormatError(path, f"C3D parameters of processor type {processor}: expected {_INTEL}, {_DEC} or {_MIPS}")
    data = file.read(BLOCK * blocks - 4)
    order = ">" if processor == _MIPS else "<"
    groups: dict[int, str] = {}
    found: list[tuple[int, str, list[float] | list[str]]] = []
    at = 0
    try:
        while at + 2 <= len(data):
            name_length, group = struct.unpack_from("bb", data, at)
            if name_length == 0:
                break
            name = data[at + 2 : at + 2 + abs(name_length)].decode("latin-1").upper()
            at += 2 + abs(name_length)
            (step,) = struct.unpack_from(order + "H", data, at)
            if group < 0:
                groups[-group] = name
            else:
                found.append((group, name, _values(data, at + 2, order, dec=processor == _DEC)))
            if step == 0:
                break
            at += step
    except (struct.error, IndexError, ValueError, KeyError) as error:
        raise FormatError(path, f"damaged C3D parameters near byte {at} ({error})") from error
    return processor, {(groups.get(group, ""), name): values for group, name, values in found}


def _values(data: bytes, at: int, order: str, *, dec: bool) -> list[float] | list[str]:
    """One parameter's numbers, or its strings without trailing blanks."""
    kind, dimensions = struct.unpack_from("bB", data, at)
    shape = data[at + 2 : at + 2 + dimensions]
    count = int(np.prod([int(n) for n in shape], dtype=np.int64)) if dimensions else 1
    at += 2 + dimensions
    if not 0 <= count <= len(data):
        raise ValueError(f"{count} values")
    dtype = np.dtype(_KINDS[kind]).newbyteorder(order)  # type: ignore[arg-type]
    raw = np.frombuffer(data, dtype, count, at)
    if kind == -1:
        text = raw.tobytes().decode("latin-1")
        width = shape[0] if dimensions else 1
        return [text[i : i + width].rstrip(" \0") for i in range(0, len(text), max(width, 1))]
    return [float(value) for value in (_from_dec(raw) if dec and kind == 4 else raw)]


def _from_dec(raw: npt.NDArray[np.generic]) -> FloatArray:
    """Floats of a DEC computer: words in the other order, exponent two higher."""
    words = np.ascontiguousarray(raw).view("<u2").reshape(*raw.shape, 2).astype(np.uint32)
    return (words[..., 0] << 16 | words[..., 1]).view(np.float32).astype(np.float64) / 4.0
