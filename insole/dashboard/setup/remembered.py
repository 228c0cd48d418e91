"""Last time's choices, in one file on this computer that its owner alone can read. No Qt.

``{"schema": 1, "choices": {...}, "runners": {"R-014": {...}}}``: the last session, and what was entered of each runner,
by code. A file that cannot be read is as good as none: what is in it can be entered again.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from insole.dashboard.setup.choices import Choices
from insole.errors import InsoleError
from insole.report.plain import new_file

SCHEMA = 1
RUNNERS_KEPT = 200
OF_RUNNER = ("body_mass_kg", "height_m", "shoe", "speed_m_s", "incline_pct")
_KINDS: dict[str, tuple[type, ...]] = {"str": (str,), "bool": (bool,), "float | None": (int, float, type(None))}


class Remembered:
    """What was chosen before.

    Parameters
    ----------
    path : path, optional
        The file; without one nothing outlives this object.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._runners: dict[str, dict[str, Any]] = {}
        self.choices = Choices()
        if path is not None:
            with suppress(OSError, ValueError, TypeError, AttributeError, KeyError, InsoleError):
                self._read(json.loads(path.read_text(encoding="utf-8")))

    def _read(self, values: dict[str, Any]) -> None:
        if values["schema"] != SCHEMA:
            return
        choices = Choices(**_checked(values["choices"]))
        _ = choices.runner  # refuses what is nobody's
        self.choices = choices
        self._runners = {str(code): _checked(runner) for code, runner in values["runners"].items()}

    def runner(self, choices: Choices, code: str) -> Choices:
        """The choices with what is known of this runner; of one who is new nothing is known."""
        known = self._runners.get(code, {})
        unknown = Choices()
        return replace(choices, code=code, **{name: known.get(name, getattr(unknown, name)) for name in OF_RUNNER})

    def keep(self, choices: Choices) -> None:
        """Remember these; notes belong to a session and are not kept.

        Raises
        ------
        InsoleError, OSError
            The file cannot be written.
        """
        self.choices = replace(choices, notes="")
        if choices.code:
            self._runners.pop(choices.code, None)
            self._runners[choices.code] = {name: getattr(choices, name) for name in OF_RUNNER}
        self._runners = dict(list(self._runners.items())[-RUNNERS_KEPT:])
        self._write()

    def forget(self, code: str) -> None:
        """Nothing is known of this runner any more."""
        self._runners.pop(code, None)
        if self.choices.code == code:
            self.choices = self.runner(self.choices, "")
        self._write()

    def _write(self) -> None:
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        values = {"schema": SCHEMA, "choices": asdict(self.choices), "runners": self._runners}
        with new_file(self._path, force=True) as file:
            file.write(json.dumps(values, indent=1).encode())


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    """Those values that are of the kind they should be."""
    kinds = {field.name: _KINDS[str(field.type)] for field in fields(Choices)}
    return {
        name: value
        for name, value in values.items()
        if isinstance(value, kinds.get(name, ())) and (kinds[name] == (bool,)) == isinstance(value, bool)
    }
