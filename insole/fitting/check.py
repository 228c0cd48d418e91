"""The fit check itself: follows a live session from step to step, and asks for the markers that belong to it.

In: every `Update`, in order. Out: `FitState`, and markers to put into the stream. Only what is in the stream moves it
on, a person's wishes too (a marker that begins or skips a step), so a recording of it tells the same story again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from insole.blocks import GRAVITY_M_S2, Marker, PhaseResult, Side, Update
from insole.fitting.cells import CellWatch
from insole.fitting.findings import Facts, Finding, findings
from insole.fitting.judge import (
    Judged,
    judge_phase,
    judge_taps,
    load_trouble,
    movement,
    other_foot,
    silence,
    wrong_foot,
)
from insole.fitting.mark import Mark
from insole.fitting.steps import BEGIN, MARKER, SKIPPED, STEPS, TAPS, Step, impossible, marker
from insole.fitting.watch import FootWatch
from insole.pipeline.calibration import MARKER as CALIBRATION
from insole.recording import Header

NOMINAL_KG = 70.0  # patterns need a scale where no body mass is known
PASS_SHOWN_S = 1.5  # before the next step begins by itself
WRONG_FOOT_S = 2.0
FOUND_EVERY_S = 0.5
ANSWER_S = 2.0  # a marker that is not heard by then is asked for again


class _Doing(Enum):
    LOOKING = auto()  # for the runner to do what is asked
    HOLDING = auto()  # a phase of calibration goes on
    ENDED = auto()  # the pipeline is to say what came of it
    JUDGED = auto()


@dataclass(frozen=True, slots=True)
class StepState:
    """How one step stands."""

    step: Step
    mark: Mark = Mark.WAITING
    detail: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class FitState:
    """Everything a screen shows of the check.

    Parameters
    ----------
    steps : tuple of StepState
    current : int
        The step that goes on; -1 before the first and after the last.
    saying : str
        What the check waits for.
    share : float
        How much of the holding still is done, 0 to 1.
    taps : int
        Taps counted in this step.
    swap_offered : bool
        Left and right are taken for each other.
    findings : tuple of Finding
    faulty : mapping of Side to tuple of int
        Cells that do not answer, or read a load that is none.
    """

    steps: tuple[StepState, ...]
    current: int = -1
    saying: str = ""
    share: float = 0.0
    taps: int = 0
    swap_offered: bool = False
    findings: tuple[Finding, ...] = ()
    faulty: Mapping[Side, tuple[int, ...]] = field(default_factory=dict)

    @property
    def over(self) -> bool:
        """No step waits any more."""
        return self.first_waiting is None

    @property
    def first_waiting(self) -> Step | None:
        """The step to begin with, or to begin again with."""
        return next((state.step for state in self.steps if state.mark is Mark.WAITING), None)


class FitCheck:
    """One fit check of one session; nothing happens before a marker begins its first step.

    Parameters
    ----------
    header : Header
        Of the session: its insoles, its runner, its beginning.

    Attributes
    ----------
    state : FitState
        Replaced as a whole by `take`, so that another thread may read it at any time.
    """

    def __init__(self, header: Header) -> None:
        self._start_ns = header.start_host_ns
        self._feet = dict(header.feet)
        self._weight_n = GRAVITY_M_S2 * (header.runner.body_mass_kg or NOMINAL_KG)
        self._watches = {side: FootWatch() for side in self._feet}
        self._cells = {side: CellWatch(device) for side, device in self._feet.items()}
        self._facts = Facts(self._feet, header.runner.body_mass_kg)
        self._doing = _Doing.LOOKING
        self._since_s = 0.0  # of what is being done
        self._wrong_since_s: float | None = None
        self._results: list[PhaseResult] = []  # of the phase of this step
        self._found_s = 0.0
        self._undecided = False  # something is to be fixed, and nobody has said to go on
        self._awaited: Marker | None = None  # asked for, and not in the stream yet
        why_not = [impossible(step, self._feet, header.runner) for step in STEPS]
        self.state = FitState(
            tuple(
                StepState(step, Mark.SKIPPED if why else Mark.WAITING, why)
                for step, why in zip(STEPS, why_not, strict=True)
            )
        )

    # ---- the stream ----------------------------------------------------------------------------------------------

    def take(self, update: Update) -> list[Marker]:
        """Follow one update; the markers to put into the stream because of it."""
        if self.state.over and self.state.current < 0 and not update.events:
            return []  # nothing is left to look at, for however long the session goes on
        for block in update.pressures:
            watch, cells = self._watches[block.side], self._cells[block.side]
            watch.add(block)
            cells.add(watch.kpa)
        asks: list[Marker] = []
        for event in update.events:
            if isinstance(event, Marker):
                asks += self._hear(event, update.t_s)
        for result in update.phases:
            self._take_result(result)
        asks += self._go_on(update.t_s)
        if update.phases or asks or update.t_s - self._found_s >= FOUND_EVERY_S:
            self._found_s = update.t_s
            self._find()
        return asks

    def _hear(self, event: Marker, t_s: float) -> list[Marker]:
        """What a marker in the stream means for the check; a phase that it cuts off is ended."""
        if self._awaited is not None and (event.kind, event.label) == (self._awaited.kind, self._awaited.label):
            self._awaited = None
        if event.kind == CALIBRATION and event.label == f"{self._name} start":
            self._doing, self._since_s = _Doing.HOLDING, t_s
        if event.kind == CALIBRATION and event.label == f"{self._name} end" and self._doing is _Doing.HOLDING:
            self._doing, self._since_s = _Doing.ENDED, t_s
        if event.kind != MARKER:
            return []
        name, _, what = event.label.rpartition(" ")
        place = next((i for i, state in enumerate(self.state.steps) if state.step.name == name), None)
        if place is None or what not in (BEGIN, SKIPPED):
            return []
        cut_off = [self._phase_marker("end", t_s)] if self._doing is _Doing.HOLDING else []
        if what == BEGIN:
            self._begin(place, t_s)
        else:
            self._skip(place, t_s)
        return cut_off

    def _take_result(self, result: PhaseResult) -> None:
        """What the pipeline says of a phase; of one that was broken off it says nothing of use."""
        if result.zero_kpa is not None:
            self._cells[result.side].take_zero(result.zero_kpa)
        self._facts.take(result)
        if self._doing is _Doing.ENDED and result.kind == self._name:
            self._results.append(result)

    def _find(self) -> None:
        faulty = {side: tuple(sorted((*cells.dead, *cells.stuck))) for side, cells in self._cells.items()}
        self.state = replace(self.state, faulty=faulty, findings=findings(self._facts, self._cells))

    # ---- from step to step ---------------------------------------------------------------------------------------

    @property
    def _step(self) -> Step:
        return self.state.steps[self.state.current].step

    @property
    def _name(self) -> str:
        return self._step.name if self.state.current >= 0 else ""

    def _begin(self, place: int, t_s: float) -> None:
        self._set(place, Mark.WAITING, "")
        self.state = replace(self.state, current=place, share=0.0, taps=0, saying="", swap_offered=False)
        self._doing, self._since_s, self._wrong_since_s = _Doing.LOOKING, t_s, None
        self._results, self._undecided = [], False
        for watch in self._watches.values():
            watch.settle()

    def _skip(self, place: int, t_s: float) -> None:
        """What was found stays found; what was not looked at is skipped. Then the next step begins."""
        if self.state.steps[place].mark is Mark.WAITING:
            self._set(place, Mark.SKIPPED, "skipped")
        self._doing, self._since_s, self._undecided = _Doing.JUDGED, t_s - PASS_SHOWN_S, False
        self.state = replace(self.state, saying="", share=0.0, swap_offered=False)

    def _set(self, place: int, mark: Mark, detail: str) -> None:
        steps = list(self.state.steps)
        steps[place] = replace(steps[place], mark=mark, detail=detail)
        self.state = replace(self.state, steps=tuple(steps))

    def _go_on(self, t_s: float) -> list[Marker]:
        """What the moment asks for, unless a marker that was asked for is still on its way."""
        awaited = self._awaited
        if awaited is not None and t_s - self._session_s(awaited) < ANSWER_S:
            return []
        if self.state.current < 0:
            return []
        if self._doing is _Doing.LOOKING:
            return self._look(t_s) if self._step.zone is None else self._follow_taps(t_s)
        if self._doing is _Doing.HOLDING:
            return self._hold(t_s)
        if self._doing is _Doing.ENDED:
            return self._end(t_s)
        shown = t_s - self._since_s >= PASS_SHOWN_S
        return self._next(t_s) if shown and not self._undecided else []

    def _next(self, t_s: float) -> list[Marker]:
        """The next step that waits, from the current one on and then from the beginning."""
        n = len(self.state.steps)
        order = [(self.state.current + 1 + k) % n for k in range(n)]
        place = next((i for i in order if self.state.steps[i].mark is Mark.WAITING), None)
        if place is None:
            self.state = replace(self.state, current=-1, saying="", share=0.0)
            return []
        return self._await(marker(self.state.steps[place].step, BEGIN, self._host_ns(t_s)))

    # ---- a step --------------------------------------------------------------------------------------------------

    def _look(self, t_s: float) -> list[Marker]:
        """Wait until the runner does what is asked, steadily."""
        step = self._step
        trouble = silence(self._watches) or load_trouble(step, self._watches, self._weight_n)
        trouble = trouble or movement(step, self._watches)
        if not trouble:
            self._wrong_since_s = None
            self.state = replace(self.state, saying="hold still")
            return self._await(self._phase_marker("start", t_s))
        self.state = replace(self.state, saying=trouble)
        if step.side is None or not wrong_foot(step.side, self._watches, self._weight_n):
            self._wrong_since_s = None
            return []
        self._wrong_since_s = t_s if self._wrong_since_s is None else self._wrong_since_s
        if t_s - self._wrong_since_s < WRONG_FOOT_S:
            return []
        self._facts.wrong_foot = True
        text = f"the weight came from the {other_foot(step.side).label} insole: sides swapped, or the other foot"
        return self._judge(Judged(Mark.FIX, text, swapped=True), t_s)

    def _hold(self, t_s: float) -> list[Marker]:
        """Hold still for as long as it takes; another load begins it anew."""
        held_s = t_s - self._since_s
        self.state = replace(self.state, share=min(held_s / self._step.hold_s, 1.0))
        if held_s >= self._step.hold_s:
            self._doing, self._since_s = _Doing.ENDED, t_s
            return self._await(self._phase_marker("end", t_s))
        if load_trouble(self._step, self._watches, self._weight_n):
            self._doing, self._since_s = _Doing.LOOKING, t_s
            self.state = replace(self.state, share=0.0)
            return self._await(self._phase_marker("end", t_s))
        return []

    def _end(self, t_s: float) -> list[Marker]:
        """The phase is over: what the pipeline says of it, or that it waits for a zero."""
        if self._results:
            return self._judge(judge_phase(self._step, self._results, self._weight_n), t_s)
        return self._judge(Judged(Mark.SKIPPED, "used once the first steps have shown the zero"), t_s)

    def _follow_taps(self, t_s: float) -> list[Marker]:
        count = max(len(watch.taps) for watch in self._watches.values())
        self.state = replace(self.state, taps=min(count, TAPS), saying="tap three times")
        if count < TAPS:
            return []
        judged = judge_taps(self._step, self._watches, self._feet)
        self._facts.taps[self._name] = (self._step, judged)
        return self._judge(judged, t_s)

    def _judge(self, judged: Judged, t_s: float) -> list[Marker]:
        self._doing, self._since_s, self._undecided = _Doing.JUDGED, t_s, judged.mark is Mark.FIX
        self._set(self.state.current, judged.mark, judged.detail)
        self.state = replace(self.state, saying="", share=1.0, swap_offered=judged.swapped)
        return [marker(self._step, judged.mark.value.lower(), self._host_ns(t_s))]

    # ---- markers -------------------------------------------------------------------------------------------------

    def _await(self, asked: Marker) -> list[Marker]:
        """Ask for a marker, and do nothing before it is in the stream."""
        self._awaited = asked
        return [asked]

    def _phase_marker(self, edge: str, t_s: float) -> Marker:
        return Marker(self._host_ns(t_s), CALIBRATION, f"{self._name} {edge}")

    def _host_ns(self, t_s: float) -> int:
        return self._start_ns + round(t_s * 1e9)

    def _session_s(self, asked: Marker) -> float:
        return (asked.t_host_ns - self._start_ns) * 1e-9
