"""A disk that may be slow, full or gone for a while.

In: messages, from the session's thread, which is never kept waiting. Out: the same in the file, in order, written by a
thread of its own that waits until the disk has them. What the disk does not take stays in memory and is tried again,
until it works, the memory set aside is used up, or the session ends.
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import suppress

from mcap.records import Message

from insole.recording.chunks import ChunkWriter

RETRY_S = 0.5
LAST_TRIES = 4  # at the end of a session, for a disk in trouble
HANGS_S = 20.0  # at the end of a session, for a disk that neither takes nor refuses
LIMIT_BYTES = 64 << 20  # some ten minutes of two insoles of 99 cells at 200 Hz
TURN_BYTES = 1 << 20


class PatientWriter:
    """Writes messages as `ChunkWriter` does, whatever the disk does.

    Parameters
    ----------
    chunks : ChunkWriter
        Just created; used by the thread of this writer alone.
    limit_bytes : int
        Of messages in memory; what comes on top is lost, and counted in `lost`.
    """

    def __init__(self, chunks: ChunkWriter, limit_bytes: int = LIMIT_BYTES) -> None:
        self._chunks = chunks
        chunks.durable = True
        self._limit_bytes = limit_bytes
        self._changed = threading.Condition()
        self._waiting: deque[Message] = deque()
        self._waiting_bytes = 0
        self._trouble: OSError | None = None
        self._ending = False
        self.lost = 0
        self._thread = threading.Thread(target=self._work, name="insole-disk", daemon=True)
        self._thread.start()

    @property
    def closed(self) -> bool:
        """Whether nothing more is taken."""
        return self._ending

    @property
    def trouble(self) -> str:
        """What the disk says while it takes nothing; empty while it does."""
        error = self._trouble
        return "" if error is None else error.strerror or str(error)

    @property
    def full(self) -> bool:
        """Whether the memory set aside is used up, so that what comes now is lost."""
        return self._waiting_bytes >= self._limit_bytes

    def add(self, messages: list[Message]) -> None:
        """Take messages; never waits for the disk, never fails."""
        with self._changed:
            for message in messages:
                if self.full:
                    self.lost += 1
                    continue
                self._waiting.append(message)
                self._waiting_bytes += len(message.data)
            self._changed.notify_all()

    def finish(self) -> None:
        """Write what waits and the end of the file, and close it.

        Raises
        ------
        OSError
            The disk did not take everything; what it did take stays readable.
        """
        with self._changed:
            self._ending = True
            self._changed.notify_all()
        self._thread.join(HANGS_S)
        if self._thread.is_alive():
            raise OSError("the disk does not answer")
        if self._trouble is not None:
            raise self._trouble

    def abandon(self) -> None:
        """Close the file as it is, without an end."""
        self._chunks.abandon()

    # ---- the thread ----------------------------------------------------------------------------------------------

    def _work(self) -> None:
        tries = LAST_TRIES
        while tries:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._ending)
                turn = self._turn()
            try:
                if turn:
                    self._chunks.add(turn)
                else:
                    self._chunks.finish()
            except OSError as error:
                self._trouble = error
                with suppress(OSError):
                    self._chunks.reopen()
                with self._changed:
                    self._changed.wait(RETRY_S)
                    tries -= self._ending
            else:
                self._trouble = None
                if not turn:
                    return
                self._forget(turn)
        self._chunks.abandon()

    def _turn(self) -> list[Message]:
        """What to write next; it stays in the queue until the disk has it."""
        turn: list[Message] = []
        n_bytes = 0
        for message in self._waiting:
            turn.append(message)
            n_bytes += len(message.data)
            if n_bytes >= TURN_BYTES:
                break
        return turn

    def _forget(self, turn: list[Message]) -> None:
        with self._changed:
            for message in turn:
                self._waiting.popleft()
                self._waiting_bytes -= len(message.data)
