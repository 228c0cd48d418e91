"""Make the shipped recordings anew, bit for bit the same packets: `python -m replay_data.build [--expect] [NAME...]`.

Writes `NAME.mcap` and `NAME.truth.json`; the digest of the packets and the analysis in `NAME.expected.json` only with
`--expect`, to be looked at as a difference before it is committed. Without it, packets whose digest has changed are an
error, and nothing is written.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from insole.analysis import analyse
from insole.blocks import Flag, FlagState, Input, Kind, Packets, Quality, Side
from insole.recording import Recorder
from insole.sources.synthetic import Simulation, SyntheticOptions, simulate
from replay_data import NAMES, expected, recording, truth

OPTIONS = {
    "even_runner": SyntheticOptions(seed=11, seconds=75.0, body_mass_kg=68.0),
    "hard_left_heel": SyntheticOptions(
        seed=12,
        seconds=158.0,
        rate_hz=250.0,  # at 200 Hz so steep a rise has fewer than 2 samples: limited, and a flag would stop at watch
        noise_kpa=0.3,  # quiet cells and loose laces, for a small file
        preload_kpa=1.0,
        offset_drift_kpa=0.3,
        valr_left_bw_s=92.0,
        valr_right_bw_s=62.0,
        contact_time_left_s=0.268,
        contact_time_right_s=0.273,
        body_mass_kg=74.0,
        cadence_spm=166.0,
    ),
    "forefoot_runner": SyntheticOptions(
        seed=13, seconds=75.0, strike="forefoot", body_mass_kg=61.0, speed_m_s=3.3, cadence_spm=176.0
    ),
    "walk_and_stand": SyntheticOptions(
        seed=14, plan="stand:5,walk:28,stand:7,walk:20,stand:5", rate_hz=100.0, body_mass_kg=82.0, preload_kpa=1.0
    ),
    "radio_dropouts": SyntheticOptions(
        seed=15,
        seconds=75.0,
        late_right_s=0.5,
        loss_pct=1.5,
        bursts_per_min=6.0,
        burst_s=0.25,
        duplicate_pct=0.5,
        corrupt_pct=0.5,
        clock_ppm_left=12000.0,
        clock_ppm_right=-300.0,
        tick_start_left_us=2**32 - 30_000_000,
    ),
}
COLUMNS = ("valr_bw_s", "contact_time_ms", "peak_force_bw", "strike_index_pct")


class Digest:
    """SHA-256 over the packets of each link, in order of arrival."""

    def __init__(self) -> None:
        self._of_link: dict[str, Any] = {}
        self._packets: Counter[str] = Counter()

    def add(self, inputs: Iterable[Input]) -> None:
        """Take the packets among these inputs."""
        for item in inputs:
            if isinstance(item, Packets):
                link = Side(item.link).label
                self._of_link.setdefault(link, hashlib.sha256()).update(item.data)
                self._packets[link] += len(item.ends)

    def to_dict(self) -> dict[str, Any]:
        """Digest and number of packets by link."""
        return {link: {"sha256": d.hexdigest(), "packets": self._packets[link]} for link, d in self._of_link.items()}


def simulated(name: str) -> tuple[Simulation, list[list[Input]], dict[str, Any]]:
    """The simulation of that recording, run to its end, its inputs and their digest."""
    simulation, digest = simulate(OPTIONS[name]), Digest()
    inputs = list(simulation.inputs)
    for batch in inputs:
        digest.add(batch)
    return simulation, inputs, digest.to_dict()


def analysed(path: Path) -> dict[str, Any]:
    """What the analysis finds in a recording, in few enough numbers to be reviewed."""
    result = analyse(path)
    table = result.contacts
    feet: dict[str, Any] = {}
    for side in result.header.feet:
        run, health = table.running(side), result.health.feet[side]
        rejected = table.rows((table.kind == Kind.REJECTED) & (table.side == side))
        feet[side.label] = {
            "run": len(run),
            "walk": int(np.count_nonzero((table.kind == Kind.WALK) & (table.side == side))),
            "stand": int(np.count_nonzero((table.kind == Kind.STAND) & (table.side == side))),
            "rejected": dict(sorted(Counter(Quality(int(bits)).label for bits in rejected.quality).items())),
            "mean": {name: _mean(run.columns[name]) for name in COLUMNS} if len(run) else {},
            "frames": health.frames,
            "lost": health.lost,
            "duplicate": health.duplicate,
            "late": health.late,
        }
    return {"feet": feet, "flags": [_flag(flag) for flag in result.flags], "warnings": list(result.warnings)}


def build(name: str, *, expect: bool) -> bool:
    """Make one recording; False, and nothing written, where its packets are not those expected."""
    simulation, inputs, digest = simulated(name)
    known = json.loads(expected(name).read_text(encoding="utf-8")) if expected(name).is_file() else {}
    if known.get("digest") != digest and not expect:
        print(f"{name}: other packets than expected: look why, then run with --expect", file=sys.stderr)
        return False
    with Recorder(recording(name), simulation.header, force=True) as record:
        for batch in inputs:
            record(batch)
    truth(name).write_text(simulation.truth_json(), encoding="utf-8")
    for path in (recording(name), truth(name)):
        path.chmod(0o644)  # the recorder makes files for their owner alone; these are for everyone
    if expect:
        found = {"digest": digest, "analysis": analysed(recording(name))}
        expected(name).write_text(json.dumps(found, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    print(f"{name}: {recording(name).stat().st_size / 1e6:.2f} MB")
    return True


def _mean(column: np.ndarray[Any, Any]) -> float | None:
    """Mean of what is not withheld, to four digits behind the point."""
    return round(float(np.nanmean(column)), 4) if np.isfinite(column).any() else None


def _flag(flag: Flag) -> dict[str, Any]:
    """What of a flag is expected to stay: not its wording."""
    return {
        "rule": flag.rule,
        "metric": flag.metric,
        "state": FlagState(flag.state).name.lower(),
        "side": None if flag.side is None else flag.side.label,
        "from_s": round(flag.from_s, 2),
        "to_s": round(flag.to_s, 2),
        "value": round(flag.value, 3),
    }


def main() -> int:
    """Make those that were named, or all."""
    parser = argparse.ArgumentParser(prog="python -m replay_data.build", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--expect", action="store_true", help="write what is found as what is expected")
    args = parser.parse_args()
    for name in args.names:
        if name not in NAMES:
            parser.error(f"no recording '{name}'; known are {', '.join(NAMES)}")
    made = [build(name, expect=args.expect) for name in args.names or NAMES]
    return 0 if all(made) else 1


if __name__ == "__main__":
    sys.exit(main())
