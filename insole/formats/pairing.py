"""Two files of one foot each as one recording."""

from __future__ import annotations

from collections.abc import Iterator

from insole.errors import FormatError
from insole.formats.findings import Findings
from insole.formats.vendor import EndOfFoot, Item, Samples, VendorFile


def pair(files: tuple[VendorFile, ...], names: tuple[str, ...]) -> VendorFile:
    """Join files of different feet; their clocks are taken as one, started together.

    Parameters
    ----------
    files : tuple of VendorFile
        One or two, of one foot each.
    names : tuple of str
        Of the files, for messages.

    Raises
    ------
    FormatError
        Both are of the same foot.
    """
    if len(files) == 1:
        return files[0]
    sides = [next(iter(file.feet)) for file in files]
    if len(set(sides)) < len(sides):
        raise FormatError(names[1], f"the {sides[1].label} foot again: two files must be the two feet")
    findings = Findings()
    first, second = files

    def stream() -> Iterator[Item]:
        streams = {side: file.stream() for side, file in zip(sides, files, strict=True)}
        reached = dict.fromkeys(sides, -1.0)
        while streams:
            behind = min(streams, key=reached.__getitem__)
            item = next(streams[behind], None)
            if item is None:
                del streams[behind]
                yield EndOfFoot(behind)
                continue
            if isinstance(item, Samples) and len(item.number):
                clock = files[sides.index(behind)].feet[behind].clock
                reached[behind] = clock.start_s + float(item.number[-1]) * clock.period_s
            yield item
        for file in files:
            findings.join(file.findings)

    return VendorFile(
        {**first.feet, **second.feet},
        stream,
        used=first.used,
        ignored=first.ignored,
        warnings=(
            *dict.fromkeys((*first.warnings, *second.warnings)),
            "one file a foot: the feet are taken to have started together; check times between them",
        ),
        findings=findings,
        start_utc=first.start_utc,
        nominal_mass_kg=first.nominal_mass_kg,
        share=lambda: 0.5 * (first.share() + second.share()),
    )
