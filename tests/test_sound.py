"""Cues that are really played: into a sound server without hardware, and recorded back from it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from insole.blocks import Cue
from insole.feedback.speaker import RATE_HZ, Speaker
from insole.feedback.tone import TONE_S, pitch_hz
from insole.recording import open_recording

NO_SERVER = "no sound server to play into (pulseaudio, its tools and ALSA plugin, PortAudio)"
PLAYING = ["synthetic:?plan=run&valr=60&cells=16", "--cue", "pitch", "--target", "50"]
TONES = 6


class Heard:
    """What comes out of the server: samples, and when each piece of them was there at the latest."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            ["parec", "--device=cue.monitor", "--format=float32le", f"--rate={RATE_HZ}", "--channels=2",
             "--latency-msec=10"],
            env=environment, stdout=subprocess.PIPE,
        )  # fmt: skip
        self._heard = threading.Condition()
        self._tones = 0
        self._pieces: list[tuple[int, bytes]] = []
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        was_loud = False
        while piece := self.process.stdout.read1(1 << 14):  # type: ignore[attr-defined]
            with self._heard:
                self._pieces.append((time.monotonic_ns(), piece))
                loud = bool(np.abs(np.frombuffer(piece[: len(piece) // 4 * 4], np.float32)).max(initial=0.0) > 0.01)
                self._tones += loud and not was_loud
                was_loud = loud
                self._heard.notify_all()

    def wait_for(self, pieces: int, tones: int) -> bool:
        """Until so much has come."""
        with self._heard:
            return self._heard.wait_for(lambda: len(self._pieces) >= pieces and self._tones >= tones, timeout=60)

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(20)
        self._thread.join(20)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def samples(self) -> tuple[np.ndarray, int]:
        """(n, 2), and the host time of the first one: no piece can arrive before it was played."""
        data = b"".join(piece for _, piece in self._pieces)
        frames = np.cumsum([len(piece) for _, piece in self._pieces]) / 8
        starts_ns = np.array([at for at, _ in self._pieces]) - frames * 1e9 / RATE_HZ
        return np.frombuffer(data[: len(data) // 8 * 8], np.float32).reshape(-1, 2), int(starts_ns.min())


@pytest.fixture
def server() -> Iterator[dict[str, str]]:
    """Environment of a sound server of one's own, whose only output is a null sink."""
    tools = ("pulseaudio", "parec")
    if not sys.platform.startswith("linux") or not all(map(shutil.which, tools)):
        pytest.skip(NO_SERVER)
    with tempfile.TemporaryDirectory(prefix="snd") as folder:
        script = Path(folder) / "default.pa"
        script.write_text(
            f"load-module module-native-protocol-unix socket={folder}/native auth-anonymous=1\n"
            "load-module module-null-sink sink_name=cue rate=48000 channels=2 norewinds=1\n",
            encoding="ascii",
        )
        environment = {**os.environ, "PULSE_SERVER": f"unix:{folder}/native", "XDG_RUNTIME_DIR": folder, "HOME": folder}
        process = subprocess.Popen(
            ["pulseaudio", "-n", "-F", script, "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1"],
            env=environment, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            code = "import sounddevice, sys; sys.exit('pulse' not in [d['name'] for d in sounddevice.query_devices()])"
            if subprocess.run(
                [sys.executable, "-c", code], env=environment, check=False, capture_output=True
            ).returncode:
                pytest.skip(NO_SERVER)
            yield environment
        finally:
            process.terminate()
            process.wait(20)


def tones_in(samples: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """Where each tone begins, and its samples."""
    loud = np.flatnonzero(np.abs(samples).max(axis=1) > 0.01)
    starts = loud[np.diff(loud, prepend=-RATE_HZ) > 0.05 * RATE_HZ]
    return [(int(start), samples[start : start + round(TONE_S * RATE_HZ)]) for start in starts]


def loudest_hz(mono: np.ndarray) -> float:
    return float(np.abs(np.fft.rfft(mono * np.hanning(len(mono)), 1 << 18)).argmax() * RATE_HZ / (1 << 18))


def test_cues_are_heard_as_they_were_noted(server: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "run.mcap"
    heard = Heard(server)
    try:
        assert heard.wait_for(pieces=1, tones=0)
        command = [sys.executable, "-m", "insole", "record", *PLAYING, "-o", str(path)]
        process = subprocess.Popen(command, env=server, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        enough = heard.wait_for(pieces=1, tones=TONES)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        assert enough
    finally:
        heard.close()
    noted = [item for inputs in open_recording(path).inputs() for item in inputs if isinstance(item, Cue)]
    cues = [cue for cue in noted if not cue.withheld]  # a computer that is busy may be late with some: said, not heard
    assert len(cues) >= TONES - 2  # the last ones may not be noted any more
    # Two feet at once are two tones in one: what a computer makes of it that is late with one of them.
    at_ns = [cue.handed_ns or 0 for cue in cues]
    cues = [cue for i, cue in enumerate(cues) if all(abs(a - at_ns[i]) > 2e8 for a in at_ns if a != at_ns[i])]
    samples, first_ns = heard.samples()
    tones = tones_in(samples)
    starts_ns = first_ns + np.array([start for start, _ in tones]) * 1e9 / RATE_HZ
    late_ms = []
    for cue in cues:
        assert None not in (cue.mean_bw_s, cue.target_bw_s, cue.handed_ns, cue.output_ns)
        late = (starts_ns - cue.handed_ns - cue.output_ns) * 1e-6  # type: ignore[operator]
        nearest = int(np.abs(late).argmin())
        tone = tones[nearest][1]
        ear = int(np.abs(tone).max(axis=0).argmax())
        assert ear == cue.side
        assert loudest_hz(tone[:, ear]) == pytest.approx(pitch_hz(cue.mean_bw_s / cue.target_bw_s - 1), rel=0.01)  # type: ignore[operator]
        late_ms.append(late[nearest])
    assert abs(float(np.median(late_ms))) < 60.0


def test_without_the_extra_the_speaker_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    speaker = Speaker()
    speaker.close()  # waits for its thread
    assert speaker.trouble == "No sound: the 'sound' extra is not installed (pip install 'insole[sound]')"
    assert not speaker.ready


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason=NO_SERVER)
def test_where_portaudio_ends_the_process_the_session_goes_on_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "silent.mcap"
    environment = {**os.environ, "PULSE_SERVER": "unix:/nowhere", "ALSA_CONFIG_PATH": os.devnull}
    command = [sys.executable, "-m", "insole", "record", "synthetic:", "--seconds", "2", "--cue", "beep"]
    command += ["--target", "50", "-o", str(path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len([line for line in done.stderr.splitlines() if line.startswith("insole: No sound: ")]) == 1
    assert open_recording(path).complete
