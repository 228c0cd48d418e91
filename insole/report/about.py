"""`<name>.json` beside every export: what a reader needs to trace a number back to the file it came of.

The file itself (name, size, SHA-256), who wrote it and with which version, devices, settings with their calibration,
body mass and where it comes from, what was found wrong, and unit and definition of every column.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy.typing as npt

from insole import __version__
from insole.analysis import Analysis
from insole.report.plain import free_path, new_file


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column of a table on disk: k values, and what they are."""

    name: str
    values: npt.NDArray[Any]  # (k,) float64 with NaN for withheld, int64, or str
    unit: str
    definition: str


def about(columns: Sequence[Column], analysis: Analysis) -> dict[str, Any]:
    """All that stands in a sidecar, as JSON takes it."""
    header = analysis.header
    return {
        "schema": 1,
        "software": __version__,
        "file": _fingerprint(analysis.file),
        "source": header.source,
        "start_utc": header.start_utc,
        "devices": {
            side.label: {"name": device.name, "rate_hz": device.rate_hz, "cells": device.n_cells}
            for side, device in header.feet.items()
        },
        "columns": {c.name: {"unit": c.unit, "definition": c.definition} for c in columns},
        "settings": header.settings.to_dict(),
        "body_mass_kg": header.runner.body_mass_kg,
        "body_mass_source": header.runner.body_mass_source,
        "warnings": list(analysis.warnings),
    }


def sidecar(path: Path) -> Path:
    """Where it stands for an export to `path`."""
    return path.with_name(f"{path.name}.json")


def free_with_sidecar(path: Path, force: bool) -> Path:
    """`path`, where it and its sidecar may be written.

    Raises
    ------
    InsoleError
        As `insole.report.plain.free_path`.
    """
    free_path(sidecar(path), force)
    return free_path(path, force)


def write_sidecar(path: Path, content: dict[str, Any], force: bool) -> None:
    """Write what `about` gives, and what an export adds to it, beside `path`."""
    with new_file(sidecar(path), force) as file:
        file.write(json.dumps(content, indent=1).encode())


def _fingerprint(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"name": path.name, "bytes": path.stat().st_size, "sha256": digest}
