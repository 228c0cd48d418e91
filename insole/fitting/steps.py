"""The steps of the fit check, in order: what the runner is asked to do, and what can be looked at with these insoles.

A step shows in the recording as markers of kind 'fit_check': '<step> begin', then '<step> pass', '<step> fix' or
'<step> skipped'. Phases that give a zero or a gain lie between the pipeline's own markers of calibration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from insole.blocks import Marker, Side
from insole.device import Device
from insole.pipeline.calibration import LEFT, RIGHT, STANCE, UNLOADED
from insole.settings import Runner

MARKER = "fit_check"
BEGIN, SKIPPED = "begin", "skipped"
TAPS = 3


class Zone(Enum):
    """Where a tap should be felt: along the foot from low to high, 0 at the heel (METRICS.md 6.1, with some room)."""

    HEEL = (0.0, 0.35)
    TOES = (0.50, 1.0)

    @property
    def word(self) -> str:
        """As it stands in a sentence."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Parameters
    ----------
    name : str
        As markers say it; of a phase of calibration its own name.
    title, ask, hint : str
        In the list; what the runner is asked; how.
    side : Side or None
        The foot that it is about; None: both.
    zone : Zone or None
        Where to tap; None: stand.
    hold_s : float
        How long to hold still.
    """

    name: str
    title: str
    ask: str
    hint: str
    side: Side | None = None
    zone: Zone | None = None
    hold_s: float = 0.0


def _leg(name: str, side: Side) -> Step:
    other = "right" if side is Side.LEFT else "left"
    hint = f"The {other} foot in the air; hold on to the rail only to find the balance, then let go."
    return Step(
        name, f"Stand on the {side.label} foot", f"Stand on your {side.label} foot, still", hint, side, hold_s=4.5
    )


def _tap(side: Side, zone: Zone) -> Step:
    how = {
        Zone.HEEL: "Heel on the floor, toes up. The heel zone should answer, and nothing on the other foot.",
        Zone.TOES: "Heel up, press with the forefoot. The front zone should answer, and nothing on the other foot.",
    }
    name = f"{side.label} {zone.word}"
    return Step(name, f"Tap {name}", f"Tap your {name} three times", how[zone], side, zone)


STEPS = (
    Step(
        UNLOADED,
        "Both feet off the floor",
        "Sit, both feet off the floor",
        "Shoes on and laced as for running. The insoles show what they read without load.",
        hold_s=2.0,
    ),
    Step(
        STANCE,
        "Stand still, both feet",
        "Stand still on both feet",
        "Arms down, look ahead. What the insoles read is held against the body mass.",
        hold_s=8.5,
    ),
    _leg(LEFT, Side.LEFT),
    _leg(RIGHT, Side.RIGHT),
    *(_tap(side, zone) for side in (Side.LEFT, Side.RIGHT) for zone in Zone),
)


def impossible(step: Step, feet: Mapping[Side, Device], runner: Runner) -> str:
    """Why a step has no meaning here, in a few words; empty where it has."""
    if Side.BELT in feet:
        return "one force signal for both feet"
    if step.side is not None and step.side not in feet:
        return f"no {step.side.label} insole"
    if step.name == STANCE and len(feet) < 2:
        return "one insole only"
    if step.name in (STANCE, LEFT, RIGHT) and runner.body_mass_kg is None:
        return "no body mass"
    if step.zone is Zone.TOES and step.side is not None and not sees_zones(feet[step.side]):
        return "no cells along the foot"
    return ""


def sees_zones(device: Device) -> bool:
    """Whether heel and toes can be told apart."""
    return device.has_geometry and device.cells_along >= 3


def marker(step: Step, what: str, t_host_ns: int) -> Marker:
    """The input that says so."""
    return Marker(t_host_ns, MARKER, f"{step.name} {what}")
