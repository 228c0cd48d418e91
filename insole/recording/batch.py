"""Half a second of inputs as one message, column by column, so that reading costs per message and not per packet.

In: inputs in order. Out: the bytes of an `/inputs` message, and back.

`LAYOUT` is the definition; it stands in every recording as the schema of the channel. Order is kept exactly. Two ways
to read: `Columns.in_order` gives back the very sequence of deliveries, `Columns.by_link` brings the deliveries of one
link between two other inputs together: on a live recording of two links some fifty times fewer objects. The pipeline's
results are the same for both: each link's own order and its place between ticks, markers and other inputs count.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from types import NoneType
from typing import Any

import numpy as np
import numpy.typing as npt

from insole.blocks import Cue, DiskEvent, Event, Input, IntArray, LinkEvent, Marker, Packets, SettingChange, Tick
from insole.recording.header import NS_LIMIT

LAYOUT = """\
insole.Inputs, layout 1. All integers little endian.

Inputs of all links in the order in which they arrived. A delivery is what a link (one radio connection or port) handed
over at once; its bytes are kept exactly as received. Every other input (tick, marker, ...) is one JSON object.

u32 L          number of links with deliveries here
u32 R          number of runs
u32 D          number of deliveries
u32 E          bytes of JSON
i64[D]         host time of each delivery in ns (monotonic clock): all of the first link, then all of the second, ...
u32[D]         length of each delivery in bytes, in the same order
(u32, u32)[L]  links in that order: number of the link, number of its deliveries (1 or more)
(u32, u32)[R]  runs, the order of arrival: position of a link in the table above (from 0), and how many of its
               deliveries come next; 0xFFFFFFFF instead of a position: that many objects of the JSON come next
char[E]        JSON, UTF-8: an array of objects in order of arrival, nothing at all without any. By "type":
               tick     t_host_ns
               marker   t_host_ns, kind, label
               link     t_host_ns, link, kind, detail
               disk     t_host_ns, kind, detail
               setting  t_host_ns, key, value
               cue      t_host_ns, contact_id, side, sound, level, mean_bw_s, target_bw_s, contact_ns, arrived_ns,
                        known_ns, handed_ns, output_ns, withheld
               A reader counts objects of a type that it does not know and goes on.
u8[]           the deliveries laid end to end, all of the first link, then all of the second, ...
"""

CHUNK_NS = 120_000_000_000

_OPENING = struct.Struct("<4I")
_NOT_A_LINK = 0xFFFFFFFF
_OTHER_INPUTS: dict[str, type[Tick | Event]] = {
    "tick": Tick,
    "marker": Marker,
    "link": LinkEvent,
    "disk": DiskEvent,
    "setting": SettingChange,
    "cue": Cue,
}
_TYPE_NAMES = {kind: name for name, kind in _OTHER_INPUTS.items()}
_FIELD_KINDS: dict[str, tuple[type, ...]] = {
    "t_host_ns": (int,),
    "link": (int,),
    "kind": (str,),
    "label": (str,),
    "detail": (str,),
    "key": (str,),
    "value": (float, int, str, bool),
    "contact_id": (int,),
    "side": (int,),
    "sound": (str,),
    "level": (int,),
    "mean_bw_s": (float, NoneType),
    "target_bw_s": (float, NoneType),
    "contact_ns": (int,),
    "arrived_ns": (int,),
    "known_ns": (int,),
    "handed_ns": (int, NoneType),
    "output_ns": (int, NoneType),
    "withheld": (str,),
}


def encode(inputs: Sequence[Input]) -> bytes:
    """Inputs as one message laid out as `LAYOUT` says."""
    by_link: dict[int, list[Packets]] = {}
    runs: list[tuple[int, int]] = []
    others: list[dict[str, Any]] = []
    positions: dict[int, int] = {}
    for item in inputs:
        if isinstance(item, Packets):
            position = positions.setdefault(item.link, len(positions))
            by_link.setdefault(item.link, []).append(item)
            run = (position, len(item.t_host_ns))
        else:
            values = {key: getattr(item, key) for key in type(item).__dataclass_fields__}
            others.append({"type": _TYPE_NAMES[type(item)], **values})
            run = (_NOT_A_LINK, 1)
        if runs and runs[-1][0] == run[0]:
            runs[-1] = (run[0], runs[-1][1] + run[1])
        else:
            runs.append(run)
    packets = [item for items in by_link.values() for item in items]
    table = [(link, sum(len(item.t_host_ns) for item in items)) for link, items in by_link.items()]
    events = json.dumps(others, separators=(",", ":")).encode() if others else b""
    return b"".join(
        [
            _OPENING.pack(len(table), len(runs), sum(n for _, n in table), len(events)),
            _joined([item.t_host_ns for item in packets]).astype("<i8").tobytes(),
            _lengths(packets).astype("<u4").tobytes(),
            np.array(table, "<u4").tobytes(),
            np.array(runs, "<u4").tobytes(),
            events,
            *[item.data for item in packets],
        ]
    )


def _joined(arrays: list[IntArray]) -> IntArray:
    return np.concatenate([np.empty(0, np.int64), *arrays])


def _lengths(packets: list[Packets]) -> IntArray:
    """Length of every delivery of all the packets, one after the other."""
    ends = _joined([item.ends for item in packets])
    lengths = np.diff(ends, prepend=0)
    firsts = np.cumsum([0, *[len(item.ends) for item in packets]])[:-1]
    lengths[firsts] = ends[firsts]
    return lengths


@dataclass(frozen=True, slots=True, eq=False)
class _LinkColumns:
    """All deliveries of one link in a message."""

    link: int
    t_host_ns: IntArray  # (n,)
    ends: IntArray  # (n + 1,) in `data`, 0 first
    data: memoryview

    def slice(self, start: int, stop: int) -> Packets:
        """Deliveries `start` to `stop`."""
        low = int(self.ends[start])
        ends = self.ends[start + 1 : stop + 1]
        return Packets(self.link, self.t_host_ns[start:stop], ends - low, bytes(self.data[low : int(ends[-1])]))


class Columns:
    """One message, checked and ready to be handed out as inputs.

    Parameters
    ----------
    payload : bytes
        Laid out as `LAYOUT` says.

    Attributes
    ----------
    unknown : int
        Inputs of a type that this version does not know, written by a later one; they are left out.

    Raises
    ------
    ValueError, TypeError
        The payload contradicts itself; says where.
    """

    def __init__(self, payload: bytes | memoryview) -> None:
        view = memoryview(payload)
        if len(view) < _OPENING.size:
            raise ValueError("shorter than its opening")
        n_links, n_runs, n, n_json = _OPENING.unpack_from(view)
        stamps_at = _OPENING.size
        lengths_at = stamps_at + 8 * n
        links_at = lengths_at + 4 * n
        runs_at = links_at + 8 * n_links
        json_at = runs_at + 8 * n_runs
        data_at = json_at + n_json
        if data_at > len(view):
            raise ValueError("shorter than its columns")
        stamps = np.frombuffer(view, "<i8", n, stamps_at).astype(np.int64)  # a copy: inputs do not keep the message
        ends = np.zeros(n + 1, np.int64)
        np.frombuffer(view, "<u4", n, lengths_at).cumsum(dtype=np.int64, out=ends[1:])
        table = np.frombuffer(view, "<u4", 2 * n_links, links_at).reshape(-1, 2).tolist()
        self._runs: list[list[int]] = np.frombuffer(view, "<u4", 2 * n_runs, runs_at).reshape(-1, 2).tolist()
        self._others = _others(bytes(view[json_at:data_at]))
        self.unknown = self._others.count(None)
        if data_at + int(ends[-1]) != len(view):
            raise ValueError("lengths of the deliveries and of the message differ")
        if not self._runs:
            raise ValueError("no inputs in it")
        _check_runs(self._runs, [n_of_link for _, n_of_link in table], n, len(self._others))
        self._links: list[_LinkColumns] = []
        start = 0
        for link, n_of_link in table:
            stop = start + n_of_link
            low = int(ends[start])
            data = view[data_at + low : data_at + int(ends[stop])]
            self._links.append(_LinkColumns(link, stamps[start:stop], ends[start : stop + 1] - low, data))
            start = stop

    @property
    def last_ns(self) -> int:
        """Host time of the latest input; the least possible where nothing is left."""
        others = [item.t_host_ns for item in self._others if item is not None]
        return max([int(link.t_host_ns[-1]) for link in self._links] + others[-1:], default=-NS_LIMIT)

    def in_order(self) -> list[Input]:
        """The inputs exactly as they arrived; neighbouring deliveries of one link make one `Packets`."""
        return self._inputs(self._runs)

    def by_link(self) -> list[Input]:
        """The inputs with one `Packets` a link between two other inputs, links in order of first delivery there."""
        grouped: list[list[int]] = []
        pending: dict[int, int] = {}
        for position, n in self._runs:
            if position == _NOT_A_LINK:
                grouped.extend([p, total] for p, total in pending.items())
                grouped.append([position, n])
                pending.clear()
            else:
                pending[position] = pending.get(position, 0) + n
        grouped.extend([p, total] for p, total in pending.items())
        return self._inputs(grouped)

    def _inputs(self, runs: list[list[int]]) -> list[Input]:
        inputs: list[Input] = []
        others = iter(self._others)
        taken = [0] * len(self._links)
        for position, n in runs:
            if position == _NOT_A_LINK:
                inputs.extend(item for item in islice(others, n) if item is not None)
            else:
                start = taken[position]
                taken[position] = start + n
                inputs.append(self._links[position].slice(start, start + n))
        return inputs


def _check_runs(runs: list[list[int]], per_link: list[int], n: int, n_others: int) -> None:
    """Whether the runs hand out every delivery and every other input once."""
    if 0 in per_link or sum(per_link) != n:
        raise ValueError("the links do not add up to the deliveries")
    left = dict(enumerate(per_link)) | {_NOT_A_LINK: n_others}
    for position, count in runs:
        if position not in left or not 0 < count <= left[position]:
            raise ValueError("a run names what is not there")
        left[position] -= count
    if any(left.values()):
        raise ValueError("the runs leave something out")


def _others(text: bytes) -> list[Tick | Event | None]:
    """Inputs other than deliveries from their JSON, None in place of what a later version added."""
    if not text:
        return []
    try:
        values = json.loads(text)
    except RecursionError as error:
        raise ValueError("JSON nested too deeply") from error
    if not isinstance(values, list):
        raise TypeError("JSON is not an array")
    return [_other(item) for item in values]


def _other(values: Any) -> Tick | Event | None:
    """One input from its JSON object, None for an unknown type; fields and their kinds must fit exactly."""
    if not isinstance(values, dict):
        raise TypeError("an input is not a JSON object")
    name = values.pop("type", None)
    if not isinstance(name, str):
        raise TypeError("an input without a type")
    kind = _OTHER_INPUTS.get(name)
    if kind is None:
        return None
    if set(values) != set(kind.__dataclass_fields__):
        raise ValueError("an input of unknown fields")
    for name, value in values.items():
        if type(value) not in _FIELD_KINDS[name]:
            raise ValueError(f"'{name}' of an input is of the wrong kind")
    if not -NS_LIMIT <= values["t_host_ns"] < NS_LIMIT:
        raise ValueError("a time outside 64 bits")
    return kind(**values)


def last_stamp_ns(item: Input) -> int:
    """Host time at which all of an input was there."""
    return int(item.t_host_ns[-1]) if isinstance(item, Packets) else item.t_host_ns


def in_chunks(pieces: Iterable[list[Input]], span_ns: int = CHUNK_NS) -> Iterator[list[Input]]:
    """The same inputs in lists of about a span of host time: few pushes for a whole file, in bounded memory."""
    chunk: list[Input] = []
    for piece in pieces:
        chunk += piece
        if chunk and last_stamp_ns(chunk[-1]) - last_stamp_ns(chunk[0]) >= span_ns:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def split(packets: Packets, at: npt.NDArray[np.int64]) -> list[Packets]:
    """The deliveries in pieces that begin at the delivery numbers `at` (increasing); empty pieces are left out."""
    edges = np.unique(np.concatenate([[0], at, [len(packets.ends)]])).tolist()
    starts = np.concatenate([[0], packets.ends])
    return [
        Packets(
            packets.link,
            packets.t_host_ns[a:b],
            packets.ends[a:b] - starts[a],
            packets.data[int(starts[a]) : int(starts[b])],
        )
        for a, b in pairwise(edges)
    ]
