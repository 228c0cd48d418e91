"""Bytes in, positions of intact packets out; everything that is not one is counted.

The rule, one packet at a time (README.md section 3): go to the next sync word; a length above the bound is no packet; a
whole packet with a good check is taken; anything else is left by two bytes, the sync word, so that the search goes on
*inside* the rejected bytes and a damaged length cannot swallow the packets behind it.

`split_few` is the rule as it stands. `split_many` comes to the same for a long buffer: packets that lie end to end are
checked by one CRC over many of them, and one by one only where that fails. The CRC of a run with damage in it is as
blind as that of a single packet: it misses one damage in 2^32.
"""

import numpy as np
import numpy.typing as npt

from firmware_protocol.crc import ZERO_REGISTER, crc32, is_intact
from firmware_protocol.headers import Headers
from firmware_protocol.packet import MAX_PACKET_BYTES, OVERHEAD_BYTES, SYNC, packet_bytes

__all__ = ["Splitter"]

_HEAD = 6
"""Sync word, version, type and payload length: what tells how long a packet is."""

_SYNC_AND_LENGTH = np.uint64(0x0000_FFFF_0000_FFFF)
"""Of the first eight bytes of a packet."""

_SMALL_BLOCK, _LARGE_BLOCK = 64, 512
"""Packets checked by one CRC: few where some have just been damaged, many where not."""

Positions = npt.NDArray[np.int64]
Which = npt.NDArray[np.bool_]


class Splitter:
    """Finds the intact packets of a byte stream.

    Attributes
    ----------
    bad_crc : int
        Candidates with sync word and possible length whose check failed.
    skipped_bytes : int
        Bytes that belong to no intact packet.
    """

    __slots__ = ("_block", "bad_crc", "skipped_bytes")

    def __init__(self) -> None:
        self.bad_crc = 0
        self.skipped_bytes = 0
        self._block = _LARGE_BLOCK

    def split_few(self, buffer: bytes, *, final: bool) -> tuple[list[int], int]:
        """Find the intact packets of a short buffer.

        Parameters
        ----------
        buffer : bytes
            Everything at hand.
        final : bool
            Nothing follows: an unfinished packet at the end is skipped instead of waited for.

        Returns
        -------
        starts : list of int
            Where the intact packets begin.
        position : int
            First byte not resolved.
        """
        size = len(buffer)
        starts: list[int] = []
        position = 0
        while position < size:
            if not buffer.startswith(SYNC, position):
                found = buffer.find(SYNC, position)
                if found < 0:
                    half_a_sync_word = not final and buffer[-1] == SYNC[0]
                    found = size - half_a_sync_word
                self.skipped_bytes += found - position
                if found == position:
                    break
                position = found
                continue
            length = packet_bytes(buffer, position) if position + _HEAD <= size else MAX_PACKET_BYTES
            end = position + length
            if length <= MAX_PACKET_BYTES and end <= size:
                if crc32(buffer[position:end], ZERO_REGISTER) == ZERO_REGISTER:
                    starts.append(position)
                    position = end
                    continue
                self.bad_crc += 1
            elif length <= MAX_PACKET_BYTES and not final:
                break
            self.skipped_bytes += len(SYNC)
            position += len(SYNC)
        return starts, position

    def split_many(self, buffer: bytes, position: int, stop: int) -> tuple[Headers, int]:
        """Find the intact packets of a long buffer that begin from `position` on and before `stop`.

        Parameters
        ----------
        buffer : bytes
            Everything at hand.
        position : int
            First byte not yet resolved.
        stop : int
            Where to end; `len(buffer)` for all of it.

        Returns
        -------
        packets : Headers
            The intact packets.
        position : int
            First byte not resolved. If that is before `stop`, it begins a packet that is not whole yet.
        """
        chain = self._chain(buffer, position, stop)
        if chain is None:
            return self._scan(buffer, position, stop)
        position = int(chain.start[-1]) + chain.step
        if position >= stop:
            return chain, position
        others, position = self._scan(buffer, position, stop)
        return chain.then(others), position

    def _chain(self, buffer: bytes, position: int, stop: int) -> Headers | None:
        """Intact packets as long as the one at `position`, end to end, two or more: all there is in most streams."""
        head = buffer[position : position + _HEAD]
        if self._block < _LARGE_BLOCK or head[:2] != SYNC or len(head) < _HEAD:
            return None
        length = packet_bytes(head)
        count = min(-(-(stop - position) // length), (len(buffer) - position) // length)
        follower = buffer[position + length : position + length + _HEAD]
        if count < 2 or length > MAX_PACKET_BYTES or follower[:2] != SYNC or follower[4:] != head[4:]:
            return None
        fields: npt.NDArray[np.uint64] = np.ndarray((count,), "<u8", buffer, position, (length,)).copy()
        others = np.flatnonzero((fields ^ fields[0]) & _SYNC_AND_LENGTH)
        count = int(others[0]) if len(others) else count
        view, end = memoryview(buffer), position + count * length
        for begin in range(position, end, length * _LARGE_BLOCK):
            if not is_intact(view[begin : min(begin + length * _LARGE_BLOCK, end)]):
                count = (begin - position) // length
                break
        if count < 2:
            return None
        return Headers.of(position + length * np.arange(count), length, fields[:count])

    def _scan(self, buffer: bytes, position: int, stop: int) -> tuple[Headers, int]:
        """`split_many` for packets of any lengths, and around damage: from all sync words at once."""
        size = len(buffer)
        pairs = np.frombuffer(buffer, np.uint8, min(stop + 1, size) - position, position)
        sync = pairs[:-1] == SYNC[0]
        sync &= pairs[1:] == SYNC[1]
        start = np.flatnonzero(sync)
        start += position
        headed = int(np.searchsorted(start, size - OVERHEAD_BYTES, side="right"))
        headers = Headers.read(buffer, start[:headed])
        length = np.full(len(start), MAX_PACKET_BYTES)  # of those too near the end it does not matter
        length[:headed] = headers.packet_bytes
        end = start + length
        possible = length <= MAX_PACKET_BYTES
        whole = possible & (end <= size)
        whole[headed:] = False

        # Checked together are packets that lie end to end, but not one that would overlap the next.
        overlaps = whole.copy()
        overlaps[:-1] &= end[:-1] > start[1:]
        overlaps[-1:] = False
        joined = ~overlaps
        joined[1:] &= whole[:-1] & (end[:-1] == start[1:])
        joined[:1] = False
        intact = np.zeros(len(start), np.bool_)
        intact[whole] = _intact(memoryview(buffer), start[whole], end[whole], joined[whole], self._block)
        passed = np.ones(len(start), np.bool_)  # sync words that the search comes by: not those inside intact packets
        for i in np.flatnonzero(overlaps & intact).tolist():
            if passed[i]:
                passed[i + 1 : np.searchsorted(start, end[i])] = False

        unfinished = np.flatnonzero(passed & possible & ~whole)
        if len(unfinished):
            reached = int(start[unfinished[0]])
            passed[unfinished[0] :] = False
        taken = intact & passed
        last_end = int(end[taken].max(initial=position))
        if not len(unfinished):
            half_a_sync_word = stop == size > last_end and buffer[-1] == SYNC[0]
            reached = max(stop, last_end) - half_a_sync_word
        bad = int(np.count_nonzero(whole & passed & ~intact))
        self.bad_crc += bad
        self.skipped_bytes += reached - position - int(length[taken].sum())
        self._block = _SMALL_BLOCK if bad else _LARGE_BLOCK
        return headers.chosen(taken[:headed]), reached


def _intact(view: memoryview, start: Positions, end: Positions, joined: Which, block: int) -> Which:
    """Which packets have a good check, (n,).

    Those `joined` to the one before them may be checked together with it, `block` of them at a time; where that fails,
    fewer.
    """
    begins = ~joined
    begins[::block] = True
    first = np.flatnonzero(begins)
    behind = np.append(first, len(start))[1:]
    edges = zip(start[first].tolist(), end[behind - 1].tolist(), strict=True)
    good = np.array([crc32(view[a:b], ZERO_REGISTER) == ZERO_REGISTER for a, b in edges], np.bool_)
    together = behind - first
    intact = np.repeat(good, together)
    doubtful = np.flatnonzero(np.repeat(~good & (together > 1), together))
    if len(doubtful):
        still = joined[doubtful]
        still[1:] &= doubtful[1:] == doubtful[:-1] + 1
        intact[doubtful] = _intact(view, start[doubtful], end[doubtful], still, max(block // 8, 1))
    return intact
