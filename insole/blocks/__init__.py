"""The data that flows, from what a link delivered to what a screen shows.

Blocks are plural: arrays over frames or contacts, never one object a sample. All are frozen; arrays are never
written after construction. n frames, k contacts, N frames over all contacts, c cells, r regions.
NaN means withheld or unknown, never zero.

inputs -> frames -> contacts, figures, flags, health -> update; the names of `codes` and `arrays` stand everywhere.
"""

from insole.blocks.arrays import BoolArray, CountArray, FloatArray, IntArray
from insole.blocks.codes import GRAVITY_M_S2, K_DYN_STOP, Kind, Quality, Side, Status
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
from insole.blocks.flags import Flag, FlagState
from insole.blocks.frames import ContactBatch, FrameBlock, PressureBlock, RateBatch, Received, RoundTrip
from insole.blocks.growing import GrowingTable
from insole.blocks.health import FootHealth, Health, LinkHealth, SilentSpan
from insole.blocks.inputs import Cue, DiskEvent, Event, Input, LinkEvent, Marker, Packets, SettingChange, Tick
from insole.blocks.update import Update

__all__ = [
    "GRAVITY_M_S2",
    "K_DYN_STOP",
    "BoolArray",
    "ContactBatch",
    "ContactShape",
    "ContactTable",
    "CountArray",
    "Cue",
    "DiskEvent",
    "EarlyRate",
    "Event",
    "Flag",
    "FlagState",
    "FloatArray",
    "FootHealth",
    "FootPicture",
    "ForceBand",
    "FrameBlock",
    "Gauge",
    "GrowingTable",
    "Health",
    "Input",
    "IntArray",
    "KeyNumber",
    "Kind",
    "LinkEvent",
    "LinkHealth",
    "Load",
    "Marker",
    "MeanRise",
    "Packets",
    "PhaseResult",
    "PressureBlock",
    "Quality",
    "RateBatch",
    "Received",
    "RecentRates",
    "RoundTrip",
    "RunningMedian",
    "SettingChange",
    "Side",
    "SilentSpan",
    "Status",
    "Tick",
    "Update",
]
