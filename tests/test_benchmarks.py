"""Every benchmark runs and says something, at a size at which its times mean nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import cue, live, offline, peers, port, reading, whole
from benchmarks.measure import Line, in_turns, percentile
from benchmarks.workload import Workload


@pytest.fixture(scope="module")
def load() -> Workload:
    return Workload.made(14.0, cells=32)


def spoken(lines: Iterator[Line]) -> list[Line]:
    found = list(lines)
    assert found
    for line in found:
        assert math.isfinite(line.measured)
        assert line.goal in line.text()
        assert line.what in line.text()
    return found


def test_a_line_passes_at_its_limit() -> None:
    assert Line("X", "at most", 2.0, 2.0).passed
    assert not Line("X", "at most", 2.1, 2.0).passed
    assert Line("X", "at least", 2.0, 2.0, at_least=True).passed
    assert not Line("X", "at least", 1.9, 2.0, at_least=True).passed
    assert Line("X", "no goal", 1e9, None).passed


def test_jobs_are_run_in_turns() -> None:
    order: list[str] = []
    assert len(in_turns(lambda: order.append("a"), lambda: order.append("b"), rounds=2)) == 2
    assert order == ["a", "b"] * 3


def test_percentile_is_one_of_the_values() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([3.0, 1.0, 2.0], 1.0) == 3.0


def test_a_port(load: Workload, tmp_path: Path) -> None:
    short = Workload.made(2.0, cells=32)
    assert {line.goal for line in spoken(port.port(short, load, tmp_path))} == {"S5"}


def test_decoding(load: Workload) -> None:
    assert {line.goal for line in spoken(offline.decode(load, 1))} == {"D1"}


def test_rows_to_contacts(load: Workload) -> None:
    assert {line.goal for line in spoken(offline.analyse_rows(load, 1))} == {"A1", "A2"}
    assert len(spoken(offline.linear(load, load, load, load, 1))) == 2


def test_peers_find_the_same_numbers(load: Workload) -> None:
    assert {line.goal for line in spoken(peers.peers(load, load, 1))} == {"A3"}


def test_whole_sessions(load: Workload) -> None:
    assert spoken(offline.session(load, 1))


def test_streams(load: Workload) -> None:
    goals = [*live.push_sizes(load, 1), *live.many_runners(load), *live.delay(load), *live.endurance(load)]
    assert {line.goal for line in spoken(iter(goals))} == {"S1", "S2", "S3", "S4"}


def test_whole_processes(tmp_path: Path) -> None:
    assert spoken(whole.memory(tmp_path, 3.0, 16))
    assert all(line.passed for line in spoken(whole.imports(tmp_path)))


def test_reading_vendors_text(tmp_path: Path) -> None:
    lines = spoken(reading.reading(tmp_path, 4.0, 1))
    assert {line.goal for line in lines} == {"I1"}
    assert {line.what.partition(",")[0] for line in lines} == {"pedar", "OpenGo"}


def test_cues_under_the_window() -> None:
    lines = spoken(cue.cue(4))
    assert {line.goal for line in lines} == {"Q1"}
    assert all(line.measured > 0 for line in lines[:4])
