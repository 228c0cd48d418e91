"""The synthetic runner: bytes against the truth, radio against the clock, the session as a whole."""

from __future__ import annotations

import json
import tracemalloc
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy.interpolate import CubicSpline
from synthetic_runs import BODY_WEIGHT_N, SILENT, Made, make

from insole.blocks import IntArray, LinkEvent, Packets, Side, Tick
from insole.sources.synthetic import SyntheticOptions, simulate
from insole.sources.synthetic.landmarks import find_landmarks
from insole.sources.synthetic.simulation import START_HOST_NS

# ---- bytes against truth -------------------------------------------------------------------------------------------


def test_decoded_force_is_the_true_force() -> None:
    """Bytes to force to definitions, by a path of their own: a cubic spline through the decoded sums."""
    made = make(seconds=12.0, plan="run", rate_hz=500.0, cells=16, valr_bw_s=60.0, **SILENT)
    for side in (Side.LEFT, Side.RIGHT):
        t_s, force_n = made.force_n(side)
        # Recording time: the truth's first frame is at the insole's joining, which is the link's first event.
        joined_s = next(
            (e.t_host_ns - START_HOST_NS) * 1e-9
            for batch in made.inputs
            for e in batch
            if isinstance(e, LinkEvent) and e.link == side
        )
        spline = CubicSpline(joined_s + t_s, force_n / BODY_WEIGHT_N)
        rows = [row for row in made.contacts(side.label, "run") if row["whole"]]
        assert len(rows) > 12
        for row in rows:
            fine_s = np.arange(row["ic_s"] - 0.02, row["to_s"] + 0.02, 1e-4)
            found = find_landmarks(spline(fine_s)[None], 0.05)
            assert fine_s[0] + found.ic_s[0] == pytest.approx(row["ic_s"], abs=8e-4)
            assert fine_s[0] + found.toe_off_s[0] == pytest.approx(row["to_s"], abs=8e-4)
            assert found.peak_bw[0] == pytest.approx(row["peak_force_bw"], rel=5e-3)
            assert found.valr_bw_s[0] == pytest.approx(row["valr_bw_s"], rel=0.02)


@pytest.mark.parametrize(
    ("strike", "low", "high"), [("rearfoot", 10, 33.3), ("midfoot", 33.4, 66.6), ("forefoot", 66.7, 85)]
)
def test_true_strike_index_is_what_the_cells_show(strike: str, low: float, high: float) -> None:
    made = make(seconds=8.0, plan="run", rate_hz=500.0, cells=99, strike=strike, **SILENT)
    device = made.header.feet[Side.LEFT]
    _, tick_us, counts, _ = made.frames(Side.LEFT)
    joined_s = (next(e.t_host_ns for e in made.inputs[0] if isinstance(e, LinkEvent)) - START_HOST_NS) * 1e-9
    t_s = joined_s + (tick_us - tick_us[0]) * 1e-6
    load = device.to_kpa(counts) * device.area_mm2
    for row in made.contacts("left", "run"):
        assert low < row["strike_index_pct"] < high
        window = (t_s >= row["ic_s"]) & (t_s <= row["ic_s"] + 0.02)
        window &= load.sum(axis=1) * 1e-3 < 0.3 * BODY_WEIGHT_N
        shown = 100.0 * (load[window] * device.y).sum() / load[window].sum()
        assert shown == pytest.approx(row["strike_index_pct"], abs=1.0)


def test_feet_have_their_own_values() -> None:
    made = make(
        seconds=30.0,
        plan="run",
        rate_hz=50.0,
        valr_left_bw_s=90.0,
        valr_right_bw_s=45.0,
        contact_time_left_s=0.24,
        contact_time_right_s=0.28,
        strike_right="midfoot",
    )
    left, right = made.contacts("left")[10:-1], made.contacts("right")[10:-1]
    assert np.mean([row["valr_bw_s"] for row in left]) == pytest.approx(90.0, rel=0.06)
    assert np.mean([row["valr_bw_s"] for row in right]) == pytest.approx(45.0, rel=0.06)
    assert np.mean([row["to_s"] - row["ic_s"] for row in right]) > np.mean([r["to_s"] - r["ic_s"] for r in left]) + 0.03
    assert max(row["strike_index_pct"] for row in left) < 33.3 < min(row["strike_index_pct"] for row in right)


def test_truth_of_a_stand_and_of_what_the_ends_cut_off() -> None:
    made = make(plan="stand:4,walk:8,stand:5", rate_hz=50.0, cells=4)
    for side in ("left", "right"):
        rows = made.contacts(side)
        assert rows[0]["kind"] == rows[-1]["kind"] == "stand"
        assert [row["whole"] for row in rows] == [False, *[True] * (len(rows) - 2), False]
        assert all(row["valr_bw_s"] is None for row in rows if row["kind"] == "stand")
        assert all(row["strike_index_pct"] < 33 for row in rows if row["kind"] == "walk")
        assert all(0.55 < row["to_s"] - row["ic_s"] < 0.75 for row in rows if row["kind"] == "walk")
        assert rows[-1]["to_s"] == 17.0
        assert all(a["to_s"] < b["ic_s"] for a, b in pairwise(rows))


# ---- radio ---------------------------------------------------------------------------------------------------------


def sampled_ns(made: Made, side: Side, ppm: float, per_packet: int) -> tuple[IntArray, IntArray]:
    """Host time at which the last frame of each delivery was sampled, from its ticks, and the stamps."""
    _, tick_us, _, _ = made.frames(side)
    joined_ns = next(e.t_host_ns for b in made.inputs for e in b if isinstance(e, LinkEvent) and e.link == side)
    last = tick_us[np.minimum(np.arange(1, len(made.stamps_ns[side]) + 1) * per_packet, len(tick_us)) - 1]
    return joined_ns + ((last - tick_us[0]) * 1e3 / (1.0 + ppm * 1e-6)).astype(np.int64), made.stamps_ns[side]


def test_packets_arrive_in_order_after_sampling_in_bursts() -> None:
    made = make(seconds=60.0)
    least = []
    for side, ppm in ((Side.LEFT, 20.0), (Side.RIGHT, -15.0)):
        ready_ns, stamp_ns = sampled_ns(made, side, ppm, 4)
        assert np.all(np.diff(stamp_ns) >= 0)
        latency_ms = (stamp_ns - ready_ns) * 1e-6
        assert latency_ms.min() > 0.29
        least.append(latency_ms.min())
        assert np.percentile(latency_ms, 50) < 15.5
        assert latency_ms.max() < 250.0
        gaps_ms = np.diff(stamp_ns) * 1e-6
        assert gaps_ms.min() < 1.0
        assert np.percentile(gaps_ms, 95) > 25.0
    assert least[0] == pytest.approx(least[1], abs=0.3)  # or the feet could not be aligned


def test_ticks_come_every_fifth_of_a_second_after_what_came_before() -> None:
    made = make(seconds=7.3, late_right_s=2.05)
    ticks = [p.t_host_ns for batch in made.inputs for p in batch if isinstance(p, Tick)]
    assert ticks[:36] == [START_HOST_NS + 200_000_000 * (i + 1) for i in range(36)]
    assert ticks[-1] >= START_HOST_NS + 7_300_000_000
    assert len(ticks) == 37
    now_ns = START_HOST_NS
    for item in (item for batch in made.inputs for item in batch):
        if isinstance(item, Tick):
            assert item.t_host_ns > now_ns
            now_ns = item.t_host_ns
        elif isinstance(item, Packets):
            assert item.t_host_ns[0] >= now_ns
            assert item.ends[-1] == len(item.data)
    assert all(made.inputs)


def test_losses_are_what_the_truth_says() -> None:
    made = make(seconds=60.0, loss_pct=3.0, bursts_per_min=6.0, burst_s=0.3, duplicate_pct=1.0, corrupt_pct=1.0)
    for side in (Side.LEFT, Side.RIGHT):
        told = made.truth["links"][side.label]
        sequence, _, _, counters = made.frames(side)
        unique = np.unique(sequence)
        assert told["frames"] - told["frames_lost"] == len(unique)
        assert len(made.ends[side]) == told["packets"] - told["packets_lost"] + told["packets_duplicated"]
        assert len(sequence) - len(unique) == 4 * told["packets_duplicated"]
        assert counters.bad_crc + counters.unknown_type > 0
        assert 0.02 < told["packets_lost"] / told["packets"] < 0.15
        gaps = np.diff(unique)
        assert gaps.max() > 20  # a burst
        assert np.count_nonzero(gaps == 5) > 20  # single packets of four frames
    assert sum(row["frames_lost"] for row in made.truth["contacts"]) > 100
    row = max(made.contacts("left"), key=lambda row: row["frames_lost"])
    assert row["frames_lost"] <= row["frames"]
    assert row["frames"] == pytest.approx((row["to_s"] - row["ic_s"]) * 200.0, abs=1.1)


def test_a_lost_fragment_loses_its_frame() -> None:
    made = make(seconds=10.0, cells=256, rate_hz=100.0, loss_pct=5.0)
    told = made.truth["links"]["left"]
    sequence, _, counts, _ = made.frames(Side.LEFT)
    assert counts.shape[1] == 256
    assert len(sequence) == told["frames"] - told["frames_lost"]
    assert told["packets"] == 2 * told["frames"]


def test_a_device_of_more_than_12_bits_is_simulated_too(tmp_path: Path) -> None:
    profile = tmp_path / "fine.toml"
    profile.write_text(
        'name = "fine"\nrate_hz = 200.0\nscale_kpa = 0.02\noffset_counts = 1000.0\nfull_scale_counts = 60000\n'
        "x = [0.5, 0.5]\ny = [0.15, 0.7]\narea_mm2 = [9000.0, 9000.0]\n"
    )
    made = make(seconds=4.0, plan="run", device=str(profile), **SILENT)
    assert made.frames(Side.LEFT)[2].max() > 4095
    peak = max(row["peak_force_bw"] for row in made.contacts("left"))
    assert made.force_n(Side.LEFT)[1].max() / BODY_WEIGHT_N == pytest.approx(peak, rel=5e-3)


def test_one_foot_and_a_late_foot() -> None:
    alone = make(seconds=5.0, feet="right", plan="run")
    assert list(alone.header.feet) == [Side.RIGHT]
    assert list(alone.data) == [Side.RIGHT]
    assert {row["side"] for row in alone.truth["contacts"]} == {"right"}
    late = make(seconds=8.0, plan="run", late_left_s=2.5)
    assert late.stamps_ns[0][0] >= START_HOST_NS + 2_500_000_000
    assert late.stamps_ns[1][0] < START_HOST_NS + 200_000_000
    rows = late.contacts("left")
    assert rows[0]["ic_s"] >= 2.5
    assert all(row["whole"] == (row["ic_s"] > 2.51 and row["to_s"] < 8.0) for row in rows)


def test_device_clocks_drift_and_wrap() -> None:
    made = make(seconds=30.0, clock_ppm_left=20000.0, clock_ppm_right=0.0, tick_start_left_us=2**32 - 5_000_000)
    sequence, tick_us, _, _ = made.frames(Side.LEFT)
    assert len(sequence) == pytest.approx(30.0 * 200.0 * 1.02, abs=1)
    assert tick_us[0] == 2**32 - 5_000_000
    assert np.count_nonzero(np.diff(tick_us) < 0) == 1
    assert set(np.diff(tick_us) % 2**32) == {5000}
    assert len(made.frames(Side.RIGHT)[0]) == pytest.approx(6000, abs=1)


# ---- the session as a whole ----------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_bytes_and_another_does_not() -> None:
    options = {"seconds": 9.0, "loss_pct": 2.0, "corrupt_pct": 1.0}
    first, again, other = make(seed=4, **options), make(seed=4, **options), make(seed=5, **options)
    assert first.data == again.data
    assert first.truth == again.truth
    for link in (0, 1):
        np.testing.assert_array_equal(first.stamps_ns[link], again.stamps_ns[link])
        assert first.data[link] != other.data[link]


def test_a_longer_session_begins_as_the_shorter_one() -> None:
    short, long = make(seconds=8.0), make(seconds=16.0)
    for link in (0, 1):
        assert long.data[link].startswith(short.data[link][: int(short.ends[link][-3])])


def test_what_one_foot_suffers_does_not_move_the_other() -> None:
    plain, late = make(seconds=8.0), make(seconds=8.0, late_left_s=3.0, dead_left=(1,))
    assert plain.data[1] == late.data[1]


def test_memory_does_not_grow_with_the_session() -> None:
    def peak_bytes(seconds: float) -> int:
        simulation = simulate(SyntheticOptions(seconds=seconds, cells=99))
        tracemalloc.start()
        for _ in simulation.inputs:
            pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    peak_bytes(4.0)  # what is built once
    assert peak_bytes(120.0) < 1.1 * peak_bytes(20.0)


def test_header_says_who_runs_with_what() -> None:
    header = make(seconds=2.0, body_mass_kg=61.5, cells=16, rate_hz=100.0).header
    assert header.runner.body_mass_kg == 61.5
    assert header.settings.calibration.lr_known
    assert header.feet[Side.LEFT].name == "demo16"
    assert header.feet[Side.LEFT].rate_hz == 100.0
    assert header.start_host_ns == START_HOST_NS


def test_truth_is_plain_json_one_contact_a_line() -> None:
    simulation = simulate(SyntheticOptions(seconds=6.0, cells=2))
    for _ in simulation.inputs:
        pass
    text = simulation.truth_json()
    assert json.loads(text) == json.loads(json.dumps(simulation.truth, allow_nan=False))
    assert text.count("\n") == len(simulation.truth["contacts"]) + 2
