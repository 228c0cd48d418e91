"""Tones to the loudspeaker, at once and without ever holding up who asks.

In: samples from the engine's thread. Out: sound, and for each tone the moment at which the sound system took it.
The stream runs all the time, silent: opening one takes longer than a step. What goes wrong is a notice, never an error.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from insole.blocks import Side
from insole.feedback.tone import Samples

RATE_HZ = 48_000
BLOCK_FRAMES = 256  # 5 ms: a tone waits no longer for the sound system to ask
LATENCY_S = 0.020  # half of it and other threads of this process make it stumble, seen under load
CLOSE_S = 5.0
EXTRA = "pip install 'insole[sound]'"


@dataclass(frozen=True, slots=True)
class Taken:
    """The sound system took the first sample of tone `number` at `at_ns` and says it sounds `output_ns` later."""

    number: int
    at_ns: int  # monotonic clock
    output_ns: int


class Output(Protocol):
    """Where tones go."""

    @property
    def trouble(self) -> str:
        """Why there is no sound; empty while there is, or will be."""
        ...

    @property
    def ready(self) -> bool:
        """Whether a tone would sound at once."""
        ...

    def play(self, number: int, side: Side, samples: Samples) -> None:
        """Begin a tone as soon as possible; another one of the same foot ends."""
        ...

    def taken(self) -> list[Taken]:
        """The tones that were begun since the last call."""
        ...

    def close(self) -> None:
        """No sound any more."""
        ...


class Speaker:
    """The system's default output.

    Parameters
    ----------
    clock_ns : callable
        The host's monotonic clock.
    """

    def __init__(self, clock_ns: Callable[[], int] = time.perf_counter_ns) -> None:
        self._clock_ns = clock_ns
        self._coming: deque[tuple[int, Side, Samples]] = deque()
        self._begun: deque[Taken] = deque()
        self._sounding: dict[Side, tuple[Samples, int]] = {}  # and how far it has come; the callback's own
        self._closing = threading.Event()
        self.trouble = ""
        self.ready = False
        self._thread = threading.Thread(target=self._work, name="insole-sound", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        """Open the stream, keep it until it is to be closed: a sound server may take its time over both."""
        if _ends_the_process():
            self.trouble = "No sound: PortAudio fails on this computer's sound settings"
            return
        try:
            import sounddevice
        except ModuleNotFoundError:
            self.trouble = f"No sound: the 'sound' extra is not installed ({EXTRA})"
            return
        except OSError:
            self.trouble = "No sound: the PortAudio library is missing (Debian: libportaudio2)"
            return
        try:
            with sounddevice.OutputStream(
                samplerate=RATE_HZ, blocksize=BLOCK_FRAMES, channels=2, dtype="float32", latency=LATENCY_S,
                callback=self._fill, finished_callback=self._ended,
            ):  # fmt: skip
                self._closing.wait()
                self.ready = False
        except (sounddevice.PortAudioError, ValueError) as error:
            self.trouble = f"No sound: {_in_words(error)}"

    def play(self, number: int, side: Side, samples: Samples) -> None:
        """Begin a tone as soon as the sound system asks for samples; another one of the same foot ends."""
        self._coming.append((number, side, samples))

    def taken(self) -> list[Taken]:
        """The tones that were begun since the last call."""
        return [self._begun.popleft() for _ in range(len(self._begun))]

    def close(self) -> None:
        """No sound any more."""
        self._closing.set()
        self._thread.join(CLOSE_S)

    # ---- on the sound system's thread: no lock, no file, no new array ---------------------------------------------

    def _fill(self, out: Samples, frames: int, when: Any, _status: object) -> None:
        self.ready = True
        out.fill(0.0)
        while self._coming:
            number, side, samples = self._coming.popleft()
            self._sounding[side] = (samples, 0)
            output_ns = int(1e9 * max(0.0, when.outputBufferDacTime - when.currentTime))
            self._begun.append(Taken(number, self._clock_ns(), output_ns))
        for side in tuple(self._sounding):
            samples, at = self._sounding[side]
            n = min(frames, len(samples) - at)
            np.add(out[:n], samples[at : at + n], out=out[:n])
            if at + n < len(samples):
                self._sounding[side] = (samples, at + n)
            else:
                del self._sounding[side]

    def _ended(self) -> None:
        if not self._closing.is_set():
            self.ready = False
            self.trouble = "No sound: the output was taken away"


def _ends_the_process() -> bool:
    """Whether PortAudio gives up on this computer's ALSA set-up by ending the process, so that another one tries."""
    if not sys.platform.startswith("linux"):
        return False
    tried = subprocess.run([sys.executable, "-c", "import sounddevice"], capture_output=True, check=False)
    return tried.returncode < 0


def _in_words(error: Exception) -> str:
    """What PortAudio says, without its codes and the call that failed."""
    text = str(error.args[0]) if error.args else str(error)
    if "device -1" in text:
        return "there is no output device"
    return text.partition(" [")[0].removeprefix("Error opening OutputStream: ").rstrip(".")
