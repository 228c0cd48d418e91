"""What virtual insoles inject is what a recording counts: nothing is lost uncounted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from test_serial import events, insoles, opened, piped, run, until

from firmware_protocol import DeviceState, encode_message, encode_pressure, encode_pressure_packets
from firmware_protocol import Side as WireSide
from insole.blocks import Health, Side
from insole.sources.virtual.stream import Faults, Span
from insole.sources.virtual.tally import Tally

FAULTS = {
    "flipped": ({"corrupt_pct": 4.0}, Faults()),
    "cut": ({}, Faults(cut_pct=4.0)),
    "repeated": ({"duplicate_pct": 5.0}, Faults()),
    "reordered": ({}, Faults(reorder_pct=5.0)),
    "in bursts": ({"bursts_per_min": 60.0, "burst_s": 0.1}, Faults()),
    "silent": ({}, Faults(silent=(Span(4.0, 2.0),))),
    "unplugged": ({}, Faults(unplugged=(Span(4.0, 2.0),))),
    "all of it, clocks that wrap and drift": (
        {
            "corrupt_pct": 2.0,
            "duplicate_pct": 2.0,
            "loss_pct": 2.0,
            "late_right_s": 0.6,
            "tick_start_left_us": 2**32 - 5_000_000,
            "clock_ppm_left": 40_000.0,
            "clock_ppm_right": -50.0,
        },
        Faults(cut_pct=2.0, reorder_pct=2.0),
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_counts_are_those_of_what_was_sent(tmp_path: Path, name: str) -> None:
    options, faults = FAULTS[name]
    pulled = len(faults.unplugged)

    async def main() -> tuple[Health, dict[Side, Tally]]:
        async with insoles(tmp_path / "port", faults, speed=8.0, seconds=10.0, **options) as served:
            source = await opened(tmp_path / "port")
            got = await until(source, lambda got: events(got).count("lost") > pulled)
            return piped(source.header, [got])[1], served.tallies

    health, tallies = run(main())
    for side, foot in health.feet.items():
        sent = tallies[side]
        assert sent.frames > 1000
        assert foot.frames + foot.late == sent.frames
        before = sent.frames + sent.missing - foot.frames - foot.lost  # the very first packet may have been overtaken
        assert before in (0, 4)
        assert foot.restarts == 0
        assert bool(foot.duplicate) == bool(sent.repeated)
        assert bool(foot.late) == bool(sent.reordered)
    damaged = sum(tally.damaged for tally in tallies.values())
    assert bool(health.links[0].skipped_bytes) == bool(damaged)
    assert health.links[0].bad_crc <= damaged + 2


# ---- the tally ------------------------------------------------------------------------------------------------------


def frames(first: int, count: int, cells: int = 16) -> list[bytes]:
    """One frame a packet, or a part of one."""
    counts = np.zeros((count, cells), np.uint16)
    return encode_pressure_packets(WireSide.LEFT, first % 2**32, 0, 5000, counts, frames_in_packet=1)


def tally_of(*packets: bytes) -> tuple[int, int, int, int, int]:
    tally = Tally()
    for packet in packets:
        tally.sent(packet)
    return tally.frames, tally.missing, tally.damaged, tally.repeated, tally.reordered


def test_whole_packets_and_gaps_are_counted_over_the_wrap() -> None:
    assert tally_of(*frames(2**32 - 5, 3), *frames(2, 4)) == (7, 4, 0, 0, 0)
    several = encode_pressure(WireSide.LEFT, 7, 0, 5000, np.zeros((5, 16), np.uint16))
    assert tally_of(several, *frames(13, 1)) == (6, 1, 0, 0, 0)


def test_damaged_repeated_and_overtaken_packets_are_told_apart() -> None:
    a, b, c, d = frames(0, 4)
    assert tally_of(a, a, c, b, d[:9], d[:40]) == (3, 0, 2, 1, 1)
    state = encode_message(DeviceState(90, 3900, charging=False, temperature_c=None), WireSide.LEFT, 5)
    assert tally_of(a, state) == (1, 0, 0, 0, 0)


def test_a_frame_in_parts_is_whole_with_its_last_one() -> None:
    parts = frames(0, 2, cells=256)
    assert len(parts) == 6
    assert tally_of(*parts[:5]) == (1, 1, 0, 0, 0)
    assert tally_of(*parts) == (2, 0, 0, 0, 0)
    assert tally_of(parts[0], parts[2], *parts[3:]) == (1, 1, 0, 0, 0)
