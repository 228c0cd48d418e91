"""The recorder of a live session: trouble with the disk is announced, and the session goes on.

In: lists of inputs. Out: a recording that survives a power cut but for its last second, and the same inputs with word
of the disk among them: what a screen shows, and what the recording itself can tell later.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from insole.blocks import DiskEvent, Input
from insole.recording.batch import last_stamp_ns
from insole.recording.chunks import ChunkWriter
from insole.recording.header import Header
from insole.recording.patience import PatientWriter
from insole.recording.writer import Recorder, Store, host_clock


class LiveRecorder(Recorder):
    """As `Recorder`, for inputs stamped by this computer's monotonic clock as they arrive.

    A disk that is full, slow or gone keeps nobody waiting: inputs stay in memory (64 MB, some ten minutes of two large
    insoles) and are written when it is back. Only a file that cannot be created, or not be completed when the session
    ends, is an error.

    Parameters
    ----------
    path, header, force
        As for `Recorder`.

    Raises
    ------
    RecordingError
        The file is there already, or cannot be created; from `close`, what could not be written.
    """

    def __init__(self, path: Path | str, header: Header, force: bool = False) -> None:
        self._said: tuple[str, bool] = ("", False)
        super().__init__(path, header, force, clock=host_clock)

    def _behind(self, chunks: ChunkWriter) -> Store:
        self._disk_writer = PatientWriter(chunks)
        return self._disk_writer

    def __call__(self, inputs: Sequence[Input]) -> Sequence[Input]:
        """Record inputs, in order; returns them, with word of the disk at the end when there is news."""
        return super().__call__([*inputs, *self._news(inputs)])

    def _news(self, inputs: Sequence[Input]) -> list[Input]:
        disk = self._disk_writer
        state = (disk.trouble, disk.full)
        if state == self._said or not inputs:
            return []
        self._said = state
        trouble, full = state
        if not trouble:
            missing = f"{disk.lost} pieces of about half a second are" if disk.lost else "nothing is"
            kind, detail = "back", f"the recording is written again, {missing} missing"
        elif full:
            kind, detail = "losing", f"{trouble}; memory is used up, what is measured now is not recorded"
        else:
            kind, detail = "failing", f"{trouble}; what is measured is kept in memory and tried again"
        return [DiskEvent(last_stamp_ns(inputs[-1]), kind, detail)]
