"""The footer: link health of each foot, alignment of the clocks, body-weight check. No Qt.

In: the scene. Out: short texts; what is unknown is left out or a dash.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from insole.blocks import Side
from insole.dashboard.model.scene import FEET, Link, Scene
from insole.dashboard.model.words import DASH, NumberStyle, clock

Z_95 = 1.96
BEHIND_S = 0.5  # from here on it is said


@dataclass(frozen=True, slots=True)
class FootStatus:
    """One foot's stream: `fault` in place of the rate when the link is gone; `pairs` are label and value."""

    side: Side
    head: str
    fault: bool
    muted: bool
    pairs: tuple[tuple[str, str], ...]


def foot_status(scene: Scene, side: Side, style: NumberStyle) -> FootStatus:
    """Rate, loss and battery of one foot."""
    link = scene.link(side)
    health = scene.foot_health(side)
    battery = "" if math.isnan(health.battery_pct) else f"{style.number(health.battery_pct, 0)} %"
    if link is Link.LOST:
        pairs = (("battery was", battery),) if battery else ()
        return FootStatus(side, f"No link, {clock(health.silent_s)}", fault=True, muted=True, pairs=pairs)
    if link is not Link.UP:
        return FootStatus(side, link.value, fault=False, muted=True, pairs=())
    rate = health.rate_hz
    head = f"{style.number(rate, 0 if rate >= 20 else 1)} Hz" if math.isfinite(rate) else DASH
    loss = (("loss", f"{style.number(health.loss_pct, 1)} %"),) if math.isfinite(health.loss_pct) else ()
    return FootStatus(side, head, fault=False, muted=False, pairs=loss + ((("battery", battery),) if battery else ()))


def session_status(scene: Scene, style: NumberStyle) -> tuple[tuple[str, str], ...]:
    """Label and value of what concerns both feet: backlog, clocks with their 95 % interval, body-weight check."""
    both = all(scene.link(side) is Link.UP for side in FEET)
    belt = Side.BELT in scene.feet
    health = scene.health
    alignment = DASH
    if both and math.isfinite(health.alignment_s):
        alignment = style.signed(health.alignment_s * 1e3, 1)
        if math.isfinite(health.alignment_u_s):
            alignment += f" ± {style.number(Z_95 * health.alignment_u_s * 1e3, 1)}"
        alignment += " ms"
    gone = any(scene.link(side) in {Link.ABSENT, Link.LOST} for side in FEET)
    weight = "needs both feet" if gone else DASH
    if both and math.isfinite(health.k_dyn):
        weight = style.number(health.k_dyn, 2)
    behind = (("Computer behind", f"{style.number(health.behind_s, 1)} s"),) if health.behind_s >= BEHIND_S else ()
    return (*behind, *(() if belt else (("L–R clock", alignment),)), ("Body-weight check", weight))
