"""What arrives, as it arrived: the only things that change state."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from insole.blocks.arrays import IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Packets:
    """Deliveries of one link in arrival order (live: usually one; from a file: a fraction of a second of them).

    Parameters
    ----------
    link : int
        Number of the link within the session; identifies a byte stream, not a foot (the packets say the side).
    t_host_ns : (n,) int64
        Monotonic host time of each delivery, read once in the link's callback.
    ends : (n,) int64
        Position in `data` where each delivery ends.
    data : bytes
        The deliveries laid end to end, exactly as received.
    """

    link: int
    t_host_ns: IntArray
    ends: IntArray
    data: bytes

    @classmethod
    def one(cls, link: int, t_host_ns: int, payload: bytes) -> Packets:
        """A single delivery, as a live link's callback makes it."""
        return cls(link, np.array([t_host_ns], np.int64), np.array([len(payload)], np.int64), payload)


@dataclass(frozen=True, slots=True)
class LinkEvent:
    """A link connected, was lost, fell silent or resumed (`kind`), with a short `detail` for people."""

    t_host_ns: int
    link: int
    kind: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DiskEvent:
    """The disk takes nothing (`kind` failing), what is measured is lost (losing), or it is written again (back)."""

    t_host_ns: int
    kind: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Marker:
    """A moment that was marked.

    Its kind is note, condition_start, condition_end, calibration, fit_check, baseline, sync_tap, pain or undo.

    The label of a calibration marker names a phase and its edge, 'stance start' (insole/pipeline/calibration.py), that
    of a fit check a step that begins, is over or is left out (insole/fitting/steps.py). With a baseline marker the
    minute begins that a target is taken from (insole/feedback/baseline.py).
    """

    t_host_ns: int
    kind: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A setting changed during the session: dotted `key` of the settings file and its new value."""

    t_host_ns: int
    key: str
    value: float | str | bool


@dataclass(frozen=True, slots=True)
class Tick:
    """The passing of host time, about 5 a second from every source: what makes silence noticeable and replayable."""

    t_host_ns: int


@dataclass(frozen=True, slots=True)
class Cue:
    """What the runner was told about one contact, or why nothing was; what it says of time is measured, not planned.

    All times are host times of the session, in ns. Changes no state of the pipeline; it is an input so that it is
    recorded.

    Parameters
    ----------
    t_host_ns : int
        When it was noted down.
    contact_id, side : int
    sound : str
        beep or pitch.
    level : int
        1 to 5; 0 when it was withheld.
    mean_bw_s, target_bw_s : float or None
        Loading rate of the last five contacts of the foot, and what it was held against; None while not known.
    contact_ns : int
        Initial contact: device time on the host's clock. The shortest delay of the radio is the same for every
        delivery and cannot be seen, so it is not in it.
    arrived_ns : int
        Stamp of the newest delivery when the loading rate came out.
    known_ns : int
        The loading rate was out of the pipeline.
    handed_ns, output_ns : int or None
        The sound system took the first sample, and how long it says it takes from there to the loudspeaker.
    withheld : str
        Why there was no sound; empty when there was.
    """

    t_host_ns: int
    contact_id: int
    side: int
    sound: str
    level: int
    mean_bw_s: float | None
    target_bw_s: float | None
    contact_ns: int
    arrived_ns: int
    known_ns: int
    handed_ns: int | None = None
    output_ns: int | None = None
    withheld: str = ""

    @property
    def delay_ms(self) -> float:
        """From initial contact to the loudspeaker; NaN where there was no sound."""
        if self.handed_ns is None or self.output_ns is None:
            return float("nan")
        return (self.handed_ns + self.output_ns - self.contact_ns) * 1e-6


Event = LinkEvent | DiskEvent | Marker | SettingChange | Cue
Input = Packets | Event | Tick
