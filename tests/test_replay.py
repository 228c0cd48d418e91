"""Source URLs, and a recording as a source: the same inputs, at the pace that was asked for."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from recorded import FRAME_NS, by_link, expected, header, recorded_bytes, session
from virtual_time import run_in_virtual_time

from insole.blocks import Input, Packets, Tick
from insole.errors import InsoleError, LinkError
from insole.recording import Recorder
from insole.recording.batch import last_stamp_ns
from insole.sources import SCHEMES, open_source
from insole.sources.replay import ReplaySource

SECONDS = 3.0


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "run.mcap"
    path.write_bytes(recorded_bytes(SECONDS))
    return path


def nothing(reached_s: float) -> None:
    """No command."""


def played(source: ReplaySource, command: Callable[[float], None] = nothing) -> list[tuple[float, list[Input]]]:
    """Play to the end: each batch with when it came; `command` is called with the recording time after each."""

    async def play() -> list[tuple[float, list[Input]]]:
        batches = []
        async with source:
            async for inputs in source:
                batches.append((asyncio.get_running_loop().time(), inputs))
                command(last_stamp_ns(inputs[-1]) * 1e-9)
        return batches

    return run_in_virtual_time(play())


def once(after_s: float, command: Callable[[], None]) -> Callable[[float], None]:
    """The command, the first time that the recording has got so far."""
    waiting = [command]

    def look(reached_s: float) -> None:
        if waiting and reached_s >= after_s:
            waiting.pop()()

    return look


@pytest.mark.parametrize("speed", [0.1, 1.0, 4.0, 16.0])
def test_pace_is_kept(recording: Path, speed: float) -> None:
    batches = played(ReplaySource(recording, speed=speed))
    assert by_link(inputs for _, inputs in batches) == by_link(session(SECONDS))
    for came_s, inputs in batches:
        stamps = [last_stamp_ns(item) for item in inputs]
        assert max(stamps) - min(stamps) <= 55_000_000
        late_s = came_s - max(stamps) * 1e-9 / speed
        assert -1e-6 <= late_s <= 0.025


def test_unpaced_takes_no_time(recording: Path) -> None:
    batches = played(ReplaySource(recording, speed=math.inf))
    assert by_link(inputs for _, inputs in batches) == by_link(session(SECONDS))
    assert {came_s for came_s, _ in batches} == {0.0}


def test_what_lies_before_the_start_comes_at_once(recording: Path) -> None:
    batches = played(ReplaySource(recording, from_s=2.0))
    assert by_link(inputs for _, inputs in batches) == by_link(session(SECONDS))
    for came_s, inputs in batches:
        assert came_s == pytest.approx(max(0.0, last_stamp_ns(inputs[-1]) * 1e-9 - 2.0), abs=0.055)
    assert batches[-1][0] == pytest.approx(SECONDS - 2.0, abs=0.05)


def test_a_start_beyond_the_end_gives_everything_at_once(recording: Path) -> None:
    assert {came_s for came_s, _ in played(ReplaySource(recording, from_s=100.0))} == {0.0}


def test_pause_stops_the_recordings_clock(recording: Path) -> None:
    source = ReplaySource(recording)

    def pause() -> None:
        source.pause()
        asyncio.get_running_loop().call_later(7.0, source.resume)

    batches = played(source, once(1.0, pause))
    assert by_link(inputs for _, inputs in batches) == by_link(session(SECONDS))
    assert batches[-1][0] == pytest.approx(SECONDS + 7.0, abs=0.05)
    assert not [came_s for came_s, _ in batches if 1.1 < came_s < 7.9]
    assert not source.paused


def test_a_source_can_start_paused(recording: Path) -> None:
    source = ReplaySource(recording)
    source.pause()
    assert source.paused

    async def first_batch() -> float:
        async with source:
            asyncio.get_running_loop().call_later(5.0, source.resume)
            async for _ in source:
                return asyncio.get_running_loop().time()
        raise AssertionError("nothing came")

    assert run_in_virtual_time(first_batch()) == pytest.approx(5.0, abs=0.03)


@pytest.mark.parametrize(("speed", "rest_s"), [(4.0, 0.5), (0.5, 4.0), (math.inf, 0.0)])
def test_speed_can_change_on_the_way(recording: Path, speed: float, rest_s: float) -> None:
    source = ReplaySource(recording)
    batches = played(source, once(1.0, lambda: source.set_speed(speed)))
    assert by_link(inputs for _, inputs in batches) == by_link(session(SECONDS))
    assert batches[-1][0] == pytest.approx(1.0 + rest_s, abs=0.05)
    assert source.speed == speed


def test_from_unpaced_to_paced(recording: Path) -> None:
    source = ReplaySource(recording, speed=math.inf)
    batches = played(source, once(0.0, lambda: source.set_speed(1.0)))
    assert by_link(inputs for _, inputs in batches) == by_link(session(SECONDS))


def test_commands_come_from_other_threads(recording: Path) -> None:
    source = ReplaySource(recording)
    threads: list[threading.Thread] = []

    def pause_here_resume_there() -> None:
        source.pause()
        threads.append(threading.Thread(target=source.resume))
        threads[-1].start()

    batches = played(source, once(1.0, pause_here_resume_there))
    threads[0].join()
    assert by_link(inputs for _, inputs in batches) == by_link(session(SECONDS))


def test_both_feet_move_together_though_recorded_one_after_the_other(tmp_path: Path) -> None:
    path = tmp_path / "blocks.mcap"
    n = 40
    with Recorder(path, header()) as recorder:
        for block in range(5):
            stamps = (block * n + np.arange(n)) * FRAME_NS
            inputs: list[Input] = [Packets(link, stamps, np.arange(1, n + 1), bytes(n)) for link in (0, 1)]
            recorder([*inputs, Tick(int(stamps[-1]) + 1)])
    batches = played(ReplaySource(path))
    reached = {0: 0, 1: 0}
    for _, inputs in batches:
        for item in inputs:
            if isinstance(item, Packets):
                reached[item.link] = last_stamp_ns(item)
        assert abs(reached[0] - reached[1]) <= 10_000_000


# ---- URLs ------------------------------------------------------------------------------------------------------------


def test_a_replay_url_with_options(recording: Path) -> None:
    source = open_source(f"replay:{recording}?speed=inf&from=1.5")
    assert isinstance(source, ReplaySource)
    assert source.speed == math.inf
    assert source.header.runner.code == "R1"


def test_a_url_is_cut_at_the_first_colon_only() -> None:
    with pytest.raises(InsoleError, match=r"^C:\\runs\\a\.mcap: cannot be opened"):
        open_source(r"replay:C:\runs\a.mcap?speed=2")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("bluetooth:left", "no source 'bluetooth'; known are ble:, replay:, serial:, synthetic:"),
        ("run.mcap", "no source 'run.mcap'"),
        ("", "no source ''"),
        ("replay:{file}?sped=2", "unknown option 'sped'; known are from, speed"),
        ("replay:{file}?speed", "'speed' is not one option=value"),
        ("replay:{file}?speed=1&speed=2", "'speed=2' is not one option=value"),
        ("replay:{file}?speed=fast", "not a number: .*'fast'"),
        ("replay:{file}?speed=nan", "speed = nan: expected 0.1 to 16, or inf"),
        ("replay:{file}?speed=0", "speed = 0: expected 0.1 to 16, or inf"),
        ("replay:{file}?speed=17", "speed = 17: expected"),
        ("replay:{file}?from=-1", "from = -1: expected 0 s or more"),
        ("replay:{file}?from=inf", "from = inf: expected"),
    ],
)
def test_a_wrong_url_is_one_clear_line(recording: Path, url: str, says: str) -> None:
    url = url.format(file=recording)
    with pytest.raises(LinkError, match=says) as caught:
        open_source(url)
    assert caught.value.url == url
    assert "\n" not in str(caught.value)


def test_a_wrong_command_leaves_the_pace_as_it_is(recording: Path) -> None:
    source = ReplaySource(recording)
    with pytest.raises(ValueError, match="expected"):
        source.set_speed(100.0)
    assert source.speed == 1.0


@pytest.mark.parametrize("scheme", sorted(SCHEMES))
def test_every_scheme_names_a_class_that_takes_a_url(scheme: str) -> None:
    module, name = SCHEMES[scheme]
    assert callable(getattr(import_module(module), name).from_url)
    with pytest.raises(InsoleError):
        open_source(f"{scheme}:?no_such_option=1")


def test_damage_is_known_when_the_recording_has_been_played(tmp_path: Path) -> None:
    path = tmp_path / "cut.mcap"
    path.write_bytes(recorded_bytes(SECONDS)[:-4000])
    source = ReplaySource(path, speed=math.inf)
    batches = played(source)
    assert len(by_link(inputs for _, inputs in batches)) < len(expected(SECONDS))
    assert source.damage
