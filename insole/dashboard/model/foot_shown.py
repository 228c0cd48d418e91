"""What is shown of a foot, and in which state: the picture by its kind, words where there is none. No Qt.

In: the scene. Out: pressures of the cells with what belongs to them; a mode and a few words.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np

from insole.blocks import BoolArray, FloatArray, Side
from insole.dashboard.model.scene import Link, Scene
from insole.dashboard.model.words import clock
from insole.pipeline.numbers import SILENT_S

MEAN_OF = 30  # contacts, once there are as many


class Kept(Enum):
    """Which picture of a foot."""

    LAST = "Last contact"
    MEAN = f"Mean of {MEAN_OF}"
    LIVE = "Live"
    HOLD = "Peak hold"


class FootMode(Enum):
    """What there is to show of a foot."""

    EMPTY = "no contact yet"
    SHOWN = ""
    STALE = "older than 2 s"
    LOST = "No link"
    ABSENT = "No insole"
    NO_MAP = "no cell geometry"


@dataclass(frozen=True, slots=True, eq=False)
class FootPressures:
    """One picture: pressure and full scale of every cell, the way of the centre of pressure in 0..1."""

    kpa: FloatArray  # (c,)
    saturated: BoolArray  # (c,)
    cop: FloatArray  # (m, 2)


@dataclass(frozen=True, slots=True)
class FootState:
    """State of one foot in words: `note` stands below it, `lines` inside it."""

    mode: FootMode
    note: str = ""
    lines: tuple[str, ...] = ()


def source_of(scene: Scene, side: Side, kept: Kept) -> object:
    """The block that a picture is made of: another one only when something came; None where there is none."""
    if kept is Kept.LAST:
        return scene.shapes.get(side)
    return scene.live_kpa.get(side) if kept is Kept.LIVE else scene.pictures.get(side)


def foot_pressures(scene: Scene, side: Side, kept: Kept) -> FootPressures | None:
    """The picture of a foot; None before there is one."""
    no_way = np.empty((0, 2))
    if kept is Kept.LAST:
        shape = scene.shapes.get(side)
        return None if shape is None else FootPressures(shape.peak_kpa, shape.saturated, shape.cop)
    if kept is Kept.LIVE:
        kpa = scene.live_kpa.get(side)
        return None if kpa is None else FootPressures(kpa, np.zeros(len(kpa), np.bool_), no_way)
    picture = scene.pictures.get(side)
    if picture is None:
        return None
    if kept is Kept.MEAN:
        return FootPressures(picture.peak_kpa, picture.saturated, picture.cop)
    return FootPressures(picture.highest_kpa, picture.saturated, no_way)


def foot_state(scene: Scene, side: Side, kept: Kept = Kept.LAST) -> FootState:
    """What there is to show of a foot. Only the last contact grows old: the others say over what they are."""
    link = scene.link(side)
    shape = scene.shapes.get(side)
    if link is Link.ABSENT:
        return FootState(FootMode.ABSENT, lines=(FootMode.ABSENT.value,))
    if link is Link.LOST:
        since = f"{clock(scene.t_s - shape.strike_s)} ago" if shape is not None else ""
        return FootState(FootMode.LOST, lines=(FootMode.LOST.value, *(("last contact", since) if since else ())))
    device = scene.device(side)
    if device is None or not device.has_geometry:
        return FootState(FootMode.NO_MAP, lines=(FootMode.NO_MAP.value,))
    found = foot_pressures(scene, side, kept)
    if found is None:
        return FootState(FootMode.EMPTY, lines=(FootMode.EMPTY.value,))
    saturated = int(found.saturated.sum())
    faulty = len(scene.foot_health(side).faulty_cells)
    notes = [f"{saturated} saturated"] if saturated else []
    notes += [f"{faulty} faulty"] if faulty else []
    mean_of = scene.pictures[side].n if kept is Kept.MEAN else MEAN_OF
    notes += [f"mean of {mean_of}"] if mean_of < MEAN_OF else []
    age_s = scene.t_s - shape.strike_s if shape is not None else 0.0
    if kept is Kept.LAST and age_s > SILENT_S:
        notes = [f"{math.floor(age_s)} s ago" if age_s < 60 else f"{clock(age_s)} ago"]
        return FootState(FootMode.STALE, note=notes[0])
    return FootState(FootMode.SHOWN, note=", ".join(notes))
