"""A person who takes the fit check: first the feet in the air, then standing on both, on one, taps; then the plan.

Out: the contacts of that time, in order. The times leave room for a check that goes on from step to step by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from insole.blocks import Side
from insole.sources.synthetic.foot import Roll
from insole.sources.synthetic.force import NO_BUMP, bump

AIR_S = 8.0
BOTH_S = 15.0
ONE_LEG_S = 9.0
TAPS_S = 6.0  # of one place
FIRST_TAP_S, TAP_EVERY_S, TAPS = 1.6, 1.0, 3
LANDING_S = 0.3
TAP_RISE_S, TAP_HOLD_S, TAP_FALL_S = 0.06, 0.08, 0.08
TAP_BW = 0.4
TAPPED = (
    (Side.LEFT, Roll.HEEL),
    (Side.LEFT, Roll.TOES),
    (Side.RIGHT, Roll.HEEL),
    (Side.RIGHT, Roll.TOES),
)  # in this order
FIT_S = AIR_S + BOTH_S + 2 * ONE_LEG_S + len(TAPPED) * TAPS_S


class Touch(NamedTuple):
    """One contact of a foot: when, how long, how hard (three bumps), and where."""

    side: Side
    start_s: float
    contact_s: float
    bumps: list[list[float]]
    roll: Roll


def touches() -> Iterator[Touch]:
    """All of them."""
    at_s = AIR_S
    for side in (Side.LEFT, Side.RIGHT):
        yield _stand(side, at_s, BOTH_S, 0.5, Roll.FLAT)
    at_s += BOTH_S
    for side in (Side.LEFT, Side.RIGHT):
        yield _stand(side, at_s, ONE_LEG_S, 1.0, Roll.ONE_LEG)
        at_s += ONE_LEG_S
    for side, roll in TAPPED:
        for k in range(TAPS):
            down_s = at_s + FIRST_TAP_S + k * TAP_EVERY_S
            force = bump(0.0, TAP_RISE_S, TAP_HOLD_S, TAP_FALL_S, TAP_BW)
            yield Touch(side, down_s, TAP_RISE_S + TAP_HOLD_S + TAP_FALL_S, [force, NO_BUMP, NO_BUMP], roll)
        at_s += TAPS_S


def _stand(side: Side, at_s: float, seconds: float, load_bw: float, roll: Roll) -> Touch:
    """A stand of one foot, up to the end of its time."""
    force = bump(0.0, LANDING_S, seconds - 2 * LANDING_S, LANDING_S, load_bw)
    return Touch(side, at_s, seconds, [force, NO_BUMP, NO_BUMP], roll)
