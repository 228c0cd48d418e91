"""The dashboard over an hour: frames a second, what painting takes, and memory, in the first minute and at the end.

Run by itself it measures one recording: `python -m benchmarks.screen FILE SECONDS`, in a process of its own, so that
resident memory is that of a dashboard and of nothing else.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.live import resident_bytes
from benchmarks.measure import Line, percentile
from insole.recording import Recorder
from insole.sources.synthetic import SyntheticOptions, simulate

if TYPE_CHECKING:
    from insole.dashboard.window import Window

SIZE = (1280, 800)
SETTLE_S = 4.0  # of the session, before anything is measured: the first pictures are made then
GROWTH_MB = 24.0  # what the screen keeps for its plots is bounded, but is first touched as it fills


def screen(folder: Path, seconds: float, part_s: float) -> Iterator[Line]:
    """V1: two insoles at 200 Hz x 99 cells, on the real window without a display, as fast as they were recorded."""
    path = folder / f"screen-{seconds:.0f}.mcap"
    simulation = simulate(SyntheticOptions(seconds=seconds, cells=99, rate_hz=200.0, plan="stand:3,run", seed=7))
    with Recorder(path, simulation.header) as record:
        for inputs in simulation.inputs:
            record(inputs)
    command = [sys.executable, "-m", "benchmarks.screen", str(path), str(part_s)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    for when, part in found["parts"].items():
        yield Line("V1", f"{when}: frames a second at 1280 x 800", part["fps"], 30.0, "fps", at_least=True)
        yield Line("V1", f"{when}: one paint, p50", part["p50_ms"], None, "ms")
        yield Line("V1", f"{when}: one paint, p99, processor time", part["p99_cpu_ms"], 33.0, "ms")
        yield Line("V1", f"{when}: one paint, p99, by the clock", part["p99_ms"], None, "ms")
    yield Line("V1", f"resident memory, growth in {seconds / 60:.0f} min", found["growth_mb"], GROWTH_MB, "MB")


def measured(path: Path, part_s: float) -> dict[str, Any]:
    """The first seconds of a recording, the last ones in every view, and how much memory came in between."""
    from PySide6.QtCore import QEvent

    from insole.dashboard.application import application, prompt_turns
    from insole.dashboard.engine import Engine
    from insole.dashboard.inbox import Inbox
    from insole.dashboard.model.playing import Playing
    from insole.dashboard.model.scene import Scene
    from insole.dashboard.window import Window
    from insole.recording import open_recording
    from insole.sources.replay import ReplaySource

    application(offscreen=True)
    recording = open_recording(path)
    for _ in recording.by_link():
        pass
    source = ReplaySource(path)
    header = source.header
    end_s = (recording.place.reached_ns - header.start_host_ns) * 1e-9
    scene = Scene.of(header)
    inbox = Inbox()
    engine = Engine(source, inbox.put)
    cpu_ms: list[float] = []

    class Timed(Window):
        """Knows what its paints cost the processor: by the clock, whatever else the machine does counts too."""

        def event(self, event: QEvent) -> bool:
            started = time.thread_time()
            handled = super().event(event)
            if event.type() == QEvent.Type.UpdateRequest:
                cpu_ms.append(1e3 * (time.thread_time() - started))
            return handled

    window = Timed(scene, inbox, engine, Playing(live=False, recording=True, speed=1.0), theme="dark")
    views = list(window.deck.entries)
    left_s = (part_s + SETTLE_S) * len(views) + 30.0  # at once come ten seconds together, three times over
    with prompt_turns():
        window.resize(*SIZE)
        window.show()
        engine.start()
        try:
            _run(lambda: scene.t_s > SETTLE_S)
            parts = {f"first minute, {views[0]}": _part(window, part_s, cpu_ms)}
            for name in reversed(views):  # a view takes its memory when it is first opened
                window.choose_view(name)
                _run_for(1.0)
            before = resident_bytes()
            source.set_speed(float("inf"))
            _run(lambda: scene.t_s > end_s - left_s or not engine.running)
            source.set_speed(1.0)
            for name in views:
                window.choose_view(name)
                _run_for(SETTLE_S)
                parts[f"after {end_s / 60:.0f} min, {name}"] = _part(window, part_s, cpu_ms)
            after = resident_bytes()
        finally:
            engine.stop()
            window.close()
    return {"parts": parts, "growth_mb": (after - before) / 1e6}


def _part(window: Window, seconds: float, cpu_ms: list[float]) -> dict[str, float]:
    """Frames and paints of some seconds."""
    from insole.dashboard.model.frames import FrameMeter
    from insole.dashboard.window import FRAME_MS

    class Counted(FrameMeter):
        frames = 0

        def frame(self, now_s: float, merged: int) -> None:
            self.frames += 1
            super().frame(now_s, merged)

    window.meter = meter = Counted(1000 / FRAME_MS)
    cpu_ms.clear()
    started = time.monotonic()
    _run_for(seconds)
    fps = meter.frames / (time.monotonic() - started)
    return {
        "fps": fps,
        "p50_ms": meter.paint_ms(50),
        "p99_ms": meter.paint_ms(99),
        "p99_cpu_ms": percentile(cpu_ms, 0.99),
    }


def _run(until: Callable[[], bool]) -> None:
    """The event loop, until a condition holds."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop, timer = QEventLoop(), QTimer()
    timer.timeout.connect(lambda: loop.quit() if until() else None)
    timer.start(10)
    loop.exec()
    timer.stop()


def _run_for(seconds: float) -> None:
    end = time.monotonic() + seconds
    _run(lambda: time.monotonic() >= end)


if __name__ == "__main__":
    print(json.dumps(measured(Path(sys.argv[1]), float(sys.argv[2]))))
