"""Time pings to an insole: when the next one is due, and whether anybody answers.

In: host time, and what the link delivers. Out: packets to write. The answers stay in what is delivered, and so in the
recording; the pipeline makes a clock of them (`insole.pipeline.clock`).
"""

from __future__ import annotations

from firmware_protocol import VERSION, PacketType, TimePing, TimeReply, encode_message
from firmware_protocol import Side as WireSide
from firmware_protocol.packet import SYNC

EVERY_NS = 125_000_000
SPREAD_NS = 15_000_000  # a radio interval: a ping has to wait for the next one, and the quickest is the one that counts
GOLDEN = 0.6180339887498949  # its multiples fill any interval evenly, whatever the radio's own is
PATIENCE = 16  # pings without an answer: this device gives none
_ANSWER_BYTES = len(encode_message(TimeReply(0, 0), WireSide.LEFT))
_ANSWER = SYNC + bytes([VERSION, PacketType.TIME_REPLY])


class Pings:
    """Pings of one link from now on.

    Parameters
    ----------
    now_ns : int
        Host time, by the clock that stamps deliveries.
    """

    def __init__(self, now_ns: int) -> None:
        self._start_ns = now_ns
        self._sent = 0
        self._unanswered = 0

    @property
    def due_ns(self) -> int | None:
        """When to write the next one; None where nobody answers."""
        if self._unanswered >= PATIENCE:
            return None
        return self._start_ns + self._sent * EVERY_NS + int(self._sent * GOLDEN % 1.0 * SPREAD_NS)

    def packet(self, now_ns: int) -> bytes:
        """The ping to write at this moment."""
        self._sent = max(self._sent, (now_ns - self._start_ns) // EVERY_NS) + 1
        self._unanswered += 1
        return encode_message(TimePing(now_ns), WireSide.BOTH, sequence=self._sent)

    def heard(self, data: bytes) -> None:
        """Look for an answer in what was delivered; one that is cut in two may be missed."""
        if _ANSWER in data:
            self._unanswered = 0


def only_answers(data: bytes) -> bool:
    """Whether a delivery holds answers and nothing else: an insole that still answers may have stopped all the same."""
    starts = range(0, len(data), _ANSWER_BYTES)
    return len(data) % _ANSWER_BYTES == 0 and all(data.startswith(_ANSWER, start) for start in starts)
