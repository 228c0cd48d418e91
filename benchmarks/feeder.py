"""The other end of the port, as a process of its own: `python -m benchmarks.feeder DESCRIPTOR FILE SPEED`.

The file holds what is sent in every 5 ms: its length (u32, little endian), then the bytes.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path

STEP_S = 0.005  # both insoles at 200 Hz


def feed(descriptor: int, data: bytes, speed: float) -> None:
    """Write what falls due, from the first byte on that comes back: opening a port throws away what was there."""
    os.read(descriptor, 1)
    start_s, at, due_s = time.monotonic(), 0, 0.0
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "little")
        at, end = at + 4, at + 4 + length
        due_s += STEP_S / speed
        wait_s = start_s + due_s - time.monotonic()
        if wait_s > 0.0:
            time.sleep(wait_s)
        while at < end:
            at += os.write(descriptor, data[at:end])
    sys.stdin.read()  # until it is ended: closing would throw away what was not read yet


if __name__ == "__main__":
    with suppress(OSError):
        feed(int(sys.argv[1]), Path(sys.argv[2]).read_bytes(), float(sys.argv[3]))
