"""Bytes in, positions of intact packets out; everything that is not one is counted.

The rule, one packet at a time (README.md section 3): go to the next sync word; a length above the bound is no packet; a
whole packet with a good check is taken; anything else is left by two bytes, the sync word, so that the search goes on
*inside* the rejected bytes and a damaged length cannot swallow the packets behind it.

What follows does the same for many packets at once. It guesses a chain of packets from their headers alone, checks many
of them with one CRC, and bisects only where that fails.
"""

from collections.abc import Sequence
from zlib import crc32

from firmware_protocol.crc import ZERO_REGISTER
from firmware_protocol.packet import MAX_PACKET_BYTES, OVERHEAD_BYTES, SYNC, packet_bytes

__all__ = ["Splitter"]

_HEAD = 6
"""Sync word, version, type and payload length: what tells how long a packet is."""

_SHORT_CHAIN, _LONG_CHAIN = 64, 1024
"""Packets guessed at once: few where packets have been cut, many where not."""

_SMALL_BLOCK, _LARGE_BLOCK = 16, 512
"""Packets checked by one CRC: few where bits have been flipped, many where not."""


class Splitter:
    """Finds the intact packets of a byte stream.

    Attributes
    ----------
    bad_crc : int
        Candidates with sync word and possible length whose check failed.
    skipped_bytes : int
        Bytes that belong to no intact packet.
    """

    __slots__ = ("_block", "_chain", "bad_crc", "skipped_bytes")

    def __init__(self) -> None:
        self.bad_crc = 0
        self.skipped_bytes = 0
        self._chain = _SHORT_CHAIN
        self._block = _SMALL_BLOCK

    def split(self, buffer: bytes, position: int, stop: int, *, final: bool = False) -> tuple[list[Sequence[int]], int]:
        """Find the intact packets that start between `position` and about `stop`.

        Parameters
        ----------
        buffer : bytes
            Everything at hand.
        position : int
            First byte not yet resolved.
        stop : int
            Begin no new chain from here on; `len(buffer)` to go to the end.
        final : bool
            Nothing follows this buffer: an unfinished packet at its end is skipped instead of waited for.

        Returns
        -------
        chains : list of sequence of int
            Positions of the intact packets in stream order, as ranges where they are equally long.
        position : int
            First byte not resolved. If that is before `stop`, less than one packet is left.
        """
        size = len(buffer)
        view = memoryview(buffer)
        chains: list[Sequence[int]] = []
        while position < stop:
            head = buffer[position : position + _HEAD]
            if head[:2] != SYNC:
                found = buffer.find(SYNC, position)
                if found < 0:
                    half_a_sync_word = not final and buffer[-1] == SYNC[0]
                    found = size - half_a_sync_word
                if found == position:
                    break
                self.skipped_bytes += found - position
                position = found
                continue
            length = packet_bytes(head) if len(head) == _HEAD else MAX_PACKET_BYTES
            unfinished = position + length > size
            if length > MAX_PACKET_BYTES or (unfinished and final):
                self.skipped_bytes += len(SYNC)
                position += len(SYNC)
                continue
            if unfinished:
                break
            follower = buffer[position + length : position + length + _HEAD]
            if not follower:
                edges: Sequence[int] = (position, size)
            elif follower[:2] == SYNC and follower[4:] == head[4:]:
                edges = self._equal_chain(buffer, position, length)
            else:
                edges = self._chain_of(buffer, position, head, length)
            position = self._check(buffer, view, edges, chains)
        return chains, position

    def _equal_chain(self, buffer: bytes, position: int, length: int) -> range:
        """Edges of a chain of equally long packets: sync word and length compared a byte of all headers at a time."""
        count = wanted = min(self._chain, (len(buffer) - position) // length)
        for byte in (0, 1, 4, 5):
            column = buffer[position + byte : position + count * length : length]
            if column != column[:1] * count:
                count -= len(column.lstrip(column[:1]))
        if count == wanted:
            self._chain = min(2 * self._chain, _LONG_CHAIN)
        else:
            self._chain = _SHORT_CHAIN
            count -= count > 1  # a packet with none behind it is probably a cut one: leave it to the next round
        return range(position, position + count * length + 1, length)

    def _chain_of(self, buffer: bytes, position: int, head: bytes, length: int) -> list[int]:
        """Edges of a chain of packets of any lengths, walked from header to header."""
        follower = position + length
        edges = [position, follower]
        lengths = {head: length}
        for _ in range(self._chain):
            head = buffer[follower : follower + _HEAD]
            try:
                follower += lengths[head]
            except KeyError:
                length = packet_bytes(head) if len(head) == _HEAD else 0
                if head[:2] != SYNC or not OVERHEAD_BYTES <= length <= MAX_PACKET_BYTES:
                    break
                lengths[head] = length
                follower += length
            edges.append(follower)
        else:
            self._chain = min(2 * self._chain, _LONG_CHAIN)
        if follower > len(buffer):
            edges.pop()
        return edges

    def _check(self, buffer: bytes, view: memoryview, edges: Sequence[int], chains: list[Sequence[int]]) -> int:
        """Append the intact packets of a guessed chain to `chains`; return the first position that is not resolved."""
        begin, count = 0, len(edges) - 1
        while begin < count:
            good = self._leading_intact(view, edges, begin)
            if good > begin:
                chains.append(edges[begin:good])
            if good == count:
                break
            self.bad_crc += 1
            damaged, following = edges[good], edges[good + 1]
            found = buffer.find(SYNC, damaged + len(SYNC), following + len(SYNC))
            if found != following:  # a packet may begin inside the rejected bytes, or none at their end
                self.skipped_bytes += len(SYNC)
                return damaged + len(SYNC)
            self.skipped_bytes += following - damaged
            begin = good + 1
        return edges[count]

    def _leading_intact(self, view: memoryview, edges: Sequence[int], begin: int) -> int:
        """Index of the first damaged packet from `begin` on, or the number of packets if none is."""
        count, block = len(edges) - 1, self._block
        while begin < count:
            end = min(begin + block, count)
            if crc32(view[edges[begin] : edges[end]], ZERO_REGISTER) == ZERO_REGISTER:
                begin = end
                if block < _LARGE_BLOCK:
                    block += block // 4
                continue
            block = _SMALL_BLOCK
            while end - begin > 1:  # packets before `begin` are intact, and at least one in [begin, end) is not
                middle = (begin + end) // 2
                if crc32(view[edges[begin] : edges[middle]], ZERO_REGISTER) == ZERO_REGISTER:
                    begin = middle
                else:
                    end = middle
            break
        self._block = block
        return begin
