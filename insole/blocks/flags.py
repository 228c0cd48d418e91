"""High-load patterns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from insole.blocks.codes import Side


class FlagState(IntEnum):
    """OFF, WATCH (look when you can) or ON (act or decide)."""

    OFF = 0
    WATCH = 1
    ON = 2


@dataclass(frozen=True, slots=True)
class Flag:
    """A high-load pattern: an observation with its evidence, never a diagnosis."""

    rule: str
    state: FlagState
    side: Side | None
    from_s: float
    to_s: float
    value: float
    low: float
    high: float
    limit: float
    unit: str
    evidence: str
    text: str
    metric: str = ""  # the column it names
