"""Inputs of a session that nobody has decided to record yet: kept in memory until that is decided.

In: lists of inputs from the session's beginning on. Out: the same to a `Recorder`, once there is one, or nowhere.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence

from insole.blocks import Input, Packets
from insole.errors import RecordingError
from insole.recording.writer import Recorder

LIMIT_BYTES = 256 << 20  # more than an hour of two insoles of 99 cells at 200 Hz
CATCH_UP_BYTES = 4 << 20  # handed to the recorder at once, which keeps a bounded amount in memory itself


class Held:
    """Stands where a recorder stands, and passes on to one later; safe between two threads.

    Parameters
    ----------
    limit_bytes : int
        Beyond it nothing is kept any more, and `record` says so.
    """

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self._lock = threading.Lock()
        self._kept: deque[Sequence[Input]] = deque()
        self._bytes = 0
        self._recorder: Recorder | None = None
        self._keeping = True

    def __call__(self, inputs: Sequence[Input]) -> Sequence[Input]:
        """Take inputs, in order; returns them, with what a recorder adds."""
        with self._lock:
            if not self._keeping:
                return inputs
            self._kept.append(inputs)
            self._bytes += _size(inputs)
            if self._recorder is not None:
                return [*inputs, *self._pass_on(self._recorder, CATCH_UP_BYTES)]
            if self._bytes > self._limit_bytes:
                self._forget()
            return inputs

    def _pass_on(self, recorder: Recorder, n_bytes: float) -> list[Input]:
        """Record what was kept, up to so many bytes; what the recorder had to add."""
        added: list[Input] = []
        while self._kept and n_bytes > 0:
            inputs = self._kept.popleft()
            n_bytes -= _size(inputs)
            added += recorder(inputs)[len(inputs) :]
        return added

    def _forget(self) -> None:
        self._keeping = False
        self._kept.clear()

    def record(self, open_recorder: Callable[[], Recorder]) -> None:
        """Record what was kept, and what comes from now on.

        Parameters
        ----------
        open_recorder : callable
            Makes the recording, once it is sure that there is something to record.

        Raises
        ------
        RecordingError
            What came was too much to keep, or was dropped; or the recording cannot be made.
        """
        with self._lock:
            if not self._keeping:
                raise RecordingError("set-up lasted too long to keep its beginning: go back and begin the check anew")
            self._recorder = open_recorder()

    def drop(self) -> None:
        """Nothing will be recorded."""
        with self._lock:
            self._forget()

    def close(self) -> None:
        """Nothing more comes: what is still kept is recorded, and the recording finished."""
        with self._lock:
            recorder, self._recorder = self._recorder, None
            if recorder is not None:
                self._pass_on(recorder, float("inf"))
                recorder.close()
            self._forget()


def _size(inputs: Sequence[Input]) -> int:
    return sum(len(item.data) for item in inputs if isinstance(item, Packets))
