"""What was lost, damaged or late in a session, and how its two clocks run."""

from __future__ import annotations

from collections.abc import Mapping

from insole.blocks import Health, Side
from insole.pipeline.backlog import Backlog
from insole.pipeline.clock import TwoClocks
from insole.pipeline.intake import Intake
from insole.pipeline.line import FootLine


def health_of(intake: Intake, lines: Mapping[Side, FootLine], backlog: Backlog, k_dyn: float) -> Health:
    """Counts of links and feet so far; `k_dyn` is the check of body weight, as `Health` has it."""
    batteries = {side: pct for decoder in intake.links.values() for side, pct in decoder.battery_pct.items()}
    feet = {
        side: line.health(intake.now_ns, intake.foot_links.get(side, -1), batteries.get(side, float("nan")))
        for side, line in lines.items()
    }
    clocks = _clocks(lines, intake.now_us)
    return Health(
        {link: decoder.health for link, decoder in intake.links.items()},
        feet,
        alignment_s=clocks.moved_s,
        alignment_u_s=clocks.u_s,
        clock_offset_s=clocks.offset_s,
        clock_drift_ppm=clocks.drift_ppm,
        pinged=clocks.pinged,
        k_dyn=k_dyn,
        foot_links=dict(intake.foot_links),
        behind_s=backlog.now_s,
        most_behind_s=backlog.most_s,
    )


def _clocks(lines: Mapping[Side, FootLine], now_us: float) -> TwoClocks:
    """The left foot's clock against the right one's."""
    if Side.LEFT not in lines or Side.RIGHT not in lines:
        return TwoClocks()
    return TwoClocks.of(lines[Side.LEFT].clock, lines[Side.RIGHT].clock, now_us)
