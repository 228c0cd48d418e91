"""Options in, inputs as a session would receive them and the ground truth out.

The session is made in blocks of a few seconds, so memory does not grow with its length; the blocks do not depend on who
reads how much at a time. The same options give the same bytes with the same numpy: everything is drawn from generators
seeded from `seed`, and nothing is summed in an order that depends on the machine.
Another processor's sine may differ in the last bit, which moves a count only where it meets a rounding edge by chance:
the shipped recordings came out the same with AVX-512, AVX2 and neither.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from insole.blocks import Input, IntArray, LinkEvent, Packets, Side, Tick
from insole.recording import Header
from insole.settings import Calibration, Runner, Settings
from insole.sources.synthetic.gait import Gait, threshold_bw
from insole.sources.synthetic.insole import SyntheticInsole
from insole.sources.synthetic.options import SyntheticOptions
from insole.sources.synthetic.radio import Deliveries

TICK_NS = 200_000_000
BLOCK_S = 4.0
START_HOST_NS = 1_000_000_000_000  # not 0, so that nobody can take host time for recording time unnoticed
START_UTC = "2026-01-01T09:00:00+00:00"


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A few seconds of a session: what was delivered, and what is true of the contacts that ended."""

    until_s: float
    deliveries: dict[Side, Deliveries]
    contacts: list[dict[str, Any]]


class Simulation:
    """A synthetic session with its ground truth.

    Attributes
    ----------
    header : Header
    inputs : iterator of list of Input
        In order of host time, a fifth of a second at a time: the packets of each link, then the tick.
    """

    def __init__(self, runner: SyntheticRunner) -> None:
        self.header = runner.header(START_HOST_NS, START_UTC)
        self.inputs: Iterator[list[Input]] = self._made()
        self._runner = runner
        self._contacts: list[dict[str, Any]] = []

    @property
    def truth(self) -> dict[str, Any]:
        """What `FILE.truth.json` holds, of everything read from `inputs` so far: complete when they are exhausted.

        `contacts` in order of initial contact, times in seconds of the recording by the host's clock: `ic_s`, `to_s`
        where the noise-free force crosses `threshold_bw`, `valr_bw_s` and `peak_force_bw` by METRICS.md 3.3 and 5 on
        the noise-free 10 kHz force, `strike_index_pct` by METRICS.md 4 for these cells; null where the definition gives
        none. `whole` is false where the recording, or the insole's joining it, cuts the contact off: then the time at
        that end is where it is cut. `frames` were sampled between `ic_s` and `to_s`, of which `frames_lost` did not
        arrive intact. `links` counts what was sent, lost, doubled and damaged.
        """
        return {
            "schema": 1,
            "options": self._runner.options.to_dict(),
            "threshold_bw": threshold_bw(self._runner.options.body_mass_kg),
            "contacts": sorted(self._contacts, key=lambda row: (row["ic_s"], row["side"])),
            "links": {side.label: foot.link.counts.to_dict() for side, foot in self._runner.feet.items()},
        }

    def truth_json(self) -> str:
        """`truth` as the text of its file, one contact a line."""
        truth = self.truth
        rows = ",\n".join(json.dumps(row) for row in truth.pop("contacts"))
        return f'{json.dumps(truth)[:-1]}, "contacts": [\n{rows}\n]}}\n'

    def _made(self) -> Iterator[list[Input]]:
        def kept() -> Iterator[Block]:
            for block in self._runner.blocks():
                self._contacts += block.contacts
                yield block

        for _, inputs in in_steps(kept(), TICK_NS, START_HOST_NS, self._runner.joins_s):
            yield inputs


def simulate(options: SyntheticOptions) -> Simulation:
    """A synthetic session, as fast as it can be made.

    Raises
    ------
    SettingsError
        The device profile is unknown, or a faulty cell is none of its cells.
    """
    return Simulation(SyntheticRunner(options))


class SyntheticRunner:
    """A runner with insoles, from the first second to the last.

    Attributes
    ----------
    options : SyntheticOptions
    feet : dict of Side to SyntheticInsole
    """

    def __init__(self, options: SyntheticOptions) -> None:
        self.options = options
        # One generator for each purpose and foot: what one of them draws never moves the others.
        gait, *per_foot = np.random.SeedSequence(options.seed).spawn(5)
        self._gait = Gait(options, np.random.default_rng(gait))
        generators = {Side.LEFT: per_foot[0:2], Side.RIGHT: per_foot[2:4]}
        self.feet = {
            side: SyntheticInsole(side, options, *(np.random.default_rng(seed) for seed in generators[side]))
            for side in options.sides
        }

    @property
    def joins_s(self) -> dict[Side, float]:
        """When each insole joins the session."""
        return {side: foot.joins_s for side, foot in self.feet.items()}

    def header(self, start_host_ns: int, start_utc: str) -> Header:
        """Header of a recording of this runner that starts then."""
        options = self.options
        return Header(
            feet={side: foot.device for side, foot in self.feet.items()},
            settings=Settings(calibration=Calibration(lr_known=options.lr_known and not options.fit)),
            runner=Runner(
                code="synthetic",
                body_mass_kg=options.body_mass_kg,
                height_m=options.height_m,
                speed_m_s=options.speed_m_s,
            ),
            start_host_ns=start_host_ns,
            start_utc=start_utc,
            source="synthetic",
            notes=f"simulated, seed {options.seed}",
        )

    def blocks(self) -> Iterator[Block]:
        """The session, block by block; endless where the options set no end."""
        t_s, end_s = 0.0, self.options.duration_s
        while t_s < end_s:
            t_s = min(t_s + BLOCK_S, end_s)
            new = self._gait.contacts_until(t_s)
            deliveries, contacts = {}, []
            for side, foot in self.feet.items():
                deliveries[side], ended = foot.advance(t_s, new[side], last=t_s >= end_s)
                contacts += ended
            yield Block(t_s, deliveries, contacts)


def in_steps(
    blocks: Iterator[Block], step_ns: int, start_host_ns: int, joins_s: dict[Side, float]
) -> Iterator[tuple[int, list[Input]]]:
    """Inputs of each `step_ns` of host time, with the time since the start (ns) by which they have arrived.

    A step is the links that connect, the packets of each link (0 is left, 1 is right) in order of arrival, and at every
    fifth of a second the tick. What is still on its way when the last block ends comes with the last step.
    """
    waiting: dict[Side, tuple[IntArray, list[bytes]]] = {side: (np.empty(0, np.int64), []) for side in joins_s}
    joining = {side: round(1e9 * joined_s) for side, joined_s in joins_s.items()}

    def taken(until_ns: int) -> list[Input]:
        made: list[Input] = []
        for side in [side for side, joined_ns in joining.items() if joined_ns < until_ns]:
            detail = f"synthetic {side.label} insole"
            made.append(LinkEvent(start_host_ns + joining.pop(side), int(side), "connected", detail))
        for side, (arrived_ns, packets) in waiting.items():
            n = int(np.searchsorted(arrived_ns, until_ns))
            if n:
                ends = np.cumsum([len(packet) for packet in packets[:n]], dtype=np.int64)
                made.append(Packets(int(side), start_host_ns + arrived_ns[:n], ends, b"".join(packets[:n])))
                waiting[side] = arrived_ns[n:], packets[n:]
        return made

    done_ns = end_ns = 0
    for block in blocks:
        end_ns = round(1e9 * block.until_s)
        for side, deliveries in block.deliveries.items():
            arrived_ns, packets = waiting[side]
            new_ns = np.round(1e9 * deliveries.t_s).astype(np.int64)
            waiting[side] = np.concatenate([arrived_ns, new_ns]), packets + deliveries.packets
        while done_ns + step_ns <= end_ns:
            done_ns += step_ns
            made = taken(done_ns)
            if done_ns % TICK_NS == 0:
                made.append(Tick(start_host_ns + done_ns))
            if made:
                yield done_ns, made
    last_ns = max([end_ns, *(int(arrived_ns[-1]) for arrived_ns, _ in waiting.values() if len(arrived_ns))])
    made = taken(last_ns + 1)
    if made or last_ns > done_ns:
        yield last_ns, [*made, Tick(start_host_ns + last_ns)]
