"""The generic force table: `time_s` and vertical forces of the feet, or of one belt, in newtons or body weights.

In: a delimited text file with a header line. Out: one force signal a foot. Any rate; upward force is positive.
"""

from __future__ import annotations

import re

from insole.blocks import GRAVITY_M_S2, Side
from insole.device import force_device
from insole.errors import FormatError
from insole.formats.findings import Findings
from insole.formats.reading.table import Table, split_header
from insole.formats.reading.text import TextFile, text_of
from insole.formats.signals import Signal, Timing, open_signals
from insole.formats.vendor import Request, VendorFile

NOMINAL_MASS_KG = 70.0
"""Turns body weights into newtons, and back, where no body mass is known: then only body weights mean anything."""

NOMINAL_WARNING = (
    f"no body mass is known: forces in newtons are for a nominal {NOMINAL_MASS_KG:g} kg, those in body weights hold"
)
_FORCE = re.compile(r"(left|right|total)_force_(n|bw)$")


def sniff(head: bytes) -> bool:
    """Whether the first line names `time_s` and a force column."""
    names, _ = split_header(text_of(head).split("\n", 1)[0])
    return "time_s" in names and any(_FORCE.match(name) for name in names)


def read(request: Request) -> VendorFile:
    """Open a force table.

    Raises
    ------
    FormatError
        Columns missing or mixed, or time stamps that make no clock.
    """
    text = TextFile.open(request.path)
    lines = text.head().split("\n")
    names, delimiter = split_header(lines[0])
    found = {name: match for name in names if (match := _FORCE.match(name))}
    if "time_s" not in names or not found:
        raise FormatError(
            text.path, "expected columns time_s and left_force_n, right_force_n or total_force_n (or _bw)", 1
        )
    duplicated = {name for name in (*found, "time_s") if names.count(name) > 1}
    if duplicated:
        raise FormatError(text.path, f"column {min(duplicated)} stands twice", 1)
    kinds = {match[1] for match in found.values()}
    units = {match[2] for match in found.values()}
    if "total" in kinds and len(kinds) > 1:
        raise FormatError(text.path, "total_force and forces of the feet together: give one or the other", 1)
    if len(units) > 1:
        raise FormatError(text.path, "forces in newtons and in body weights together: give one or the other", 1)
    in_bw = units == {"bw"}
    newtons = (request.body_mass_kg or NOMINAL_MASS_KG) * GRAVITY_M_S2 if in_bw else 1.0
    signals = {
        Side.BELT if match[1] == "total" else Side[match[1].upper()]: force_signal(names.index(name), newtons)
        for name, match in found.items()
    }
    findings = Findings()
    table = Table.below(text, lines, 2, delimiter, lines[0])
    feet, frames = open_signals(table, Timing(names.index("time_s")), signals, findings)
    nominal = in_bw and request.body_mass_kg is None
    return VendorFile(
        feet,
        lambda: frames,
        used=("time_s", *found),
        ignored=tuple(name for name in names if name and name != "time_s" and name not in found),
        warnings=(NOMINAL_WARNING,) if nominal else (),
        findings=findings,
        share=text.share,
        nominal_mass_kg=NOMINAL_MASS_KG if nominal else None,
    )


def force_signal(column: int, newtons_per_unit: float = 1.0) -> Signal:
    """A column of force; rate and scale are fitted later."""
    return Signal((column,), newtons_per_unit, force_device("force", 100.0, 1.0))
