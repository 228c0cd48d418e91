"""Everything that one push produced."""

from __future__ import annotations

from dataclasses import dataclass

from insole.blocks.contacts import ContactShape, ContactTable, EarlyRate
from insole.blocks.figures import (
    FootPicture,
    ForceBand,
    Gauge,
    KeyNumber,
    Load,
    MeanRise,
    PhaseResult,
    RecentRates,
    RunningMedian,
)
from insole.blocks.flags import Flag
from insole.blocks.frames import PressureBlock
from insole.blocks.health import Health, SilentSpan
from insole.blocks.inputs import Event


@dataclass(frozen=True, slots=True, eq=False)
class Update:
    """Everything one push produced. The same object goes to every sink."""

    t_s: float  # recording time reached
    pressures: tuple[PressureBlock, ...]
    early: tuple[EarlyRate, ...]
    contacts: ContactTable  # new rows only
    shapes: tuple[ContactShape, ...]  # new contacts only, before their kind is known
    bands: tuple[ForceBand, ...]  # of the moment; empty when unchanged
    numbers: tuple[KeyNumber, ...]  # of the moment; empty when unchanged
    gauges: tuple[Gauge, ...]  # of the moment; empty when unchanged
    flags: tuple[Flag, ...]  # all that are on watch or on at the moment
    flag_spans: tuple[Flag, ...]  # those that ended in this push
    health: Health
    events: tuple[Event, ...]  # passed through, in order
    warnings: tuple[str, ...] = ()  # new ones only
    silences: tuple[SilentSpan, ...] = ()  # those that ended in this push
    phases: tuple[PhaseResult, ...] = ()  # of calibration, those that were used or refused in this push
    medians: tuple[RunningMedian, ...] = ()  # new contacts only
    rises: tuple[MeanRise, ...] = ()  # of the moment; empty when unchanged, as all that follow
    pictures: tuple[FootPicture, ...] = ()
    rates: tuple[RecentRates, ...] = ()
    loads: tuple[Load, ...] = ()
