"""Recording while the disk is full, gone or the program killed: the session goes on and nothing is lost unsaid."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from mcap.records import Message
from recorded import expected, flat, header, session

from insole.blocks import DiskEvent, Input
from insole.checking import check, repair
from insole.errors import RecordingError
from insole.recording import LiveRecorder, open_recording, patience
from insole.recording.batch import last_stamp_ns
from insole.recording.chunks import ChunkWriter
from insole.recording.patience import PatientWriter
from insole.recording.scan import PROFILE
from insole.recording.writer import CHANNEL_RECORDS

resource = pytest.importorskip("resource", reason="no limit on file size on this system")

INPUTS_CHANNEL = 2


@contextmanager
def files_no_longer_than(size: int) -> Iterator[Callable[[], None]]:
    """A full disk, as the system reports one for this process; calling the result makes room again."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, before)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def wait_until(condition: Callable[[], bool]) -> None:
    """Give the disk's thread turns until it has got somewhere."""
    turn = threading.Event()
    deadline = time.monotonic() + 30.0
    while not condition():
        assert time.monotonic() < deadline, "the disk's thread did not get there"
        turn.wait(0.005)


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "RETRY_S", 0.01)


def disk_events(inputs: list[Input]) -> list[DiskEvent]:
    return [item for item in inputs if isinstance(item, DiskEvent)]


def without_disk(items: list[object]) -> list[object]:
    return [item for item in items if not isinstance(item, DiskEvent)]


def test_a_full_disk_is_announced_and_costs_nothing_when_there_is_room_again(tmp_path: Path) -> None:
    path = tmp_path / "full.mcap"
    batches = list(session(12.0))
    third = len(batches) // 3
    recorder = LiveRecorder(path, header())
    returned: list[Input] = []
    for inputs in batches[:third]:
        returned += recorder(inputs)
    assert not disk_events(returned)
    wait_until(lambda: not recorder._disk_writer._waiting)
    with files_no_longer_than(path.stat().st_size + 100) as make_room:
        for inputs in batches[third : 2 * third]:
            returned += recorder(inputs)
        wait_until(lambda: recorder._disk_writer.trouble != "")
        returned += recorder(batches[2 * third])
        assert [event.kind for event in disk_events(returned)] == ["failing"]
        assert "kept in memory" in disk_events(returned)[0].detail
        still_readable = open_recording(path)
        read = flat(still_readable.inputs())
        assert read
        assert read == expected(12.0)[: len(read)]
        make_room()
        wait_until(lambda: recorder._disk_writer.trouble == "")
    for inputs in batches[2 * third + 1 :]:
        returned += recorder(inputs)
    recorder.close()
    assert [event.kind for event in disk_events(returned)] == ["failing", "back"]
    assert "nothing is missing" in disk_events(returned)[1].detail
    opened = open_recording(path)
    read = flat(opened.inputs())
    assert opened.complete
    assert not opened.damage
    assert without_disk(read) == expected(12.0)
    assert [item.kind for item in read if isinstance(item, DiskEvent)] == ["failing", "back"]


def test_a_disk_that_stays_full_is_an_error_at_the_end_and_keeps_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "full.mcap"
    recorder = LiveRecorder(path, header())
    batches = list(session(10.0))
    for inputs in batches[: len(batches) // 4]:
        recorder(inputs)
    wait_until(lambda: not recorder._disk_writer._waiting)
    with files_no_longer_than(path.stat().st_size + 100):
        for inputs in batches[len(batches) // 4 :]:
            recorder(inputs)
        with pytest.raises(RecordingError, match=r"full\.mcap: cannot be finished: "):
            recorder.close()
    read = flat(open_recording(path).inputs())
    assert read
    assert read == expected(10.0)[: len(read)]
    whole = tmp_path / "whole.mcap"
    assert repair(path, whole)
    assert check(whole).whole


def test_a_handle_that_died_is_opened_anew(tmp_path: Path) -> None:
    """As after a drive was pulled out and put back: the old handle never works again, the file is there."""
    path = tmp_path / "drive.mcap"
    batches = list(session(6.0))
    half = len(batches) // 2
    with LiveRecorder(path, header()) as recorder:
        for inputs in batches[:half]:
            recorder(inputs)
        wait_until(lambda: not recorder._disk_writer._waiting)
        dead = os.open("/dev/full", os.O_WRONLY)
        os.dup2(dead, recorder._disk_writer._chunks._file.fileno())
        os.close(dead)
        for inputs in batches[half:]:
            recorder(inputs)
    opened = open_recording(path)
    assert without_disk(flat(opened.inputs())) == expected(6.0)
    assert opened.complete
    assert not opened.damage


def test_another_file_in_its_place_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "run.mcap"
    chunks = ChunkWriter(path, PROFILE, "test", CHANNEL_RECORDS)
    chunks.add([Message(INPUTS_CHANNEL, 0, b"x" * 100, 0, 0)])
    path.rename(tmp_path / "elsewhere.mcap")
    path.write_bytes(b"short")
    with pytest.raises(OSError, match="not the one that was written"):
        chunks.reopen()
    chunks.abandon()
    assert path.read_bytes() == b"short"


def test_what_memory_cannot_hold_is_counted_and_shows_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "small.mcap"
    writer = PatientWriter(ChunkWriter(path, PROFILE, "test", CHANNEL_RECORDS), limit_bytes=1000)
    with files_no_longer_than(path.stat().st_size) as make_room:
        for number in range(10):
            writer.add([Message(INPUTS_CHANNEL, number, b"x" * 250, number, number)])
        assert writer.full
        assert writer.lost == 6
        make_room()
        wait_until(lambda: not writer.full)
    writer.add([Message(INPUTS_CHANNEL, 10, b"y", 10, 10)])
    writer.finish()
    from insole.recording.scan import Scan

    assert [sequence for _, sequence, _ in Scan(path).messages()] == [0, 1, 2, 3, 10]


# ---- from outside ----------------------------------------------------------------------------------------------------

COMMAND = [sys.executable, "-m", "insole"]


def record(path: Path, *options: str, limit: int | None = None) -> subprocess.Popen[str]:
    """`insole record` of a synthetic runner, in real time."""

    def limited() -> None:
        assert limit is not None
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.Popen(
        [*COMMAND, "record", "synthetic:?cells=99&seed=3", "-o", str(path), *options],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, preexec_fn=limited if limit else None,  # noqa: PLW1509
    )  # fmt: skip


def test_the_command_says_that_the_disk_is_full_and_exits_with_1(tmp_path: Path) -> None:
    path = tmp_path / "full.mcap"
    with record(path, "--seconds", "60", limit=25_000) as process:
        assert process.stderr is not None
        failing = "disk failing: File too large; what is measured is kept in memory and tried again"
        assert any(failing in line for line in process.stderr)  # as soon as it is said ...
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
    assert process.returncode == 1
    assert rest.splitlines()[-1].startswith(f"insole: {path}: cannot be finished: ")
    assert open_recording(path).header.feet


def killed_at_random(folder: Path, seed: int, kills: int) -> None:
    """Recordings under way at once, each killed at its moment: each file opens up to its last second, and repairs."""
    moments = random.Random(seed)
    paths = [folder / f"{n}.mcap" for n in range(kills)]
    running = [(record(path, "--seconds", "60"), path) for path in paths]
    for process, path in running:
        with process:
            try:
                wait_until(lambda path=path: path.exists() and path.stat().st_size > 2000)
                threading.Event().wait(moments.uniform(0.0, 1.0))
            finally:
                killed_ns = time.monotonic_ns()
                process.kill()
        found = check(path)
        assert not found.complete
        recording = open_recording(path)
        last_ns = max((last_stamp_ns(item) for batch in recording.inputs() for item in batch), default=0)
        assert killed_ns - max(last_ns, recording.header.start_host_ns) < 1_000_000_000
        repair(path, path.with_suffix(".repaired"))
        assert check(path.with_suffix(".repaired")).whole


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes share one monotonic clock on Linux only")
def test_a_killed_recording_is_there_up_to_its_last_second(tmp_path: Path) -> None:
    killed_at_random(tmp_path, seed=1, kills=2)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(5))
def test_twenty_killed_recordings(tmp_path: Path, seed: int) -> None:
    killed_at_random(tmp_path, seed, kills=4)
