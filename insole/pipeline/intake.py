"""Inputs as they arrive -> frames, each with the foot it is of.

In: deliveries, ticks and other inputs, in order of arrival. Out: decoded frames and answers to pings, in the lines of
their feet; the time that the inputs have reached, which never goes back.
"""

from __future__ import annotations

from collections.abc import Mapping

from insole.blocks import Packets, Received, Side, Tick
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
        self._lines: dict[int, FootLine] = {int(side): line for side, line in lines.items()}
        self._remarks = remarks
        self._start_ns = start_ns
        self._swap_feet = swap_feet
        self._floor_ns = start_ns  # of the last tick or other input between deliveries
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
        """Take deliveries of one link; they wait to be decoded. Between ticks links come in any order."""
        link = self.links.get(packets.link)
        if link is None:
            link = self.links[packets.link] = LinkDecoder(swap_feet=self._swap_feet)
        self.now_ns = max(self.now_ns, link.deliver(packets, self._floor_ns))
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

    # ---- through --------------------------------------------------------------------------------------------------

    def decode(self) -> list[int]:
        """Decode what was delivered, into the lines of the feet; returns host times of the ticks among it."""
        ticks, self._ticks = self._ticks, []
        self.waiting_bytes = 0
        for number, link in self.links.items():
            if link.waiting:
                self._route(number, link.decode())
        return ticks

    def flush(self) -> None:
        """The links are over."""
        for number, link in self.links.items():
            self._route(number, link.flush())

    def _route(self, number: int, heard: Heard) -> None:
        for received in heard.frames:
            self._route_frames(number, received)
        for trip in heard.trips:
            line = self._lines.get(trip.side)
            if line is not None:
                line.clock.hear(trip)

    def _route_frames(self, number: int, received: Received) -> None:
        line, cells = self._lines.get(received.side), received.counts.shape[1]
        if line is not None and line.device.n_cells == cells:
            self.foot_links[line.side] = number
            line.receive(received)
            return
        known = received.side in Side._value2member_map_
        name = Side(received.side).label if known else f"side {received.side}"
        self._remarks.add(f"link {number}: frames of {cells} cells for {name}, which this session does not have")
