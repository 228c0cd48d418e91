"""Whole processes: peak memory of an analysis by length (M1), and what the start of the command imports (U1)."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Line
from insole.recording import Recorder
from insole.sources.synthetic import SyntheticOptions, simulate

HEAVY = {"PySide6", "pyqtgraph", "bleak", "matplotlib"}

# Peak resident memory in MB above what the imports take, without the table of contacts itself. Linux says it in a file:
# what getrusage says there begins with the peak of the process that started this one.
_ANALYSE = """
import json, re, sys
from pathlib import Path
from insole.analysis import analyse
import insole.pipeline, insole.formats
def peak_mb():
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\\s*(\\d+)", status.read_text()).group(1)) / 1e3
    import resource
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
before = peak_mb()
table = analyse(sys.argv[1]).contacts
columns = [getattr(table, name) for name in ("contact_id", "side", "kind", "strike_s", "toe_off_s", "quality")]
columns += [*table.columns.values(), *table.uncertainty.values(), *table.status.values()]
print(json.dumps(peak_mb() - before - sum(column.nbytes for column in columns) / 1e6))
"""

_COMMAND = """
import json, sys
from insole.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
print()
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def memory(folder: Path, short_s: float, cells: int) -> Iterator[Line]:
    """M1: a recording, and one ten times as long."""
    short, long = (_recorded(folder, seconds, cells) for seconds in (short_s, 10.0 * short_s))
    short_mb, long_mb = (float(_last_line(_ANALYSE, str(path))) for path in (short, long))
    what = f"{10 * short_s / 60:.0f} min against {short_s / 60:.0f} min, {cells} cells"
    yield Line("M1", f"peak memory above the imports, {what}", long_mb / short_mb, 1.2)
    yield Line("M1", "peak memory above the imports and without the table", long_mb, 60.0, "MB")


def imports(folder: Path) -> Iterator[Line]:
    """U1."""
    recording = _recorded(folder, 12.0, 16)
    for name, arguments in (("--help", ["--help"]), ("analyze of a short file", ["analyze", str(recording)])):
        loaded = set(json.loads(_last_line(_COMMAND, *arguments))) & HEAVY
        yield Line("U1", f"Qt, radio and plotting libraries imported by {name}", float(len(loaded)), 0.0, "")


def _recorded(folder: Path, seconds: float, cells: int) -> Path:
    path = folder / f"{seconds:.0f}s-{cells}.mcap"
    if not path.exists():
        simulation = simulate(SyntheticOptions(seconds=seconds, cells=cells, plan="stand:3,run", seed=7))
        with Recorder(path, simulation.header) as record:
            for inputs in simulation.inputs:
                record(inputs)
    return path


def _last_line(code: str, *arguments: str) -> str:
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]
