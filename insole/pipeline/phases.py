"""Calibration phases as they are marked: from the two markers of a phase to the gains and zeros of the feet.

In: labels of markers, and the zeros that are known by then. Out: phases that can be used, now or once the first swings
have shown the zero; the calibration in force, in the lines of the feet. calibration.py decides what a phase gives.
"""

from __future__ import annotations

from collections.abc import Mapping

from insole.blocks import PhaseResult, Side
from insole.pipeline.calibration import UNLOADED, Calibrator, Phase, gain_of, parse_label, zero_of
from insole.pipeline.gathered import Gathered
from insole.pipeline.line import FootLine
from insole.pipeline.remarks import Remarks
from insole.settings import Calibration


class Phases:
    """The phase that goes on, and those that wait for the zero.

    Parameters
    ----------
    lines : mapping of Side to FootLine
        All feet of the session.
    calibration : Calibration
        In force at the start.
    body_weight_n : float or None
        None where no body mass was measured.
    remarks : Remarks
        Gets a line on every phase: what was found, or why it is left out.
    """

    def __init__(
        self,
        lines: Mapping[Side, FootLine],
        calibration: Calibration,
        body_weight_n: float | None,
        remarks: Remarks,
    ) -> None:
        self._lines = lines
        self._remarks = remarks
        devices = {side: line.device for side, line in lines.items()}
        self._calibrator = Calibrator(devices, calibration, body_weight_n)
        self._begun: tuple[str, float] | None = None  # phase that is going on, and since when
        self._waiting: list[Phase] = []  # over, but waiting for the zero

    @property
    def open(self) -> bool:
        """Whether a phase goes on, or waits to be used."""
        return self._begun is not None or bool(self._waiting)

    @property
    def calibration(self) -> Calibration:
        """Gains and zeros after the phases used so far."""
        return self._calibrator.calibration

    # ---- marks ----------------------------------------------------------------------------------------------------

    def mark(self, label: str, now_s: float, *, started: bool) -> Phase | None:
        """A phase begins or ends; returns one that is over and need not wait. `started`: no zero is still to come."""
        parsed = parse_label(label)
        if parsed is None:
            self._remarks.add(
                f"calibration marker '{label}': expected a phase and 'start' or 'end', such as 'stance start'"
            )
            return None
        kind, begins = parsed
        if begins:
            self._leave_out()
            self._begun = (kind, now_s)
            for line in self._lines.values():
                line.begin_phase()
            return None
        if self._begun is None or self._begun[0] != kind:
            self._remarks.add(f"calibration, {kind} until {now_s:.1f} s: it has no beginning, and is left out")
            return None
        feet = {side: line.end_phase() for side, line in self._lines.items()}
        phase, self._begun = Phase(*self._begun, now_s, feet), None
        if kind != UNLOADED and not started and any(line.zero_n is None for line in self._lines.values()):
            self._waiting.append(phase)  # standing gives no zero: the first swings will
            return None
        return phase

    def take_waiting(self) -> list[Phase]:
        """Phases that waited for the zero."""
        waiting, self._waiting = self._waiting, []
        return waiting

    def finish(self) -> None:
        """No marker follows."""
        self._leave_out()

    def _leave_out(self) -> None:
        if self._begun is not None:
            kind, from_s = self._begun
            self._remarks.add(f"calibration, {kind} from {from_s:.1f} s: it has no end, and is left out")

    # ---- use ------------------------------------------------------------------------------------------------------

    def use(self, phase: Phase, zero_n: Mapping[Side, float | None]) -> tuple[PhaseResult, ...]:
        """Take what a phase gives into `calibration`, or refuse it; a result per foot that it was about."""
        taken = self._calibrator.take(phase, zero_n)
        for note in taken.notes:
            self._remarks.add(note)
        return taken.results

    def recalibrate(self, before: Calibration, now: Calibration, gather: Gathered, *, zeroed: bool) -> None:
        """Other gains than `before` for the feet from the next frame on, and other zeros where these were measured."""
        self._calibrator.calibration = now
        for side, line in self._lines.items():
            gain, zero = gain_of(now, side), zero_of(now, side) if zeroed else None
            if zero is zero_of(before, side):
                zero = None  # of the other foot
            if zero is not None or gain != gain_of(before, side):
                line.recalibrate(gain, zero, gather.early, gather.shapes)
