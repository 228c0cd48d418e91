"""What was lost, late or damaged, by link and by foot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from insole.blocks.codes import Side


@dataclass(frozen=True, slots=True)
class SilentSpan:
    """A stretch of recording time in which nothing came from one foot; `to_s` is the tick at which it was heard."""

    side: Side
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class LinkHealth:
    """What one link delivered, cumulative. A damaged packet on a shared port has no side."""

    frames: int = 0
    bad_crc: int = 0
    skipped_bytes: int = 0
    unknown_type: int = 0
    incomplete: int = 0


@dataclass(frozen=True, slots=True)
class FootHealth:
    """What one foot's stream was like, cumulative but for the figures of the moment."""

    frames: int = 0
    lost: int = 0
    duplicate: int = 0
    late: int = 0
    restarts: int = 0
    loss_pct: float = float("nan")  # over the last 60 s
    rate_hz: float = float("nan")  # measured on the device clock
    silent_s: float = 0.0  # host time since the last packet
    battery_pct: float = float("nan")
    link: int = -1  # the link its packets come over; -1 before the first
    faulty_cells: tuple[int, ...] = ()  # dead or stuck


@dataclass(frozen=True, slots=True)
class Health:
    """Everything lost, by link and by foot; nothing is dropped uncounted."""

    links: Mapping[int, LinkHealth] = field(default_factory=dict)
    feet: Mapping[Side, FootHealth] = field(default_factory=dict)
    alignment_s: float = float("nan")  # how far the feet's clocks have moved apart, left against right; corrected for
    alignment_u_s: float = float("nan")  # standard uncertainty of the alignment of the feet
    clock_offset_s: float = float("nan")  # what the left device's clock shows more than the right one's; corrected for
    clock_drift_ppm: float = float("nan")  # how much faster the left device's clock runs
    pinged: bool = False  # both clocks were asked: the alignment holds whatever the links delay evenly
    k_dyn: float = float("nan")  # body-weight check: BW / mean force over whole strides
    foot_links: Mapping[Side, int] = field(default_factory=dict)  # the link each foot's frames last came over
    behind_s: float = 0.0  # how long what came with the last tick had waited, and the longest of these so far
    most_behind_s: float = 0.0
