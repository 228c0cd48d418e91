"""What the runner does and what came of it, held against what was asked.

In: watches and results. Out: words, and verdicts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from insole.blocks import PhaseResult, Side
from insole.device import Device
from insole.fitting.mark import Mark
from insole.fitting.steps import TAPS, Step, Zone, sees_zones
from insole.fitting.watch import FootWatch, Tap
from insole.pipeline.calibration import MAX_CV, STANCE, UNLOADED, UNLOADED_BW

STOOD_ON_BW = 0.30  # gains of half to double are looked for, so a whole weight may read like this
ALONE_BW = 0.70  # with one insole, so that standing on both feet is not taken for standing on one
LIFTED_BW = 0.10
BOTH_SHARE = 0.15  # of the load, on the foot that carries less
STILL_IN_THE_AIR_N = 10.0
ZONE_SHARE = 0.60  # of the load of a tap, where it should be

Watches = Mapping[Side, FootWatch]


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of a step."""

    mark: Mark
    detail: str
    swapped: bool = False  # left and right are taken for each other
    placed: bool = False  # what is tapped answers where it should
    misplaced: bool = False  # it answers elsewhere on the foot


def other_foot(side: Side) -> Side:
    """The other one."""
    return Side.RIGHT if side is Side.LEFT else Side.LEFT


# ---- standing -------------------------------------------------------------------------------------------------------


def silence(watches: Watches) -> str:
    """Whose data are missing; empty where there is a second of both feet."""
    missing = [side for side, watch in watches.items() if not watch.ready]
    return f"data of the {missing[0].label} insole" if missing else ""


def load_trouble(step: Step, watches: Watches, weight_n: float) -> str:
    """What is to be done so that the right feet are loaded; empty where they are."""
    force_n = {side: watch.force_n for side, watch in watches.items()}
    if step.name == UNLOADED:
        loaded = [side for side, force in force_n.items() if force > UNLOADED_BW * weight_n]
        return f"the {loaded[0].label} insole carries {force_n[loaded[0]]:.0f} N: lift that foot" if loaded else ""
    if step.name == STANCE:
        total = sum(force_n.values())
        both = total > STOOD_ON_BW * weight_n and min(force_n.values()) > BOTH_SHARE * total
        return "" if both else "stand on both feet"
    assert step.side is not None
    up = other_foot(step.side)
    if force_n[step.side] < (STOOD_ON_BW if up in watches else ALONE_BW) * weight_n:
        return f"stand on the {step.side.label} foot"
    return f"lift the {up.label} foot" if force_n.get(up, 0.0) > LIFTED_BW * weight_n else ""


def movement(step: Step, watches: Watches) -> str:
    """What is to be done so that the load is steady; empty where it is."""
    if step.name == UNLOADED:
        still = all(float(np.std(watch.forces_n())) < STILL_IN_THE_AIR_N for watch in watches.values())
        return "" if still else "keep the feet still in the air"
    stood_on = [watch for side, watch in watches.items() if step.side in (None, side)]
    n = min(len(watch.forces_n()) for watch in stood_on)
    total = np.sum([watch.forces_n()[-n:] for watch in stood_on], axis=0)
    return "" if float(np.std(total)) < MAX_CV * float(np.mean(total)) else "stand still"


def wrong_foot(side: Side, watches: Watches, weight_n: float) -> bool:
    """Whether the other insole carries what this one should."""
    other = watches.get(other_foot(side))
    if other is None or not other.ready:
        return False
    return other.force_n > STOOD_ON_BW * weight_n and watches[side].force_n < LIFTED_BW * weight_n


def judge_phase(step: Step, results: Sequence[PhaseResult], weight_n: float) -> Judged:
    """What the pipeline made of a phase of calibration."""
    refused = [result for result in results if result.refused]
    if refused:
        who = f"{refused[0].side.label}: " if step.name == UNLOADED else ""
        return Judged(Mark.FIX, f"{who}{refused[0].refused}")
    if step.name == UNLOADED:
        return Judged(Mark.PASS, "zero set")
    if step.side is not None:
        return Judged(Mark.PASS, f"steady, {results[0].variation_pct:.1f} % variation")
    return Judged(Mark.PASS, f"{sum(result.force_n for result in results):.0f} of {weight_n:.0f} N")


# ---- tapping --------------------------------------------------------------------------------------------------------


def judge_taps(step: Step, watches: Watches, feet: Mapping[Side, Device]) -> Judged:
    """Which insole answered to the taps, and where."""
    side, zone = step.side, step.zone
    assert side is not None
    assert zone is not None
    other = other_foot(side)
    here = watches[side].taps
    there = watches[other].taps if other in watches else []
    if len(here) < TAPS and len(there) > len(here):
        text = f"the {side.label} tap came from the {other.label} insole"
        return Judged(Mark.FIX, text, swapped=True)
    if len(there) >= TAPS - 1:
        return Judged(Mark.FIX, "both insoles answered: tap with one foot, the other at rest")
    device = feet[side]
    if not sees_zones(device):
        return Judged(Mark.PASS, f"{side.label} insole")
    shares = {place: float(np.median([_share(tap, device, place) for tap in here])) for place in Zone}
    if shares[zone] >= ZONE_SHARE:
        return Judged(Mark.PASS, f"{side.label} insole, {zone.word} answered", placed=True)
    answered = next((place for place in Zone if place is not zone and shares[place] >= ZONE_SHARE), None)
    if answered is not None:
        text = f"the {zone.word} tap arrives at the {answered.word}: the channel map is wrong, name another profile"
        return Judged(Mark.FIX, text, misplaced=True)
    return Judged(Mark.FIX, f"the load was spread over the foot: tap with the {zone.word} alone")


def _share(tap: Tap, device: Device, zone: Zone) -> float:
    """Share of the load of a tap in a zone."""
    low, high = zone.value
    load = tap.rise_kpa * device.area_mm2
    total = float(load.sum())
    return float(load[(device.y >= low) & (device.y <= high)].sum()) / total if total > 0 else 0.0
