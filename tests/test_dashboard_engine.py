"""The engine thread and its steered source: real loop, real pipeline, small scripted sources."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pytest
import recorded

from insole.analysis import analyse
from insole.blocks import ContactTable, FloatArray, Input, Marker, SettingChange, Side, Update
from insole.dashboard.engine import Engine
from insole.dashboard.inbox import Inbox
from insole.dashboard.model.readings import gauge_row, reading
from insole.dashboard.model.scene import Scene
from insole.dashboard.model.words import NumberStyle
from insole.errors import InsoleError, LinkError
from insole.recording import Header, Recorder, open_recording
from insole.sources.replay import ReplaySource
from insole.sources.steered import COMMANDS, Pace, Played, Stop


class Scripted:
    """A source that hands out a session, waits for ever after it if told to, and remembers how it was left."""

    def __init__(self, seconds: float, *, endless: bool = False, error: Exception | None = None) -> None:
        self.header: Header = recorded.header()
        self._batches = recorded.session(seconds)
        self._endless = endless
        self._error = error
        self.left = False
        self.drained = threading.Event()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.left = True

    async def __aiter__(self) -> AsyncIterator[list[Input]]:
        for batch in self._batches:
            yield batch
        self.drained.set()
        if self._error is not None:
            raise self._error
        if self._endless:
            await asyncio.Event().wait()


class Collected:
    """Updates, and a way to wait for one."""

    def __init__(self) -> None:
        self.updates: list[Update] = []
        self._new = threading.Condition()

    def __call__(self, update: Update) -> None:
        with self._new:
            self.updates.append(update)
            self._new.notify_all()

    def events(self) -> list[object]:
        return [event for update in self.updates for event in update.events]

    def wait_for(self, *wanted: object) -> None:
        with self._new:
            assert self._new.wait_for(lambda: all(w in self.events() for w in wanted), timeout=20)


@contextmanager
def at_work(source: object, sink: Collected, record: object = None) -> Iterator[Engine]:
    engine = Engine(source, sink, record)  # type: ignore[arg-type]
    engine.start()
    try:
        yield engine
    finally:
        assert engine.stop(20)


def test_a_session_ends_by_itself() -> None:
    sink, source = Collected(), Scripted(0.5)
    with at_work(source, sink) as engine:
        engine._thread.join(20)
        assert not engine.running
    assert source.left
    assert engine.error is None
    assert sum(f.frames for f in sink.updates[-1].health.feet.values()) == 2 * 100


def test_stopping_finishes_what_arrived() -> None:
    sink, source = Collected(), Scripted(0.3, endless=True)
    with at_work(source, sink) as engine:
        assert source.drained.wait(20)
        assert engine.post(Stop())
        engine._thread.join(20)
        assert not engine.running
    assert source.left
    assert engine.error is None
    assert sum(f.frames for f in sink.updates[-1].health.feet.values()) == 2 * 60


def test_a_source_that_waits_for_ever_can_be_left() -> None:
    sink, source = Collected(), Scripted(0.0, endless=True)
    with at_work(source, sink) as engine:
        assert source.drained.wait(20)
    assert source.left
    assert engine.error is None
    assert len(sink.updates) == 1  # that of the end


def test_an_engine_that_was_never_started_stops() -> None:
    engine = Engine(Scripted(0.1), Collected())
    assert engine.stop(1)


def test_markers_and_settings_enter_the_stream_and_the_recording(tmp_path: Path) -> None:
    path = tmp_path / "kept.mcap"
    marker, change = Marker(7, "note", "11 km/h"), SettingChange(8, "flags.enabled", value=False)
    sink, source = Collected(), Scripted(0.3, endless=True)
    with Recorder(path, source.header) as recorder, at_work(source, sink, recorder) as engine:
        assert engine.post(marker)
        assert engine.post(change)
        sink.wait_for(marker, change)
    kept = [item for inputs in open_recording(path).inputs() for item in inputs]
    assert marker in kept
    assert change in kept


def test_the_queue_is_bounded() -> None:
    engine = Engine(Scripted(0.1), Collected())
    taken = [engine.post(Marker(i, "note")) for i in range(COMMANDS + 3)]
    assert taken == [True] * COMMANDS + [False] * 3


def test_a_failing_source_is_reported_and_left() -> None:
    sink, source = Collected(), Scripted(0.2, error=LinkError("test:", "cable pulled"))
    with at_work(source, sink) as engine:
        engine._thread.join(20)
    assert isinstance(engine.error, InsoleError)
    assert "cable pulled" in str(engine.error)
    assert source.left


def test_a_failing_recorder_stops_the_session() -> None:
    def full_disk(_inputs: list[Input]) -> None:
        raise OSError("no space left on device")

    with at_work(Scripted(0.2, endless=True), Collected(), full_disk) as engine:
        engine._thread.join(20)
    assert isinstance(engine.error, OSError)


def test_a_replay_is_paused_and_hurried(tmp_path: Path) -> None:
    path = tmp_path / "session.mcap"
    path.write_bytes(recorded.recorded_bytes(1.0))
    source = ReplaySource(path, speed=0.1)
    assert isinstance(source, Played)
    assert not isinstance(Scripted(0.1), Played)
    marker = Marker(1, "note")
    sink = Collected()
    with at_work(source, sink) as engine:
        engine.post(Pace(paused=True, speed=2.0))
        engine.post(marker)
        sink.wait_for(marker)  # commands are carried out in order: the pace is set by now
        assert source.paused
        assert source.speed == 2.0
        engine.post(Pace(paused=False, speed=99.0))  # beyond its range: the speed stays
        engine.post(Marker(2, "note"))
        sink.wait_for(Marker(2, "note"))
        assert not source.paused
        assert source.speed == 2.0
        engine._thread.join(20)
        assert not engine.running
    assert sum(f.frames for f in sink.updates[-1].health.feet.values()) == 2 * 200


@pytest.mark.parametrize("name", ["even_runner", "radio_dropouts"])
def test_figures_on_the_screen_are_those_of_the_analysis(name: str) -> None:
    """The shipped recordings through engine, inbox and scene, against the contact table of `analyse`."""
    path = Path(str(files("replay_data") / f"{name}.mcap"))
    inbox = Inbox(8)
    source = ReplaySource(path, speed=float("inf"))
    with at_work(source, inbox.put) as engine:  # type: ignore[arg-type]
        engine._thread.join(120)
    assert engine.error is None
    scene = Scene.of(source.header)
    for update in inbox.take():
        scene.absorb(update)
    contacts = analyse(path).contacts
    style = NumberStyle()
    for side in (Side.LEFT, Side.RIGHT):
        rows = contacts.running(side)

        def last(column: str, rows: ContactTable = rows) -> FloatArray:
            values = rows.columns[column]
            return values[np.isfinite(values)][-30:]

        shown = {
            metric: reading(scene, metric, side, style).value
            for metric in ("contact_time_ms", "valr_bw_s", "peak_force_bw")
        }
        assert shown["contact_time_ms"] == style.number(float(last("contact_time_ms").mean()), 0)
        assert shown["valr_bw_s"] == style.number(float(np.median(last("valr_bw_s"))), 1)
        assert shown["peak_force_bw"] == style.number(float(last("peak_force_bw").mean()), 2)
        kept = scene.rates[side].since(-np.inf)
        np.testing.assert_array_equal(kept["t_s"], rows.strike_s)
        np.testing.assert_array_equal(kept["value"], rows.columns["valr_bw_s"])
        np.testing.assert_array_equal(kept["median"], rows.columns["valr_bw_s_median"])
    asymmetry = contacts.columns["contact_time_ms_asymmetry"][-1]
    assert gauge_row(scene, "contact_time_ms", style).value == f"+{style.number(abs(float(asymmetry)), 1)}"
