"""From the bytes to the runner's ear (Q1): how long a cue waits for this program, and whether the window adds to it.

Each run is a process of its own, in real time: a paced runner of 2 x 200 Hz x 99 cells, the thread of the engine, and
for the sound card one that asks for samples every 5 ms. It ends when enough cues were given: one that would come too
late is not. `python -m benchmarks.cue CUES [window]` prints the delays.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence

from benchmarks.measure import Line, percentile
from insole.blocks import Cue, Input, SettingChange, Side
from insole.dashboard.engine import Engine
from insole.dashboard.inbox import Inbox
from insole.feedback.speaker import BLOCK_FRAMES, RATE_HZ, Taken
from insole.feedback.tone import Samples
from insole.sources.synthetic import SyntheticOptions, SyntheticSource

SOFTWARE_MS = 150.0  # METRICS.md 9
WAKE_MS = 20.0  # the source's own; less than that is as good as unchanged
LONGEST_S = 600.0  # of a run in which no cue is in time


def cue(cues: int) -> Iterator[Line]:
    """Q1: newest bytes to first sample, without and with the window open."""
    p99 = {}
    for name, options in (("no window", ()), ("window open", ("window",))):
        delays = _run(cues, *options)
        p99[name] = percentile(delays, 0.99)
        yield Line("Q1", f"last byte to first sample of a cue, {name}, p50", percentile(delays, 0.5), None, "ms")
        yield Line("Q1", f"last byte to first sample of a cue, {name}, p99", p99[name], SOFTWARE_MS, "ms")
    yield Line("Q1", "p99 that the window adds", p99["window open"] - p99["no window"], WAKE_MS, "ms")


def _run(cues: int, *options: str) -> list[float]:
    command = [sys.executable, "-m", "benchmarks.cue", str(cues), *options]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    delays: list[float] = json.loads(done.stdout.splitlines()[-1])
    return delays


class Metronome:
    """Asks for samples as often as a sound card does."""

    trouble = ""
    ready = True

    def __init__(self) -> None:
        self._coming: deque[int] = deque()
        self._begun: deque[Taken] = deque()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        while not self._closing.wait(BLOCK_FRAMES / RATE_HZ):
            while self._coming:
                self._begun.append(Taken(self._coming.popleft(), time.perf_counter_ns(), 0))

    def play(self, number: int, side: Side, samples: Samples) -> None:  # noqa: ARG002 - nobody listens
        """Begin a tone."""
        self._coming.append(number)

    def taken(self) -> list[Taken]:
        """The tones begun since the last call."""
        return [self._begun.popleft() for _ in range(len(self._begun))]

    def close(self) -> None:
        """End the thread."""
        self._closing.set()
        self._thread.join()


class UntilGiven(SyntheticSource):
    """A runner in real time who stops when enough cues were given."""

    def __init__(self, options: SyntheticOptions, cues: int) -> None:
        super().__init__(options)
        self._cues = cues
        self.delays_ms: list[float] = []

    async def __aiter__(self) -> AsyncIterator[list[Input]]:
        async for inputs in super().__aiter__():
            yield inputs
            if len(self.delays_ms) >= self._cues:
                return

    def keep(self, inputs: list[Input]) -> Sequence[Input]:
        """Look for cues among the inputs of the engine."""
        cues = [item for item in inputs if isinstance(item, Cue)]
        self.delays_ms += [1e-6 * (one.handed_ns - one.arrived_ns) for one in cues if one.handed_ns is not None]
        return inputs


def measured(cues: int, *, window: bool) -> list[float]:
    """Delays in ms of the cues of one session in real time."""
    source = UntilGiven(SyntheticOptions(seconds=LONGEST_S, plan="run", valr_bw_s=80.0, cells=99), cues)
    inbox = Inbox()
    engine = Engine(source, inbox.put, source.keep, live=True, speaker=Metronome)
    start_ns = source.header.start_host_ns
    for change in (SettingChange(start_ns, "cue.sound", "beep"), SettingChange(start_ns, "target_valr_bw_s", 50.0)):
        engine.post(change)
    if window:
        _show(source, inbox, engine)
    else:
        engine.start()
        while engine.running:
            inbox.take()
            time.sleep(0.1)
    engine.stop()
    return source.delays_ms


def _show(source: SyntheticSource, inbox: Inbox, engine: Engine) -> None:
    """Run it under the dashboard's window, runner's screen included, until it ends."""
    from insole.dashboard.application import application, prompt_turns
    from insole.dashboard.model.playing import Playing
    from insole.dashboard.model.scene import Scene
    from insole.dashboard.window import Window

    app = application(offscreen=True)
    shown = Window(Scene.of(source.header), inbox, engine, Playing(live=True, recording=True), theme="dark")
    shown.resize(1280, 800)
    shown.session_ended.connect(shown.close)
    shown.session_ended.connect(app.quit)
    with prompt_turns():
        shown.show()
        shown.toggle_runner()
        engine.start()
        app.exec()


if __name__ == "__main__":
    print(json.dumps(measured(int(sys.argv[1]), window="window" in sys.argv[2:])))
