"""Seeking shows what playing shows: the scene of a recording at a moment is the same whichever way it was reached."""

from __future__ import annotations

import copy
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from insole.analysis import analyse
from insole.blocks import Input, Marker, Packets, SettingChange, Side, Tick
from insole.dashboard.model.course import Course
from insole.dashboard.model.history import LinearBuffer
from insole.dashboard.model.scene import FEET, Link, Scene
from insole.dashboard.model.seek_track import track_line
from insole.dashboard.replay.player import Player
from insole.dashboard.replay.survey import Survey
from insole.errors import RecordingError
from insole.pipeline import Pipeline
from insole.recording import Header, Recorder, open_recording
from insole.recording.batch import last_stamp_ns
from insole.sources.steered import Pace
from insole.sources.synthetic import SyntheticOptions, simulate

FRAME_S = 0.002
LONG_S = 60.0  # no test takes it; without it a fault would hang


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
    if isinstance(value, LinearBuffer):
        return plain(value.since(-np.inf))
    if isinstance(value, (list, tuple, set, deque)):
        return [plain(item) for item in value]
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    return repr(value)


def shown(scene: Scene) -> dict[str, object]:
    """All that a scene holds, to the last digit."""
    state = vars(scene) | {"spans": scene.spans}
    for name in ("feet", "_first_settings", "_health_t_s", "feedback"):  # the cue starts anew at a seek
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
        time.sleep(FRAME_S)
        player.into(scene)
    player.into(scene)


SESSION = SyntheticOptions(seconds=70.0, cells=16, valr_left_bw_s=100.0, loss_pct=0.5, seed=3)
LOST_S = (40.0, 44.0)  # the right insole


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with flags, a silence, a marker, flags switched off on the way, and a word of its import."""
    path = tmp_path_factory.mktemp("replay") / "run.mcap"
    simulation = simulate(SESSION)
    header = replace(simulation.header, warnings=("12 lines could not be read",))
    start_ns = header.start_host_ns
    waiting: list[Input] = [
        Marker(start_ns + 20 * 10**9, "note", "hill"),
        SettingChange(start_ns + 55 * 10**9, "flags.enabled", False),
    ]
    with Recorder(path, header) as recorder:
        for inputs in simulation.inputs:
            if waiting and last_stamp_ns(inputs[-1]) > last_stamp_ns(waiting[0]):
                recorder([waiting.pop(0)])
            t_s = (last_stamp_ns(inputs[-1]) - start_ns) * 1e-9
            lost = LOST_S[0] < t_s < LOST_S[1]
            recorder([item for item in inputs if not (lost and isinstance(item, Packets) and item.link == 1)])
    return path


@pytest.fixture(scope="module")
def by_playing(path: Path) -> list[Scene]:
    """The scene at some ticks of a straight replay."""
    header = open_recording(path).header
    scene, pipeline = Scene.of(header), new_pipeline(header)
    scenes = []
    for i, batch in enumerate(tick_by_tick(path)):
        scene.absorb(pipeline.push(batch))
        if i % 32 == 5:
            scenes.append(copy.deepcopy(scene))
    return scenes


@pytest.fixture(scope="module")
def survey(path: Path) -> Survey:
    """Of that run, to its end."""
    survey = Survey(path, path)
    survey.start()
    assert survey.wait(LONG_S)
    return survey


@pytest.fixture
def player(survey: Survey) -> Iterator[Player]:
    player = Player(survey)
    player.post(Pace(paused=True, speed=1.0))
    player.start()
    yield player
    assert player.stop(LONG_S)


def test_the_scene_by_seeking_is_the_scene_by_playing(player: Player, by_playing: list[Scene]) -> None:
    known = by_playing
    for name in ("flags", "spans", "markers", "numbers", "gauges", "warnings"):
        assert any(getattr(scene, name) for scene in known), name
    assert not all(scene.settings.flags.enabled for scene in known)
    sought = Scene.of(player.header)
    for scene in [*reversed(known), *known[1::3], known[0]]:  # back and forth, over stops that were used before
        assert player.seek(scene.t_s) == pytest.approx(scene.t_s, abs=1e-6)
        bring(player, sought)
        assert_same(sought, scene)


def test_playing_on_from_a_moment_is_playing_through(player: Player) -> None:
    sought = Scene.of(player.header)
    player.post(Pace(paused=False, speed=float("inf")))
    player.seek(41.0)
    bring(player, sought)
    deadline = time.monotonic() + LONG_S
    while player.running:
        player.into(sought)
        assert time.monotonic() < deadline
        time.sleep(FRAME_S)
    player.into(sought)
    header = player.header
    played, pipeline = Scene.of(header), new_pipeline(header)
    for inputs in open_recording(player.survey.path).inputs():
        played.absorb(pipeline.push(inputs))
    played.absorb(pipeline.finish())
    assert_same(sought, played)


def test_of_many_wishes_the_last_one_counts(player: Player) -> None:
    scene = Scene.of(player.header)
    for t_s in np.linspace(60.0, 5.0, 40):
        player.seek(float(t_s))
        player.into(scene)  # as a dragged mouse does, faster than anything can be caught up with
    bring(player, scene)
    assert scene.t_s == pytest.approx(5.0, abs=0.11)


def test_a_moment_beyond_the_ends_is_the_nearest_there_is(player: Player) -> None:
    assert player.seek(1e9) == player.course.tick_s[-1]
    assert player.seek(-3.0) == player.course.tick_s[0]


def test_the_survey_is_the_analysis_of_the_file(player: Player) -> None:
    found, wanted = player.survey.analysis, analyse(player.survey.path)
    assert found is not None
    assert plain(found.contacts) == plain(wanted.contacts)
    assert plain(found.flags) == plain(wanted.flags)
    assert plain(found.health) == plain(wanted.health)
    assert (found.warnings, found.header.settings) == (wanted.warnings, wanted.header.settings)
    assert (found.file, found.duration_s) == (wanted.file, wanted.duration_s)


def test_steps_show_contact_after_contact(player: Player) -> None:
    course, scene = player.course, Scene.of(player.header)
    seen: list[int] = []
    t_s = course.step(30.0, 1)
    while t_s is not None and len(seen) < 6:
        player.seek(t_s)
        bring(player, scene)
        seen.append(max(shape.contact_id for shape in scene.shapes.values()))
        at = course.contact_at(scene.t_s)
        assert at is not None
        assert course.contact_id[at] in {shape.contact_id for shape in scene.shapes.values()}
        numbers = {side: shape.contact_id // 2 + 1 for side, shape in scene.shapes.items()}
        assert course.contacts_at(scene.t_s) == numbers  # of each foot its own
        t_s = course.step(t_s, 1)
    assert seen == sorted(set(seen))
    assert course.step(0.0, -1) is None
    assert course.step(course.end_s, 1) is None


def test_closing_in_the_middle_of_the_survey(path: Path) -> None:
    player = Player(Survey(path, path))
    player.start()
    assert player.stop(LONG_S)
    assert not player.running


def test_a_file_that_cannot_be_read_is_said_at_once(tmp_path: Path) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("no recording")
    with pytest.raises(RecordingError, match="is not a recording"):
        Player(Survey(other, other))


def test_a_laptop_that_slept(tmp_path: Path) -> None:
    """Nothing at all arrived for five minutes, not even a tick, while the insoles went on; then a tick comes first."""
    path = tmp_path / "slept.mcap"
    simulation = simulate(SyntheticOptions(seconds=350.0, cells=16, seed=6))
    start_ns = simulation.header.start_host_ns
    awake = True
    with Recorder(path, simulation.header) as recorder:
        for inputs in simulation.inputs:
            if 25.0 < (last_stamp_ns(inputs[-1]) - start_ns) * 1e-9 < 325.0:
                awake = False
                continue
            if not awake:
                recorder([Tick(start_ns + 325 * 10**9)])
                awake = True
            recorder(inputs)
    header = open_recording(path).header
    scene, pipeline = Scene.of(header), new_pipeline(header)
    for batch in tick_by_tick(path):
        scene.absorb(pipeline.push(batch))
    assert [(span.side, round(span.from_s), round(span.to_s or 0.0)) for span in scene.spans] == [
        (Side.LEFT, 25, 325),
        (Side.RIGHT, 25, 325),
    ]
    assert all(scene.link(side) is Link.UP for side in FEET)
    course = Course.of(analyse(path).contacts, np.empty(0), (), (), (), 350.0, 1.0)
    for side in FEET:
        known = scene.numbers["valr_bw_s", side]
        assert known.n >= known.needed
        rates = scene.rates[side].since(0.0)
        gaps = np.diff(rates["t_s"])
        assert gaps.max() > 299.0  # no contact is made of what was not there
        line = track_line(course, side, 0.5)
        assert not line.join[:-1][np.diff(line.t_s) > 3.0].any()  # and no line is drawn across
