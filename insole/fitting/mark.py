"""The four words that a step of the fit check, or of set-up, can end in."""

from enum import Enum


class Mark(Enum):
    """How a step stands; the value is the word on the screen."""

    WAITING = "Waiting"
    PASS = "Pass"  # noqa: S105 - no password
    FIX = "Fix"
    SKIPPED = "Skipped"
