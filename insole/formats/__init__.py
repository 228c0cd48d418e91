"""Vendors' files in: a file of any known format becomes a header and the inputs of a live session.

What flows: file -> text to numbers (`reading`) -> frames in kPa on a uniform clock (`vendors`, as `vendor` says)
-> faults of transmission marked absent (`faults`) -> whole counts (`quantise`), packets of the wire format and host
stamps (`framing`) -> inputs. `FORMATS` is the table of all formats, in the order in which they are tried; each is one
module with `sniff` (does it look like mine?) and `read`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from insole.blocks import Input, Packets
from insole.errors import FormatError, SettingsError
from insole.formats.framing import inputs_of, recording_zero_us
from insole.formats.quantise import unit_of
from insole.formats.reading.text import TextFile, read_head, shown
from insole.formats.vendor import Request, VendorFile
from insole.formats.vendors import (
    c3d_plates,
    force_table,
    fscan,
    loadsol,
    opengo,
    opensim_mot,
    pedar,
    profile,
    stappone,
    xsensor,
)
from insole.recording import Header, is_recording
from insole.settings import Runner, Settings

__all__ = ["FORMATS", "Format", "Imported", "explain", "import_file", "recognise"]


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file.

    Parameters
    ----------
    name : str
        As `--format` takes it, and as it stands in a recording's source.
    title : str
    sniff : callable
        Whether the first bytes of a file look like it.
    read : callable
        Opens it.
    files : int
        At most so many files make one recording.
    """

    name: str
    title: str
    sniff: Callable[[bytes], bool]
    read: Callable[[Request], VendorFile]
    files: int = 1


FORMATS: tuple[Format, ...] = (
    Format("loadsol", "novel loadsol text export", loadsol.sniff, loadsol.read),
    Format("opengo", "Moticon OpenGo text export", opengo.sniff, opengo.read),
    Format("pedar", "novel pedar ASCII export", pedar.sniff, pedar.read),
    Format("xsensor", "XSENSOR insole export", xsensor.sniff, xsensor.read),
    Format("fscan", "Tekscan F-Scan ASCII movie, one foot a file", fscan.sniff, fscan.read, files=2),
    Format("stappone", "stAPPone recording", stappone.sniff, stappone.read),
    Format("c3d", "C3D force plates", c3d_plates.sniff, c3d_plates.read),
    Format("mot", "OpenSim ground reaction forces", opensim_mot.sniff, opensim_mot.read),
    Format("force", "force table (time_s, left_force_n, ...)", force_table.sniff, force_table.read),
)


@dataclass(frozen=True, slots=True)
class Imported:
    """A vendor's file as a session.

    Parameters
    ----------
    header : Header
    inputs : iterator of list of Input
        About a second at a time; ends with one `LinkEvent` of kind 'import' for everything found on the way.
    file : VendorFile
        What was read; its `findings` are complete when the inputs have been iterated.
    """

    header: Header
    inputs: Iterator[list[Input]]
    file: VendorFile

    def share(self) -> float:
        """How much of the file has been read, 0 to 1."""
        return self.file.share()

    def remarks(self) -> tuple[str, ...]:
        """What was found wrong with the file; complete when the inputs have been iterated."""
        return self.file.findings.lines()


def recognise(path: Path) -> Format:
    """The format of a file, from its content.

    Raises
    ------
    FormatError
        No format fits; lists those known. A recording is no vendor's file.
    """
    head = read_head(path)
    if is_recording(path):
        raise FormatError(
            path, "is an MCAP file, no vendor's: a recording needs no import; analyze, replay, check and export take it"
        )
    with suppress(FormatError):  # no text: its bytes are looked at as they are
        head = TextFile.open(path).head().encode()
    for form in FORMATS:
        if form.sniff(head):
            return form
    raise FormatError(
        path,
        f"no known format ({_known()}); describe a table of your own in a TOML profile: "
        "'insole import --format my_insole.toml'",
    )


def import_file(
    path: Path | str | Sequence[Path | str],
    *,
    format: str | None = None,  # noqa: A002
    body_mass_kg: float | None = None,
) -> Imported:
    """Open a vendor's file.

    Parameters
    ----------
    path : path or sequence of paths
        One file, or the left and the right one where one file holds one foot.
    format : str, optional
        Name of a format instead of recognising it, or the path of a TOML profile (`insole.formats.vendors.profile`).
    body_mass_kg : float, optional
        Turns a table in body weights into newtons, and goes into the header.

    Returns
    -------
    Imported
        The header at once; the inputs as they are iterated, in bounded memory.

    Raises
    ------
    FormatError
        Unknown format or damaged file; while iterating, too, for damage further down.
    SettingsError
        The profile is not what it should be, or the body mass is no person's.
    """
    paths = tuple(Path(one) for one in ([path] if isinstance(path, (str, Path)) else path))
    form = recognise(paths[0]) if format is None else _named(paths[0], format)
    if len(paths) > form.files:
        raise FormatError(
            paths[form.files],
            f"one recording is made of {form.files} {form.name} file(s): import the others by themselves",
        )
    runner = Runner() if body_mass_kg is None else Runner(body_mass_kg=body_mass_kg, body_mass_source="option")
    try:
        file = form.read(Request(paths, body_mass_kg))
    except SettingsError as error:
        if form not in FORMATS:
            raise  # it names the profile
        raise FormatError(paths[0], f"describes no possible insole: {error}") from error
    if file.nominal_mass_kg is not None:
        runner = replace(runner, body_mass_kg=file.nominal_mass_kg, body_mass_source="nominal")
    header = Header(
        feet={side: foot.device for side, foot in file.feet.items()},
        settings=Settings(),
        runner=runner,
        start_host_ns=0,
        start_utc=file.start_utc,
        source=f"import:{form.name}",
        warnings=file.warnings,
    )
    return Imported(header, inputs_of(file), file)


def explain(path: Path | str | Sequence[Path | str], *, format: str | None = None) -> list[str]:  # noqa: A002
    """Say what an import recognises, uses, ignores and finds wrong; reads the whole file and keeps nothing.

    Parameters
    ----------
    path, format
        As `import_file`.

    Returns
    -------
    list of str
        Lines for people.

    Raises
    ------
    FormatError, SettingsError
        As `import_file`.
    """
    imported = import_file(path, format=format)
    packets: dict[int, int] = {}
    last_ns = 0
    for inputs in imported.inputs:
        for item in inputs:
            last_ns = max(last_ns, int(item.t_host_ns[-1]) if isinstance(item, Packets) else item.t_host_ns)
            if isinstance(item, Packets):
                packets[item.link] = packets.get(item.link, 0) + len(item.ends)
    file, form = imported.file, imported.header.source.removeprefix("import:")
    lines = [f"format    {form} ({next((f.title for f in FORMATS if f.name == form), 'profile')})"]
    for side, foot in file.feet.items():
        device = foot.device
        places = "with positions" if device.has_geometry else "without positions"
        lines.append(
            f"{side.label:9} {device.n_cells} cell(s) {places}, {device.area_mm2.sum() / 100:.1f} cm2, "
            f"nominal {device.rate_hz:g} Hz, "
            f"measured {foot.clock.rate_hz:.2f} Hz, stored in steps of {device.scale_kpa[0]:g} {unit_of(device)}"
        )
    zero_s = recording_zero_us(file.feet) * 1e-6
    lines.append(f"time      {last_ns * 1e-9:.2f} s; second 0 of the recording is second {zero_s:g} of the file")
    lines.append(f"used      {', '.join(_shortened(file.used))}")
    if file.ignored:
        lines.append(f"ignored   {', '.join(_shortened(file.ignored))}")
    lines += [f"warning   {warning}" for warning in file.warnings]
    lines += [f"found     {finding}" for finding in file.findings.lines()]
    return lines


def _named(path: Path, name: str) -> Format:
    if name.endswith(".toml"):
        described = profile.read_profile(Path(name))
        return Format(
            described.name,
            "profile",
            bool,
            partial(profile.read, described),
            files=1 + (None in described.feet),
        )
    for form in FORMATS:
        if form.name == name:
            return form
    raise FormatError(path, f"no format '{name}'; known are {_known()}, or the path of a TOML profile")


def _known() -> str:
    return ", ".join(form.name for form in FORMATS)


def _shortened(names: Sequence[str]) -> list[str]:
    """Long lists of columns by their ends."""
    picked = [*names[:6], f"... ({len(names) - 9} more)", *names[-3:]] if len(names) > 12 else list(names)
    return [shown(name) for name in picked]
