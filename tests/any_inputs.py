"""Any inputs that a session can have, drawn by hypothesis."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from insole.blocks import LinkEvent, Marker, Packets, SettingChange, Tick

STAMPS = st.integers(-(2**62), 2**62)
TEXT = st.text(max_size=20)
OTHERS = st.one_of(
    st.builds(Tick, STAMPS),
    st.builds(Marker, STAMPS, TEXT, TEXT),
    st.builds(LinkEvent, STAMPS, st.integers(0, 9), TEXT, TEXT),
    st.builds(SettingChange, STAMPS, TEXT, st.one_of(st.booleans(), st.floats(allow_nan=False), TEXT)),
)


@st.composite
def packets(draw: st.DrawFn) -> Packets:
    """Deliveries of one link, none and empty ones included."""
    deliveries = draw(st.lists(st.binary(max_size=6), max_size=4))
    stamps = draw(st.lists(STAMPS, min_size=len(deliveries), max_size=len(deliveries)))
    ends = np.cumsum([len(d) for d in deliveries], dtype=np.int64)
    return Packets(draw(st.integers(0, 3)), np.array(stamps, np.int64), ends, b"".join(deliveries))


INPUTS = st.lists(st.lists(st.one_of(packets(), packets(), OTHERS), max_size=8), max_size=5)
