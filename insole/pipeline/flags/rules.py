"""The table of flags: what each says, on what evidence, and which measurement it holds against which line.

In: rules.toml beside this file, checked when it is read. Out: `RULES`, by name, in the order of the file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class When:
    """One condition that can raise a flag; the keys are explained at the top of rules.toml."""

    kind: str
    metric: str
    unit: str
    digits: int
    on: str
    text: str
    watch: str = ""
    adds: str = ""
    adds_on: str = ""
    columns: tuple[str, ...] = ()
    baseline: str = ""
    spread: str = ""
    falls: bool = False
    magnitude: bool = False
    same_cadence: bool = False
    pedar_type_cells: bool = False
    least_cells: int = 1
    over: float = float("nan")

    @property
    def measured(self) -> tuple[str, ...]:
        """Columns whose mean is the measurement."""
        return self.columns or (self.metric,)


@dataclass(frozen=True, slots=True)
class Rule:
    """A flag: its name, evidence grade (METRICS.md 0.1), what speaks for and against it, and what it does not say."""

    id: str
    title: str
    evidence: str
    why_for: tuple[str, ...]
    why_against: tuple[str, ...]
    not_said: str
    source: str
    when: tuple[When, ...]


def read_rules(text: str) -> dict[str, Rule]:
    """Rules from TOML.

    Raises
    ------
    TypeError
        A key is missing or unknown.
    """

    def frozen(values: Mapping[str, Any]) -> dict[str, Any]:
        return {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}

    rules = (
        Rule(**{**frozen(stanza), "when": tuple(When(**frozen(when)) for when in stanza["when"])})
        for stanza in tomllib.loads(text)["rule"]
    )
    return {rule.id: rule for rule in rules}


RULES: Mapping[str, Rule] = read_rules((files(__package__) / "rules.toml").read_text(encoding="utf-8"))
