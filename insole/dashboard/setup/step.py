"""The steps of set-up, in order."""

from enum import IntEnum


class Step(IntEnum):
    """A step; the name in small letters is that of its page on the command line."""

    SOURCE = 0
    RUNNER = 1
    FIT = 2
    START = 3
