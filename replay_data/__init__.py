"""Shipped recordings of synthetic runners, each with its ground truth and with what the analysis makes of it.

=================== ================================================================================================
even_runner         rearfoot striker, both feet alike: nothing to flag
hard_left_heel      158 s at 250 Hz, left about 92 BW/s against 62: high loading rate and asymmetry come up
forefoot_runner     lands on the forefoot, no impact transient
walk_and_stand      no running at all
radio_dropouts      packets lost singly and in bursts, doubled, damaged; a late foot; a tick that wraps
=================== ================================================================================================

`NAME.mcap` is the recording, `NAME.truth.json` the truth about its contacts, `NAME.expected.json` its digest and what
the analysis is expected to find. `python -m replay_data.build` makes all of them anew.
"""

from pathlib import Path

__all__ = ["NAMES", "expected", "recording", "truth"]

NAMES = ("even_runner", "hard_left_heel", "forefoot_runner", "walk_and_stand", "radio_dropouts")

_FOLDER = Path(__file__).resolve().parent


def recording(name: str) -> Path:
    """Path of the recording of that name, one of `NAMES`."""
    return _FOLDER / f"{name}.mcap"


def truth(name: str) -> Path:
    """Path of its ground truth, as `insole simulate` writes it."""
    return _FOLDER / f"{name}.truth.json"


def expected(name: str) -> Path:
    """Path of its digest and of what the analysis is expected to find in it."""
    return _FOLDER / f"{name}.expected.json"
