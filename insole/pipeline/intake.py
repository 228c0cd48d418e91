"""Inputs as they arrive -> frames, each with the foot it is of.

In: deliveries, ticks and other inputs, in order of arrival. Out: decoded frames and answers to pings, in the lines of
their feet; the time that the inputs have reached, which never goes back.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from insole.blocks import IntArray, Packets, Received, Side, Tick
from insole.pipeline.decode import Heard, LinkDecoder
from insole.pipeline.line import FootLine
from insole.pipeline.remarks import Remarks


class Intake:
    """The links of a session, and what they delivered that is not decoded yet.

    Parameters
    ----------
    lines : mapping of Side to FootLine
        Where frames go.
    remarks : Remarks
        Gets a line on frames that no foot of the session can take.
    start_ns : int
        Host time that is second 0 of the recording.
    swap_feet : bool
        As in `Settings`.

    Attributes
    ----------
    now_ns : int
        Host time reached.
    links : dict of int to LinkDecoder
        Those that have delivered anything.
    foot_links : dict of Side to int
        The link that each foot's frames last came over.
    waiting_bytes : int
        Delivered, and not decoded yet.
    """

    def __init__(self, lines: Mapping[Side, FootLine], remarks: Remarks, start_ns: int, *, swap_feet: bool) -> None:
        self.now_ns = start_ns
        self.links: dict[int, LinkDecoder] = {}
        self.foot_links: dict[Side, int] = {}
        self.waiting_bytes = 0
        self._lines = lines
        self._remarks = remarks
        self._start_ns = start_ns
        self._swap_feet = swap_feet
        self._floor_ns = start_ns  # of the last tick or other input between deliveries
        self._link_ns: dict[int, int] = {}  # of the last delivery of each link
        self._deliveries: dict[int, list[tuple[Packets, IntArray]]] = {}  # by link, with their host times
        self._ticks: list[int] = []

    @property
    def now_s(self) -> float:
        """Recording time reached."""
        return (self.now_ns - self._start_ns) * 1e-9

    @property
    def now_us(self) -> float:
        """The same in microseconds, as clocks have it."""
        return (self.now_ns - self._start_ns) * 1e-3

    # ---- in -------------------------------------------------------------------------------------------------------

    def deliver(self, packets: Packets) -> None:
        """Take a delivery; it waits to be decoded."""
        self._deliveries.setdefault(packets.link, []).append((packets, self._monotone(packets)))
        self.waiting_bytes += len(packets.data)

    def tick(self, tick: Tick) -> int:
        """Time has passed; returns the host time of the tick."""
        at_ns = max(self.now_ns, tick.t_host_ns)
        self._ticks.append(at_ns)
        self._floor_ns = self.now_ns = at_ns + 1  # what arrives after a tick is later than it
        return at_ns

    def reach(self, t_ns: int) -> None:
        """Something else arrived at a host time: deliveries after it are not earlier."""
        self._floor_ns = self.now_ns = max(self.now_ns, t_ns)

    def _monotone(self, packets: Packets) -> IntArray:
        """Host times that go back neither within a link nor behind a tick; between ticks links come in any order."""
        floor_ns = max(self._floor_ns, self._link_ns.get(packets.link, self._floor_ns))
        if len(packets.t_host_ns) == 1:  # as in a live stream
            stamp_ns = int(packets.t_host_ns[0])
            if stamp_ns >= floor_ns:
                self._link_ns[packets.link] = stamp_ns
                self.now_ns = max(self.now_ns, stamp_ns)
                return packets.t_host_ns
        out = np.maximum.accumulate(np.maximum(packets.t_host_ns, floor_ns))
        if len(out):
            self._link_ns[packets.link] = int(out[-1])
            self.now_ns = max(self.now_ns, int(out[-1]))
        return out

    # ---- through --------------------------------------------------------------------------------------------------

    def decode(self) -> list[int]:
        """Decode what was delivered, into the lines of the feet; returns host times of the ticks among it."""
        deliveries, self._deliveries = self._deliveries, {}
        ticks, self._ticks = self._ticks, []
        self.waiting_bytes = 0
        for link, delivered in deliveries.items():
            decoder = self.links.get(link)
            if decoder is None:
                decoder = self.links[link] = LinkDecoder(swap_feet=self._swap_feet)
            self._route(link, decoder.push([d for d, _ in delivered], [s for _, s in delivered]))
        return ticks

    def flush(self) -> None:
        """The links are over."""
        for link, decoder in self.links.items():
            self._route(link, decoder.flush())

    def _route(self, link: int, heard: Heard) -> None:
        for received in heard.frames:
            self._route_frames(link, received)
        for trip in heard.trips:
            line = self._lines.get(Side(trip.side))
            if line is not None:
                line.clock.hear(trip)

    def _route_frames(self, link: int, received: Received) -> None:
        side = Side(received.side) if received.side in Side._value2member_map_ else None
        line = self._lines.get(side) if side is not None else None
        if line is None or received.counts.shape[1] != line.device.n_cells:
            name = side.label if side is not None else f"side {received.side}"
            self._remarks.add(
                f"link {link}: frames of {received.counts.shape[1]} cells for {name}, which this session does not have"
            )
            return
        self.foot_links[line.side] = link
        line.receive(received)
