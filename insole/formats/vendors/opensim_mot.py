"""OpenSim storage files (.mot) of ground reaction forces: vertical force of each foot, or of numbered plates.

The vertical axis of OpenSim is y: columns such as `R_ground_force_vy`, `ground_force_1_vy`, `1_ground_force_vy`. A
plate without a side is a belt if it is the only one. What the header counts is held against what there is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from insole.blocks import Side
from insole.errors import FormatError
from insole.formats.findings import Findings
from insole.formats.reading.table import Table, split_header
from insole.formats.reading.text import TextFile, shown, text_of
from insole.formats.signals import Timing, open_signals
from insole.formats.vendor import Request, VendorFile
from insole.formats.vendors.force_table import force_signal

_VERTICAL = re.compile(
    r"(?:(?P<side>l|r|left|right)_|\d+_)?(?:ground_)?force_?(?P<plate>\d*)(?:_(?P<side2>l|r|left|right))?_?vy$"
)

_COUNT = re.compile(r"\s*(?:data|n)(rows|columns)[\s=]+(\d{1,9})\b", re.IGNORECASE)


def sniff(head: bytes) -> bool:
    """Whether a header ends with 'endheader' and columns of ground forces follow."""
    text = text_of(head).lower()
    below = text.partition("endheader")[2].split("\n", 3)[1:3]
    return any("force" in line and "time" in line for line in below)


def read(request: Request) -> VendorFile:
    """Open a file of ground reaction forces.

    Raises
    ------
    FormatError
        No time, no vertical force, or plates that belong to no foot.
    """
    text = TextFile.open(request.path)
    lines = text.head().split("\n")
    end = next((i for i, line in enumerate(lines) if line.strip().lower() == "endheader"), None)
    if end is None:
        raise FormatError(text.path, "no line 'endheader'")
    at = next((i for i in range(end + 1, len(lines)) if lines[i].strip()), None)
    if at is None:
        raise FormatError(text.path, "no column names below 'endheader'", end + 1)
    names, delimiter = split_header(lines[at])
    if "time" not in names:
        raise FormatError(text.path, "no column 'time'", at + 1)
    found = {i: match for i, name in enumerate(names) if (match := _VERTICAL.match(name))}
    if not found:
        raise FormatError(text.path, "no vertical ground force (a column such as R_ground_force_vy)", at + 1)
    sides: dict[Side, int] = {}
    for i, match in found.items():
        letter = (match["side"] or match["side2"] or "")[:1]
        side = {"l": Side.LEFT, "r": Side.RIGHT}.get(letter, Side.BELT)
        if side in sides:
            raise FormatError(
                text.path,
                f"'{shown(names[i])}' and '{shown(names[sides[side]])}': which foot is on which plate is not said; "
                "call the columns l_... and r_...",
                at + 1,
            )
        sides[side] = i
    if len(sides) > 1 and Side.BELT in sides:
        raise FormatError(text.path, f"'{shown(names[sides[Side.BELT]])}' belongs to no foot", at + 1)
    findings = Findings()
    table = Table.below(text, lines, at + 2, delimiter, lines[at])
    signals = {side: force_signal(sides[side]) for side in sorted(sides)}
    feet, frames = open_signals(table, Timing(names.index("time")), signals, findings)
    return VendorFile(
        feet,
        lambda: frames,
        used=("time", *(names[i] for i in found)),
        ignored=tuple(name for i, name in enumerate(names) if name and name != "time" and i not in found),
        warnings=tuple(_miscounted(text, lines[:end], at + 1, len(names))),
        findings=findings,
        share=text.share,
    )


def _miscounted(text: TextFile, header: Sequence[str], above: int, columns: int) -> Iterator[str]:
    """What the header counts otherwise than it is: rows below the first `above` lines, and columns."""
    end = b""
    newlines = 0
    for end in text.blocks():
        newlines += end.count(b"\n")
    blank = len(end) - len(end.rstrip(b"\n"))
    there = {"rows": newlines - blank + 1 - above, "columns": columns}
    for line in header:
        counted = _COUNT.match(line)
        if counted is not None and int(counted[2]) != there[counted[1].lower()]:
            what = counted[1].lower()
            yield f"the header counts {counted[2]} {what}, and there are {there[what]}: cut off, or changed since"
