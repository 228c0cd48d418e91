"""What one push produces on its way through the stages."""

from __future__ import annotations

from insole.blocks import (
    ContactShape,
    ContactTable,
    EarlyRate,
    Event,
    Flag,
    PhaseResult,
    RunningMedian,
    Side,
    SilentSpan,
)

SHAPES = 24  # last contacts of a foot and push: a screen shows no more


class Gathered:
    """Each as `Update` has it; every stage adds its own."""

    def __init__(self) -> None:
        self.moved: set[Side] = set()  # feet with frames that have not been measured
        self.early: list[EarlyRate] = []
        self.rows: list[ContactTable] = []
        self.shapes: list[ContactShape] = []
        self.ticked = False
        self.ended: list[Flag] = []
        self.events: list[Event] = []
        self.silences: list[SilentSpan] = []
        self.phases: list[PhaseResult] = []
        self.medians: list[RunningMedian] = []

    @property
    def newest_shapes(self) -> tuple[ContactShape, ...]:
        """The last ones of each foot."""
        if not self.shapes:
            return ()
        return tuple(shape for side in Side for shape in [s for s in self.shapes if s.side == side][-SHAPES:])
