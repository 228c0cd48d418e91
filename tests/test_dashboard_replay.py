"""Seeking shows what playing shows: the scene of a recording at a moment is the same whichever way it was reached."""

from __future__ import annotations

import copy
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path

import numpy as np
import pytest

from insole.blocks import Input, Side, Tick, Update
from insole.dashboard.engine import Pace
from insole.dashboard.model.scene import Scene
from insole.dashboard.replay.player import Player
from insole.dashboard.replay.survey import Survey
from insole.pipeline import Pipeline
from insole.recording import Header, open_recording
from insole.session import analyse
from replay_data import recording

LONG_S = 60.0  # no test takes it; without it a fault would hang


def new_scene(header: Header) -> Scene:
    return Scene(header.feet, header.settings, header.runner, header.start_host_ns)


def new_pipeline(header: Header) -> Pipeline:
    return Pipeline(header.feet, header.settings, header.runner, header.start_host_ns)


def tick_by_tick(path: Path) -> Iterator[list[Input]]:
    """The inputs of a recording, up to and including one tick at a time."""
    batch: list[Input] = []
    for inputs in open_recording(path).inputs():
        for item in inputs:
            batch.append(item)
            if isinstance(item, Tick):
                yield batch
                batch = []


def plain(value: object) -> object:
    """Values that can be compared: NaN as text, arrays and blocks as what they hold."""
    if isinstance(value, np.ndarray):
        return [repr(item) for item in value.ravel().tolist()]
    if isinstance(value, Mapping):
        return {repr(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, deque)):
        return [plain(item) for item in value]
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    return repr(value)


def shown(scene: Scene) -> dict[str, object]:
    """All that a scene holds, to the last digit."""
    rates = {side: rows.since(-np.inf) for side, rows in scene.rates.items()}
    state = vars(scene) | {"rates": rates, "spans": scene.spans}
    for name in ("feet", "_first_settings", "_health_t_s"):
        state.pop(name)
    return {name: plain(value) for name, value in state.items()}


def assert_same(sought: Scene, played: Scene) -> None:
    one, other = shown(sought), shown(played)
    assert one.keys() == other.keys()
    for name in one:
        assert one[name] == other[name], name


def bring(player: Player, scene: Scene) -> None:
    """What the window does every frame, until the wanted moment is there."""
    deadline = time.monotonic() + LONG_S
    player.into(scene)
    while player.seeking:
        assert time.monotonic() < deadline
        player.into(scene)
    player.into(scene)


@pytest.fixture
def player(request: pytest.FixtureRequest) -> Iterator[Player]:
    player = Player(recording(request.param))
    player.post(Pace(paused=True, speed=1.0))
    player.start()
    assert player.survey.wait(LONG_S)
    yield player
    assert player.stop(LONG_S)


@pytest.mark.parametrize("player", ["hard_left_heel", "radio_dropouts"], indirect=True)
def test_the_scene_by_seeking_is_the_scene_by_playing(player: Player) -> None:
    path, header = player.survey.path, player.header
    end_s = player.course.end_s
    moments = sorted({player.course.moment(t) for t in np.linspace(0.2, end_s - 0.5, 9)})
    sought = new_scene(header)
    played, pipeline = new_scene(header), new_pipeline(header)
    by_playing: dict[float, Scene] = {}
    for batch in tick_by_tick(path):
        played.absorb(pipeline.push(batch))
        reached = [t for t in moments if played.t_s >= t and t not in by_playing]
        by_playing.update(dict.fromkeys(reached, copy.deepcopy(played)))
    for moment in [*reversed(moments), *moments[1::3], moments[0]]:  # back and forth, over stops that were used before
        player.seek(moment)
        bring(player, sought)
        assert_same(sought, by_playing[moment])
