"""Plantar pressure in running: from smart insoles to contacts, loading rates, asymmetry and flags.

>>> import insole
>>> table = insole.analyse("run.mcap").contacts  # doctest: +SKIP

Names are imported when first used, so that `import insole` and the command line stay light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from insole.analysis import analyse
    from insole.device import Device
    from insole.formats import import_file
    from insole.pipeline import Pipeline
    from insole.recording import open_recording
    from insole.report.force import stream_force
    from insole.report.frames import to_pandas, to_polars
    from insole.session import run
    from insole.settings import Settings

__all__ = [
    "Device",
    "Pipeline",
    "Settings",
    "analyse",
    "import_file",
    "open_recording",
    "run",
    "stream_force",
    "to_pandas",
    "to_polars",
]
__version__ = "0.1.0"

_ROOM = {
    "Device": "insole.device",
    "Pipeline": "insole.pipeline",
    "Settings": "insole.settings",
    "analyse": "insole.analysis",
    "import_file": "insole.formats",
    "open_recording": "insole.recording",
    "run": "insole.session",
    "stream_force": "insole.report.force",
    "to_pandas": "insole.report.frames",
    "to_polars": "insole.report.frames",
}


def __getattr__(name: str) -> Any:
    if name not in _ROOM:
        raise AttributeError(f"module 'insole' has no attribute '{name}'")
    return getattr(import_module(_ROOM[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
