"""A fit check on a synthetic person, as fast as it computes: its markers go into the stream as in a session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from insole.blocks import Input, Marker
from insole.fitting.check import FitCheck, FitState
from insole.fitting.steps import BEGIN, marker
from insole.pipeline import Pipeline
from insole.recording import Header
from insole.sources.synthetic import SyntheticOptions
from insole.sources.synthetic.simulation import START_HOST_NS, START_UTC, SyntheticRunner, in_steps

STEP_NS = 80_000_000
Wish = Callable[[FitState, float], list[Marker]]


def stream(options: SyntheticOptions) -> tuple[Header, Iterator[list[Input]]]:
    """Header and inputs in the portions of a live source."""
    runner = SyntheticRunner(options)
    steps = in_steps(runner.blocks(), STEP_NS, START_HOST_NS, runner.joins_s)
    return runner.header(START_HOST_NS, START_UTC), (inputs for _, inputs in steps)


def no_wish(_state: FitState, _t_s: float) -> list[Marker]:
    return []


def checked(
    options: SyntheticOptions, wish: Wish = no_wish, change: Callable[[Header], Header] = lambda header: header
) -> tuple[FitCheck, list[Input], Header]:
    """The check at its end, every input in order with the markers that were asked for, and the header."""
    header, batches = stream(options)
    header = change(header)
    pipeline = Pipeline(header.feet, header.settings, header.runner, header.start_host_ns)
    check = FitCheck(header)
    everything: list[Input] = []
    begun = False
    for batch in batches:
        inputs = batch
        while inputs:
            everything += inputs
            update = pipeline.push(inputs)
            asked = check.take(update)
            if inputs is batch:
                asked += wish(check.state, update.t_s)
            if not begun and update.pressures and (first := check.state.first_waiting) is not None:
                asked.append(marker(first, BEGIN, header.start_host_ns + round(update.t_s * 1e9)))
                begun = True
            inputs = list(asked)
        if check.state.over and check.state.current < 0:
            break
    return check, everything, header


def with_swapped_feet(header: Header) -> Header:
    """What 'Swap now' makes of a session's header."""
    return replace(header, settings=replace(header.settings, swap_feet=True))
